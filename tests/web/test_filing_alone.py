"""What somebody who files alone is given to keep, and is told before the page is left."""

import re
import time
from datetime import date
from html import unescape

import httpx

from openroll.disclosure import Disclosure
from openroll.register.decision import Refused
from openroll.register.subscription.decide import Subscription
from openroll.register.subscription.filing_code import number_of
from openroll.service.filing.bulk import FileTaken, take_file
from openroll.service.log.receipts import proved
from openroll.service.queries import by_number, codes
from openroll.words.catalogue import gettext
from tests.handles import handle
from tests.service.test_bulk import new
from tests.service.test_bulk import sent as sent_file
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


ORGANISATION = {"kind": "organisation", "access": "lan"}
TOLD = {"field-name": "Hotpot Lt", "field-contact": "Wang", "field-address": "Minsheng Road 100"}


def filed_as_organisation(inside: House) -> tuple[Visitor, str, frozenset[str], str]:
    """File alone as an organisation, asked for three fields: the visitor, the code, the digests, what was given to keep."""
    visitor = inside.visitor()
    form = visitor.get("/en/file").text
    fields = {name: re.search(rf'name="{name}" value="([^"]+)"', form) for name in ("key", "seed")}
    data = {name: found[1] for name, found in fields.items() if found}
    data |= {"step": "check", "operator": "east", "district": "500103", **ORGANISATION, **TOLD}
    data |= {"connected-year": "2006", "connected-month": "11", "connected-day": "27"}
    page = visitor.post("/en/file", data).text
    code = re.search(r"\d{4} \d{4} \d{4} \d{4}", page)
    assert code, page
    return visitor, code[0], state_of(inside, code[0]).digests, lines_kept(page)


def state_of(inside: House, code: str) -> Subscription:
    """What the roll knows of a filing."""
    record = by_number(inside.roll, number_of(code, inside.roll.keys.code_key) or 0)
    assert not isinstance(record, Refused)
    return record.state


def lines_kept(page: str) -> str:
    """All that a page gives to keep."""
    found = re.search(r'<textarea[^>]*id="disclosures"[^>]*>([^<]+)<', page)
    assert found, page
    return unescape(found[1]).strip()


def sent(visitor: Visitor, act: str, data: dict[str, str]) -> httpx.Response:
    """Send one of a filing's forms as its page has it."""
    page = visitor.get(f"/en/mine/{act}").text
    own = {name: re.search(rf'name="{name}" value="([^"]*)"', page) for name in ("key", "seed", "present")}
    return visitor.post(f"/en/mine/{act}", {name: unescape(found[1]) for name, found in own.items() if found} | data)


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


def test_what_the_rule_asked_is_put_right_by_who_kept_its_text(inside: House) -> None:
    """A misspelled name goes by its line and another comes in its place, and nothing else of the record changes."""
    visitor, code, before, text = filed_as_organisation(inside)
    old = {str(one.name): one.digest() for line in text.splitlines() if (one := Disclosure.parse(line))}
    right = {"field-name": "Hotpot Ltd", "kept": f"I kept:\n{text}"}
    page = sent(visitor, "correct", right | {"right-connected-year": "2006"})
    assert page.status_code == 422
    assert "Enter a real date" in page.text
    began = {"right-connected-year": "2006", "right-connected-month": "10", "right-connected-day": "2"}
    page = sent(visitor, "correct", right | began)
    assert page.status_code == 200, page.text
    (line,) = lines_kept(page.text).splitlines()
    new = Disclosure.parse(line)
    assert (new.name, new.value) == ("name", "Hotpot Ltd")
    state = state_of(inside, code)
    assert state.digests == (before - {old["name"]}) | {new.digest()}
    assert state.connected == date(2006, 10, 2)


