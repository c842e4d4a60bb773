"""What a person gives to somebody: chosen disclosures of their own record, and the receipts that prove them, as one file.

Made and checked without the register, and without anything of it but its log's keys. A receipt opens one entry whole, so that
only those are given that bear a chosen digest: whoever gets two of one person's sees that they belong together, and nobody else.
Pure: the day comes in.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Literal, NamedTuple

import msgspec

from openroll.disclosure import Disclosure, DisclosureError, normal_text
from openroll.disclosure.disclosure import base64url
from openroll.register.grant import GRANT
from openroll.register.subscription.events import SubscriptionFiled
from openroll.register.subscription.record_tag import names_filing
from openroll.tlog import (
    KeyHistory,
    Policy,
    Proved,
    TlogError,
    parse_proof,
    unverified_body,
    unverified_entry,
    unverified_salt,
    verify_under,
)

FORM = "openroll-given-1"
FRAGMENT = "given="
"""What stands before such a file in the fragment of a link: browsers send no fragment to a server."""
MOST_BYTES = 2_000_000
MOST_DEPTH = 32
"""Of lists and objects in each other, in an entry's body: none that a roll writes has more than a few."""
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]')
MOST_DISCLOSURES, MOST_RECEIPTS, MOST_WORDS = 64, 64, 200
_TURNS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
"""What would make the giver's words read otherwise than they are: these stand beside values, and are nobody's digest."""
_TAKES_AWAY = "dropped"
_WHOLE = "digests"
_ADDS = "added"
_OF = "record"


