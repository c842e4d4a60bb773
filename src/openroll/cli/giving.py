"""Commands by which a person gives disclosures to somebody, and by which whoever gets them checks: offline, with no account."""

import sys
from base64 import urlsafe_b64decode
from datetime import date, datetime, timedelta
from getpass import getpass
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import App, Parameter

from openroll.cli import sd_jwt
from openroll.cli.key_files import read_bytes, write_private
from openroll.cli.output import err, fail, line, one_line, out
from openroll.cli.receipts import end_explained
from openroll.cli.requests.at_roll import Roll, asked, json_at, sent
from openroll.cli.roll_time import Clock, clock_of, own_clock
from openroll.cli.wiring import Wiring
from openroll.disclosure import Disclosure
from openroll.disclosure.disclosure import base64url
from openroll.register.given import (
    FRAGMENT,
    MOST_BYTES,
    Given,
    GivenMalformed,
    Judged,
    Shown,
    Ungivable,
    encoded_in,
    give,
    judged,
    link,
    link_in,
    mistaken_for,
    read_given,
)
from openroll.register.grant import MOST_DAYS, PRESET_DAYS, WORD_BYTES, grant_of, read_word, word_of
from openroll.rules.language import ENGLISH
from openroll.service.identity.puzzle import HARDEST, solve
from openroll.sheet.disclosed import Unfound, receipts_in
from openroll.tlog import KeyHistory, Policy, Proved, TlogError, follow, handovers_of, parse_policy, restored_receipt
from openroll.watch.audit.trust import verifiers
from openroll.watch.roll_api import Declined, RollApi
from openroll.watch.source import Unreachable
from openroll.words.reasons import REASONS

TOO_MANY = 429
_MOST_FILE = 20_000_000
FAULTS = {
    "altered": "no receipt here holds it: altered, made up, or of another record",
    "form": "it is no disclosure of a text",
    "twice": "it is given twice",
    "superseded": "a later entry of the record has it no more: corrected, changed or taken back",
}
"""What is wrong with a value, in words (`given.Shown.why`)."""
NOT_PROVED = """\
Not proved: that it is true; that whoever gave it to you is the person it is about; that the record has not been corrected, taken
back or erased by an entry that is not in this file.
Signed by nobody: for whom, until when, whether it is good once, and whether it can be taken back. Whoever passes the file on can
write that otherwise, or leave it out."""


def add(app: App, wiring: Wiring) -> None:
    """Add the commands."""
    group = App(name="disclosure", help="Disclosures: what a person told, and gives to whom they choose.")
    app.command(group)
    _add_give(group, wiring)
    _add_take_back(group)
    sd_jwt.add(group, wiring)
    _add_verify(app, wiring)


class Standing(msgspec.Struct, frozen=True):
    """What a roll says of a grant."""

    grant: str
    taken_back: datetime | None
    shown: datetime | None


def _add_give(group: App, wiring: Wiring) -> None:
    @group.command(name="give")
    def give_some(  # noqa: PLR0913 - what is given, by what it is proved, for whom, how long and where to
        disclosures: list[Path],
        /,
        *,
        field: Annotated[list[str] | None, Parameter(help="A field to give; --field again for more.")] = None,
        receipt: Annotated[list[Path], Parameter(help="Receipts of the record, files or folders of them.")],
        to: Annotated[str, Parameter(help="For whom and for what, in your words: it stands in the file.")] = "",
        until: Annotated[str, Parameter(help="The last day on which it is meant to be used, as 2026-12-31.")] = "",
        revocable: Annotated[
            bool,
            Parameter(help="Print a word by which you take it back. It is good for a year then, or until --until."),
        ] = False,
        once: Annotated[
            bool, Parameter(help="Good once: who checks it with --roll sees whether it was shown. It has an end too.")
        ] = False,
        page: Annotated[
            str,
            Parameter(
                help="Print a link instead: the address of a roll's page “Check a receipt”. All of it stands behind the"
                " number sign, which browsers keep to themselves."
            ),
        ] = "",
        output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    ) -> None:
        """Give chosen fields of your own disclosures to somebody, with the receipts that prove them. Nothing is sent anywhere.

        Parameters
        ----------
        disclosures
            The files of disclosures that you kept when you filed or told.
        output
            Where to write the file that you give away, for its owner only. It must not be there yet.
        """
        if not field or (output is None) == (not page):
            fail("Name the fields to give with --field, and --output for a file or --page for a link.")
        made = _made(disclosures, receipt, field, to, _day(until, wiring.clock().date()))
        if revocable or once:
            made = _granted(made, wiring, once=once)
        if output is not None:
            write_private(output, made.encoded(), "What is given")
            out.print(f"Wrote {output}: {', '.join(field)}. `openroll verify` checks it.", soft_wrap=True)
            return
        try:
            line(link(page, made))
        except GivenMalformed as error:
            fail(f"--page {page}: {error}.")


