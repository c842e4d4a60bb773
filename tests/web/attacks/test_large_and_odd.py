"""Numbers too large, characters no database takes, shapes nobody expects: every field and address, and no answer above 499."""

import inspect
import json
import re

import pytest

from openroll.service.access import ROUTES
from tests.web.house import House
from tests.web.test_access import FILLED
from tests.web.visitor import Visitor

ODD = (
    "\x00",
    "a\x00b",
    "\ud800",
    "\U0010ffff",
    "\u202e",
    "1" * 5_000,
    "a" * 20_000,
    "-1",
    "9" * 30,
    "%00",
    "' or 1=1 --",
    "{{7*7}}",
)
SURROGATE = "%ED%A0%80"
NUMBERS = ("-1", "0", str(2**31), str(2**63 - 1), str(2**63), "9" * 4_000, "1e3", "0x1", "٣", " 1", "+1")


def _who(inside: House, roles: frozenset[str]) -> Visitor:
    if roles & {"registrar", "registrar-lead"}:
        return inside.sitting("registrar/registrar-lead")
    if roles & {"clerk", "operator-lead"}:
        return inside.sitting("east/operator-lead")
    return inside.filed()[0]


NUMBERED = sorted(line for line in ROUTES if re.search(r"\{(number|version|first)\}", line) and "/api/" not in line)
FIELDS = {
    "/en/sign-in/null": ("seat", "next"),
    "/en/join": ("invitation",),
    "/en/find": ("code",),
    "/en/disclosures": ("disclosures",),
    "/en/file": ("key", "step", "back", "operator", "kind", "access", "district", "connected-year", "field-name"),
    "/en/mine/tell": ("key", "to", "field-phone"),
    "/en/mine/take-back": ("disclosure", "key"),
    "/en/mine/move": ("district", "access", "changed-year"),
    "/en/mine/correct": ("right-district", "right-kind"),
    "/en/mine/end": ("ended-year", "ended-day"),
    "/en/mine/erase": ("sure",),
    "/en/people/invite": ("label", "role"),
    "/en/people/uninvite": ("digest",),
    "/en/operator/records": ("sought",),
    "/en/operator/records/release": ("sought", "why", "key"),
    "/en/operator/tokens": ("label",),
    "/en/registrar/rules": ("reference", "text", "starts-year", "act"),
    "/en/registrar/organisations": ("name", "kind", "title-zh", "title-en"),
    "/en/registrar/records": ("sought", "operator"),
}
WHOLE = {
    "/en/sign-in/null": {"seat": "east/clerk"},
    "/en/file": {
        "step": "check",
        "operator": "east",
        "kind": "household",
        "access": "adsl",
        "district": "500103",
        "connected-year": "2006",
        "connected-month": "11",
        "connected-day": "27",
    },
    "/en/mine/move": {"changed-year": "2006", "changed-month": "12", "changed-day": "1"},
    "/en/mine/end": {"ended-year": "2006", "ended-month": "12", "ended-day": "1", "sure": "yes"},
    "/en/people/invite": {"label": "a", "role": "clerk"},
    "/en/registrar/rules": {"starts-year": "2007", "starts-month": "12", "starts-day": "1"},
    "/en/registrar/organisations": {"name": "odd", "kind": "authority", "title-zh": "某", "title-en": "Odd"},
    "/en/registrar/records": {"operator": "east", "sought": "a"},
    "/en/operator/records/release": {"sought": "a", "why": "b"},
    "/en/mine/tell": {"field-phone": "02363812345"},
}
"""What the other fields hold, so that the odd one is reached."""


@pytest.mark.parametrize("line", NUMBERED)
def test_a_number_in_an_address_may_be_anything(inside: House, line: str) -> None:
    """Numbers no database holds, and what is no number, are answered like numbers of things that are not there."""
    method, _, template = line.partition(" ")
    visitor = _who(inside, ROUTES[line])
    for number in NUMBERS:
        filled = FILLED | dict.fromkeys(("number", "version", "first"), number)
        path = re.sub(r"\{(\w+)\}", lambda found: filled[found[1]], template)  # noqa: B023 - used at once
        answer = visitor.get(path) if method == "GET" else visitor.post(path)
        assert answer.status_code < 500, (path[:100], answer.status_code)


