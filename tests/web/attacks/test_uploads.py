"""Files that are sent: from who may, of any size and name, and nothing of them ever runs or is believed."""

import asyncio
import csv
import io
import tempfile
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

import httpx
import pytest

from openroll.register.decision import Refused
from openroll.register.file_refusals import UploadsWaiting
from openroll.register.subscription.commands import Erase
from openroll.service.application import Application
from openroll.service.executors import PAGES
from openroll.service.filing import uploads
from openroll.service.filing.submit import Failed
from openroll.service.filing.uploads import UploadRow
from openroll.service.roll import Roll
from openroll.sheet import apart
from openroll.web import commands
from openroll.web.forms import Form
from openroll.words.catalogue import gettext
from tests.handles import handle
from tests.seats import seated
from tests.web.attacks.test_others_things import FAULTY, ended, sent
from tests.web.house import House
from tests.web.visitor import Visitor

BOUNDARY = "----openroll"
FORM = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}


def _part(name: str, value: bytes, filename: str | None = None) -> bytes:
    named = f'; filename="{filename}"' if filename is not None else ""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'
    return head.encode("utf-8", "surrogatepass") + value + b"\r\n"


def _form(*parts: bytes) -> bytes:
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def test_a_large_file_from_nobody_is_not_read(inside: House) -> None:
    """Nobody, and who may not send files, is turned away before a byte of the file is taken."""
    subscriber, _ = inside.filed()
    for visitor in (inside.visitor(), subscriber, inside.sitting("registrar/registrar")):
        taken = [0]

        def body(taken: list[int] = taken) -> object:
            yield _part("_csrf_token", visitor.token.encode())  # noqa: B023 - used at once
            for _ in range(50):
                taken[0] += 1
                yield b"x" * 1_000_000

        visitor.get("/en/find")
        before = inside.acts()
        answer = visitor.ask("POST", "/en/operator/files", content=body(), headers=FORM)
        assert answer.status_code in (401, 403)
        assert inside.acts() == before


def test_a_large_file_without_a_token_leaves_nothing_behind(served: tuple[str, Roll]) -> None:
    """Fifty megabytes to a real server from nobody: refused at once, with no file left in the folder of files."""
    address, roll = served
    folder = Path(roll.home) / "uploads"
    before = {one.name for one in folder.iterdir()} if folder.exists() else set()
    try:
        answer = httpx.post(f"{address}/en/operator/files", content=b"x" * 50_000_000, headers=FORM, timeout=30)
        assert answer.status_code in (401, 403)
    except (httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):
        pass  # the server hung up on who kept sending: refused as well
    assert ({one.name for one in folder.iterdir()} if folder.exists() else set()) == before
    assert httpx.get(f"{address}/en/help").status_code == 200


NAMES = {
    "a path": "../../../../etc/passwd",
    "a path of Windows": "C:\\windows\\system32\\a.csv",
    "NUL": "a\x00b.csv",
    "percent NUL": "a%00.csv",
    "a new line": "a%0d%0aset-cookie: x=1.csv",
    "ten thousand characters": "a" * 10_000,
    "markup": "<img src=x onerror=alert(1)>.csv",
    "quotes": "a';drop table upload;--.csv",
    "turned around": "a\u202evsc.exe",
    "dots": "..",
    "Chinese": "清单.csv",
}


@pytest.mark.parametrize("sentence", NAMES)
def test_a_file_may_be_called_anything(inside: House, sentence: str) -> None:
    """A name is shown as text or refused; it is never a path, a header or markup."""
    clerk = inside.sitting("east/clerk")
    token = _part("_csrf_token", clerk.token.encode())
    answer = clerk.ask(
        "POST", "/en/operator/files", content=_form(token, _part("file", FAULTY, NAMES[sentence])), headers=FORM
    )
    assert answer.status_code in (303, 400, 422), answer.status_code
    if answer.status_code == 303:
        path = answer.headers["location"]
        page = ended(clerk, path)
        assert "<img src=x" not in page
        assert "<img src=x" not in clerk.get("/en/operator/files").text
        faults = clerk.get(f"{path}/faults")
        assert faults.headers["content-disposition"].startswith('attachment; filename="verdicts-')
        assert "x=1" not in faults.headers.get("set-cookie", "")


