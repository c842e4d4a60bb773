"""What the sizes of sealed things tell whoever passes them on: nothing. And no answer is too long to be given."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from tests.register import asked
from tests.register.test_request_checked import DIGESTS, OPENS, changed, check, corrected, filed, receipts

from openroll import tlog
from openroll.cli.requests.answering import _fitting
from openroll.cli.requests.reading import show_public
from openroll.disclosure import digests_of
from openroll.disclosure.envelope import HYBRID, HeldKey, most_content, seal
from openroll.register.decision import Accepted
from openroll.register.event import Event
from openroll.register.request import commands
from openroll.register.request.ask import file_request
from openroll.register.request.content import MOST_LINE, MOST_TEXT, Answer, AnswerBack, Ask, Question, ask_lacks
from openroll.register.request.decide import step
from openroll.register.request.needed import fewest
from openroll.register.request.record import ByDomain
from openroll.register.request.refusals import EnvelopeUnfit
from openroll.register.request.words import ANSWER, KIB, TEXT
from openroll.sheet import disclosed
from openroll.sheet.pack import Kept

HEAD = (
    tlog.Signer.from_seed("roll.example/t", bytes([1]) * 32, "ed25519"),
    tlog.Signer.from_seed("roll.example/t", bytes([2]) * 32, "ml-dsa-44"),
)
KEYS = [HeldKey(bytes([n]) * 32, HYBRID) for n in range(1, 17)]
MOST = most_content([KEYS[0].published.sealing], KEYS[1].signing)


def long_receipts(*facts: Event) -> tuple[str, ...]:
    """Receipts as long as a roll gives them, whose log has both kinds of keys."""
    note = tlog.Checkpoint("roll.example/t", 1, bytes(32))
    plain, both = (len(tlog.sign_checkpoint(note, keys, timestamp=1)) for keys in (HEAD[:1], HEAD))
    return tuple(one + "x" * (both - plain) for one in receipts(*facts))


def moved(times: int) -> list[Event]:
    """A record that changed so often: its address is another each time."""
    rest = [digest for digest in DIGESTS if digest != digest_in("address")]
    addresses = [
        digests_of({"address": f"Road {at}"}, {"address": bytes([at + 2]) * 16}, [])[0][0] for at in range(times)
    ]
    return [filed(DIGESTS), *(changed([*rest, one]) for one in addresses)]


def digest_in(name: str) -> str:
    """The digest of a field as it was filed."""
    (digest,) = disclosed.digests_of(Kept("h-1", (OPENS[name],)))
    return digest


def made(names: Sequence[str], given: Sequence[str]) -> Answer:
    """An answer that gives these fields, with all the receipts there are."""
    return Answer(outcome="given", disclosures=tuple(OPENS[name] for name in names), receipts=tuple(given))


def test_the_size_of_an_answer_tells_nothing_of_how_often_a_record_changed() -> None:
    """One size for a record that never changed, and for one that changed forty times; and each answer is one that holds."""
    sizes = set()
    for times in (0, 1, 5, 13, 40):
        answer = _fitting(made(["name"], long_receipts(*moved(times))), MOST, None)
        sealed = seal(answer.encoded(), [KEYS[0].published.sealing], KEYS[1].signing, asked.CONTEXT, pad_to=ANSWER)
        sizes.add(len(sealed))
        assert len(answer.receipts) == min(times + 1, 2)
        assert check(made(["name"], fewest(receipts(*moved(times)), frozenset({digest_in("name")}))), ["name"]).good
    assert len(sizes) == 1


def test_receipts_between_are_given_where_one_leads_to_the_other() -> None:
    """A value that was corrected twice is proved by the filing and both corrections, of a change before them nothing is told."""
    streets = [digests_of({"address": f"Road {at}"}, {"address": bytes([at + 2]) * 16}, []) for at in range(3)]
    (one, _), (two, opens), (three, _) = ((digests[0], by_name["address"].encoded) for digests, by_name in streets)
    facts = (
        filed(DIGESTS),
        corrected([one], [digest_in("address")]),
        changed([digest_in("name"), one]),
        corrected([two], [one]),
    )
    whole = receipts(*facts)
    answer = Answer(outcome="given", disclosures=(opens,), receipts=fewest(whole, frozenset({two})))
    assert len(answer.receipts) == 3
    assert check(answer, ["address"]).good
    # What stands no longer on the record is not made good by leaving out what took it away.
    assert fewest(whole, frozenset({digest_in("address")})) == whole
    assert fewest(whole, frozenset({three})) == whole
    assert fewest(["no receipt", *whole], frozenset({two})) == answer.receipts


def test_a_receipt_that_names_no_record_is_left_out_where_one_that_does_is_enough() -> None:
    """A value that a change of before tags and a change of after them both have is proved by the second alone."""
    (new,), opened = digests_of({"address": "Road 1"}, {"address": bytes([2]) * 16}, [])
    facts = (filed(DIGESTS), changed([DIGESTS[0], new]), changed([new]))
    given = fewest(receipts(*facts, of={1: None}), frozenset({new}))
    assert given == (receipts(*facts, of={1: None})[0], receipts(*facts, of={1: None})[2])
    made = Answer(outcome="given", disclosures=(opened["address"].encoded,), receipts=given)
    assert check(made, ["address"]).proved


def test_the_receipts_of_a_value_corrected_twice_are_found(tmp_path: Path) -> None:
    """None of the digests between stands in the operator's file of today; the receipts lead from one to the other."""
    streets = [digests_of({"address": f"Road {at}"}, {"address": bytes([at + 2]) * 16}, []) for at in range(2)]
    one, two = (digests[0] for digests, _ in streets)
    facts = (filed(DIGESTS, handle="h-old"), corrected([one], [digest_in("address")]), corrected([two], [one]))
    now = Kept("h-1", (OPENS["name"], streets[1][1]["address"].encoded))
    for at, receipt in enumerate(receipts(*facts, filed(["other"], handle="h-2"))):
        (tmp_path / f"{at}.tlog-proof").write_text(receipt)
    assert (
        disclosed.receipts_of(disclosed.OwnRecord((now,)), [tmp_path])
        == receipts(*facts, filed(["other"], handle="h-2"))[:3]
    )


