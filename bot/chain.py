"""The chain of the audit: each entry is linked to all that came before it, so that none can change unnoticed.

The link of an entry is SHA-256 of the link before it and the SHA-256 of the entry's bytes as they are stored, 32 bytes
each; before the first there are zeros. Entries carry their number and the link before them, the store the newest of
both, so that what is left after the oldest entries were let go can still be checked. Any number of processes write:
the store itself makes the link, in the script that makes the transition. Pure.
"""

import hashlib
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