@pytest.mark.parametrize("path", FIELDS)
def test_a_field_may_hold_anything(inside: House, path: str) -> None:
    """Characters that no database takes, and texts of any length, are refused or kept: never a fault of the roll's own."""
    template = re.sub(r"/mine/.*", "/mine/{act}", path.replace("/en", "/{lang}", 1))
    visitor = _who(inside, ROUTES[f"POST {template}"])
    for name in FIELDS[path]:
        for odd in ODD:
            fields = WHOLE.get(path, {}) | {name: odd}
            fields = {key: value.encode("utf-8", "surrogatepass").decode("latin-1") for key, value in fields.items()}
            body = "&".join(
                f"{key}={_quoted(value)}" for key, value in (fields | {"_csrf_token": visitor.token}).items()
            )
            answer = visitor.ask(
                "POST", path, content=body, headers={"content-type": "application/x-www-form-urlencoded"}
            )
            assert answer.status_code < 500, (name, odd[:20])
            assert "49" not in answer.text if odd == "{{7*7}}" and "hash" not in answer.text else True


OTHERS = sorted(
    line
    for line in ROUTES
    if line.startswith("POST /{lang}/")
    and "/passkey/" not in line
    and line not in {f"POST {re.sub('/mine/.*', '/mine/{act}', path.replace('/en', '/{lang}', 1))}" for path in FIELDS}
)
"""Forms that `FIELDS` does not name: one that is added is among them."""
_FIELD = r'(?:value|words|get|day|day_if_any)\(\s*"([a-z-]+)"|(?:values|given|said|data)\["([a-z-]+)"\]'
_CHOICE = r'== "([a-z-]+)"'


def fields_of(inside: House, template: str) -> tuple[set[str], set[str]]:
    """The fields of a page's form, and the words that choose what it does: as the file of its handler names them."""
    (handler,) = (
        one
        for route in inside.client.app.routes
        if getattr(route, "path_format", "") == template
        for one in route.route_handlers
        if "POST" in one.http_methods
    )
    source = inspect.getsource(inspect.getmodule(handler.fn))  # type: ignore[arg-type] # every handler stands in a file
    fields = {one or other for one, other in re.findall(_FIELD, source)}
    for names in re.findall(r'for \w+ in \(("[^)]+)\)', source):
        fields |= set(re.findall(r'"([a-z-]+)"', names))
    steps = re.findall(r"STEPS = \(([^)]+)\)", source)
    return fields, {*re.findall(_CHOICE, source), *re.findall(r'"([a-z-]+)"', " ".join(steps)), ""}


@pytest.mark.parametrize("line", OTHERS)
def test_every_other_form_may_hold_anything(inside: House, line: str) -> None:
    """Whatever it does: all of its fields hold what no database takes, or no number is, and it is a sentence."""
    visitor, template = _who(inside, ROUTES[line]), line.partition(" ")[2]
    path = re.sub(r"\{(\w+)\}", lambda found: FILLED[found[1]], template)
    fields, choices = fields_of(inside, template)
    for choice in sorted(choices):
        for odd in ("\ud800a", "9" * 30, "\U0010ffff"):
            form = dict.fromkeys((*fields, *(f"starts-{part}" for part in ("year", "month", "day"))), odd)
            form |= {"step": choice, "act": choice, "_csrf_token": visitor.token}
            said = {key: value.encode("utf-8", "surrogatepass").decode("latin-1") for key, value in form.items()}
            body = "&".join(f"{key}={_quoted(value)}" for key, value in said.items())
            kind = {"content-type": "application/x-www-form-urlencoded"}
            answer = visitor.ask("POST", path, content=body, headers=kind)
            assert answer.status_code < 500, (choice, odd)


PASSKEYS = sorted(line for line in ROUTES if re.fullmatch(r"POST /{lang}/passkey/(\w[\w-]*|join/options)", line))


@pytest.mark.parametrize("line", PASSKEYS)
def test_what_a_page_s_script_sends_may_be_anything(inside: House, line: str) -> None:
    """The same for JSON of ceremonies."""
    visitor, path = _who(inside, ROUTES[line]), line.partition(" ")[2].replace("{lang}", "en")
    headers = {"content-type": "application/json"}
    for odd in ("a\x00b", "\ud800", "9" * 30, "\U0010ffff", {"a": 1}, [1], None, 2**70, "é"):
        whole = {"id": odd, "rawId": odd, "type": odd, "response": {"clientDataJSON": odd, "attestationObject": odd}}
        for credential in (odd, whole):
            said = {"invitation": odd, "ceremony": odd, "next": odd, "credential": credential}
            for body in (said, {name: value for name, value in said.items() if name != "invitation"}):
                sent = {"content": json.dumps(body), "headers": headers | {"x-csrftoken": visitor.token}}
                assert visitor.ask("POST", path, **sent).status_code < 500, (odd, body)


