"""Reading records out of what live orgs send: none is lost, and an odd field costs no more than itself."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okta.models import AppGroup, Block, Entity, Group, LogEvent, Organization, Outcome, Profile, Role, User
from okta.reading import UnreadableError, read_many, read_one
from tests.okta.properties import patient

KINDS: Final = st.sampled_from([User, Block, Group, Role, LogEvent, Organization])

NAMES: Final = [
    *("id", "status", "created", "statusChanged", "profile", "credentials", "provider", "_links", "type", "name"),
    *("login", "email", "uuid", "published", "actor", "target", "outcome", "result", "pipeline", "unknown"),
]

ANY_TEXT: Final = st.text(st.characters(codec=None), max_size=8)

VALUES: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers()
    | st.just(10**400)
    | ANY_TEXT
    | st.just("2026-11-23T08:55:00.000Z"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | ANY_TEXT, inner, max_size=4),
    max_leaves=8,
)

RECORDS: Final = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6)


@patient
@given(KINDS, st.lists(RECORDS | VALUES, max_size=5))
def test_no_record_is_ever_lost(kind: type[Any], sent: list[Any]) -> None:
    """As many as were sent come out, and all that comes out can be sent on."""
    read = read_many(json.dumps(sent).encode(), kind)

    assert len(read) == len(sent)
    assert all(type(record) is kind for record in read)
    repr(read).encode()


@patient
@given(RECORDS)
def test_an_odd_field_does_not_cost_the_others(odd: dict[str, Any]) -> None:
    """Whatever else is in a record, its id and status are read."""
    sent = {**odd, "id": "00u1", "status": "ACTIVE", "profile": {**odd, "login": "maya"}}

    user = read_one(json.dumps(sent).encode(), User)

    assert (user.id, user.status, user.profile.login) == ("00u1", "ACTIVE", "maya")


@patient
@given(st.lists(st.sampled_from([b"[", b"]", b"{", b"}", b'"', b",", b":", b"id", b"1", b"\xff", b"\\ud800", b"e9"])))
def test_any_bytes_are_read_or_refused(pieces: list[bytes]) -> None:
    """In one way only."""
    for read in (read_one, read_many):
        with suppress(UnreadableError):
            read(b"".join(pieces), User)


@pytest.mark.parametrize("body", [b"", b"5", b'{"id":"\xff"', b'{"id":5', b"[" * 5000])
def test_an_unreadable_body_is_not_in_the_error(body: bytes) -> None:
    """Nor in what led to it: decoding errors hold the whole of what they could not decode."""
    for read in (read_one, read_many):
        with pytest.raises(UnreadableError) as caught:
            read(body, User)
        assert caught.value.__context__ is None


ODD: Final = {
    "a number": b"1",
    "null": b"null",
    "a list": b"[]",
    "an object": b"{}",
    "half a surrogate pair": b'"\\ud800"',
    "no UTF-8": b'"\xff"',
    "an infinite number": b"1e999",
    "a long number": b"9" * 10_000,
    "no JSON by the book": b"NaN",
}


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", ["id", "unknown"])
def test_a_field_that_cannot_be_read_is_absent(name: str, odd: str) -> None:
    """A field that is used, or one that is not, in a list as well as alone."""
    body = b'{"%s":%s,"status":"ACTIVE"}' % (name.encode(), ODD[odd])

    assert read_one(body, User) == User(status="ACTIVE")
    assert read_many(b"[%s,%s]" % (body, body), User) == (User(status="ACTIVE"),) * 2


@pytest.mark.parametrize("odd", ["1", "null", '"text"', "[]", "true"])
def test_what_is_no_record_counts_as_an_empty_one(odd: str) -> None:
    """So that two hits stay two."""
    assert read_many(f'[{{"id":"00u1"}},{odd}]'.encode(), User) == (User(id="00u1"), User())


def test_odd_fields_in_records_within_records() -> None:
    """At any depth, alone, optional or in a list."""
    sent = {
        "uuid": 5,
        "published": "2026-11-23T08:55:00.000Z",
        "actor": {"id": "00u1", "type": None, "alternateId": ["maya"]},
        "target": [{"id": "00u2", "displayName": 7}, {"id": "00u3"}],
        "outcome": {"result": "SUCCESS", "reason": {}},
    }

    assert read_one(json.dumps(sent).encode(), LogEvent) == LogEvent(
        published=datetime(2026, 11, 23, 8, 55, tzinfo=UTC),
        actor=Entity(id="00u1"),
        target=(Entity(id="00u2"), Entity(id="00u3")),
        outcome=Outcome(result="SUCCESS"),
    )


def test_a_list_with_something_odd_in_it_is_absent() -> None:
    """Rather than shorter."""
    sent = {"uuid": "1", "target": [{"id": "00u2"}, 5]}

    assert read_one(json.dumps(sent).encode(), LogEvent) == LogEvent(uuid="1")


@pytest.mark.parametrize("moment", ["2026-11-23T08:55:00.000", "2026-11-23", "yesterday", "", 0, None])
def test_a_time_without_a_zone_is_no_time(moment: str | int | None) -> None:
    """Nobody could tell when it was."""
    assert read_one(json.dumps({"id": "00u1", "created": moment}).encode(), User) == User(id="00u1")


def test_what_no_description_lists_is_kept_or_ignored() -> None:
    """A new status stays readable, a new field is no error."""
    user = read_one(b'{"id":"00u1","status":"NAPPING","realmId":"x","_links":{"self":[{}],"unlock":5}}', User)

    assert user.status == "NAPPING"
    assert user.operations == {"self", "unlock"}
    assert read_one(b'{"appliesTo":"ANY_DEVICES"}', Block).on_unknown_devices
    assert not read_one(b'{"appliesTo":"SOME_DEVICES"}', Block).on_unknown_devices


@pytest.mark.parametrize(
    ("profile", "name"),
    [
        (Profile(login="maya", first_name="Maya", last_name="Okafor", display_name="M. Okafor"), "M. Okafor"),
        (Profile(login="maya", first_name="Maya", last_name="Okafor"), "Maya Okafor"),
        (Profile(login="maya", first_name="Maya"), "Maya"),
        (Profile(login="maya", last_name="Okafor", display_name=""), "Okafor"),
        (Profile(login="maya"), "maya"),
    ],
)
def test_the_name_to_show(profile: Profile, name: str) -> None:
    """The best there is."""
    assert profile.name == name


def test_nothing_infinite_gets_through() -> None:
    """JSON has no infinity, so what is read can always be written again."""
    user = read_one(b'{"id":1,"_links":{"self":1e999}}', User)

    assert user.links == {}


def test_an_odd_field_does_not_cost_a_number() -> None:
    """Whole numbers stay whole, and long ones are no error."""
    body = b'{"id":7,"priority":3,"unknown":%s}' % (b"9" * 10_000)

    assert read_one(body, AppGroup) == AppGroup(priority=3)
