"""The pages' side of requests under Node.js: it says, reads and believes what the officer's and operator's programs do."""

import hashlib
import json
import os
import subprocess
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from tests.register.lives import life
from tests.register.test_request_checked import (
    BOTH,
    DIGESTS,
    FIELDS,
    KEYS,
    OPENS,
    OTHER,
    OTHER_DIGESTS,
    SIGNER,
    SUBSTITUTES,
    answer,
    changed,
    corrected,
    filed,
    numbered,
    receipts,
)
from tests.tlog.test_corpus import node

from openroll.disclosure import Disclosure
from openroll.disclosure.envelope import HeldKey, key_line, public_line, seal
from openroll.register.event import Event
from openroll.register.request.checked import Expected, LogPosition, checked
from openroll.register.request.content import Answer, Ask, ContentUnfit, Draft, ask_of, context_of, read_ask
from openroll.register.request.needed import fewest
from openroll.register.request.one_record import WHY, suffix_rules
from openroll.register.request.record import BySubscription, Given
from openroll.register.subscription.events import SubscriptionErased, SubscriptionHeld, SubscriptionPorted
from openroll.rules.zones import zone_names
from openroll.sheet.disclosed import OwnRecord, Unfound, by_account, openings_of, receipts_of, take
from openroll.sheet.pack import Kept
from openroll.tlog import printable

ROOT = Path(__file__).parents[2]
NOW = datetime(2006, 12, 20, tzinfo=UTC)
CORPUS = Path(__file__).with_name("asks.json")
"""What officers type, good and lacking something, each with what comes of it: the ask in its one form with its case's digest, or
what it lacks by field. The commands, and the pages' code under Node.js and in Chromium, are held against it.
`OPENROLL_GOLDEN=write` writes down what comes of each."""
WHOLE = {"grounds": "g", "basis": "b", "case": "K-7", "officer": "inspector", "at": "", "zone": "", "port": ""}
BIDI = "1\u05d0.com"
"""What a browser refuses by the Bidi Rule (RFC 5893), which Node.js does not know: held in Chromium alone."""
LISTS = {"suffixes": sorted(suffix_rules()), "zones": sorted(zone_names())}


