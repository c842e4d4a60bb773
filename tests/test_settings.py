"""Settings: an address under which passkeys work, switches that are on or off, and names that nobody mistypes unseen."""

import re
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from openroll.compose.address import local_address, public_address
from openroll.compose.settings import KNOWN, settings_from, shift_file
from openroll.tlog import Signer

SOURCE = Path(__file__).parents[1] / "src"


@pytest.mark.parametrize(
    "address",
    [
        "https://roll.example",
        "https://xn--26qv08d.example",
        "https://roll.example:8443",
        "http://localhost",
        "http://localhost:8141",
        "https://localhost:8443",
        "http://roll.localhost:8000",
    ],
)
def test_an_address_as_browsers_say_it_is_taken(address: str) -> None:
    """What is taken is what a browser will say, letter by letter."""
    assert settings_from({"OPENROLL_ADDRESS": address}).web.address == address


@pytest.mark.parametrize(
    ("address", "hint"),
    [
        ("https://Roll.Example", "https://roll.example,"),
        ("https://roll.example:443", "https://roll.example,"),
        ("http://localhost:80", "http://localhost,"),
        ("https://roll.example:08443", "https://roll.example:8443,"),
        ("https://注册.example", "https://xn--26qv08d.example,"),
        ("https://straße.example", "https://xn--strae-oqa.example,"),
        ("https://roll.example.", "https://roll.example,"),
        ("https://", "as https://roll.example"),
        ("roll.example", "as https://roll.example"),
        ("ftp://roll.example", "as https://roll.example"),
        ("https://roll.example/", "without a slash"),
        ("https://roll.example/x", "without a slash"),
        ("https://roll.example?", "without a slash"),
        ("https://roll.example#", "without a slash"),
        ("https://u:p@roll.example", "without a slash"),
        ("https://roll.example:", "from 1 to 65535"),
        ("https://roll.example:99999", "from 1 to 65535"),
        ("https://roll.example:0", "from 1 to 65535"),
        ("https://192.0.2.1", "never to a number"),
        ("https://[2001:db8::1]", "never to a number"),
        ("http://127.0.0.1:8000", "never to a number"),
        ("http://[::1]:8000", "never to a number"),
        ("https://2130706433", "never to a number"),
        ("https://0x7f000001", "never to a number"),
        ("http://roll.example", "https://roll.example"),
        ("https://roll", "without a dot"),
        ("https://-roll.example", "no name of a host"),
        ("https://roll_1.example", "no name of a host"),
        ("https://roll..example", "no name of a host"),
    ],
)
def test_an_address_that_no_passkey_can_match_is_refused_at_start(address: str, hint: str) -> None:
    """In a sentence that says why, and what to write where that can be known."""
    with pytest.raises(ValueError, match="OPENROLL_ADDRESS") as refusal:
        settings_from({"OPENROLL_ADDRESS": address})
    assert hint in f"{refusal.value},".replace(": write that,", ": write that")


def test_what_serve_makes_of_a_port_is_an_address() -> None:
    """Whatever port is served on, the address that is told to the worker is one it takes."""
    for port in (80, 443, 8000):
        assert public_address(local_address(port)) == local_address(port)


@pytest.mark.parametrize("name", [one for one in KNOWN if re.search("NULL|LEND|WRONG|AT_START|MAY_LOSE", one)])
@pytest.mark.parametrize("value", ["true", "yes", "on", "2", " 1"])
def test_a_switch_is_on_or_off_and_nothing_else(name: str, value: str) -> None:
    """`true` is not quietly taken for off."""
    with pytest.raises(ValueError, match=f"{name} is 1 or 0"):
        settings_from({name: value})


def test_a_mistyped_setting_is_named() -> None:
    """With the setting that is meant, where one is like it; settings that are known are not."""
    said = settings_from(
        {"OPENROLL_BEHIND_A_PROXY": "1", "OPENROLL_QQQQ": "", "OPENROLL_HOME": "x", "HOME": "y"}
    ).unknown
    assert said == (
        "OPENROLL_BEHIND_A_PROXY is no setting and does nothing; is OPENROLL_BEHIND_PROXY meant?",
        "OPENROLL_QQQQ is no setting and does nothing",
    )


