"""After an act: what the log has of it, held against what was sent. An act stands as the log says it, and not as it was typed."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple, NoReturn, TypeVar

import msgspec
from cyclopts import Parameter

from openroll.cli.output import command, err, fail, one_line
from openroll.cli.requests import at_roll
from openroll.cli.requests.at_roll import AtRoll, Believed, Log, log_by, log_of, sent, size_of
from openroll.cli.requests.seen_head import keep_seen, path_in
from openroll.cli.requests.unanswered import Failed, facts_at, found_after, say_done, since_said, with_more
from openroll.durable import write_new
from openroll.register.event import Event
from openroll.register.request import commands
from openroll.register.request.events import RequestFiled, TimePassed
from openroll.register.request.made import ACTS
from openroll.tlog import KEY_HISTORY, TlogError, parse_proof
from openroll.watch.requests.proved import Fact, Unproved
from openroll.watch.requests.read_back import (
    OF_THE_ROLL,
    Before,
    Logged,
    ReadBack,
    in_request,
    is_placed,
    is_there,
    of_entry,
)
from openroll.watch.roll_api import Declined, RollApi
from openroll.watch.source import Unreachable

T = TypeVar("T")
KINDS: dict[str, type[commands.Step]] = {act: kind for kind, act in ACTS.items()} | {"approve": commands.Approve}
"""The command that each act is, as the API calls it."""
NEVER = datetime.min.replace(tzinfo=UTC)
"""The moment of an act that no roll took yet."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class HeldBy:
    """By which keys of the log an act is held against what was sent."""

    log_key: Annotated[
        list[str] | None,
        Parameter(
            negative="",
            help="A public key of the roll's log, or a file with one a line, to read the act back by: by default those that the"
            " roll gives.",
        ),
    ] = None
    policy: Annotated[Path | None, Parameter(help="With --log-key: a policy file, as `read` takes it.")] = None

    @property
    def believed(self) -> Believed | None:
        """Which log is believed; None where the roll's own word is all that there is."""
        return Believed(log_key=self.log_key, policy=self.policy) if self.log_key else None


class Taken(msgspec.Struct):
    """What a roll answers to an act: from which seat it took it, and by which number it has what was filed or registered."""

    by: str = ""
    number: int = 0

    @property
    def organisation(self) -> str:
        """The organisation of that seat."""
        return self.by.rpartition("/")[0]


class _Served(msgspec.Struct):
    facts: list[Fact]


class Act(NamedTuple):
    """Something that is sent, in words; whose log has it; the folder that evidence is kept in and how its files' names begin; and
    the command by which one looks again."""

    said: str
    log: Log
    folder: Path
    name: str
    again: str


def log_held_by(api: RollApi, held: HeldBy | Believed | None) -> Log:
    """The log by the keys that are trusted, or by those that the roll gives, which is said.

    Raises Declined, TlogError, Unreachable.
    """
    believed = held.believed if isinstance(held, HeldBy) else held
    if believed is not None:
        return log_of(api, believed)
    keys = api.get("log/keys", 100_000).decode("utf-8", errors="replace").split()
    err.print(
        "The act is read back by the keys that the roll gives of its log: --log-key reads it back by those that you trust."
    )
    try:
        history = api.get(f"log/{KEY_HISTORY}", 10_000_000)
    except Declined as error:
        if error.status != at_roll.NOT_THERE:
            raise
        history = b""
    return log_by(Believed(log_key=keys), history)


def step(at: AtRoll, number: int, body: dict[str, Any], held: HeldBy | Believed | Log | None = None) -> ReadBack:
    """Do an act in a request, and read it back; the end where the log says otherwise. Raises Declined, Unreachable, TlogError."""
    api = at.api()
    log = held if isinstance(held, Log) else log_held_by(api, held)
    act, said = body["act"], {name: value for name, value in body.items() if name not in ("act", "dry_run")}
    made = msgspec.convert(said | {"request": number}, KINDS[act])
    before = before_at(api, log, number, at.token.parent)
    of = of_request(api, log, number, act, at.token.parent)
    try:
        taken = sent(api, f"requests/{number}/steps", body, Taken)
    except (Declined, Unreachable) as error:
        return look_after(error, api, made, before, of)
    return read_back(api, made, before, of, taken.by)


def complain_read_back(api: RollApi, number: int, word: str, held: HeldBy | None) -> None:
    """Complain about a request by the word of its notice, and read that back. Raises as `step`."""
    api.hold_private(sending=True)
    log = log_held_by(api, held)
    before = before_at(api, log, number)
    act, made = of_request(api, log, number, "complain", Path()), commands.Complain(request=number, word=word)
    try:
        sent(api, "complaints", {"request": number, "word": word}, dict[str, Any])
    except (Declined, Unreachable) as error:
        look_after(error, api, made, before, act)
    else:
        read_back(api, made, before, act)


