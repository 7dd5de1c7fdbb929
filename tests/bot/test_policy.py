"""The decision, as properties over every capability, state of account, mode and moment."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import handlers
from bot import policy
from bot.capability import Capability, Facts, Protection
from bot.conditions import Condition, condition
from bot.evidence import Method, Proof
from bot.methods import is_okta_verify
from bot.model import Actor, Intent, Origin, Place, Request, Surface, Unmatched
from bot.policy import Verdict
from bot.rules import Delivery, FactorRules, LastFactor, Mode, PasswordRules, ProofRules, Required, Rule, Rules
from okta.models import AuthenticationProvider, Block, Credentials, Factor, Profile, Provider, Status, User
from templates.words import load

REGISTRY = handlers.find()
WORDS = load()
NOW = datetime(2026, 11, 23, 8, 55, tzinfo=UTC)

users = st.builds(
    User,
    id=st.just("00u1"),
    status=st.sampled_from([*["ACTIVE"] * 4, *Status, "SOMETHING_NEW", ""]),
    status_changed=st.sampled_from([NOW, NOW - timedelta(hours=1), None]),
    profile=st.sampled_from([Profile(login="maya", first_name="Maya"), Profile(login="maya", email="maya@x.example")]),
    links=st.sets(st.sampled_from(["resetPassword", "forgotPassword", "reactivate"])).map(
        lambda names: {name: {} for name in names}
    ),
    credentials=st.builds(
        Credentials,
        provider=st.builds(
            AuthenticationProvider, type=st.sampled_from([*["OKTA"] * 6, *Provider, "SOMETHING_NEW", ""])
        ),
    ),
)
blocks = st.none() | st.lists(
    st.builds(Block, type=st.just("DEVICE_BASED"), applies_to=st.sampled_from(["UNKNOWN_DEVICES", "ANY_DEVICES", ""]))
).map(tuple)
kinds = st.sampled_from(["push", "token:software:totp", "signed_nonce", "sms", "webauthn", "hologram"])
ages = st.sampled_from([NOW - timedelta(days=30)] * 4 + [NOW - timedelta(hours=23), NOW + timedelta(hours=1), None])
factors = st.none() | st.lists(
    st.builds(
        Factor,
        id=st.uuids().map(str),
        factor_type=kinds,
        provider=st.sampled_from(["OKTA", "OKTA", "OKTA", "GOOGLE"]),
        status=st.sampled_from(["ACTIVE", "ACTIVE", "ACTIVE", "PENDING_ACTIVATION"]),
        created=ages,
        last_updated=ages,
    ),
    max_size=4,
).map(tuple)
bars = st.sampled_from([None, None, None, NOW + timedelta(minutes=5)])
facts = st.builds(
    Facts,
    user=users,
    blocks=blocks,
    factors=factors,
    barred_until=bars,
    protection=st.sampled_from([*[Protection.NONE] * 6, *Protection]),
)
proofs = st.builds(
    ProofRules,
    required=st.fixed_dictionaries({name: st.sampled_from(Required) for name in sorted(REGISTRY)}),
    methods=st.frozensets(st.sampled_from(Method), min_size=1),
)
rules = st.builds(
    Rules,
    # Mostly as it must be for anything to be done, so that much is.
    read_only=st.sampled_from([False, False, False, True]),
    modes=st.fixed_dictionaries({name: st.sampled_from([Mode.ACT, Mode.ACT, *Mode]) for name in sorted(REGISTRY)}),
    directory_unlock=st.booleans(),
    durable=st.sampled_from([True, True, True, False]),
    password=st.builds(
        PasswordRules, delivery=st.sampled_from(Delivery), mail_behind_okta=st.booleans(), end_sessions=st.booleans()
    ),
    factors=st.builds(
        FactorRules,
        several=st.booleans(),
        types=st.none() | st.frozensets(kinds),
        last=st.sampled_from(LastFactor),
        end_sessions=st.booleans(),
    ),
    proof=proofs,
    unproven=st.sampled_from([frozenset(), frozenset(), *({name} for name in sorted(REGISTRY))]).map(frozenset),
    unprotected=st.sampled_from([frozenset(), frozenset(), *({name} for name in sorted(REGISTRY))]).map(frozenset),
    unmailed=st.sampled_from([frozenset(), frozenset(), *({name} for name in sorted(REGISTRY))]).map(frozenset),
)
capabilities = st.sampled_from([REGISTRY[name] for name in sorted(REGISTRY)])
consents = st.none() | st.integers(-3600, 0).map(lambda seconds: NOW + timedelta(seconds=seconds))


NOT_HELD: dict[str, Any] = dict.fromkeys(("unproven", "unprotected", "unmailed"), frozenset())
"""Rules under which what is set is in force."""


def request(consented_at: datetime | None, capability: Capability, facts: Facts, rules: Rules) -> Request:
    """A request of Maya's for all that she could choose, whose card offered what fits these facts."""
    chosen = " ".join(factor.id for factor in facts.factors or ())
    asked = replace(_request(consented_at), intent=Intent(capability.name, {"chosen": chosen}))
    asking = policy.decide(capability, replace(asked, consented_at=None), facts, rules, NOW)
    return replace(asked, offered=asking.offered)


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


