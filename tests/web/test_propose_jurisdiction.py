"""A changed jurisdiction is proposed on a page or by command: what it changes is said first, and another publishes it."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from openroll.cli import build
from openroll.places import full_name, load, shipped
from openroll.places.writing import changed_by, districts_text, main_text
from openroll.rules import Rule, plain
from openroll.service.governance import rule_versions
from openroll.service.governance.rule_standing import rule_name
from openroll.service.roll import Roll
from tests.cli.test_operator import Around
from tests.conftest import Ticking
from tests.seats import seated
from tests.web.house import House

Run = Callable[..., int]


def raised(main: str) -> str:
    """The text with the next version."""
    return re.sub(r"^version: (\d+)$", lambda found: f"version: {int(found[1]) + 1}", main, count=1, flags=re.MULTILINE)


@pytest.mark.parametrize("name", shipped())
def test_a_bundle_reads_back_from_its_own_texts(name: str) -> None:
    """Written as the texts that a person edits and read again, a jurisdiction is the same."""
    bundle = load(name)
    assert changed_by(bundle, main_text(bundle), districts_text(bundle)) == bundle


def test_a_district_is_split_on_the_page(inside: House) -> None:
    """Checked first, then sent once it was read; it waits for a second pair of eyes, with its changes."""
    lead = inside.sitting("registrar/registrar-lead")
    page = lead.get("/en/registrar/jurisdiction").text
    assert "jurisdiction.yaml" in page
    place = inside.roll.place
    row = next(line for line in districts_text(place).splitlines() if line.startswith("500103,"))
    title = row.split(",", 5)[5]
    languages = districts_text(place).splitlines()[0].split(",")[5:]  # as this house's roll has them by now
    first, second = {"zh": "新一区", "en": "First New"}, {"zh": "新二区", "en": "Second New"}
    parts = [f"{code},,2007-03-01,,," for code in ("500198", "500199")]
    titled = [
        part + ",".join(one[lang] for lang in languages) for part, one in zip(parts, (first, second), strict=True)
    ]
    split = "\n".join((f"500103,,,2007-02-28,500198 500199,{title}", *titled))
    form = {"main": main_text(place), "districts": districts_text(place).replace(row, split)}
    starts = {"starts-year": "2007", "starts-month": "3", "starts-day": "1"}
    same = lead.post("/en/registrar/jurisdiction", form | {"act": "check"})
    assert (same.status_code, "for it goes up with each change" in same.text) == (422, True)
    form["main"] = raised(main_text(place))
    of_another = {"act": "check", "main": f"# Made on x@1\n{form['main']}"}
    old = lead.post("/en/registrar/jurisdiction", form | starts | of_another)
    assert (old.status_code, "this proposal was made without it" in old.text) == (409, True)
    begun = lead.post("/en/registrar/jurisdiction", form | starts | {"act": "begin"})
    assert (begun.status_code, f"# Made on {full_name(place)}" in begun.text) == (200, True)
    checked = lead.post("/en/registrar/jurisdiction", form | {"act": "check"}).text
    assert re.search(r"after it [^<]*\(500198\), [^<]*\(500199\)", checked)
    assert re.search(r"First New; .*; from", checked)
    unread = lead.post("/en/registrar/jurisdiction", form | starts | {"act": "propose"})
    assert (unread.status_code, "Say that you have read" in unread.text) == (422, True)
    before = len(rule_versions.waiting(inside.roll))
    sent = lead.post("/en/registrar/jurisdiction", form | starts | {"act": "propose", "seen": "yes"})
    assert sent.status_code == 303, re.sub("<[^>]+>", " ", sent.text)
    waiting = rule_versions.waiting(inside.roll)
    assert len(waiting) == before + 1
    assert "First New; " in lead.get("/en/registrar/rules").text
    assert inside.roll.place == place
    assert lead.post(f"/en/registrar/rules/{waiting[-1].id}/drop").status_code == 303


def test_a_rule_that_takes_back_what_was_published_is_proposed_once_that_is_meant(inside: House) -> None:
    """A text that was copied before: the page says in words what goes back, and takes it with a tick for what it showed."""
    lead, roll = inside.sitting("registrar/registrar-lead"), inside.roll
    starts = roll.day(roll.clock()) + timedelta(days=900)
    form = {"act": "propose", "starts-year": f"{starts.year}", "starts-month": f"{starts.month}"}
    form |= {"starts-day": f"{starts.day}", "reference": "cn-cq-2006-regulation+with-safeguards"}
    before, first = roll.versions, roll.versions[0]
    changed = msgspec.convert(json.loads(json.dumps(plain(first.rule)).replace("P30D", "P45D")), Rule)
    later = msgspec.structs.replace(first, rule=changed, name=rule_name(changed), starts=starts - timedelta(days=1))
    roll.adopt((first, later))
    try:
        refused = lead.post("/en/registrar/rules", form)
        assert (refused.status_code, "takes back what was changed before" in refused.text) == (422, True)
        assert "45 days" in refused.text
        shown = re.search(r'name="back"[^>]*value="([^"]+)"', refused.text)
        assert shown
        assert shown[1] == later.name
        assert lead.post("/en/registrar/rules", form | {"back": f"{later.name}0"}).status_code == 422
        assert lead.post("/en/registrar/rules", form | {"back": shown[1]}).status_code == 303
    finally:
        roll.adopt(before)
    (*_, row) = rule_versions.waiting(roll)
    assert lead.post(f"/en/registrar/rules/{row.id}/drop").status_code == 303


def test_it_is_weighed_as_a_rule_is_one_at_a_time_a_seat(inside: House) -> None:
    """While one of a seat's is being read its next is refused at once, on the page, and no page thread has it."""
    lead, place = inside.sitting("registrar/registrar-lead"), inside.roll.place
    form = {"main": main_text(place), "districts": districts_text(place), "act": "check"}
    assert lead.post("/en/registrar/jurisdiction", form).status_code == 200
    with inside.roll.database.own() as connection:
        row = connection.execute("select max(seat) from person where organisation = 'registrar'").fetchone()
    lanes = inside.client.app.state.application.executors.rules
    owners = [(f"registrar/{seat}",) for seat in range(1, (row[0] if row else 0) + 1)]
    assert all(lanes.places.take(one) for one in owners)
    try:
        refused = lead.post("/en/registrar/jurisdiction", form)
    finally:
        for one in owners:
            lanes.places.leave(one)
    assert refused.status_code == 429
    long = lead.post("/en/registrar/jurisdiction", form | {"main": main_text(place) + "# " + "x" * 200_000})
    assert (long.status_code, "at most 200,000" in long.text) == (422, True)


