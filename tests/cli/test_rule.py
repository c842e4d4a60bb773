"""`openroll rule`: what each command prints, the status it ends with, and how it speaks of mistakes."""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple
from xml.dom import minidom

import pytest
from rich.cells import cell_len

from openroll.cli.rule import app
from openroll.cli.rule_terms import span
from openroll.rules import check, digest, known_rules, load, rule_schema, shipped, words_digest
from openroll.rules.diff import as_read, differences
from openroll.rules.procedure import procedure, procedure_schema, procedures
from openroll.rules.telltales import CLOSED

SAFE = "cn-cq-2006-regulation+with-safeguards"
SITES = "notification-2006+with-sites"
EVERYTHING = Path(__file__).parents[1] / "rules" / "made" / "everything.yaml"
PROCEDURE = Path(__file__).parents[2] / "src" / "openroll" / "rules" / "procedures" / "request-1.yaml"
GOOD = Path(__file__).parents[2] / "src" / "openroll" / "rules" / "shipped" / "notification-2006.yaml"


class Told(NamedTuple):
    """What a command gave: its status and what it wrote."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The JSON it printed."""
        return json.loads(self.out)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a command on a terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")

    def told(*words: str) -> Told:
        with pytest.raises(SystemExit) as ended:
            app(list(words))
        captured = capsys.readouterr()
        return Told(int(ended.value.code or 0), captured.out, captured.err)

    return told


@pytest.fixture
def subjects(tmp_path: Path) -> Path:
    """A file of two subjects."""
    file = tmp_path / "subjects.yaml"
    file.write_text("- {kind: organisation, connected: 2006-12-05}\n- {kind: household, connected: 2006-12-05}\n")
    return file


def test_each_closed_list_can_be_read(run: Any) -> None:
    """Every list that a fault names by `openroll rule words --list` is shown, with what it is for."""
    told = run("words")
    assert told.status == 0
    assert [name for name in CLOSED if f"\n{name}: " not in told.out] == []


def test_list_names_every_rule_and_what_opens(run: Any) -> None:
    """All rules that ship are listed, those of jurisdictions too, and the safeguarded one; the proposals open a live roll."""
    rules = run("list", "--json").json
    assert [rule["ref"] for rule in rules] == [*known_rules(), SAFE, SITES]
    assert [rule["ref"] for rule in rules if rule["opens"]] == [
        "ch-be-notification",
        "ke-notification",
        "notification-2006",
        "ph-notification",
        SAFE,
        SITES,
    ]
    words = run("list")
    assert words.status == 0
    assert all(rule["ref"] in words.out for rule in rules)
    assert all(rule["title"]["zh"][:12] in words.out for rule in rules if "zh" in rule["title"])


@pytest.mark.parametrize("ref", [*shipped(), SAFE])
def test_every_page_is_readable_at_80_columns(run: Any, subjects: Path, ref: str) -> None:
    """No line of show, check, duties or diff is wider than 80 cells, Chinese counted as two, and none is cut off."""
    pages = (
        run("show", ref),
        run("check", ref),
        run("duties", ref, "--subject", str(subjects), "--on", "2007-02-01"),
        run("diff", ref, SAFE),
    )
    for page in pages:
        assert page.err == ""
        assert "…" not in page.out
        assert max(cell_len(line.rstrip()) for line in page.out.splitlines()) <= 80


def test_show_tells_everything_in_both_languages(run: Any) -> None:
    """Each duty, field, measure, source and note of a rule stands on its page, with its digest."""
    rule = load("cn-cq-2006-notice")
    page = run("show", rule.ref).out.replace("\n", "").replace(" ", "")
    assert digest(rule) in page
    titles = [*(duty.title for duty in rule.duties), *(measure.title for measure in rule.measures)]
    for words in (*titles, *rule.notes):
        assert words["zh"].replace(" ", "") in page
        assert words["en"].replace(" ", "") in page
    for name in [*rule.safeguards, *(one.id for one in rule.sources)]:
        assert name in page


