"""`script/demo`: opens a roll with synthetic people, files, verifies receipts, then serves it.

Everything goes the way it would in earnest: the rule is checked, operators are admitted, each packs its list on its own
side and files what may travel. A second start finds the roll and keeps it.
"""

import csv
import os
import sys
import threading
import urllib.request
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import psycopg
from cyclopts import App, Parameter
from rich.console import Console

from openroll import places
from openroll.compose import rolls
from openroll.compose.address import local_address
from openroll.compose.made_up import people
from openroll.compose.server import serve
from openroll.compose.settings import Settings, random_bytes, settings_from
from openroll.places import Demonstration, demonstration
from openroll.register.decision import Refused
from openroll.register.organisation.commands import AdmitOperator
from openroll.register.roll.commands import OpenRoll
from openroll.register.roll.refusals import RollOpenAlready
from openroll.register.subscription.filing_code import code_of
from openroll.register.subscription.handle import KEY_BYTES, key_line, key_of
from openroll.rules import load
from openroll.rules.language import ENGLISH, in_language
from openroll.service.filing.bulk import FileTaken, take_file
from openroll.service.governance.open_roll import Basis, NoSuchRoll, admit_operator, open_roll
from openroll.service.log.receipts import receipt
from openroll.service.log.sequencer import Sequencer
from openroll.service.roll import NotNow, Roll
from openroll.sheet.pack import pack
from openroll.store import subscriptions
from openroll.store.address import without_password
from openroll.tlog import verify_receipt

ROWS = 10_000

out = Console(highlight=False, markup=False, soft_wrap=True)
app = App(
    name="script/demo",
    help="A whole roll with made-up people, served on http://localhost:8000 (--port takes another)",
    default_parameter=Parameter(negative="", show_default=lambda value: str(value) if value else None),
)


def _moved_to_then(settings: Settings, day: date) -> Settings:
    """The settings with the demonstration's clock: on its day at the first start, and on from there."""
    kept = settings.home / _began(settings)
    settings.home.mkdir(parents=True, exist_ok=True)
    if not kept.exists():
        kept.write_text(datetime.now(UTC).isoformat(), encoding="ascii")
    began = datetime.fromisoformat(kept.read_text(encoding="ascii"))
    shift = datetime(day.year, day.month, day.day, 1, tzinfo=UTC) - began
    return msgspec.structs.replace(settings, shift=timedelta(days=round(shift / timedelta(days=1))))


def _began(settings: Settings) -> str:
    """The file that keeps when the demonstration began, one a roll; the first roll's had no name of its own."""
    return "demo-began" if settings.roll == places.preset_roll() else f"demo-began-{settings.roll}"


def _open(settings: Settings, name: str, shown: Demonstration) -> Roll:
    try:
        return rolls.roll(settings)
    except NoSuchRoll as none:
        place = places.load(name)
        command = OpenRoll(
            roll=settings.roll,
            title=shown.title,
            registrar=shown.registrar,
            jurisdiction=places.full_name(place),
            languages=place.jurisdiction.languages,
            demonstration=True,
        )
        roll = open_roll(
            rolls.database(settings, making=True),
            settings.roll_home,
            command,
            Basis(place, load(place.jurisdiction.rules[0])),
            origin=f"openroll.example/{settings.roll}",
            clock=settings.clock(),
            random_bytes=random_bytes,
            given=settings.given,
        )
        if isinstance(roll, Refused):
            # One that an older Openroll made is there, and says what to do; else the opening says what is wrong.
            there = isinstance(roll.refusal, RollOpenAlready)
            why = f"{none}; or take {settings.home} away" if there else f"the roll was refused: {roll.refusal}"
            raise SystemExit(f"script/demo: {why}") from None
        for one in shown.operators:
            admit_operator(roll, AdmitOperator(operator=one.operator, title=one.title, kind=one.kind))
        out.print(f"Opened the roll {settings.roll} under {roll.rule_name}.")
        return roll