def _made(disclosures: list[Path], receipts: list[Path], fields: list[str], to: str, until: date | None) -> Given:
    kept = [one for path in disclosures for one in _kept_in(path)]
    try:
        return give(kept, [proof for _, proof in receipts_in(receipts)], fields, to, until)
    except Ungivable as error:
        fail(f"{error.field}: {_UNGIVABLE[error.why]}. Nothing was written.", 1)
    except GivenMalformed as error:
        fail(f"{error}. Nothing was written.")
    except Unfound as error:
        fail(f"{error}.")


def _kept_in(path: Path) -> list[str]:
    """The disclosures in a file of a person."""
    data = read_bytes(path, _MOST_FILE)
    if len(data) > _MOST_FILE:
        fail(f"{path} has more than {_MOST_FILE:,} bytes: this is no person's file.")
    return list(encoded_in(data.decode("utf-8-sig", errors="replace")))


_UNGIVABLE = {
    "absent": "your files have no disclosure of it",
    "unproved": "none of these receipts holds it: fetch the receipt of the act in which you told it",
    "taken-back": "it was taken back, corrected or changed since, so no entry proves it any more",
}


def _granted(given: Given, wiring: Wiring, *, once: bool) -> Given:
    """The same with a grant; its word is told to whoever gives, and stands in no file."""
    today = wiring.clock().date()
    until = given.until or today + timedelta(days=PRESET_DAYS)
    if (until - today).days > MOST_DAYS:
        fail(f"--until {until}: what can be taken back is good for {MOST_DAYS} days at most.")
    word = word_of(wiring.random(WORD_BYTES))
    err.print(f"It is good until {until}. (By the clock of this machine it is {today}.)", soft_wrap=True)
    err.print(f"To take it back: openroll disclosure take-back --roll ADDRESS, and the word {word}", soft_wrap=True)
    return msgspec.structs.replace(given, until=until, grant=grant_of(word) or "", once=once)


def _day(text: str, today: date) -> date | None:
    """The last day of what is given, if one is named."""
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        fail(f"--until {text}: expected a day, as 2026-12-31.")
    if day is not None and day < today:
        fail(f"--until {text}: this day is over, and the check would say so at once. Nothing was written.")
    return day


def _add_take_back(group: App) -> None:
    @group.command
    def take_back(*, roll: Roll) -> None:
        """Take back what you gave, for the future: the roll says so to whoever asks. The word is read from standard input.

        The roll learns a number and a moment: not what you gave, nor to whom. What somebody has seen, they have seen.
        """
        word = getpass("Word: ") if sys.stdin.isatty() else sys.stdin.readline()
        read = read_word(word)
        if read is None:
            fail(
                "This is no word of a grant, or a character of it is wrong: 26 letters and digits, of which the last two check"
                " the others, as `openroll disclosure give` printed it. Nothing was sent."
            )
        with asked():
            api = RollApi(roll)
            found = _of_grant(api, grant_of(read.body), _marked(api, "grants/taken-back", {"word": read.body}))
            if found.taken_back is None:
                raise Unreachable(api.where, "it does not say that this was taken back")
        out.print(
            "Taken back: whoever asks this roll is told so from now on." if read.checked else _UNCHECKED, soft_wrap=True
        )


_UNCHECKED = """\
Taken back, IF this word is right: it has no check characters, and the roll cannot know whether anything was given by it. \
Look at what you gave with `openroll verify` and --roll: it says whether it was taken back."""


def _marked(api: RollApi, path: str, body: dict[str, str]) -> Standing:
    """Mark a grant; where the roll slows down, by the puzzle it gives instead of waiting. Raises Declined, Unreachable."""
    try:
        return sent(api, path, body, Standing)
    except Declined as error:
        puzzle = str(error.params.get("puzzle", ""))
        if error.code != "grants-slowed" or not puzzle:
            raise
        err.print("The roll slows down here: solving a puzzle instead of waiting. This may take a minute.")
        return sent(api, path, body | {"proof": _solved(puzzle, error)}, Standing)


