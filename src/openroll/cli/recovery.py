"""Commands on a log that was brought back, or that cannot go on."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from openroll.cli.output import bar, fail, out
from openroll.cli.wiring import Wiring
from openroll.register.free_text import MOST_REASON, names_somebody
from openroll.rules.language import ENGLISH
from openroll.service.log.signing_hold import SigningHold, current_hold, said
from openroll.service.log.signing_hold import hold as hold_roll
from openroll.service.recovery import restart_log
from openroll.service.recovery.reorder import reorder_events
from openroll.service.recovery.resume import CannotResume, Seen, held_because, resume, seen_at, seen_in
from openroll.service.roll import Roll
from openroll.tlog import TlogError, Verifier, checkpoint_in
from openroll.watch.log_restart import NotARestart, check_restart
from openroll.watch.source import Unreachable, open_log_or_address
from openroll.words import say


def add(app: App, wiring: Wiring) -> None:
    """Add the commands to those on the log."""
    log = app["log"]

    _add_resume(wiring, log)
    _add_hold(log, wiring)
    _add_reorder(wiring, log)
    _add_begin_anew(wiring, log)
    _add_followed(log)


def _add_resume(wiring: Wiring, log: App) -> None:
    @log.command(name="resume")
    def resume_(
        *,
        seen: Annotated[
            list[str] | None, Parameter(help="A mirror, or a file: a checkpoint, a receipt. Repeatable.")
        ] = None,
        take_missing: bool = False,
        nobody_has_seen_more: bool = False,
        dry_run: bool = False,
    ) -> None:
        """Let a held roll go on, once it was compared with the newest head anybody has seen.

        A roll that held itself because its database went back knows that head: its own ratchet. Numbers go on beyond all that
        were given.

        Parameters
        ----------
        take_missing
            Take entries that did not come back from the mirror that holds them.
        nobody_has_seen_more
            Danger: your own word in place of a head. If it is wrong the log forks, and it can be proved.
        dry_run
            Compare, and do nothing.
        """
        roll = wiring.roll()
        try:
            held_because(roll)  # before anybody is asked for a head: of a roll that goes on none is needed
            shown = _seen(roll, seen or ())
            with bar() as show:
                done = resume(
                    roll,
                    shown,
                    take_missing=take_missing,
                    nobody_has_seen_more=nobody_has_seen_more,
                    dry_run=dry_run,
                    progress=lambda at, of: show("entries", at, of),
                )
        except (CannotResume, TlogError, Unreachable) as error:
            fail(f"{str(error).rstrip('.')}.", 1)
        goes = f"{'Would go' if dry_run else 'Goes'} on with {done.size:,} entries"
        brought = f", {done.brought:,} of them brought back" if done.brought else ""
        ended = f", {done.replayed:,} official acts are facts again" if done.replayed else ""
        out.print(f"{goes}{brought}{ended}{f', {done.lost:,} without their facts' if done.lost else ''}.")
        out.print(f"Every session {'would end' if dry_run else 'ended'}: everybody signs in anew.")
        _say_what_to_do(done.to_do)


def _add_reorder(wiring: Wiring, log: App) -> None:
    @log.command
    def reorder(*, dry_run: bool = False) -> None:
        """Set the order anew, for a roll that was loaded into a younger PostgreSQL. Places that were given stay.

        Parameters
        ----------
        dry_run
            Do it, say what it did, and take it back.
        """
        roll = wiring.roll()
        done = reorder_events(roll, dry_run=dry_run)
        if done is None:
            out.print("The order is this cluster's own. Nothing was changed.")
        else:
            would = "Would keep: " if dry_run else ""
            out.print(f"{would}{done.placed:,} events keep their places, {done.waiting:,} wait for theirs.")


def _add_begin_anew(wiring: Wiring, log: App) -> None:
    @log.command(name="begin-anew")
    def begin_anew(*, origin: str, why: str, last: Path | None = None, dry_run: bool = False) -> None:
        """End this log and begin another that goes on from it, under a new name and new keys. Stop `serve` first.

        Parameters
        ----------
        origin
            The new log's name: a URL without scheme, as example.org/roll-2.
        why
            A sentence for the new log's first entry.
        last
            The newest checkpoint of the old log that anybody has seen, or a receipt under it (default: this machine's newest).
        dry_run
            Say what would be carried over, and do nothing.
        """
        note = checkpoint_in(last.read_bytes()) if last else None
        try:
            with bar() as show:
                done = restart_log.begin_anew(
                    wiring.roll(),
                    origin,
                    why,
                    last=note,
                    dry_run=dry_run,
                    progress=lambda at, of: show("entries", at, of),
                )
        except restart_log.CannotBegin as error:
            fail(f"{str(error).rstrip('.')}.", 1)
        out.print(
            f"{'Would begin' if dry_run else 'Began'} {done.origin}: {done.carried:,} entries carried over,"
            f" {done.lost:,} of the old log lost."
        )
        _say_what_to_do(done.to_do)


def _add_followed(log: App) -> None:
    @log.command
    def followed(old: str, new: str, /, *, old_key: Path, new_key: Path) -> None:
        """Check that a log goes on from one that ended: the act, the signatures, and every entry carried over.

        Parameters
        ----------
        old
            The ended log, or a mirror of it: an address or a folder.
        new
            The log that goes on from it.
        """
        try:
            done = check_restart(open_log_or_address(old), _keys(old_key), open_log_or_address(new), _keys(new_key))
        except (NotARestart, TlogError, Unreachable) as error:
            fail(f"{str(error).rstrip('.')}.", 1)
        out.print(
            f"Good: {done.after} goes on from {done.before}. Its first {done.carried:,} entries were carried over"
            f" unchanged, the {done.lost:,} after them are lost."
        )
        out.print(f"Why: {done.why}", soft_wrap=True, markup=False)


def _add_hold(log: App, wiring: Wiring) -> None:
    @log.command
    def hold(*, why: str, dry_run: bool = False) -> None:
        """Hold the roll: nothing is filed or signed until `log resume`. For who brings its database back by other means.

        Parameters
        ----------
        why
            A sentence, for whoever looks after the roll; it is shown on its pages.
        dry_run
            Say what would be done, and do nothing.
        """
        reason, roll = " ".join(why.split()).rstrip("."), wiring.roll()
        if not 0 < len(reason) <= MOST_REASON:
            fail(f"--why is a sentence of at most {MOST_REASON} characters.")
        if names_somebody(reason):
            fail(say("text-names-somebody", {}, ENGLISH))
        there = current_hold(roll.home)
        if there is not None:
            out.print(f"It is held already: {said(there)}.", soft_wrap=True, markup=False)
        elif dry_run:
            out.print("Would be held.")
        else:
            hold_roll(roll.home, SigningHold(roll.clock(), "keeper", why=reason))
            out.print("Held. Nothing is filed or signed until `openroll log resume`.")


def _say_what_to_do(sentences: Sequence[str]) -> None:
    for sentence in sentences:
        out.print(f"- {sentence}", soft_wrap=True, markup=False)


def _seen(roll: Roll, places: Sequence[str]) -> list[Seen]:
    """What is shown, mirrors first: what they hold of the log's keys may be needed to read a checkpoint by itself."""
    files = [place for place in places if Path(place).is_file()]
    shown = [seen_at(roll, open_log_or_address(place)) for place in places if place not in files]
    return shown + [seen_in(roll, Path(place).read_bytes(), place, shown) for place in files]


def _keys(path: Path) -> list[Verifier]:
    return [Verifier.parse(line) for line in path.read_text(encoding="ascii").split()]
