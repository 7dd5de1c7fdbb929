"""Expressions, read by the twin's own parser: they say what was meant, whatever the value is."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from okta.client import OktaClient
from okta.search import Expression, eq
from sandbox.okta import Org
from sandbox.okta.directory import search_dialect
from sandbox.okta.expressions import Dialect, parse
from sandbox.people import Employee, Group, Status
from tests.okta.properties import patient

EVERYTHING = Dialect(
    allows=lambda path, operator: path in {"a", "b.c"} and operator == "eq",
    dates=frozenset(),
    ignores_case=False,
    malformed="E0000031",
    longest=1_000_000,
)
"""Two attributes, compared to the letter."""

VALUES = st.text(st.characters(codec="utf-8"))
"""All that a query can carry: there is no encoding of half a surrogate pair but the escape that JSON has for it."""

HOSTILE = [
    'maya" or status eq "ACTIVE',
    '" or a pr or a eq "',
    "\\",
    '\\" or a eq \\"',
    '\\\\" or a eq "',
    "\n\r\t\0\x7f\u2028",
    ") or (a eq",
    "%22 or a pr",
    "\U0001f511",
    "",
]


def matches(expression: Expression, record: dict[str, Any]) -> bool:
    """Whether a record matches, after the way that the text takes to Okta."""
    return parse(str(expression), EVERYTHING)(record)


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_is_a_value(value: str) -> None:
    """It matches itself and nothing else."""
    assert matches(eq("a", value), {"a": value})
    assert not matches(eq("a", value), {"a": "ACTIVE"})
    assert not matches(eq("a", value), {"a": None})


@patient
@given(VALUES, VALUES)
def test_no_value_breaks_out(value: str, other: str) -> None:
    """For any two texts, equal is equal and different is different."""
    assert matches(eq("a", value), {"a": value})
    assert matches(eq("a", value), {"a": other}) == (value == other)


@patient
@given(st.text(st.characters(codec=None)))
@example("maya\ud800")
@example("\udfffmaya")
def test_half_a_surrogate_pair_can_be_sent(value: str) -> None:
    """And still means itself."""
    expression = eq("a", value)

    str(expression).encode()
    assert matches(expression, {"a": value})


@patient
@given(VALUES, VALUES, VALUES, VALUES)
def test_joined_conditions_keep_their_meaning(one: str, two: str, held: str, also: str) -> None:
    """Whichever way they are nested."""
    record = {"a": held, "b": {"c": also}}
    first, second = held == one, also == two
    a, b = eq("a", one), eq("b.c", two)

    assert matches(a & b, record) == (first and second)
    assert matches(a | b, record) == (first or second)
    assert matches((a | b) & b, record) == second
    assert matches(a & b | b, record) == second
    assert matches(a | a & b, record) == first


@pytest.mark.parametrize("name", ["", " ", "a b", "a.", ".a", "a..b", "1a", 'a"', "a\n", "a eq", "\u00e4", "a-b", "a("])
def test_what_is_no_name_is_refused(name: str) -> None:
    """Names come from settings; they are not quoted, so they must be names."""
    with pytest.raises(ValueError, match="not the name of a property"):
        eq(name, "x")


@patient
@given(st.text())
def test_no_name_breaks_out(name: str) -> None:
    """Whatever is accepted is a single attribute to Okta."""
    try:
        expression = eq(name, "x")
    except ValueError:
        return
    only = Dialect(
        lambda path, operator: (path, operator) == (name, "eq"), frozenset(), ignores_case=False, malformed="E1"
    )
    parse(str(expression), only)


@patient
@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_the_length_that_okta_allows_is_enough_for_an_address(value: str) -> None:
    """An e-mail address has 254 characters at most."""
    parse(str(eq("profile.email", value)), search_dialect(frozenset()))


@pytest.mark.parametrize("value", HOSTILE)
async def test_a_hostile_address_finds_nobody_else(okta: OktaClient, org: Org, value: str) -> None:
    """All the way: quoted, encoded, sent, read and compared."""
    impostor = Employee("eve", "Eve Marsh", Status.ACTIVE, "Guest", Group.STORES)
    org.hire(impostor, nickName=value)

    found = [user.id async for user in okta.users(search=eq("profile.nickName", value))]

    assert found == [impostor.id]
