"""Socket Mode's watchdog: every way a connection ends, or worse, does not end, and nothing left behind afterwards."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest

from bot.errors import StartError
from bot.slack.socket import WAITS
from sandbox.slack import DisconnectReason, Fault
from tests.slack.line import APP_TOKEN, Line, laid

LONG = 3600.0


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    """A line that is not up yet; whatever a test does, no task is left in the end."""
    async with laid() as made:
        before = asyncio.all_tasks()
        yield made
        made.workspace.clock.advance(timedelta(hours=2))  # what Slack's side still waits for
        await made.until(lambda: all(one.is_wedged for one in made.workspace.sockets.connections))
        made.workspace.drop_sockets()
        await made.until(lambda: asyncio.all_tasks() - before <= {asyncio.current_task()})


@pytest.mark.parametrize("reason", DisconnectReason)
async def test_a_connection_that_is_to_end_is_replaced(line: Line, reason: DisconnectReason) -> None:
    """Whatever the reason, by one new connection, and the old one goes."""
    async with line.up():
        await line.carries("before")

        await line.workspace.refresh_sockets(reason)
        await line.replaced()

        await line.carries("after")
        assert line.asked == 2


async def test_nothing_is_lost_while_a_connection_is_replaced(line: Line) -> None:
    """People write on while Slack refreshes again and again."""
    async with line.up(waits=(0.0,)):
        for times in range(1, 4):
            writing = [asyncio.create_task(line.workspace.person("UMAYA").dm(f"{times}.{n}")) for n in range(10)]
            await line.workspace.refresh_sockets()
            await line.replaced(times)
            await line.redelivered(*writing)

        assert set(line.heard) == {f"{times}.{n}" for times in range(1, 4) for n in range(10)}


@pytest.mark.parametrize("how", ["reset", "close"])
async def test_a_connection_that_is_gone_is_replaced(line: Line, how: str) -> None:
    """With or without a closing handshake."""
    async with line.up():
        if how == "reset":
            line.workspace.drop_sockets()
        else:
            await line.workspace.sockets.close_all()
        await line.replaced()

        await line.carries("after")


async def test_a_connection_that_only_seems_to_stand_is_replaced(line: Line) -> None:
    """It answers pings and brings nothing: only the silence tells."""
    async with line.up(quiet=0.3):
        line.workspace.wedge_sockets(pongs=True)
        await line.alone()

        await line.carries("after")


async def test_a_connection_that_answers_no_pings_is_replaced(line: Line) -> None:
    """Long before its silence would tell."""
    async with line.up(quiet=LONG, ping=0.1):
        line.workspace.wedge_sockets(pongs=False)
        (wedged,) = line.workspace.sockets.connections
        await line.until(lambda: line.usable)
        wedged.reset()  # Slack's side does not read that it was closed
        await line.alone()

        await line.carries("after")


async def test_a_connection_that_brings_something_is_kept(line: Line) -> None:
    """Traffic puts the next look off; only a machine that stood still for as long may have made a silence of its own."""
    quiet, now = 0.3, asyncio.get_running_loop().time
    async with line.up(quiet=quiet):
        at = [now()]
        while at[-1] < at[0] + 2 * quiet:
            await line.carries("again")
            at.append(now())

    silences = sum(later - earlier >= quiet for earlier, later in zip(at, at[2:], strict=False))
    assert line.asked <= 1 + silences


async def test_what_a_wedged_connection_swallowed_comes_again(line: Line) -> None:
    """Slack has no acknowledgement for it, and so redelivers on the new connection."""
    async with line.up(quiet=0.3):
        line.workspace.wedge_sockets(pongs=True)
        writing = asyncio.create_task(line.workspace.person("UMAYA").dm("swallowed"))
        await line.until(lambda: line.usable)
        await line.redelivered(writing)

        assert line.heard == ["swallowed"]
        assert line.workspace.deliveries[-1].acked


async def test_an_acknowledgement_goes_where_the_envelope_came_from(line: Line) -> None:
    """The old connection lives until what it brought is done; Slack counts no acknowledgement elsewhere."""
    async with line.up():
        line.open.clear()
        writing = asyncio.create_task(line.workspace.person("UMAYA").dm("slow"))
        await line.until(lambda: line.heard)
        await line.workspace.refresh_sockets()
        await line.until(lambda: line.usable)
        line.open.set()
        await writing

        assert [(one.attempt, one.acked) for one in line.workspace.deliveries] == [(0, True)]


async def test_what_was_under_way_when_a_connection_broke_comes_again(line: Line) -> None:
    """The acknowledgement has nowhere to go, which disturbs nobody, and Slack redelivers."""
    async with line.up():
        line.open.clear()
        writing = asyncio.create_task(line.workspace.person("UMAYA").dm("cut off"))
        await line.until(lambda: line.heard)
        line.workspace.drop_sockets()
        await line.replaced()
        line.open.set()
        await line.redelivered(writing)

        assert line.heard == ["cut off", "cut off"]
        assert line.workspace.deliveries[-1].acked


async def test_every_attempt_has_an_address_of_its_own(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address is good once; a refused handshake is not tried again with the same one."""
    async with line.up(waits=(0.0,)):
        issue = line.workspace.sockets.issue_ticket
        given: list[str] = []

        def void() -> str:
            given.append(f"void-{len(given)}")
            return given[-1] if len(given) <= 3 else issue()

        monkeypatch.setattr(line.workspace.sockets, "issue_ticket", void)
        line.workspace.drop_sockets()
        await line.replaced(4)

        await line.carries("after")
        assert len(given) == 4


