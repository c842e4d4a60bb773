"""The table of limits says what the code does: every number in it is one of the code's, and every row has its test."""

import ast
import re
from pathlib import Path

import pytest

from openroll.api import site_data
from openroll.compose import admission, server
from openroll.places.reading import MAIN, MOST_BYTES, MOST_MAIN
from openroll.register.request import pace as request_pace
from openroll.register.request import rights
from openroll.register.subscription import pace
from openroll.rules import UNCONFIRMED_DAYS
from openroll.rules.text import MOST_FAULTS, MOST_RULE
from openroll.rules.validate import MOST_THINGS
from openroll.service import executors, grants, made_once
from openroll.service.application import PROOFS_EACH, PROOFS_KEPT
from openroll.service.filing import group_commit, slow_lane, unconfirmed
from openroll.service.filing.intake import INTAKE_LIMITS
from openroll.service.filing.upload_files import UPLOAD_LIMITS
from openroll.service.identity import address_links, contact, passkeys, people, puzzle, sessions, throttle, wrong_tokens
from openroll.service.identity.oidc import begin_limits
from openroll.service.requests import notices
from openroll.service.simulation import queue as simulation
from openroll.service.sites import look_ups
from openroll.store import waiting
from openroll.store.waiting import Waits
from openroll.traffic import Bucket, parts
from openroll.watch.witness import app as witness
from openroll.watch.witness import sites as witness_sites
from openroll.web import file_form, form_bounds

TREE = Path(__file__).parents[1]
PAGE = (TREE / "docs/limits.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|\n").split("|")]
    for line in "".join(re.split(r"(?m)^## The database$|^## Behind", PAGE)[::2]).splitlines()
    if line.startswith("| ") and not line.startswith("| what")
]


def per(bucket: Bucket | None) -> str:
    """A bucket as the table says it: how many at once, and one more after how long."""
    assert bucket is not None
    seconds = bucket.drains_after
    after = f"{seconds / 60:g} min" if seconds >= 60 else f"{seconds:g} s"
    return f"{bucket.holds:,}, +1 per {after}"


def each(buckets: tuple[Bucket, ...]) -> str:
    """Buckets of a source, from the narrowest network on; the last holds for every wider one."""
    return " · ".join(per(bucket) for bucket in buckets)


def at_once(each_source: tuple[int, ...]) -> str:
    """Places of a source."""
    return " · ".join(f"{one} at once" for one in each_source)


