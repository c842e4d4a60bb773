"""RFC 9901: its published digests, the cases of the reference package, and the package itself in both directions."""

import itertools
import json
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS
from sd_jwt.common import SDObj
from sd_jwt.holder import SDJWTHolder
from sd_jwt.issuer import SDJWTIssuer
from sd_jwt.utils.yaml_specification import load_yaml_specification
from sd_jwt.verifier import SDJWTVerifier
from tests.vectors import found, needs

from openroll.disclosure import Disclosure, DisclosureError, Hidden, conceal, digests_of, reveal

CASES = found("sd-jwt", "*/specification.yml")
KEY = JWK(
    kty="EC",
    crv="P-256",
    d="Ur2bNKuBPOrAaxsRnbSH6hIhmNTxSGXshDSUD1a1y7g",
    x="b28d4MwZMjw8-00CG4xfnn9SLMVMM19SlqZpVb_uNtQ",
    y="Xv5zWwuoaTgdS6hV43yI6gBwTnjukmFQQnJ_kCxzqk8",
)
"""The issuer's key of the RFC's examples (RFC 9901, appendix A.5)."""


def hidden(value: Any) -> Any:
    """The reference package's marks as ours."""
    if isinstance(value, dict):
        return {
            key.value if isinstance(key, SDObj) else key: Hidden(hidden(inner))
            if isinstance(key, SDObj)
            else hidden(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [Hidden(hidden(one.value)) if isinstance(one, SDObj) else hidden(one) for one in value]
    return value


def salts() -> Iterator[str]:
    """Salts that differ, which is all that a test needs of them."""
    return (f"salt-number-{count:011d}" for count in itertools.count())


def presented(case: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What the reference package issues and its holder presents: the payload, and the encoded disclosures."""
    claims = case["user_claims"] | {"iss": "https://example.com/issuer"}
    issuer = SDJWTIssuer(claims, KEY, add_decoy_claims=case.get("add_decoy_claims", False))
    holder = SDJWTHolder(issuer.sd_jwt_issuance)
    holder.create_presentation(case.get("holder_disclosed_claims", {}))
    token, *disclosures = holder.sd_jwt_presentation.split("~")
    body = token.split(".")[1]
    return json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4))), [one for one in disclosures if one]


@needs("sd-jwt")
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.parent.name)
def test_we_reveal_what_the_reference_package_issues(path: Path) -> None:
    """What the reference package issues and presents, we reveal as each published case expects."""
    case = load_yaml_specification(path)
    payload, disclosures = presented(case)
    revealed = reveal(payload, disclosures)
    for claim in ("iss", "cnf"):
        revealed.pop(claim, None)
    assert revealed == {
        name: value for name, value in case["expect_verified_user_claims"].items() if name not in ("iss", "cnf")
    }


@needs("sd-jwt")
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.parent.name)
def test_the_reference_package_verifies_what_we_conceal(path: Path) -> None:
    """What we conceal, with every disclosure and some decoys, the reference package verifies to the whole payload."""
    marked = hidden(load_yaml_specification(path)["user_claims"])
    concealed, disclosures = conceal(marked, salts(), decoys={(): ["9eG3TSdkvQ1MlI4Wz8j3ZKJvPoDxwmuEcO3XAdRC0aA"]})
    token = JWS(json.dumps(concealed | {"iss": "https://example.com/issuer"}))
    token.add_signature(KEY, alg="ES256", protected=json.dumps({"alg": "ES256", "typ": "example+sd-jwt"}))
    serial = "~".join([token.serialize(compact=True), *(one.encoded for one in disclosures), ""])
    verified = SDJWTVerifier(serial, lambda *_: KEY).get_verified_payload()
    verified.pop("iss")
    assert verified == reveal(concealed, [one.encoded for one in disclosures])


def test_the_published_digest_of_the_family_name() -> None:
    """The RFC's own example gives the RFC's own digest (section 4.2.3)."""
    disclosure = Disclosure.of_property("_26bc4LT-ac6q2KI6cBW5es", "family_name", "Möbius")
    assert disclosure.encoded == "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
    assert disclosure.digest() == "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"


def test_the_digest_is_over_the_characters_received() -> None:
    """Other white space in the JSON is another digest, as in the RFC's list of equivalent encodings (section 4.2.1)."""
    compact = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsImZhbWlseV9uYW1lIiwiTcO2Yml1cyJd"
    assert Disclosure.parse(compact).value == "Möbius"
    assert Disclosure.parse(compact).digest() != "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"


A = Disclosure.of_property("salt-a", "a", 1)
ELEMENT = Disclosure.of_element("salt-e", 1)
REFUSED: dict[str, tuple[Any, list[str]]] = {
    "a disclosure that no digest refers to": ({"_sd": []}, [A.encoded]),
    "a digest that stands twice": ({"_sd": [A.digest()], "b": {"_sd": [A.digest()]}}, [A.encoded]),
    "a disclosure given twice": ({"_sd": [A.digest()]}, [A.encoded, A.encoded]),
    "a property that is there already": ({"_sd": [A.digest()], "a": 2}, [A.encoded]),
    "an element's disclosure for a property": ({"_sd": [ELEMENT.digest()]}, [ELEMENT.encoded]),
    "a property's disclosure for an element": ({"l": [{"...": A.digest()}]}, [A.encoded]),
    "digests that are no list": ({"_sd": "x"}, []),
    "a digest that is no string": ({"_sd": [1]}, []),
    "an element's digest outside an array": ({"...": "x"}, []),
    "an unknown algorithm": ({"_sd_alg": "md5", "_sd": [A.digest()]}, [A.encoded]),
    "an algorithm that is no name": ({"_sd_alg": 1}, []),
    "a disclosure that is not base64url": ({}, ["**"]),
    "a disclosure that is not a list": ({}, ["e30"]),
    "a disclosure of four parts": ({}, ["WyJhIiwgImIiLCAxLCAyXQ"]),
    "a disclosure of a reserved name": ({}, ["WyJhIiwgIl9zZCIsIDFd"]),
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_refused(sentence: str) -> None:
    """What RFC 9901 section 7.1 refuses is refused with the one family of errors."""
    payload, disclosures = REFUSED[sentence]
    with pytest.raises(DisclosureError):
        reveal(payload, disclosures)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.text(max_size=6), JSON, max_size=4), st.lists(st.text(max_size=30), max_size=3))
def test_no_input_gives_anything_but_a_payload_or_the_one_family(
    payload: dict[str, Any], disclosures: list[str]
) -> None:
    """Any payload and any disclosures are revealed or refused, never anything else."""
    try:
        reveal(payload, disclosures)
    except DisclosureError:
        return


@given(
    st.dictionaries(st.sampled_from(["name", "address", "phone"]), st.text(max_size=20), max_size=3),
    st.lists(st.binary(min_size=32, max_size=32), max_size=3),
)
def test_a_records_digests_open_with_their_disclosures_only(fields: dict[str, str], decoys: list[bytes]) -> None:
    """Digests come sorted, told and untold alike; the disclosures give back exactly the fields told."""
    digests, disclosed = digests_of(fields, {name: name.encode().ljust(16) for name in fields}, decoys)
    assert digests == sorted(digests)
    assert len(digests) == len(fields) + len(decoys)
    if len(set(digests)) == len(digests):
        assert reveal({"_sd": digests}, [one.encoded for one in disclosed.values()]) == fields
