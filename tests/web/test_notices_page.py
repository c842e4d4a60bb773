"""The page "What was asked about you": what is no notice hides no other, and what is fetched says as little as can be."""

import re

from playwright.sync_api import Browser, Request, Route, expect

from openroll.disclosure.notice_code import code_of
from openroll.disclosure.notice_heap import heap_json
from openroll.service.roll import Roll
from tests.told import NO_NOTICES, SECRET, SIGNER, content_of, sealed_to

GOOD = [sealed_to(content_of(number), number) for number in (1, 2)]


def test_one_notice_that_is_none_hides_no_other(served: tuple[str, Roll], browser: Browser) -> None:
    """Those that are good are shown, also of a heap's second part; what is none is counted as altered, and a heap that does not
    come is said. Neither session nor page goes along with what is fetched. A wrong code leaves nothing of the one before."""
    odd = [sealed_to(one, 3) for one in NO_NOTICES]
    parts = {
        "0": heap_json([GOOD[0], *odd], [SIGNER.published], goes_on=1),
        "1": heap_json(GOOD[1:], [SIGNER.published]),
    }
    asked: list[Request] = []

    def answer(route: Route) -> None:
        asked.append(route.request)
        if route.request.url.endswith("/notices"):
            route.fulfill(body='{"heaps": 2}', content_type="application/json")
        elif "/notices/0?" in route.request.url:
            route.fulfill(body=parts[route.request.url.rpartition("after=")[2]], content_type="application/json")
        else:
            route.fulfill(status=503)

    with browser.new_context() as context:
        context.add_cookies([{"name": "session", "value": "whose", "url": served[0]}])
        page = context.new_page()
        page.route(re.compile(r"/api/v1/notices"), answer)
        page.goto(f"{served[0]}/en/notices")
        page.get_by_label("Notice code").fill(code_of(SECRET))
        page.get_by_role("button", name="Open", exact=True).click()
        state = page.locator("[data-state]")
        expect(state).to_contain_text("Told to this code: 2", timeout=60_000)
        assert page.locator("[data-list] section").count() == 2
        expect(state).to_contain_text(f"(ask your operator): {len(NO_NOTICES)}")
        expect(state).to_contain_text("Heaps that could not be read (try again in a minute): 1")
        sent = [one.all_headers() for one in asked]
        page.get_by_label("Notice code").fill("a code that is none")  # the next person at this screen
        page.get_by_role("button", name="Open", exact=True).click()
        expect(page.get_by_role("alert")).to_be_visible()
        expect(page.locator("[data-list]")).to_be_empty()
        expect(state).to_be_empty()
        expect(page.locator("[data-save]")).to_be_hidden()
    assert len(sent) == 4
    assert not any("cookie" in one or "referer" in one for one in sent)
