"""What holds for every capability, including those that are added later."""

import re
from pathlib import Path

import pytest

import handlers
from bot.audit import OUTCOMES
from bot.capability import Capability, no_lists
from bot.conditions import Condition
from bot.model import State, Unmatched
from bot.rules import Required
from bot.settings.guards import Proof
from bot.states import settled
from templates.words import load

REGISTRY = handlers.find()
WORDS = load()


@pytest.fixture(params=sorted(REGISTRY))
def capability(request: pytest.FixtureRequest) -> Capability:
    """Each capability in turn."""
    return REGISTRY[request.param]


def test_the_folder_is_the_feature_list() -> None:
    """Every file defines one capability of its own name, and nothing else defines any."""
    files = {path.stem for path in Path(handlers.__file__).parent.glob("*.py")} - {"__init__"}

    assert files == set(REGISTRY)


def test_it_has_the_words_to_be_offered(capability: Capability) -> None:
    """A button and a menu line exist in both modes."""
    assert all(WORDS.text(f"{capability.name}.{name}") for name in ("ask", "how", "about"))


def test_what_it_can_say_is_written(capability: Capability) -> None:
    """Every name of words in its source has words."""
    source = Path(handlers.__file__).with_name(f"{capability.name}.py").read_text()
    said = set(re.findall(r'Say\(\s*f?"(\{_NAME\}|[a-z_]+)\.([a-z_.]+)"', source))

    assert {f"{file.replace('{_NAME}', capability.name)}.{name}" for file, name in said} <= WORDS.names()


def test_one_that_acts_can_say_that_it_does_not_know(capability: Capability) -> None:
    """Whoever writes to Okta needs words for an outcome that cannot be known."""
    if capability.acts:
        assert f"{capability.name}.unknown" in WORDS.names()


def test_one_with_several_steps_can_say_that_it_is_half_done(capability: Capability) -> None:
    """Whoever counts its steps needs words for some of them."""
    if capability.tally is not no_lists:
        assert {f"{capability.name}.partly", f"{capability.name}.unknown_partly"} <= WORDS.names()


def test_its_doors_have_words_too(capability: Capability) -> None:
    """In the menu and on a button."""
    for door in capability.doors:
        assert all(WORDS.text(f"{capability.name}.doors.{door}.{name}") for name in ("ask", "how", "about"))


def test_it_gives_way_to_nothing_unknown(capability: Capability) -> None:
    """What it covers is in the registry."""
    assert capability.covers <= REGISTRY.keys() - {capability.name}


def test_subcommands_are_distinct() -> None:
    """One word after the slash command asks for one thing."""
    subcommands = [capability.subcommand for capability in REGISTRY.values()]
    subcommands += [door for capability in REGISTRY.values() for door in capability.doors]

    assert len(set(subcommands)) == len(subcommands)


@pytest.mark.parametrize(
    "name",
    [
        *(f"conditions.{condition}" for condition in Condition),
        *(f"unmatched.{why}" for why in Unmatched),
        *(f"clicks.{state}" for state in State),
        "clicks.foreign",
        "clicks.too_late",
        "clicks.outdated",
        *(
            f"common.{name}"
            for name in ("received", "working", "checking", "busy", "off", "menu", "not_understood", "gone")
        ),
        *(f"common.{state}" for state in (State.CANCELLED, State.EXPIRED, State.SUPERSEDED)),
        "common.window",
        "common.window_note",
        "common.followed_elsewhere",
        *(f"because.{state}" for state in (State.CANCELLED, State.EXPIRED, State.SUPERSEDED)),
        *(
            f"because.{name}"
            for name in ("off", "broken", "unmatched", "okta_silent", "okta_limit", "slack_silent", "okta_refused")
        ),
        *(f"because.{name}" for name in ("not_permitted", "not_visible", "token_refused")),
        *(
            f"trouble.{name}"
            for name in ("waiting", "waiting_midway", "okta_silent", "okta_limit", "slack_silent", "okta_refused")
        ),
        *(f"trouble.{name}" for name in ("not_permitted", "not_visible", "token_refused")),
    ],
)
def test_what_the_pipeline_can_say_is_written(name: str) -> None:
    """No state, reason or condition is without words."""
    assert name in WORDS.names()


def test_whatever_takes_an_account_over_asks_for_proof() -> None:
    """By a setting of its own, whose default does, and with words for whoever has nothing to prove it with."""
    required = Proof.model_validate({}).rules().required
    for name, capability in REGISTRY.items():
        assert (required.get(name) is Required.FACTOR) == capability.takes_over
        assert (name in required) == capability.acts
        assert (f"proof.none.{name}" in WORDS.names()) == capability.acts


def test_a_settled_state_is_never_answered_with_a_promise() -> None:
    """The answer to a late press says that it is over."""
    for state in State:
        text = WORDS.text(f"clicks.{state}")
        promises = ("how it goes", "waiting for your answer", "I'll tell you")
        assert settled(state) == (not any(promise in text for promise in promises))


def test_whatever_does_something_has_words_for_it_afterwards() -> None:
    """In the list of what was done for somebody, however it ended."""
    for name in (name for name, capability in REGISTRY.items() if capability.acts):
        assert {f"{name}.past.{state}" for state in OUTCOMES.values()} <= WORDS.names()
