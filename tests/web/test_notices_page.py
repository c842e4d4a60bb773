"""The page "What was asked about you": what is no notice hides no other, and what is fetched says as little as can be."""

import json
import re
from datetime import UTC, datetime
from itertools import count
from typing import Any

from playwright.sync_api import Browser, Page, Request, Route, expect

from openroll.disclosure.envelope import HeldKey, digest
from openroll.disclosure.notice import bucket_of, month_bucket, word_of
from openroll.disclosure.notice_code import code_of
from openroll.disclosure.notice_heap import heap_json
from openroll.register.request.content import complaint_digest, notice_context
from openroll.service.roll import Roll
from tests.told import LIES, NO_NOTICES, SECRET, SIGNER, USE, content_of, in_public, sealed_to, told_in

LISTS = re.compile("/api/v1/(told/|uses[?])")
MANY = 600_000
"""Requests of which somebody was told years before: so many notices stand in 1,024 heaps."""
COVER = {month_bucket(SECRET, f"{year}-{month:02}") for year in (2005, 2006) for month in range(1, 13)}
ONE = next(number for number in count(MANY + 1) if bucket_of(SECRET, number) not in COVER)
"""A request whose notice to the person stands in a bucket that is none of their months'."""
BUCKETS = {ONE: bucket_of(SECRET, ONE), ONE + 1: month_bucket(SECRET, "2006-12")}
"""Of two requests where the person was told: by the request, and by the month, as before."""
FREE = sorted(set(range(1024)) - COVER - set(BUCKETS.values()))
"""Buckets of which no heap is to be fetched."""


def telling(envelope: bytes, bucket: int = 7) -> dict[str, object]:
    """How the roll says that somebody was told in this notice, in a month that the page looks into."""
    return {"notice": digest(envelope), "bucket": bucket, "at": "2006-12-02T10:00:00Z"}


def listed(route: Route, requests: list[dict[str, object]]) -> None:
    """Answer with what was told in a month, or all uses."""
    month = re.search(r"/told/([0-9-]+)$", route.request.url)
    body = told_in(requests, month[1]) if month else json.dumps([USE]).encode()
    route.fulfill(body=body, content_type="application/json")


def taken(page: Page) -> Any:
    """What the page gives to take away."""
    with page.expect_download() as download:
        page.locator("[data-save]").click()
    return json.loads(download.value.path().read_text("utf-8"))


def kept(away: Any) -> tuple[int, list[tuple[int, str, str]]]:
    """Of a list that was taken away how many things could not be looked at, and the number, word and purpose of each notice."""
    notices = [one["otherTransaction"]["notice"] for one in away["TransactionLog"]]
    return len(away["notWhole"]), [(one["request"], one["word"], one["purpose"]) for one in notices]


def test_one_notice_that_is_none_hides_no_other(served: tuple[str, Roll], browser: Browser) -> None:
    """Those that are good are shown, also of a heap's second part, where they were told by the month as before, and what is told
    by its word, for which no heap is fetched; what is none is counted as altered, what no key signed as that, and a heap that
    does not come is said: the list that is taken away is not whole then. Neither session nor page goes along, and no heap is
    fetched but those of what may be the person's and one a month, which hide them. A wrong code leaves nothing of the one
    before."""
    odd = [sealed_to(one, 3) for one in NO_NOTICES]
    odd += [sealed_to(content_of(4), 4, signer=HeldKey(b"o" * 32))]  # whose key the heap does not give
    good = {number: sealed_to(content_of(number), number, served[1].origin) for number in BUCKETS}
    lost = min(COVER - set(BUCKETS.values()))
    heaps = {
        (ONE, "0"): heap_json(odd, [SIGNER.published], goes_on=1),
        (ONE, "1"): heap_json([good[ONE]], [SIGNER.published]),
        (ONE + 1, "0"): heap_json([good[ONE + 1]], [SIGNER.published]),
    }
    parts = {(str(BUCKETS[number]), after): heap for (number, after), heap in heaps.items()}
    public = [in_public(number, told=telling(good[number][1], BUCKETS[number])) for number in (ONE + 1, ONE)]
    word = word_of(SECRET, notice_context(served[1].origin, ONE + 3))
    by_word = in_public(
        ONE + 3, told=telling(b"by word", FREE[1]) | {"by_word": True}, complaints=[complaint_digest(word)]
    )
    others = in_public(ONE + 2, told=telling(b"to others", FREE[0]))
    asked: list[Request] = []

    def answer(route: Route) -> None:
        asked.append(route.request)
        if route.request.url.endswith("/notices"):
            route.fulfill(
                body=json.dumps({"heaps": 1024, "months": {"2001-01": MANY}}), content_type="application/json"
            )
        elif LISTS.search(route.request.url):
            listed(route, [by_word, others, *public])
        elif f"/notices/{lost}?" in route.request.url:
            route.fulfill(status=503)
        else:
            (part,) = re.findall(r"/notices/(\d+)\?.*after=(\d+)", route.request.url)
            route.fulfill(body=parts.get(part, heap_json([], [])), content_type="application/json")

    with browser.new_context() as context:
        context.add_cookies([{"name": "session", "value": "whose", "url": served[0]}])
        page = context.new_page()
        page.route(re.compile(r"/api/v1/"), answer)
        page.goto(f"{served[0]}/en/notices")
        page.get_by_label("Notice code").fill(code_of(SECRET))
        page.get_by_role("button", name="Open", exact=True).click()
        state = page.locator("[data-state]")
        expect(state).to_contain_text("Told to this code: 3", timeout=60_000)
        assert page.locator("[data-list] section").count() == 3
        expect(state).to_contain_text(f"(ask your operator): {len(NO_NOTICES)}")
        expect(state).to_contain_text("with the key of the log): 1")
        assert kept(taken(page)) == (3, [(ONE, "w", "p"), (ONE + 1, "w", "p"), (ONE + 3, word, "p")])
        expect(state).to_contain_text("Parts of what was told that could not be read (try again in a minute): 1")
        sent = [one.all_headers() for one in asked]
        page.get_by_label("Notice code").fill("a code that is none")  # the next person at this screen
        page.get_by_role("button", name="Open", exact=True).click()
        expect(page.get_by_role("alert")).to_be_visible()
        expect(page.locator("[data-list]")).to_be_empty()
        expect(state).to_be_empty()
        expect(page.locator("[data-save]")).to_be_hidden()
    fetched = [re.findall(r"/notices/(\d+)", one.url) for one in asked]
    assert {int(one) for some in fetched for one in some} == {*COVER, *BUCKETS.values()}
    lists = [one.url.rpartition("/api/v1/")[2] for one in asked if LISTS.search(one.url)]
    # The months that are looked into, each whole, and once more, as they have none of what is no notice.
    assert lists == [*(f"told/{month}" for month in ("2006-11", "2006-12", "2007-01")), "uses?ended=true"] * 2
    assert not any("cookie" in one or "referer" in one for one in sent)