@settings(max_examples=500)
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
        assert capability.acts
        assert capability.name not in rules.unproven | rules.unprotected | rules.unmailed
        assert facts.protection is Protection.NONE
        assert Rule.CONSENT_GIVEN in decision.rests_on


@given(capabilities, facts, rules, consents)
def test_every_decision_has_words_and_a_rule(
    capability: Capability, facts: Facts, rules: Rules, consented_at: datetime | None
) -> None:
    """Nobody is left without an answer, and every answer can be explained."""
    decision = policy.decide(capability, request(consented_at, capability, facts, rules), facts, rules, NOW)

    assert {decision.say.words, *decision.say.notes} <= WORDS.names()
    assert decision.rests_on
    assert (decision.verdict is Verdict.CHOOSE) == (decision.say.choices is not None)
    assert (decision.verdict is Verdict.PROVE) == bool(decision.say.ways)
    assert all(rules.mode(name) is not Mode.OFF for name in decision.say.offers)
    assert capability.name not in decision.say.offers


@given(capabilities, facts, rules)
def test_what_is_only_guided_says_why(capability: Capability, facts: Facts, rules: Rules) -> None:
    """The mode as it is set, or what keeps it from being in force; read-only first, since it goes for everything."""
    decision = policy.decide(capability, _request(None), facts, rules, NOW)

    if decision.verdict is Verdict.GUIDE and decision.rests_on[0] is Rule.FITS and not capability.alarms:
        held = {
            Rule.READ_ONLY: rules.read_only,
            Rule.CAPABILITY_GUIDES: rules.modes[capability.name] is Mode.GUIDE,
            Rule.NOT_PROVEN: capability.name in rules.unproven,
            Rule.PROTECTION_UNSET: capability.name in rules.unprotected,
            Rule.MAIL_UNSET: capability.name in rules.unmailed,
            Rule.NOT_DURABLE: not rules.durable,
        }
        assert decision.rests_on == (Rule.FITS, next(rule for rule, holds in held.items() if holds))