def test_who_moves_tells_the_new_address(inside: House) -> None:
    """A change brings the field that changed; the others stay, and so does the form sent twice."""
    visitor, code, before, text = filed_as_organisation(inside)
    old = next(one.digest() for line in text.splitlines() if (one := Disclosure.parse(line)).name == "address")
    day = {"changed-year": "2006", "changed-month": "12", "changed-day": "1"}
    page = visitor.get("/en/mine/move").text
    own = {name: re.search(rf'name="{name}" value="([^"]*)"', page) for name in ("key", "seed", "present")}
    data = {name: unescape(found[1]) for name, found in own.items() if found} | day
    data |= {"field-address": "Minsheng Road 102", "kept": text}
    first, second = visitor.post("/en/mine/move", data), visitor.post("/en/mine/move", data)
    assert (first.status_code, second.status_code) == (200, 200)
    assert lines_kept(first.text) == lines_kept(second.text)
    new = Disclosure.parse(lines_kept(first.text)).digest()
    assert state_of(inside, code).digests == (before - {old}) | {new}


def test_who_lost_the_text_tells_all_that_the_rule_asks_anew(inside: House) -> None:
    """Without the old text one field alone cannot be put right, which is said; all of them can, and every old digest goes."""
    visitor, code, before, _ = filed_as_organisation(inside)
    page = sent(visitor, "correct", {"field-name": "Hotpot Ltd"})
    assert page.status_code == 422
    assert "Paste the text that you kept of what is to be replaced" in unescape(page.text)
    page = sent(visitor, "correct", TOLD | {"field-name": "Hotpot Ltd"})
    assert page.status_code == 200, page.text
    told = {one.digest() for line in lines_kept(page.text).splitlines() if (one := Disclosure.parse(line))}
    after = state_of(inside, code).digests
    assert len(told) == 3
    assert told <= after
    assert len(after) == len(before)
    assert not after & before


def test_one_of_several_things_told_is_taken_back_by_its_name(inside: House) -> None:
    """Two lines of base64 do not say which is which: the whole text is pasted, and the field chosen; or all of it goes."""
    visitor = inside.visitor()
    form = visitor.get("/en/file").text
    fields = {name: re.search(rf'name="{name}" value="([^"]+)"', form) for name in ("key", "seed")}
    data = {name: found[1] for name, found in fields.items() if found}
    data |= {"step": "check", "operator": "east", "kind": "household", "access": "adsl", "district": "500103"}
    data |= {"connected-year": "2006", "connected-month": "11", "connected-day": "27"}
    page = visitor.post(
        "/en/file", data | {"field-phone": PHONE, "field-address": "South Street 1", "field-name": "Wang"}
    ).text
    code = re.search(r"\d{4} \d{4} \d{4} \d{4}", page)
    assert code
    told = {str(one.name): one.digest() for line in lines_kept(page).splitlines() if (one := Disclosure.parse(line))}
    assert state_of(inside, code[0]).told == set(told.values())
    assert sent(visitor, "take-back", {"disclosure": lines_kept(page), "which": "phone"}).status_code == 303
    assert state_of(inside, code[0]).told == {told["address"], told["name"]}
    assert sent(visitor, "take-back", {"disclosure": lines_kept(page)}).status_code == 303
    assert not state_of(inside, code[0]).told
    assert sent(visitor, "take-back", {"disclosure": lines_kept(page)}).status_code == 422


def test_who_has_the_text_is_said_of_what_the_operator_filed(inside: House) -> None:
    """Where an operator filed, its subscriber has a code only: the filing and *Give* say of whom to ask what opens the rest."""
    assert isinstance(take_file(inside.roll, "east", sent_file(new("who-has-the-text"))), FileTaken)
    code = dict(codes(inside.roll, "east"))[handle("who-has-the-text")]
    theirs, alone = inside.visitor(), inside.filed()[0]
    assert theirs.post("/en/find", {"code": code}).status_code == 303
    for path in ("/en/mine", "/en/mine/give"):
        assert "is opened by a text that your operator keeps" in theirs.get(path).text
        assert "is opened by a text that your operator keeps" not in alone.get(path).text
    assert "your operator has it of what it filed" in alone.get("/en/").text
