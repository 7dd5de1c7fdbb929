"""Faults a test orders for the Web API: what a call meets on a bad day, each for a stated number of calls.

They cover the cases a caller must tell apart: refused before anything happened, carried out but never answered, and no answer at all.
"""

from collections import defaultdict, deque
from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class FaultKind(StrEnum):
    """What happens to the call."""

    ERROR = "error"  # answered `ok: false` with a chosen code; nothing was done
    ERROR_AFTER = "error_after"  # carried out, and still answered `ok: false`, as Slack's internal_error may
    RATE_LIMITED = "rate_limited"  # HTTP 429 with Retry-After
    SERVER_ERROR = "server_error"  # an HTTP 5xx that is not JSON
    STALL = "stall"  # no answer for a while, then the ordinary one
    CUT_BEFORE = "cut_before"  # connection cut, nothing was done
    CUT_AFTER = "cut_after"  # carried out, then the connection cut before the answer


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, made by one of the class methods below."""

    kind: FaultKind
    code: str = ""
    seconds: float = 0
    status: int = 0

    @classmethod
    def error(cls, code: str) -> Self:
        """Answer `ok: false` with this code; the call has no effect."""
        return cls(FaultKind.ERROR, code=code)

    @classmethod
    def error_after(cls, code: str = "internal_error") -> Self:
        """Carry the call out, then answer `ok: false`: Slack says of internal_error that part may have been done."""
        return cls(FaultKind.ERROR_AFTER, code=code)

    @classmethod
    def rate_limited(cls, retry_after: int = 1) -> Self:
        """Answer HTTP 429 with `Retry-After` in seconds."""
        return cls(FaultKind.RATE_LIMITED, code="ratelimited", seconds=retry_after, status=429)

    @classmethod
    def server_error(cls, status: int = 500) -> Self:
        """Answer an HTTP error with a body that is not JSON."""
        return cls(FaultKind.SERVER_ERROR, code=f"http_{status}", status=status)

    @classmethod
    def stall(cls, seconds: float = 3600) -> Self:
        """Keep the caller waiting so long by the twin's clock, then go on as usual."""
        return cls(FaultKind.STALL, seconds=seconds)

    @classmethod
    def cut_before(cls) -> Self:
        """Cut the connection; the call has no effect."""
        return cls(FaultKind.CUT_BEFORE, code="connection_cut")

    @classmethod
    def cut_after(cls) -> Self:
        """Carry the call out and cut the connection before the answer."""
        return cls(FaultKind.CUT_AFTER, code="connection_cut")


class Faults:
    """The faults on order, first ordered first served, per method."""

    def __init__(self) -> None:
        self._orders: defaultdict[str, deque[Fault]] = defaultdict(deque)

    def order(self, method: str, fault: Fault, *, times: int = 1) -> None:
        """Let the next `times` calls of `method` (such as "chat.postMessage") meet `fault`."""
        self._orders[method].extend([fault] * times)

    def take(self, method: str) -> Fault | None:
        """The fault the present call meets, which is thereby used up."""
        orders = self._orders[method]
        return orders.popleft() if orders else None

    @property
    def left(self) -> int:
        """How many faults are still on order."""
        return sum(len(orders) for orders in self._orders.values())

    def clear(self) -> None:
        """Withdraw every order."""
        self._orders.clear()
