"""What was typed is in no cache of the process once it is answered, and what is refused fills nobody's memory."""

import ast
import functools
import gc
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

import openroll
from openroll.disclosure import Disclosure
from openroll.service.access import ROUTES
from openroll.web import pages
from tests.api.test_api import row
from tests.handles import handle
from tests.web.attacks.test_uploads import FORM as FILE_FORM
from tests.web.attacks.test_uploads import _form, _part
from tests.web.house import House

MARKERS = (
    "Zhangsanfeng",
    "13987654321",
    "Marked reason",
    "marker-of-a-query",
    "marker-of-a-cookie",
    "marker-in-a-file",
)
CACHE = type(functools.lru_cache(lambda: None))
_NOT_WALKED = (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.FrameType)


def caches() -> list[Any]:
    """Every `functools` cache that is alive in this process.

    What was imported before the first test is frozen (tests/conftest.py), and `gc.get_objects` passes over what is: so not now.
    """
    gc.unfreeze()
    try:
        return [one for one in gc.get_objects() if isinstance(one, CACHE)]
    finally:
        gc.freeze()


def texts(of: object) -> Iterator[str]:
    """All texts that hang on what a cache remembers, its keys too, a few steps deep."""
    seen, level = {id(of)}, [of]
    for _ in range(6):
        below: list[object] = []
        for one in level:
            if isinstance(one, bytes | bytearray):
                yield one.decode("latin-1")
            elif isinstance(one, str):
                yield one
            elif not isinstance(one, _NOT_WALKED):
                new = [each for each in gc.get_referents(one) if id(each) not in seen]
                seen.update(map(id, new))  # these alone: to go through all of `below` each time took minutes
                below += new
        level = below


def holding(markers: tuple[str, ...]) -> dict[str, list[str]]:
    """The caches that remember a marker, by name, with what they remember."""
    found = {}
    for cache in caches():
        if cache.cache_info().currsize:
            left = markers
            for text in texts(cache):
                left = tuple(one for one in left if one not in text)
            if held := [one for one in markers if one not in left]:
                found[f"{cache.__module__}.{cache.__qualname__}"] = held
    return found


def test_the_walk_finds_what_a_cache_keeps() -> None:
    """A marker that some library put behind a key, or made one of, is found; caches of before are looked into too."""
    assert pages._environment in caches()
    kept = functools.lru_cache(8)(lambda body: {"name": [body.decode()]})
    kept(b"name=" + MARKERS[0].encode())
    assert list(holding(MARKERS).values()) == [[MARKERS[0]]]


def test_no_cache_keeps_what_was_typed(inside: House) -> None:
    """Filing, telling, signing in, looking up, refused acts, a file, a filing by program: no cache has any of it."""
    name, phone, words, query, cookie, filed_as = MARKERS
    visitor, code = inside.filed()
    visitor.post("/en/mine/tell", {"field-name": name, "field-phone": phone, "to": "east"})
    visitor.post("/en/mine/take-back", {"disclosure": f"{name} {phone}"})
    visitor.post("/en/mine/contact", {"address": f"{name}@example.org"})
    again = inside.visitor()
    again.post("/en/find", {"code": code})
    again.post("/en/find", {"code": phone})
    again.post("/en/disclosures", {"disclosures": name})
    again.post("/en/join", {"invitation": phone})
    inside.visitor().file_alone(**{"field-name": name, "field-phone": phone})
    again.get(f"/en/find?next={query}&done={query}")
    again.ask("GET", "/en/find", headers={"cookie": f"other={cookie}"})
    clerk = inside.sitting("east/operator-lead")
    clerk.post("/en/operator/records", {"sought": handle(filed_as)})
    clerk.post("/en/operator/records/release", {"sought": handle("x"), "why": words})
    sent = _form(_part("_csrf_token", clerk.token.encode()), _part("file", filed_as.encode(), f"{name}.csv"))
    clerk.ask("POST", "/en/operator/files", content=sent, headers=FILE_FORM)
    inside.visitor().post("/en/mine", {"field-name": name})
    token = inside.token()
    headers = {"authorization": f"Bearer {token}", "idempotency-key": filed_as}
    inside.client.post("/api/v1/filings", json=row("kept-1"), headers=headers)
    inside.client.post("/api/v1/filings", json=row("kept-2") | {"kind": name}, headers=headers)
    inside.client.post("/api/v1/record", json={"code": code})
    held = holding((*MARKERS, code, code.replace(" ", ""), handle(filed_as), token))
    # The tests' own client takes its addresses apart with this one; the server never does (the next test).
    held.pop("urllib.parse.urlsplit", None)
    assert held == {}