@pytest.mark.parametrize("reason", [DisconnectReason.TOO_MANY_WEBSOCKETS, DisconnectReason.LINK_DISABLED])
async def test_being_turned_away_again_and_again_is_no_stampede(line: Line, reason: DisconnectReason) -> None:
    """Connections that end as soon as they stand count as failures, and the waits between them grow."""
    loop = asyncio.get_running_loop()
    async with line.up(waits=(0.0, 0.0, 0.2, 0.4, LONG)):
        started = loop.time()
        for times in range(1, 4):
            await line.workspace.refresh_sockets(reason)
            await line.replaced(times)
        assert loop.time() - started >= 0.6


async def test_where_all_places_are_taken_it_waits(line: Line) -> None:
    """Ten connections of others: Slack takes ours only to end it."""
    loop = asyncio.get_running_loop()
    async with line.up(waits=(0.0, 0.0, 0.2, 0.4, 0.1)), aiohttp.ClientSession() as session:
        headers = {"Authorization": f"Bearer {APP_TOKEN}"}
        started, mine = loop.time(), line.workspace.sockets.connections[0]
        others = []
        for _ in range(9):
            async with session.post(f"{line.workspace.address}/api/apps.connections.open", headers=headers) as answer:
                others.append(await session.ws_connect((await answer.json())["url"]))
        before = line.asked
        mine.reset()
        async with session.post(f"{line.workspace.address}/api/apps.connections.open", headers=headers) as answer:
            tenth = (await answer.json())["url"]
        await line.until(lambda: mine not in line.workspace.sockets.connections)
        others.append(await session.ws_connect(tenth))
        await line.until(lambda: line.asked >= before + 4)

        assert loop.time() - started >= 0.2
        for other in others:
            await other.close()
        await line.until(lambda: len(line.usable) == 1)
        await line.carries("after")


async def test_the_usual_waits_are_patient() -> None:
    """At most seven addresses in the first minute of an outage, and two in each that follows."""
    assert sum(WAITS) >= 45
    assert WAITS[-1] >= 30
    assert list(WAITS) == sorted(WAITS)


async def test_it_waits_as_long_as_slack_says(line: Line) -> None:
    """`Retry-After` outranks the plan."""
    loop = asyncio.get_running_loop()
    async with line.up(waits=(0.0,)):
        line.workspace.faults.order("apps.connections.open", Fault.rate_limited(retry_after=1))
        started = loop.time()
        line.workspace.drop_sockets()
        await line.replaced(2)

        assert loop.time() - started >= 1


