"""A held roll: pages and programs are told that nothing is taken, and nothing is called safe that could be lost."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from openroll.service.log.signing_hold import SigningHold, hold, let_go
from openroll.words import say
from tests.api.test_api import row
from tests.web.house import House

EN, ZH = (say("roll-held", {}, lang) for lang in ("en", "zh"))
SAFE = ("Filings are stored safely", "备案已安全保存")


@contextmanager
def held_by_itself(house: House) -> Iterator[None]:
    """The roll has found its database behind, and nothing comes of what is sent."""
    house.filed()
    before = house.acts()
    hold(
        house.roll.home,
        SigningHold(datetime.now(UTC), "behind", why="the database's log has 3 entries, and 5 were signed"),
    )
    try:
        yield
    finally:
        let_go(house.roll.home)
    after = house.acts()
    assert before == after | {"token": before["token"]}, "something was written"  # that a token was used is noted


def test_programs_get_a_problem(inside: House) -> None:
    """503 and the class's code for a filing; the log's page and the metrics say it; later the same key is taken."""
    east = {"authorization": f"Bearer {inside.token()}"}
    one = east | {"idempotency-key": "held"}
    with held_by_itself(inside):
        answer = inside.client.post("/api/v1/filings", json=row("held-1"), headers=one)
        assert (answer.status_code, answer.json()["code"], answer.json()["detail"]) == (503, "roll-held", EN)
        file = b"handle,kind,access,district,connected,digests\n"
        answer = inside.client.post("/api/v1/files", content=file, headers=east | {"accept-language": "zh"})
        assert (answer.status_code, answer.json()["code"], answer.json()["detail"]) == (503, "roll-held", ZH)
        assert inside.client.get("/api/v1/log").json()["held"] is True
        assert "openroll_roll_held 1.0" in inside.client.get("/metrics").text
    assert "openroll_roll_held 0.0" in inside.client.get("/metrics").text
    assert inside.client.post("/api/v1/filings", json=row("held-1"), headers=one).status_code == 201


def test_a_keepers_own_words_stand_on_the_pages(inside: House) -> None:
    """`log hold --why` is read by whoever comes to file."""
    hold(inside.roll.home, SigningHold(datetime.now(UTC), "keeper", why="We move to another machine tonight"))
    try:
        assert "We move to another machine tonight" in inside.client.get("/en/file").text
    finally:
        let_go(inside.roll.home)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_pages_say_that_nothing_can_be_filed(lang: str, inside: House) -> None:
    """Home and filing pages begin with it, in the reader's language, and a form that is sent is answered with 503."""
    sentence = "Nothing can be filed now." if lang == "en" else "现在不能备案。"
    lead = inside.sitting("registrar/registrar-lead")
    act = {"name": f"held-{lang}", "kind": "authority", "title-zh": "某局", "title-en": "Held", "yes": "yes"}
    with held_by_itself(inside):
        for path in ("", "file", "log", "operator"):
            told = inside.client.get(f"/{lang}/{path}")
            assert path == "operator" or sentence in told.text, path
            assert not any(words in told.text for words in SAFE)
        refused = lead.post(f"/{lang}/registrar/organisations", act)
        assert refused.status_code == 503
        assert (EN if lang == "en" else ZH) in refused.text.replace("&#39;", "'")
        with pytest.raises(AssertionError) as shown:
            inside.visitor().file_alone()
        assert EN in str(shown.value).replace("&#39;", "'")
    assert sentence not in inside.client.get(f"/{lang}/").text
    assert lead.post(f"/{lang}/registrar/organisations", act).status_code in (200, 303)
