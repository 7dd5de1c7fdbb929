"""The chain of the audit: each entry is linked to all that came before it, so that none can change unnoticed.

The link of an entry is SHA-256 of the link before it and the SHA-256 of the entry's bytes as they are stored, 32 bytes
each; before the first there are zeros. Entries carry their number and the link before them, the store the newest of
both, so that what is left after the oldest entries were let go can still be checked. Any number of processes write:
the store itself makes the link, in the script that makes the transition. Pure.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

GENESIS: Final = "0" * 64
"""The link before the first entry."""


@dataclass(frozen=True, slots=True)
class Head:
    """How far a chain has come: the number of its last entry, from 1, and that one's link."""

    seq: int = 0
    link: str = GENESIS

    @classmethod
    def read(cls, value: bytes | None) -> "Head":
        """As the store keeps it; that of an empty chain if there is none.

        Raises:
            ValueError: it is not one.
        """
        if value is None:
            return cls()
        seq, link = value.decode().split(" ")
        if len(bytes.fromhex(link)) != len(GENESIS) // 2:
            raise ValueError(link)
        return cls(int(seq), link)


def digest(body: bytes) -> str:
    """Of an entry's bytes."""
    return hashlib.sha256(body).hexdigest()


def follow(before: str, body: bytes) -> str:
    """The link of an entry.

    Raises:
        ValueError: the link before it is not one.
    """
    return hashlib.sha256(bytes.fromhex(before) + hashlib.sha256(body).digest()).hexdigest()


@dataclass(frozen=True, slots=True)
class Claim:
    """That the chain had a certain head once, and who says so; seen from a time when it was so."""

    head: Head
    by: str


class Check:
    """Follows a chain, entry by entry, and collects what is wrong with it, a sentence for each.

    Args:
        claims: heads that the chain must have passed through.
        base: the head before the first entry, where that is known.
    """

    def __init__(self, claims: Iterable[Claim] = (), base: Head | None = None) -> None:
        self.first = self.last = Head()
        self.count = 0
        self._base = base
        self._claims = list(claims)
        self._wanted: dict[int, list[Claim]] = {}
        for claim in self._claims:
            self._wanted.setdefault(claim.head.seq, []).append(claim)
        self._gaps: list[tuple[int, int]] = []
        self._faults: list[str] = []

    def take(self, seq: int, prev: str, body: bytes) -> None:
        """Look at the next entry: its number, the link before it, and its bytes."""
        if not self.count:
            self._begin(Head(seq - 1, prev))
        self.count += 1
        if seq <= self.last.seq:
            self._late(seq)
            return
        if seq > self.last.seq + 1:
            self._gaps.append((self.last.seq + 1, seq - 1))
        elif prev != self.last.link:
            self._faults.append(f"entry {seq - 1} was changed after it was written, or the link from entry {seq} to it")
        try:
            link = follow(prev, body)
        except ValueError:
            self._faults.append(f"the link of entry {seq} to the one before it is damaged")
            link = ""
        self.last = Head(seq, link)
        self._faults += (_denied(claim) for claim in self._wanted.get(seq, ()) if claim.head.link != link)

    def faults(self) -> list[str]:
        """What is wrong with all that was taken, and what lies beyond its end."""
        gaps = [f"{_entries(*gap)} missing" for gap in self._gaps]
        if self.count and (ends := [claim for claim in self._claims if claim.head.seq == self.first.seq]):
            gaps += [_denied(claim) for claim in ends if claim.head.link != self.first.link]
        beyond = max((claim for claim in self._claims), key=lambda claim: claim.head.seq, default=None)
        if beyond is not None and beyond.head.seq > self.last.seq:
            lost = _entries(self.last.seq + 1, beyond.head.seq)
            gaps.append(f"{lost} cut off at the end: {beyond.by} knows of them")
        return [*self._faults, *gaps]

    def _begin(self, before: Head) -> None:
        self.first = self.last = before
        base = self._base
        if base is None or base == before:
            return
        if before.seq > base.seq:
            self._faults.append(f"{_entries(base.seq + 1, before.seq)} missing at the beginning")
        else:
            self._faults.append("the first entry is not the one that the beginning announces")

    def _late(self, seq: int) -> None:
        """An entry whose number is not greater than those before it: it was put there, or is a copy."""
        for at, (first, last) in enumerate(self._gaps):
            if first <= seq <= last:
                left = ((first, seq - 1), (seq + 1, last))
                self._gaps[at : at + 1] = [gap for gap in left if gap[0] <= gap[1]]
                self._faults.append(f"entry {seq} stands in the wrong place, after entry {self.last.seq}")
                return
        self._faults.append(f"entry {seq} is there again, after entry {self.last.seq}")


def _denied(claim: Claim) -> str:
    return f"up to entry {claim.head.seq} it is not the audit that {claim.by} knows: entries were written anew"


def _entries(first: int, last: int) -> str:
    return f"entry {first} is" if first == last else f"entries {first} to {last} are"