FREE, WORKED = throttle.OPENING.free, throttle.OPENING.worked
assert WORKED
LOOKING, OPERATORS, PORTING = throttle.LOOKING.free, throttle.LOOKING_OPERATORS.free, throttle.ASKING_BY_CODE.free
FILING = throttle.filing_limits()
assert FILING.worked
LANES = executors.Executors()
LANES.close()
MINUTES = puzzle.LASTS.total_seconds() / 60
EXPECTED: dict[str, tuple[str, str, str, str]] = {
    "wrong filing codes": (each(FREE.networks), f"a code: {per(FREE.target)}", per(FREE.in_all), "429 too-many-tries"),
    "wrong filing codes, each after a puzzle": (
        each(WORKED.networks), f"a code: {per(WORKED.target)}", per(WORKED.in_all), "429 too-many-tries"
    ),
    "filing codes that the registrar looks up in vain": (
        each(LOOKING.networks), f"a seat: {per(LOOKING.target)}", per(LOOKING.in_all), "429 too-many-look-ups"
    ),
    "filing codes that operators look up in vain": (
        each(OPERATORS.networks), f"a seat: {per(OPERATORS.target)} · an operator: {per(OPERATORS.organisation)}",
        "", "429 too-many-look-ups",
    ),
    "filing codes by which operators ask for others' records in vain": (
        each(PORTING.networks), f"a seat: {per(PORTING.target)} · an operator: {per(PORTING.organisation)}",
        per(PORTING.in_all), "429 too-many-look-ups",
    ),
    "references in an operator's words that are no filing of its own": (
        each(throttle.REFERRING.free.networks), f"an operator: {per(throttle.REFERRING.free.target)}",
        "", "429 too-many-references",
    ),
    "grants taken back, and as many marked as shown": (
        each(grants.TAKING_BACK.free.networks), "", per(grants.TAKING_BACK.free.in_all), "429 grants-slowed"
    ),
    "grants taken back or marked as shown, each after a puzzle": ("", "", "", "none"),
    "a puzzle": (
        "one try each", "", f"{puzzle.EASIEST} to {puzzle.HARDEST} zero bits, {MINUTES:g} min", "429 too-many-tries"
    ),
    "filings made alone": (
        each(FILING.free.networks), f"an operator: {per(FILING.free.target)}", per(FILING.free.in_all), "429 too-many-filings"
    ),
    "filings made alone, each after a puzzle": (each(FILING.worked.networks), "", per(FILING.worked.in_all),
                                                "429 too-many-filings"),
    "acts on one record in a day": (
        "",
        (
            f"each side, operator and subscriber: {pace.A_DAY}; another operator that it may go to: {pace.A_DAY_OF_ANOTHER_S};"
            f" on a record of {pace.LONG} facts or more {pace.A_DAY_WHEN_LONG}"
        ),
        "", "429 too-many-acts",
    ),
    "acts in one request that can be done again, in a day": (
        "",
        f"each body: {request_pace.A_DAY}; in a request of {request_pace.LONG} facts or more {request_pace.A_DAY_WHEN_LONG}",
        "", "429 acted-too-often",
    ),
    "requests filed in a day": ("", f"a seat: {request_pace.FILED_A_DAY}", "", "429 acted-too-often"),
    "requests to preserve filed in a day": (
        "", f"a seat: {request_pace.PRESERVED_A_DAY} · an authority: {request_pace.PRESERVED_BY_ALL}",
        "", "429 acted-too-often",
    ),
    "envelope keys published, and uses registered, in a day": (
        "", f"an organisation: {request_pace.RIGHTS_A_DAY} of each", "", "429 acted-too-often"
    ),
    "keys of envelopes that one organisation publishes": (
        "", f"{rights.MOST_KEYS[0]} in force, {rights.MOST_KEYS[1]} in {rights.LATELY.days} days", "",
        "409 too-many-registered",
    ),
    "uses that one authority registers": (
        "", f"{rights.MOST_USES[0]} in force, {rights.MOST_USES[1]} in {rights.LATELY.days} days", "",
        "409 too-many-registered",
    ),
    "requests read with their proofs": (
        f"{PROOFS_EACH} at once", "", f"one made at a time, beside all other look-ups; the newest {PROOFS_KEPT} kept",
        "they wait, or 429 too-many-at-once",
    ),
    "notices in one answer": ("", "", f"{notices.MOST_NOTICES}; the heap goes on in another", "none"),
    "addresses that a holder gives in a day": ("", f"a record: {pace.ADDRESSES_A_DAY}", "", "429 too-many-acts"),
    "mails that ask an address to confirm itself": (
        "",
        (
            f"an address in {address_links.ASKED_FOR.days} days: {address_links.BY_ALONE} for all filings made alone that no"
            f" operator has taken, {address_links.BY_TAKEN} for all other records, {address_links.OF_A_RECORD} for one record;"
            " such a filing made alone: 1"
        ),
        "", "none",
    ),
    "addresses of before that are told besides the one that stands": ("", f"a record: {contact.MOST_OLD}", "", "none"),
    "filings that wait for a word": ("", f"{UNCONFIRMED_DAYS} days each, unless the rule says", "", "none"),
    "words on filings made alone, in one request": ("", f"{unconfirmed.MOST:,}", "", "400 request-shape"),
    "wrong tokens": (each(wrong_tokens.EACH), "", "", "429 too-many-at-once"),
    "sites looked up: page, badge, RDAP, API, files": (each(look_ups.look_up_limits()), "", "", "429 too-many-at-once"),
    "the directory of sites as a file": (
        at_once(LANES.sites.places.each),
        "",
        f"{LANES.sites.places.in_all} at once, one lot at work; {site_data.LONGEST / 60:g} min each",
        "429 too-many-at-once or 503 too-busy",
    ),
    "sign-ins begun through a provider": (
        each(begin_limits.EACH),
        "",
        f"{per(begin_limits.IN_ALL)}, and {begin_limits.MOST_WAYS:,} under way",
        "429 too-many-at-once or 503 too-busy",
    ),
    "questions to one provider what it is": (
        "", f"1 at once, then its answer is kept for {begin_limits.KNOWN_FOR / 60:g} min", "", "they wait"
    ),
    "sign-ins begun with a passkey": (*("nothing is kept of them",) * 3, "none"),
    "passkeys that are being made": ("", f"{passkeys.MOST_BEGUN}", "", "an older one is refused: 403 sign-in-failed"),
    "invitations in a day": ("", f"a seat: {people.MOST_INVITED}", "", "429 too-many-invitations"),
    "questions to the city model": (
        at_once(simulation.MOST_EACH), "", f"{simulation.MOST_WAITING} at once, one at work", "429 or 503, a page"
    ),
    "slow forms (not whole after a quarter of a second)": (
        at_once(admission.SLOW_EACH), "", f"{admission.SLOW_ALL} at once", "429 or 503, a page"
    ),
    "bytes of forms that are not whole yet": (
        " · ".join(f"{one:,}" for one in admission.HALF_SENT_EACH), "", f"{admission.HALF_SENT_ALL:,}", "429 or 503, a page"
    ),
    "time for a form": ("", "", f"{admission.FORM_DEADLINE:g} s", "408, a page"),
    "time between two parts of a file": ("", "", f"{admission.FILE_IDLE:g} s", "408, a page or a problem"),
    "pace of a file after its first 30 s": (
        "", "", f"{admission.FILE_RATE:,} bytes a second on the whole", "408, a page or a problem"
    ),
    "time for a file": ("", "", f"{admission.FILE_LONGEST / 3600:g} h", "408, a page or a problem"),
    "text beside a file in its form": (
        "", "", f"{file_form.MOST_TEXT:,} bytes, {file_form.MOST_PARTS} parts", "413, a page"
    ),
    "time for the head of a request": ("", "", f"{server.HEADERS_WITHIN / 1000:g} s", "the connection is closed"),
    "size of a page's form": (
        "", "", (f"{parts.FORM.size:,} bytes and {parts.FORM.parts} fields (disclosures "
        f"{form_bounds.LARGER['/{lang}/disclosures'].size:,}, a rule {form_bounds.LARGER['/{lang}/registrar/rules'].size:,})"),
        "413 form-too-large",
    ),
    "a rule or an overlay, as a file or pasted": (
        "", "", (f"{MOST_RULE:,} characters; {MOST_THINGS} duties, fields, measures, sources, kinds … each; "
        f"{MOST_FAULTS} mistakes are told"), "refused, never cut"
    ),
    "files of a jurisdiction": (
        "", "", f"`{MAIN}` {MOST_MAIN:,} bytes, each of the others {MOST_BYTES:,}; what is long has files of its own",
        "refused, never cut",
    ),
    "query of an address (behind its question mark)": (
        "", "", f"{parts.QUERY.size:,} bytes and {parts.QUERY.parts} parts", "414 address-too-long"
    ),
    "cookies of a request": (
        "", "", f"{parts.COOKIES.size:,} bytes and {parts.COOKIES.parts} of them", "431 cookies-too-large"
    ),
    "size of any other body that is no file": ("", "", f"{server.MOST_BODY:,} bytes", "413, a page or a problem"),
    "an operator's files taken by program, or put right on its pages": (
        "", f"{LANES.files.places.each[0]} at once, from before its first byte",
        f"{LANES.files.places.in_all} at once, {LANES.files.threads} at work",
        "429 files-in-hand or 503 too-busy",
    ),
    "an operator's files coming in by its pages": (
        "", f"{INTAKE_LIMITS.page_files} at once", f"{INTAKE_LIMITS.page_files_all} at once", "429 files-in-hand or 503 too-busy"
    ),
    "an operator's files that came in by its pages, until they are in their queue": (
        "", f"{LANES.uploads.places.each[0]} at once", f"{LANES.uploads.places.in_all} at once, {LANES.uploads.threads} at work",
        "429 files-in-hand or 503 too-busy",
    ),
    "disk of files that come in": (
        "", f"{INTAKE_LIMITS.each_bytes >> 30} GiB", f"{INTAKE_LIMITS.all_bytes >> 30} GiB", "429 files-in-hand or 503 too-busy"
    ),
    "disk that stays free when a file comes in": ("", "", f"{INTAKE_LIMITS.reserve_bytes >> 30} GiB", "507 disk-full"),
    "an operator's files on its pages": (
        "", f"{UPLOAD_LIMITS.waiting} that wait or are in hand, 1 at work", f"{UPLOAD_LIMITS.lanes} at work",
        "429 uploads-waiting",
    ),
    "room for an operator's files on its pages": ("", f"{UPLOAD_LIMITS.kept_megabytes:,} MiB", "", "429 uploads-full"),
    "typeset receipts and letters": (
        "", f"{LANES.paper.places.each[0]} at once", f"{LANES.paper.places.in_all} at once, {LANES.paper.threads} at work",
        "429 too-many-at-once or 503 too-busy",
    ),
    "rules that the registrar's people bring": (
        "", f"a seat: {LANES.rules.places.each[0]} at once",
        f"{LANES.rules.places.in_all} at once, {LANES.rules.threads} at work", "429 too-many-at-once or 503 too-busy",
    ),
    "pages and charts that are the same for everybody": (
        "", "", f"1 made at a time, {made_once.MOST_KEPT} kept", "they wait"
    ),
    "look-ups and acts of pages": ("", "", f"{executors.PAGES} at work", "they wait"),
    "filings waiting to be written": ("", "", f"{group_commit.MOST_WAITING:,}", "503 too-busy"),
    "filings that wait for what others hold": (
        "", f"an operator or record: {slow_lane.MOST_OF_ONE:,}", f"{slow_lane.MOST_IN_ALL:,}, {slow_lane.PATIENCE:g} s each",
        "503 database-busy",
    ),
    "passkeys of one record or person": ("", f"{passkeys.MOST_EACH}", "", "403 sign-in-failed"),
    "a session left alone": (
        "", f"a person's {sessions.IDLE['person'].seconds // 60} min, a record's {sessions.IDLE['subscriber'].seconds // 60} min",
        "", "401, the sign-in",
    ),
    "requests to a witness": ("1,200 a minute · 4,800 a minute", "", "", "429"),
    "looks at sites that a witness is asked for": (
        "", f"a roll: {witness_sites.A_MINUTE} a minute", f"{witness_sites.AT_ONCE} on their way", "429"
    ),
    "time for a request to a witness": ("", "", f"{witness.PATIENCE:g} s", "408"),
}  # fmt: skip
"""What each row says: of a source, of an organisation or record, in all, and the answer."""