def look_after(error: Failed, api: RollApi, made: commands.Step, before: Before, act: Act) -> ReadBack:
    """What the log has of an act that was refused, or not answered: the act, which is done then; else the error, with that.

    Raises Declined, Unreachable, Unproved, TlogError.
    """
    found = found_after(error, api, made, before, act.log)
    has = [one for one in found.since if one.position >= before.size and not isinstance(one.fact, TimePassed)]
    kept, lost = keep_receipts(act, has if found.act is None else [found.act])
    saved = (f". The receipts that prove it are in {', '.join(kept)}" if kept else "") + lost
    if found.act is None:
        raise with_more(error, since_said("; ".join(entry_said(one, before.size) for one in has), saved))
    say_done(error, act.said, f": entry {found.act.position:,}{_by(found.act.fact)}{saved}")
    return found


def of_request(api: RollApi, log: Log, number: int, act: str, folder: Path) -> Act:
    """An act in a request as it is spoken of."""
    show = command("request", "show", number, "--roll", api.where, "--log-key", "log.pub")
    return Act(f"request {number}: `{act}` was sent", log, folder, f"request-{number}-{act}", show)


def before_at(api: RollApi, log: Log, number: int | None, folder: Path | None = None) -> Before:
    """What there is before an act is sent, of a request if it is in one. The head first: what came between stands behind it.

    Raises as `size_of`.
    """
    size = size_of(api, log, folder)
    return Before(size, () if number is None else tuple(facts_at(api, number)))


def read_back(api: RollApi, made: commands.Step, before: Before, act: Act, seat: str = "") -> ReadBack:
    """What the log has of an act that was sent in a request; the end with a sentence, where that is anything else."""

    def look() -> list[Fact]:
        return facts_at(api, made.request)

    return held_back(
        act,
        look,
        lambda served: is_there(served, before),
        lambda served: in_request(made, served, before, act.log.keys, act.log.policy, seat=seat),
        whole=is_placed,
    )


def entry_back(made: Event, act: Act, size: int, receipt: Callable[[], str]) -> ReadBack:
    """What the log has of an act that is one entry, by the receipt that the roll gives of it, as `read_back`. `size`: how many
    entries the log had before."""

    def there(given: str) -> bool:
        return bool(given) and parse_proof(given.encode()).index >= size

    return held_back(act, receipt, there, lambda given: of_entry(made, given, size, act.log.keys, act.log.policy), bool)


def filed_back(api: RollApi, filed: RequestFiled, before: Before, act: Act) -> None:
    """What the log has of a request that was filed, and of the earlier one that it produces from, with this before."""
    number = filed.request

    def receipt() -> str:
        found = facts_at(api, number)
        return found[0].receipt if found else ""

    entry_back(filed, act, before.size, receipt)
    if filed.desired == "produce" and filed.earlier is not None:
        again = act._replace(said=f"request {number} was filed, which produces from request {filed.earlier}")
        read_back(api, commands.Produce(request=filed.earlier, later=number), before, again, filed.by)


def served_before(data: bytes, size: int) -> Before:
    """What there was before an act in a request, by its answer, and by how many entries the log had."""
    return Before(size, tuple(msgspec.json.decode(data, type=_Served).facts))


def taken_back(api: RollApi, number: int, before: Before, act: Act, seat: str, stood: bool) -> None:
    """What the log has of a seat's taking of envelopes; the end with a sentence where that is nothing, whatever others took.

    Each seat's taking stands there once in each step: `stood` is the roll's word that it did before.
    """
    made = commands.OpenRequest(request=number)

    def read(served: Sequence[Fact]) -> ReadBack:
        return in_request(made, served, before, act.log.keys, act.log.policy, seat=seat)

    def there(served: Sequence[Fact]) -> bool:
        return is_placed(served) and (stood or read(served).act is not None)

    said = f"request {made.request}: its envelopes were given to {seat}"
    held_back(act._replace(said=said), lambda: facts_at(api, made.request), there, read, whole=is_placed)


