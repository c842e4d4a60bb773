"""A request from its filing to the person's complaint, each body on a machine of its own: by commands over HTTP alone."""

import io
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import httpx
import msgspec
import pytest
from playwright.sync_api import Browser, Page, expect

from openroll.cli import build
from openroll.cli.requests import at_roll, public_part
from openroll.cli.requests.at_roll import json_at
from openroll.disclosure.envelope import key_of
from openroll.disclosure.notice import bucket_of, nobody_secret, notice_secret, word_of
from openroll.disclosure.notice_code import code_of
from openroll.register.decision import Accepted
from openroll.register.organisation.commands import AdmitOrganisation
from openroll.register.organisation.roles import KEEPER
from openroll.register.request.compared import PublicRequest, PublicUse
from openroll.register.request.content import complaint_digest, notice_context
from openroll.register.request.events import RequestWithdrawn, UseEnded
from openroll.register.request.month_list import month_of
from openroll.service.identity.api_tokens import issue_token
from openroll.service.identity.people import admit_organisation
from openroll.service.roll import Roll
from openroll.watch.roll_api import UNKNOWN, RollApi
from openroll.watch.source import Unreachable
from tests.cli.test_operator import HEADER, Around, key_file
from tests.handles import KEY, handle
from tests.seats import seated

LIST = HEADER + '{account},household,adsl,500103,2006-11-02,"Li Si",,"Jiefangbei 1",\n'
OFFICE = "+86 23 1234 5678"


class Outcome(NamedTuple):
    """What a command came to."""

    status: int
    out: str
    err: str


class Scene(NamedTuple):
    """A roll at an address, and whoever acts in it with their tokens and keys in a folder."""

    address: str
    folder: Path
    run: Callable[..., Outcome]

    def at(self, who: str) -> list[object]:
        """The options by which a command acts for somebody."""
        return ["--roll", self.address, "--token", self.folder / f"{who}.token"]

    def key(self, of: str) -> Path:
        """An organisation's key."""
        return self.folder / f"{of}.key"

    def good(self, *words: object) -> str:
        """What a command prints that ends well."""
        ended = self.run(*words)
        assert ended.status == 0, (words, ended)
        return ended.out


def runner(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Outcome]:
    """What runs a command in this process, with what is typed into it."""

    monkeypatch.setattr(at_roll, "pause", lambda _: time.sleep(0.05))  # as above

    def run(*words: object, typed: str = "") -> Outcome:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            build(Around(folder))(list(map(str, words)))
        told = capsys.readouterr()
        return Outcome(int(ended.value.code or 0), told.out, told.err)

    return run