def _of_grant(api: RollApi, grant: str | None, found: Standing) -> Standing:
    """What a roll says, held to be of the grant that was asked about. Raises Unreachable: of this one it said nothing."""
    if found.grant != grant:
        raise Unreachable(api.where, "asked about one grant, it answers about another")
    return found


def _solved(puzzle: str, error: Declined) -> str:
    bits = puzzle.split(".")[2:3]
    if not (bits and bits[0].isascii() and bits[0].isdigit() and int(bits[0]) <= HARDEST):
        raise error  # no roll of ours asks for that: nobody works on it
    return solve(puzzle)


def _add_verify(app: App, wiring: Wiring) -> None:
    @app.command
    def verify(
        given: str = "-",
        /,
        *,
        key: Annotated[
            list[str], Parameter(negative="", help="A public key of the roll's log, or a file with one a line.")
        ],
        policy: Annotated[Path | None, Parameter(help="A policy file: its witnesses and their quorum.")] = None,
        history: Annotated[Path | None, Parameter(help="The log's key history, where it has changed its keys.")] = None,
        roll: Annotated[str, Parameter(help="The address of its roll, to ask whether it was taken back.")] = "",
        once: Annotated[
            bool,
            Parameter(negative="", help="With --roll: use up what is good once, so that whoever comes later is told."),
        ] = False,
    ) -> None:
        """Check what a person gave to you: that it is unaltered, under which roll, as of which entry. Needs no network.

        A receipt alone is checked too: what it proves, as `receipt explain` says it.

        With --roll the roll is asked what day it is there, by which its last day is judged, and whether it was taken back, or
        shown before where it is good once; it learns a number that says nothing of the person, and to ask uses nothing up.
        Ends with status 1 where anything does not hold, or its last day is over; with 2 where the roll was to be asked, and did
        not say.

        Parameters
        ----------
        given
            The file that you were given, or the link; left out, either is read from standard input.
        """
        data, keys = _bytes(given), _trust(key, history)
        if data.startswith(_RECEIPT) or restored_receipt(data) is not None:
            if roll:
                fail(
                    "This is a receipt alone: nobody gave it, so no roll knows whether it was taken back. Leave --roll out."
                )
            end_explained(data, keys, _policy(policy), ENGLISH)
        found = _read(data)
        with asked():
            clock = clock_of(RollApi(roll), wiring.clock()) if roll else own_clock(wiring.clock())
        result = judged(found, keys, clock.today, _policy(policy))
        _say(found, result, clock)
        stands = _stands(found, roll, clock, once=once) if found.grant else True
        raise SystemExit(0 if result.good and stands else 1)


def _bytes(given: str) -> bytes:
    data = _of_link(given) if "://" in given else read_bytes(Path(given), _MOST_LINK)
    found = link_in(data)
    return _of_link(found) if found else data


def _read(data: bytes) -> Given:
    try:
        return read_given(data)
    except GivenMalformed as error:
        other = next((said for begins, said in _OTHERS.items() if data.startswith(begins)), "")
        if what := mistaken_for(data):
            other = REASONS[what]
        elif not other and _opens(data):
            other = _TEXT_THAT_OPENS
        fail(
            f"{other} ({error}.)"
            if what == "given-file"
            else other or f"This is no file of given disclosures: {error}."
        )


_RECEIPT = b"c2sp.org/tlog-proof"
"""What a receipt begins with, in whichever version."""
_MOST_LINK = 2 * MOST_BYTES
"""Bytes that are read of a file: a link is longer than what stands behind its number sign."""
_OTHERS = {
    b"%PDF-": "This is a PDF, and no file of given disclosures: a receipt that was saved as one is checked on the page of the"
    " roll on which receipts are checked.",
}
"""What other files begin with, and what is said of them."""
_TEXT_THAT_OPENS = (
    "This is the text that opens what was told, and no file of given disclosures: nothing proves it without a receipt. Its owner"
    " gives from it what somebody is to see: `openroll disclosure give`."
)


def _opens(data: bytes) -> bool:
    """Whether a file holds disclosures as their owner keeps them: a line or a list of them, or the file of an operator."""
    for word in data[:MOST_BYTES].decode("utf-8", errors="replace").translate(_BETWEEN_WORDS).split()[:_MOST_WORDS]:
        try:
            Disclosure.parse(word)
        except ValueError:
            continue
        return True
    return False


