"""Opening a roll is all or nothing, serves alone, keeps its modes, and never says the database's password."""

import os
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from importlib.resources import files
from pathlib import Path

import psycopg
import pytest
from tests.conftest import NOW, Ticking
from tests.program import Program

from openroll import places
from openroll.cli.registrar import Opening
from openroll.compose.main import said_of
from openroll.compose.serving import check_port, join_port
from openroll.register.roll.commands import OpenRoll
from openroll.rules import load
from openroll.service.governance import open_roll as opening
from openroll.service.governance.open_roll import Basis, CannotOpenRoll, find_roll, open_roll
from openroll.service.keys import make_keys
from openroll.service.roll import Roll
from openroll.store import schema
from openroll.store.address import AddressWrong, checked, without_password
from openroll.store.connect import Database
from openroll.store.schema import drop, is_there, roles_there

RULE = "cn-cq-2006-regulation+with-safeguards"
SECRET = "s3cretpw"


@pytest.fixture
def name(database_url: str) -> Iterator[str]:
    """The name of a roll that is not there yet."""
    found = f"i{os.getpid()}"
    yield found
    drop(database_url, found)


@pytest.fixture
def openroll(program: Callable[[str], Program]) -> Program:
    """The command line, each run in a process of its own."""
    return program("openroll.compose.main")


def nothing_is_left(database_url: str, name: str, home: Path) -> None:
    """No schema, no role, no folder."""
    assert not is_there(database_url, name)
    assert not any(roles_there(database_url, name).values())
    assert not home.exists()


def init(database_url: str, name: str, home: Path, origin: str) -> Roll:
    """Open a roll as `openroll init` does."""
    place = places.load("cn-cq-2006")
    command = OpenRoll(
        roll=name,
        title={"zh": "册", "en": "R"},
        registrar={"en": "X"},
        jurisdiction=places.full_name(place),
        demonstration=True,
    )
    database, basis = Database(database_url, name), Basis(place, load(RULE))
    roll = open_roll(database, home, command, basis, origin=origin, clock=Ticking(), random_bytes=os.urandom)
    assert isinstance(roll, Roll)
    return roll


def test_a_dry_run_writes_nothing_anywhere(openroll: Program, database_url: str, name: str, tmp_path: Path) -> None:
    """`init --dry-run` says what it would do and leaves no schema, no role, no key and no folder; the origin stays free."""
    env = {"DATABASE_URL": database_url, "OPENROLL_HOME": str(tmp_path / "home"), "OPENROLL_ROLL": name}
    done = openroll.run(["init", "--rule", RULE, "--origin", "a.example/first", "--dry-run"], env)
    assert (done.returncode, done.stdout.startswith(f"Would open the roll {name}")) == (0, True), done.stderr
    nothing_is_left(database_url, name, tmp_path / "home")
    assert init(database_url, name, tmp_path / "home", "a.example/other").origin == "a.example/other"


def test_a_rule_in_a_file_meets_the_same_checks(
    openroll: Program, database_url: str, name: str, tmp_path: Path
) -> None:
    """`init` takes the path of a rule and of an overlay; an abusive one is refused by name, a broken one with its faults."""
    env = {"DATABASE_URL": database_url, "OPENROLL_HOME": str(tmp_path / "home"), "OPENROLL_ROLL": name}
    redteam = Path(__file__).parents[1] / "rules" / "redteam"

    def tried(rule: str) -> tuple[int, str]:
        done = openroll.run(["init", "--jurisdiction", "cn-cq-2006", "--rule", rule, "--dry-run"], env)
        return done.returncode, " ".join((done.stdout + done.stderr).split())

    good = tmp_path / "good.yaml"
    good.write_bytes((files("openroll.rules") / "shipped" / "notification-2006.yaml").read_bytes())
    assert tried(str(good))[0] == 0, tried(str(good))
    code, told = tried(str(redteam / "monster.yaml"))
    assert (code, "a person is not cut off for not filing" in told) == (1, True), told
    code, told = tried(f"notification-2006+{redteam / 'k14-its-own-judge.yaml'}")
    assert (code, "appeal to another body suspends the measure" in told) == (1, True), told
    code, told = tried(f"notification-2006+{redteam / 'o01-another-id.yaml'}")
    assert (code, "An overlay cannot change id" in told) == (2, True), told
    nothing_is_left(database_url, name, tmp_path / "home")