def test_the_table_says_what_the_code_does() -> None:
    """Row by row the numbers and answers are the code's; no row is missing and none is left over."""
    said = {row[0]: tuple(row[1:5]) for row in ROWS}
    assert said == EXPECTED


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_every_row_names_its_test(row: list[str]) -> None:
    """The test that a row names is there."""
    path, _, name = row[6].strip("`").partition("::")
    tree = ast.parse((TREE / path).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_setting_in_the_table_is_a_setting() -> None:
    """What a row says can be set is read by the settings, of the roll or of the witness."""
    settings = (TREE / "src/openroll/compose/settings.py").read_text(encoding="utf-8")
    settings += (TREE / "src/openroll/watch/witness/settings.py").read_text(encoding="utf-8")
    named = {word for row in ROWS for word in re.findall(r"`([^`]+)`", row[5])}
    assert named
    assert [word for word in named if word not in settings] == []


def test_every_answer_that_asks_to_wait_is_in_the_table() -> None:
    """Each refusal of status 429, and too-busy, stands in some row."""
    from openroll.register.refusals import every_refusal

    asked = {kind.code for kind in every_refusal() if kind.status == 429} | {"too-busy"}
    assert asked - {code for row in ROWS for code in re.findall(r"[a-z]+(?:-[a-z]+)+", row[4])} == set()


def test_the_table_of_waits_is_the_code_s() -> None:
    """Each connection waits, and is waited for, as long as the page says, and each is on the page."""
    section = re.split(r"(?m)^## ", PAGE.partition("## The database\n")[2])[0]
    found: dict[str, Waits] = {}
    for line in section.splitlines():
        who, *times = (cell.strip() for cell in line.strip("|").split("|"))
        for name in re.findall(r"`(openroll[a-z-]*)`", who) or [who] * line.startswith("| the owner"):
            found[name] = Waits(*("0" if one == "none" else one for one in times[:3]))
    assert found == waiting.BY_APPLICATION | {"the owner's": waiting.OWNER}