@pytest.mark.parametrize(
    "parts",
    [
        (),
        (_part("file", b"", ""),),
        (_part("file", b"no name at all"),),
        (_part("other", FAULTY, "a.csv"),),
        (_part("file", FAULTY, "a.csv"), _part("purpose", b"erase")),
        (_part("file", FAULTY, "a.csv"), _part("purpose", b"")),
        (_part("file", FAULTY, "a.csv"), _part("purpose", b"file", "p.txt")),
        (_part("file", FAULTY, "a.csv"), _part("file", FAULTY, "b.csv")),
    ],
)
def test_a_form_without_one_file_and_one_purpose_sends_nothing(inside: House, parts: tuple[bytes, ...]) -> None:
    """No file, one without a name, two, or for a purpose there is none of: refused in a sentence."""
    clerk = inside.sitting("east/clerk")
    before = inside.acts()["upload"]
    body = _form(_part("_csrf_token", clerk.token.encode()), *parts)
    assert clerk.ask("POST", "/en/operator/files", content=body, headers=FORM).status_code == 422
    assert inside.acts()["upload"] == before


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--",
        b"\r\n" * 1_000,
        _form()[:-4],
        _part("a", b"b")[:20],
        b"--" + BOUNDARY.encode(),
        _form(*[_part(f"f{n}", b"") for n in range(3_000)]),
    ],
)
def test_a_form_cut_short_is_refused(inside: House, body: bytes) -> None:
    """What is no whole form is refused below 500."""
    clerk = inside.sitting("east/clerk")
    answer = clerk.ask("POST", "/en/operator/files", content=body, headers=FORM | {"x-csrftoken": clerk.token})
    assert 400 <= answer.status_code < 500
    token_in_a_file = _form(_part("_csrf_token", clerk.token.encode(), "token.txt"))
    assert clerk.ask("POST", "/en/operator/files", content=token_in_a_file, headers=FORM).status_code == 403


def test_only_what_was_refused_can_be_mended(inside: House) -> None:
    """Cells that are not in the verdicts are not changed, and a comparison is not turned into a filing."""
    clerk = inside.sitting("east/clerk")
    path = sent(clerk)
    ended(clerk, path)
    for fields in ({"cell-99": "x"}, {"cell--1": "x"}, {"drop-99": "yes"}, {"cell-x": "y", "row": "2"}):
        answer = clerk.post(f"{path}/mend", fields)
        assert answer.status_code in (303, 404, 422), fields
        if answer.status_code == 303:
            assert "nonsense" in ended(clerk, answer.headers["location"])
    compared = sent(clerk, purpose="compare")
    ended(clerk, compared)
    answer = clerk.post(f"{compared}/mend", {"cell-0": "household"})
    if answer.status_code == 303:
        with inside.roll.database.own() as connection:
            number = int(answer.headers["location"].rpartition("/")[2])
            kept = connection.execute("select purpose from upload where id = %s", (number,)).fetchone()
        assert kept == ("compare",)


FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "\t=1", "＝1")


def test_no_download_runs_in_a_spreadsheet(inside: House) -> None:
    """A cell that a spreadsheet would run as a formula has an apostrophe before it."""
    clerk = inside.sitting("east/clerk")
    rows = "".join(f'new,{handle(f"h-{n}")},"{one}",adsl,500103,2006-11-27,,\n' for n, one in enumerate(FORMULAS))
    content = b"act,handle,kind,access,district,connected,on,digests\n" + rows.encode()
    path = sent(clerk, content)
    ended(clerk, path)
    text = clerk.get(f"{path}/faults").content.decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert any("SUM(A1)" in cell for cell in cells)
    assert [cell for cell in cells if cell.lstrip("\t\r\n ")[:1] in ("=", "+", "-", "@", "＝")] == []


