"""The Web API through the real slack_sdk client: answers, refusals and paging."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from sandbox.slack import AppConfig, Workspace, serve_slack
from sandbox.slack.writing import Draft

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from slack_sdk.web.async_client import AsyncWebClient

    from sandbox.clock import Clock

    Refused = Callable[[Awaitable[Any]], Awaitable[Mapping[str, Any]]]

ALL_READING = {"channels:history", "channels:read", "im:read"}


async def test_auth_test_names_the_bot_and_its_scopes(client: AsyncWebClient, config: AppConfig) -> None:
    """A start-up check can compare the granted scopes with those it needs."""
    answer = await client.auth_test()
    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == ("T0NORTHWIND", "U0UNLATCH", "B0UNLATCH")
    assert set(answer.headers["x-oauth-scopes"].split(",")) == config.scopes


@pytest.mark.parametrize(
    ("token", "error"), [("xoxb-other", "invalid_auth"), ("xapp-test-app", "not_allowed_token_type")]
)
async def test_a_wrong_token_is_refused(
    ws: Workspace, new_client: Any, refused: Refused, token: str, error: str
) -> None:
    """Neither an unknown token nor the app's other token opens the Web API."""
    assert (await refused(new_client(ws, token=token).auth_test()))["error"] == error


async def test_no_token_and_a_revoked_token_are_told_apart(
    ws: Workspace, client: AsyncWebClient, refused: Refused
) -> None:
    """The bot can tell an operator whether a token is missing or was taken away."""
    async with aiohttp.ClientSession() as session, session.post(f"{ws.address}/api/auth.test") as response:
        assert (await response.json())["error"] == "not_authed"
    ws.revoke_token()
    assert (await refused(client.auth_test()))["error"] == "token_revoked"


async def test_an_app_token_counts_only_in_the_header(ws: Workspace) -> None:
    """Slack does not open Socket Mode for an app token inside the body."""
    form = {"token": "xapp-test-app"}
    url = f"{ws.address}/api/apps.connections.open"
    async with aiohttp.ClientSession() as session, session.post(url, data=form) as response:
        assert (await response.json())["error"] == "not_authed"


async def test_an_unknown_method_is_refused(client: AsyncWebClient, refused: Refused) -> None:
    """A method this workspace does not have cannot seem to work."""
    assert (await refused(client.api_call("chat.meMessage")))["error"] == "unknown_method"


async def test_a_missing_scope_says_what_is_needed_and_granted(client: AsyncWebClient, refused: Refused) -> None:
    """The least scopes of the manifest do not read channels."""
    answer = await refused(client.conversations_history(channel="C0ITHELP"))
    assert (answer["error"], answer["needed"]) == ("missing_scope", "channels:history")
    assert "chat:write" in answer["provided"].split(",")


async def test_a_posted_message_is_there_with_its_metadata(ws: Workspace, client: AsyncWebClient) -> None:
    """A message to a user id opens the DM, and only a reader who asks for it gets the metadata."""
    metadata = {"event_type": "unlatch_card", "event_payload": {"request": "r1"}}
    posted = await client.chat_postMessage(channel="UMAYA", text="Hello", metadata=metadata, unfurl_links=False)
    assert posted["message"]["metadata"] == metadata
    channel = posted["channel"]
    assert channel == ws.person("UMAYA").dm_channel
    plain = await client.conversations_history(channel=channel)
    full = await client.conversations_history(channel=channel, include_all_metadata=True)
    assert "metadata" not in plain["messages"][0]
    assert full["messages"][0]["metadata"] == metadata
    assert full["messages"][0]["bot_id"] == "B0UNLATCH"


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        ("C0WAREHOUSE", "not_in_channel"),
        ("C0BOARD", "channel_not_found"),
        ("CNOSUCH", "channel_not_found"),
        ("general", "channel_not_found"),
        ("UDEACTIVATED", "channel_not_found"),
        ("UROBOT", "channel_not_found"),
    ],
)
async def test_posting_where_the_bot_cannot_is_refused(
    client: AsyncWebClient, refused: Refused, channel: str, error: str
) -> None:
    """A public channel without the bot, a private one, and people it cannot write to answer as Slack does."""
    assert (await refused(client.chat_postMessage(channel=channel, text="x")))["error"] == error


async def test_the_dm_of_somebody_who_left_is_closed(ws: Workspace, client: AsyncWebClient, refused: Refused) -> None:
    """A DM opened earlier takes no more messages once the person is deactivated."""
    channel = (await client.conversations_open(users="UMAYA"))["channel"]["id"]
    ws.change_member("UMAYA", deleted=True)
    assert (await refused(client.chat_postMessage(channel=channel, text="x")))["error"] == "is_archived"
    assert (await refused(client.conversations_open(users="UMAYA")))["error"] == "user_disabled"


