"""What the doctor says: one finding a line, and what they amount to. Pure."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import groupby
from typing import Final

SCHEMA: Final = 1
"""The version of the JSON document; it grows when a name or a meaning changes, not when something is added."""


class Mark(StrEnum):
    """How something stands."""

    OK = "ok"
    NOTE = "note"  # nothing is wrong, and somebody may want to know
    UNKNOWN = "unknown"  # it cannot be seen from here
    WARNING = "warning"  # it works now, and is worth a change
    PROBLEM = "problem"  # something does not work, or is unsafe


class Area(StrEnum):
    """What a finding is about, in the order in which it is told."""

    SETTINGS = "Settings"
    STORE = "Store"
    SLACK = "Slack"
    OKTA = "Okta"
    CAPABILITIES = "Capabilities"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line.

    Attributes:
        area: what it is about.
        name: what was looked at.
        mark: how it stands.
        what: the finding in plain words; holds no secret.
        fix: what to do, and where; empty where nothing is to be done.
    """

    area: Area
    name: str
    mark: Mark
    what: str
    fix: str = ""


COLOURS: Final = {Mark.OK: "32", Mark.NOTE: "36", Mark.UNKNOWN: "35", Mark.WARNING: "33", Mark.PROBLEM: "31"}


def verdict(findings: Iterable[Finding]) -> Mark:
    """The worst of them: OK or PROBLEM; what is less than a problem does not fail."""
    return Mark.PROBLEM if any(finding.mark is Mark.PROBLEM for finding in findings) else Mark.OK


def as_json(findings: Sequence[Finding]) -> str:
    """The document of `--json`."""
    document = {
        "schema": SCHEMA,
        "ok": verdict(findings) is Mark.OK,
        "findings": [asdict(finding) for finding in findings],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def as_text(findings: Iterable[Finding], *, colours: bool = False) -> str:
    """The table, by area; a fix stands below its finding."""
    order = {area: number for number, area in enumerate(Area)}
    lines: list[str] = []
    for area, found in groupby(sorted(findings, key=lambda finding: order[finding.area]), lambda finding: finding.area):
        lines += ["", str(area)] if lines else [str(area)]
        for finding in found:
            mark = f"{finding.mark:<8}"
            shown = f"\033[{COLOURS[finding.mark]}m{mark}\033[0m" if colours else mark
            lines.append(f"  {shown} {finding.name}: {finding.what}")
            if finding.fix:
                lines.append(f"{'':11}Fix: {finding.fix}")
    return "\n".join(lines)