@pytest.mark.parametrize("where", ["make_keys", "_record_opening", "write_durably"])
def test_what_fails_leaves_nothing(
    database_url: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """A full disk or a lost connection anywhere in the opening takes all of it back; then another origin may be chosen."""

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(opening, where, full)
        with pytest.raises(OSError, match="No space left"):
            init(database_url, name, tmp_path / "deep" / "home", "a.example/first")
    nothing_is_left(database_url, name, tmp_path / "deep")
    assert init(database_url, name, tmp_path / "deep" / "home", "a.example/other").origin == "a.example/other"


def test_what_was_killed_is_begun_again(
    database_url: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys that an opening left when it was killed freeze no origin: they were never used, and go."""
    home = tmp_path / "home"
    with monkeypatch.context() as patched:  # a process that is killed takes nothing back

        def killed(*_: object) -> None:
            raise SystemExit

        patched.setattr(opening, "_record_opening", killed)
        patched.setattr(schema, "drop", lambda *_: None)
        patched.setattr(shutil, "rmtree", lambda *_, **__: None)
        patched.setattr(Path, "unlink", lambda *_, **__: None)
        with pytest.raises(SystemExit):
            init(database_url, name, home, "a.example/first")
    assert (home / "keys" / "log.pub").exists()
    assert init(database_url, name, home, "a.example/other").origin == "a.example/other"
    assert not (home / "opening").exists()


def test_keys_of_another_log_are_kept_and_said(database_url: str, name: str, tmp_path: Path) -> None:
    """Keys that lie where the roll's are to be, and are of another name, are refused with that name and not touched."""
    home = tmp_path / "home"
    make_keys(home / "keys", "a.example/given", os.urandom)
    with pytest.raises(CannotOpenRoll, match=r"--origin a\.example/given"):
        init(database_url, name, home, "a.example/other")
    assert not is_there(database_url, name)
    assert init(database_url, name, home, "a.example/given").origin == "a.example/given"


def test_what_the_roll_makes_is_its_users_alone(
    openroll: Program, database_url: str, name: str, tmp_path: Path
) -> None:
    """Folders are 0700 and files 0600, but for what lies under `public`, whatever the umask."""
    home = tmp_path / "home"
    env = {"DATABASE_URL": database_url, "OPENROLL_HOME": str(home), "OPENROLL_ROLL": name}
    before = os.umask(0)
    try:
        for words in (
            ["init", "--rule", RULE],
            ["admit", "east", "--title-en", "East", "--title-zh", "东"],
            ["log", "sequence"],
        ):
            done = openroll.run(words, env)
            assert done.returncode == 0, done.stderr
    finally:
        os.umask(before)
    for path in [home, *home.rglob("*")]:
        mode, public = stat.S_IMODE(path.stat().st_mode), "public" in path.parts[len(home.parts) :]
        want = (0o755 if path.is_dir() else 0o644) if public else 0o700 if path.is_dir() else 0o600
        assert oct(mode) == oct(want), path


WRONG = {
    "of SQLAlchemy's kind": f"postgresql+psycopg://own:{SECRET}@127.0.0.1:1/d",
    "another database's": f"mysql://own:{SECRET}@127.0.0.1/d",
    "without a scheme": f"own:{SECRET}@127.0.0.1/d",
    "a raw slash": f"postgresql://own:{SECRET}/x@127.0.0.1:1/d",
    "a raw slash after a number": f"postgresql://own:12/{SECRET}@127.0.0.1:1/d",
    "a raw @": f"postgresql://own:x@{SECRET}@127.0.0.1:1/d",
    "a raw ?": f"postgresql://own:1?{SECRET}@127.0.0.1:1/d",
    "a raw per cent": f"postgresql://own:{SECRET}%zz@127.0.0.1:1/d",
    "a raw blank": f"postgresql://own:{SECRET} x@127.0.0.1:1/d",
    "a raw bracket": f"postgresql://own:[{SECRET}@127.0.0.1:1/d",
    "no port": f"postgresql://own:{SECRET}@127.0.0.1:none/d",
    "no server": f"postgresql://own:{SECRET}@127.0.0.1:1/d",
    "no host": f"postgresql://own:{SECRET}@no.such.host.invalid/d",
    "in the query": f"postgresql://127.0.0.1:1/d?user=own&password={SECRET}",
    "in the query, with nonsense": f"postgresql://127.0.0.1:1/d?user=own&password={SECRET}&nonsense=1",
    "with another option wrong": f"postgres://own:{SECRET}@127.0.0.1:1/d?sslmode=nonsense",
    "keywords": f"host=127.0.0.1 port=1 user=own password={SECRET} dbname=d",
    "keywords, quoted": f"host=127.0.0.1 port=1 user=own password='{SECRET} x' dbname=d",
    "keywords, cut in two": f"host=127.0.0.1 port=1 user=own password=x {SECRET} dbname=d",
    "keywords, not closed": f"host=127.0.0.1 port=1 password='{SECRET}",
    "a service that is not there": f"service=nosuch password={SECRET}",
}


@pytest.mark.parametrize("form", WRONG)
def test_no_failure_says_the_password(openroll: Program, tmp_path: Path, form: str) -> None:
    """Whatever is wrong with DATABASE_URL, a command ends in one sentence without the password, and without a traceback."""
    env = {"DATABASE_URL": WRONG[form], "OPENROLL_HOME": str(tmp_path / "home"), "OPENROLL_ROLL": "none"}
    for words in (["init", "--rule", RULE], ["upgrade"]):
        done = openroll.run(words, env)
        said = done.stdout + done.stderr
        assert done.returncode == 2, said
        assert SECRET not in said
        assert "Traceback" not in said
        assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("url", ["", "postgresql://127.0.0.1:1/d"])
def test_a_database_that_is_away_is_a_sentence_of_ours(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Whose it is and what to do, around what the driver says; its questions on further lines are left out."""
    monkeypatch.setenv("DATABASE_URL", url)
    driver = (
        'connection is bad: connection to server on socket "/x" failed: No such file\n\tIs the server running locally?'
    )
    for error in (psycopg.OperationalError(driver), psycopg.errors.AdminShutdown("terminating connection")):
        said = said_of(error)
        assert said.startswith("the database that DATABASE_URL names" if url else "the roll's own PostgreSQL")
        assert ("Is the server" in said, "say the command again" in said.lower()) == (False, True)
    assert "SQLSTATE 42501" in said_of(psycopg.errors.InsufficientPrivilege("permission denied for table x"))


def test_the_password_of_the_environment_is_not_said_either(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text is shown without the password in plain, encoded and from the environment, and otherwise as it is."""
    monkeypatch.setenv("PGPASSWORD", "fr0m-env")
    url = "postgresql://own:s%2Fcr%40t@127.0.0.1/d"
    assert without_password("a s/cr@t b s%2Fcr%40t c fr0m-env d", url) == "a *** b *** c *** d"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "postgresql:///d?host=/run/postgresql",
        "postgresql://own@tenant:p@host/d".replace("own@", "own%40"),
        "postgresql://h1:5432,h2:5433/d?target_session_attrs=primary",
        "postgresql://own:p@[::1]:5432/d",
        "host=/run/postgresql dbname=d",
        "service=roll",
    ],
)
def test_every_form_of_libpqs_is_taken(url: str) -> None:
    """URIs, keywords, services, several hosts, IPv6 and sockets are taken as they are."""
    assert checked(url) == url


def test_an_address_that_libpq_reads_otherwise_is_refused() -> None:
    """A password cut in two by its own characters is found by what becomes of host and database."""
    with pytest.raises(AddressWrong, match="%40"):
        checked("postgresql://own:p@ss@host/d")


@pytest.mark.parametrize("port", [0, -1, 65536, 99999])
def test_a_port_that_is_none_is_a_sentence(port: int) -> None:
    """A number that is no port is refused with the range."""
    with pytest.raises(ValueError, match="from 1 to 65535"):
        check_port("127.0.0.1", port)


def test_a_taken_port_is_a_sentence_though_it_could_be_shared() -> None:
    """A port that another server listens on is refused, also when that one would share it; once it is free it is taken."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ValueError, match="--port"):
            check_port("127.0.0.1", port)
        with pytest.raises(ValueError, match="--port"):
            check_port("0.0.0.0", port)  # noqa: S104 - all addresses hold that one too
    check_port("127.0.0.1", port)


def test_serve_ends_in_a_sentence_where_nothing_can_be_served(openroll: Program, tmp_path: Path) -> None:
    """`serve` looks at its port first: one that is none, or is taken, is said in a line."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        for port in ("99999", str(other.getsockname()[1])):
            done = openroll.run(["serve", "--port", port], {"OPENROLL_HOME": str(tmp_path / "home")})
            assert (done.returncode, len(done.stderr.splitlines()), "port" in done.stderr) == (2, 1, True), done.stderr
    assert not (tmp_path / "home").exists()


def test_a_second_server_of_a_roll_may_share_its_port_and_nobody_else(tmp_path: Path) -> None:
    """Two processes of one roll serve on one port, so that one takes over from the other; another roll's is refused there."""
    code = (
        "import socket, sys; from pathlib import Path; from openroll.compose.serving import join_port\n"
        "port = int(sys.argv[2]); join_port(Path(sys.argv[1]), '127.0.0.1', port)\n"
        "one = socket.socket(); one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)\n"
        "one.bind(('127.0.0.1', port)); one.listen(); print('serving', flush=True); sys.stdin.read()"
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ours, others = tmp_path / "ours", tmp_path / "others"
    for home in (ours, others):
        home.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", code, str(ours), str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "serving\n"
        assert join_port(ours, "127.0.0.1", port), "whoever starts the second one is told that there is a first"
        with pytest.raises(ValueError, match="nothing can be served"):
            join_port(others, "127.0.0.1", port)
        first.kill()
        first.wait()
    assert not join_port(others, "127.0.0.1", port)


def test_a_roll_speaks_the_languages_it_is_opened_with(
    openroll: Program, database_url: str, name: str, tmp_path: Path
) -> None:
    """`--language` and `--title LANGUAGE=TEXT`, each as often as need be; what is no language is refused, and nothing made."""
    env = {"DATABASE_URL": database_url, "OPENROLL_HOME": str(tmp_path / "home"), "OPENROLL_ROLL": name}
    asked = ["init", "--rule", RULE, "--language", "it", "--language", "en"]
    doubled = openroll.run([*asked, "--language", "it"], env)
    assert (doubled.returncode != 0, "languages" in doubled.stderr) == (True, True)
    shapeless = openroll.run([*asked, "--title", "Il mio registro"], env)
    assert shapeless.returncode != 0
    assert "expected a language and a text" in " ".join(shapeless.stderr.split())
    assert not is_there(database_url, name)
    opened = openroll.run([*asked, "--title", "it=Il mio registro", "--title", "en=My roll"], env)
    assert opened.returncode == 0, opened.stderr
    database = Database(database_url, name)
    roll = find_roll(database, tmp_path / "home" / "rolls" / name, clock=lambda: NOW, random_bytes=os.urandom)
    assert roll.opened.languages == ("it", "en")
    assert roll.opened.title == {"it": "Il mio registro", "en": "My roll"}
    # What can never be changed again is said, and what has no words; the keys stand whole, each on its line.
    assert f"Its log is called openroll.example/{name} for all time; --origin would have named it." in opened.stdout
    assert "No words of Openroll's own exist in it yet" in opened.stdout
    assert "exist in en" not in opened.stdout
    lines = [line.strip() for line in opened.stdout.splitlines()]
    assert list(roll.keys.verifier_keys) == lines[-len(roll.keys.verifier_keys) :]
    invited = openroll.run(["invite"], env)
    assert "/en/join#" in invited.stdout
    assert openroll.run(["invite", "--lang", "zh"], env).returncode != 0


def test_the_registrar_is_named_once_for_all_or_by_language() -> None:
    """One name stands in every language; given by language it is that; not given it says what it is; half and half is refused."""
    opening, place = partial(Opening, rule="r", language=("zh", "en")), places.load("cn-cq-2006")
    assert opening(registrar=("An office",)).command("r", place).registrar == {"zh": "An office", "en": "An office"}
    assert opening(registrar=("zh=某局", "en=An office")).command("r", place).registrar == {
        "zh": "某局",
        "en": "An office",
    }
    assert opening().command("r", place).registrar == {"zh": "登记机构", "en": "The registrar"}
    with pytest.raises(SystemExit):
        opening(registrar=("An office", "zh=某局")).command("r", place)
