"""Faults that a test or the page orders in advance: what a network, a gateway or Okta itself may do to a request."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What goes wrong with a request, and whether its effect still happens."""

    RATE_LIMIT = "rate_limit"  # 429 E0000047, not executed, and the whole bucket is used up; `seconds` until the reset
    CONCURRENCY = "concurrency"  # 429 E0000047 with a limit of 0, not executed
    ERROR_500 = "error_500"  # 500 E0000009, not executed
    UNAVAILABLE_503 = "unavailable_503"  # 503 E0000181, not executed
    READ_ONLY_503 = "read_only_503"  # 503 E0000010, not executed
    GATEWAY_502 = "gateway_502"  # 502 in HTML, not executed
    GATEWAY_504 = "gateway_504"  # 504 in HTML, executed
    STALL = "stall"  # executed after `seconds`, even if the client has given up by then
    STALL_AFTER = "stall_after"  # executed at once, answered after `seconds`
    CUT_BEFORE = "cut_before"  # the connection breaks, not executed
    CUT_AFTER = "cut_after"  # executed, then the connection breaks without an answer


@dataclass(slots=True)
class Order:
    """One fault on order, for as many requests as are left."""

    method: str
    path: re.Pattern[str]
    fault: Fault
    seconds: float
    left: int


class Faults:
    """The faults on order; of several that fit a request, the first ordered comes first."""

    def __init__(self) -> None:
        self._orders: list[Order] = []

    def order(self, method: str, path_pattern: str, fault: Fault, *, times: int = 1, seconds: float = 30.0) -> None:
        """Let the next requests that fit go wrong.

        Args:
            method: `*` for any, `POST|DELETE` for either.
            path_pattern: a path, in which `*` stands for one segment and `**` for anything.
            fault: what happens.
            times: to how many requests.
            seconds: how long a stall lasts, or until when a rate limit holds.
        """
        self._orders.append(Order(method, _pattern(path_pattern), fault, seconds, times))

    def take(self, method: str, path: str) -> Order | None:
        """The fault for this request, used up by it."""
        for order in self._orders:
            if (order.method == "*" or method in order.method.split("|")) and order.path.fullmatch(path):
                order.left -= 1
                if order.left <= 0:
                    self._orders.remove(order)
                return order
        return None

    def left(self, fault: Fault) -> int:
        """How many requests are still to meet this fault."""
        return sum(order.left for order in self._orders if order.fault is fault)

    def clear(self, fault: Fault | None = None) -> None:
        """Forget what is still on order, or what is of this fault."""
        self._orders = [order for order in self._orders if fault is not None and order.fault is not fault]


def _pattern(glob: str) -> re.Pattern[str]:
    return re.compile(re.escape(glob).replace(r"\*\*", ".*").replace(r"\*", "[^/]+"))
