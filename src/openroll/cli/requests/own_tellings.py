"""A later look: the operator's own tellings as the log has them, held against the words that its handle key gives.

The program that told has read that back. This looks once more, also at what a page without script or another program told: where
the log has another word than the person's, they find nothing of it and cannot complain by it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec
from cyclopts import Parameter

from openroll.cli.handles import read_key
from openroll.cli.output import command, err, fail, one_line
from openroll.cli.requests.at_roll import Log, json_at, pages, request_at
from openroll.cli.requests.folder import RollSaid
from openroll.cli.requests.held_log import read_whole
from openroll.cli.requests.read_back import HeldBy, log_held_by
from openroll.disclosure.notice import bucket_of, nobody_secret, notice_secret, word_of
from openroll.register.request.content import complaint_digest, notice_context
from openroll.register.request.events import PersonTold, RequestFiled
from openroll.sheet.disclosed import Unfound, kept_lines
from openroll.watch.requests.believed import BelievedLog
from openroll.watch.roll_api import RollApi


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Tellings(HeldBy):
    """By what an operator knows its own tellings."""

    handle_key: Annotated[
        list[Path] | None,
        Parameter(
            negative="",
            help="As an operator: your handle key, to hold what the log has of your tellings against the words that it gives;"
            " --handle-key again for those of operators that you succeeded.",
        ),
    ] = None
    disclosures: Annotated[
        list[Path] | None,
        Parameter(negative="", help="With --handle-key: your disclosures files, or a folder of them."),
    ] = None

    log: Annotated[
        str,
        Parameter(
            help="With --handle-key: the log, an address or a mirror's folder, read whole for tellings in your name that the roll"
            " lists nowhere. Takes --log-key and --operator."
        ),
    ] = ""
    operator: Annotated[str, Parameter(help="With --log: your organisation's name in the roll.")] = ""

    def hold(self, api: RollApi) -> None:
        """Say which requests the log has another telling of than these keys and files give, and end with status 1 then.

        Raises Declined, Unreachable, Unproved, TlogError.
        """
        if not self.handle_key:
            if self.disclosures or self.log:
                fail("--disclosures and --log are held by your handle key: give it with --handle-key.")
            return
        log = log_held_by(api, self)
        origins = (log.origin, *json_at(api, "log", RollSaid).before)
        keys = [read_key(path) for path in self.handle_key]
        tellings = self._in_log() if self.log else _listed(api, log)
        try:
            handles = {kept.handle for kept in kept_lines(self.disclosures or ())} if tellings else set()
        except Unfound as error:
            fail(f"{error}.")
        wrong = not_own(tellings, keys, handles, origins)
        for one in wrong:
            err.print(_not_own_said(one, api.where), soft_wrap=True)
        if wrong:
            raise SystemExit(1)
        err.print(f"{len(tellings)} tellings in the log are by words of your own.")

    def _in_log(self) -> list[PersonTold]:
        """The tellings in an operator's name that the whole log has. Raises TlogError, Unreachable."""
        if self.believed is None or not self.operator:
            fail("--log is read by keys that you trust, for one operator: give --log-key and --operator.")
        found = BelievedLog((RequestFiled, PersonTold))
        head = read_whole(self.log, self.believed, found.take)
        if found.left_out.count:
            err.print(one_line(str(found.left_out)), soft_wrap=True)
        err.print(f"Read all {head.size:,} entries of the log.")
        return told_for(found, self.operator)


def told_for(log: BelievedLog, operator: str) -> list[PersonTold]:
    """The tellings that a whole log has of the requests that an operator answers for: its own, and of whom it succeeded."""
    return [
        fact
        for number, acts in log.every_act()
        if any(operator in log.answering(filed.operator) for filed in log.filings(number))
        for fact in acts
        if isinstance(fact, PersonTold)
    ]


def _listed(api: RollApi, log: Log) -> list[PersonTold]:
    """The tellings of every request that the roll lists as this organisation's, by the facts of each, proved; and what was not
    looked at. The list's own word of who was told is not asked. Raises Declined, Unreachable, Unproved, TlogError."""
    listed = pages(api, "requests/own?ended=true", list[_Numbered])
    err.print(
        f"Not looked at: whether the log has tellings in your name in other requests than these {len(listed)}, which the roll"
        " lists. --log with the roll's address, or a mirror's, reads all of the log for them.",
        soft_wrap=True,
    )
    every = (fact for one in listed for fact in request_at(api, one.number, log).matter.facts)
    return [fact for fact in every if isinstance(fact, PersonTold)]


class _Numbered(msgspec.Struct):
    number: int


def _not_own_said(one: PersonTold, where: str) -> str:
    show = command("request", "show", one.request, "--roll", where, "--log-key", "log.pub")
    older = (
        ""
        if one.by_word
        else f" It is a {one.name}, by a drawn word, as only programs of before told: this one never does."
    )
    return (
        f"Request {one.request}: THE LOG HAS A WORD of {one.at:%Y-%m-%d %H:%M} UTC, by {one.by}, that none of your handle keys"
        " gives for a record in these files, or for nobody: its person finds nothing by it. Another key or another record was"
        f" told, or it was written over on its way into the log: tell the supervisor and whoever watches the log.{older} {show}"
        " has it."
    )


class _Sought(NamedTuple):
    """A telling by its bucket and its word's digest, which one secret gives."""

    told: PersonTold
    contexts: tuple[str, ...]

    def is_by(self, secret: bytes) -> bool:
        """Whether a secret gives both."""
        if bucket_of(secret, self.told.request) != self.told.bucket:
            return False
        return any(complaint_digest(word_of(secret, one)) == self.told.complaint for one in self.contexts)


def not_own(
    tellings: Iterable[PersonTold], keys: Sequence[bytes], handles: Iterable[str], origins: Sequence[str]
) -> list[PersonTold]:
    """The tellings whose bucket and word none of these handle keys gives, for any of these handles or for nobody.

    `origins`: the names that the log has and had.
    """
    left = [_Sought(one, tuple(notice_context(name, one.request) for name in origins)) for one in tellings]
    left = [one for one in left if not any(one.is_by(nobody_secret(key, one.told.request)) for key in keys)]
    for key in keys:
        for handle in handles if left else ():
            secret = notice_secret(key, handle)
            left = [one for one in left if not one.is_by(secret)]
    return [one.told for one in left]
