"""How long a decision takes: `policy.decide` over what it meets, against a look-up in a table of the same requests.

    python -m bench.decide [--rounds 5]

Every capability, with an account as it mostly is and one that fits what is asked, unconfirmed and confirmed, with and without
a proof. The baseline does what no decision can do without: it finds the capability by its name and copies the request once.
Goal: a median under 50 microseconds.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from statistics import median

import handlers
from bot import policy
from bot.capability import Capability, Facts
from bot.evidence import Method, Proof
from bot.model import Actor, Intent, Origin, Place, Request, Surface
from bot.rules import Mode, ProofRules, Required, Rules
from okta.models import Factor, Profile, User

NOW = datetime(2026, 11, 23, 8, 55, tzinfo=UTC)
CALLS = 2_000

FACTORS = tuple(
    Factor(id=f"f{number}", factor_type=kind, provider="OKTA", status="ACTIVE", created=NOW - timedelta(days=90))
    for number, kind in enumerate(("push", "token:software:totp", "webauthn", "sms"))
)


def accounts() -> Iterator[Facts]:
    """Accounts as people come with them."""
    for status in ("ACTIVE", "LOCKED_OUT", "PROVISIONED"):
        profile = Profile(login="maya@northwind.example", email="maya@northwind.example", first_name="Maya")
        yield Facts(User(id="00u1", status=status, profile=profile), blocks=(), factors=FACTORS)


def rules() -> Rules:
    """Rules as a company would set them."""
    registry = handlers.find()
    required = {name: Required.FACTOR if one.takes_over else Required.NONE for name, one in registry.items()}
    return Rules(
        modes=dict.fromkeys(registry, Mode.ACT),
        proof=ProofRules(required=required, methods=frozenset({Method.PUSH, Method.CODE})),
    )


def requests(capability: Capability, facts: Facts, given: Rules) -> Iterator[Request]:
    """The same request at each of its stages."""
    asked = Request(
        id="r1",
        origin=Origin.PERSON,
        actor=Actor("UMAYA", "T1"),
        intent=Intent(capability.name, {"chosen": "f2"}),
        place=Place(Surface.DM),
        asked_at=NOW,
    )
    yield asked
    offered = policy.decide(capability, asked, facts, given, NOW).offered
    confirmed = replace(asked, offered=offered, consented_at=NOW)
    yield confirmed
    yield replace(confirmed, proof=Proof(Method.PUSH, "f0", "00u1", NOW, NOW))


def took(call: Callable[[], object]) -> float:
    """Microseconds that one call takes, out of many."""
    begun = time.perf_counter()
    for _ in range(CALLS):
        call()
    return (time.perf_counter() - begun) / CALLS * 1e6


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="how often all is measured")
    given, registry, ruled = parser.parse_args(), handlers.find(), rules()
    cases = [
        (one, request, facts)
        for one in registry.values()
        for facts in accounts()
        for request in requests(one, facts, ruled)
    ]
    ours, least = list[float](), list[float]()
    for _ in range(given.rounds):
        for one, request, facts in cases:
            ours.append(took(lambda: policy.decide(one, request, facts, ruled, NOW)))  # noqa: B023 - called at once
            least.append(took(lambda: replace(request, intent=Intent(registry[one.name].name))))  # noqa: B023 - the same
    print(f"{len(cases)} cases, {given.rounds} rounds, {CALLS} calls each; microseconds a call, median and longest")
    print(f"  a decision  {median(ours):7.1f}  {max(ours):7.1f}")
    print(
        f"  a look-up   {median(least):7.1f}  {max(least):7.1f}   a decision is {median(ours) / median(least):.1f} of it"
    )


if __name__ == "__main__":
    main()