def test_show_as_json_is_the_rule_whole(run: Any) -> None:
    """`--json` gives the rule's values with its reference and digest."""
    shown = run("show", SAFE, "--json").json
    assert (shown["ref"], shown["digest"]) == (SAFE, digest(load(SAFE)))
    assert shown["measures"][1]["fine_to"] == {"amount": "3000", "currency": "CNY"}


@pytest.mark.parametrize(
    ("ref", "status"), [("notification-2006", 0), (SAFE, 0), ("cn-cq-2006-notice", 1), ("de-tkg172", 1)]
)
def test_check_ends_with_0_only_when_all_is_kept(run: Any, ref: str, status: int) -> None:
    """The status is 1 when a check is not passed, and the JSON holds all 24 findings."""
    assert run("check", ref).status == status
    told = run("check", ref, "--json")
    assert told.status == status
    assert [one["outcome"] for one in told.json["findings"]] == [one.outcome for one in check(load(ref))]


def test_check_says_what_stops_a_live_roll(run: Any) -> None:
    """The page of the notice names what keeps a live roll from opening, and says when a threshold is our policy."""
    page = " ".join(run("check", "cn-cq-2006-notice").out.split())
    assert (
        "No live roll can open under this rule: choice, no-cut-off, court, innocence, correction, hearing, appeal"
        in page
    )
    assert "For example: a person, 2006-08-07: connected on 2006-07-07 and did not file" in page
    assert "No check can judge words. Read these yourself: title and summary" in page
    assert "our policy" in page
    assert "0 of 24 passed, 21 failed, 3 not stated." in page


def test_check_takes_a_file_and_overlays_after_it(run: Any, tmp_path: Path) -> None:
    """A rule in a file is checked by its path; an overlay that ships may be laid over it."""
    mine = tmp_path / "mine.yaml"
    mine.write_bytes((GOOD.parent / "cn-cq-2006-regulation.yaml").read_bytes())
    assert run("check", str(mine)).status == 1
    assert run("check", f"{mine}+with-safeguards").status == 0


def test_every_command_that_takes_a_rule_takes_paths_and_overlays() -> None:
    """Rules are named in one way: no command but `rule list`, which tells what ships, loads one by its name alone."""
    rooms = Path(__file__).parents[2] / "src" / "openroll" / "cli"
    by_name = re.compile(r"from openroll\.rules import[^)]*?\bload\b", re.DOTALL)
    assert {path.name for path in rooms.rglob("*.py") if by_name.search(path.read_text())} == {"rule.py"}
    mentions = {
        path.name
        for path in rooms.rglob("*.py")
        if re.search(r"\brules_named|rule_named|basis_named", path.read_text())
    }
    assert {"rule.py", "fit.py", "options.py", "registrar.py", "operator.py", "jurisdiction.py"} <= mentions


def test_an_overlay_is_given_by_its_path_too(run: Any, tmp_path: Path) -> None:
    """An overlay in a file is laid over a rule that ships; what it brings is checked; one under a shipped name is a fault."""
    mine = tmp_path / "mine.yaml"
    lay = "overlay: mine\ntitle: {en: mine}\nover: [cn-cq-2006-regulation]\nlay:\n  safeguards:\n    told: {since: 2199-12-31}\n"
    mine.write_text(lay)
    told = run("check", f"{SAFE}+{mine}", "--json")
    assert told.status == 1
    assert (told.json["ref"], told.json["obstacles"]) == (f"{SAFE}+mine", ["told"])
    (finding,) = (one for one in told.json["findings"] if one["id"] == "told")
    assert finding["witness"]["en"].endswith("does not learn of it: it holds only from 2199-12-31 on")
    assert finding["witness"]["zh"].endswith("本人并不知道：从2199-12-31起才有效")
    assert set(told.json["words_only"]) >= {"en", "zh"}
    assert told.json["words_digest"] == words_digest(load(SAFE))
    mine.write_text(lay.replace("overlay: mine", "overlay: with-safeguards"))
    broken = run("check", f"cn-cq-2006-regulation+{mine}")
    assert broken.status == 2
    assert "is the name of one that ships" in " ".join(broken.err.split())