def test_no_page_takes_addresses_apart_with_what_remembers_them() -> None:
    """`urllib.parse.urlsplit` keeps the last addresses: the faces and what they call use it for settings alone."""
    root = Path(openroll.__file__).parent
    using = {
        str(path.relative_to(root))
        for room in ("web", "api", "service", "traffic", "register", "words")
        for path in (root / room).rglob("*.py")
        if "urlsplit(" in path.read_text(encoding="utf-8") or "urlparse(" in path.read_text(encoding="utf-8")
    }
    assert using == {"service/mail/smtp.py"}  # the address of the mail server, a setting


def _remembered() -> dict[str, int]:
    return {f"{one.__module__}.{one.__qualname__}": one.cache_info().currsize for one in caches()}


def test_forms_that_are_refused_fill_no_memory(inside: House) -> None:
    """Thirty different forms, queries, lists of cookies and addresses of a stranger leave no cache larger by a third of them."""
    send = inside.client.request
    form = {"content-type": "application/x-www-form-urlencoded"}

    def one(number: int) -> None:
        send("POST", "/en/find", content=f"c{number}={'a' * 5_000}".encode(), headers=form)
        send("POST", "/en/find", content=f"c{number}=1".encode(), headers=form | {"cookie": f"__Host-csrf={number}"})
        for kind in ("text/plain", "application/json"):
            send("POST", "/en/find", content=f"c{number}=1".encode(),
                 headers={"content-type": kind, "cookie": "__Host-csrf=a", "x-csrftoken": "a"})  # fmt: skip
        send("GET", f"/en/find?next={number}")
        send("GET", "/en/find", headers={"cookie": f"a={number}", "x-forwarded-for": f"10.1.1.{number}"})
        send("GET", f"/api/v1/filings/h-{number}", headers={"authorization": f"Bearer {number}"})
        send("GET", f"/static/{number}")
        send("POST", f"/en/operator/records?at={number}", headers={"origin": f"https://roll{number}.example"})

    one(0)
    before = _remembered()
    for number in range(1, 31):
        one(number)
    grown = {name: size - before.get(name, 0) for name, size in _remembered().items() if size > before.get(name, 0) + 9}
    grown.pop("urllib.parse.urlsplit", None)  # the tests' own client
    assert grown == {}


LARGE = {
    "many keys": b"&".join(b"%d" % one for one in range(170_000)),
    "one key many times": b"c=1&" * 240_000,
    "a long value": b"c=" + b"a" * 990_000,
    "a long name": b"c" * 5_000 + b"=1",
    "escapes": b"c=" + b"%41" * 330_000,
}


