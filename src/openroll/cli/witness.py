"""Commands of a witness: a server that cosigns any C2SP log, for who runs one. They need no roll."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from openroll.cli.output import command, fail, out
from openroll.cli.output import line as say_line
from openroll.cli.wiring import Wiring
from openroll.tlog import TlogError
from openroll.watch.source import Unreachable
from openroll.watch.witness.evidence import EvidenceStore
from openroll.watch.witness.repair import move_forward, status_lines
from openroll.watch.witness.settings import (
    LogSettings,
    WitnessSettings,
    read_keys,
    read_settings,
    write_log,
    write_looks,
)
from openroll.watch.witness.start import LOOKING_KEY, make_looking_key, make_witness

Settings = Annotated[Path, Parameter(name=["--settings", "-s"], help="The witness's settings file.")]
DryRun = Annotated[bool, Parameter(name="--dry-run", negative="", help="Check everything and write nothing.")]
_HERE = Path("witness/witness.yaml")


def add(app: App, wiring: Wiring) -> None:
    """Add the commands of a witness."""
    witness = App(name="witness", help="A witness: cosigns any C2SP log, so that nobody can be shown another one.")
    app.command(witness)
    _add_setting_up(witness, wiring)
    _add_mending(witness)


def _add_setting_up(witness: App, wiring: Wiring) -> None:
    _add_init(witness, wiring)
    _add_watch(witness)
    _add_look(witness, wiring)
    _add_own_key(witness)
    _add_serve(witness, wiring)


def _add_init(witness: App, wiring: Wiring) -> None:
    @witness.command
    def init(name: str, /, *, settings: Settings = _HERE, ratchet: str = "ratchet") -> None:
        """Make a witness: its keys and its settings file.

        Parameters
        ----------
        name
            What it signs as, for good: an address without scheme, as witness.example/w1.
        ratchet
            The folder of the second record of what was signed: best on another disk than the settings file.
        """
        keys = make_witness(settings, name, wiring.random, ratchet)
        out.print(f"Made {settings}. Its public keys, for the policies of those who trust it:", soft_wrap=True)
        for key in keys:
            say_line(key)
        here = () if settings == _HERE else ("--settings", settings)
        watch = command("witness", "watch", "ORIGIN", "--key", "KEY", "--key", "KEY", *here)
        out.print(f"Now: {watch}, then: {command('witness', 'serve', *here)}", soft_wrap=True)


def _add_watch(witness: App) -> None:
    @witness.command
    def watch(
        origin: str,
        /,
        *,
        key: list[str],
        address: str = "",
        mirror: tuple[str, ...] = (),
        per_minute: int = 600,
        names_differ: bool = False,
        settings: Settings = _HERE,
        dry_run: DryRun = False,
    ) -> None:
        """Watch a log, or change how it is watched.

        Parameters
        ----------
        origin
            The log's name: the first line of its checkpoint.
        key
            A verifier key of the log, or a file with one a line (`openroll key`, or ADDRESS/log/keys). Give each.
        address
            Where the log is read: asked on start for what this witness signed before. Best given.
        mirror
            Other places with the log's files, asked likewise. Give each.
        per_minute
            New heads a minute that are cosigned for this log.
        names_differ
            Say that this log's keys really bear another name than its origin.
        """
        keys = tuple(line for one in key for line in _lines_of(one))
        looks = any(one.origin == origin and one.looks for one in read_settings(settings).logs)
        log = LogSettings(origin, keys, address, mirror, per_minute, names_differ, looks)
        changed = write_log(settings, log, dry_run=dry_run)
        if dry_run:
            out.print(f"Nothing was written; {changed.name} would watch {_logs(changed)}.")
            return
        out.print(f"{changed.name} watches {_logs(changed)}. A running witness takes this up on a restart.")


def _add_look(witness: App, wiring: Wiring) -> None:
    @witness.command
    def look(origin: str, /, *, stop: bool = False, settings: Settings = _HERE) -> None:
        """Look at web sites for a roll whose log you watch, when it asks; for no other. Prints the line for the roll's keeper.

        Parameters
        ----------
        origin
            The name of the roll's log.
        stop
            Look for it no more.
        """
        if stop:
            write_looks(settings, origin, read_settings(settings).looking_key, looks=False)
            out.print(f"It looks for {origin} no more, from a restart on.", soft_wrap=True)
            return
        signer = make_looking_key(settings, wiring.random)
        write_looks(settings, origin, read_settings(settings).looking_key or LOOKING_KEY, looks=True)
        out.print(
            f"It looks at sites when {origin} asks, from a restart on. For that roll's keeper, behind this witness's address:",
            soft_wrap=True,
        )
        say_line(str(signer.verifier))


def _add_own_key(witness: App) -> None:
    @witness.command(name="key")
    def own_key(*, settings: Settings = _HERE) -> None:
        """Print the witness's public keys, one a line: what goes into a policy."""
        for line in read_keys(read_settings(settings), settings.parent).published:
            say_line(line)


def _add_serve(witness: App, wiring: Wiring) -> None:
    @witness.command
    def serve(*, settings: Settings = _HERE, host: str = "127.0.0.1", port: int = 8100) -> None:
        """Serve: cosign what goes on from what was cosigned, show the last checkpoint of each log, and count."""
        wiring.serve_witness(settings, host, port)


def _add_mending(witness: App) -> None:
    _add_show(witness)
    _add_forward(witness)
    _add_resume(witness)


def _add_show(witness: App) -> None:
    @witness.command
    def show(*, settings: Settings = _HERE) -> None:
        """Print what is kept of each log: its size, when it was cosigned, and whether it is halted. Only while not serving."""
        for line in status_lines(read_settings(settings), settings.parent):
            out.print(line, soft_wrap=True, markup=False)


def _add_forward(witness: App) -> None:
    @witness.command
    def forward(place: str, /, *, origin: str, settings: Settings = _HERE, dry_run: DryRun = False) -> None:
        """Move what is kept of a log forward to a checkpoint that bears this witness's own cosignature. Never back.

        For when a backup was restored and you hold a newer checkpoint than the witness does. Only while it is not serving.

        Parameters
        ----------
        place
            The checkpoint: an address or a file.
        origin
            The log's name.
        """
        try:
            out.print(
                move_forward(read_settings(settings), settings.parent, origin, place, dry_run=dry_run), soft_wrap=True
            )
        except (TlogError, Unreachable) as error:
            fail(f"{place}: {error}. Nothing was changed.")


def _add_resume(witness: App) -> None:
    @witness.command(name="resume-after-contradiction")
    def resume(origin: str, /, *, settings: Settings = _HERE, dry_run: DryRun = False) -> None:
        """Cosign again for a log that was halted because this witness's own signature stood under two histories.

        Look at the evidence first: somebody else may be signing with your key, and then a new key is the only remedy.
        """
        evidence_store = EvidenceStore(settings.parent / read_settings(settings).evidence)
        why = evidence_store.halted(origin)
        if not why:
            fail(f"{origin} is not halted for a contradiction.")
        if not dry_run:
            evidence_store.resume(origin)
        done = "would no longer be" if dry_run else "is no longer"
        out.print(f"{origin} {done} halted. It was, because {why}. The evidence stays.", soft_wrap=True, markup=False)


def _lines_of(key: str) -> list[str]:
    path = Path(key)
    if "+" in key and not path.is_file():
        return [key]
    try:
        return [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{key} is neither a verifier key nor a file of them: {error}.")


def _logs(settings: WitnessSettings) -> str:
    return f"{len(settings.logs)} log{'' if len(settings.logs) == 1 else 's'}"