def test_a_broken_file_ends_with_2_and_every_fault(run: Any, tmp_path: Path) -> None:
    """Each fault stands on standard error with the file and line; nothing is on standard output."""
    broken = tmp_path / "broken.yaml"
    broken.write_text(
        GOOD.read_text("utf-8").replace("version: 2", "version: one").replace("status: proposal", "status: law")
    )
    told = run("check", str(broken))
    assert (told.status, told.out) == (2, "")
    assert f"{broken}:3: version:" in told.err
    assert f"{broken}:10: status:" in told.err
    assert "For example: historic" in told.err


def test_duties_tell_due_date_state_and_measures(run: Any, subjects: Path) -> None:
    """An organisation is overdue and may be ordered, fined and put off; a household is asked for nothing."""
    words = ("duties", "cn-cq-2006-regulation", "--subject", str(subjects), "--on", "2007-01-05")
    page = run(*words).out
    assert "due 2007-01-04" in page
    assert "not asked of this subject" in page
    told = run(*words, "--json").json
    assert [one["duties"][0]["state"] for one in told["subjects"]] == ["overdue", "none"]
    assert [measure for measure, _ in told["subjects"][0]["duties"][0]["measures"]] == [
        "correct",
        "fine",
        "off-network",
    ]


def test_duties_take_an_instant_in_the_rules_zone(run: Any, tmp_path: Path) -> None:
    """Sixteen hours Greenwich is the next day in Chongqing; one subject as JSON is taken too."""
    file = tmp_path / "one.json"
    file.write_text('{"kind": "organisation", "connected": "2006-12-05"}')
    states = [
        run("duties", "cn-cq-2006-regulation", "--subject", str(file), "--on", on, "--json").json["subjects"][0][
            "duties"
        ][0]["state"]
        for on in ("2007-01-04T15:59Z", "2007-01-04T16:00Z")
    ]
    assert states == ["due", "overdue"]


def test_broken_subjects_end_with_2_and_every_fault(run: Any, tmp_path: Path) -> None:
    """A subjects file with three mistakes names all three by line."""
    file = tmp_path / "subjects.yaml"
    file.write_text("kind: robot\nconnectd: 2006-12-05\nfiled: 2006-02-30\n")
    told = run("duties", "notification-2006", "--subject", str(file), "--on", "2007-01-05")
    assert told.status == 2
    assert [f"{file}:{line}:" in told.err for line in (1, 2, 3)] == [True] * 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "cn-cq-2007"), "there is no 'cn-cq-2007'"),
        (("show", "cn-cq-2006-notice+nothing"), "there is no 'nothing'"),
        (("show", "de-tkg172+with-safeguards"), "not written for 'de-tkg172'"),
        (("check", "/nowhere/rule.yaml"), "Give the path of a file that can be read"),
        (("check", "/"), "Give the path of a file that can be read"),
        (("check", "/dev/zero"), "larger than 4,000,000 bytes"),
        (("check", "x" * 5000), "File name too long"),
        (("diff", "de-tkg172", "nowhere.yaml"), "Give the path of a file that can be read"),
        (("duties", "de-tkg172", "--subject", "/nowhere", "--on", "2007-01-05"), "Give the path"),
        (("duties", "de-tkg172", "--subject", str(GOOD), "--on", "5.1.2007"), "expected a day (2006-12-20)"),
        (("duties", "de-tkg172", "--subject", str(GOOD), "--on", "2007-01-05T10:00"), "an instant with its zone"),
        (("duties", "de-tkg172", "--subject", str(GOOD), "--on", "0001-01-01"), "1900 to 2199"),
    ],
)
def test_what_cannot_be_meant_is_a_sentence_and_status_2(run: Any, words: tuple[str, ...], said: str) -> None:
    """Wrong names, paths and days give a sentence on standard error and status 2, never a traceback."""
    told = run(*words)
    assert (told.status, told.out) == (2, "")
    assert said in told.err
    assert "Traceback" not in told.err