def test_a_kept_text_is_given_back_as_text(inside: House) -> None:
    """What somebody pastes comes back as a file of plain text to keep, never as a page."""
    visitor = Visitor(inside.visitor().address, inside.client)
    answer = visitor.post("/en/disclosures", {"disclosures": "<script>alert(1)</script>"})
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_what_is_sent_gets_no_name_on_its_way(inside: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a form with a large file is read nothing lies in the temporary folder: it goes with its process, killed or not."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    seen: list[int] = []

    def look(*_: object) -> Refused:
        seen.append(len(list(tmp_path.iterdir())))
        return Refused(UploadsWaiting(most=20))

    monkeypatch.setattr(uploads, "send", look)
    clerk = inside.sitting("east/clerk")
    body = _form(_part("_csrf_token", clerk.token.encode()), _part("file", b"x" * 3_000_000, "a.csv"))
    answer = clerk.ask("POST", "/en/operator/files", content=body, headers=FORM)
    assert (answer.status_code, "As many files of yours wait as may: 20." in answer.text) == (429, True)
    assert seen == [0]


def test_a_list_with_names_is_answered_and_not_kept(inside: House) -> None:
    """The sender reads which column has no place, by its number; the file is not there any more, and the page says so."""
    clerk = inside.sitting("east/clerk")
    raw = "act,handle,kind,access,district,connected,on,digests,姓名\nnew,a,household,adsl,500103,2006-11-27,,,王小明\n"
    path = sent(clerk, raw.encode(), name="王小明.csv")
    assert not (Path(inside.roll.home) / "uploads" / path.rpartition("/")[2]).exists()
    for lang, said in (("en", "This file was deleted once it was looked at"), ("zh", "立即删除")):
        page = clerk.get(path.replace("/en/", f"/{lang}/")).text
        assert gettext(lang, "{place}, counted from the left").format(place=9) in page
        assert said in page
        assert "王小明" not in page
        assert "Put right and send again" not in page
    answer = clerk.post(f"{path}/mend", {"cell-0": "handle"})
    assert answer.status_code == 404
    assert "This file was deleted once it was looked at" in answer.text
    with inside.roll.database.own() as connection:
        rows = connection.execute("select u::text from upload u").fetchall()
    assert "王小明" not in str(rows)
    assert "姓名" not in str(rows)


def test_a_form_whose_outcome_is_unknown_says_so() -> None:
    """A filing on a page whose commit nobody heard of is not said to have failed; one that was rolled back is."""

    class _Desk:
        def __init__(self, outcome: Failed) -> None:
            self.outcome = outcome

        async def submit(self, _: object) -> Failed:
            return self.outcome

    for unknown, sentence in (
        (True, "whether this was done, whole or in part, is unknown"),
        (False, "nothing was taken"),
    ):
        form = Form(key="k")
        application = cast(Application, _Desk(Failed("OperationalError", unknown=unknown)))
        assert asyncio.run(commands.submit(application, form, Erase(), 1, "en", "sure")) is None
        assert sentence in form.errors["sure"]


def test_files_that_are_looked_at_and_put_right_hold_up_no_page(inside: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """While more files than pages have threads are read in children, pages are answered; one file at a time is put right."""
    clerk = inside.sitting("east/clerk")
    path = sent(clerk)
    ended(clerk, path)
    application: Application = inside.client.app.state.application
    portal = inside.client.blocking_portal
    by = seated(inside.roll, "east", "operator-lead")
    row = portal.call(application.ask, uploads.find, "east", int(path.rpartition("/")[2]))
    assert isinstance(row, UploadRow)
    go, at_work = threading.Event(), threading.Semaphore(0)

    def held(*_: object) -> None:
        at_work.release()
        go.wait(60)
        raise apart.TooHeavy

    monkeypatch.setattr(apart, "_child", held)
    monkeypatch.setattr(apart, "_unfolds", lambda *_: True)
    monkeypatch.setattr(apart, "look_grows", lambda *_: True)
    looks = [portal.start_task_soon(application.upload, by, io.BytesIO(b"{}\n"), "file") for _ in range(PAGES)]
    mends = [portal.start_task_soon(application.mend, by, row, {}, {2}) for _ in range(PAGES)]
    with ThreadPoolExecutor(1) as beside:
        try:
            assert all(at_work.acquire(timeout=30) for _ in range(3))  # two looks and a mend
            assert beside.submit(inside.visitor().get, "/en/find").result(30).status_code == 200
            assert beside.submit(clerk.get, "/en/operator/files").result(30).status_code == 200
        finally:
            go.set()
    codes = Counter(
        one.refusal.code if isinstance(one, Refused) else uploads.verdicts(one).faults[0].code
        for one in (task.result() for task in (*looks, *mends))
    )
    assert codes == {"file-too-heavy": 4, "files-in-hand": 2 * PAGES - 5, "upload-not-mendable": 1}