def _quoted(text: str) -> str:
    return "".join(f"%{ord(letter):02X}" for letter in text) if len(text) < 1_000 else text


@pytest.mark.parametrize(
    "path",
    [
        "/en/join?invitation={}",
        "/en/sign-in?next={}",
        "/en/sign-in/with/{}",
        "/en/?done={}",
        "/en/sign-in/with/east?invitation={}",
        "/sign-in/back/en?state={}",
        "/en/figures/{}/chart",
        "/en/figures/kinds/chart?theme={}",
        "/api/v1/filings/{}",
        "/api/v1/filings/{}/receipts/1",
        "/api/v1/filings/a/receipts/{}",
        "/log/tile/{}",
        "/static/{}",
    ],
)
def test_an_address_may_hold_anything(inside: House, path: str) -> None:
    """The same for what stands in an address."""
    bearer = {"authorization": f"Bearer {inside.token()}"} if "/api/" in path else {}
    for odd in (
        "%00",
        "a%00b",
        SURROGATE,
        "%FF",
        "%F0%9F%A6%8A",
        "%E2%80%AE",
        "9" * 5_000,
        "..%2f..%2fetc%2fpasswd",
        "%0d%0a",
    ):
        answer = inside.visitor().ask("GET", path.format(odd), headers=bearer)
        assert answer.status_code < 500, (path, odd[:20])
        assert "root:" not in answer.text


@pytest.mark.parametrize(
    "header",
    [
        "cookie",
        "authorization",
        "idempotency-key",
        "accept-language",
        "x-forwarded-for",
        "x-csrftoken",
        "content-type",
        "accept",
        "if-none-match",
        "range",
        "accept-encoding",
    ],
)
def test_a_header_may_hold_anything(inside: House, header: str) -> None:
    """Headers of any content are answered below 500."""
    for odd in (
        b"\xff\xfe",
        b"a" * 5_000,
        b"\xc3\xa9",
        b"Bearer \xff",
        b"=;=;=",
        b"__Host-session=\xff",
        b"multipart/form-data",
        b"multipart/form-data; boundary=",
        b"application/json; charset=nope",
        b"bytes=9-1",
        b"application/x-www-form-urlencoded; charset=utf-7",
    ):
        for method, path in (
            ("GET", "/en/"),
            ("GET", "/en/mine"),
            ("POST", "/en/find"),
            ("POST", "/en/operator/files"),
            ("GET", "/api/v1/filings/a"),
            ("POST", "/api/v1/record"),
            ("POST", "/api/v1/filings"),
            ("GET", "/"),
        ):
            answer = inside.client.request(
                method,
                path,
                headers={header.encode(): odd},
                content=b"{}" if method == "POST" else None,
                follow_redirects=False,
            )
            assert answer.status_code < 500, (header, odd[:30], method, path)


def test_the_words_of_a_rule_file_cannot_bring_the_roll_down(inside: House) -> None:
    """Aliases that multiply, nesting without end, tags that make objects, and paths for a reference: refused in a sentence."""
    keeper = inside.sitting("registrar/registrar")
    bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 10)}]\n" for n in range(12)
    )
    for text in (
        bomb,
        "[" * 50_000,
        "{a: " * 20_000,
        "!!python/object/apply:os.system ['id']",
        "? " * 30_000,
        "\x00",
        "- " * 50_000,
        "a: " + "9" * 100_000,
        "&a [*a]",
        "<<: *x",
    ):
        answer = keeper.post("/en/registrar/rules", {"text": text, "act": "check"})
        assert answer.status_code in (400, 422), text[:30]
        assert "uid=" not in answer.text
    for reference in ("../../../etc/passwd", "/etc/passwd", "..", "cn-cq-2006-regulation+../../x", "+" * 5_000, ""):
        answer = keeper.post("/en/registrar/rules", {"reference": reference, "act": "check"})
        assert answer.status_code == 422, reference[:30]
        assert "root:" not in answer.text
