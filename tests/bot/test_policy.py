"""The decision, as properties over every capability, state of account, mode and moment."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

import handlers
from bot import policy
from bot.capability import Capability, Facts
from bot.conditions import Condition, condition
from bot.model import Actor, Intent, Mode, Origin, Place, Request, Rule, Rules, Surface, Unmatched
from bot.policy import Verdict
from okta.models import AuthenticationProvider, Block, Credentials, Profile, Provider, Status, User
from templates.words import load

REGISTRY = handlers.find()
NOW = datetime(2026, 11, 23, 8, 55, tzinfo=UTC)

users = st.builds(
    User,
    id=st.just("00u1"),
    status=st.sampled_from([*Status, "SOMETHING_NEW", ""]),
    status_changed=st.just(NOW),
    profile=st.just(Profile(login="maya", first_name="Maya")),
    credentials=st.builds(
        Credentials,
        provider=st.builds(AuthenticationProvider, type=st.sampled_from([*Provider, "SOMETHING_NEW", ""])),
    ),
)
blocks = st.none() | st.lists(
    st.builds(Block, type=st.just("DEVICE_BASED"), applies_to=st.sampled_from(["UNKNOWN_DEVICES", "ANY_DEVICES", ""]))
).map(tuple)
facts = st.builds(Facts, user=users, blocks=blocks)
rules = st.builds(
    Rules,
    read_only=st.booleans(),
    modes=st.dictionaries(st.sampled_from(sorted(REGISTRY)), st.sampled_from(Mode)),
    directory_unlock=st.booleans(),
    durable=st.booleans(),
)
capabilities = st.sampled_from([REGISTRY[name] for name in sorted(REGISTRY)])
consents = st.none() | st.integers(-3600, 0).map(lambda seconds: NOW + timedelta(seconds=seconds))


def request(consented_at: datetime | None) -> Request:
    """A request of Maya's."""
    return Request(
        id="r1",
        origin=Origin.PERSON,
        actor=Actor("UMAYA", "T1"),
        intent=Intent(),
        place=Place(Surface.DM),
        asked_at=NOW,
        consented_at=consented_at,
    )


@given(capabilities, facts, rules, consents)
def test_nothing_is_done_without_mode_durability_and_fresh_consent(
    capability: Capability, facts: Facts, rules: Rules, consented_at: datetime | None
) -> None:
    """Act needs all of them at once, and something to act on."""
    decision = policy.decide(capability, request(consented_at), facts, rules, NOW)

    if decision.verdict is Verdict.ACT:
        assert rules.modes[capability.name] is Mode.ACT
        assert rules.durable
        assert not rules.read_only
        assert consented_at is not None
        assert NOW - consented_at < rules.ask_for
        assert capability.plan({})
        assert Rule.CONSENT_GIVEN in decision.rests_on


@given(capabilities, facts, rules, consents)
def test_every_decision_has_words_and_a_rule(
    capability: Capability, facts: Facts, rules: Rules, consented_at: datetime | None
) -> None:
    """Nobody is left without an answer, and every answer can be explained."""
    decision = policy.decide(capability, request(consented_at), facts, rules, NOW)

    assert decision.say.words in load().names()
    assert decision.rests_on
    assert all(rules.mode(name) is not Mode.OFF for name in decision.say.offers)
    assert capability.name not in decision.say.offers


@given(facts, rules, consents)
def test_unlock_acts_only_on_a_lock_that_is_oktas(facts: Facts, rules: Rules, consented_at: datetime | None) -> None:
    """A directory's lock only by opt-in, and never for a status that is not understood."""
    decision = policy.decide(REGISTRY["unlock_account"], request(consented_at), facts, rules, NOW)

    if decision.verdict in {Verdict.CONFIRM, Verdict.ACT}:
        found = condition(facts)
        assert found in {Condition.LOCKED, Condition.BLOCKED} or (
            found is Condition.LOCKED_IN_DIRECTORY and rules.directory_unlock
        )


@given(facts)
def test_a_status_that_is_not_known_is_taken_for_none_that_is(facts: Facts) -> None:
    """What Okta adds tomorrow is said to be unknown."""
    if facts.user.status not in set(Status):
        assert condition(facts) is Condition.UNRECOGNISED


def test_every_reason_for_not_knowing_somebody_is_a_refusal() -> None:
    """With its own words."""
    for why in Unmatched:
        decision = policy.refuse_unmatched(why)
        assert decision.verdict is Verdict.REFUSE
        assert decision.say.words in load().names()
        assert decision.rests_on == (Rule.NOT_MATCHED,)
