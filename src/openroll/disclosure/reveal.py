"""Putting disclosed values back in the place of their digests (RFC 9901 sections 7.1 and 7.3): what a verifier does."""

from collections.abc import Iterable, Mapping
from typing import Any

from openroll.disclosure.disclosure import Disclosure, DisclosureError


def reveal(payload: Mapping[str, Any], disclosures: Iterable[str]) -> dict[str, Any]:
    """The payload with every disclosed value in its place and every other digest gone.

    Raises DisclosureError, as RFC 9901 section 7.1 asks, for: a disclosure that no digest refers to, a digest that stands
    twice, a disclosure of the wrong kind for its place, a name that is there already, reserved names, unknown algorithms.
    """
    algorithm = payload.get("_sd_alg", "sha-256")
    if not isinstance(algorithm, str):
        raise DisclosureError("_sd_alg names a hash algorithm")
    work = _Revealing(disclosures, algorithm)
    try:
        revealed = work.object({name: value for name, value in payload.items() if name != "_sd_alg"})
    except RecursionError as error:
        raise DisclosureError("the payload is nested too deeply") from error
    if work.waiting:
        raise DisclosureError("a disclosure fits no digest of the payload")
    return revealed


class _Revealing:
    def __init__(self, disclosures: Iterable[str], algorithm: str) -> None:
        self.waiting: dict[str, Disclosure] = {}
        self.seen: set[str] = set()
        for encoded in disclosures:
            disclosure = Disclosure.parse(encoded)
            key = disclosure.digest(algorithm)
            if key in self.waiting:
                raise DisclosureError("a disclosure was given twice")
            self.waiting[key] = disclosure

    def object(self, given: Mapping[str, Any]) -> dict[str, Any]:
        if "..." in given:
            raise DisclosureError("a property named '...' stands outside an array")
        revealed = {name: self.value(value) for name, value in given.items() if name != "_sd"}
        digests = given.get("_sd", [])
        if not isinstance(digests, list):
            raise DisclosureError("_sd is a list of digests")
        for digest in digests:
            disclosure = self._opened(digest)
            if disclosure is None:
                continue
            if disclosure.name is None:
                raise DisclosureError("an array element's disclosure stands for an object property")
            if disclosure.name in revealed:
                raise DisclosureError(f"the property {disclosure.name!r} is there already")
            revealed[disclosure.name] = self.value(disclosure.value)
        return revealed

    def value(self, given: Any) -> Any:
        if isinstance(given, Mapping):
            return self.object(given)
        if isinstance(given, list):
            return [value for element in given for value in self._element(element)]
        return given

    def _element(self, element: Any) -> list[Any]:
        if not (isinstance(element, Mapping) and set(element) == {"..."}):
            return [self.value(element)]
        disclosure = self._opened(element["..."])
        if disclosure is None:
            return []
        if disclosure.name is not None:
            raise DisclosureError("an object property's disclosure stands for an array element")
        return [self.value(disclosure.value)]

    def _opened(self, digest: Any) -> Disclosure | None:
        if not isinstance(digest, str):
            raise DisclosureError("a digest is a string")
        if digest in self.seen:
            raise DisclosureError("a digest stands twice in the payload")
        self.seen.add(digest)
        return self.waiting.pop(digest, None)
