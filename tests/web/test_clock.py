"""A clock that stepped back: whoever would write is told so, nothing is written, and all goes on when it is set right."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from openroll.words import say
from tests.api.test_api import row
from tests.web.house import House
from tests.web.visitor import Visitor

EN, ZH = (say("clock-wrong", {}, lang) for lang in ("en", "zh"))


@contextmanager
def behind(house: House) -> Iterator[None]:
    """The clock stands two hours before what was written, and nothing comes of it."""
    house.filed()  # so that something was written
    before = house.acts()
    house.pass_time(timedelta(hours=-2))
    try:
        yield
    finally:
        house.pass_time(timedelta(hours=2))
    after = house.acts()
    # That a token was used is noted; and ceremonies that nobody ended are swept out when their time is over.
    noted = {name: before[name] for name in ("token", "ceremony")}
    assert before == after | noted, "something was written"


def test_programs_get_a_problem(inside: House) -> None:
    """One filing and a file are refused with 503 and one code in the reader's language; the same key is taken later."""
    east = {"authorization": f"Bearer {inside.token()}"}
    one = east | {"idempotency-key": "clock"}
    file = b"handle,kind,access,district,connected,digests\n"
    given = row("clock-2")
    file += ",".join((*(given[name] for name in ("handle", "kind", "access", "district", "connected")), "")).encode()
    file += " ".join(given["digests"]).encode() + b"\n"
    with behind(inside):
        answers = [
            inside.client.post("/api/v1/filings", json=row("clock-1"), headers=one),
            inside.client.post("/api/v1/files", content=file, headers=east | {"accept-language": "zh"}),
        ]
        for answer, words in zip(answers, (EN, ZH), strict=True):
            assert answer.status_code == 503, answer.text
            assert answer.headers["content-type"].startswith("application/problem+json")
            said = answer.json()
            assert (said["type"], said["code"], said["detail"]) == (
                "urn:openroll:refusal:clock-wrong",
                "clock-wrong",
                words,
            )
    assert inside.client.post("/api/v1/filings", json=row("clock-1"), headers=one).status_code == 201
    assert inside.client.post("/api/v1/files", content=file, headers=east).json()["stored"] == 1


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_people_are_told_on_a_page(lang: str, inside: House) -> None:
    """An official act and a filing by form say it in words, with 503 where no form is shown again; and they go through later."""
    lead = inside.sitting("registrar/registrar-lead")
    act = {
        "name": f"late-{lang}",
        "kind": "authority",
        "title-zh": "某局",
        "title-en": "Late",
        "yes": "yes",
    }
    with behind(inside):
        refused = lead.post(f"/{lang}/registrar/organisations", act)
        assert refused.status_code == 503, refused.text
        assert (EN if lang == "en" else ZH) in refused.text.replace("&#39;", "'")
        visitor = inside.visitor()
        with pytest.raises(AssertionError) as told:
            visitor.file_alone()
        assert EN in str(told.value).replace("&#39;", "'")
    assert lead.post(f"/{lang}/registrar/organisations", act).status_code in (200, 303)
    assert isinstance(visitor, Visitor)
    assert visitor.file_alone()