async def test_an_empty_message_is_refused(client: AsyncWebClient, refused: Refused) -> None:
    """Neither text nor blocks is no message."""
    empty = client.api_call("chat.postMessage", json={"channel": "UMAYA", "text": ""})
    assert (await refused(empty))["error"] == "no_text"


async def test_bad_metadata_is_refused(client: AsyncWebClient, refused: Refused) -> None:
    """Metadata without a payload is not stored."""
    call = client.chat_postMessage(channel="UMAYA", text="x", metadata={"event_type": "only"})
    assert (await refused(call))["error"] == "invalid_metadata_schema"


async def test_a_custom_name_needs_its_own_scope(client: AsyncWebClient, refused: Refused) -> None:
    """A bot cannot pose as somebody else with chat:write alone."""
    answer = await refused(client.chat_postMessage(channel="UMAYA", text="x", username="IT"))
    assert (answer["error"], answer["needed"]) == ("missing_scope", "chat:write.customize")


async def test_an_update_keeps_what_it_leaves_out(ws: Workspace, client: AsyncWebClient) -> None:
    """Blocks and metadata stay unless the call replaces or empties them, and the message is marked as edited."""
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "old"}}]
    metadata = {"event_type": "card", "event_payload": {}}
    posted = await client.chat_postMessage(channel="UMAYA", text="old", blocks=blocks, metadata=metadata)
    await client.chat_update(channel=posted["channel"], ts=posted["ts"], text="new")
    kept = ws.person("UMAYA").sees()[0]
    assert (kept.text, kept.blocks[0]["text"]["text"], kept.metadata) == ("new", "old", metadata)
    assert kept.edited is not None
    await client.chat_update(channel=posted["channel"], ts=posted["ts"], text="new", blocks=[], metadata={})
    emptied = ws.person("UMAYA").sees()[0]
    assert (emptied.blocks, emptied.metadata) == ((), None)


async def test_only_own_lasting_messages_can_be_changed(
    ws: Workspace, client: AsyncWebClient, refused: Refused
) -> None:
    """Others' messages, ephemeral ones and unknown ones are out of reach of chat.update and chat.delete."""
    channel = ws.person("UMAYA").dm_channel
    theirs = ws.writer.write(ws.open_im(ws.person("UMAYA").member), ws.person("UMAYA").member, Draft(text="hi")).ts
    ephemeral = (await client.chat_postEphemeral(channel=channel, user="UMAYA", text="psst"))["message_ts"]
    for ts, error in (
        (theirs, "cant_update_message"),
        (ephemeral, "message_not_found"),
        ("1.000001", "message_not_found"),
    ):
        assert (await refused(client.chat_update(channel=channel, ts=ts, text="x")))["error"] == error
    assert (await refused(client.chat_delete(channel=channel, ts=theirs)))["error"] == "cant_delete_message"


async def test_an_update_takes_less_text_than_a_post(client: AsyncWebClient, refused: Refused, ws: Workspace) -> None:
    """chat.update refuses more than 4,000 characters; chat.postMessage cuts at 40,000."""
    posted = await client.chat_postMessage(channel="UMAYA", text="x" * 40_001)
    assert len(ws.person("UMAYA").sees()[0].text) == 40_000
    long = client.chat_update(channel=posted["channel"], ts=posted["ts"], text="x" * 4_001)
    assert (await refused(long))["error"] == "msg_too_long"


async def test_a_deleted_message_is_gone(ws: Workspace, client: AsyncWebClient) -> None:
    """chat.delete takes the bot's message away from everybody."""
    posted = await client.chat_postMessage(channel="UMAYA", text="x")
    await client.chat_delete(channel=posted["channel"], ts=posted["ts"])
    assert ws.person("UMAYA").sees() == []


async def test_an_ephemeral_message_is_seen_by_one_person_until_reload(
    ws: Workspace, client: AsyncWebClient, refused: Refused
) -> None:
    """Nobody else sees it, the history does not hold it, and a reload takes it away."""
    await client.chat_postEphemeral(channel="C0ITHELP", user="UMAYA", text="only you")
    assert [m.text for m in ws.person("UMAYA").sees("C0ITHELP")] == ["only you"]
    assert ws.person("UJONAS").sees("C0ITHELP") == []
    ws.person("UMAYA").reload()
    assert ws.person("UMAYA").sees("C0ITHELP") == []
    outside = client.chat_postEphemeral(channel="C0FREIGHT", user="UJONAS", text="x")
    assert (await refused(outside))["error"] == "user_not_in_channel"


