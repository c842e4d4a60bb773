"""The check of a receipt in a browser: on its page, and as one file without a network, with what people have in their hands."""

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from openroll.service.roll import Roll
from openroll.tlog import parse_proof
from openroll.words.labels import VERDICTS
from openroll.words.reasons import reason
from tests.tlog.corpus import make
from tests.web.journeys.walker import Walker

pytestmark = pytest.mark.browser
RUN = """async (packed) => {
  const raw = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
  const text = await new Response(new Blob([raw]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  const corpus = JSON.parse(text), bytes = (one) => Uint8Array.from(atob(one), (c) => c.charCodeAt(0));
  const bases = corpus.bases.map(bytes), policies = corpus.policies.map(bytes);
  return corpus.cases.map(([, base, start, end, piece, keys, policy]) => {
    const parts = [bases[base].slice(0, start), bytes(piece), bases[base].slice(end)];
    const receipt = new Uint8Array(parts.reduce((n, one) => n + one.length, 0));
    parts.reduce((at, one) => (receipt.set(one, at), at + one.length), 0);
    const said = openrollCheck(receipt, keys.map((key) => corpus.keys[key]), policy === null ? undefined : policies[policy]);
    return [said.code, said.rule];
  });
}"""


@pytest.fixture
def alone(browser: Browser, scripted: Walker, tmp_path: Path) -> Iterator[Page]:
    """The check as one file from a folder, in a browser without a network; what it complains of is a fault."""
    path = tmp_path / "check.html"
    path.write_bytes(scripted.go("verify").download("This check as one file").read_bytes())
    context = browser.new_context(offline=True)
    page, faults = context.new_page(), list[str]()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.on("request", lambda asked: faults.append(asked.url) if not asked.url.startswith("file:") else None)
    page.goto(path.as_uri())
    yield page
    context.close()
    assert not faults


def give(page: Page, field: str, data: bytes, name: str = "r.tlog-proof") -> str:
    """Give the page a file; what its verdict says then."""
    page.evaluate("document.querySelector('[data-verdict]').replaceChildren()")
    page.locator(field).set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": data})
    verdict = page.locator("[data-verdict]")
    expect(verdict.locator("h2")).to_have_count(1)
    return str(verdict.inner_text())


def test_the_page_keeps_to_the_specification(walkers: Callable[[str, bool], Walker]) -> None:
    """The script of the page, in Chromium, gives every case of the corpus the verdict and rule that Python gives."""
    page = walkers("en", True).go("verify").page
    said = page.evaluate(RUN, b64encode(make.CORPUS.read_bytes()).decode())
    cases = list(make.expand(make.read()))
    wrong = [(case.name, case[-2:], one) for case, one in zip(cases, said, strict=True) if tuple(one) != case[-2:]]
    assert not wrong


def test_one_file_checks_without_a_network(alone: Page, scripted: Walker) -> None:
    """The downloaded file says good of a receipt and of the PDF that carries it, and of anything else why it is not good."""
    receipt = scripted.receipt()
    pdf = scripted.download("Print it (PDF)").read_bytes()
    good = scripted.words("Good: the log holds exactly this")
    assert good in give(alone, "#receipt", receipt)
    assert good in give(alone, "#receipt", pdf, "receipt.pdf")
    assert reason(scripted.lang, "pdf") in give(alone, "#receipt", b"%PDF-1.7\nnothing", "x.pdf")
    assert reason(scripted.lang, "F2") in give(alone, "#receipt", b"a letter")
    assert reason(scripted.lang, "given-file") in give(alone, "#receipt", b'{"form":"openroll-given-1"}', "given.json")
    assert reason(scripted.lang, "picture") in give(alone, "#receipt", b"\x89PNG\r\n", "given.png")
    assert reason(scripted.lang, "given") in give(
        alone, "#receipt", b"https://roll.example/en/verify#given=eyJk", "l.txt"
    )
    alone.locator("#receipt").set_input_files([])
    expect(alone.locator("[data-verdict]")).to_be_empty()  # no verdict stands beside another file, or none
    told = urlsafe_b64encode(b'["c2FsdHNhbHRzYWx0c2FsdA","phone","110"]').rstrip(b"=")
    assert reason(scripted.lang, "disclosures") in give(alone, "#receipt", told, "disclosures-en.txt")
    index = f"index {parse_proof(receipt).index}\n".encode()
    assert reason(scripted.lang, "F5") in give(alone, "#receipt", receipt.replace(index, b"index 03\n"))
    said = give(alone, "#receipt", receipt.replace(index, b"index 999999999\n"))
    assert reason(scripted.lang, "I1") in said
    assert scripted.words(VERDICTS["proof-failed"]) not in said  # one sentence for one fault


def test_a_receipt_saved_as_text_is_repaired(alone: Page, scripted: Walker) -> None:
    """Of a receipt with the line ends of Windows the page says what happened, and gives back the receipt as it was."""
    receipt = scripted.receipt()
    said = give(alone, "#receipt", b"\xef\xbb\xbf" + receipt.replace(b"\n", b"\r\n"))
    assert reason(scripted.lang, "F0") in said
    with alone.expect_download() as download:
        alone.get_by_role("button", name=scripted.words("Download the repaired receipt")).click()
    assert Path(download.value.path()).read_bytes() == receipt


def test_disclosures_are_shown_as_words(scripted: Walker, served: tuple[str, Roll]) -> None:
    """What somebody told stands there in the reader's language, and whether the receipt has it; another's is not in it."""
    scripted.go("file")
    scripted.file_subscription()
    field = next(field for field in served[1].rule.fields if field.name == "phone")
    named = field.title[scripted.lang]
    label = scripted.words("{field} (optional)", field=field.title[scripted.lang])
    scripted.main.get_by_label(label, exact=True).fill("13900000000")
    scripted.press("Continue")
    scripted.press("File")
    told = scripted.box("Your disclosures").input_value()
    scripted.go("mine/receipts/2")  # what is told by choice is a fact of its own, behind the filing
    scripted.placed()
    receipt = scripted.download("Download the receipt").read_bytes()
    foreign = urlsafe_b64encode(b'["c2FsdHNhbHRzYWx0c2FsdA","phone","<b>110</b>"]').decode().rstrip("=")
    page = scripted.go("verify").page
    give(page, "#receipt", receipt)
    give(page, "#disclosures", f"{told}\r\n{foreign}\n%%%\n".encode(), "d.txt")
    for text in (
        scripted.words("{field}: {value} (is in this receipt)", field=named, value="13900000000"),
        scripted.words(
            "{field}: {value} (not in this receipt; it may be in another receipt of the same filing: "
            "what was told by choice has a receipt of its own)",
            field=named,
            value="<b>110</b>",
        ),
        scripted.words("{count} pieces of the file are no disclosures", count=1),
    ):
        expect(page.locator("[data-verdict]")).to_contain_text(text)
