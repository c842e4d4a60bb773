"""What the checks find in the shipped rules: the expectations of facts/rules.md, sentence by sentence."""

from datetime import date

import msgspec
import pytest

from openroll.rules import (
    NEEDED_TO_OPEN,
    SAFEGUARDS,
    Duty,
    Field,
    Finding,
    Measure,
    Retention,
    Rule,
    Statement,
    check,
    load,
    obstacles,
    shipped,
)

SAFE = ("notification-2006", "cn-cq-2006-regulation+with-safeguards")
TABLE = [
    "legality",
    "aim",
    "minimal",
    "bearer",
    "choice",
    "no-cut-off",
    "court",
    "cap",
    "innocence",
    "correction",
    "hearing",
    "appeal",
    "ladder",
    "prior-review",
    "no-bulk",
    "told",
    "retention",
    "purpose",
    "apart",
    "rights",
    "report",
    "review",
    "realistic",
    "misuse",
]


def found(rule: Rule) -> dict[str, Finding]:
    """The findings of a rule by safeguard."""
    return {finding.id: finding for finding in check(rule)}


def test_there_are_the_24_safeguards_of_the_table() -> None:
    """Every rule is held against all of the table, in its order."""
    for ref in (*shipped(), *SAFE):
        assert [finding.id for finding in check(load(ref))] == TABLE


def test_the_notice_fails_nearly_all() -> None:
    """The notice of July 2006 keeps at most two of the safeguards, and none of the ten that guard a person."""
    outcomes = {name: one.outcome for name, one in found(load("cn-cq-2006-notice")).items()}
    assert sum(outcome == "passed" for outcome in outcomes.values()) <= 2
    person = ("bearer", "choice", "no-cut-off", "court", "correction", "hearing", "appeal", "prior-review", "told")
    assert {outcomes[name] for name in person} == {"failed"}


@pytest.mark.parametrize(
    ("ref", "safeguard", "outcome"),
    [
        *[("cn-cq-2006-regulation", name, "passed") for name in ("bearer", "correction")],
        *[("cn-cq-2006-regulation", name, "failed") for name in ("court", "hearing", "appeal", "told", "retention")],
        ("ph-ra11934-2022", "no-cut-off", "failed"),
        ("ph-ra11934-2022", "retention", "failed"),
        ("ph-ra11934-2022", "correction", "failed"),
        ("de-tkg172", "retention", "passed"),
        ("de-tkg172", "told", "failed"),
        ("cn-mps33-1997", "bearer", "passed"),
        ("cn-mps33-1997", "cap", "failed"),
        ("cn-mps33-1997", "legality", "failed"),
        ("cn-mps33-1997", "realistic", "not-stated"),
        ("cn-cq-2006-notice", "realistic", "failed"),
    ],
)
def test_the_rule_stands_with_the_safeguard(ref: str, safeguard: str, outcome: str) -> None:
    """Each expectation of facts/rules.md holds for the rule as it ships."""
    assert found(load(ref))[safeguard].outcome == outcome


@pytest.mark.parametrize("ref", SAFE)
def test_the_proposals_pass_everything(ref: str) -> None:
    """`notification-2006` and the safeguarded regulation pass every check, say they are proposals, and open."""
    rule = load(ref)
    assert [one.id for one in check(rule) if one.outcome != "passed"] == []
    assert obstacles(rule) == ()
    assert rule.status == "proposal"
    assert rule.notes


@pytest.mark.parametrize("ref", shipped())
def test_no_law_that_ships_opens_a_live_roll_by_itself(ref: str) -> None:
    """Every shipped rule but the proposal has obstacles: checks that a live roll needs, or that fail gravely, with a witness."""
    hindered = obstacles(load(ref))
    assert all(one.id in NEEDED_TO_OPEN or one.grave for one in hindered)
    assert all(one.witness for one in check(load(ref)) if one.outcome == "failed")
    assert bool(hindered) == (ref not in SAFE)


def test_a_finding_says_where_its_threshold_comes_from() -> None:
    """Each finding carries a basis, a source, what was seen and a reason (in every language: tests/words/test_findings.py)."""
    for ref in shipped():
        for one in check(load(ref)):
            assert one.basis in ("source", "policy")
            assert all((str(one.threshold), one.source, str(one.seen), str(one.reason)))


def test_thresholds_stricter_than_some_courts_are_called_policy() -> None:
    """The ones marked P in the table are our policy, and `choice` names the judgments against it."""
    policy = {safeguard.id for safeguard in SAFEGUARDS if safeguard.basis == "policy"}
    assert policy == {
        "legality",
        "bearer",
        "choice",
        "no-cut-off",
        "cap",
        "correction",
        "appeal",
        "report",
        "review",
        "realistic",
    }
    assert "Breyer" in found(load("de-tkg172"))["choice"].source


def changed(**values: object) -> Rule:
    """The safeguarded regulation with one thing changed."""
    return msgspec.structs.replace(load(SAFE[1]), **values)


