"""Private keys: what is taken, in which form, and what is told of one that is not."""

import json
from typing import Final

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from okta.keys import KeyFormatError, SigningKey
from tests.okta.apps import CURVES, jwk, pem, private, public
from tests.okta.properties import patient

RSA: Final = ("RS256", "RS384", "RS512")
MARK: Final = "MarkedSecretOfTheTests"


@pytest.mark.parametrize("algorithm", [*RSA, *CURVES])
def test_a_jwk_says_how_it_signs(algorithm: str) -> None:
    """Each of Okta's six algorithms; what is signed can be verified with the public key, and names the key."""
    held = SigningKey(jwk(private(algorithm), alg=algorithm, kid="k1"))

    signed = held.sign({"iss": "me"}, typ="odd")

    assert (held.algorithm, held.kid) == (algorithm, "k1")
    assert jwt.decode(signed, jwt.PyJWK(held.public_jwk(), algorithm), [algorithm]) == {"iss": "me"}
    assert jwt.get_unverified_header(signed) == {"alg": algorithm, "kid": "k1", "typ": "odd"}


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
@pytest.mark.parametrize("algorithm", ["RS256", *CURVES])
def test_a_pem_signs_as_its_key_can(algorithm: str, form: PrivateFormat) -> None:
    """In both forms, with blanks around it; the id is told beside it, or there is none."""
    text = f"\n  {pem(private(algorithm), form)}  \n"

    assert SigningKey(text).algorithm == algorithm
    assert SigningKey(text, kid="k2").kid == "k2"
    assert SigningKey(text, kid="").kid is None
    assert "kid" not in jwt.get_unverified_header(SigningKey(text).sign({}))


def test_an_id_that_is_told_outweighs_that_of_the_jwk() -> None:
    """Okta may have the key under another one; and what is no text is no id."""
    assert SigningKey(jwk(private("ES256"), kid="own"), kid="told").kid == "told"
    assert SigningKey(json.dumps(json.loads(jwk(private("ES256"))) | {"kid": 5})).kid is None


@pytest.mark.parametrize("algorithm", ["RS256", *CURVES])
def test_the_public_key_holds_nothing_private(algorithm: str) -> None:
    """Only what RFC 7638 makes a thumbprint of."""
    told = SigningKey(jwk(private(algorithm), kid="k1")).public_jwk()

    expected = {"kty", "n", "e"} if algorithm in RSA else {"kty", "crv", "x", "y"}
    assert told.keys() == expected
    assert told.items() <= public(private(algorithm)).items()


def _encrypted() -> str:
    return private("ES256").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")).decode()


def _other(key: dsa.DSAPrivateKey | ed25519.Ed25519PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _public_pem() -> str:
    return private("ES256").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        MARK,
        f"-----BEGIN PRIVATE KEY-----\n{MARK}\n-----END PRIVATE KEY-----",
        f'{{"kty":"EC","d":"{MARK}"}}',
        f'{{"kty":"RSA","d":"{MARK}","n":"{MARK}","e":"AQAB"}}',
        f'{{"kty":"oct","k":"{MARK}"}}',
        f'{{"kty":5,"d":"{MARK}"}}',
        f'{{"kty":"EC","crv":"P-256","x":5,"y":null,"d":"{MARK}"}}',
        f"{{{MARK}",
        "{" * 100_000,
        json.dumps(public(private("ES256"))),
        json.dumps(public(private("RS256"))),
        _encrypted(),
        _public_pem(),
        _other(ed25519.Ed25519PrivateKey.generate()),
        _other(dsa.generate_private_key(2048)),
        f"\ud800{MARK}",
    ],
    ids=range(17),
)
def test_what_is_no_private_key(text: str) -> None:
    """Is refused with what it should be, and repeated nowhere."""
    with pytest.raises(KeyFormatError, match=r"PEM text .* or a JWK") as caught:
        SigningKey(text)

    assert MARK not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (pem(rsa.generate_private_key(public_exponent=65_537, key_size=1024)), "2048 bits"),  # noqa: S505 - that is what is tested
        (pem(ec.generate_private_key(ec.SECP256K1())), "P-256, P-384 or P-521"),
        (jwk(private("ES256"), alg="ES384"), "ES256"),
        (jwk(private("ES256"), alg="none"), "ES256"),
        (jwk(private("RS256"), alg="PS256"), "RS256 or RS384 or RS512"),
        (jwk(private("RS256"), alg="HS256"), "RS256 or RS384 or RS512"),
    ],
)
def test_a_key_that_okta_does_not_take(text: str, why: str) -> None:
    """Too short, on another curve, or made for something else."""
    with pytest.raises(KeyFormatError, match=why):
        SigningKey(text)


@patient
@given(st.text() | st.text().map("{{{}}}".format) | st.dictionaries(st.text(), st.text()).map(json.dumps))
def test_any_text_is_a_key_or_is_refused(text: str) -> None:
    """In one way."""
    with pytest.raises(KeyFormatError):
        SigningKey(text)


def test_a_key_does_not_show_itself() -> None:
    """Its algorithm and its id are no secrets."""
    held = SigningKey(jwk(private("ES256"), kid="k1"))

    assert repr(held) == str(held) == "SigningKey(ES256, kid='k1', …)"
