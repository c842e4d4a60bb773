"""`script/demo`: opens a roll with synthetic people, files, verifies receipts, then serves it.

Everything goes the way it would in earnest: the rule is checked, operators are admitted, each packs its list on its own
side and files what may travel. A second start finds the roll and keeps it.
"""

import csv
import os
import random
import sys
import threading
import urllib.request
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import psycopg
from cyclopts import App
from rich.console import Console

from openroll.compose import rolls
from openroll.compose.address import local_address
from openroll.compose.server import serve
from openroll.compose.settings import Settings, random_bytes, settings_from
from openroll.register.decision import Refused
from openroll.register.districts import load as load_districts
from openroll.register.organisation.commands import AdmitOperator
from openroll.register.roll.commands import OpenRoll
from openroll.register.subscription.filing_code import code_of
from openroll.register.subscription.handle import KEY_BYTES, key_line, key_of
from openroll.rules import load
from openroll.rules.language import ENGLISH, PRESET_LANGUAGES, in_language
from openroll.service.filing.bulk import FileTaken, take_file
from openroll.service.governance.open_roll import NoSuchRoll, admit_operator, open_roll
from openroll.service.log.receipts import receipt
from openroll.service.log.sequencer import Sequencer
from openroll.service.roll import NotNow, Roll
from openroll.sheet.pack import pack
from openroll.store import subscriptions
from openroll.store.address import without_password
from openroll.tlog import verify_receipt

RULE = "cn-cq-2006-regulation+with-safeguards"
DAY = date(2006, 12, 20)
"""The demonstration's first day: three weeks after the regulation came into force."""

OPERATORS = (
    AdmitOperator(
        operator="bayu-net", title={"zh": "巴渝宽网（虚构）", "en": "Bayu Net (made up)"}, kind="access-operator"
    ),
    AdmitOperator(
        operator="liangjiang",
        title={"zh": "两江通信（虚构）", "en": "Liangjiang Telecom (made up)"},
        kind="access-operator",
    ),
    AdmitOperator(
        operator="shancheng",
        title={"zh": "山城在线（虚构）", "en": "Shancheng Online (made up)"},
        kind="access-operator",
    ),
)
ROWS = 10_000
_FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建国文辉玲"
_TRADES = ("火锅店", "网吧", "摩托车配件厂", "小学", "物流公司", "诊所", "印刷厂", "旅行社")

out = Console(highlight=False, markup=False)
app = App(name="script/demo", help="A whole roll with made-up people, served on http://localhost:8000")


def people(seed: int, count: int) -> Iterator[dict[str, str]]:
    """Synthetic subscribers, the same for the same seed: names, contacts, addresses and telephone numbers of nobody."""
    draw = random.Random(seed)  # noqa: S311 - it makes up people, not keys
    codes = list(load_districts("cn-cq-2006").values())
    weights = [4 if code.code < "500116" else 1 for code in codes]
    for number in range(count):
        place = draw.choices(codes, weights)[0]
        name = draw.choice(_FAMILY) + "".join(draw.choices(_GIVEN, k=draw.choice((1, 2))))
        organisation = draw.random() < 0.25
        told = organisation or draw.random() < 0.1
        yield {
            "account": f"{'org' if organisation else 'acc'}-{seed}-{number:06d}",
            "kind": "organisation" if organisation else "household",
            "access": draw.choice(
                ("lan", "leased-line", "adsl") if organisation else ("adsl", "dial-up", "lan", "cable")
            ),
            "district": place.code,
            "connected": str(DAY - timedelta(days=draw.randrange(1, 700))),
            "name": f"{place.title['zh']}{name}{draw.choice(_TRADES)}" if organisation else (name if told else ""),
            "contact": name if told else "",
            "address": f"{place.title['zh']}{draw.choice('中山民生人和解放')}路{draw.randrange(1, 400)}号"
            if told
            else "",
            "phone": f"1{draw.choice('35')}{draw.randrange(10**8, 10**9)}" if told and draw.random() < 0.5 else "",
        }


