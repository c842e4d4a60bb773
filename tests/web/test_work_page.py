"""The page of work: everything that waits, whose it is, why, until when, and how often it was tried; looking changes nothing."""

import re
from datetime import timedelta
from unittest.mock import patch

import psycopg
from markupsafe import escape

from openroll.service import work
from openroll.store.log import Standing
from openroll.words.catalogue import gettext
from openroll.words.labels import MACHINE_WHY, MACHINE_WORK, words
from tests.web.house import House


def test_the_page_shows_what_people_and_what_the_machine_have_to_do(inside: House) -> None:
    """In both languages: a failed message with its reason to take and settle, the machine's work with its fault and attempts."""
    roll, now = inside.roll, inside.roll.clock()
    later = now + timedelta(days=9)
    with roll.database.own() as connection:
        work.enqueue(connection, "mail", "page-1", "registrar", "mail", now, now=now)
        work.enqueue(connection, "upload", "east", work.MACHINE, "upload", later, now=now)
        work.enqueue(connection, "release", "page-2", "east", "release-asked", later, now=now)
        connection.execute("update work set attempts = 3, fault = '451 not now' where kind = 'upload'")
    lead = inside.sitting("registrar/registrar-lead")
    english, chinese = (lead.get(f"/{lang}/registrar/work").text for lang in ("en", "zh"))
    for told in (
        "A message could not be delivered",
        "Taking files that were sent",
        "the machine",
        "451 not now",
        "east",
    ):
        assert told in english, told
    assert "A second clerk is to confirm a release from a lost passkey" in english
    assert "page-2" not in english, "which record it is about is its operator's to know"
    for told in ("机器", "接收报送的文件", "须由另一位经办人确认"):
        assert told in chinese, told
    with roll.database.own() as connection:
        connection.execute("delete from work where key in ('page-1', 'page-2') or (kind = 'upload' and fault <> '')")


def test_what_waits_and_why_are_two_things(inside: House) -> None:
    """No row of the machine's work says in its reason what it says it is, in either language."""
    roll, now = inside.roll, inside.roll.clock()
    with roll.database.own() as connection:
        for kind in MACHINE_WHY:
            work.enqueue(connection, kind, "why", work.MACHINE, kind, now + timedelta(days=9), now=now)
    lead = inside.sitting("registrar/registrar-lead")
    for lang in ("en", "zh"):
        page = lead.get(f"/{lang}/registrar/work").text
        rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall(r"<tr.*?</tr>", page, re.DOTALL)]
        said = {row[0]: row[2] for row in rows if len(row) == 5}
        for kind, why in MACHINE_WHY.items():
            told = said[str(escape(words(lang, MACHINE_WORK, kind)))]
            assert told.startswith(str(escape(gettext(lang, why)))), kind
            assert told not in said
    with roll.database.own() as connection:
        connection.execute("delete from work where key = 'why'")


def test_looking_at_what_waits_changes_nothing(inside: House) -> None:
    """Neither the page nor the board that counts it enters or ends a piece of work for a person."""
    lead = inside.sitting("registrar/registrar-lead")
    before = inside.acts()["work"]
    for page in ("registrar", "registrar/work"):
        assert lead.get(f"/en/{page}").status_code == 200
    assert inside.acts()["work"] == before


def test_metrics_tell_what_waits_by_kind_and_owner(inside: House) -> None:
    """What comes by a clock always waits, so a keeper sees at once that the machine has its work."""
    text = inside.visitor().get("/metrics").text
    assert 'openroll_work_waiting{kind="sweep",owner="machine"} 1.0' in text
    assert 'openroll_work_late_seconds{kind="daily-count",owner="machine"}' in text


def test_the_page_says_who_publishes_and_that_nobody_does(inside: House) -> None:
    """Whoever looks at what waits sees which process gives places, how old the checkpoint is, and silence as such."""
    lead = inside.sitting("registrar/registrar-lead")
    led = "Process [0-9]+ has given places for [0-9,]+ seconds|No process gives places now"
    assert re.search(led, lead.get("/en/registrar/work").text)
    assert "Nobody publishes the log." not in lead.get("/en/registrar/work").text
    with (
        patch("openroll.service.log.publishing.SILENCE", -1.0),
        patch("openroll.store.log.standing_in", lambda *_: Standing(0, None, inside.roll.clock())),
    ):
        english, chinese = (lead.get(f"/{lang}/registrar/work").text for lang in ("en", "zh"))
    assert "Nobody publishes the log." in english
    assert "openroll status" in english
    assert "公开日志无人发布" in chinese


def test_a_page_or_program_whose_wait_runs_out_is_told_so(inside: House) -> None:
    """It is 503 with a code or in words, and not a fault of ours: nothing was done, and it may be sent again."""

    def busy(*_: object) -> None:
        raise psycopg.errors.LockNotAvailable

    lead = inside.sitting("registrar/registrar-lead")
    with patch("openroll.service.work.queue", busy), patch("openroll.api.log.measure", busy):
        page, program = lead.get("/en/registrar/work"), inside.visitor().get("/metrics")
    assert page.status_code == 503
    assert "The register has more to do than it can" in page.text
    assert program.status_code == 503
    assert program.json()["code"] == "database-busy"
    assert program.headers["retry-after"] == "5"
