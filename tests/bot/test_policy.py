"""The decision, as properties over every capability, state of account, mode and moment."""

from dataclasses import replace
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
    status_changed=st.sampled_from([NOW, NOW - timedelta(hours=1), None]),
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


def request(consented_at: datetime | None, capability: Capability, facts: Facts, rules: Rules) -> Request:
    """A request of Maya's, whose card offered what fits these facts."""
    asking = policy.decide(capability, _request(None), facts, rules, NOW)
    return replace(_request(consented_at), offered=asking.offered)


def _request(consented_at: datetime | None) -> Request:
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
    decision = policy.decide(capability, request(consented_at, capability, facts, rules), facts, rules, NOW)

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
    decision = policy.decide(capability, request(consented_at, capability, facts, rules), facts, rules, NOW)

    assert decision.say.words in load().names()
    assert decision.rests_on
    assert all(rules.mode(name) is not Mode.OFF for name in decision.say.offers)
    assert capability.name not in decision.say.offers


@given(facts, rules, consents)
def test_unlock_acts_only_on_a_lock_that_is_oktas(facts: Facts, rules: Rules, consented_at: datetime | None) -> None:
    """A directory's lock only by opt-in, and never for a status that is not understood."""
    unlock = REGISTRY["unlock_account"]
    decision = policy.decide(unlock, request(consented_at, unlock, facts, rules), facts, rules, NOW)

    if decision.verdict in {Verdict.CONFIRM, Verdict.ACT}:
        found = condition(facts)
        assert found in {Condition.LOCKED, Condition.BLOCKED} or (
            found is Condition.LOCKED_IN_DIRECTORY and rules.directory_unlock
        )


@given(facts, facts, rules)
def test_consent_is_to_what_was_offered(then: Facts, now: Facts, rules: Rules) -> None:
    """To this lock, and to no later or other one."""
    unlock = REGISTRY["unlock_account"]
    before = policy.decide(unlock, _request(None), then, rules, NOW)
    decision = policy.decide(unlock, replace(_request(NOW), offered=before.offered), now, rules, NOW)

    if decision.verdict is Verdict.ACT:
        assert before.verdict is Verdict.CONFIRM
        assert before.say == decision.say
        assert (condition(then), then.user.status_changed) == (condition(now), now.user.status_changed)


def test_a_plan_that_is_under_way_was_consented_to_as_a_whole() -> None:
    """Its later steps are judged by other values than the first."""
    two = replace(REGISTRY["unlock_account"], plan=lambda form: REGISTRY["unlock_account"].plan(form) * 2)
    locked = Facts(User(id="00u1", status=Status.LOCKED_OUT, status_changed=NOW))
    rules = Rules(modes={"unlock_account": Mode.ACT})

    assert policy.decide(two, replace(_request(NOW), step=1), locked, rules, NOW).verdict is Verdict.ACT
    assert policy.decide(two, _request(NOW), locked, rules, NOW).verdict is Verdict.CONFIRM


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
