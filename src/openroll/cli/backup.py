"""The keeper's commands for the day the disk dies: back up, look at what there is, restore; and deposits in escrow."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from openroll.archive import Broken, CannotSeal, CannotUnseal, KeyLacks, Keys, Sealing
from openroll.cli.output import bar, err, fail, out
from openroll.cli.wiring import Wiring
from openroll.service.recovery import backup as backing
from openroll.service.recovery import backup_proof as proving
from openroll.service.recovery import backups as kept
from openroll.service.recovery import choice as choosing
from openroll.service.recovery import escrow as escrowing
from openroll.service.recovery import escrow_opening as opening
from openroll.service.recovery import escrow_trial as trying
from openroll.service.recovery import following
from openroll.service.recovery import restore as restoring
from openroll.service.recovery.backup import TROUBLES, Busy, House
from openroll.service.recovery.dump_loading import CannotRestore

_TROUBLES = (
    Broken,
    Busy,
    CannotSeal,
    CannotUnseal,
    *TROUBLES,
    escrowing.NotDeposited,
    opening.CannotOpen,
    CannotRestore,
)
A_ROUND = 60
"""Seconds that `make` waits for a round of `follow` into the same folder."""
NOT_PROVED = 3
"""The status of `backup verify` where a backup could not be restored on this machine, which says nothing of it."""
_PLAIN = "Danger: keep it unsealed. Whoever gets the file has the roll's keys."
Recipients = Annotated[
    list[str] | None, Parameter(name="--recipient", help="The holder's key: age1..., a file of keys, a GnuPG key.")
]
Identities = Annotated[
    list[Path] | None, Parameter(name="--identity", help="A file with a private key of age (GnuPG finds its own).")
]
_OPEN = "Open it too, in a PostgreSQL of its own that is thrown away: whole bytes do not say that a roll comes of them."
Trial = Annotated[bool, Parameter(name="--open", negative="", help=_OPEN)]
Plain = Annotated[bool, Parameter(name="--plain-and-readable-by-anyone", negative="", help=_PLAIN)]


@contextmanager
def troubles() -> Iterator[None]:
    """What can go wrong with copies, said in a sentence."""
    try:
        yield
    except _TROUBLES as error:
        fail(f"{str(error).rstrip('.')}.", 1)


def sealing_of(recipient: list[str] | None, plain: bool) -> Sealing:
    """To whom a file is sealed. Raises CannotSeal: unsealed only when that was said in so many words."""
    if plain and recipient:
        raise CannotSeal("either seal it to a key or leave it readable by anyone, not both")
    return Sealing.readable_by_anyone() if plain else Sealing.to(recipient or [])


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        fail(f"{text!r} is no instant: write it as '2026-11-24 10:00:00+08:00'")
    if moment.tzinfo is None:
        fail(f"{text!r} could be anywhere: add the time zone, as in '2026-11-24 10:00:00+08:00'")
    return moment


def add(app: App, wiring: Wiring) -> None:
    """Add the commands on backups and escrow."""
    _add_backup(app, wiring)
    _add_restore(app, wiring)
    _add_escrow(app, wiring)


def _add_backup(app: App, wiring: Wiring) -> None:
    backups = App(name="backup", help="Backups from which any instant can be brought back (docs/backup.md).")
    app.command(backups)

    _add_make(wiring, backups)
    _add_follow(wiring, backups)
    _add_stop(wiring, backups)
    _add_list(backups)
    _add_verify(wiring, backups)


def _add_make(wiring: Wiring, backups: App) -> None:
    @backups.command
    def make(
        *, to: Path, recipient: Recipients = None, keep: int = 0, dump: bool = False, plain: Plain = False
    ) -> None:
        """Back up the whole database and the rolls' keys, and the write-ahead log up to now.

        Parameters
        ----------
        to
            The folder of backups: another disk, or what is mounted from another machine.
        keep
            How many backups stay; older ones go, with the log that only they needed (default: all stay).
        dump
            For a server that lets nobody replicate: this roll as it is now, by pg_dump. No other instant can be brought back.
        """
        with troubles(), bar() as show:
            sealing = sealing_of(recipient, plain)
            if dump:
                done = backing.dump(_house(wiring), wiring.roll_name, to, sealing, keep=keep, progress=show)
            else:
                done = backing.back_up(
                    _house(wiring), to, sealing, keep=keep, patience=A_ROUND, progress=show, tell=_telling()
                )
                following.note_copy(wiring.home, to, wiring.clock())
        out.print(f"Wrote {done.path}.", soft_wrap=True)
        if done.gone:
            out.print(f"{done.gone} older files went.")


def _add_follow(wiring: Wiring, backups: App) -> None:
    @backups.command
    def follow(
        *,
        to: Path,
        recipient: Recipients = None,
        every: float = 60.0,
        keep: int = 0,
        rounds: int | None = None,
        plain: Plain = False,
    ) -> None:
        """Take the write-ahead log as it grows, until stopped: at most the last `--every` seconds are ever lost.

        Once it has begun it waits out what keeps it (a server that is away, a full disk), and goes on.

        Parameters
        ----------
        to
            The folder of backups; a first backup is made there if it has none.
        every
            Seconds between two rounds.
        keep
            As for `make`, whenever a new base backup has to be made.
        rounds
            End after so many rounds (default: never).
        """
        if not 0 < every <= 86_400:
            fail("--every is a number of seconds above 0, and at most 86,400.")
        with troubles(), suppress(KeyboardInterrupt), bar() as show:
            following.follow(
                _house(wiring),
                to,
                sealing_of(recipient, plain),
                clock=wiring.clock,
                keep=keep,
                every=every,
                restart=wiring.database,
                waits=_say_waiting,
                tell=_telling(),
                rounds=rounds,
                progress=show,
            )
        out.print(_up_to(to), soft_wrap=True, markup=False)


def _up_to(folder: Path) -> str:
    """How far the newest backup reaches, for who ends `follow`: it may have waited for long."""
    with troubles():
        chosen = choosing.choose(folder)
    up_to = choosing.taken_up_to(chosen.backup)
    if chosen.lacks or up_to is None:
        why = _sentences(chosen.lacks or ("it is not known how far its log was taken",))
        fail(f"Not everything in {folder} comes back: {why}", 1)
    return f"Everything up to {up_to.isoformat()} can be brought back from {folder}."


def _sentences(said: tuple[str, ...]) -> str:
    return f"{'; '.join(said)}."  # many begin with a path, which is written as it is


def _telling() -> backing.Tell:
    """Say what the keeper should know of a copy; not again each round while a disk is full."""
    told = set[str]()

    def tell(sentence: str) -> None:
        if sentence not in told:
            err.print(f"{sentence}.", soft_wrap=True, markup=False)
        told.add(sentence)

    return tell


def _say_waiting(trouble: Exception | None) -> None:
    if trouble is None:
        err.print("It goes on: what kept it is over, and what was written meanwhile is taken.", soft_wrap=True)
        return
    why = " ".join(str(trouble).split()).rstrip(".?")
    err.print(
        f"Waiting, for nothing can be taken at present: {why}. It is tried again each time (`--every`); `openroll"
        " status` says how old the last copy is.",
        soft_wrap=True,
    )


def _add_stop(wiring: Wiring, backups: App) -> None:
    @backups.command
    def stop(*, to: Path) -> None:
        """Follow no more into a folder: the database may throw its log away again."""
        was = backing.stop_following(_house(wiring), to)
        following.forget_copy(wiring.home, to)
        out.print("Stopped." if was else f"Nothing was followed into {to}.", soft_wrap=True)


def _add_list(backups: App) -> None:
    @backups.command(name="list")
    def list_(folder: Path, /) -> None:
        """List what stands in a folder, the newest first. No key is needed.

        Ends with status 1 where something was taken that `openroll restore` would not bring back, and names it.
        """
        found = kept.backups(folder)
        if not found:
            fail(f"there is no backup in {folder}")
        for one in found:
            out.print(f"{one.at.isoformat()}  {one.kind}{_reach(one)}  {one.path}", soft_wrap=True, markup=False)
        if lacks := choosing.lacks_of(folder):
            fail(f"Not all comes back: {_sentences(lacks)}", 1)


def _reach(one: kept.Backup) -> str:
    """How far a backup reaches, for the list."""
    if one.kind == "dump":
        return ""
    there = kept.reach(one)
    said = f", {len(there.segments)} segments of the log"
    if there.lacks:
        said += f", and not all comes back: {there.lacks}"
    elif there.taken:
        said += f", up to {there.taken.at.isoformat()} ({there.taken.position})"
    return f"{said}; an earlier history" if choosing.is_earlier(one) else said


def _add_verify(wiring: Wiring, backups: App) -> None:
    @backups.command
    def verify(folder: Path, /, *, identity: Identities = None, without_restoring: bool = False) -> None:
        """Prove every backup by restoring it into a PostgreSQL that is thrown away: tables, head of the log, receipts.

        Ends with 0 when each is good, 1 when one is not, 3 when one could not be restored on this machine: not proved.

        Parameters
        ----------
        without_restoring
            Only hold each byte against its digest. That proves that nothing was altered, not that it brings the roll back.
        """
        found = kept.backups(folder)
        if not found:
            fail(f"there is no backup in {folder}")
        statuses = [_verify(one, Keys(tuple(identity or ())), wiring, restoring=not without_restoring) for one in found]
        for sentence in choosing.lacks_of(folder):
            out.print(f"Bad: of {folder} not all comes back: {sentence}.", soft_wrap=True, markup=False)
            statuses.append(1)
        if any(statuses):
            raise SystemExit(1 if 1 in statuses else NOT_PROVED)


def _verify(one: kept.Backup, keys: Keys, wiring: Wiring, *, restoring: bool) -> int:
    """Look at one backup and say what was found; the status it ends with."""
    try:
        with bar() as show:
            done = backing.verify(one, keys, progress=show)
            if done.lacks:
                raise proving.Untrue(f"{done.lacks}; make a new backup")
            if not restoring:
                raise proving.NotProved(f"its {done.files} files are whole, and it was not restored")
            proofs = proving.prove(one, keys, clock=wiring.clock, given=wiring.given, progress=show)
    except (proving.NotProved, KeyLacks) as error:
        out.print(f"Not proved: {one.path}: {error}.", soft_wrap=True, markup=False)
        return NOT_PROVED
    except (*_TROUBLES, proving.Untrue) as error:
        out.print(f"Bad: {one.path}: {str(error).rstrip('.')}.", soft_wrap=True, markup=False)
        return 1
    until = f" up to {done.taken.at.isoformat()}" if done.taken else ""
    earlier = " It is of an earlier history, and holds nothing of the newest." if choosing.is_earlier(one) else ""
    out.print(
        f"Good: {one.path}, {done.files} files, {done.segments} segments of the log, restored{until}.{earlier}",
        soft_wrap=True,
        markup=False,
    )
    for proof in proofs:
        out.print(
            f"  {proof.roll}: {proof.tables} tables with {proof.rows:,} rows, a log of {proof.size:,} entries,"
            f" {proof.receipts} receipts that verify.",
            soft_wrap=True,
        )
    return 0


def _house(wiring: Wiring) -> House:
    return House(wiring.home, wiring.database().url)


def _add_restore(app: App, wiring: Wiring) -> None:
    @app.command
    def restore(
        folder: Path,
        /,
        *,
        to: str = "",
        identity: Identities = None,
        into: Path | None = None,
        leave_out: bool = False,
        dry_run: bool = False,
    ) -> None:
        """Bring back the database and the rolls' keys, as they were at an instant. Nothing that is there is overwritten.

        Parameters
        ----------
        folder
            The folder of backups; or one backup in it, where it is to be that and no other.
        to
            The instant, with its time zone, as '2026-11-24 10:00:00+08:00' (default: the last there is).
        into
            The data folder to make (default: the private server's own, under OPENROLL_HOME).
        leave_out
            Bring back a dump though it holds what Openroll does not make; that is left out. It is named without this.
        dry_run
            Say what would be brought back, and do nothing.
        """
        moment = _moment(to)
        with troubles(), bar() as show:
            choice, lacks = choosing.choose(folder, moment), ""
            chosen = choice.backup
            keys = Keys(tuple(identity or ()))
            if dry_run:
                _say_choice(choice)
                return
            if chosen.kind == "dump":
                loaded = restoring.load_dump(
                    chosen,
                    wiring.home,
                    wiring.database(making=True).url,
                    keys,
                    clock=wiring.clock,
                    leave_out=leave_out,
                    progress=show,
                )
                rolls: tuple[str, ...] = (loaded.roll,)
            else:
                data = into or wiring.data
                if data is None:
                    fail("DATABASE_URL names a server: say where its new data folder shall be (--into FOLDER)")
                brought = restoring.restore(
                    chosen, wiring.home, data, keys, to=moment, now=datetime.now(UTC), progress=show
                )
                rolls, lacks = brought.rolls, brought.lacks
        out.print(f"Brought back {', '.join(rolls) or 'no roll'}. Nothing is signed until `openroll log resume`.")
        _say_left_out(choice, lacks)


def _say_choice(choice: choosing.Choice) -> None:
    chosen = choice.backup
    out.print(
        f"Would begin with the {chosen.kind} of {chosen.at.isoformat()}{_reach(chosen)}: {chosen.path}",
        soft_wrap=True,
        markup=False,
    )
    _say_left_out(choice)


def _say_left_out(choice: choosing.Choice, found: str = "") -> None:
    """Name what does not come back; ends with 1 where it may be what was acknowledged. `found` was found by restoring."""
    for sentence in choice.others:
        out.print(f"{sentence}.", soft_wrap=True, markup=False)
    if lacks := tuple(dict.fromkeys((*choice.lacks, *([found] if found else [])))):
        fail(f"It is not all that was acknowledged: {_sentences(lacks)}", 1)


def _add_escrow(app: App, wiring: Wiring) -> None:
    escrow = App(name="escrow", help="Deposits from which another registrar can carry the roll on (docs/escrow.md).")
    app.command(escrow)

    _add_deposit(wiring, escrow)
    _add_check(wiring, escrow)
    _add_open(wiring, escrow)


def _add_deposit(wiring: Wiring, escrow: App) -> None:
    @escrow.command
    def deposit(
        *, to: Path, holder: str, recipient: Recipients = None, hand_over: str = "", plain: Plain = False
    ) -> None:
        """Make a deposit and hand it over: an official act, once a day.

        Parameters
        ----------
        to
            The folder to write it to.
        holder
            The short name by which the log calls who holds it.
        hand_over
            A command that brings the file to its holder; its path is added. Only when it succeeds does the log say so.
        """
        with troubles(), bar() as show:
            done = escrowing.deposit(
                wiring.roll(), to, sealing_of(recipient, plain), holder, hand_over=hand_over, progress=show
            )
        out.print(f"Wrote {done.path}: {done.rows:,} rows under the head of {done.size:,} entries.", soft_wrap=True)
        out.print(f"SHA-256 of its manifest: {done.digest}", soft_wrap=True)


def _add_check(wiring: Wiring, escrow: App) -> None:
    @escrow.command
    def check(file: Path, /, *, identity: Identities = None, key: Path | None = None, trial: Trial = False) -> None:
        """Read a deposit to its end and hold it against its manifest and the log's signature.

        Nothing is written but what goes with the command. Ends with 0 when it is good, 1 when it is not, 3 when it could not be
        opened on this machine, which says nothing of it.

        Parameters
        ----------
        key
            The log's public keys as you know them (default: the ones in the deposit).
        """
        known = Keys(tuple(identity or ()))
        with troubles(), bar() as show:
            if trial:
                found = _try(file, known, _lines(key), wiring, show)
            else:
                found = opening.check(file, known, log_keys=_lines(key), progress=show)
        rows = sum(found.tables.values())
        out.print(f"Good: {found.roll}, made {found.made}, {found.files} files, {rows:,} rows, {found.size:,} entries.")


def _try(file: Path, known: Keys, log_keys: list[str], wiring: Wiring, show: escrowing.Progress) -> opening.Checked:
    """Open a deposit for a trial, and say what came of it; ends the program where it is not good."""
    try:
        opened = trying.try_opening(
            file, known, clock=wiring.clock, given=wiring.given, log_keys=log_keys, progress=show
        )
    except proving.NotProved as error:
        fail(f"Not proved: {str(error).rstrip('.')}.", NOT_PROVED)
    except proving.Untrue as error:
        fail(f"Bad: {str(error).rstrip('.')}.", 1)
    out.print(f"It opens: {opened.records:,} records stand in its tables as their facts say.")
    return opened.checked


def _add_open(wiring: Wiring, escrow: App) -> None:
    @escrow.command(name="open")
    def open_(file: Path, /, *, identity: Identities = None, key: Path | None = None) -> None:
        """Make a running roll from a deposit, in this OPENROLL_HOME and database. Nothing that is there is overwritten.

        Parameters
        ----------
        key
            The log's public keys as you know them (default: the ones in the deposit).
        """
        with troubles(), bar() as show:
            found = opening.open_deposit(
                file,
                wiring.home,
                wiring.database(making=True).url,
                Keys(tuple(identity or ())),
                clock=wiring.clock,
                log_keys=_lines(key),
                progress=show,
            )
        out.print(f"Opened {found.roll}. Nothing is signed until `openroll log resume` (OPENROLL_ROLL={found.roll}).")


def _lines(path: Path | None) -> list[str]:
    return path.read_text(encoding="ascii").split() if path else []
