"""A later look: the operator's own tellings as the log has them, held against the words that its handle key gives.

The program that told has read that back. This looks once more, also at what a page without script or another program told: where
the log has another word than the person's, they find nothing of it and cannot complain by it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NamedTuple

from cyclopts import Parameter

from openroll.cli.handles import read_key
from openroll.cli.output import command, err, fail
from openroll.cli.requests.at_roll import Log, json_at, request_at
from openroll.cli.requests.folder import RollSaid
from openroll.cli.requests.read_back import HeldBy, log_held_by
from openroll.disclosure.notice import bucket_of, nobody_secret, notice_secret, word_of
from openroll.register.request.content import complaint_digest, notice_context
from openroll.register.request.events import PersonToldByWord, RequestEvent
from openroll.sheet.disclosed import Unfound, kept_lines
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

    def hold(self, api: RollApi, told: Iterable[int]) -> None:
        """Say which of these requests the log has another telling of than these keys and files give, and end with status 1 then.

        Raises Declined, Unreachable, Unproved, TlogError.
        """
        if not self.handle_key:
            if self.disclosures:
                fail("--disclosures is held against the log by your handle key: give it with --handle-key.")
            return
        log = log_held_by(api, self)
        origins = (log.origin, *json_at(api, "log", RollSaid).before)
        keys = [read_key(path) for path in self.handle_key]
        tellings = [one for number in told for one in _tellings(api, log, number)]
        try:
            handles = {kept.handle for kept in kept_lines(self.disclosures or ())} if tellings else set()
        except Unfound as error:
            fail(f"{error}.")
        wrong = not_own(tellings, keys, handles, origins)
        for one in wrong:
            show = command("request", "show", one.request, "--roll", api.where, "--log-key", "log.pub")
            err.print(
                f"Request {one.request}: THE LOG HAS A WORD of {one.at:%Y-%m-%d %H:%M} UTC, by {one.by}, that none of your handle"
                " keys gives for a record in these files, or for nobody: its person finds nothing by it. Another key or another"
                " record was told, or it was written over on its way into the log: tell the supervisor and whoever watches the"
                f" log. {show} has it.",
                soft_wrap=True,
            )
        if wrong:
            raise SystemExit(1)
        err.print(f"{len(tellings)} tellings in the log are by words of your own.")


def _tellings(api: RollApi, log: Log, number: int) -> Iterator[PersonToldByWord]:
    facts: Sequence[RequestEvent] = request_at(api, number, log).matter.facts
    yield from (one for one in facts if isinstance(one, PersonToldByWord))


class _Sought(NamedTuple):
    """A telling by its bucket and its word's digest, which one secret gives."""

    told: PersonToldByWord
    contexts: tuple[str, ...]

    def is_by(self, secret: bytes) -> bool:
        """Whether a secret gives both."""
        if bucket_of(secret, self.told.request) != self.told.bucket:
            return False
        return any(complaint_digest(word_of(secret, one)) == self.told.complaint for one in self.contexts)


def not_own(
    tellings: Iterable[PersonToldByWord], keys: Sequence[bytes], handles: Iterable[str], origins: Sequence[str]
) -> list[PersonToldByWord]:
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