def test_what_the_public_log_contradicts_is_said(served: tuple[str, Roll], browser: Browser) -> None:
    """Of a notice that lies in all it says the page shows what the log has, each lie beside it; there is no complaint by
    its word. One of no request is said so, one complained about offers no second, and days are the roll's in any browser. Where
    the lists do not come each is its operator's word alone, and nobody can say that none is missing. A false month
    hides a notice from nobody; and so many heaps that each would be somebody's are not fetched."""
    evening = datetime(2006, 11, 1, 17, tzinfo=UTC)  # the 2nd in Shanghai
    told = [(content_of(1, **LIES), 1), (content_of(2, filed=evening), 2), (content_of(3), 3)]
    sealed = [sealed_to(*one, served[1].origin) for one in told]
    body = heap_json([sealed[0], (*sealed[1], "2999-01"), sealed[2]], [SIGNER.published])
    count = ['{"heaps": 1, "months": {}}']
    public = [
        in_public(2, filed="2006-11-01T17:00:00Z", complained=True, told=telling(sealed[1][1])),
        in_public(1, told=telling(b"that was taken out")),
    ]
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        if route.request.url.endswith("/notices"):
            route.fulfill(body=count[-1], content_type="application/json")
        elif LISTS.search(route.request.url):
            listed(route, public)
        else:
            route.fulfill(body=body, content_type="application/json")

    with browser.new_context(timezone_id="America/New_York") as context:
        page = context.new_page()
        page.route(re.compile(r"/api/v1/"), answer)
        page.goto(f"{served[0]}/en/notices")
        page.get_by_label("Notice code").fill(code_of(SECRET))
        page.get_by_role("button", name="Open", exact=True).click()
        expect(page.locator("[data-state]")).to_contain_text("Told to this code: 3", timeout=60_000)
        expect(page.locator("[data-state]")).to_contain_text(
            re.compile("the notice is not given out.*request: 1[.] .*log has.*request: 2$")
        )
        none, second, lied = page.locator("[data-list] section").all()
        assert lied.locator("[data-otherwise] p").count() == len(LIES)
        expect(lied.locator('[data-at="purpose"]')).to_have_text("p")
        expect(lied.locator("[data-otherwise]")).to_contain_text(
            "The public log says otherwise: Purpose: p. Your operator’s notice says: overdue books"
        )
        expect(none).to_contain_text("this roll lists nobody who was told of it")
        expect(second.locator('[data-at="filed"]')).to_have_text("2 November 2006")
        expect(second).to_contain_text("Your complaint stands in public, without your name.")
        assert page.get_by_role("button", name="Complain").count() == 0
        assert not any(re.search(r"requests/\d", url) for url in asked)
        page.route(LISTS, lambda route: route.fulfill(status=503))
        page.get_by_role("button", name="Open", exact=True).click()
        expect(page.locator("[data-list]")).to_contain_text("Not compared with the public log", timeout=60_000)
        expect(page.locator("[data-state]")).to_contain_text(
            "Told to this code: 3. What stands in public could not be read"
        )
        assert page.get_by_role("button", name="Complain").count() == 3
        page.unroute(LISTS)
        count.append('{"heaps": 1024, "months": {"2001-01": 3}}')
        fetched = len([url for url in asked if "/notices/" in url])
        page.get_by_role("button", name="Open", exact=True).click()
        expect(page.locator("[data-state]")).to_contain_text("Nothing was fetched", timeout=60_000)
        assert fetched == len([url for url in asked if "/notices/" in url])