_BETWEEN_WORDS = str.maketrans(dict.fromkeys('~",:[]{}', " "))
_MOST_WORDS = 50
"""Words of a file among which a disclosure is looked for."""


def _of_link(text: str) -> bytes:
    _, _, fragment = text.strip().partition("#")
    if not fragment.startswith(FRAGMENT):
        fail("This link has nothing behind its number sign: was it cut off when it was sent?")
    encoded = fragment.removeprefix(FRAGMENT)
    try:
        data = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    except ValueError:
        data = b""
    if not data or base64url(data) != encoded:  # what is decoded passes over characters that are none of it
        fail("What stands behind the number sign of this link is damaged: ask for it again.")
    return data


def _trust(keys: list[str], history: Path | None) -> KeyHistory:
    try:
        known = verifiers(keys)
        told = handovers_of(history.read_bytes()) if history else None
        if not known:
            fail("--key names no key: without a key of the log nothing can be checked.")
        return KeyHistory(known) if told is None else follow(told, known)
    except (OSError, UnicodeDecodeError, TlogError) as error:
        fail(f"the key or its history cannot be read: {error}.")


def _policy(path: Path | None) -> Policy | None:
    try:
        return None if path is None else parse_policy(path.read_bytes())
    except (OSError, TlogError) as error:
        fail(f"the policy cannot be read: {error}.")


def _say(given: Given, result: Judged, clock: Clock) -> None:
    """Say what was given, what proves it, and what nothing here proves."""
    if given.to:
        line(f"For: {given.to}")
    for one in result.shown:
        _say_value(one)
    for why in result.broken:
        line(f"WRONG, a receipt: {one_line(why)}")
    if given.until is not None:
        line(f"{'OVER: it' if result.over else 'It'} was given until {given.until}. {one_line(clock.said)}")
    entries = {one.at.index: one.at for one in result.shown if one.at is not None}
    for entry in entries.values():
        _say_entry(entry)
    if result.apart:
        line("NOT PROVED: that these entries are of one record, so that the values are of one person.")
    if result.unaltered:
        line("Checked: each value is unaltered since it stands in the log.")
    line(*NOT_PROVED.splitlines())


def _say_value(one: Shown) -> None:
    if one.why:
        line(f"WRONG, {one_line(one.field) or 'a disclosure'}: {FAULTS[one.why]}")
    else:
        line(f"{one_line(one.field)}: {one_line(one.value)}")


def _stands(given: Given, roll: str, clock: Clock, *, once: bool) -> bool:
    """Ask a roll what became of a grant, and say it; whether it still stands. With `once` what is good once is used up."""
    if not roll:
        line("Its giver may have taken it back: --roll asks that." + (" It is good once." if given.once else ""))
        return True
    with asked():
        api = RollApi(roll)
        found = _of_grant(api, given.grant, _asked_of(api, f"grants/{given.grant}", uses_up=given.once and once))
    if found.taken_back is not None:
        line(f"TAKEN BACK by its giver on {clock.day(found.taken_back)}.")
    if given.once and found.shown is not None:
        line(f"SHOWN BEFORE, on {clock.day(found.shown)}: it was given to be shown once.")
    stands = found.taken_back is None and not (given.once and found.shown is not None)
    if stands:
        first = (
            ", and it is shown for the first time." if once else ". It is good once, and not used up: --once does that."
        )
        line("The roll knows of nobody who took it back" + (first if given.once else "."))
    return stands


def _asked_of(api: RollApi, path: str, *, uses_up: bool) -> Standing:
    """What became of a grant; with `uses_up` marked as shown, and how it stood before. Ends with 2 where the roll is too busy."""
    try:
        return _marked(api, f"{path}/shown", {}) if uses_up else json_at(api, path, Standing)
    except Declined as error:
        if error.status != TOO_MANY:
            raise
        fail(f"NOT LOOKED UP whether it was taken back: the roll slows you down. {error.sentence}", 2)


_PUBLIC = ("operator", "kind", "access", "district", "connected", "on", "rule")


def _say_entry(proved: Proved) -> None:
    """Which roll, which entry of which day, and what the entry itself says in the clear."""
    entry = proved.entry
    line(
        f"As of entry {proved.index} of {proved.checkpoint.origin} ({entry.kind}, {entry.day}), one of"
        f" {proved.checkpoint.size:,} that its log signed for."
    )
    said = _body(proved.body)
    for name in _PUBLIC:
        if isinstance(said.get(name), str) and said[name]:
            line(f"  {name}: {one_line(said[name])}")


def _body(body: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
