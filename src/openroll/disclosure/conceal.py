"""Putting digests in the place of values (RFC 9901 section 4.2): what an issuer does."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openroll.disclosure.disclosure import RESERVED, Disclosure, DisclosureError


@dataclass(frozen=True, slots=True)
class Hidden:
    """Marks a property's value or an array's element as disclosable; what is inside may hold more of them."""

    value: Any


def conceal(
    payload: Mapping[str, Any],
    salts: Iterator[str],
    *,
    decoys: Mapping[tuple[str | int, ...], Sequence[str]] | None = None,
    algorithm: str = "sha-256",
) -> tuple[dict[str, Any], list[Disclosure]]:
    """The payload with digests where `Hidden` stood, `_sd_alg` beside them, and the disclosures, inner ones first.

    `salts` gives one fresh salt (128 bits or more, base64url) a disclosure. `decoys` are digests of nothing, by the path of the
    object or array they go into (RFC 9901 section 4.2.5). Digests of an object are sorted, so that order tells nothing.
    Raises DisclosureError for a name that the RFC reserves.
    """
    work = _Concealing(salts, dict(decoys or {}), algorithm)
    concealed = work.object(payload, ())
    if work.disclosures or decoys:
        concealed["_sd_alg"] = algorithm
    return concealed, work.disclosures


class _Concealing:
    def __init__(
        self, salts: Iterator[str], decoys: dict[tuple[str | int, ...], Sequence[str]], algorithm: str
    ) -> None:
        self.salts = salts
        self.decoys = decoys
        self.algorithm = algorithm
        self.disclosures: list[Disclosure] = []

    def object(self, given: Mapping[str, Any], path: tuple[str | int, ...]) -> dict[str, Any]:
        concealed: dict[str, Any] = {}
        digests = list(self.decoys.get(path, ()))
        for name, value in given.items():
            if name in RESERVED:
                raise DisclosureError(f"a property named {name!r} is reserved by RFC 9901")
            inner = self.value(value.value if isinstance(value, Hidden) else value, (*path, name))
            if isinstance(value, Hidden):
                digests.append(self._keep(Disclosure.of_property(next(self.salts), name, inner)))
            else:
                concealed[name] = inner
        if digests:
            concealed["_sd"] = sorted(digests)
        return concealed

    def value(self, given: Any, path: tuple[str | int, ...]) -> Any:
        if isinstance(given, Mapping):
            return self.object(given, path)
        if isinstance(given, list | tuple):
            return self._array(given, path)
        return given

    def _array(self, given: Sequence[Any], path: tuple[str | int, ...]) -> list[Any]:
        concealed: list[Any] = []
        for index, value in enumerate(given):
            inner = self.value(value.value if isinstance(value, Hidden) else value, (*path, index))
            if isinstance(value, Hidden):
                inner = {"...": self._keep(Disclosure.of_element(next(self.salts), inner))}
            concealed.append(inner)
        return concealed + [{"...": decoy} for decoy in self.decoys.get(path, ())]

    def _keep(self, disclosure: Disclosure) -> str:
        self.disclosures.append(disclosure)
        return disclosure.digest(self.algorithm)