@settings(max_examples=500)
@given(capabilities, facts, rules, consents)
def test_a_shadow_tells_as_a_guide_and_decides_as_one_that_acts(
    capability: Capability, facts: Facts, rules: Rules, consented_at: datetime | None
) -> None:
    """People read the same directions; the rules are those of the real decision; nothing follows from it."""
    name = capability.name
    acts, guides, shadows = (
        replace(rules, modes={**rules.modes, name: mode}, read_only=False, durable=True, **NOT_HELD)
        for mode in (Mode.ACT, Mode.GUIDE, Mode.SHADOW)
    )
    asked = request(consented_at, capability, facts, acts)
    real, told, shadowed = (policy.decide(capability, asked, facts, each, NOW) for each in (acts, guides, shadows))

    assert (shadowed.verdict, shadowed.say, shadowed.offered) == (told.verdict, told.say, {})
    if Rule.SHADOW in shadowed.rests_on:
        assert [rule for rule in shadowed.rests_on if rule not in {Rule.SHADOW, Rule.PROOF_NEEDED}] == [
            rule for rule in real.rests_on if rule is not Rule.PROOF_NEEDED
        ]
    else:
        assert real.rests_on == (Rule.DOES_NOT_FIT,)


@settings(max_examples=1_000)
@given(capabilities, facts, rules, st.data())
def test_nothing_is_done_without_the_proof_that_the_rules_ask_for(
    capability: Capability, facts: Facts, rules: Rules, data: st.DataObject
) -> None:
    """With a factor of one's own that is active, allowed, old enough, of this consent, and not about to be removed."""
    asked = request(NOW, capability, facts, rules)
    ids = [*(factor.id for factor in facts.factors or ()), "somebody-elses"]
    proof = Proof(
        Method.CODE,
        data.draw(st.sampled_from(ids)),
        data.draw(st.sampled_from(["00u1", "00u1", "00u1", "00u2"])),
        data.draw(st.sampled_from([NOW, NOW, NOW, NOW - timedelta(minutes=1)])),
        NOW,
    )
    decision = policy.decide(capability, replace(asked, proof=proof), facts, rules, NOW)

    if decision.verdict is Verdict.ACT and rules.proof.needs_factor(capability.name):
        used = next(factor for factor in facts.factors or () if factor.id == proof.factor_id)
        assert (proof.okta_id, proof.consent) == ("00u1", NOW)
        assert used.is_active
        assert used.created
        assert NOW - used.created >= rules.proof.fresh
        assert used.factor_type in {"push", "token:software:totp", "sms", "email"}
        assert facts.barred_until is None
        assert facts.user.status != Status.LOCKED_OUT
        assert used.id not in str(asked.offered)
        gone = [factor for factor in facts.factors or () if factor.id in str(asked.offered)]
        assert not (used.provider == "OKTA" and used.factor_type != "sms" and any(map(is_okta_verify, gone)))


@settings(max_examples=300)
@given(capabilities, facts, rules)
def test_whoever_can_prove_it_gets_there(capability: Capability, facts: Facts, rules: Rules) -> None:
    """Each way that is offered leads to the end."""
    asked = request(NOW, capability, facts, rules)
    decision = policy.decide(capability, asked, facts, rules, NOW)

    for way in decision.say.ways:
        proof = Proof(way.method, way.factor_id, "00u1", NOW, NOW)
        proved = policy.decide(capability, replace(asked, proof=proof), facts, rules, NOW)
        assert (proved.verdict, proved.rests_on[-1]) == (Verdict.ACT, Rule.PROOF_GIVEN)


@settings(max_examples=300)
@given(capabilities, facts, rules, consents, st.integers(0, 2))
def test_a_protected_account_is_asked_for_nothing(
    capability: Capability, facts: Facts, rules: Rules, consented_at: datetime | None, step: int
) -> None:
    """No choice, no consent, no proof; and what is under way stops."""
    asked = replace(request(consented_at, capability, facts, rules), step=step)
    decision = policy.decide(capability, asked, facts, rules, NOW)

    if facts.protection is not Protection.NONE:
        assert decision.verdict in {Verdict.GUIDE, Verdict.REFUSE}


