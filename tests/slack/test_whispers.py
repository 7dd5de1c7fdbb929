"""What one person alone is told goes to Slack and to nobody else, whatever address a payload names."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

import aiohttp
import pytest
from redis.asyncio import Redis
from slack_sdk.web.async_client import AsyncWebClient

from bot.keys import Keys
from bot.model import Actor, Place, Surface
from bot.slack.messenger import SlackMessenger
from sandbox.serve import serve
from sandbox.slack import Fault, Kind, Workspace
from sandbox.slack.post import Parcel
from tests.bot.patience import eventually
from tests.slack.line import laid
from tests.world import World

MAYA = Actor("UMAYA", "T0NORTHWIND")
GENERAL = "C0GENERAL"


@dataclass(slots=True)
class Stranger:
    """A server of somebody else's, and what it was sent."""

    url: str = ""
    met: list[str] = field(default_factory=list)

    async def __call__(self, scope: Any, _receive: Any, send: Any) -> None:
        """Note the request and accept it."""
        self.met.append(scope["path"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})


@asynccontextmanager
async def stranger() -> AsyncIterator[Stranger]:
    """Somebody else's server."""
    other = Stranger()
    async with serve(other) as other.url:
        yield other


async def test_a_foreign_address_in_a_genuine_payload_is_not_answered(either: World) -> None:
    """The words for the person go to where they are, by Slack's Web API."""
    maya = either.person("UMAYA")
    form = {"command": "/unlatch", "user_id": "UMAYA", "team_id": "T0NORTHWIND", "trigger_id": "1", "text": "unlock"}
    async with stranger() as other:
        form |= {"channel_id": GENERAL, "response_url": f"{other.url}/commands/1"}
        await either.twin.workspace.post.hand_over(Parcel(Kind.COMMAND, "/unlatch", form, "1"))
        await either.card(maya, "Unlock your account?")
        await either.until(lambda: either.whispers(maya, GENERAL), "the pointer")

        assert other.met == []


@dataclass(frozen=True, slots=True)
class Mouth:
    """A messenger, and the addresses that it has connected to."""

    messenger: SlackMessenger
    workspace: Workspace
    asked: list[str]


@asynccontextmanager
async def mouth(base_url: str | None = None) -> AsyncIterator[Mouth]:
    """A messenger of a workspace, or of another Slack that nobody can reach from here."""
    asked: list[str] = []

    async def note(_session: aiohttp.ClientSession, _context: Any, about: aiohttp.TraceRequestStartParams) -> None:
        asked.append(str(about.url))
        if about.url.host != "127.0.0.1":
            raise aiohttp.ClientConnectionError("nothing leaves this machine")

    trace = aiohttp.TraceConfig()
    trace.on_request_start.append(note)
    async with laid() as line, aiohttp.ClientSession(trace_configs=[trace]) as session:
        url = base_url or str(line.web.base_url)
        web = AsyncWebClient(line.web.token, base_url=url, session=session, retry_handlers=[], logger=line.web._logger)
        yield Mouth(SlackMessenger(web, session, "U0UNLATCH"), line.workspace, asked)


def at(url: str | None, channel: str | None = GENERAL) -> Place:
    """Where Maya pressed a button."""
    return Place(Surface.BUTTON, channel=channel, response_url=url)


async def test_an_answer_goes_to_the_response_address() -> None:
    """It works where the bot is no member."""
    async with mouth() as speaking:
        workspace = speaking.workspace
        url = workspace.address + workspace.response_urls.issue("UMAYA", "C0BOARD")

        await speaking.messenger.whisper(at(url, "C0BOARD"), MAYA, "psst")

        assert speaking.asked == [url]
        (said,) = workspace.channels.get("C0BOARD").ephemerals.values()  # type: ignore[union-attr] # it is seeded
        assert (said.text, said.addressee) == ("psst", "UMAYA")