async def test_threads_are_apart_from_the_history(client: AsyncWebClient, refused: Refused, ws: Workspace) -> None:
    """Replies show in conversations.replies after their parent, and not in the history."""
    parent = await client.chat_postMessage(channel="UMAYA", text="parent")
    channel = parent["channel"]
    await client.chat_postMessage(channel=channel, text="reply", thread_ts=parent["ts"])
    history = await client.conversations_history(channel=channel)
    thread = await client.conversations_replies(channel=channel, ts=parent["ts"])
    assert [m["text"] for m in history["messages"]] == ["parent"]
    assert history["messages"][0]["reply_count"] == 1
    assert [m["text"] for m in thread["messages"]] == ["parent", "reply"]
    assert [m.text for m in ws.person("UMAYA").sees(thread_ts=parent["ts"])] == ["parent", "reply"]
    assert (await refused(client.conversations_replies(channel=channel, ts="1.000001")))["error"] == "thread_not_found"
    lost = client.chat_postMessage(channel=channel, text="x", thread_ts="1.000001")
    assert (await refused(lost))["error"] == "thread_not_found"


async def test_history_pages_and_bounds(ws: Workspace, client: AsyncWebClient, refused: Refused) -> None:
    """Pages follow each other without gaps, and `oldest`/`latest` leave out their own timestamps unless inclusive."""
    channel = ws.person("UMAYA").dm_channel
    stamps = [(await client.chat_postMessage(channel=channel, text=str(n)))["ts"] for n in range(5)]
    pages: list[str] = []
    cursor = ""
    while True:
        answer = await client.conversations_history(channel=channel, limit=2, cursor=cursor)
        pages += [m["text"] for m in answer["messages"]]
        cursor = answer["response_metadata"]["next_cursor"]
        assert answer["has_more"] == bool(cursor)
        if not cursor:
            break
    assert pages == ["4", "3", "2", "1", "0"]
    bounds = {"channel": channel, "oldest": stamps[1], "latest": stamps[3]}
    between = await client.conversations_history(**bounds)
    inclusive = await client.conversations_history(**bounds, inclusive=True)
    assert [m["text"] for m in between["messages"]] == ["2"]
    assert [m["text"] for m in inclusive["messages"]] == ["3", "2", "1"]
    for arguments, error in (
        ({"cursor": "bm9uc2Vuc2U="}, "invalid_cursor"),
        ({"cursor": "%"}, "invalid_cursor"),
        ({"oldest": "yesterday"}, "invalid_ts_oldest"),
        ({"limit": 1000}, "invalid_limit"),
    ):
        assert (await refused(client.conversations_history(channel=channel, **arguments)))["error"] == error


async def test_opening_a_dm_twice_gives_the_same_one(client: AsyncWebClient, refused: Refused) -> None:
    """conversations.open is repeatable, and says when there was nothing to do."""
    first = await client.conversations_open(users=["UMAYA"], return_im=True)
    second = await client.conversations_open(users="UMAYA")
    assert first["channel"]["user"] == "UMAYA"
    assert (second["channel"]["id"], second["already_open"]) == (first["channel"]["id"], True)
    for users, error in (("UNOSUCH", "user_not_found"), ("UROBOT", "cannot_dm_bot"), ("UMAYA,UJONAS", "missing_scope")):
        assert (await refused(client.conversations_open(users=users)))["error"] == error
    assert (await refused(client.api_call("conversations.open")))["error"] == "users_list_not_supplied"


async def test_conversations_info_needs_the_scope_of_its_kind(clock: Clock, new_client: Any, refused: Refused) -> None:
    """channels:read shows a channel but not a DM."""
    config = replace(AppConfig(), scopes=AppConfig().scopes | {"channels:read"})
    ws = Workspace(clock, bot_token="xoxb-test-bot", app_token="xapp-a", signing_secret="s", app=config)
    async with serve_slack(ws):
        client = new_client(ws)
        channel = (await client.conversations_info(channel="C0FREIGHT", include_num_members=True))["channel"]
        assert (channel["is_ext_shared"], channel["is_member"], channel["num_members"]) == (True, True, 4)
        answer = await refused(client.conversations_info(channel=ws.person("UMAYA").dm_channel))
        assert (answer["error"], answer["needed"]) == ("missing_scope", "im:read")


@pytest.mark.parametrize(
    ("user", "facts"),
    [
        ("UMAYA", {"deleted": False, "is_restricted": False, "is_email_confirmed": True, "team_id": "T0NORTHWIND"}),
        ("UGUEST", {"is_restricted": True, "is_ultra_restricted": True}),
        ("UMULTI", {"is_restricted": True, "is_ultra_restricted": False}),
        ("UROBOT", {"is_bot": True}),
        ("UDEACTIVATED", {"deleted": True}),
        ("UUNCONFIRMED", {"is_email_confirmed": False}),
        ("USTRANGER", {"team_id": "T0PARTNER", "is_stranger": False}),
    ],
)
async def test_users_info_tells_every_kind_of_account_apart(
    client: AsyncWebClient, user: str, facts: dict[str, Any]
) -> None:
    """Whatever the bot must refuse can be read from the user object."""
    shown = (await client.users_info(user=user))["user"]
    assert {key: shown[key] for key in facts} == facts


