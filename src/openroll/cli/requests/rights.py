"""What is there before anybody asks: keys of envelopes, registered uses; and the requests as anybody sees them."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from cyclopts import App, Parameter

from openroll.cli.envelopes import read_held
from openroll.cli.output import SECONDS, clock_time, command, line, out
from openroll.cli.requests.at_roll import (
    AtRoll,
    Believed,
    Log,
    Roll,
    asked,
    json_at,
    log_of,
    pages,
    request_at,
    sent,
    served_keys,
    size_of,
)
from openroll.cli.requests.own_tellings import Tellings
from openroll.cli.requests.read_back import Act, HeldBy, Taken, entry_back, fields_said, log_held_by
from openroll.cli.requests.reading import say_lost
from openroll.cli.requests.signing import signatures_said
from openroll.cli.requests.unanswered import right_after, say_done
from openroll.cli.table import Rows, whole
from openroll.disclosure.envelope import public_line
from openroll.register.request.events import KeyEnded, KeyPublished, UseEnded, UseRegistered
from openroll.register.request.state import PROCEDURE_UNKNOWN
from openroll.rules.language import ENGLISH, in_language
from openroll.tlog import parse_proof
from openroll.watch.requests.proved import Key
from openroll.watch.roll_api import Declined, RollApi
from openroll.watch.source import Unreachable


class Use(msgspec.Struct, frozen=True):
    """A registered use as the roll serves it."""

    number: int
    organisation: str
    purpose: int
    basis: str
    fields: tuple[str, ...]
    supervisor: str
    supervised_at: str
    office: str
    titles: dict[str, str]
    said: dict[str, str]
    purpose_gone: bool = False
    fields_gone: tuple[str, ...] = ()
    receipt: str = ""
    ended_receipt: str = ""


class Listed(msgspec.Struct, frozen=True):
    """A request in a list, as far as a table shows it."""

    number: int
    status: str
    due: datetime | None
    late: bool
    authority: str
    operator: str
    reviewer: str
    fields: tuple[str, ...]
    urgency: str
    procedure: str = ""
    complained: bool = False


def add(group: App) -> None:
    """Add the commands."""
    _add_keys(group)
    _add_uses(group)
    _add_use_ends(group)
    _add_lists(group)


def _add_keys(group: App) -> None:
    @group.command
    def publish_key(key: Path, /, *, at: AtRoll, held_by: HeldBy | None = None) -> None:
        """As a lead: publish the public half of your organisation's key, so that one can seal to it.

        Parameters
        ----------
        key
            The key, as `openroll envelope new-key` made it. It stays here.
        """
        held = read_held(key)
        public = public_line(held.published).strip()
        with asked():
            api = at.api()
            log = log_held_by(api, held_by)
            size = size_of(api, log, at.token.parent)
            look = _among_keys(api, size, held.id, ends=False)
            taken = _sent(api, "envelope-keys", {"public": public}, look)
            made = KeyPublished(organisation=taken.organisation, key=held.id, public=public, by=taken.by, rule="")
            _key_back(at, log, size, made)
        out.print(f"Published the key {held.id}.")

    @group.command
    def end_key(key: str, /, *, at: AtRoll, why: str = "", held_by: HeldBy | None = None) -> None:
        """As a lead: have a key of your organisation be used no more. Keep it: what was sealed to it needs it still.

        Parameters
        ----------
        key
            The id of the key.
        """
        with asked():
            api = at.api()
            log = log_held_by(api, held_by)
            size = size_of(api, log, at.token.parent)
            look = _among_keys(api, size, key, ends=True)
            taken = _sent(api, f"envelope-keys/{quote(key, safe='')}/end", {"why": why}, look)
            _key_back(
                at, log, size, KeyEnded(organisation=taken.organisation, key=key, why=why.strip(), by=taken.by, rule="")
            )
        out.print(f"Ended the key {key}.")


def _key_back(at: AtRoll, log: Log, size: int, made: KeyPublished | KeyEnded) -> None:
    """Hold what the log has of a key that was published or ended against what was sent."""
    ends = isinstance(made, KeyEnded)
    path = f"envelope-keys/{quote(made.organisation, safe='')}"
    said = f"key {made.key}: that it is {'ended' if ends else 'published'} was sent"
    act = Act(said, log, at.token.parent, f"key-{made.key}", f"page “Keys for envelopes” of {at.roll}")

    def receipt() -> str:
        found = [one for one in json_at(at.api(), path, list[Key]) if one.key == made.key]
        return next(((one.ended_receipt if ends else one.receipt) for one in found), "")

    entry_back(made, act, size, receipt)


def _sent(api: RollApi, path: str, body: dict[str, Any], look: Callable[[str], int | None]) -> Taken:
    """Send what is registered or ended. Raises Declined, Unreachable: and `look` finds nothing of it."""
    try:
        return sent(api, path, body, Taken)
    except (Declined, Unreachable) as error:
        number, by = right_after(error, api, look)
        say_done(error, "It was sent", f", by {by}")
        return Taken(by, number)


def _is_since(receipt: str, size: int) -> bool:
    """Whether an entry stands behind what the log had, by its receipt, not proved yet. Raises Malformed."""
    return bool(receipt) and parse_proof(receipt.encode()).index >= size


def _among_keys(api: RollApi, size: int, key: str, *, ends: bool) -> Callable[[str], int | None]:
    def look(organisation: str) -> int | None:
        found = [
            one for one in json_at(api, f"envelope-keys/{quote(organisation, safe='')}", list[Key]) if one.key == key
        ]
        receipts = [one.ended_receipt if ends else one.receipt for one in found]
        return 0 if any(_is_since(one, size) for one in receipts) else None

    return look


def _newest_use(api: RollApi, size: int, organisation: str) -> int | None:
    """The newest use of an organisation, where it was registered since."""
    listed = json_at(api, f"uses?authority={quote(organisation, safe='')}", list[Use])
    if not listed:
        return None
    number = listed[0].number
    return number if _is_since(json_at(api, f"uses/{number}", Use).receipt, size) else None


def _ended_use(api: RollApi, size: int, number: int) -> int | None:
    return 0 if _is_since(json_at(api, f"uses/{number}", Use).ended_receipt, size) else None


def _use_back(at: AtRoll, log: Log, size: int, made: UseRegistered | UseEnded) -> None:
    """Hold what the log has of a use that was registered or ended against what was sent."""
    ends = isinstance(made, UseEnded)
    said = f"use {made.use}: that it is {'ended' if ends else 'registered'} was sent"
    again = command("request", "uses", "--roll", at.roll)

    def receipt() -> str:
        found = json_at(at.api(), f"uses/{made.use}", Use)
        return found.ended_receipt if ends else found.receipt

    entry_back(made, Act(said, log, at.token.parent, f"use-{made.use}", again), size, receipt)


def _add_uses(group: App) -> None:
    @group.command
    def register_use(
        *,
        at: AtRoll,
        purpose: Annotated[int, Parameter(help="The place, from 0, in the rule's list of purposes.")],
        basis: Annotated[str, Parameter(help="The legal basis, as it is cited.")],
        field: Annotated[list[str], Parameter(help="A field that may be asked for; --field again for more.")],
        supervisor: Annotated[str, Parameter(help="Who hears complaints about the authority.")],
        supervised_at: Annotated[str, Parameter(help="How the supervisor is reached.")],
        office: Annotated[str, Parameter(help="The authority's telephone, by which an emergency is called back.")],
        held_by: HeldBy | None = None,
    ) -> None:
        """As a lead of an authority: register, in public, what your authority may ask for."""
        body = {
            "purpose": purpose,
            "basis": basis,
            "fields": field,
            "supervisor": supervisor,
            "supervised_at": supervised_at,
            "office": office,
        }
        with asked():
            api = at.api()
            log = log_held_by(api, held_by)
            size = size_of(api, log, at.token.parent)
            taken = _sent(api, "uses", body, lambda of: _newest_use(api, size, of))
            made = UseRegistered(
                organisation=taken.organisation,
                use=taken.number,
                purpose=purpose,
                basis=basis.strip(),
                fields=tuple(dict.fromkeys(field)),
                supervisor=supervisor.strip(),
                supervised_at=supervised_at.strip(),
                office=office.strip(),
                by=taken.by,
                rule="",
            )
            _use_back(at, log, size, made)
        out.print(f"Registered the use {taken.number}.")


def _add_use_ends(group: App) -> None:
    @group.command
    def end_use(number: int, /, *, at: AtRoll, why: str = "", held_by: HeldBy | None = None) -> None:
        """As a lead of the authority: end a registered use. What was filed under it goes on."""
        with asked():
            api = at.api()
            log = log_held_by(api, held_by)
            size = size_of(api, log, at.token.parent)
            taken = _sent(api, f"uses/{number}/end", {"why": why}, lambda _: _ended_use(api, size, number))
            of = json_at(api, f"uses/{number}", Use).organisation
            _use_back(at, log, size, UseEnded(organisation=of, use=number, why=why.strip(), by=taken.by, rule=""))
        out.print(f"Ended the use {number}.")

    @group.command
    def uses(*, roll: Roll, authority: str = "") -> None:
        """What authorities registered that they may ask for. Anybody may look.

        `(no more)` stands beside what the rule of today has dropped: nothing of it is asked for or given.
        """
        with asked():
            found = pages(RollApi(roll), f"uses?authority={quote(authority, safe='')}", list[Use])
        out.print(_uses(found) if found else "There is none.")


def _uses(found: list[Use]) -> Rows:
    table = Rows("use", "authority", "purpose", "basis", "fields", "supervisor", "called back at", lined=False)
    for one in found:
        fields = ", ".join(f"{name} (no more)" if name in one.fields_gone else name for name in one.fields)
        # The place in a list says nothing where that list was lost, and another rule's may have another purpose there.
        words = in_language(one.said, ENGLISH) or f"number {one.purpose + 1} of a rule whose text was lost"
        purpose = f"{words} (no more)" if one.purpose_gone else words
        supervisor = f"{one.supervisor}, {one.supervised_at}"
        row = (str(one.number), one.organisation, purpose, one.basis, fields, supervisor)
        table.add_row(*row, whole(one.office))
    return table


def _add_lists(group: App) -> None:
    @group.command(name="list")
    def list_own(
        *,
        at: AtRoll,
        ended: Annotated[bool, Parameter(negative="", help="Those that have ended too.")] = False,
        tellings: Tellings | None = None,
    ) -> None:
        """The requests that your organisation is a body of, the newest first.

        With --handle-key an operator holds what the log has of its tellings against its own, also in those that have ended;
        status 1 where one is none of them. With --log it reads the log whole for them, and not what the roll lists.
        """
        with asked():
            found = pages(at.api(), f"requests/own?ended={str(ended).lower()}", list[Listed])
        out.print(_table(found) if found else "There is none.")
        if tellings is not None:
            with asked():
                tellings.hold(at.api())

    @group.command(name="public")
    def list_public(
        *,
        roll: Roll,
        late: Annotated[bool, Parameter(negative="", help="Those whose person is told too late.")] = False,
    ) -> None:
        """The newest 200 of all requests, or all whose person is told too late, the newest first. Anybody may look."""
        api = RollApi(roll)
        with asked():
            found = pages(api, "requests/late?", list[Listed]) if late else json_at(api, "requests", list[Listed])
        out.print(_table(found) if found else "There is none.")

    @group.command
    def show(number: int, /, *, roll: Roll, believed: Believed) -> None:
        """A request as anybody sees it: each fact, proved by the log.

        Parameters
        ----------
        number
            The number of the request.
        """
        api = RollApi(roll)
        with asked():
            log = log_of(api, believed)
            data, matter = request_at(api, number, log)
            signed = signatures_said(matter, log, lambda name: served_keys(api, name))
        line(f"Request {number}:")
        for fact in matter.facts:
            line(f"{clock_time(fact.at, SECONDS)} {fact.name} {fact.by or '-'} {fields_said(fact)}".rstrip())
        say_lost(data)
        line(*signed)
        line(f"It stands in: {matter.request.standing.step}. All {len(matter.facts)} facts are proved by the log.")


def _table(found: list[Listed]) -> Rows:
    table = Rows("request", "stands in", "until", "authority", "operator", "reviewer", "fields", lined=False)
    for one in found:
        due = "" if one.due is None else clock_time(one.due)
        due = f"{due} (closes by itself)" if due and one.complained else due  # nobody here has anything left to do
        bodies = (one.authority, one.operator, one.reviewer)
        table.add_row(str(one.number), _stands_in(one), due, *bodies, ", ".join(one.fields))
    return table


def _stands_in(one: Listed) -> str:
    """Where a request stands, and whether it hurries."""
    status = f"unknown procedure {one.procedure}" if one.status == PROCEDURE_UNKNOWN else one.status
    return f"{status}, {one.urgency}" if one.urgency != "ordinary" else status