@pytest.mark.parametrize("why", ["worn out", "too old", "unknown"])
async def test_where_an_address_is_used_up_the_words_go_to_the_channel(why: str) -> None:
    """Five answers, or half an hour: nobody is left without a word for that."""
    async with mouth() as speaking:
        workspace = speaking.workspace
        path = workspace.response_urls.issue("UMAYA", GENERAL) if why != "unknown" else "/response/unknown"
        url = workspace.address + path
        for _ in range(5 if why == "worn out" else 0):
            await speaking.messenger.whisper(at(url), MAYA, "before")
        workspace.clock.advance(timedelta(minutes=31 if why == "too old" else 0))

        await speaking.messenger.whisper(at(url), MAYA, "psst")

        maya = workspace.person("UMAYA")
        assert [message.text for message in maya.sees(GENERAL)].count("psst") == 1


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.slack.com.evil.example/x",
        "https://evil.example/hooks.slack.com",
        "https://hooks.slack.com@evil.example/x",
        "https://hooks.slack.com:443@evil.example/x",
        "https://evil.example\\@hooks.slack.com/x",
        "https://hooks.slack.com\\.evil.example/x",
        "https://hooks.slack.com%2eevil.example/x",
        "http://hooks.slack.com/x",
        "https://hooks.slack.com:8443/x",
        "http://127.0.0.1:6379/",
        "http://169.254.169.254/latest/meta-data/",
        "https://[::1/x",
        "file:///etc/passwd",
        "//hooks.slack.com/x",
        "hooks.slack.com/x",
        "",
    ],
)
async def test_an_address_that_is_not_slacks_is_never_asked(url: str) -> None:
    """Neither what looks like Slack's, nor what is inside the company's own network."""
    async with mouth("https://slack.com/api/") as speaking:
        await speaking.messenger.whisper(at(url), MAYA, "psst")

        assert speaking.asked == ["https://slack.com/api/chat.postEphemeral"]


@pytest.mark.parametrize("host", ["slack.com", "slack-gov.com"])
async def test_slacks_own_address_is_asked(host: str) -> None:
    """GovSlack has its own names."""
    async with mouth(f"https://{host}/api/") as speaking:
        await speaking.messenger.whisper(at(f"https://hooks.{host}/actions/T1/2/3"), MAYA, "psst")

        assert speaking.asked == [f"https://hooks.{host}/actions/T1/2/3"]


async def test_a_redirect_is_not_followed() -> None:
    """Slack's address leads nowhere else."""

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        headers = [(b"location", b"https://evil.example/")]
        await send({"type": "http.response.start", "status": 307, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    async with serve(app) as url, mouth(f"{url}/api/") as speaking:
        await speaking.messenger.whisper(at(f"{url}/response/1", channel=None), MAYA, "psst")

        assert speaking.asked == [f"{url}/response/1"]


async def test_a_direct_message_is_known_and_not_asked_for(either: World) -> None:
    """Slack opens few a minute for everybody together, and a morning's rush is more than that."""
    maya, jonas = either.person("UMAYA"), either.person("UJONAS")
    general = either.channel("general")

    await maya.dm("I'm locked out")
    await either.card(maya, "Unlock your account?")
    opened = [call for call in either.twin.workspace.calls if call.method == "conversations.open"]
    assert opened == []
    for _ in range(3):
        await jonas.command("help-me-in", channel=general)
    await either.until(lambda: len(either.cards(jonas)) == 3, "three cards")

    opened = [call for call in either.twin.workspace.calls if call.method == "conversations.open"]
    assert len(opened) == 1


async def test_slack_is_left_alone_for_as_long_as_it_asks_for(either: World) -> None:
    """More calls would lengthen the pause; what waits for it is shown afterwards."""
    maya, workspace = either.person("UMAYA"), either.twin.workspace
    await maya.dm("I'm locked out")
    card = await either.card(maya, "Unlock your account?")
    workspace.faults.order("chat.update", Fault.rate_limited(2))

    await maya.press(card.ts, "confirm")
    await either.card_in_time(maya, "Your account is unlocked")

    assert [call.error for call in workspace.calls if call.method == "chat.update"] == ["ratelimited", None]


async def test_the_address_for_answers_is_not_kept(either: World, redis: Redis) -> None:
    """It lets its holder speak to the person for half an hour; once the card is there it is of no use."""
    maya, general = either.person("UMAYA"), either.channel("general")

    await maya.command("unlock", channel=general)
    card = await either.card(maya, "Unlock your account?")
    await maya.press(card.ts, "confirm")
    await either.card(maya, "Your account is unlocked")
    (reference,) = await redis.keys(Keys().record("*"))

    async def forgotten() -> bool:
        return b"/response/" not in cast("dict[bytes, bytes]", await redis.hgetall(reference))[b"body"]

    await eventually(forgotten, "the address to be forgotten")
