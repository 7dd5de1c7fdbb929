"""What is left of a rate limit: used up, never overdrawn, and people first."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okta.budget import FORGOTTEN, RESERVE, SCOUTS, WINDOW, Budget, Reading
from tests.okta.bucket import run
from tests.okta.properties import patient

simulated = settings(patient, max_examples=30)
"""For minutes of many requests each, which take a while."""


@pytest.mark.parametrize("ahead", [1.7e9 - 300.6, 1.7e9, 1.7e9 + 299.3], ids=["behind", "level", "ahead"])
@pytest.mark.parametrize("latency", [0.01, 0.6])
def test_several_sweepers_use_the_allowance_and_people_do_not_wait(ahead: float, latency: float) -> None:
    """Whatever the clocks say, and however long an answer takes."""
    found = run(limit=600, sweepers=18, people=0.5, ahead=ahead, latency=latency)

    assert found.refused == 0
    assert min(found.used) >= 0.95
    assert found.waits[-1] < 0.1


@simulated
@given(
    limit=st.integers(20, 2000),
    sweepers=st.integers(0, 30),
    people=st.floats(0, 4),
    latency=st.floats(0.001, 2),
    seed=st.integers(0, 1000),
)
def test_nothing_is_overdrawn(limit: int, sweepers: int, people: float, latency: float, seed: int) -> None:
    """Whoever asks, and in whichever order answers come."""
    found = run(limit=limit, sweepers=sweepers, people=people, latency=latency, minutes=2, seed=seed)

    assert found.refused == 0


@simulated
@given(seed=st.integers(0, 1000), lost=st.floats(0.0, 0.3))
def test_lost_answers_stop_nobody(seed: int, lost: float) -> None:
    """They cost a little of the allowance, since nobody knows whether they counted."""
    found = run(limit=600, sweepers=12, people=0.2, lost=lost, minutes=3, seed=seed)

    assert min(found.used) >= 0.8


def test_people_use_all_that_there_is() -> None:
    """And then know how long to wait, which is not beyond the window."""
    budget = Budget().learn(0.0, Reading(30, 2, 1000, 20.0))
    for _ in range(2):
        budget, wait = budget.take(1.0, background=False)
        assert wait == 0
    budget, wait = budget.take(1.0, background=False)
    assert 19.0 <= wait <= 21.0


def test_background_work_leaves_a_reserve() -> None:
    """Although it may be ahead of an even pace by a little."""
    budget, taken = Budget().learn(0.0, Reading(600, 600, 1000, WINDOW)), 0
    while True:
        budget, wait = budget.take(0.0, background=True)
        if wait:
            break
        taken += 1
    assert 0 < taken < 600 * (1 - RESERVE)
    assert wait < 1
    assert budget.take(0.0, background=False)[1] == 0


@pytest.mark.parametrize("background", [True, False])
def test_before_anything_is_known_only_some_go_ahead(background: bool) -> None:  # noqa: FBT001 - a parameter
    """Until somebody hears an answer, or it is too late for one."""
    budget = Budget()
    for _ in range(SCOUTS[background]):
        budget, wait = budget.take(0.0, background=background)
        assert wait == 0
    assert budget.take(0.0, background=background)[1] > 0
    assert budget.take(FORGOTTEN, background=background)[1] == 0
    assert budget.learn(0.1, None).take(0.1, background=background)[1] == 0


def test_an_answer_that_was_overtaken_does_not_fill_the_bucket() -> None:
    """Nor does one of a window that is over."""
    budget = Budget().learn(0.0, Reading(100, 50, 1000, 30.0))
    assert budget.learn(0.1, Reading(100, 60, 1000, 30.0)).left == 50
    assert budget.learn(0.1, Reading(100, 99, 940, 0.0)).left == 50
    assert budget.learn(0.1, Reading(100, 20, 1000, 30.0)).left == 20


def test_a_reading_that_makes_no_sense_is_none() -> None:
    """A limit of nothing is about something else, and no window lasts for days."""
    assert Budget().learn(0.0, Reading(0, 0, 1000, 30.0)) == Budget()
    assert Budget().learn(0.0, Reading(10, 5, 1000, 1e9)) == Budget()
    assert Budget().learn(5.0, Reading(10, 5, 1000, -30.0)).ends == 6.0


NUMBERS = st.integers(-(10**19), 10**19)
MOMENTS = st.floats(-1e300, 1e300) | st.floats(0, 200)
READINGS = st.builds(Reading, NUMBERS, NUMBERS, NUMBERS, MOMENTS) | st.builds(
    Reading, st.integers(0, 700), st.integers(0, 700), st.integers(900, 1100), st.floats(-5, 130)
)
STORED = st.builds(Budget, NUMBERS, NUMBERS, NUMBERS, MOMENTS, NUMBERS, NUMBERS, MOMENTS)


@patient
@given(budget=STORED | st.just(Budget()), told=st.lists(READINGS | st.none(), max_size=5), background=st.booleans())
def test_nothing_that_is_told_or_stored_stalls_anybody_for_long(
    budget: Budget, told: list[Reading | None], *, background: bool
) -> None:
    """No wait is longer than a window, and once windows have passed somebody goes ahead, and what Okta says then counts."""
    now = 100.0
    for reading in told:
        budget = budget.learn(now, reading)
        budget, wait = budget.take(now, background=background)
        assert 0 <= wait <= 2 * WINDOW + 1
    later = now + 3 * WINDOW + FORGOTTEN
    # Somebody may have asked just then; who did so then does not hold up others for longer than an answer takes.
    budget, wait = budget.take(later, background=background)
    assert wait == 0
    budget = budget.learn(later, Reading(600, 500, 5000, 40.0))
    assert budget.reset == 5000
    assert 40 <= budget.ends - later <= 42


@given(st.builds(Budget, limit=st.integers(0, 9), left=st.integers(0, 9), out=st.integers(0, 9), old=st.integers(0, 9)))
def test_a_budget_can_be_written_down(budget: Budget) -> None:
    """And is the same when it is read."""
    assert msgspec.json.decode(msgspec.json.encode(budget), type=Budget) == budget