@pytest.fixture
def scene(
    served: tuple[str, Roll], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Scene:
    """An authority, a reviewer and an operator, each with seats, tokens and a published key; and one filing with its receipt."""
    address, roll = served
    made = Scene(address, tmp_path, runner(tmp_path, capsys, monkeypatch))
    for name, kind in (("constab", "authority"), ("bench", "reviewer")):
        admit = AdmitOrganisation(organisation=name, kind=kind, title={"zh": "某机构", "en": name.title()})
        assert isinstance(admit_organisation(roll, admit, KEEPER), Accepted)
    people = {
        "chief": ("constab", "officer-lead"),
        "officer": ("constab", "officer"),
        "judge": ("bench", "reviewer-lead"),
        "reviewer": ("bench", "reviewer"),
        "east lead": ("east", "operator-lead"),
        "clerk": ("east", "clerk"),
    }
    for who, (name, role) in people.items():
        token = issue_token(roll, name, who, seat=seated(roll, name, role).number)
        kept_token(tmp_path / f"{who}.token", str(token))
    for lead, name in (("chief", "constab"), ("judge", "bench"), ("east lead", "east")):
        made.good("envelope", "new-key", made.key(name))
        made.good("request", "publish-key", made.key(name), *made.at(lead))
    (tmp_path / "log.pub").write_text("\n".join(roll.keys.verifier_keys))
    (tmp_path / "grounds.txt").write_text("Fraud, reported on 1 December.")
    filed(made, roll)
    return made


def filed(made: Scene, roll: Roll, account: str = "u-7") -> None:
    """File a list of one, and fetch its receipt."""
    (made.folder / "list.csv").write_text(LIST.format(account=account))
    made.good("pack", made.folder / "list.csv", "--roll", made.address, "--key", key_file(made.folder))
    token = str(issue_token(roll, "east", "files"))
    kept_token(made.folder / "files.token", token)
    sent = httpx.post(
        f"{made.address}/api/v1/files",
        content=(made.folder / "list.filing.csv").read_bytes(),
        headers={"authorization": f"Bearer {token}"},
    )
    assert sent.status_code == 200, sent.text
    fetch = [
        "receipt",
        "fetch",
        made.folder / "list.disclosures.ndjson",
        *made.at("files"),
        "-o",
        made.folder / "receipts",
    ]
    assert placed(made, *fetch).status == 0
    assert "Wrote 0 receipts" in made.good(*fetch), "what is there is not fetched again"


def kept_token(path: Path, token: str) -> None:
    """A token in a file of its owner's alone."""
    path.write_text(f"{token}\n")
    path.chmod(0o600)


def placed(made: Scene, *words: object) -> Outcome:
    """What is fetched once each receipt is there; commands on requests wait by themselves."""
    for _ in range(200):
        ended = made.run(*words)
        if "no place in the log yet" not in " ".join(ended.err.split()):
            return ended
        time.sleep(0.05)  # as above
    raise AssertionError(ended)


def test_a_request_by_commands_alone(scene: Scene, served: tuple[str, Roll], browser: Browser) -> None:
    """Sealed at the officer's, decided, answered from the operator's file, checked offline, found and opened by the person."""
    key_of_log: list[object] = ["--log-key", scene.folder / "log.pub"]
    use = scene.good(
        *("request", "register-use", *scene.at("chief"), "--purpose", 0, "--basis", "Act 100", "--field", "name"),
        *("--field", "address", "--supervisor", "Commissioner", "--supervised-at", "c@s.example", "--office", OFFICE),
    ).split()[-1]
    whom = [
        "--use",
        use.rstrip("."),
        "--operator",
        "east",
        "--reviewer",
        "bench",
        "--field",
        "name",
        "--field",
        "address",
    ]
    what = ["--by", "subscription", "--basis", "order 7", "--case", "K-7", "--officer", "inspector"]
    grounds = ["--grounds", scene.folder / "grounds.txt"]
    ask = ["request", "file", *scene.at("officer"), *key_of_log, "--key", scene.key("constab"), *whom, *what, *grounds]
    two = scene.run(*ask, "--record", "u-7,u-8")
    assert (two.status, "a request is about one" in two.err, "nothing was sent" in two.err) == (1, True, True)
    assert "Nothing was filed" in scene.run(*ask, "--record", "u-7", "--dry-run").out
    number = scene.run(*ask, "--record", "u-7").out.split(".")[0].split()[-1]
    early = scene.run("request", "take", number, *scene.at("clerk"), *key_of_log, "-o", scene.folder / "early")
    assert (early.status, "not-in-this-step" in early.err) == (1, True)
    folders = {who: scene.folder / f"of {who}" for who in ("reviewer", "clerk", "officer")}
    taken = ["request", "take", number, *scene.at("reviewer"), *key_of_log, "-o", folders["reviewer"]]
    assert scene.run(*taken).status == 0
    read = scene.good("request", "read", folders["reviewer"], "--key", scene.key("bench"), *key_of_log)
    assert "subscription u-7" in read
    assert "Fraud, reported" in read
    scene.good("envelope", "new-key", scene.key("other"))
    others = scene.good("request", "read", folders["reviewer"], "--key", scene.key("other"), *key_of_log)
    assert "Nothing in it is sealed to this key" in others
    wide = scene.run("request", "approve", number, *scene.at("reviewer"), "--field", "phone")
    assert (wide.status, "fields-beyond" in wide.err) == (1, True)
    approved(scene, number, folders["reviewer"], key_of_log)
    assert scene.run("request", "take", number, *scene.at("clerk"), *key_of_log, "-o", folders["clerk"]).status == 0
    mine = ["--disclosures", scene.folder / "list.disclosures.ndjson"]
    by_east = [*scene.at("clerk"), "--key", scene.key("east"), "--key", scene.key("east"), *key_of_log, *mine]
    answer = ["request", "answer", folders["clerk"], *by_east]
    unproved = scene.run(*answer, "--receipts", scene.folder / "of clerk")
    assert (unproved.status, "no receipt says what was filed" in unproved.out) == (1, True)
    tell = ["request", "tell", folders["clerk"], "--handle-key", scene.folder / "handle.key"]
    answer += ["--log", scene.address]
    signed_by_another(scene, [*answer, "--receipts", scene.folder / "receipts"], [*tell, *by_east])
    answered = once_proved(scene, [*answer, "--receipts", scene.folder / "receipts"])
    assert "Answered (given): name" in answered
    assert public_said() in answered
    assert scene.run("request", "take", number, *scene.at("officer"), *key_of_log, "-o", folders["officer"]).status == 0
    checked(scene, folders["officer"], key_of_log)
    told(scene, [*tell, *by_east], notice_secret(KEY, handle("u-7")), number)
    with browser.new_context() as context:
        in_a_browser(scene, context.new_page(), number)
    person(scene, number)
    in_public(scene.run("request", "show", number, "--roll", scene.address, *key_of_log).out)
    of_nobody(scene, served[1], ask, by_east, key_of_log)
    counted_anew(scene, number, key_of_log)
    unsigned(scene, served[1], ask, key_of_log)
    ended(scene, served[1], use.rstrip("."), key_of_log)


def in_public(shown: str) -> None:
    """What anybody sees of a request: its facts, proved, and nothing of the record."""
    assert "facts are proved by the log" in shown
    assert "request.complained/1" in shown
    assert "u-7" not in shown
    assert "Li Si" not in shown


def approved(scene: Scene, number: str, folder: Path, key_of_log: list[object]) -> None:
    """It is approved by whoever read it in a folder that has it, and not where it is missing there."""
    approve = ["request", "approve", number, *scene.at("reviewer"), "--field", "name", "--why", "enough"]
    approve += ["--key", scene.key("bench")]
    approve += ["--folder", folder, *key_of_log, "--log", scene.address]
    left_out(scene, folder / "1-ask.envelope", approve, [scene.key("bench"), *key_of_log])
    scene.good(*approve)


def left_out(scene: Scene, envelope: Path, act: list[object], by: list[object]) -> None:
    """What the log names and is not in the folder is said by whoever reads it there, and nothing rests on what is left."""
    kept = envelope.read_bytes()
    envelope.unlink()
    read = scene.run("request", "read", envelope.parent, "--key", *by)
    assert (read.status, "MISSING" in read.out) == (1, True)
    ended = scene.run(*act)
    assert (ended.status, "it is not in this folder. Nothing was" in " ".join(ended.err.split())) == (1, True)
    envelope.write_bytes(kept)


def signed_by_another(scene: Scene, *acts: list[object]) -> None:
    """What another key than the operator's own would sign nobody could check: it is not sent, whatever opens the envelopes."""
    for act in acts:
        act[act.index(scene.key("east"))] = scene.key("other")
        ended = scene.run(*act)
        assert (ended.status, "none that your organisation has published" in ended.err) == (1, True)


def once_proved(scene: Scene, answer: list[object]) -> str:
    """What is not proved is shown and not sent; whoever only checks is shown what the officer will read. Then it is answered."""
    own = scene.folder / "list.disclosures.ndjson"
    unopened = scene.folder / "unopened.ndjson"
    unopened.write_bytes(msgspec.json.encode({**msgspec.json.decode(own.read_bytes()), "openings": {}}) + b"\n")
    ended = scene.run(*(unopened if one == own else one for one in answer))
    assert (ended.status, "NOT PROVED, name" in ended.out, "name: Li Si" in ended.out) == (1, True, True), ended
    assert "Nothing was sent. --although-not-proved sends it" in " ".join(ended.err.split())
    shown = scene.good(*answer, "--dry-run")
    assert [one for one in ("(given):", "name: Li Si", "Filed under the number u-7.") if one not in shown] == []
    assert not [*Path(str(answer[2])).glob("*.answered")]
    return scene.run(*answer).out


def of_nobody(scene: Scene, roll: Roll, ask: list[object], by_east: list[object], key_of_log: list[object]) -> None:
    """A wish about a record that nobody has: preserved and told as any other, and no public word says that there is none."""
    with cut_off():
        wished = scene.run(*ask, "--record", "u-99", "--desired", "preserve")
        wish = wished.out.split(".")[0].split()[-1]
        kept = scene.run("request", "preserve", wish, *scene.at("clerk"))
    assert (kept.status, "whatever is held is preserved" in kept.out) == (0, True), kept
    for ended in (wished, kept):
        assert "The log has it as it was sent" in " ".join(ended.err.split()), ended
    with rewritten(roll, RequestWithdrawn.name, "why"):
        lied = scene.run("request", "withdraw", wish, *scene.at("officer"), *key_of_log, "--why", "the case is closed")
    assert (lied.status, "nothing may be done on the log's word" in lied.err, lied.out) == (1, True, "")
    assert list(scene.folder.glob(f"request-{wish}-withdraw-entry-*.receipt"))
    folder = scene.folder / "of nobody"
    assert scene.run("request", "take", wish, *scene.at("clerk"), *key_of_log, "-o", folder).status == 0
    assert "not-in-this-step" in scene.run("request", "nobody", wish, *scene.at("clerk")).err
    tell = ["request", "tell", folder, *by_east, "--handle-key", scene.folder / "handle.key"]
    assert scene.run(*tell).status == 1  # it is in no file of theirs
    told(scene, [*tell, "--sealed-to-nobody"], nobody_secret(KEY, int(wish)), wish)


def ended(scene: Scene, roll: Roll, use: str, key_of_log: list[object]) -> None:
    """That a key is used no more, and a use, is read back as it was sent; and what the log has otherwise is said."""
    held = key_of(scene.key("bench").read_text()).id
    with cut_off():
        cut = scene.run("request", "end-key", held, *scene.at("judge"), *key_of_log, "--why", "lost")
    assert (cut.status, "Ended the key" in cut.out, "no good answer" in cut.err) == (0, True, True), cut
    again = scene.run("request", "end-key", held, *scene.at("judge"), *key_of_log, "--why", "lost")
    assert (again.status, "Looked for once, at once: nothing of it is listed" in " ".join(again.err.split())) == (
        1,
        True,
    )
    with rewritten(roll, UseEnded.name, "why"):
        lied = scene.run("request", "end-use", use, *scene.at("chief"), *key_of_log, "--why", "the law was repealed")
    assert (lied.status, "THE LOG SAYS OTHERWISE" in lied.err) == (1, True), lied


@contextmanager
def cut_off() -> Iterator[None]:
    """Whatever is sent is done, and its answer never comes."""
    post = RollApi.post

    def cut(api: RollApi, path: str, body: Any) -> NoReturn:
        post(api, path, body)
        raise Unreachable(f"{api.where}/{path}", f"the connection broke{UNKNOWN}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RollApi, "post", cut)
        yield


@contextmanager
def rewritten(roll: Roll, kind: str, name: str) -> Iterator[None]:
    """The owner of the database writes something else into each act of a kind than its body sent, before the log has it."""
    with roll.database.open() as connection:
        connection.execute(_REWRITES.replace("KIND", kind).replace("NAME", name))
    try:
        yield
    finally:
        with roll.database.open() as connection:
            connection.execute("drop trigger rewrites on event; drop function rewrites")


_REWRITES = """
create function rewrites() returns trigger language plpgsql as $$ begin
  if new.name = 'KIND' then
    new.body := regexp_replace(new.body, '"NAME":"[^"]*"', '"NAME":"' || encode(sha256(new.salt), 'hex') || '"');
    new.commitment := sha256('\\x10'::bytea || 'openroll/event/1'::bytea || new.salt || convert_to(new.body, 'UTF8'));
  end if; return new; end $$;
create trigger rewrites before insert on event for each row execute function rewrites();
"""


_WIDENS = """
create function widens() returns trigger language plpgsql as $$ begin
  if new.name = 'request.narrowed/1' then
    new.name := 'request.approved/1';
    new.body := regexp_replace(new.body, '"fields":\\[[^]]*\\]', '"fields":["name","address"]');
    new.commitment := sha256('\\x10'::bytea || 'openroll/event/1'::bytea || new.salt || convert_to(new.body, 'UTF8'));
  end if; return new; end $$;
create trigger widens before insert on event for each row execute function widens();
"""


@contextmanager
def widened(roll: Roll) -> Iterator[None]:
    """The owner of the database has each reviewer approve all that was asked for, before the log takes it."""
    with roll.database.open() as connection:
        connection.execute(_WIDENS)
    try:
        yield
    finally:
        with roll.database.open() as connection:
            connection.execute("drop trigger widens on event; drop function widens")


def unsigned(scene: Scene, roll: Roll, ask: list[object], by_log: list[object]) -> None:
    """By an approval that was widened on its way into the log, and by one that nobody signed, the operator gives nothing, and
    keeps the evidence; what is signed later as it was decided it gives."""
    first, second = (scene.good(*ask, "--record", "u-7").split(".")[0].split()[-1] for _ in range(2))

    def approve(number: str, *more: object) -> Outcome:
        scene.good("request", "take", number, *scene.at("reviewer"), *by_log, "-o", scene.folder / f"judged {number}")
        return scene.run("request", "approve", number, *scene.at("reviewer"), *by_log, "--field", "name", *more)

    def answer(folder: Path, *more: object) -> Outcome:
        by_east = [*scene.at("clerk"), "--key", scene.key("east"), *by_log, "--log", scene.address, *more]
        own = ["--disclosures", scene.folder / "list.disclosures.ndjson", "--receipts", scene.folder / "receipts"]
        return scene.run("request", "answer", folder, *by_east, *own)

    with widened(roll):
        lied = approve(first, "--key", scene.key("bench"))
    assert (lied.status, "THE LOG SAYS OTHERWISE" in lied.err, "signed by" in lied.out) == (1, True, False)
    assert "NOT SIGNED: that it is your decision" in approve(second).err
    folders = {number: scene.folder / f"asked {number}" for number in (first, second)}
    for number, folder in folders.items():
        scene.good("request", "take", number, *scene.at("clerk"), *by_log, "-o", folder)
        held = answer(folder)
        assert (held.status, "Nothing was sent" in held.err, "--trust-the-log" in held.err) == (1, True, True), held
        assert "NOT SIGNED by bench: the log says request." in held.out
        assert len(list(folder.glob("decision-entry-*.receipt"))) == 1, "the evidence"
    sign = ["request", "sign", *scene.at("reviewer"), *by_log, "--key", scene.key("bench")]
    for number in (first, second):
        wide = scene.run(*sign, number, "--field", "name", *([] if number == first else ["--field", "address"]))
        assert (wide.status, "Nothing was signed" in wide.err) == (1, True), wide
    assert "signed by your key" in scene.good(*sign, second, "--field", "name")
    shown = scene.good("request", "show", second, "--roll", scene.address, *by_log)
    assert "Signed by bench, key " in shown
    assert "act: " not in shown
    for name in ("constab", "bench"):
        (scene.folder / f"{name}.pub").write_text(scene.good("envelope", "public", scene.key(name)))
    others = answer(folders[second], "--decided-by", scene.folder / "constab.pub")
    assert (others.status, "none that you named" in others.out) == (1, True), others
    given = answer(folders[second], "--decided-by", scene.folder / "bench.pub")
    assert (given.status, "Answered (given): name." in given.out) == (0, True), given
    assert "Signed by bench, key " in given.err
    audit = ["audit", scene.address, "--key", scene.folder / "log.pub", "--state", scene.folder / "watch"]
    audited = scene.run(*audit, "--zone", "Asia/Shanghai", "--whole").out
    signed = re.search(r"\d of \d+ decisions by which something was given are signed(.*)", audited)  # others' too
    assert signed is not None, audited
    assert second not in signed[1].replace(",", " ").replace(".", " ").split()
    trusting = answer(folders[first], "--trust-the-log", "--dry-run")
    assert (trusting.status, "You trust the log" in trusting.err) == (0, True), trusting


def told(scene: Scene, tell: list[object], secret: bytes, number: str) -> None:
    """The notice stands in the bucket of this secret and this request, whatever month it is and however often it is told; so does
    the digest of its word, by which alone the person knows it."""
    heap = bucket_of(secret, int(number))
    assert f"Told: the notice stands in heap {heap}." in scene.run(*tell).out
    origin, rows = (httpx.get(f"{scene.address}/api/v1/{path}").json() for path in ("log", "requests"))
    (listed,) = [one for one in rows if one["number"] == int(number)]
    word = word_of(secret, notice_context(origin["origin"], int(number)))
    assert (set(listed["complaints"]), listed["told"]["by_word"]) == ({complaint_digest(word)}, True)


def public_said() -> str:
    """What the receipts of the record show, as it is said to whoever answers and to whoever reads the answer."""
    return f"operator: east, handle: {handle('u-7')}, kind: household, access: adsl, district: 500103, connected: 2006-11-02"


def counted_anew(scene: Scene, number: str, key_of_log: list[object]) -> None:
    """The roll's figures are those of its log, and lists are there for bodies and for anybody."""
    counted = scene.run("request", "recount", "--roll", scene.address, *key_of_log)
    assert counted.status == 0, counted
    assert "They agree: the roll's own figures are of " in counted.out  # all entries, or all but those of a moment ago
    assert "hours in under-review" in counted.out
    by_year = scene.good("request", "figures", "--roll", scene.address, "--yearly")
    assert "narrowed" in by_year
    by_own = ["--handle-key", scene.folder / "handle.key", "--disclosures", scene.folder / "list.disclosures.ndjson"]
    for looked, more in (("Not looked at", []), ("Read all", ["--log", scene.address, "--operator", "east"])):
        own = scene.run("request", "list", *scene.at("clerk"), "--ended", *by_own, *key_of_log, *more)
        assert (f"{number} " in own.out, looked in own.err) == (True, True), own
        assert f"Request {number}: THE LOG HAS" not in own.err, own  # other tests told of others in this roll
        assert ("of your own" in own.err) is (own.status == 0), own
    assert "constab" not in scene.good("request", "public", "--late", "--roll", scene.address)


def checked(scene: Scene, folder: Path, key_of_log: list[object]) -> None:
    """The answer is shown and proved offline; one byte of it altered, and it is not believed."""
    read = ["request", "read", folder, "--key", scene.key("constab"), *key_of_log]
    given = scene.good(*read)
    assert "name: Li Si" in given
    assert "Checked: unaltered" in given
    assert "Filed under the number u-7." in given
    assert public_said() in given
    assert "Jiefangbei" not in given
    export = ["request", "export", folder, "--key", scene.key("constab"), *key_of_log, "--form"]
    unsaid = [*export, "ts-103-120", "-o", scene.folder / "none.xml"]
    left_out(scene, folder / "2-answer.envelope", unsaid, [scene.key("constab"), *key_of_log])
    scene.good(*export, "ts-103-120", "-o", scene.folder / "hi1.xml")
    message = (scene.folder / "hi1.xml").read_bytes()
    assert b"<task:Value>u-7</task:Value>" in message
    assert b"<CountryCode>CN</CountryCode>" in message
    (folder / "roll.json").unlink()  # as an older Openroll took it
    assert "--country" in scene.run(*export, "ts-103-120", "-o", scene.folder / "none.xml").err
    export += ["e-evidence-3", "--country", "CN"]
    assert "Form 3 has nothing to say" in scene.run(*export, "-o", scene.folder / "none.xml").err
    altered = folder / "2-answer.envelope"
    sealed = bytearray(altered.read_bytes())
    sealed[-1] ^= 1
    altered.write_bytes(sealed)
    swapped = scene.run(*read)
    assert (swapped.status, "none that the log names" in swapped.err) == (1, True)


def in_a_browser(scene: Scene, page: Page, number: str) -> None:
    """The same on the page: a mistyped code is said, one's own opens in two languages, and the code is never sent."""
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.url} {request.post_data or ''}"))
    code = code_of(notice_secret(KEY, handle("u-7")))
    page.goto(f"{scene.address}/en/notices")
    page.get_by_label("Notice code").fill(code[:-1] + ("0" if code[-1] != "0" else "1"))
    page.get_by_role("button", name="Open", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("This is not a notice code")
    page.get_by_label("Notice code").fill(code.lower().replace("-", " "))
    page.get_by_role("button", name="Open", exact=True).click()
    expect(page.get_by_role("heading", name=f"Request {number}: ")).to_be_visible(timeout=60_000)
    given = page.locator("[data-at=given]")
    expect(given).to_have_text("Name (of a person or an organisation)")
    expect(page.locator("[data-otherwise]")).to_be_hidden()
    page.goto(f"{scene.address}/zh/notices")
    page.get_by_label("通知码").fill(code_of(notice_secret(KEY, handle("u-8"))))
    page.get_by_role("button", name="打开", exact=True).click()
    expect(page.locator("[data-state]")).to_have_text("过去两年没有向此通知码告知过任何事项。", timeout=60_000)
    assert not any(code[:9] in one for one in sent)


def lists_are_the_logs(scene: Scene, listing: list[object], code: str, number: str) -> None:
    """With the log's key what stands in public is held against every entry: a list that says otherwise, or leaves one out, is not
    believed."""
    proved = scene.run(*listing, typed=f"{code}\n")
    assert (proved.status, "entries of the log say" in proved.err) == (0, True), proved

    def altered(found: list[Any], **lie: object) -> list[Any]:
        return [msgspec.structs.replace(one, **lie) for one in found]

    lies: dict[str, tuple[Any, Callable[[list[Any]], list[Any]]]] = {
        f"request {number} (given)": (PublicRequest, lambda found: altered(found, given=("phone",))),
        f"request {number} (operator)": (PublicRequest, lambda found: altered(found, operator="west")),
        f"request {number} (not listed)": (
            PublicRequest,
            lambda found: [one for one in found if str(one.number) != number],
        ),
        "(titles)": (PublicUse, lambda found: altered(found, titles={})),
        "(complain_until)": (PublicRequest, lambda found: altered(found, complain_until=None)),
        "(not in the log)": (PublicUse, lambda found: altered(found, number=9_999)),
    }
    for named, (kind, lie) in lies.items():

        def uses(api: Any, path: str, of: Any, kind: Any = kind, lie: Any = lie) -> Any:
            return lie(json_at(api, path, of)) if of == list[kind] else json_at(api, path, of)

        def told(data: bytes, month: str, kind: Any = kind, lie: Any = lie) -> Any:
            return lie(month_of(data, month)) if kind is PublicRequest else month_of(data, month)

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(public_part, "json_at", uses)
            patched.setattr(public_part, "month_of", told)
            patched.setattr(public_part, "LOGGED_WITHIN", timedelta())
            patched.setattr(public_part, "pause", lambda _: None)
            lied = scene.run(*listing, typed=f"{code}\n")
        assert (lied.status, named in lied.err) == (1, True), (named, lied)


def person(scene: Scene, number: str) -> None:
    """The person finds their own, nobody else's code finds it, and the word that stands in it is the right to complain."""
    code = code_of(notice_secret(KEY, handle("u-7")))
    listing = ["notice", "list", "--roll", scene.address]
    found = scene.run(*listing, typed=f"{code}\n")
    assert found.status == 0
    assert "asked for name, address" in found.out
    assert "given: name" in found.out
    scene.run(*listing, "--out", scene.folder / "told.json", typed=f"{code}\n")
    (told,) = msgspec.json.decode((scene.folder / "told.json").read_bytes())["TransactionLog"]
    notice = told["otherTransaction"]["notice"]
    other = scene.run(*listing, typed=code_of(notice_secret(KEY, handle("u-8"))) + "\n")
    assert "Nothing was told to this code" in other.out
    lists_are_the_logs(scene, [*listing, "--log-key", scene.folder / "log.pub"], code, number)
    complain = ["notice", "complain", number, "--roll", scene.address, "--word"]
    assert "complaint-word-wrong" in scene.run(*complain, "another").err
    assert scene.good(*complain, notice["word"])