def test_a_file_that_is_not_utf8_names_its_line(run: Any, tmp_path: Path) -> None:
    """A file in another encoding is told as such, with the first line that shows it."""
    file = tmp_path / "gbk.yaml"
    file.write_bytes("id: mine\ntitle: 备案\n".encode("gb18030"))
    told = run("check", str(file))
    assert told.status == 2
    assert f"{file}:2: this is not UTF-8 text" in told.err


def test_text_of_a_file_is_no_markup(run: Any, tmp_path: Path) -> None:
    """Square brackets in a rule's text are printed as they stand."""
    file = tmp_path / "mine.yaml"
    file.write_text(GOOD.read_text("utf-8").replace("en: warning}", "en: '[red]warning[/nothing]'}"))
    assert "[red]warning[/nothing]" in run("show", str(file)).out


def test_diff_goes_by_value_with_the_article(run: Any) -> None:
    """The safeguarded regulation takes the suspension away, adds a warning and changes who decides, each with its article."""
    changes = {tuple(one["path"]): one for one in run("diff", "cn-cq-2006-regulation", SAFE, "--json").json}
    assert changes["measures", "off-network"]["new"] is None
    assert changes["measures", "warning"]["article"] == "Overlay art. 2"
    assert (changes["measures", "fine", "decider"]["old"], changes["measures", "fine", "decider"]["new"]) == (
        "police",
        "independent-body",
    )
    page = run("diff", "cn-cq-2006-regulation", SAFE).out
    assert "fine › decider  Overlay art. 2" in page
    assert "historic" in page


def test_a_rule_does_not_differ_from_itself(run: Any) -> None:
    """Held beside itself a rule gives no difference, and the page says so."""
    for ref in shipped():
        assert run("diff", ref, ref, "--json").json == []
    assert "They say the same." in run("diff", "de-tkg172", "de-tkg172").out


def test_a_changed_article_alone_is_a_difference() -> None:
    """Where only the citation of a value changed, that is told."""
    before, after = ({"retention": {"article": one, "period": "P1Y"}} for one in ("1", "2"))
    (change,) = as_read(differences(before, after))
    assert (change.path, change.old, change.new) == (("retention", "article"), "1", "2")


def test_schema_is_the_published_one(run: Any) -> None:
    """`openroll rule schema` prints the JSON Schema of rule files."""
    told = run("schema")
    assert told.status == 0
    assert told.json == json.loads(json.dumps(rule_schema()))


@pytest.mark.parametrize(
    ("period", "words"), [("P30D", "30 days"), ("P1M15D", "1 month 15 days"), ("P1Y", "1 year"), ("P6M", "6 months")]
)
def test_periods_are_told_in_words(period: str, words: str) -> None:
    """An ISO 8601 period is read out."""
    assert span(period) == words


def test_a_rule_of_every_clause_is_shown_with_each_of_them(run: Any) -> None:
    """Nothing that a rule can say is left out of what `show` says of it."""
    told = " ".join(run("show", str(EVERYTHING)).out.split())
    for words in (
        "Atlantic/Azores",
        "Authentic in: en, sw",
        "about each: person and every kind that is a: person but not: roamer",
        "no service before it is done",
        "5 working days from the day after the activation; where that is no working day, the next working day",
        "24 hours from the quarter end, to the first day they can end on",
        "again after each 1 year",
        "at once: on the day of the connection",
        "30 days before the change",
        "no more than 9 lines per country",
        "only for: prepaid",
        "only above 100,000 visitors-a-day",
        "until 2030-01-01",
        "holds: photograph, biometric; SENSITIVE",
        "10 to 20 penalty-unit; 0.1 to 2 % of the turnover; for each subscription and day",
        "5,000 GHS in all at most",
        "at least 1 month; at most 6 months",
        "appointed by parliament · dismissed by court · for 6 years · not renewable",
        "2 years, counted from the deactivation",
        "nature: organisation",
        "since 2010-03-02 decided on 2010-03-01 the court for: large",
        "duties anew agreed by: old-operator, new-operator",
        "1000 cases 2005 for: against fraud",
        "request-two-1 Asked, reviewed by two, answered, told",
        "times.under-review: P5D urgent.with-operator: PT4H Art. 5 [ours]",
    ):
        assert words in told, words