async def test_an_outsider_without_a_shared_channel_is_a_stranger(
    ws: Workspace, client: AsyncWebClient, refused: Refused
) -> None:
    """`is_stranger` depends on shared channels, and is absent for one's own people."""
    ws.channels.leave("C0FREIGHT", "USTRANGER")
    assert (await client.users_info(user="USTRANGER"))["user"]["is_stranger"] is True
    assert "is_stranger" not in (await client.users_info(user="UMAYA"))["user"]
    assert (await refused(client.conversations_open(users="USTRANGER")))["error"] == "user_not_visible"


async def test_addresses_are_shown_only_with_their_scope(
    clock: Clock, client: AsyncWebClient, new_client: Any, refused: Refused
) -> None:
    """Without users:read.email there is no address; an outsider's is never shown."""
    assert (await client.users_info(user="UMAYA"))["user"]["profile"]["email"] == "maya.okafor@northwind.example"
    assert "email" not in (await client.users_info(user="USTRANGER"))["user"]["profile"]
    assert "email" not in (await client.users_info(user="UNOMAIL"))["user"]["profile"]
    config = replace(AppConfig(), scopes=frozenset({"users:read"}))
    blind = Workspace(clock, bot_token="xoxb-test-bot", app_token="xapp-a", signing_secret="s", app=config)
    async with serve_slack(blind):
        other = new_client(blind)
        assert "email" not in (await other.users_info(user="UMAYA"))["user"]["profile"]
        lookup = await refused(other.users_lookupByEmail(email="maya.okafor@northwind.example"))
        assert (lookup["error"], lookup["needed"]) == ("missing_scope", "users:read.email")


async def test_lookup_by_email_finds_live_members_only(ws: Workspace, client: AsyncWebClient, refused: Refused) -> None:
    """Case does not matter; deactivated people and outsiders are not found."""
    found = await client.users_lookupByEmail(email="Maya.Okafor@Northwind.example")
    assert found["user"]["id"] == "UMAYA"
    ws.change_member("UMAYA", deleted=True)
    for email in ("maya.okafor@northwind.example", "kai.moreau@partner.example", "nobody@northwind.example"):
        assert (await refused(client.users_lookupByEmail(email=email)))["error"] == "users_not_found"
    assert (await refused(client.users_info(user="UNOSUCH")))["error"] == "user_not_found"


async def test_users_list_pages_through_everybody_once(ws: Workspace, client: AsyncWebClient) -> None:
    """The pages together are the roster."""
    seen: list[str] = []
    async for page in await client.users_list(limit=7):
        seen += [member["id"] for member in page["members"]]
    assert sorted(seen) == sorted(member.id for member in ws.members)


async def test_an_enterprise_shows_in_members_and_auth(clock: Clock, new_client: Any) -> None:
    """With an enterprise id, own people carry `enterprise_user` and outsiders do not."""
    ws = Workspace(
        clock, bot_token="xoxb-test-bot", app_token="xapp-a", signing_secret="s", enterprise_id="E0NORTHWIND"
    )
    async with serve_slack(ws):
        client = new_client(ws)
        assert (await client.auth_test())["enterprise_id"] == "E0NORTHWIND"
        own = (await client.users_info(user="UMAYA"))["user"]
        assert own["enterprise_user"]["enterprise_id"] == "E0NORTHWIND"
        assert "enterprise_user" not in (await client.users_info(user="USTRANGER"))["user"]


async def test_reading_methods_ignore_a_json_body(ws: Workspace) -> None:
    """Slack takes JSON only for methods that write, so an argument in the wrong place is missing."""
    headers = {"Authorization": "Bearer xoxb-test-bot"}
    url = f"{ws.address}/api/users.info"
    async with aiohttp.ClientSession(headers=headers) as session, session.post(url, json={"user": "UMAYA"}) as response:
        answer = await response.json()
    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == ["[ERROR] missing required field: user"]


async def test_calls_are_recorded_without_the_token(ws: Workspace, client: AsyncWebClient, refused: Refused) -> None:
    """A test reads what the bot called and what came of it, and no record holds a secret."""
    await client.users_info(user="UMAYA")
    await refused(client.users_info(user="UNOSUCH", token="xoxb-test-bot"))
    assert [(c.method, c.args, c.error) for c in ws.calls] == [
        ("users.info", {"user": "UMAYA"}, None),
        ("users.info", {"user": "UNOSUCH"}, "user_not_found"),
    ]
    assert "xoxb" not in repr(ws.calls)
