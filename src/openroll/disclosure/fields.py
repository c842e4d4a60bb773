"""Digests of a record's fields: a flat list in which told and untold fields look alike."""

from collections.abc import Mapping, Sequence

from openroll.disclosure.disclosure import Disclosure, base64url


def digests_of(
    fields: Mapping[str, str], salts: Mapping[str, bytes], decoys: Sequence[bytes]
) -> tuple[list[str], dict[str, Disclosure]]:
    """Digests of object-property disclosures [salt, name, value], sorted together with decoys; and the disclosures by name.

    `salts` holds 16 random bytes or more for each field. Each of `decoys` is the 32 random bytes of a digest of nothing
    (RFC 9901 section 4.2.5): nobody without the disclosures can tell which digest is which, nor how many fields were told.
    """
    disclosed = {name: Disclosure.of_property(base64url(salts[name]), name, value) for name, value in fields.items()}
    digests = [disclosure.digest() for disclosure in disclosed.values()]
    return sorted(digests + [base64url(decoy) for decoy in decoys]), disclosed