def held_back(
    act: Act,
    look: Callable[[], T],
    there: Callable[[T], bool],
    read: Callable[[T], ReadBack],
    whole: Callable[[T], bool] = lambda _: False,
) -> ReadBack:
    """What the log has of an act: looked for as long as a log promises, and held against what was sent.

    Else a sentence and the end: with status 2 where it has no place in the log yet, or could not be looked for, with 1 where the
    log says otherwise, and where what is served is `whole`, each part of it in its place, and the act is not in it in that time.
    """
    found = None
    with believing(act):
        for at in range(at_roll.LOOKS + 1):
            served = look()
            if there(served) or (at == at_roll.LOOKS and whole(served)):
                found = read(served)
                break
            if at < at_roll.LOOKS:
                at_roll.pause(at_roll.LOOKS_APART)
    if found is None:
        fail(f"{act.said}, and it is not in the log yet: rest nothing on it. Look again by {act.again}.", 2)
    if found.act is None:
        say_otherwise(act, found)
    keep_head(act, found.act.receipt)
    where = f"entry {found.act.position:,}"
    err.print(f"Read back from the log: {found.act.fact.name}, {where}{_by(found.act.fact)}.", soft_wrap=True)
    return found


@contextmanager
def believing(act: Act) -> Iterator[None]:
    """While what a roll gives of an act is read: what cannot be read back, and what is not believed, is said, and the end."""
    try:
        yield
    except (Declined, Unreachable) as error:
        fail(f"{act.said}, and could not be read back from the log: {error}. Look again by {act.again}.", 2)
    except (Unproved, TlogError) as error:
        fail(
            f"{act.said}, and what the roll gives of it is not believed: {error}. Rest nothing on it, and tell the supervisor and"
            " whoever watches the log.",
            1,
        )


def keep_head(act: Act, receipt: str) -> None:
    """Keep the head of the log under which an act was proved beside the token, where one is kept there."""
    with suppress(TlogError, Unproved):  # it is proved already: what is kept beside the token is another matter
        if path_in(act.folder, act.log.origin).exists():
            keep_seen(act.folder, act.log.origin, act.log.keys, parse_proof(receipt.encode()).checkpoint)


def _by(fact: Event) -> str:
    by = getattr(fact, "by", "")
    return f", by {by}" if by else ""


def say_otherwise(act: Act, found: ReadBack) -> NoReturn:
    """Say what was sent and what the log has instead, keep its receipts, and end with status 1."""
    has = [one for one in found.since if not isinstance(one.fact, TimePassed)] or list(found.since)
    meant = "" if found.meant is None else f" ({fact_said(found.meant)})"
    if not has:
        fail(
            f"{act.said}, and THE LOG HAS NO ENTRY OF IT, a minute later: a silent act. Rest nothing on it, and tell the"
            f" supervisor and whoever watches the log. Look again by {act.again}.",
            1,
        )
    instead = "; ".join(entry_said(one, found.size) for one in has)
    kept, lost = keep_receipts(act, has)
    saved = f" The receipt that proves it is in {', '.join(kept)}." if kept else ""
    fail(
        f"{act.said}{meant}, and THE LOG SAYS OTHERWISE: {instead}. That is not what was sent: nothing may be done on the log's"
        f" word. Tell the supervisor and whoever watches the log.{saved}{lost}",
        1,
    )


def entry_said(one: Logged, size: int) -> str:
    """An entry in words; `size`: how many the log had before something was sent."""
    older = f", which stood there before (the log had {size:,} entries)" if one.position < size else ""
    return f"entry {one.position:,}, {fact_said(one.fact)}{_by(one.fact)}{older}"


def keep_receipts(act: Act, has: Sequence[Logged]) -> tuple[list[str], str]:
    """The files that hold the receipts of what a log has, and why there is none."""
    kept, lost = [], ""
    for one in has:
        path = act.folder / f"{act.name}-entry-{one.position}.receipt"
        try:
            if not path.exists():
                write_new(path, one.receipt.encode())
        except OSError as error:
            lost = f" {path} could not be written: {error.strerror or error}."
        else:
            kept.append(str(path))
    return kept, lost


def fact_said(fact: Event) -> str:
    """A fact in words: its kind, and what it says beside what the roll adds to it."""
    said = fields_said(fact)
    return f"{fact.name} {said}" if said else fact.name


def fields_said(fact: Event) -> str:
    """What a fact says beside its request, its moment, its seat and its rule."""
    named = {
        name: value
        for name in fact.__struct_fields__
        if name not in ("request", *OF_THE_ROLL) and (value := getattr(fact, name)) not in ("", (), None)
    }
    return ", ".join(f"{name}: {_one(value)}" for name, value in named.items())


def _one(value: object) -> str:
    text = one_line(" ".join(map(str, value)) if isinstance(value, tuple) else str(value))
    return text if len(text) <= _MOST_SAID else f"{text[:_BEGINS]}…"


_MOST_SAID, _BEGINS = 1_000, 16
"""Characters of a value that is said whole, and of the beginning of a longer one: nobody reads a signature."""