def said(*questions: list[Any]) -> list[Any]:
    """What the pages' code answers."""
    command = [node(), str(ROOT / "tests/register/requests.mjs"), str(ROOT / "frontend/src")]
    done = subprocess.run(command, input=json.dumps(questions), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: list[Any] = json.loads(done.stdout)
    return found


def asks() -> list[tuple[dict[str, str], Any]]:
    """The drafts of the corpus, whole, each with what comes of it."""
    return [(WHOLE | typed, outcome) for typed, outcome in json.loads(CORPUS.read_text("utf-8"))]


def ours(draft: dict[str, str]) -> Any:
    """What the commands make of a draft."""
    record = Given(draft["by"], draft["value"], draft["at"], draft["zone"], draft["port"])
    ask = ask_of(Draft(record, *(draft[name] for name in ("grounds", "basis", "case", "officer"))), bytes(16), NOW)
    return [ask.encoded().decode(), ask.case_digest] if isinstance(ask, Ask) else [[*one] for one in ask]


def test_the_commands_keep_to_the_corpus() -> None:
    """Every case comes to what is written down; a kind of fault that no case has would be one that nothing holds."""
    cases = json.loads(CORPUS.read_text("utf-8"))
    if os.environ.get("OPENROLL_GOLDEN") == "write":
        cases = [[typed, ours(WHOLE | typed)] for typed, _ in cases]
        CORPUS.write_text("[\n" + ",\n".join(map(json.dumps, cases)) + "\n]\n", encoding="utf-8")
    assert [(typed, outcome) for typed, outcome in cases if ours(WHOLE | typed) != outcome] == []
    assert {why for _, outcome in cases if isinstance(outcome[0], list) for _, why in outcome} == set(WHY)


def test_the_page_takes_and_seals_what_the_command_does() -> None:
    """One record, whole, in one form, byte for byte; of what is not, the same is missing in the same fields; the same context."""
    every = [(draft, outcome) for draft, outcome in asks() if draft["value"] != BIDI]
    _, *found = said(["know", LISTS], *(["ask", draft, NOW.timestamp() * 1000] for draft, _ in every))
    wrong = [(draft, outcome, page) for (draft, outcome), page in zip(every, found, strict=True) if page != outcome]
    assert wrong == []
    filed_as = {
        "authority": "a",
        "use": 1,
        "operator": "o",
        "reviewer": "r",
        "fields": ["name", "address"],
        "case_digest": "c",
    }
    (context,) = said(["context", "roll.example/t", filed_as, "ask"])
    assert context == context_of("roll.example/t", filed_as, "ask")


def test_the_page_reads_what_the_command_reads() -> None:
    """An ask that is complete in its one form is read; a blank, a further member, a range or two records in it is not."""
    good = '{"basis":"b","case":"c","grounds":"g","is":"ask","officer":"o","record":{"by":"subscription","number":"u-7"},"salt":"'
    texts = [good + "0" * 32 + '"}']
    texts += [
        texts[0].replace(*one) for one in ((":", ": "), ("u-7", "u-7,u-8"), ('"g"', '""'), ('"is"', '"x":1,"is"'))
    ]
    texts += [
        good + '0"}',
        "[]",
        "null",
        texts[0].replace('"subscription"', '"pattern"'),
        texts[0].replace("ask", "question"),
        texts[0].replace('"' + "0" * 32 + '"', '["' + "0" * 32 + '"]'),
        texts[0].replace('"by":"subscription","number":"u-7"', '"by":"domain","domain":"gov.cn"'),
        texts[0].replace('"by":"subscription","number":"u-7"', '"by":"domain","domain":"example.cn."'),
        texts[0].replace('"by":"subscription","number":"u-7"', '"by":"toString"'),
        "\ufeff" + texts[0],
    ]
    _, *read_by_page = said(["know", LISTS], *(["read", one, "ask"] for one in texts))
    for text, page in zip(texts, read_by_page, strict=True):
        try:
            read_ask(text.encode())
            read = True
        except ContentUnfit:
            read = False
        assert page == read == (text == texts[0]), text


def answers() -> list[tuple[Answer, Expected]]:
    """Answers that hold, and one for each way in which they could not."""
    other = OTHER["name"]
    told = Expected("east", FIELDS, "given", FIELDS)
    one = Expected("east", ("name",), "given", ("name",))
    own = DIGESTS[:1]
    ways = [
        (answer(), told),
        (answer(["name"]), one),
        (
            answer(["name"], outcome="partly", withheld={"address": "not-held"}),
            Expected("east", ("name", "address"), "partly", ("name",)),
        ),
        (answer(["name"], outcome="partly"), Expected("east", ("name", "address"), "partly", ("name",))),
        (answer(), one),
        (answer(["name", "name"]), one),
        (answer(["name"], disclosures=(other,), receipts=BOTH), one),
        (answer(["name"], disclosures=(other,)), one),
        (answer(["name"], disclosures=("x",)), one),
        (answer(["name"], receipts=()), one),
        (answer(["name"], receipts=(BOTH[0].replace("east", "west"),)), one),
        (answer(["name"]), one._replace(operator="west")),
        *(
            (answer(["name"], receipts=receipts(filed(DIGESTS, "west"))), one._replace(heirs=heirs))
            for heirs in ((), (("west", "east"),), (("north", "east"), ("west", "north")), (("east", "west"),))
        ),
        (answer(["name"]), one._replace(outcome="partly")),
        (answer([], outcome="not-held", receipts=()), one._replace(outcome="not-held", given=())),
        (answer(["name"], outcome="not-held"), one),
        (answer(["name"], withheld={"phone": "immunity"}), one),
        *(
            (answer(disclosures=(Disclosure.of_property("AAAA", name, "x").encoded,), withheld={}), expected)
            for name in ("toString", "__proto__", "hasOwnProperty")
            for expected in (one, Expected("east", (name,), "given", (name,)))
        ),
    ]
    facts = (changed([*own, "d" * 43]), changed(["d" * 43]), corrected(["d" * 43], own), corrected(["d" * 43], []))
    ways += [(answer(receipts=receipts(filed(DIGESTS), fact)), told) for fact in facts]
    ways += [(answer(receipts=receipts(filed(DIGESTS), fact, of={1: None})), told) for fact in facts]
    ways.append((answer(receipts=receipts(filed(DIGESTS), filed(OTHER_DIGESTS))), told))
    for fact in SUBSTITUTES:
        for names in (0, 1, None):
            log = receipts(filed(DIGESTS), filed(OTHER_DIGESTS, handle="h-2"), fact, of={2: names})
            late = one._replace(asked=LogPosition(1, "2006-11-01"))
            ways.append((answer(disclosures=(other,), receipts=(log[0], log[2])), late))
            ways.append((answer(["name"], receipts=(log[0], log[2])), late))
    ways.append((answer(["name"], receipts=receipts(filed(DIGESTS), SubscriptionHeld(by="subscriber", rule="r"))), one))
    return [*ways, *numbers()]


def numbers() -> list[tuple[Answer, Expected]]:
    """Answers to requests that name a number, or do not: opened to it, to another, to none, by what opens nothing."""
    (_, meant, _), (_, other, _) = numbered("A-1001"), numbered("B-2002", 50)
    ways = [
        *(meant, other, msgspec.structs.replace(other, number="", openings={})),
        *(msgspec.structs.replace(other, number="A-1001", openings=one.openings) for one in (meant, other)),
        *(
            msgspec.structs.replace(meant, openings=one)
            for one in (
                {"name": meant.openings["name"]},
                {**meant.openings, "fax": "A" * 22},
                {**meant.openings, "__proto__": "A" * 22},
                {**meant.openings, "name": meant.openings["name"] + "="},
                {},
            )
        ),
    ]
    told = Expected("east", FIELDS, "given", FIELDS)
    return [(one, told._replace(number=number)) for one in ways for number in (None, "", "A-1001", "Ａ1001", "B-2002")]


def test_the_page_opens_a_number_where_the_command_does(tmp_path: Path) -> None:
    """To whoever named it, with the same bytes; not to whoever named another, or a code; and a damaged opening opens nothing."""
    digests, made, kept = numbered("A-1001")
    (tmp_path / "1.tlog-proof").write_text(receipts(filed(digests))[0])
    damaged = msgspec.structs.replace(kept, openings={**made.openings, "name": "x"})
    lines = (kept, damaged, msgspec.structs.replace(kept, openings={}), msgspec.structs.replace(kept, account=""))
    cases = [(line, number) for line in lines for number in ("A-1001", "A1001", "A-1002", "")]
    pages = said(*(["answers", msgspec.to_builtins(line), FIELDS, made.receipts, number] for line, number in cases))
    for page, (line, number) in zip(pages, cases, strict=True):
        openings = openings_of(line, line.disclosures, number)
        ours_ = Answer("given", kept.disclosures, made.receipts, {}, line.account if openings else "", openings)
        assert page == ours_.encoded().decode(), (line, number)
    wrong = [
        made.encoded().decode().replace(*one)
        for one in (
            ('"number":"A-1001"', '"number":""'),
            ('"number"', '"numbers"'),
            ('"number":"A-1001"', '"number":1'),
        )
    ]
    read = said(*(["read", one, "answer"] for one in [*pages, *wrong]))
    assert read == [True] * len(pages) + [False] * len(wrong)


LIVES = [life(Random(seed)) for seed in range(250)]


def test_the_page_believes_of_an_answer_what_the_command_believes() -> None:
    """For every way in which an answer holds or does not: the same values, and the same faults by field."""
    every, keys = [*answers(), *LIVES], [[0, [str(SIGNER.verifier)]]]
    questions = []
    for made, expected in every:
        asked = {} if expected.asked is None else {"asked": expected.asked._asdict()}
        known = {name: one for name, one in expected._asdict().items() if one is not None}
        questions.append(["checked", msgspec.json.decode(made.encoded()), known | asked, keys])
    for (made, expected), (values, faults, *unsure) in zip(every, said(*questions), strict=True):
        want = checked(made, expected, KEYS)
        assert unsure == [[*want.unproved], [*want.late], [*want.unopened]], made
        assert dict(values) == want.values, (made, faults)
        assert {tuple(one) for one in faults} == {(one.field, one.why) for one in want.faults}, made


def test_the_page_shows_a_value_on_one_line_as_the_command_does() -> None:
    """Line ends, controls, marks of direction and what no font has are spelled out; every letter and blank stays."""
    texts = (
        "Li Si",
        "张三\n姓名：李四",
        "a\x00\x85\u2028\u2029b",
        "\u202egood\u200b\U000e0041",
        "\u00a0\u3000é\U00020000",
        "\uf8ff\ufffe",
    )
    assert said(*(["line", one] for one in texts)) == [printable(one) for one in texts]


def test_what_a_receipt_takes_back_is_not_in_it() -> None:
    """On the page that checks a receipt a value stands in it whose digest the body lists, and not one that it says is dropped."""
    digest = Disclosure.parse(OPENS["name"]).digest()
    bodies = [json.dumps({"by": "subscriber", part: [digest]}) for part in ("digests", "added", "dropped")]
    assert said(*(["inside", OPENS["name"], body] for body in bodies)) == [[True], [True], [False]]


def test_the_page_gives_what_was_approved_and_says_of_the_rest_why() -> None:
    """Fields that are approved and there are given, one that is kept back says why, one that is not there is not held."""
    kept = {"handle": "h-1", "disclosures": [*OPENS.values()], "decoys": [], "account": "u-7"}
    approved = ["name", "id-number", "phone"]
    ((outcome, given, withheld, fields, _),) = said(["answer", kept, approved, {"id-number": "immunity"}])
    assert (outcome, given, fields) == ("partly", [OPENS["name"]], ["name"])
    assert withheld == {"id-number": "immunity", "phone": "not-held"}
    (whole,) = said(["answer", kept, ["address"], {}])
    assert whole == ["given", [OPENS["address"]], {}, ["address"], []]


def test_the_page_puts_no_other_record_in_the_place_of_the_one_that_was_asked_about() -> None:
    """As the command: where the request's number and the operator's own are two records, both are named, and it ends."""
    accounts = ("u-13", "u-14", "A-15", "A15")
    lines = b"\n".join(msgspec.json.encode(Kept(f"h-{at}", (), (), one)) for at, one in enumerate(accounts)).decode()
    number = {"record": {"by": "subscription", "number": "u-14"}}
    marked = {"record": {"by": "subscription", "number": "A-15"}}
    between = {"record": {"by": "subscription", "number": "A/15"}}
    gone = {"record": {"by": "subscription", "number": "u-99"}}
    code = {"record": {"by": "code", "code": "1" * 16}}
    cases = [
        *((number, "", "h-1"), (number, "u-14", "h-1"), (number, "u14", "h-1"), (number, "u-13", "u-14 · u-13")),
        *((marked, "", "h-2"), (marked, "A15", "A-15 · A15"), (between, "A15", "h-3"), (gone, "u-13", "u-99 · u-13")),
        *((code, "u-13", "h-0"), (None, "u-13", "h-0")),
    ]
    found = said(*(["record", lines, ask, account] for ask, account, _ in cases))
    assert found == [["another", want] if " · " in want else want for *_, want in cases]


def test_one_record_of_several_packings_is_answered_by_what_stands_on_it(tmp_path: Path) -> None:
    """By page and command: in whatever order the files are, by the receipts; the end of it, in a later file, opens nothing."""
    old, new = (Kept("h-1", tuple(one.values()), (), "u-7") for one in (OPENS, OTHER))
    over, other = Kept("h-1", (), (), "u-7"), Kept("h-2", tuple(OTHER.values()), (), "u-8")
    files = {
        name: b"".join(msgspec.json.encode(one) + b"\n" for one in lines)
        for name, lines in {"1": [old, other], "2": [new], "3": [over]}.items()
    }
    for name, lines in files.items():
        (tmp_path / f"{name}.disclosures.ndjson").write_bytes(lines)
    (tmp_path / "2.filing.csv").write_text("no disclosures")
    facts = receipts(filed(DIGESTS), changed(OTHER_DIGESTS))
    ask = {"record": {"by": "subscription", "number": "u-7"}}
    questions: list[list[Any]] = []
    for order in ("123", "321", "213"):
        places = [tmp_path] if order == "123" else [tmp_path / f"{one}.disclosures.ndjson" for one in order]
        found = by_account(places, "u-7")
        assert [found.standing(proofs) for proofs in (facts[:1], facts)] == [old, new], order
        lines = msgspec.to_builtins(found.lines)
        questions.append(["record", [files[one].decode() for one in order], ask, ""])
        questions += (["answer", lines, FIELDS, {}, proofs] for proofs in (facts[:1], facts))
    pages = [one if isinstance(one, str) else tuple(one[1]) for one in said(*questions)]
    assert pages == ["h-1", *(take(one, FIELDS).disclosures for one in (old, new))] * 3
    assert by_account(places, "u-7").standing(()) == old, (
        "of several that no receipt tells apart the last that opens something"
    )
    (tmp_path / "none").mkdir()
    with pytest.raises(Unfound, match=r"no \*\.disclosures\.ndjson is in this folder"):
        by_account([tmp_path / "none"], "u-7")


def test_the_page_asks_whose_values_were_given_where_it_cannot_know() -> None:
    """What was answered to a code, or to what cannot be read, is told only once it was read whom that tells."""
    number, code = {"record": {"by": "subscription", "number": "u-7"}}, {"record": {"by": "code", "code": "1" * 16}}
    asks = [["sure", ask, given] for ask in (number, code, None) for given in (["name"], [])]
    assert said(*asks) == [True, True, False, True, False, True]


def test_the_page_does_not_call_missing_what_is_withheld() -> None:
    """All of it withheld is said with its reason; what the file lacks is said to be missing."""
    kept = {"handle": "h-1", "disclosures": [*OPENS.values()], "decoys": [], "account": "u-7"}
    every = [["unfound", kept, ["name", "phone"], {"name": "immunity"}], ["unfound", kept, ["phone"], {}]]
    assert said(*every) == [["all-withheld", "immunity"], ["no-field", ""]]


def lives() -> list[tuple[list[Event], list[str]]]:
    """Records as they can go, each with the disclosures that are opened: changed, corrected twice, ported, erased, another's."""
    rest, (own,) = DIGESTS[1:], DIGESTS[:1]
    streets = [Disclosure.of_property("AAAA", "address", f"Road {at}") for at in range(4)]
    name, new = OPENS["name"], [one.digest() for one in streets]
    corrections = [corrected([new[0]], [own]), *(corrected([new[at + 1]], [new[at]]) for at in range(3))]
    ported = SubscriptionPorted(losing="east", gaining="west", handle="h-9", by="operator", rule="r")
    changes = [changed([*rest, own, one]) for one in new]
    return [
        ([filed(DIGESTS)], [name]),
        ([filed(DIGESTS), *changes], [name]),
        ([filed(DIGESTS), *changes], [streets[3].encoded]),
        ([filed(DIGESTS), changed([*DIGESTS, new[0]]), changed([*DIGESTS, *new[:2]])], [streets[0].encoded]),
        ([filed(DIGESTS), *corrections], [streets[3].encoded]),
        ([filed(DIGESTS), *corrections[:2], ported, *corrections[2:]], [name, streets[3].encoded]),
        ([filed(DIGESTS), *changes[:1], SubscriptionErased(by="subscriber", rule="r")], [name]),
        ([filed(DIGESTS), filed(OTHER_DIGESTS)], [name]),
        ([filed(DIGESTS), *corrections], [OTHER["name"]]),
        ([*changes], [name]),
    ]


def test_an_answer_brings_the_same_receipts_on_both() -> None:
    """As few as prove what is given, also where a value was corrected twice, and by facts of which all, none or some name their
    record; all where none would do: the check says why."""
    nameless: list[Callable[[int], bool]] = [
        lambda _: False,
        lambda _: True,
        lambda at: at % 2 == 1,
        lambda at: at % 2 == 0,
    ]
    every = [
        (receipts(*facts, of={at: None for at in range(len(facts)) if without(at)}), opened, newest)
        for facts, opened in lives()
        for newest in (True, False)
        for without in nameless
    ]
    pages = said(*(["fewest", given, opened, newest] for given, opened, newest in every))
    for (given, opened, newest), page in zip(every, pages, strict=True):
        digests = frozenset(Disclosure.parse(one).digest() for one in opened)
        assert tuple(page) == fewest(given, digests, newest=newest)
    assert min(len(page) / len(given) for (given, _, _), page in zip(every, pages, strict=True)) < 0.5


def test_a_life_brings_the_same_receipts_on_both() -> None:
    """Whatever became of a record and whenever it was asked about, the page leaves out what the command leaves out."""
    pages = said(
        *(
            ["fewest", made.receipts, made.disclosures, True, expected.asked and expected.asked._asdict()]
            for made, expected in LIVES
        )
    )
    for (made, expected), page in zip(LIVES, pages, strict=True):
        digests = frozenset(Disclosure.parse(one).digest() for one in made.disclosures)
        assert tuple(page) == fewest(made.receipts, digests, expected.asked)


def test_an_answer_takes_the_receipts_of_its_record_on_both(tmp_path: Path) -> None:
    """Those that lead from one correction to the next are taken, another record's and what is none are left; of an answer that is
    too long the field is named whose leaving helps."""
    facts, _ = lives()[4]
    given = receipts(*facts, filed(OTHER_DIGESTS, handle="h-2"))
    kept = Kept("h-1", tuple(OPENS.values()))
    for at, receipt in enumerate((*given, "no receipt")):
        (tmp_path / f"{at}.tlog-proof").write_text(receipt)
    ((_, _, _, _, taken),) = said(["answer", msgspec.to_builtins(kept), ["name"], {}, [*given, "no receipt"]])
    assert tuple(taken) == receipts_of(OwnRecord((kept,)), [tmp_path]) == given[:-1]
    made = msgspec.json.decode(answer().encoded())
    whole = len(answer().encoded())
    assert said(["fitting", made, whole], ["fitting", made, whole - 1]) == ["", "id-number"]


def test_receipts_of_another_record_that_had_the_handle_are_taken_on_neither() -> None:
    """A handle of a record that was erased, or got another, is this one's now: of its filing and of what names it is taken."""
    facts = (
        filed(OTHER_DIGESTS),
        changed([OTHER_DIGESTS[0], DIGESTS[0]]),
        filed(DIGESTS),
        changed([*DIGESTS, "d" * 43]),
    )
    proofs = receipts(*facts, of={3: 2})
    own, other = (msgspec.to_builtins(Kept("h-1", tuple(one.values()))) for one in (OPENS, OTHER))
    taken = [one[-1] for one in said(*(["answer", kept, list(FIELDS), {}, proofs] for kept in (own, other)))]
    assert taken == [list(proofs[2:]), list(proofs[:2])]


def test_one_envelope_that_is_bad_keeps_nobody_from_the_others() -> None:
    """Garbage, another's signature, another matter, two records, what is no content: each is named, what is good is read."""
    us, them, stranger = (HeldKey(bytes([seed]) * 32) for seed in (1, 2, 3))
    good = Ask(record=BySubscription("u-7"), grounds="g", basis="b", case="K", salt="0" * 32, officer="inspector")
    two = msgspec.structs.replace(good, record=BySubscription("u-7,u-8"))
    terms = {"authority": "a", "use": 1, "operator": "o", "reviewer": "r", "fields": ["name"]}
    terms["case_digest"] = good.case_digest

    def sealed(content: bytes, part: str, by: HeldKey = them, to: HeldKey = us) -> bytes:
        return seal(content, [to.published.sealing], by.signing, context_of("roll.example/t", terms, part))

    first = sealed(good.encoded(), "ask")
    broken = first[:-1] + bytes([first[-1] ^ 1])
    every = [
        (first, "ask", ""),
        (broken, "ask", "does-not-open"),
        (b"garbage", "ask", "does-not-open"),
        (sealed(b"not json", "complete"), "complete", "unreadable"),
        (sealed(two.encoded(), "complete"), "complete", "incomplete"),
        (sealed(b"{}", "ask-back", by=stranger), "ask-back", "not-signed"),
        (sealed(good.encoded(), "ask"), "complete", "does-not-open"),
        (sealed(good.encoded(), "complete", to=stranger), "complete", None),
    ]
    names = {"ask": "request.filed/1", "complete": "request.completed/1", "ask-back": "request.asked-back/1"}
    facts = [
        terms | {"name": names[part], "by": "a/1", "envelope": hashlib.sha256(data).hexdigest()}
        for data, part, _ in every
    ]
    parts = [{"envelope": b64encode(data).decode()} for data, _, _ in every]
    _, (found, cases) = said(["know", LISTS], ["opened", parts, facts, key_line(us), public_line(them.published)])
    assert found == [[part, fault] for _, part, fault in every if fault is not None]
    assert cases == []
    _, (_, unread) = said(["know", LISTS], ["opened", parts[1:], facts, key_line(us), public_line(them.published)])
    assert unread == ["case-unread"]