def test_what_is_no_later_state_of_the_place_is_refused(inside: House) -> None:
    """A district that is gone, another place and a text that cannot be read are faults, all at once, and nothing waits."""
    lead = inside.sitting("registrar/registrar-lead")
    place = inside.roll.place
    rows = [line for line in districts_text(place).splitlines() if not line.startswith("500103,")]
    form = {
        "main": main_text(place).replace("id: cn-cq-2006", "id: other"),
        "districts": "\n".join(rows),
        "act": "check",
    }
    gone = lead.post("/en/registrar/jurisdiction", form)
    assert gone.status_code == 422
    assert "500103" in gone.text
    assert "the same place" in gone.text
    broken = lead.post("/en/registrar/jurisdiction", {"main": "id: [", "districts": "", "act": "propose"})
    assert broken.status_code == 422


def test_the_command_says_first_and_sends_then(roll: Roll, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`save` writes what is in force; `propose` says what was changed, and sends it with --yes; a seat publishes it."""

    def run(*words: object) -> int:
        with pytest.raises(SystemExit) as ended:
            build(Around(tmp_path, roll))(["jurisdiction", *map(str, words)])
        return int(ended.value.code or 0)

    folder = tmp_path / "ours"
    assert run("save", folder) == 0
    main = folder / "jurisdiction.yaml"
    main.write_text(main.read_text().replace("title: {zh: 住户, en: A household}", "title: {zh: 住户, en: A home}"))
    starts = roll.day(roll.clock()) + timedelta(days=2)
    assert run("propose", folder, "--starts", starts) == 2
    refused = capsys.readouterr().err
    line = main.read_text().splitlines().index("version: 1") + 1
    assert ("for it goes up with each change" in refused, f"jurisdiction.yaml:{line}: version" in refused) == (
        True,
        True,
    )
    main.write_text(raised(main.read_text()))
    assert run("propose", folder, "--starts", starts) == 0
    assert "A household → A home" in capsys.readouterr().out
    assert rule_versions.waiting(roll) == []
    assert run("propose", folder, "--starts", starts, "--yes") == 0
    (row,) = rule_versions.waiting(roll)
    second = seated(roll, "registrar", "registrar-lead")
    assert rule_versions.settle(roll, row.id, second, drop=False) is None
    assert isinstance(roll.clock, Ticking)
    roll.clock.now += timedelta(days=3)
    assert roll.place.jurisdiction.kinds[0].title["en"] == "A home"
    assert (roll.place.offices, roll.place.days_off) == (load("cn-cq-2006").offices, load("cn-cq-2006").days_off)
    assert run("propose", folder, "--starts", starts + timedelta(days=5), "--yes") == 1
    assert "this proposal was made without it" in capsys.readouterr().err
    assert run("save", tmp_path / "then", "--day", starts + timedelta(days=5)) == 0
    assert "A home" in (tmp_path / "then" / "jurisdiction.yaml").read_text()
