"""The documentation names what there is, with the defaults that hold, and its links lead somewhere."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.errors import SettingsError
from bot.settings import DEFAULT_MODES, FIELDS, load, variable

ROOT = Path(__file__).parents[1]

SETTINGS = {name for name in FIELDS if name != "capabilities"} | {f"capabilities.{name}" for name in DEFAULT_MODES}

NEEDED = {
    *("slack.bot_token", "slack.app_token", "slack.signing_secret"),
    "audit.key",
    *("okta.org_url", "okta.api_token", "okta.private_key"),
}
"""The settings that have to be given, always or in some mode."""

ROW = re.compile(r"^\| `([a-z_.]+)` \| (.+?) \| (.+?) \| .+ \|$", re.MULTILINE)

LINK = re.compile(r"\]\((?!https?:)([^)#]+)[^)]*\)")

PAGES = ["README.md", "SECURITY.md", *(f"docs/{page.name}" for page in sorted((ROOT / "docs").glob("*.md")))]
"""What is read."""


def default(name: str) -> Any:
    """The default of a setting as plain TOML has it; None where there is none."""
    if name.startswith("capabilities."):
        return DEFAULT_MODES[name.removeprefix("capabilities.")].value
    if FIELDS[name].is_required():
        return None
    value = FIELDS[name].get_default()
    return (
        str(value) if isinstance(value, Path) else json.loads(json.dumps(value)) if isinstance(value, tuple) else value
    )


def example() -> dict[str, Any]:
    """The example file with every setting taken into use, by dotted name."""
    text = re.sub(r"^#(?=[a-z_]+ = )", "", (ROOT / "unlatch.example.toml").read_text("utf-8"), flags=re.MULTILINE)
    return dict(_leaves(tomllib.loads(text)))


def _leaves(table: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{above}{name}.")
        else:
            yield above + name, value


def test_the_example_file_holds_every_setting_with_its_default() -> None:
    """Where there is no default, the value is empty, which counts as not given."""
    assert example() == {name: "" if default(name) is None else default(name) for name in SETTINGS}


def test_the_example_file_as_it_is_gives_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Copied and not filled in, it lacks what an empty file lacks."""
    monkeypatch.setattr("os.environ", {})

    with pytest.raises(SettingsError) as caught:
        load(ROOT / "unlatch.example.toml")

    assert [problem.what.split(".")[0] for problem in caught.value.problems] == ["missing"] * 4


def test_the_reference_names_every_setting_once() -> None:
    """With its variable and its default."""
    rows = ROW.findall((ROOT / "docs" / "settings.md").read_text("utf-8"))

    assert sorted(name for name, _, _ in rows) == sorted(SETTINGS)
    for name, named, given in rows:
        assert named.replace("`", "") == variable(name)
        value = default(name)
        if value is None:
            assert given.split()[0] in {"needed", "none"}, name
            assert given.startswith("needed") == (name in NEEDED), name
        else:
            assert given == f"`{value if isinstance(value, str) else json.dumps(value)}`"


@pytest.mark.parametrize("page", PAGES)
def test_relative_links_lead_somewhere(page: str) -> None:
    """A file that is moved takes its links along."""
    file = ROOT / page
    missing = [link for link in LINK.findall(file.read_text("utf-8")) if not (file.parent / link).exists()]

    assert missing == []


def test_the_readme_names_every_capability() -> None:
    """Its table is the list of features."""
    named = re.findall(r"^\| `([a-z_]+)` \|", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)

    assert sorted(named) == sorted(DEFAULT_MODES)


@pytest.mark.parametrize(("page", "least"), [("threat-model.md", 50), ("security.md", 10)])
def test_every_attack_and_promise_has_its_test(page: str, least: int) -> None:
    """The pages name tests that there are."""
    named = re.findall(r"`(tests/[a-z_/]+\.py)::(test_\w+)`", (ROOT / "docs" / page).read_text("utf-8"))

    assert len(named) >= least
    for file, name in named:
        assert f"def {name}(" in (ROOT / file).read_text("utf-8"), name