@pytest.mark.parametrize("what", LARGE)
def test_a_form_larger_than_its_page_takes_is_refused_unread(
    inside: House, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it is made of: 413 with its code's sentence in both languages, and nothing of it is decoded."""
    from openroll.traffic import parts

    visitor = inside.visitor()
    assert visitor.token
    form = {"content-type": "application/x-www-form-urlencoded"}
    monkeypatch.setattr(parts, "parse_qsl", lambda *_, **__: pytest.fail("it was taken apart"))
    for lang, said in (("en", "This form holds more than"), ("zh", "这份表格超过")):
        answer = visitor.ask("POST", f"/{lang}/find", content=LARGE[what], headers=form)
        assert (answer.status_code, answer.headers["connection"]) == (413, "close")
        assert said in answer.text


def test_a_form_from_none_of_our_pages_is_not_read(inside: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the cookie that every page sets there is no form of ours: refused before a byte of it is taken."""
    from openroll.web import csrf

    monkeypatch.setattr(csrf, "read_form", lambda *_: pytest.fail("it was read"))
    answer = inside.visitor().ask("POST", "/en/find", data={"code": "1"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("path", "headers", "status", "code"),
    [
        (f"?{'a' * 9_000}", {}, 414, "address-too-long"),
        (f"?{'&a=1' * 150}", {}, 414, "address-too-long"),
        ("", {"cookie": "a=" + "b" * 9_000}, 431, "cookies-too-large"),
        ("", {"cookie": "; ".join(f"a{one}=1" for one in range(150))}, 431, "cookies-too-large"),
    ],
)
def test_a_query_and_cookies_have_their_bounds(
    inside: House, path: str, headers: dict[str, str], status: int, code: str
) -> None:
    """Larger than anything we ask for: refused in words on pages, with a code to programs."""
    for page in ("/en/find", "/zh/what-if", "/en/mine"):
        answer = inside.client.get(f"{page}{path}", headers=headers, follow_redirects=False)
        assert answer.status_code == status, page
    told = inside.client.get(f"/api/v1/rule{path}", headers=headers).json()
    assert (told["code"], told["status"]) == (code, status)
    chinese = inside.client.get(f"/api/v1/rule{path}", headers=headers | {"accept-language": "zh"}).json()
    assert chinese["detail"] != told["detail"]


def test_every_page_takes_its_own_form_whole(inside: House) -> None:
    """The longest things that pages ask for fit: fourteen Chinese fields of 500 characters, a rule, 100,000 characters told."""
    from openroll.traffic.parts import form_fields
    from openroll.web.form_bounds import LARGER

    fields = {f"field-{one}": "名" * 500 for one in range(14)} | {f"other-{one}": "x" * 20 for one in range(40)}
    assert form_fields(urlencode(fields).encode()) == fields
    assert {f"POST {template}" for template in LARGER} <= ROUTES.keys()
    for template, name, text in (("rules", "text", "规" * 100_000), ("disclosures", "disclosures", "WyJh~\n" * 16_000)):
        bounds = next(bounds for page, bounds in LARGER.items() if page.endswith(template))
        assert form_fields(urlencode({name: text}).encode(), bounds) == {name: text}
    answer = inside.visitor().post("/en/disclosures", {"disclosures": "~" * 60_000})
    assert (answer.status_code, len(answer.text)) == (200, 60_000)


def test_a_disclosure_is_looked_for_in_a_few_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred thousand words that could each be one cost fifty tries."""
    from openroll.web import forms

    tried: list[str] = []

    def parse(word: str) -> Any:
        tried.append(word)
        raise ValueError

    monkeypatch.setattr(Disclosure, "parse", parse)
    assert next(forms.disclosures_of("WyJh " * 100_000), None) is None
    assert len(tried) == 50


OURS = {
    "disclosure.text.unseen_names": "nothing",
    "places.library.load": "jurisdictions that ship; a wrong name raises",
    "places.numbers._mobile": "regions of a jurisdiction's file",
    "places.numbers._telephone": "regions of a jurisdiction's file",
    "places.numbers.module": "validators that a jurisdiction's file names",
    "places.pattern.read": "patterns of a jurisdiction's file",
    "places.preset._preset": "nothing",
    "places.reading.jurisdiction_schema": "nothing",
    "places.sketch._hints": "types of ours",
    "register.request.one_record._suffixes": "nothing",
    "rules.checks.fines.most_fine": "rules, of no person, few at once",
    "rules.library._files": "nothing",
    "rules.library.overlays": "nothing",
    "rules.members._inspected": "types of ours",
    "rules.telltales._pattern": "nothing",
    "rules.zones._known": "nothing",
    "rules.procedure.procedure": "the procedures that ship",
    "rules.procedure.procedure_named": "the procedures that ship; a wrong name raises",
    "rules.procedure.procedure_schema": "nothing",
    "rules.library.load_overlay": "overlays that ship; a wrong name raises",
    "rules.library.load": "rules that ship with their overlays: few at once, and a wrong name raises",
    "rules.reading.rule_schema": "nothing",
    "rules.validate_requests.unnameable": "names of procedures, as filings in a log have them",
    "tlog.strict_ed25519.is_public_key": "public keys of logs and witnesses, 32 bytes each",
    "watch.probe.dial.any_certificate": "nothing",
    "watch.probe.place.special_addresses": "nothing",
    "words.catalogue.translations": "the roll's languages",
    "words.catalogue.locale": "the roll's languages",
    "words.catalogue.direction": "the roll's languages",
    "words.catalogue.own_name": "tags of languages, 64 at most",
    "web.pages._environment": "the roll's languages",
    "web.pages.assets": "nothing",
    "web.pages.plain": "words of our templates",
    "service.governance.rule_readings._words": "rules that the roll has or that wait for it, 64 at most",
    "web.pages.shown_by": "names of our templates",
    "web.whatif_choices.shipped_rules": "nothing",
    "web.whatif_choices._choices": "the roll's versions, its day and a city's name",
    "whatif.restated.rates": "nothing",
    "web.whatif_form.movable": "nothing",
    "report.theme._use_our_font": "our own folder",
    "report.theme._drawn": "charts of the city model, 128 at most",
    "report.wording.texts": "nothing",
    "report.wording.words": "our own words, the roll's languages",
    "report.html._template": "nothing",
    "paper.squares.code_squares": "addresses of the page Your filing, one a language; no code",
    "paper.typeface.typeface": "our own folder",
    "paper.wording._texts": "nothing",
    "whatif.cities._files": "nothing",
    "whatif.cities.load_city": "cities that ship; a wrong name raises",
    "whatif.cities.city_schema": "nothing",
    "whatif.scale.code": "nothing",
    "whatif.titles.titles": "nothing",
    "store.postgres_tools.has_tls": "PostgreSQL's programs on this machine",
    "store.postgres_tools.major": "PostgreSQL's programs on this machine",
    "watch.http_client._certificates": "nothing",
    "watch.requests.patterns._hypergeometric": "counts of decisions, 10,000 at most, in an auditor's own process",
    "watch.requests.patterns._log_factorials": "numbers of bits",
    "words.template.every_text": "nothing",
    "words.own.digest": "the roll's languages",
    "words.catalogue.spoken": "the roll's languages",
    "words.catalogue.missing": "the roll's languages",
    "words.catalogue.marks": "the roll's languages",
    "words.catalogue._all_words": "nothing",
    "rules.telltales._words": "groups of words of ours",
    "rules.telltales._whole": "groups of words of ours",
    "rules.doings._any": "groups of words of ours, by language",
    "rules.telltales.vocabulary": "groups of words of ours, by language",
    "rules.telltales._all_words": "nothing",
    "rules.library._read": "rules that ship; a wrong name raises",
    "rules.checks.takings.told_stories": "rules, of no person, few at once",
    "rules.checks.takings.takings": "rules, of no person, few at once",
    "places.readable._forms_of": "time zones of a jurisdiction",
}
"""Every cache of ours, and what it is asked with: nothing that a stranger sends, or few of them and of no person."""


def _cached_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            marks = {ast.unparse(one).partition("(")[0].rpartition(".")[2] for one in node.decorator_list}
            if marks & {"cache", "lru_cache"}:
                yield node.name


def test_every_cache_of_ours_says_what_it_is_asked_with() -> None:
    """A new one is argued here, or it is not there."""
    root = Path(openroll.__file__).parent
    found = {
        ".".join((*path.relative_to(root).with_suffix("").parts, name)).replace(".__init__", "")
        for path in root.rglob("*.py")
        for name in _cached_in(path)
    }
    assert found == set(OURS)


def test_a_form_where_json_is_taken_is_answered(inside: House) -> None:
    """What the gate has read is read by nobody a second time: no request waits for a body that has come already."""
    answer = inside.sitting("east/operator-lead").post("/en/passkey/add", {"a": "b"})
    assert answer.status_code == 400