def _moved_to_then(settings: Settings) -> Settings:
    """The settings with the demonstration's clock: 2006 at the first start, and on from there."""
    kept = settings.home / "demo-began"
    settings.home.mkdir(parents=True, exist_ok=True)
    if not kept.exists():
        kept.write_text(datetime.now(UTC).isoformat(), encoding="ascii")
    began = datetime.fromisoformat(kept.read_text(encoding="ascii"))
    shift = datetime(DAY.year, DAY.month, DAY.day, 1, tzinfo=UTC) - began
    return msgspec.structs.replace(settings, shift=timedelta(days=round(shift / timedelta(days=1))))


def _open(settings: Settings) -> Roll:
    try:
        return rolls.roll(settings)
    except NoSuchRoll:
        command = OpenRoll(
            roll=settings.roll,
            title={"zh": "重庆2006", "en": "Chongqing 2006"},
            registrar={"zh": "Openroll演示", "en": "Openroll demonstration"},
            districts="cn-cq-2006",
            demonstration=True,
        )
        roll = open_roll(
            rolls.database(settings, making=True),
            settings.roll_home,
            command,
            load(RULE),
            origin=f"openroll.example/{settings.roll}",
            clock=settings.clock(),
            random_bytes=random_bytes,
            given=settings.given,
        )
        if isinstance(roll, Refused):
            raise SystemExit(f"script/demo: the roll was refused: {roll.refusal}") from None
        for command_ in OPERATORS:
            admit_operator(roll, command_)
        out.print(f"Opened the roll {settings.roll} under {roll.rule_name}.")
        return roll


def _file(roll: Roll, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for seed, operator in enumerate(OPERATORS):
        count = ROWS // len(OPERATORS) + (seed < ROWS % len(OPERATORS))
        subscribers, filing = folder / f"{operator.operator}.csv", folder / f"{operator.operator}.filing.csv"
        if not filing.exists():
            _write(subscribers, list(people(seed, count)))
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
            out.print(f"{operator.title['en']} packed and filed {taken.stored:,} subscriptions.")


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
    out.print(f"  python -m openroll.tlog verify {path} --key {roll.home / 'keys' / 'log.pub'}", soft_wrap=True)


@app.default
def demo(*, check: bool = False, port: int = 8000) -> None:
    """Make the demonstration roll if it is missing, and serve it until stopped.

    Parameters
    ----------
    check
        Do all of it, fetch the pages once, and end.
    port
        Where to serve.
    """
    settings = _moved_to_then(settings_from())
    web = msgspec.structs.replace(settings.web, null_sign_in=True, address=local_address(port))
    settings = msgspec.structs.replace(settings, web=web)
    with out.status("Starting a private PostgreSQL" if not settings.database_url else "Connecting"):
        roll = _open(settings)
    with out.status("Filing"):
        _file(roll, settings.home / "demo")
    with out.status("Giving the filings their places in the log"):
        done = Sequencer(roll).run_until_empty()
    out.print(f"The public log has {done.size:,} entries.")
    _show_receipts(roll)
    if check:
        threading.Thread(target=_check, args=(port,), daemon=True).start()
    out.print(f"Serving pages and API on http://localhost:{port}  (Ctrl-C ends)")
    out.print(f"Sit down in any seat on http://localhost:{port}/en/sign-in")
    serve(settings, "127.0.0.1", port)


def _check(port: int) -> None:
    """Fetch every page once from the real server, then end the process with the verdict."""
    import signal  # noqa: PLC0415

    failed = ""
    for path in CHECKED:
        failed = failed or _fetch(f"http://127.0.0.1:{port}{path}")
    print(f"script/demo --check: {failed or 'every page answers'}", file=sys.stderr)  # noqa: T201 - a command speaks by printing
    _CHECKED.append(failed)
    os.kill(os.getpid(), signal.SIGINT)


CHECKED = (
    *(
        f"/{lang}/{name}"
        for lang in PRESET_LANGUAGES
        for name in ("", "rule", "figures", "log", "find", "file", "verify", "help")
    ),
    "/en/figures/districts/chart",
    "/figures/csv",
    "/en/sign-in",
    "/api/v1/log",
    "/log/checkpoint",
)
"""What `--check` fetches."""
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
