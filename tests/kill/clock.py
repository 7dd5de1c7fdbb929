"""One clock for all processes of a test: the machine's, plus what has been let pass, which stands in a file.

The bot waits for Okta for minutes at times, and 30 s before it takes a one-time link for lost. Nobody has to sit through
that, if edge, workers and the twin agree on what time it is.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sandbox.clock import Clock

FILE: Final = "clock"
"""What the file is called, beside the settings."""


class SharedClock:
    """The time as every process sees it that was given the same file.

    Args:
        file: holds the seconds that have been let pass; none as long as it is not there.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._machine = Clock()

    def now(self) -> datetime:
        """The aware UTC time."""
        return self._machine.now() + timedelta(seconds=self._passed())

    def advance(self, by: timedelta) -> None:
        """Let time pass for everybody; whoever reads meanwhile sees all of it or nothing."""
        passed = self._passed() + by.total_seconds()
        written = self._file.with_suffix(".next")
        written.write_text(str(passed), "utf-8")
        written.replace(self._file)

    def _passed(self) -> float:
        return float(self._file.read_text("utf-8")) if self._file.exists() else 0.0