def test_an_answer_that_no_envelope_takes_says_what_to_withhold(capsys: pytest.CaptureFixture[str]) -> None:
    """A field that was corrected so often that its proofs fill an envelope is named; without it the rest is given."""
    streets = [digests_of({"address": f"Road {at}"}, {"address": bytes([at + 2]) * 16}, []) for at in range(20)]
    digests = [digest_in("address"), *(each[0][0] for each in streets)]
    facts = [filed(DIGESTS), *(corrected([new], [old]) for old, new in pairwise(digests))]
    both = Answer(
        outcome="given",
        disclosures=(OPENS["name"], streets[-1][1]["address"].encoded),
        receipts=long_receipts(*facts),
    )
    with pytest.raises(SystemExit):
        _fitting(both, MOST, None)
    assert "--withhold address=impossible" in "".join(capsys.readouterr().err.split("\n")).replace("\n", "")
    assert len(_fitting(made(["name"], long_receipts(*facts)), MOST, None).receipts) == 1


def test_the_longest_text_fits_into_the_one_size() -> None:
    """Grounds, questions and answers to them of the most characters there may be, each of four bytes, to sixteen keys."""
    text, line = "\U00020000" * MOST_TEXT, "\U00020000" * MOST_LINE
    domain = ByDomain(domain=".".join(["a" * 59] * 4) + ".example")
    ask = Ask(record=domain, grounds=text, basis=line, case=line, salt="0" * 32, officer=line)
    assert not [one for one in ask_lacks(ask) if one.field != "officer"]
    to = [key.published.sealing for key in KEYS]
    for content in (ask, Question(text=text), AnswerBack(text=text), Question(text="?")):
        whole = seal(content.encoded(), to, KEYS[0].signing, "m", pad_to=TEXT)
        assert len(whole) == len(seal(b"", to, KEYS[0].signing, "m", pad_to=TEXT))


SEALED: list[tuple[Any, str, Any]] = [
    (lambda data: commands.CompleteRequest(request=1, envelope=data), "incomplete", asked.OFFICER),
    (lambda data: commands.AskBack(request=1, envelope=data), "under-review", asked.REVIEWER),
    (lambda data: commands.AnswerBack(request=1, envelope=data), "asked-back", asked.OFFICER),
    (lambda data: commands.Answer(request=1, outcome="not-held", envelope=data), "with-operator", asked.CLERK),
]
READERS = (("police", "court", "east"), ("police", "court"), ("police", "court"), ("police",))


@pytest.mark.parametrize(("act", "readers"), list(zip(SEALED, READERS, strict=True)), ids=lambda one: str(one)[-20:])
def test_the_register_takes_no_envelope_of_another_size(act: tuple[Any, str, Any], readers: tuple[str, ...]) -> None:
    """A program that fills up otherwise is refused, whatever is in the envelope: shorter, longer, or the size of another part."""
    command, where, who = act
    state = asked.matter(asked.in_step(where))
    for size in (KIB, 2 * KIB, TEXT + KIB, ANSWER if readers != ("police",) else TEXT):
        to = [asked.held(one).published.sealing for one in readers]
        refused = step(
            command(seal(b"x", to, asked.held("police").signing, asked.CONTEXT, pad_to=size)), state, who, asked.under()
        )
        assert isinstance(getattr(refused, "refusal", None), EnvelopeUnfit), (where, size)
    assert isinstance(step(command(asked.sealed(b"x", readers)), state, who, asked.under()), Accepted)


def test_a_request_is_of_one_size_too() -> None:
    """As it is filed: what names the record and why could be counted otherwise."""
    to = [asked.held(one).published.sealing for one in ("police", "court", "east")]
    for size in (KIB, 8 * KIB, ANSWER):
        envelope = seal(b"who?", to, asked.held("police").signing, asked.CONTEXT, pad_to=size)
        refused = file_request(asked.whole(envelope=envelope), asked.asking(), asked.OFFICER, asked.under())
        assert isinstance(getattr(refused, "refusal", None), EnvelopeUnfit), size


def test_what_receipts_show_in_public_is_said_with_an_answer(capsys: pytest.CaptureFixture[str]) -> None:
    """Approved was a name: handle, kind, access, district and the day of each fact go out with it, and that is said."""
    moved = receipts(filed(DIGESTS), changed(DIGESTS))
    made = Answer(outcome="given", disclosures=(OPENS["name"],), receipts=moved)
    result = check(made, ["name"])
    assert result.good
    show_public(result)
    said = capsys.readouterr().out
    for told in (
        "handle: h-1",
        "kind: household",
        "access: adsl",
        "district: 500103",
        "connected: 2006-11-01",
        "on: 2006-11-02",
    ):
        assert told in said
    assert "whatever was approved" in said
    assert "entry 0" in said
    assert DIGESTS[0] not in said
    show_public(result._replace(receipts=()))
    assert not capsys.readouterr().out
