"""Texts that say ONE record: the number of a subscription, a filing code, a domain; and what is wrong with one that does not.

No language is known here: a list or a range is seen by what stands between two numbers, not by a word for "to".
"""

import re
import unicodedata
from functools import cache
from ipaddress import ip_network
from itertools import pairwise
from typing import NamedTuple

import idna
from publicsuffixlist import PublicSuffixList

from openroll.disclosure.text import refused_character
from openroll.register.check_digits import check_digits_right
from openroll.third_party import NotValid, third_party

MOST_NUMBER = 64
MOST_DOMAIN = 253
_CODE_DIGITS = 16


class Lack(NamedTuple):
    """What is missing or wrong: a code of `words.MISSING`, and of `WHY`."""

    field: str
    why: str


WHY = (
    "missing",
    "long",
    "hidden",
    "several",
    "range",
    "pattern",
    "form",
    "no-digit",
    "second",
    "ambiguous",
    "impossible",
    "future",
    "names-somebody",
)
"""Why something of a request is not taken: it is not there, too long, holds what nobody sees, means several records, a range of
them or a pattern, is written otherwise than asked, could be a name, lacks its second, is a time of day that came twice or never
was, lies in the future, or names somebody."""


def typed(text: str) -> str:
    """A text as its one form: Unicode NFKC (full-width digits, letters and marks are the plain ones), digits of any script as
    0 to 9, dashes of any length as a hyphen, no blanks around it. What is wrong with it is then seen as what it is."""
    plain = unicodedata.normalize("NFKC", text).strip()
    return "".join(_plain(char) for char in plain)


def _plain(char: str) -> str:
    if char.isascii():
        return char
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.digit(char))
    return "-" if category == "Pd" or char == "\u2212" else char


# Texts: what is never one record, whatever it is said by.

PATTERN = re.compile(r"[*?%\[\]{}()^$|\\<>=!~`\"']")
SEVERAL = re.compile(r"[\s,;&]|\.\.|[\u2026\u3001\u060c]")
_BETWEEN = re.compile(r"[0-9][-./:_]*[^\W\d_A-Za-z]")
"""A digit and then a letter of any other script than the Latin: `12345\u81f312349`. Before all digits one may stand."""
_DIGITS = re.compile(r"[0-9]+", re.ASCII)
_LIKELY = 4
"""Two runs of as many digits or more, of one length, are two numbers."""


def text_fault(text: str) -> str:
    """What is wrong with any text that is to say one record."""
    if not text:
        return "missing"
    if refused_character(text):
        return "hidden"
    if text != typed(text):
        return "form"
    if len(text) > MOST_DOMAIN:
        return "long"
    return ""


def number_fault(number: str) -> str:
    """What is wrong with a number as ONE subscription's; empty for nothing."""
    if why := text_fault(number):
        return why
    if SEVERAL.search(number):
        return "several"
    if PATTERN.search(number):
        return "pattern"
    if not all(char.isalnum() or unicodedata.category(char) in ("Mn", "Mc") or char in "-./:_+#@" for char in number):
        return "form"
    if _is_two(number) or _is_network(number):
        return "range"
    if len(number) > MOST_NUMBER:
        return "long"
    return "" if _DIGITS.search(number) else "no-digit"


def _is_two(number: str) -> bool:
    """Whether a number looks like two: `12345-12349`, `12345to12349`, `12345至12349`, `12345/12349`.

    `2006-0012345` does not, nor does a number with a check digit behind a hyphen. Whoever has a number that does writes it
    without what stands between: the operator's program finds it so too.
    """
    if any(_DIGITS.search(number, found.end()) and _caseless(found.group()[-1]) for found in _BETWEEN.finditer(number)):
        return True
    runs = [run.group() for run in _DIGITS.finditer(number)]
    return any(len(one) == len(other) >= _LIKELY for one, other in pairwise(runs))


def _is_network(number: str) -> bool:
    """Whether a number is an IP address or a network: of one to be asked about, an address says its second, zone and port."""
    try:
        return bool(ip_network(number, strict=False))
    except ValueError:
        return False


def _caseless(char: str) -> bool:
    return unicodedata.category(char) == "Lo"


def code_fault(code: str) -> str:
    """What is wrong with a filing code; empty for nothing."""
    if why := text_fault(code):
        return why
    digits = "".join(char for char in code if char.isdigit())
    if len(digits) > _CODE_DIGITS:
        return "several"
    if PATTERN.search(code):
        return "pattern"
    whole = code.isascii() and code.isdigit() and len(code) == _CODE_DIGITS
    return "" if whole and check_digits_right(code) else "form"


_DOTS = dict.fromkeys((0x3002, 0xFF0E, 0xFF61), ".")
"""What stands for the dot between labels (RFC 3490 section 3.1)."""


def a_labels(value: str) -> str:
    """A domain in A-labels; as it stands, where it is none, so that what is wrong with it can be said."""
    name = value.translate(_DOTS).lower().removesuffix(".")
    try:
        with third_party("idna", idna.IDNAError, UnicodeError):
            return name if name.isascii() else idna.encode(name, std3_rules=True).decode()
    except NotValid:
        return name


def u_labels(domain: str) -> str:
    """A domain in A-labels as people write it, in its own script; as it stands where a label is none of IDNA 2008."""
    try:
        with third_party("idna", idna.IDNAError, UnicodeError):
            return idna.decode(domain)
    except NotValid:
        return domain


def domain_fault(domain: str) -> str:
    """What is wrong with ONE domain in A-labels; empty for nothing."""
    if why := text_fault(domain):
        return why
    if SEVERAL.search(domain):
        return "several"
    if PATTERN.search(domain):
        return "pattern"
    labels = domain.split(".")
    if labels[-1] == "arpa":
        return "range"  # networks and numbers as names (RFC 3172), and no clock beside an address
    if len(labels) < 2 or "" in labels or not domain.isascii() or domain != domain.lower() or labels[-1].isdigit():
        return "form"
    try:
        with third_party("idna", idna.IDNAError, UnicodeError):
            if idna.encode(idna.decode(domain, strict=True, std3_rules=True), std3_rules=True).decode() != domain:
                return "form"
    except NotValid:
        return "form"
    return "" if _is_somebodys(domain) else "several"


def _is_somebodys(domain: str) -> bool:
    """Whether a domain lies below one under which anybody may have theirs, as `example.co.uk` and not `co.uk`."""
    try:
        with third_party("publicsuffixlist"):
            return _suffixes().privatesuffix(domain) is not None
    except NotValid:
        return False


def suffix_rules() -> frozenset[str]:
    """The rules, in A-labels, by which a domain is held against suffixes: for a page, which goes by the same."""
    rules: frozenset[str] = _suffixes()._publicsuffix
    return frozenset(filter(str.isascii, rules))


@cache
def _suffixes() -> PublicSuffixList:
    """The list of Mozilla (publicsuffix.org), as the package holds it; of hosters too (`github.io`)."""
    return PublicSuffixList()
