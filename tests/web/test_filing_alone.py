"""What somebody who files alone is given to keep, and is told before the page is left."""

import re
import time
from html import unescape

import httpx

from openroll.disclosure import Disclosure
from openroll.register.subscription.filing_code import number_of
from openroll.service.log.receipts import proved
from openroll.words.catalogue import gettext
from tests.web.house import House
from tests.web.visitor import Visitor

PHONE = "13912345678"


def placed(visitor: Visitor, version: int) -> httpx.Response:
    """The receipt's file, once its fact stands in the log."""
    for _ in range(300):
        answer = visitor.get(f"/en/mine/receipts/{version}/proof")
        if answer.status_code == 200:
            return answer
        time.sleep(0.05)  # waits for the sequencer's own thread
    raise AssertionError(answer.text)


def holds(house: House, receipt: bytes, digest: str) -> bool:
    """Whether what a receipt proves holds a digest."""
    return digest.encode() in proved(house.roll, receipt).body


def kept(page: str) -> Disclosure:
    """The one disclosure on a page."""
    found = re.search(r"<textarea[^>]*>([^<]+)<", page)
    assert found
    return Disclosure.parse(unescape(found[1]).strip())


def filed_with_a_telephone(visitor: Visitor, lang: str) -> str:
    """File alone and tell a telephone number by choice: the page that comes of it."""
    form = visitor.get(f"/{lang}/file").text
    fields = {name: re.search(rf'name="{name}" value="([^"]+)"', form) for name in ("key", "seed")}
    data = {name: found[1] for name, found in fields.items() if found}
    data |= {"step": "check", "operator": "east", "kind": "household", "access": "adsl", "district": "500103"}
    data |= {"connected-year": "2006", "connected-month": "11", "connected-day": "27", "field-phone": PHONE}
    return visitor.post(f"/{lang}/file", data).text


def test_what_is_told_with_a_filing_has_a_receipt_of_its_own_there(inside: House) -> None:
    """The page offers both receipts by what they hold; the files differ in name, and the second holds what was told."""
    visitor = inside.visitor()
    page = filed_with_a_telephone(visitor, "en")
    links = re.findall(r'href="(/en/mine/receipts/\d)">([^<]+)</a>', page)
    assert links == [
        ("/en/mine/receipts/1", "Get the receipt of the filing"),
        ("/en/mine/receipts/2", "Get the receipt of what you told"),
    ]
    first, second = placed(visitor, 1), placed(visitor, 2)
    assert 'filename="receipt-1-filed.tlog-proof"' in first.headers["content-disposition"]
    assert 'filename="receipt-2-told.tlog-proof"' in second.headers["content-disposition"]
    digest = kept(page).digest()
    assert holds(inside, second.content, digest)
    assert not holds(inside, first.content, digest)


def test_a_filing_that_tells_nothing_has_one_receipt(inside: House) -> None:
    """No second receipt is offered where there is none."""
    visitor = inside.visitor()
    code = visitor.file_alone()
    assert number_of(code, inside.roll.keys.code_key)
    assert visitor.get("/en/mine/receipts/2").status_code == 404


def test_telling_later_offers_the_receipt_of_that(inside: House) -> None:
    """The page after telling leads to the receipt of what was told, not of the filing."""
    visitor, _ = inside.filed()
    form = visitor.get("/en/mine/tell").text
    data = {name: found[1] for name in ("key", "seed") if (found := re.search(rf'name="{name}" value="([^"]+)"', form))}
    page = visitor.post("/en/mine/tell", data | {"field-phone": PHONE}).text
    assert 'href="/en/mine/receipts/2">Get the receipt of what you told<' in page


def test_taking_back_needs_the_disclosures_and_it_is_said_before_leaving(inside: House) -> None:
    """The page of the filing says so while the text can still be saved, and `mine` to who has lost it; in both languages."""
    for lang in ("en", "zh"):
        visitor = inside.visitor()
        before = gettext(
            lang,
            "To take back what you told by choice, later, you need this text: who has lost it cannot take it back here.",
        )
        lost = gettext(
            lang,
            "This needs the disclosures you saved. Without them what you told cannot be taken back here: it stays, "
            "as digests that nobody can read, until the filing is erased.",
        )
        assert before in unescape(filed_with_a_telephone(visitor, lang))
        for path in ("mine", "mine/take-back"):
            assert lost in unescape(visitor.get(f"/{lang}/{path}").text)