def stating(name: str, **values: object) -> Rule:
    """The safeguarded regulation that says something else of one safeguard."""
    rule = load(SAFE[1])
    statement = msgspec.structs.replace(rule.safeguards[name], **values)
    return changed(safeguards=rule.safeguards | {name: statement})


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("told", stating("told", days=91)),
        ("told", stating("told", days=None)),
        ("told", stating("told", by="police")),
        ("told", stating("told", present=False)),
        ("prior-review", stating("prior-review", by="police")),
        ("prior-review", stating("prior-review", by="registrar")),
        ("no-bulk", stating("no-bulk", records=2)),
        ("appeal", stating("appeal", suspends=False)),
        ("appeal", stating("appeal", by="registrar")),
        ("hearing", stating("hearing", days=4)),
        ("hearing", stating("hearing", notice_days=6)),
        ("correction", stating("correction", days=13)),
        ("rights", stating("rights", days=31)),
        ("report", stating("report", days=367)),
        ("review", stating("review", days=1097)),
        ("retention", changed(retention=Retention(period="P13M"))),
        ("retention", changed(retention=None)),
        ("purpose", changed(purposes=())),
        ("minimal", changed(minimum=("name",))),
    ],
)
def test_one_step_over_the_threshold_fails(name: str, rule: Rule) -> None:
    """A number one beyond the threshold, or the wrong decider, fails that safeguard and no other."""
    assert [one.id for one in check(rule) if one.outcome != "passed"] == [name]


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("told", stating("told", days=0, by=None)),
        ("correction", stating("correction", days=14)),
        ("rights", stating("rights", days=30)),
        ("appeal", stating("appeal", by="court")),
        ("retention", changed(retention=Retention(period="P1Y"))),
    ],
)
def test_exactly_the_threshold_passes(name: str, rule: Rule) -> None:
    """The threshold itself is good enough."""
    assert found(rule)[name].outcome == "passed"


def test_cutting_a_household_off_fails_whoever_decides() -> None:
    """Even a court may not cut a person off for not filing: `no-cut-off` looks at the person, `court` at the decider."""
    measure = msgspec.structs.replace(
        load("cn-cq-2006-notice").measure("off-network"), decider="court", cap="P30D", step=4, after_correction=True
    )
    rule = changed(measures=(*load(SAFE[1]).measures, measure))
    assert [one.id for one in check(rule) if one.outcome != "passed"] == ["no-cut-off"]


def test_a_month_is_not_thirty_days() -> None:
    """A cap of one month can last 31 days and fails `cap`; thirty days pass."""
    for cap, outcome in (("P1M", "failed"), ("P30D", "passed"), (None, "failed")):
        off = msgspec.structs.replace(
            load("cn-cq-2006-regulation").measure("off-network"), decider="court", cap=cap, step=4
        )
        assert found(changed(measures=(*load(SAFE[1]).measures, off)))["cap"].outcome == outcome


def test_an_activity_field_keeps_a_roll_shut() -> None:
    """A field about what someone does online fails `apart`, and that alone is an obstacle."""
    rule = load(SAFE[1])
    visited = msgspec.structs.replace(rule.fields[-1], activity=True)
    assert [one.id for one in obstacles(changed(fields=(*rule.fields[:-1], visited)))] == ["apart"]


def test_saying_nothing_is_not_the_same_as_failing() -> None:
    """A safeguard that the rule does not mention is not stated, and still an obstacle where a roll needs it."""
    rule = load(SAFE[1])
    silent = changed(safeguards={name: one for name, one in rule.safeguards.items() if name != "told"})
    assert found(silent)["told"].outcome == "not-stated"
    assert [one.id for one in obstacles(silent)] == ["told"]


def test_nothing_unconfirmed_is_encoded() -> None:
    """The 3,000 yuan of the notice, the fields of both forms and the regulation's article numbers are notes, not values."""
    notice, regulation = load("cn-cq-2006-notice"), load("cn-cq-2006-regulation")
    assert [one.kind for one in notice.measures] == ["warning", "suspension"]
    assert any("3,000" in note["en"] for note in notice.notes)
    assert {one.article for one in regulation.measures} == {"not confirmed"}
    assert (notice.fields, regulation.fields) == ((), ())
    assert {field.source for field in load(SAFE[1]).fields} == {"ours"}


def test_every_value_is_said_in_both_languages_with_its_article() -> None:
    """Each duty, measure and field of each shipped rule has Chinese, English and an article to look at."""
    for ref in (*shipped(), *SAFE):
        rule = load(ref)
        titled: list[Duty | Measure | Field] = [*rule.duties, *rule.measures, *rule.fields]
        for one in titled:
            assert any("\u4e00" <= letter <= "\u9fff" for letter in one.title["zh"])
            assert one.title["en"].isascii() or "及时" in one.title["en"]
            assert one.article


def test_words_and_dates_are_what_the_facts_say() -> None:
    """The days on which the rules came into force, and the fine of the regulation, are those of facts/rules.md."""
    in_force = {
        "cn-cq-2006-notice": date(2006, 7, 7),
        "cn-cq-2006-regulation": date(2006, 12, 1),
        "cn-mps33-1997": date(1997, 12, 30),
        "ph-ra11934-2022": date(2022, 10, 28),
    }
    assert {ref: load(ref).in_force for ref in in_force} == in_force
    fine = load("cn-cq-2006-regulation").measure("fine")
    assert fine.fine_from is not None
    assert fine.fine_to is not None
    assert (int(fine.fine_from.amount), int(fine.fine_to.amount), fine.fine_to.currency) == (1000, 3000, "CNY")
    assert load("cn-cq-2006-notice").title == {
        "zh": "关于加强国际联网备案管理的通告",
        "en": "Notice on strengthening filing management of the Internet",
    }
    assert load("de-tkg172").safeguards["told"] == Statement(
        present=False, article="the person is not told of each access"
    )
