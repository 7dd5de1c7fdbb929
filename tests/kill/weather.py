"""What goes wrong in a sweep besides what becomes of the worker."""

from dataclasses import dataclass
from typing import Final

from sandbox.okta import Fault
from tests.kill.worker import PACE


@dataclass(frozen=True, slots=True)
class Weather:
    """How Okta fares with a write, and Slack with a window.

    Attributes:
        name: for the test's own name.
        fault: what happens to the write.
        seconds: for how long.
        step: which of the writes.
        times: how often.
        slack: the methods that Slack refuses once.
    """

    name: str
    fault: Fault | None = None
    seconds: float = 0.0
    step: int = 0
    times: int = 1
    slack: tuple[str, ...] = ()

    @property
    def holds_up(self) -> bool:
        """Whether Okta takes its time with the write."""
        return self.fault in {Fault.STALL, Fault.STALL_AFTER}


FAIR: Final = Weather("fair")


def cut(step: int = 0) -> Weather:
    """Okta does it, and its answer is lost."""
    return Weather(_named("the answer is lost", step), Fault.CUT_AFTER, step=step)


def slow(step: int = 0) -> Weather:
    """Okta does it, and its answer takes almost as long as anybody waits for it."""
    return Weather(_named("the answer takes long", step), Fault.STALL_AFTER, PACE.okta_limit - 0.2, step)


def late(step: int = 0) -> Weather:
    """Okta does it when nobody waits for it any more."""
    return Weather(_named("the effect comes too late", step), Fault.STALL, PACE.okta_limit + 0.6, step)


def down(step: int) -> Weather:
    """From a step on, Okta takes no writes."""
    return Weather(f"Okta is read-only from step {step} on", Fault.READ_ONLY_503, step=step, times=1000)


SHUT: Final = Weather("no window opens", slack=("views.open",))
BLIND: Final = Weather("nothing can be shown", slack=("views.open", "chat.postEphemeral"))


def _named(what: str, step: int) -> str:
    return f"{what} in step {step}" if step else what