def _file(roll: Roll, shown: Demonstration, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for seed, operator in enumerate(shown.operators):
        count = ROWS // len(shown.operators) + (seed < ROWS % len(shown.operators))
        subscribers, filing = folder / f"{operator.operator}.csv", folder / f"{operator.operator}.filing.csv"
        if not filing.exists():
            _write(subscribers, list(people(shown, roll.place, seed, count)))
            terms = roll.setting(roll.day(roll.clock())).terms
            kept = folder / f"{operator.operator}.disclosures.ndjson"
            kept.unlink(missing_ok=True)  # left by a start that broke off before its filing file was there
            key = _handle_key(folder / f"{operator.operator}.handle-key")
            packed = pack(subscribers, filing, kept, fields=roll.rule.fields, terms=terms, random=random_bytes, key=key)
            if packed.fault_count:
                raise SystemExit(f"script/demo: {packed.faults[0]}")
        taken = take_file(roll, operator.operator, filing)
        if not isinstance(taken, FileTaken):
            raise SystemExit(f"script/demo: {operator.operator}'s file was refused: {taken.faults[:1]}")
        if taken.stored:
            out.print(f"{in_language(operator.title, ENGLISH)} packed and filed {taken.stored:,} subscriptions.")


def _handle_key(path: Path) -> bytes:
    """The demonstration operator's handle key, made at the first start."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(key_line(random_bytes(KEY_BYTES)), encoding="ascii")
    return key_of(path.read_text(encoding="ascii"))


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _show_receipts(roll: Roll) -> None:
    with roll.database.own() as connection:
        rows = subscriptions.first(connection, 3)
    for number, operator, district in rows:
        code = code_of(number, roll.keys.code_key)
        out.print(f"Filing code {code}  {operator}, {in_language(roll.districts[district].title, ENGLISH)}")
    proof = receipt(roll, rows[0][0], 1)
    if isinstance(proof, Refused):
        raise SystemExit("script/demo: the first filing has no receipt yet")
    proved = verify_receipt(proof, roll.keys.verifiers, origin=roll.origin)
    path = roll.home / "example.tlog-proof"
    path.write_bytes(proof)
    out.print(
        f"Verified its receipt: entry {proved.index} of {proved.checkpoint.size:,}, signed by {len(roll.keys.verifiers)} keys."
    )
    out.print(f"  {_python()} -m openroll.tlog verify {path} --key {roll.home / 'keys' / 'log.pub'}")


def _python() -> str:
    """This very interpreter as somebody types it here: that of the demonstration stands on no path."""
    here = Path(sys.executable)
    return str(here.relative_to(Path.cwd())) if here.is_relative_to(Path.cwd()) else str(here)


@app.default
def demo(*, jurisdiction: str = "", check: bool = False, port: int = 8000) -> None:
    """Make the demonstration roll if it is missing, and serve it until stopped.

    Parameters
    ----------
    jurisdiction
        Where: one that ships (`openroll jurisdiction list`); each has a roll of its own.
    check
        Do all of it, fetch the pages once, and end.
    port
        Where to serve.
    """
    name = jurisdiction or places.preset()
    shown = demonstration(name)
    settings = settings_from()
    if "OPENROLL_ROLL" not in os.environ:
        settings = msgspec.structs.replace(settings, roll=shown.roll)
    settings = _moved_to_then(settings, shown.day)
    web = msgspec.structs.replace(settings.web, null_sign_in=True, address=local_address(port))
    settings = msgspec.structs.replace(settings, web=web)
    with out.status("Starting a private PostgreSQL" if not settings.database_url else "Connecting"):
        roll = _open(settings, name, shown)
    with out.status("Filing"):
        _file(roll, shown, settings.home / ("demo" if name == places.preset() else f"demo-{name}"))
    with out.status("Giving the filings their places in the log"):
        done = Sequencer(roll).run_until_empty()
    out.print(f"The public log has {done.size:,} entries.")
    _show_receipts(roll)
    if check:
        threading.Thread(target=_check, args=(port, roll.languages), daemon=True).start()
    out.print(f"Serving pages and API on http://localhost:{port}  (Ctrl-C ends)")
    out.print(f"Sit down in any seat on http://localhost:{port}/{roll.languages[-1]}/sign-in")
    serve(settings, "127.0.0.1", port)


def _check(port: int, languages: Sequence[str]) -> None:
    """Fetch every page once from the real server, then end the process with the verdict."""
    import signal  # noqa: PLC0415

    failed = ""
    for path in checked(languages):
        failed = failed or _fetch(f"http://127.0.0.1:{port}{path}")
    print(f"script/demo --check: {failed or 'every page answers'}", file=sys.stderr)  # noqa: T201 - a command speaks by printing
    _CHECKED.append(failed)
    os.kill(os.getpid(), signal.SIGINT)


def checked(languages: Sequence[str]) -> tuple[str, ...]:
    """What `--check` fetches."""
    pages = ("", "rule", "figures", "log", "find", "file", "verify", "help", "sign-in", "figures/districts/chart")
    files = ("/figures/csv", "/api/v1/log", "/log/checkpoint")
    return (*(f"/{lang}/{name}" for lang in languages for name in pages), *files)


_CHECKED: list[str] = []


def _fetch(address: str) -> str:
    last = ""
    for _ in range(300):
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - our own server, on loopback
                return "" if answer.status == 200 and answer.read() else f"{address} answered {answer.status}"
        except OSError as error:
            last = f"{address}: {error}"
            threading.Event().wait(0.1)
    return last


def main() -> None:
    """Run the demonstration; with --check the exit code is the verdict. A wrong setting ends in a sentence."""
    try:
        app(result_action="return_value")
    except (ValueError, NotNow, psycopg.Error, OSError) as error:
        said = without_password(str(error), os.environ.get("DATABASE_URL", ""))
        print(f"script/demo: {said}", file=sys.stderr)  # noqa: T201 - a command speaks by printing
        sys.exit(2)
    if _CHECKED and _CHECKED[0]:
        sys.exit(1)


if __name__ == "__main__":
    main()