def test_a_roll_looks_at_sites_where_it_is_told_to_and_with_the_places_of_its_file(tmp_path: Path) -> None:
    """Off unless said; a file of places that cannot be used is named with its line."""
    assert settings_from({}).looks() is None
    places = tmp_path / "places.txt"
    given = {
        "OPENROLL_LOOK_AT_SITES": "1",
        "OPENROLL_ADDRESS": "https://roll.example",
        "OPENROLL_SITE_PLACES": str(places),
    }
    with pytest.raises(ValueError, match=r"OPENROLL_SITE_PLACES, .*places.txt"):
        settings_from(given).looks()
    key = Signer.from_seed("w1.example", b"k" * 32, "ed25519").verifier
    places.write_text(f"https://w1.example {key}\n")
    looks = settings_from(given).looks()
    assert looks is not None
    assert (looks.address, [one.key for one in looks.places]) == ("https://roll.example", [key])
    places.write_text("w1.example\n")
    with pytest.raises(ValueError, match="line 1"):
        settings_from(given).looks()


def test_every_setting_that_is_read_is_known() -> None:
    """No name that the source reads is called unknown."""
    read = {
        one for path in SOURCE.rglob("*.py") for one in re.findall(r"\bOPENROLL_[A-Z_0-9]+\b", path.read_text("utf-8"))
    }
    assert {one for one in read if not one.endswith("_")} - set(KNOWN) == set()


@pytest.mark.parametrize(
    ("days", "taken"), [("3", 3), ("30", 30), ("90", 90), ("2", 0), ("91", 0), ("-7", 0), ("x", 0)]
)
def test_the_days_to_say_no(days: str, taken: int) -> None:
    """From three to ninety: less would be no time to hear of it."""
    if taken:
        assert settings_from({"OPENROLL_RELEASE_DAYS": days}).release_days == taken
    else:
        with pytest.raises(ValueError, match="OPENROLL_RELEASE_DAYS"):
            settings_from({"OPENROLL_RELEASE_DAYS": days})


@pytest.mark.parametrize("contact", ["security@roll.example", "http://roll.example", "mailto:x@y z", "mailto:\n"])
def test_a_security_contact_is_an_address(contact: str) -> None:
    """Nothing that RFC 9116 does not take, and no second line, gets into the file."""
    with pytest.raises(ValueError, match="OPENROLL_SECURITY_CONTACT"):
        settings_from({"OPENROLL_SECURITY_CONTACT": contact})


FAR = "postgresql://roll:secret@db.example:5432/roll"


@pytest.mark.parametrize(
    "url",
    [FAR, "host=db.example dbname=roll", "postgresql://db.example,localhost/roll", "hostaddr=192.0.2.7 host=localhost",
     "postgresql://[2001:db8::1]/roll", "postgresql://127.0.0.1.example/roll"],
)  # fmt: skip
def test_a_database_over_a_network_is_asked_who_it_is(url: str) -> None:
    """Unless the address says otherwise nothing goes in the open, and the certificate is checked."""
    given = conninfo_to_dict(settings_from({"DATABASE_URL": url}).database_url)
    assert given == conninfo_to_dict(url) | {"sslmode": "verify-full"}
    again = settings_from({"DATABASE_URL": settings_from({"DATABASE_URL": url}).database_url}).database_url
    assert conninfo_to_dict(again) == given


@pytest.mark.parametrize(
    "url",
    ["", "postgresql:///roll", "postgresql:///roll?host=/run/postgresql", "postgresql://localhost/roll",
     "postgresql://127.0.0.1:5433/roll", "postgresql://[::1]/roll", "host=localhost,127.0.0.2", f"{FAR}?sslmode=require",
     f"{FAR}?sslmode=disable", "service=roll"],
)  # fmt: skip
def test_a_database_of_this_machine_is_asked_as_it_is_written(url: str) -> None:
    """Sockets, loopback, and whatever says itself how TLS is used stay as they are."""
    assert settings_from({"DATABASE_URL": url}).database_url == url


def test_what_the_environment_says_of_tls_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """libpq's own variables count as the address does."""
    monkeypatch.setenv("PGSSLMODE", "require")
    assert settings_from({"DATABASE_URL": FAR}).database_url == FAR
    monkeypatch.delenv("PGSSLMODE")
    monkeypatch.setenv("PGHOST", "db.example")
    assert "verify-full" in settings_from({"DATABASE_URL": "dbname=roll"}).database_url


def test_every_command_on_a_demonstration_lives_in_its_time(tmp_path: Path) -> None:
    """What it wrote down counts for its own roll, unless the environment says otherwise; what is no number is said."""
    home = {"OPENROLL_HOME": str(tmp_path), "OPENROLL_ROLL": "shown"}
    shift_file(tmp_path, "shown").write_text("-7000\n")
    assert settings_from(home).shift.days == -7000
    assert settings_from(home | {"OPENROLL_ROLL": "another"}).shift.days == 0
    assert settings_from(home | {"OPENROLL_SHIFT_DAYS": "1"}).shift.days == 1
    shift_file(tmp_path, "shown").write_text("x")
    with pytest.raises(ValueError, match="demo-shift-shown is a whole number of days"):
        settings_from(home)