def test_duties_say_who_bears_them_and_whether_service_hangs_on_them(run: Any, tmp_path: Path) -> None:
    """A person whose card is not active yet reads that the operator has the duty, and that service may be withheld."""
    subject = tmp_path / "subject.yaml"
    subject.write_text("{kind: foreigner, connected: 2004-01-01, numbers: {lines: 3}}", encoding="utf-8")
    told = run("duties", str(EVERYTHING), "--subject", str(subject), "--on", "2004-01-09").out
    assert "borne by: operator" in told
    assert "service may be withheld for it" in told
    assert "lines 3" in told


def test_a_zone_that_the_rule_does_not_have_is_said(run: Any, tmp_path: Path) -> None:
    """A subject in a zone of another country ends with 2, the zones there are, and no traceback."""
    subject = tmp_path / "subject.yaml"
    subject.write_text("{kind: foreigner, zone: Asia/Shanghai}", encoding="utf-8")
    done = run("duties", str(EVERYTHING), "--subject", str(subject), "--on", "2004-01-09")
    assert done.status == 2
    assert "Europe/Lisbon, Atlantic/Azores" in " ".join(done.err.split())


def test_procedure_says_every_step_with_whose_turn_it_is(run: Any) -> None:
    """`openroll rule procedure NAME` tells each step with its owner, its time and what silence brings, in any language."""
    told = " ".join(run("procedure", "request-1").out.split())
    assert all(step.id in told for step in procedure("request-1").steps)
    assert "the operator, within 10 days (in an emergency 8 hours)" in told
    assert "if nothing is done: annulled: what was given may not be used" in told
    assert "审查中" in run("procedure", "request-1", "--lang", "zh").out


def test_procedure_is_printed_as_json_schema_picture_and_list(run: Any) -> None:
    """Programs read a procedure, its schema and the list of those that ship; the picture is one SVG."""
    shown = run("procedure", "request-two-1", "--json").json
    assert shown["name"] == procedure("request-two-1").name
    assert run("procedure", "--schema").json == json.loads(json.dumps(procedure_schema()))
    assert [one["id"] for one in run("procedure", "--json").json] == [*procedures()]
    assert all(name in run("procedure").out for name in procedures())
    drawn = run("procedure", "request-1", "--svg").out
    root = minidom.parseString(drawn).documentElement  # noqa: S318 - our own drawing
    assert root is not None
    assert root.tagName == "svg"


def test_a_procedure_of_ones_own_is_read_and_its_mistakes_told(run: Any, tmp_path: Path) -> None:
    """A path is read as a file: every mistake with its line and status 2; a name that is none says which there are."""
    mine = tmp_path / "mine.yaml"
    text = PROCEDURE.read_text(encoding="utf-8")
    mine.write_text(text, encoding="utf-8")
    assert run("procedure", str(mine)).status == 0
    mine.write_text(text.replace("act: approve", "act: aprove", 1), encoding="utf-8")
    broken = run("procedure", str(mine))
    assert (broken.status, "For example: approve" in broken.err) == (2, True)
    unknown = run("procedure", "request-9")
    assert (unknown.status, "request-two-1" in unknown.err) == (2, True)
    assert run("procedure", "--svg").status == 2
