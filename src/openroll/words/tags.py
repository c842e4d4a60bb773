"""What a language's tag says by itself (BCP 47, CLDR): its script, and how that runs."""

from babel.core import get_global

from openroll.rules.language import ranges

_RIGHT_TO_LEFT = frozenset(("Adlm", "Arab", "Hebr", "Mand", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa"))
"""Scripts that run from right to left (ISO 15924)."""


def script(tag: str) -> str:
    """The script of a tag (ISO 15924): the one it names, or the likely one; empty where CLDR does not know the language."""
    likely = get_global("likely_subtags")
    for wider in ranges(tag):
        named = [part for part in wider.split("-")[1:] if len(part) == 4]
        full = likely.get(wider.replace("-", "_"), "")
        if named or full:
            return named[0] if named else full.split("_")[1]
    return ""


def direction_of_script(lang: str) -> str:
    """How the script runs that a tag names: `ltr` or `rtl`; empty where it names none."""
    named = [part for part in lang.split("-")[1:] if len(part) == 4]
    if not named:
        return ""
    return "rtl" if named[0] in _RIGHT_TO_LEFT else "ltr"
