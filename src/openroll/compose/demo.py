"""`script/demo`: opens a roll with synthetic people, files, verifies receipts, then serves it.

Everything goes the way it would in earnest: the rule is checked, operators are admitted, each packs its list on its own
side and files what may travel. A second start finds the roll and keeps it.
"""

import os
import shlex
import sys
import threading
import urllib.request
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import msgspec
import psycopg
from cyclopts import App, Parameter
from rich.console import Console

from openroll import places
from openroll.compose import rolls
from openroll.compose.address import local_address
from openroll.compose.demo_filing import file_lists
from openroll.compose.demo_month import BEFORE, STATES, TOLD_OF_ONE, SetClock, asked_about, bodies_of, live, states_in
from openroll.compose.demo_sites import BEFORE as SITES_BEFORE
from openroll.compose.demo_sites import SiteShown, begin_sites, sites_shown
from openroll.compose.main import said_of
from openroll.compose.server import serve
from openroll.compose.settings import Settings, random_bytes, settings_from, shift_file
from openroll.disclosure.notice import bucket_of, month_bucket, own_notices
from openroll.disclosure.notice_code import code_of as notice_code
from openroll.disclosure.notice_heap import heap_of
from openroll.places import Demonstration, demonstration
from openroll.register.decision import Refused
from openroll.register.organisation.commands import AdmitOperator
from openroll.register.roll.commands import OpenRoll
from openroll.register.roll.refusals import RollOpenAlready
from openroll.register.subscription.filing_code import code_of
from openroll.rules import load
from openroll.rules.language import ENGLISH, in_language
from openroll.service.governance.open_roll import Basis, NoSuchRoll, admit_operator, open_roll
from openroll.service.identity.people import overview
from openroll.service.log.receipts import receipt
from openroll.service.log.sequencer import Sequencer
from openroll.service.requests import shown as requests_shown
from openroll.service.roll import Clock, NotNow, Roll
from openroll.store import subscriptions
from openroll.store.address import without_password
from openroll.tlog import verify_receipt

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
    days = round(shift / timedelta(days=1))
    shift_file(settings.home, settings.roll).write_text(f"{days}\n", encoding="ascii")
    return msgspec.structs.replace(settings, shift=timedelta(days=days))


def _began(settings: Settings) -> str:
    """The file that keeps when the demonstration began, one a roll; the first roll's had no name of its own."""
    return "demo-began" if settings.roll == places.preset_roll() else f"demo-began-{settings.roll}"


def _open(settings: Settings, name: str, shown: Demonstration, clock: Clock) -> tuple[Roll, bool]:
    """The roll as it is, or opened now by this clock, with its operators; and whether it was."""
    try:
        return rolls.roll(settings), False
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
            Basis(place, load(shown.rule or place.jurisdiction.rules[0])),
            origin=f"openroll.example/{settings.roll}",
            clock=clock,
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
        return roll, True


def _begun(settings: Settings, name: str, shown: Demonstration, folder: Path, say: Callable[[str], None]) -> Roll:
    """The roll as it is; or opened now, a month before its day, and with what happened in that month."""
    until = settings.clock()()
    clock = SetClock(until - SITES_BEFORE)
    roll, fresh = _open(settings, name, shown, clock)
    if fresh:
        say("Sites, and what became of them")
        begin_sites(roll, shown, folder, clock, until)
        clock.now = until - BEFORE
        say("A month of requests")
        file_lists(roll, shown, folder, early=True)
        Sequencer(roll).run_until_empty()  # an answer comes with the receipt of the filing
        live(bodies_of(roll, shown, folder), clock, until)
        roll.clock = settings.clock()
    return roll


def _show_requests(roll: Roll, shown: Demonstration, folder: Path, port: int) -> None:
    """Say where requests are, and the notice code of somebody who was asked about."""
    newest = requests_shown.public(roll, most=1)
    if not newest:
        return
    at = f"http://localhost:{port}/{roll.languages[-1]}"
    out.print(f"{newest[0].number} requests, in every state: {at}/requests")
    code = notice_code(asked_about(shown, folder))
    out.print(f"Notice code {code}  of somebody who was asked about: {at}/notices")
    month = f"{shown.day - BEFORE:%Y-%m}"
    out.print(f"  by command: openroll notice list --roll http://localhost:{port} --since {month}")


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