class Given(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is given: disclosures as they were made, and the receipts of the entries that hold their digests.

    `to` is for whom and for what, in the giver's words, and `until` the last day on which it is meant to be used. `grant` is the
    number by which its roll says whether it was taken back, or was shown before where it is good `once`. Nothing signs these:
    they bind whoever keeps to them.
    """

    form: str
    disclosures: tuple[str, ...]
    receipts: tuple[str, ...]
    to: str = ""
    until: date | None = None
    grant: str = ""
    once: bool = False

    def encoded(self) -> bytes:
        """Its JSON, members sorted."""
        return msgspec.json.encode(self, order="sorted")


class GivenMalformed(ValueError):
    """What should be a file of given disclosures is none. The message is a sentence's end."""


class Ungivable(Exception):
    """A field that cannot be given: `why` is `absent` (no disclosure of it), `unproved` (no receipt has its digest), or
    `taken-back` (a later receipt of the same record takes it away)."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field, self.why = field, why


class Shown(NamedTuple):
    """One value that was given, and whether it holds: `why` is empty, or `altered` (no receipt has it), `form` (no disclosure of
    a text), `twice`, or `superseded` (a later receipt in the same file takes it away). `at` is the entry that holds it."""

    field: str
    value: str
    why: str
    at: Proved | None = None


class Judged(NamedTuple):
    """What came of checking a file: what was shown, receipts that prove nothing (with why), and those that hold.

    `over` says that its last day is past. `apart`, that several entries hold the values, and nothing shows that they are of one
    record: only the receipt of its filing does, beside facts that name the record (`record_tag`).
    """

    shown: tuple[Shown, ...]
    broken: tuple[str, ...]
    proved: tuple[Proved, ...]
    over: bool
    apart: bool

    @property
    def unaltered(self) -> bool:
        """Whether every receipt and every value holds, be its time over or not."""
        return not self.broken and bool(self.shown) and not any(one.why for one in self.shown)

    @property
    def good(self) -> bool:
        """Whether every receipt and every value holds, and its time is not over."""
        return self.unaltered and not self.over


class _Says(NamedTuple):
    """What an entry's body says of digests: those that stand since, and those that no longer do. A filing `begins` a record.

    `salt` is the entry's own, and `record` the tag by which a later fact names its record; empty where it names none.
    """

    place: int
    whole: frozenset[str] | None
    added: frozenset[str]
    dropped: frozenset[str]
    begins: bool
    salt: bytes
    record: str

    @property
    def stand(self) -> frozenset[str]:
        return self.added | (self.whole or frozenset())


def give(
    encoded: Iterable[str], receipts: Iterable[bytes], fields: Sequence[str], to: str = "", until: date | None = None
) -> Given:
    """Choose the disclosures of these fields, the newest where one was told twice, with the receipts that bear their digests.

    `receipts` are the giver's own, of one record; nothing of them is verified here. Raises Ungivable, GivenMalformed.
    """
    told = _by_field(encoded)
    read = sorted((_read(data) for data in receipts), key=lambda one: one[0].place)
    says = [one for one, _ in read]
    chosen, bearing = [], set()
    for field in dict.fromkeys(fields):
        one, at = _newest(field, told.get(field, ()), says)
        chosen.append(one.encoded)
        bearing.add(at)
    proofs = tuple(text for said, text in read if said.place in bearing)
    return _fit(Given(FORM, tuple(chosen), tuple(dict.fromkeys(proofs)), normal_text(to), until))


def _by_field(encoded: Iterable[str]) -> dict[str, list[Disclosure]]:
    told: dict[str, list[Disclosure]] = {}
    for text in encoded:
        try:
            one = Disclosure.parse(text)
        except DisclosureError:
            continue  # words around them: a person's file may have some
        if one.name is not None and isinstance(one.value, str):
            told.setdefault(one.name, []).append(one)
    return told


def _newest(field: str, told: Sequence[Disclosure], says: Sequence[_Says]) -> tuple[Disclosure, int]:
    """The disclosure of a field that was told last, of those that stand, and the index of the entry that bears it."""
    if not told:
        raise Ungivable(field, "absent")
    borne = [(at, one) for one in told if (at := _bearing(one.digest(), says)) is not None]
    standing = [(at, one) for at, one in borne if not _taken_away(one.digest(), at, says)]
    if not standing:
        raise Ungivable(field, "taken-back" if borne else "unproved")
    at, one = max(standing, key=lambda found: found[0])
    return one, at


def _bearing(digest: str, says: Iterable[_Says]) -> int | None:
    """The index of the newest entry in which a digest stands."""
    return max((one.place for one in says if digest in one.stand), default=None)


def _taken_away(digest: str, since: int, says: Iterable[_Says]) -> bool:
    """Whether an entry after it takes a digest away: it says so, or has all of the record's own digests anew without this one.

    What was told by choice stays through a change, so only digests that came with a whole list go with the next.
    """
    said = tuple(says)
    own = any(one.whole is not None and digest in one.whole for one in said)
    later = [one for one in said if one.place > since and not one.begins]
    anew = any(one.whole is not None and digest not in one.whole for one in later)
    return (own and anew) or any(digest in one.dropped for one in later)


def _read(receipt: bytes) -> tuple[_Says, str]:
    try:
        proof = parse_proof(receipt)
        said = _says(proof.index, unverified_entry(proof).kind, unverified_body(proof), unverified_salt(proof))
        return said, receipt.decode()
    except (TlogError, UnicodeDecodeError) as error:
        raise GivenMalformed(f"a receipt cannot be read: {error}") from error


def _says(index: int, kind: str, body: bytes, salt: bytes) -> _Says:
    """What a body says of digests, whatever kind of act it is: every kind names its lists alike."""
    said = _object_in(body)
    if said is None:
        return _Says(index, None, frozenset(), frozenset(), begins=False, salt=salt, record="")
    whole, record = _texts(said[_WHOLE]) if _WHOLE in said else None, said.get(_OF)
    return _Says(
        index,
        whole,
        _texts(said.get(_ADDS)),
        _texts(said.get(_TAKES_AWAY)),
        begins=kind == SubscriptionFiled.name,
        salt=salt,
        record=record if isinstance(record, str) else "",
    )


def _object_in(body: bytes) -> dict[str, Any] | None:
    """The JSON object that a body is; None where two readers could read it differently, as the page `receipts` reads none of it.

    It is UTF-8 without a mark of the byte order, names no member twice, has no number that is none (NaN), and is no deeper than
    `MOST_DEPTH`. How large a number is does not matter, since none is read.
    """
    try:
        text = body.decode("utf-8")
        said: Any = json.loads(text, object_pairs_hook=_once_each, parse_int=float, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) and _depth(text) <= MOST_DEPTH else None


def _no_number(text: str) -> str:
    raise ValueError(f"{text} is no number of JSON")


def _depth(text: str) -> int:
    """How deep the lists and objects of a JSON text stand in each other."""
    deep = most = 0
    for token in _TOKEN.findall(text):
        deep += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token, 0)
        most = max(most, deep)
    return most


def _texts(listed: Any) -> frozenset[str]:
    return frozenset(one for one in listed if isinstance(one, str)) if isinstance(listed, list) else frozenset()


def encoded_in(text: str) -> Iterator[str]:
    """What stands in a file of disclosures: a disclosure a line (or between `~`), or an operator's NDJSON with lists of them."""
    for line in text.splitlines():
        if not line.strip().startswith("{"):
            yield from line.replace("~", " ").split()
            continue
        try:
            listed = json.loads(line)
        except (ValueError, RecursionError):
            continue
        yield from _texts(listed.get("disclosures") if isinstance(listed, dict) else None)


def link(page: str, given: Given) -> str:
    """A link to a page that checks it, with all of it in the fragment. Raises GivenMalformed: the page has one already."""
    if "#" in page:
        raise GivenMalformed("the address of the page has a fragment already")
    return f"{page}#{FRAGMENT}{base64url(given.encoded())}"


Mistaken = Literal["given-file", "notices", "picture", "sd-jwt", "zip", ""]


def mistaken_for(data: bytes) -> Mistaken:
    """What a file is that is taken for a given one and is none; empty where nothing shows it. The page says the same.

    `given-file`: it was to be one, and is damaged or made otherwise, also where it was cut off before it names its form.
    `notices`: the list that a person took away of what was asked about them. `sd-jwt`: a token in the form of RFC 9901.
    """
    for begins, what in _BEGINS.items():
        if data.startswith(begins):
            return what
    text = data.decode("utf-8-sig", errors="replace")
    if _SD_JWT.match(text):
        return "sd-jwt"
    if not _OBJECT.match(text):
        return ""
    if _NAMED in text or _DISCLOSURES.match(text):
        return "given-file"
    return "notices" if _NOTICES in text else ""


_BEGINS: dict[bytes, Mistaken] = {
    b"\x89PNG": "picture",
    b"\xff\xd8\xff": "picture",
    b"GIF8": "picture",
    b"PK\x03\x04": "zip",
}
_SD_JWT = re.compile(r"[ \t\r\n]*eyJ[\w-]*\.[\w-]+\.[\w-]+~", re.ASCII)
_OBJECT = re.compile(r"[ \t\r\n]*\{")
_DISCLOSURES = re.compile(r'[ \t\r\n]*\{[ \t\r\n]*"disclosures"[ \t\r\n]*:')
"""How a given file begins as it is written: no file of an operator's does, whose lines begin with the subscriber's number."""
_NAMED, _NOTICES = '"openroll-given-', '"TransactionLog"'


def link_in(data: bytes) -> str | None:
    """The link that a text file holds and nothing else, as a message saves it; None for any other file."""
    text = data.decode("utf-8-sig", errors="replace").strip(" \t\r\n")
    return text if _LINK.fullmatch(text) else None


_LINK = re.compile(r"https?://[^ \t\r\n]+")


def read_given(data: bytes) -> Given:
    """Read what was given, as a file. Verifies nothing. Raises GivenMalformed."""
    if len(data) > MOST_BYTES:
        raise GivenMalformed(f"it has more than {MOST_BYTES:,} bytes")
    try:
        given = msgspec.json.decode(data, type=Given)
        json.loads(data.decode(), object_pairs_hook=_once_each)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise GivenMalformed(f"it cannot be read: {error}") from error
    return _fit(given)


def _once_each(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, unless it names a member twice: of two readers one would take the first, and the other the last."""
    if len({name for name, _ in members}) < len(members):
        raise ValueError("a member of it stands there twice")
    return dict(members)


def _fit(given: Given) -> Given:
    if given.form != FORM:
        raise GivenMalformed(f"its form is not {FORM}")
    if not 0 < len(given.disclosures) <= MOST_DISCLOSURES or not 0 < len(given.receipts) <= MOST_RECEIPTS:
        raise GivenMalformed(f"it has no disclosure or no receipt, or more than {MOST_DISCLOSURES}")
    if len(given.to) > MOST_WORDS:
        raise GivenMalformed(f"what it is for has more than {MOST_WORDS} characters")
    if given.grant and not GRANT.fullmatch(given.grant):
        raise GivenMalformed("its grant is no number of one")
    if (given.once and not given.grant) or (given.grant and given.until is None):
        raise GivenMalformed("it is good once without a grant, or has a grant and no end")
    if _TURNS.search(given.to):
        raise GivenMalformed(
            "what it is for has a control, a line's end, or a mark that turns the direction of writing"
        )
    return given


def judged(given: Given, keys: KeyHistory, today: date, policy: Policy | None = None) -> Judged:
    """Check what was given under a log's keys, and no register is asked. Everything that is wrong is said."""
    proved, broken = _proved(given.receipts, keys, policy)
    says = {one.index: _says(one.index, one.entry.kind, one.body, one.salt) for one in proved}
    by_index = {one.index: one for one in proved}
    count = Counter(given.disclosures)
    shown = tuple(_shown(text, says.values(), by_index, twice=count[text] > 1) for text in given.disclosures)
    names = Counter(one.field for one in shown if one.field)
    shown = tuple(one._replace(why=one.why or ("twice" if names[one.field] > 1 else "")) for one in shown)
    bearing = [says[index] for index in dict.fromkeys(one.at.index for one in shown if one.at is not None)]
    over = given.until is not None and today > given.until
    return Judged(shown, broken, proved, over, not _joined(bearing, says.values()))


def _proved(
    receipts: Sequence[str], keys: KeyHistory, policy: Policy | None
) -> tuple[tuple[Proved, ...], tuple[str, ...]]:
    good: dict[int, Proved] = {}
    broken = []
    for receipt in receipts:
        try:
            proved = verify_under(receipt.encode(), keys, policy)
            good[proved.index] = proved
        except (TlogError, UnicodeEncodeError) as error:
            broken.append(str(error))
    return tuple(good[index] for index in sorted(good)), tuple(broken)


def _shown(text: str, says: Iterable[_Says], proved: Mapping[int, Proved], *, twice: bool) -> Shown:
    said = tuple(says)
    try:
        one = Disclosure.parse(text)
    except DisclosureError:
        return Shown("", "", "form")
    if one.name is None or not isinstance(one.value, str):
        return Shown(one.name or "", "", "form")
    digest = one.digest()
    at = _bearing(digest, said)
    if at is None:
        return Shown(one.name, one.value, "altered")
    why = "superseded" if _taken_away(digest, at, said) else "twice" if twice else ""
    return Shown(one.name, one.value, why, proved[at])


def _joined(bearing: Sequence[_Says], said: Iterable[_Says]) -> bool:
    """Whether the entries are provably of one record: all of one filing, by its receipt and by what the others name.

    That they share a digest shows nothing: whoever has several records can list a digest of one in a change of another.
    """
    filings = (one for one in said if one.begins)
    return len(bearing) <= 1 or any(all(_is_of(one, filing) for one in bearing) for filing in filings)


def _is_of(one: _Says, filing: _Says) -> bool:
    return one.place == filing.place or names_filing(one.record, filing.salt, one.salt)