def test_a_plan_under_way_stops_where_proof_is_needed_now() -> None:
    """The bot was started against another org, with a request under way in its store."""
    rules = Rules(modes={"reset_mfa": Mode.ACT}, unproven=frozenset({"reset_mfa"}))
    active = Facts(User(id="00u1", status=Status.ACTIVE, status_changed=NOW))

    decision = policy.decide(REGISTRY["reset_mfa"], replace(_request(NOW), step=1), active, rules, NOW)

    assert (decision.verdict, decision.rests_on) == (Verdict.REFUSE, (Rule.NOT_PROVEN,))


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


@given(capabilities, facts, rules, consents, st.integers(1, 3))
def test_a_plan_under_way_goes_on_or_stops(
    capability: Capability, facts: Facts, rules: Rules, consented_at: datetime | None, step: int
) -> None:
    """It was consented to as a whole, so its own doing is no reason to ask anew; but a rule or an old consent ends it."""
    under_way = replace(_request(consented_at), step=step, offered={"words": "as it was"})
    decision = policy.decide(capability, under_way, facts, rules, NOW)

    fresh = consented_at is not None and NOW - consented_at < rules.ask_for
    acts = rules.mode(capability.name) is Mode.ACT and fresh and facts.protection is Protection.NONE
    assert decision.verdict is (Verdict.ACT if acts else Verdict.REFUSE)
    assert f"because.{decision.say.words.partition('.')[2]}" in WORDS.names() or acts


@given(facts, rules, consents)
def test_a_password_is_reset_only_where_okta_offers_it(
    facts: Facts, rules: Rules, consented_at: datetime | None
) -> None:
    """By its own links on the account, never by a directory's or another provider's password, nor to a missing address."""
    reset = REGISTRY["reset_password"]
    decision = policy.decide(reset, request(consented_at, reset, facts, rules), facts, rules, NOW)

    if decision.verdict in {Verdict.CONFIRM, Verdict.ACT}:
        user = facts.user
        assert user.provider not in {Provider.ACTIVE_DIRECTORY, Provider.LDAP, Provider.FEDERATION, Provider.SOCIAL}
        assert user.operations & {"resetPassword", "forgotPassword", "reactivate"}
        assert user.profile.email or rules.password.delivery is Delivery.LINK
    if decision.verdict is Verdict.CONFIRM:
        link = decision.offered["delivery"] == Delivery.LINK
        assert decision.say.window == (link and not rules.proof.needs_factor("reset_password"))
        assert not (link and decision.offered["operation"] == "reactivate")


@given(facts, rules)
def test_only_ones_own_factors_are_removed(facts: Facts, rules: Rules) -> None:
    """Of the kinds that are allowed, no more at once than may be, and not the last where that is refused."""
    mfa = REGISTRY["reset_mfa"]
    decision = policy.decide(mfa, request(None, mfa, facts, rules), facts, rules, NOW)

    if decision.verdict is not Verdict.CONFIRM:
        return
    there = {factor.id: factor for factor in facts.factors or ()}
    removed = [step.before(facts)["factor"] for step in mfa.plan(decision.offered) if step.name == "remove_factor"]
    assert removed
    assert len(set(removed)) == len(removed)
    assert set(removed) <= there.keys()
    assert rules.factors.several or len(removed) == 1
    assert rules.factors.types is None or {there[each].factor_type for each in removed} <= rules.factors.types
    gone = {*removed, *decision.offered["with_it"].split()}
    assert rules.factors.last is LastFactor.WARN or gone < there.keys()


@given(facts, rules)
def test_what_is_not_ones_own_is_not_there(facts: Facts, rules: Rules) -> None:
    """Whatever a press carries."""
    mfa = REGISTRY["reset_mfa"]
    asked = replace(_request(NOW), intent=Intent("reset_mfa", {"chosen": "somebody-elses"}))
    decision = policy.decide(mfa, asked, facts, rules, NOW)

    assert decision.verdict not in {Verdict.CONFIRM, Verdict.ACT}


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
        assert decision.say.words in WORDS.names()
        assert decision.rests_on == (Rule.NOT_MATCHED,)