def _show_commands(roll: Roll, shown: Demonstration, settings: Settings, folder: Path) -> None:
    """Say how commands find the roll, where everybody in it keeps what is theirs alone, and who sits where in its requests."""
    found = {"OPENROLL_HOME": settings.home, "OPENROLL_ROLL": settings.roll}
    named = " ".join(f"{name}={shlex.quote(str(value))}" for name, value in found.items())
    activate = shlex.quote(str(Path(sys.executable).with_name("activate")))
    out.print(f"Commands on this roll, in another terminal: source {activate}; export {named}")
    out.print(f"  keys for envelopes, one an organisation: {folder / 'keys'}")
    out.print(f"  operators' handle keys, lists and disclosures: {folder}")
    out.print(f"  the log's public keys: {settings.roll_home / 'keys' / 'log.pub'}")
    bodies = (shown.requests.authority.organisation, shown.requests.reviewer.organisation, shown.operators[0].operator)
    seats = (f"{one.organisation}/{one.seat} {one.role}" for name in bodies for one in overview(roll, name, 0)[0])
    out.print(f"  seats, for `openroll token issue ORGANISATION --seat N`: {', '.join(seats)}")


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
    folder = settings.home / ("demo" if name == places.preset() else f"demo-{name}")
    with out.status("Starting a private PostgreSQL" if not settings.database_url else "Connecting") as status:
        roll = _begun(settings, name, shown, folder, status.update)
        status.update("Filing")
        stored = file_lists(roll, shown, folder)
    for one in shown.operators:
        if stored[one.operator]:
            out.print(f"{in_language(one.title, ENGLISH)} packed and filed {stored[one.operator]:,} subscriptions.")
    with out.status("Giving the filings their places in the log"):
        done = Sequencer(roll).run_until_empty()
    out.print(f"The public log has {done.size:,} entries.")
    _show_receipts(roll)
    _show_requests(roll, shown, folder, port)
    site = sites_shown(roll, shown)
    if site is not None:
        out.print(
            f"Site {site.number}  filed, with its badge: http://localhost:{port}/{roll.languages[-1]}/sites/{site.number}"
        )
    if check:
        looks = (partial(_check_requests, roll, shown, folder, port), partial(_check_sites, site, port))
        threading.Thread(target=_check, args=(port, roll.languages, looks), daemon=True).start()
    out.print(f"Serving pages and API on http://localhost:{port}  (Ctrl-C ends)")
    out.print(f"Sit down in any seat on http://localhost:{port}/{roll.languages[-1]}/sign-in")
    _show_commands(roll, shown, settings, folder)
    serve(settings, "127.0.0.1", port)


def _check(port: int, languages: Sequence[str], looks: Sequence[Callable[[], str]]) -> None:
    """Fetch every page once from the real server, look at requests and sites, then end the process with the verdict."""
    import signal  # noqa: PLC0415

    failed = ""
    for path in checked(languages):
        failed = failed or _fetch(f"http://127.0.0.1:{port}{path}")
    for look in looks:
        failed = failed or look()
    print(f"script/demo --check: {failed or 'every page answers'}", file=sys.stderr)  # noqa: T201 - a command speaks by printing
    _CHECKED.append(failed)
    os.kill(os.getpid(), signal.SIGINT)


def _check_requests(roll: Roll, shown: Demonstration, folder: Path, port: int) -> str:
    """What is wrong with the month of requests: a state that none was in, or a notice that its code does not open."""
    been = states_in(roll)
    if not been:
        return ""  # a roll of before has none
    if missing := [one for one in STATES if one not in been]:
        return f"no request was ever {', '.join(missing)}"
    secret, opened = asked_about(shown, folder), 0
    days = (shown.day - timedelta(days=day) for day in range(0, BEFORE.days, 7))
    of_months = {month_bucket(secret, f"{day:%Y-%m}") for day in days}  # of a demonstration that was made before
    for heap in {bucket_of(secret, one.number) for one in requests_shown.public(roll)} | of_months:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/notices/{heap}", timeout=10) as answer:
            found = heap_of(answer.read())
        own = own_notices(found.notices, secret, [one.verifying for one in found.senders])
        opened += sum(one.content is not None for one in own)
    return "" if opened == TOLD_OF_ONE else f"{opened} notices were found with the notice code, not {TOLD_OF_ONE}"


def _check_sites(site: SiteShown | None, port: int) -> str:
    """What is wrong with the sites: a number without page, badge or answer by RDAP, or a retired one that does not say so."""
    if site is None:
        return ""  # a roll of before has none, nor has a place without
    wanted = {
        f"api/v1/sites/{site.number}": f'"number":"{site.number}"',
        f"sites/{site.number}/badge?lang={ENGLISH}": f"Filed site {site.number}",
        f"rdap/domain/{site.domain}": f'"handle":"{site.number}"',
        f"sites/{site.retired}/badge?lang={ENGLISH}": f"Site {site.retired}: retired",
        f"{ENGLISH}/sites/{site.retired}": "retired",
    }
    for path, said in wanted.items():
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=10) as answer:
            if said not in answer.read().decode():
                return f"/{path} does not say {said}"
    return ""


def checked(languages: Sequence[str]) -> tuple[str, ...]:
    """What `--check` fetches."""
    own = ("requests", "requests/1", "notices", "sites")
    pages = ("", "rule", "figures", "log", "find", "file", "verify", "help", "sign-in", "figures/districts/chart", *own)
    files = ("/figures/csv", "/api/v1/log", "/api/v1/requests", "/api/v1/requests/figures", "/log/checkpoint")
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
        said = without_password(said_of(error), os.environ.get("DATABASE_URL", ""))
        print(f"script/demo: {said}", file=sys.stderr)  # noqa: T201 - a command speaks by printing
        sys.exit(2)
    if _CHECKED and _CHECKED[0]:
        sys.exit(1)


if __name__ == "__main__":
    main()
