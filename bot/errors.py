"""Errors that cross more than one part of the bot; those of one part stand in its own module."""

from collections.abc import Iterable
from dataclasses import dataclass


class StoreUnavailableError(Exception):
    """The store did not take, or could not read, what it was given. Nothing was acknowledged."""


class StaleRecordError(Exception):
    """The request has moved on since it was read; read it again."""


class SubjectBusyError(Exception):
    """Another request of the same subject is writing to Okta at this moment."""


class LeaseLostError(Exception):
    """The hold on a request was lost before anything was written; somebody else may have it now."""


class HeldBackError(Exception):
    """A write was not sent: the account has come to be protected, or, with an `error`, that could not be found out."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        super().__init__(type(error).__name__ if error else "protected")


class StartError(Exception):
    """The bot cannot start; the text says why and what to do, and holds no secret."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where, and what to do about it. Holds no value."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


class SettingsError(Exception):
    """The settings cannot be used; carries every problem, and reads as one line for each."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))