@pytest.mark.parametrize(
    "fault",
    [Fault.error("internal_error"), Fault.server_error(), Fault.cut_before(), Fault.cut_after()],
    ids=lambda fault: str(fault.kind),
)
async def test_an_address_that_is_not_given_is_asked_for_again(line: Line, fault: Fault) -> None:
    """Slack's own troubles pass."""
    async with line.up(waits=(0.0,)):
        line.workspace.faults.order("apps.connections.open", fault, times=2)
        line.workspace.drop_sockets()
        await line.replaced(3)

        await line.carries("after")


async def test_a_revoked_token_is_said_and_tried_again(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    """The bot lives on, since its workers have work; the log says what is wrong in Slack's own word."""
    async with line.up(waits=(0.0, 0.0, 0.01)):
        line.workspace.revoked.add(APP_TOKEN)
        line.workspace.drop_sockets()
        await line.until(lambda: line.asked >= 5)
        assert line.watchdog is not None
        assert not line.watchdog.done()
        assert "token_revoked" in caplog.text

        line.workspace.revoked.clear()
        await line.until(lambda: len(line.usable) == 1)
        await line.carries("after")


GARBAGE = [
    "",
    "hello",
    "{",
    "[]",
    "null",
    "5",
    "[" * 100_000,
    "{}",
    '{"type": null}',
    '{"type": "something_new"}',
    '{"envelope_id": 5, "payload": {}}',
    '{"envelope_id": "e1"}',
    '{"envelope_id": "e2", "payload": []}',
    '{"envelope_id": "e3", "payload": {}, "type": "events_api"}',
    '{"envelope_id": "e4", "payload": {"type": "event_callback", "event": 5}, "type": "events_api"}',
    '{"type": "hello", "connection_info": 5}',
]


async def test_frames_that_make_no_sense_disturb_nothing(line: Line) -> None:
    """They are dropped, and the connection stays."""
    async with line.up():
        for text in GARBAGE:
            await line.workspace.deliver_raw(text)

        await line.carries("after")
        assert line.asked == 1


async def test_it_can_be_ended_while_it_is_without_a_connection(line: Line) -> None:
    """In the midst of an attempt, and in a wait before one; the fixture looks for what is left."""
    for waits in ((0.0,), (0.0, 0.0, LONG)):
        async with line.up(waits=waits):
            line.workspace.revoked.add(APP_TOKEN)
            asked = line.asked
            line.workspace.drop_sockets()
            await line.until(lambda seen=asked: line.asked > seen)
        line.workspace.revoked.clear()


async def test_it_can_be_ended_while_slack_does_not_answer(line: Line) -> None:
    """The attempt is given up with everything else."""
    async with line.up():
        line.workspace.faults.order("apps.connections.open", Fault.stall())
        line.workspace.drop_sockets()
        await line.until(lambda: not line.workspace.sockets.connections)


async def test_ending_waits_for_what_is_under_way(line: Line) -> None:
    """What has been brought is acknowledged before the connection is closed."""
    async with line.up():
        line.open.clear()
        writing = asyncio.create_task(line.workspace.person("UMAYA").dm("last words"))
        await line.until(lambda: line.heard)
        asyncio.get_running_loop().call_later(0.05, line.open.set)
    await writing

    assert [(one.attempt, one.acked) for one in line.workspace.deliveries] == [(0, True)]


async def test_it_does_not_start_with_a_wrong_token(line: Line) -> None:
    """Slack's refusal goes to whoever starts the bot."""
    line.workspace.revoked.add(APP_TOKEN)
    with pytest.raises(StartError, match=r"slack\.app_token \(token_revoked\)"):
        async with line.up():
            pass


async def test_it_does_not_start_when_it_is_turned_away(line: Line) -> None:
    """Ten others are there already."""
    others = [line.mode().connected() for _ in range(10)]
    for other in others:
        await other.__aenter__()
    try:
        with pytest.raises(StartError, match="too_many_websockets"):
            async with line.mode().connected():
                pass
    finally:
        for other in others:
            await other.__aexit__(None, None, None)


async def test_it_does_not_start_with_an_address_that_is_refused(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """At once, and not after minutes of trying the same again."""
    monkeypatch.setattr(line.workspace.sockets, "issue_ticket", lambda: "void")
    with pytest.raises(StartError, match="WSServerHandshakeError"):
        async with line.mode().connected():
            pass
    assert line.asked == 1
