"""Plural forms by CLDR: how many a language has, and which number takes which."""

from collections.abc import Callable
from gettext import c2py  # what gettext itself reads the header with

from babel.messages.catalog import Catalog
from babel.plural import PluralRule, to_gettext

from openroll.words.po import known_locale

_SAMPLES = (*range(201), 1_000, 1_001, 1_002, 1_004, 1_011, 1_100)
"""Numbers that tell the classes of all languages apart; a million and above is left to the language's own header."""


def plural_header(tag: str) -> str:
    """The header `Plural-Forms` of a language; that of a language without a plural where CLDR does not know it."""
    locale, names = known_locale(tag), plural_names(tag)
    if locale is None or len(names) == 1:
        return "nplurals=1; plural=0;"
    # A form for millions alone (French) is left out: gettext cannot say its rule, and nothing here counts so far in a sentence.
    rules = {name: rule for name, rule in locale.plural_form.rules.items() if name in names}
    return to_gettext(PluralRule(rules))


def plural_names(tag: str) -> tuple[str, ...]:
    """CLDR's names of a language's plural forms in the order in which gettext counts them: `one`, `other`."""
    locale = known_locale(tag)
    used = {"other"} | ({locale.plural_form(number) for number in _SAMPLES} if locale else set())
    return tuple(name for name in ("zero", "one", "two", "few", "many", "other") if name in used)


def plural_of(catalog: Catalog) -> Callable[[int], int] | None:
    """Which form of a catalogue a number takes, as its header says; None where that cannot be read."""
    try:
        chosen: Callable[[int], int] = c2py(catalog.plural_expr)
        given = {chosen(number) for number in _SAMPLES}
    except (ValueError, RecursionError, ZeroDivisionError, ArithmeticError):
        return None
    return chosen if all(0 <= form < catalog.num_plurals for form in given) else None


def plural_fault(catalog: Catalog, tag: str) -> tuple[str, str] | None:
    """What is wrong with the plural forms that a catalogue's header gives, and what CLDR has; None where they agree."""
    said, wanted = f"nplurals={catalog.num_plurals}; plural={catalog.plural_expr}", plural_header(tag)
    chosen, locale = plural_of(catalog), known_locale(tag)
    if chosen is None:
        return f"Its plural forms cannot be used: {said[:120]}.", wanted
    if locale is None:
        return None
    forms: dict[str, set[int]] = {}
    for number in _SAMPLES:
        forms.setdefault(locale.plural_form(number), set()).add(chosen(number))
    apart = all(len(one) == 1 for one in forms.values())
    if apart and len(set.union(*forms.values())) == len(forms):
        return None
    return f"Its plural forms are not those of the language: {said[:120]}.", wanted
