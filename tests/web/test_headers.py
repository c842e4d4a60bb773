"""What every answer carries, where faults are told, and what is written down of refusals."""

import json
import re
import stat
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from openroll.compose.settings import WebSettings
from openroll.register.subscription.filing_code import code_of
from openroll.service.identity.refusal_log import MOST_BYTES, MOST_COUNTED, TOGETHER, RefusalLog
from openroll.service.roll import Roll
from openroll.web.public import PROJECT
from tests.web.house import ADDRESS, House, house, name_of

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def lending(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A roll that lends a bridge, with a contact of its own."""
    web = WebSettings(
        address=ADDRESS, lend_a_bridge=True, security_contact="mailto:security@roll.example", what_if_city="village"
    )
    with house(database_url, tmp_path_factory.mktemp("lending"), name_of("h"), web) as found:
        yield found


def test_a_lent_page_cannot_use_a_readers_passkeys(lending: House) -> None:
    """Where somebody else's program runs, no document asks for a passkey; on every other page ours alone does."""
    visitor = lending.visitor()
    lent = visitor.get("/en/log?bridge=1").headers["permissions-policy"]
    own = visitor.get("/en/sign-in").headers["permissions-policy"]
    for power in ("publickey-credentials-get", "publickey-credentials-create"):
        assert f"{power}=()" in lent
        assert f"{power}=(self)" in own
    for policy in (lent, own):
        powers = policy.split(", ")
        assert all(re.fullmatch(r"[a-z-]+=\((self)?\)", one) for one in powers)
        assert {"camera=()", "microphone=()", "geolocation=()", "usb=()", "payment=()"} <= set(powers)


@pytest.mark.parametrize(
    "path", ["/en/", "/zh/help", "/nothing/here", "/en/mine", "/log/checkpoint", "/api/v1/log", "/static/mark.svg"]
)
def test_every_answer_has_the_headers(lending: House, path: str) -> None:
    """Also one for an address that is not there, for a redirect, a file and a program."""
    headers = lending.visitor().get(path).headers
    assert headers["strict-transport-security"] == "max-age=31536000"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "object-src 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    expected = "cross-origin" if path.startswith("/log/") else "same-origin"
    assert headers["cross-origin-resource-policy"] == expected


def test_no_strict_transport_without_tls(database_url: str, tmp_path: Path) -> None:
    """A roll on a desk, over http, does not tell browsers to insist on what it has not."""
    web = WebSettings(address="http://localhost:8000", what_if_city="village")
    with house(database_url, tmp_path, name_of("n"), web) as found:
        assert "strict-transport-security" not in found.visitor().get("/en/").headers


def test_hosts_beneath_are_bound_only_where_the_keeper_says_so(database_url: str, tmp_path: Path) -> None:
    """HSTS reaches beneath the roll's own host by a setting."""
    web = WebSettings(address=ADDRESS, what_if_city="village", https_beneath=True)
    with house(database_url, tmp_path, name_of("b"), web) as found:
        headers = found.visitor().get("/en/help").headers
        assert headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


def test_signing_out_clears_what_the_browser_kept(inside: House) -> None:
    """Pages and whatever stands in the browser's storage go with the session, and the form's token stays good."""
    visitor = inside.sitting("east/clerk")
    answer = visitor.post("/en/sign-out")
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert visitor.post("/en/find", {"code": "1"}).status_code == 422
    assert "clear-site-data" not in visitor.get("/en/").headers


def test_the_lent_page_takes_no_objects_either(lending: House) -> None:
    """Its own policy says so too."""
    assert "object-src 'none'" in lending.visitor().get("/en/log?bridge=1").headers["content-security-policy"]


@pytest.mark.parametrize(
    "path", ["/en/disclosures", "/en/help", "/log/checkpoint", "/figures.csv", "/.well-known/security.txt", "/metrics"]
)
def test_no_answer_names_its_charset_twice(inside: House, path: str) -> None:
    """A type of text has one charset behind it, of the pages' own downloads too."""
    visitor = inside.visitor()
    answer = visitor.post(path, {"disclosures": "a b"}) if path.endswith("disclosures") else visitor.get(path)
    assert answer.headers["content-type"].count("charset") <= 1
    if path.endswith("disclosures"):
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"


def test_security_text_is_what_rfc_9116_asks_for(lending: House, inside: House) -> None:
    """A contact, an end less than a year away by the roll's clock, and where it stands; in plain text."""
    answer = lending.visitor().get("/.well-known/security.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    said = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert said["Contact"] == "mailto:security@roll.example"
    assert said["Canonical"] == f"{ADDRESS}/.well-known/security.txt"
    expires = datetime.strptime(said["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert timedelta(days=100) < expires - lending.roll.clock() < timedelta(days=365)
    assert f"Contact: {PROJECT}/security/advisories/new" in inside.visitor().get("/.well-known/security.txt").text
    assert f"url: {PROJECT}\n" in (ROOT / "publiccode.yml").read_text(encoding="utf-8")


def _lines(roll: Roll) -> list[dict[str, object]]:
    path = roll.home / "refusals.log"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def test_failed_sign_ins_and_refusals_are_written_down(lending: House) -> None:
    """Who by a keyed hash, what and when; never a code, an address or anything typed; for nobody else to read."""
    before = len(_lines(lending.roll))
    visitor = lending.visitor()
    code = "1234 5678 9012 3452"
    assert visitor.post("/en/find", {"code": code}).status_code >= 400
    assert visitor.json("/en/passkey/sign-in", {"ceremony": "x", "credential": {}}).status_code == 403
    assert visitor.post("/en/registrar/figures").status_code == 401
    assert visitor.ask("POST", "/en/find", data={"code": code}).status_code == 403  # no token: a forged form
    assert visitor.get("/en/log").status_code == 200
    lines = _lines(lending.roll)[before:]
    assert [(one["what"], one["route"]) for one in lines[:3]] == [
        ("sign-in", "POST /{lang}/find"),
        ("sign-in", "POST /{lang}/passkey/sign-in"),
        ("refused", "POST /{lang}/registrar/figures"),
    ]
    assert len(lines) == 4
    assert len({one["who"] for one in lines}) == 1
    path = lending.roll.home / "refusals.log"
    text = path.read_text(encoding="utf-8")
    assert "1234" not in text
    assert "testclient" not in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_an_official_looks_up_in_vain_is_written_down(database_url: str, tmp_path: Path) -> None:
    """With the seat and without the code; after ten misses the page says how long to wait."""
    with house(database_url, tmp_path, name_of("m"), WebSettings(address=ADDRESS, null_sign_in=True)) as own:
        codes = [code_of(50_000 + n, own.roll.keys.code_key) for n in range(11)]
        for role, path in (("registrar/registrar-lead", "registrar/records"), ("east/clerk", "operator/records")):
            visitor, before = own.sitting(role), len(_lines(own.roll))
            answers = [visitor.post(f"/en/{path}", {"sought": code}) for code in codes]
            assert [one.status_code for one in answers] == [404] * 10 + [429]
            assert "Too many filing codes of late" in answers[-1].text
            lines = [one for one in _lines(own.roll)[before:] if str(one["route"]).endswith(path)]
            assert {(one["what"], one["status"]) for one in lines} == {("missed", 404), ("refused", 429)}
            assert all(str(one["seat"]).startswith(role.partition("/")[0] + "/") for one in lines)
        text = (own.roll.home / "refusals.log").read_text(encoding="utf-8")
        assert not any(code in text or code.replace(" ", "") in text for code in codes)


def test_the_refusal_log_is_rotated_and_forgets(roll: Roll) -> None:
    """It grows to a megabyte and ten files, by size and by month; what is older than three months goes."""
    now = [roll.clock()]
    roll.clock = lambda: now[0]
    log = RefusalLog(roll)

    def write() -> None:
        log.write("POST", "/{lang}/find", 403, source="192.0.2.1")

    write()
    with (roll.home / "refusals.log").open("ab") as file:
        file.write(b" " * MOST_BYTES + b"\n")
    now[0] += TOGETHER
    write()
    assert (roll.home / "refusals.log.1").exists()
    assert len(_lines(roll)) == 1
    for _ in range(12):
        now[0] += timedelta(days=31)
        write()
    kept = sorted(path.name for path in roll.home.glob("refusals.log*"))
    assert kept == ["refusals.log", "refusals.log.1", "refusals.log.2"]
    assert stat.S_IMODE((roll.home / "refusals.log.1").stat().st_mode) == 0o600
    text = "".join(path.read_text(encoding="utf-8") for path in roll.home.glob("refusals.log*"))
    assert "192.0.2.1" not in text
    other = RefusalLog(roll)
    other.write("POST", "/{lang}/find", 403, source="2001:db8::1")
    other.write("POST", "/{lang}/join", 403, source="2001:db8::ffff")
    other.write("POST", "/{lang}/find", 403, source="192.0.2.1")
    who = [one["who"] for one in _lines(roll)[-3:]]
    assert who[0] == who[1] != who[2]


def test_the_package_asks_for_idna() -> None:
    """Hosts are read by a library of their own, which is asked for by name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "idna" in project["project"]["dependencies"]


def test_a_flood_of_refusals_is_a_line_a_minute(roll: Roll) -> None:
    """What one source repeats is counted, so that older lines stay; another source, route or status is a line of its own."""
    now = [roll.clock()]
    roll.clock = lambda: now[0]
    log = RefusalLog(roll)

    def write(route: str = "/{lang}/find", status: int = 403, source: str = "192.0.2.1") -> None:
        log.write("POST", route, status, source=source)

    write("/{lang}/join")
    for _ in range(60_000):
        write()
    write(source="192.0.2.2")
    write(status=429)
    assert len(_lines(roll)) == 4
    now[0] += TOGETHER
    write()
    lines = _lines(roll)
    assert [one.get("times", 1) for one in lines] == [1, 1, 1, 1, 59_999, 1]
    assert lines[4]["who"] == lines[0]["who"]
    for number in range(MOST_COUNTED + 100):
        write(source=f"10.0.{number // 250}.{number % 250}")
    assert len(log._counted) <= MOST_COUNTED


def test_who_signed_in_to_a_seat_is_written_down(inside: House) -> None:
    """By seat and source; when a filing was opened, by its code or on filing it, is not."""
    before = len(_lines(inside.roll))
    inside.sitting("east/clerk")
    _, code = inside.filed()
    assert inside.visitor().post("/en/find", {"code": code}).status_code == 303
    # Repeated refusals of earlier tests, whose minute ended meanwhile, may be written here too.
    lines = [one for one in _lines(inside.roll)[before:] if int(str(one["status"])) < 400]
    assert [(one["what"], one["route"]) for one in lines] == [("signed-in", "POST /{lang}/sign-in/null")]
    assert str(lines[0]["seat"]).startswith("east/")
    assert lines[0]["who"]
