"""Decisions that their bodies sign: the log's word of what was decided is not taken for theirs."""

import json
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.register import asked
from tests.tlog.test_corpus import node
from tests.watch import test_forged_requests as events_of_seats
from tests.watch.cheats.forge import act_of

from openroll.disclosure.envelope import EnvelopeNotOurs, HeldKey, is_signed, open_envelope, seal, sign_text
from openroll.register.decision import Accepted, Refused
from openroll.register.request import commands, events
from openroll.register.request.content import context_of
from openroll.register.request.decide import step
from openroll.register.request.signed_decisions import Judged, TimedKey, differences, judged
from openroll.watch.audit.request_decisions import step_refused
from openroll.watch.requests.lives import Lives

BODIES = {"authority": "police", "reviewer": "court", "objector": "third"}
HYBRID = HeldKey(bytes(range(32)))
IN_FORCE = {name: (TimedKey(asked.held(name).published.verifying, 0, None),) for name in asked.BODIES}


def done(facts: list[Any], command: Any, by: Any, **known: Any) -> list[Any]:
    """The facts of a request with what one more act makes."""
    decision = step(command, asked.matter(asked.after(facts), **known), by, asked.under())
    assert isinstance(decision, Accepted), decision
    return [*facts, *decision.events]


def signed(facts: list[Any], of: str = "court", by: Any = asked.REVIEWER) -> list[Any]:
    """The facts with the signature of a body's newest decision."""
    return done(facts, asked.signing(asked.after(facts), of), by, own_keys=asked.own_keys(of))


def faults(facts: list[Any], keys: Any = None) -> list[str]:
    """Of each decision that an answer rests on, why it is not its body's word: empty where it is."""
    return [one.fault for one in held(facts, keys)]


def held(facts: list[Any], keys: Any = None) -> tuple[Judged, ...]:
    """Each decision held against what its body signed, every fact at its own place in the log, from entry 100 on."""
    placed = [(100 + place, fact) for place, fact in enumerate(facts)]
    return judged(asked.after(facts).decisions, BODIES, placed, (keys or IN_FORCE).__getitem__)


NARROWED = signed(asked.reviewed())


def test_what_a_reviewer_signed_is_its_word() -> None:
    """Signed by its own key in force it holds; what was not signed is said to be unsigned."""
    assert faults(NARROWED) == [""]
    assert faults(asked.reviewed()) == ["unsigned"]


REWRITES: dict[str, dict[str, Any]] = {
    "request.filed/1": {
        "request": 2,
        "authority": "customs",
        "use": 2,
        "operator": "west",
        "objector": "third",
        "fields": ("name", "address", "phone"),
        "urgency": "emergency",
        "desired": "preserve",
        "earlier": 1,
        "envelope": "0" * 64,
        "case_digest": "0" * 64,
        "by": "police/3",
    },
    "request.narrowed/1": {
        "request": 2,
        "fields": ("name", "address"),
        "why": "more",
        "by": "court/3",
        "rule": "law@2",
        "at": asked.NOW.replace(hour=3),
    },
}
"""Another value of each member that whoever owns the database can write into a fact."""


@pytest.mark.parametrize(
    ("name", "member"), [(name, member) for name, members in REWRITES.items() for member in members]
)
def test_nothing_of_a_decision_is_rewritten_under_its_signature(name: str, member: str) -> None:
    """The decision widened, moved to another request or moment, or the request that it is on: it was signed otherwise."""
    rewritten = [
        msgspec.structs.replace(one, **{member: REWRITES[name][member]}) if one.name == name else one
        for one in NARROWED
    ]
    if name == "request.filed/1" and member in ("urgency", "desired"):  # the step it begins in takes no approval
        texts = [text for _, text in asked.after(NARROWED).decisions]
        filed = asked.after(rewritten[:1])
        assert all(filed.filed_as not in text for text in texts)
        return
    assert faults(rewritten) == ["otherwise"]
    (one,) = held(rewritten)
    assert {name for name, *_ in differences(one.text, one.signed)} & {"fields", "filed", "decided", "asked", "request"}


def test_what_differs_is_said_by_its_fields() -> None:
    """The log has two fields and another kind of fact, the reviewer signed one: each is named with what it has."""
    wide = events.RequestApproved(
        **(msgspec.structs.asdict(NARROWED[1]) | {"fields": asked.FIELDS})  # as the trigger of an attacker did
    )
    (one,) = held([NARROWED[0], wide, NARROWED[2]])
    assert one.fault == "otherwise"
    said = {name: rest for name, *rest in differences(one.text, one.signed)}
    assert said["fields"] == ["name,address", "name"]
    assert said["act"] == ["request.approved/1", "request.narrowed/1"]


def test_a_signature_is_of_one_round() -> None:
    """What was sent anew is another matter: an approval of what was asked before does not hold for it."""
    filed = asked.reviewed()[:1]
    again = done(filed, commands.ReturnIncomplete(request=1, missing=("port",)), asked.REVIEWER)
    envelope = asked.sealed(b"443", ("police", "court", "east"))
    again = done(again, commands.CompleteRequest(request=1, envelope=envelope), asked.OFFICER)
    approve = commands.Approve(request=1, fields=("name",), why="enough")
    anew = done(again, approve, asked.REVIEWER)
    assert faults([*anew, NARROWED[-1]]) == ["otherwise"]
    assert faults(signed(anew)) == [""]


def test_a_key_signs_while_it_is_in_force() -> None:
    """One that was published later, or had ended before, signs nothing; one that ended since signed all the same."""
    (key,) = (one.verifying for one in IN_FORCE["court"])
    at = 100 + len(NARROWED) - 1
    cases = {(0, None): "", (0, at + 1): "", (0, at): "no-key", (0, at - 1): "no-key", (at, None): "no-key"}
    for (published, ended), fault in cases.items():
        assert faults(NARROWED, {"court": (TimedKey(key, published, ended),)}) == [fault], (published, ended)
    assert faults(NARROWED, {"court": ()}) == ["no-key"]
    assert faults(NARROWED, {"court": IN_FORCE["police"]}) == ["no-key"]


def test_another_bodys_signature_is_none() -> None:
    """The authority signs the reviewer's decision, by its own seat and key: nobody's word, and no decider takes it."""
    facts = asked.reviewed()
    forged = msgspec.structs.replace(asked.signing(asked.after(facts)), key=asked.held("police").published.verifying.id)
    forged = msgspec.structs.replace(forged, signature=sign_text(forged.decision, asked.held("police").signing))
    state = asked.matter(asked.after(facts), own_keys=asked.own_keys("police"))
    assert isinstance(step(forged, state, asked.OFFICER, asked.under()), Refused)
    of = {name: getattr(forged, name) for name in ("decision", "key", "signature")} | {"at": asked.NOW, "rule": ""}
    for organisation, by, fault in (("police", "police/2", "unsigned"), ("court", "court/2", "no-key")):
        fact = events.RequestSigned(request=1, by=by, organisation=organisation, **of)
        assert faults([*facts, fact]) == [fault]


def test_each_whose_yes_it_takes_signs_it() -> None:
    """A second reviewer, the third body and whoever confirms an emergency: one of two signatures is not both."""
    two = done(asked.reviewed(by="request-two-1"), commands.SecondApproval(request=1), asked.SECOND_REVIEWER)
    assert faults(two) == ["unsigned", "unsigned"]
    second = signed(two, by=asked.SECOND_REVIEWER)
    assert faults(second) == ["unsigned", ""], "the second's is not the first's"
    window = asked.reviewed(
        by="request-objection-1",
        objector="third",
        envelope=asked.sealed(b"who is a-1?", ("police", "court", "east", "third")),
    )
    let = done(signed(window), commands.LetPass(request=1), asked.OBJECTOR)
    assert faults(let) == ["", "unsigned"]
    assert faults(signed(let, "third", asked.OBJECTOR)) == ["", ""]
    urgent = asked.reviewed()[:1]
    urgent = [msgspec.structs.replace(urgent[0], urgency="emergency")]
    urgent = done(urgent, commands.CallBack(request=1, number=asked.OFFICE), asked.CLERK)
    urgent = done(urgent, commands.ConfirmEmergency(request=1), asked.SECOND)
    assert faults(urgent) == ["unsigned"]
    assert faults(signed(urgent, "police", asked.SECOND)) == [""]


def refused(command: Any, facts: list[Any], by: Any = asked.REVIEWER, of: str = "court") -> str:
    """The code by which signing is refused."""
    decision = step(command, asked.matter(asked.after(facts), own_keys=asked.own_keys(of)), by, asked.under())
    assert isinstance(decision, Refused), decision
    return decision.refusal.code


def test_what_is_signed_otherwise_is_not_taken() -> None:
    """Another text, another key, a signature of something else, and where nothing was decided or all is over."""
    facts = asked.reviewed()
    right = asked.signing(asked.after(facts))
    wrong = [
        msgspec.structs.replace(right, decision=right.decision.replace("fields=name", "fields=name,address")),
        msgspec.structs.replace(right, signature=sign_text("something else", asked.held("court").signing)),
        msgspec.structs.replace(right, signature=right.signature + "="),
        asked.signing(asked.after(facts), by=asked.held("police")),
    ]
    assert [refused(one, facts) for one in wrong] == ["signature-unfit"] * len(wrong)
    spoilt = msgspec.structs.replace(NARROWED[-1], signature=sign_text("spoilt", asked.held("court").signing))
    assert faults([*facts, spoilt]) == ["signature"]
    assert faults(signed([*facts, spoilt])) == [""], "it is signed once more"
    assert refused(right, facts[:1]) == "not-in-this-step"
    ended = done(facts, commands.WithdrawRequest(request=1, why="solved"), asked.OFFICER)
    assert refused(right, [*ended, asked_told(ended)]) == "not-in-this-step"


def asked_told(facts: list[Any]) -> events.NobodyTold:
    """That there was nobody to be told, by which a request ends."""
    return events.NobodyTold(request=1, at=facts[-1].at, by="east/2", rule="law@1")


@settings(max_examples=40, deadline=None)
@given(text=st.text(max_size=60), other=st.text(max_size=60), hybrid=st.booleans())
def test_a_text_is_signed_by_its_key_alone(text: str, other: str, hybrid: bool) -> None:
    """Of any text: by both suites, in one form, of no other text, by no other key, and no half of a signature is one."""
    key = HYBRID if hybrid else asked.held("court")
    try:
        signature = sign_text(text, key.signing)
    except UnicodeEncodeError:
        assert not is_signed(text, "", key.published.verifying)
        return
    own = key.published.verifying
    assert is_signed(text, signature, own)
    assert is_signed(other, signature, own) is (text == other)
    for wrong in (signature + "=", signature + "\n", signature[:-4], signature[:86], "", "é", "A" * 5000):
        assert wrong == signature or not is_signed(text, wrong, own)
    assert not is_signed(text, signature, asked.held("police").published.verifying)


def test_the_page_judges_alike() -> None:
    """Texts, faults and keys as here; what it signs holds here, and what is signed here holds there, by both suites."""
    wide = events.RequestApproved(**(msgspec.structs.asdict(NARROWED[1]) | {"fields": asked.FIELDS}))
    two = done(asked.reviewed(by="request-two-1"), commands.SecondApproval(request=1), asked.SECOND_REVIEWER)
    spoilt = msgspec.structs.replace(NARROWED[-1], signature=NARROWED[-1].signature[:-2] + "AA")
    lives = [
        NARROWED,
        asked.reviewed(),
        [NARROWED[0], wide, NARROWED[2]],
        [*NARROWED[:-1], spoilt],
        two,
        signed(two, by=asked.SECOND_REVIEWER),
    ]
    last = 100 + len(NARROWED) - 1
    times = [(0, None), (0, last), (last, None), (0, last + 1)]
    cases = [(life, time) for life in lives for time in (times if life is NARROWED else times[:1])]
    script = (
        f"const [s, k] = await Promise.all(['desk-signed.js', 'envelope-keys.js'].map((one) => import({SRC_URI} + one)));"
        f"const {{ cases, lines, seed, text, ours }} = {json.dumps(given_to_page(cases))}, out = [];"
        "for (const { facts, served, from, ended } of cases) {"
        " const until = () => ended, over = ended !== null;"
        " const keys = async (name) => [{ published: k.publishedOf(lines[name]), ended: over, from, until }];"
        " const all = await s.judged(Object.assign(facts, { served }), keys);"
        " out.push(all.map(({ party, text, fault }) => [party, text, fault])); }"
        "const held = k.heldKey(Uint8Array.from(seed)), said = s.signing(text, held), own = held.published.verifying;"
        "console.log(JSON.stringify([out, said.signature, k.isStatement(text, ours, own),"
        " k.isStatement(`${text} `, ours, own), k.isStatement(text, `${ours}=`, own)]));"
    )
    answer = subprocess.run([node(), "--input-type=module", "-e", script], capture_output=True, text=True, check=False)
    found, theirs, *held_there = json.loads(answer.stdout or "null") or pytest.fail(answer.stderr)
    keys = [{"court": (TimedKey(asked.held("court").published.verifying, *time),)} for _, time in cases]
    assert found == [
        [[one.party, one.text, one.fault] for one in held(life, known)]
        for (life, _), known in zip(cases, keys, strict=True)
    ]
    assert is_signed("a decision", theirs, HYBRID.published.verifying)
    assert held_there == [True, False, False]


def test_an_audit_counts_what_was_signed() -> None:
    """Of what was given, by the keys of the log itself: signed, by the log's word alone, and by a key that had ended."""
    (line,) = asked.own_keys("court")
    of = {"organisation": "court", "key": asked.held("court").id, "rule": "law@1"}
    seat = events_of_seats.joined("court/1", "reviewer-lead")
    key = events.KeyPublished(public=line.strip(), by="court/1", **of)
    end = events.KeyEnded(why="", by="court/1", **of)
    begin = [*events_of_seats.known(), seat, key]
    given = events.RequestAnswered(
        request=1, at=asked.NOW, by="east/2", rule="law@1", outcome="partly", fields=("name",), envelope="a" * 64
    )
    cases = {
        (*NARROWED, given): (1, 0, (), 0),
        (*asked.reviewed(), given): (1, 1, (1,), 0),
        (*asked.reviewed(), end, NARROWED[-1], given): (1, 0, (), 1),
        (*NARROWED, end, given): (1, 0, (), 0),
        tuple(NARROWED): (0, 0, (), 0),
    }
    for facts, expected in cases.items():
        lives = Lives()
        for place, fact in enumerate([*begin, *facts]):
            lives.take(place, act_of(fact, f"{asked.NOW.date()}").entry)
        assert not lives.left_out.count, str(lives.left_out)
        found = lives.signed()
        assert (found.decisions, found.unsigned, found.requests, len(found.otherwise)) == expected


def test_what_an_earlier_version_followed_is_not_judged() -> None:
    """A request in a monitor's state from before signatures has no texts to hold one against: nothing is said of it."""
    request = asked.after(asked.reviewed())
    assert step_refused(NARROWED[-1], request, None, 0) == ""
    early = msgspec.structs.replace(request, filed_as="", asked="", decisions=())
    assert step_refused(NARROWED[-1], early, None, 0) == ""
    other = msgspec.structs.replace(NARROWED[-1], decision="another")
    assert "signature-unfit" in step_refused(other, request, None, 0)


SRC_URI = json.dumps((Path(__file__).parents[2] / "frontend/src").as_uri() + "/")


def given_to_page(cases: list[tuple[list[Any], tuple[int, int | None]]]) -> dict[str, Any]:
    """What the page's script is given: facts as it proves them, keys, and a text that is signed here."""
    return {
        "cases": [
            {
                "facts": [
                    msgspec.to_builtins(one)
                    | {"name": one.name, "entry": {"position": 100 + place, "day": "2006-11-28"}}
                    for place, one in enumerate(life)
                ],
                "served": [f"{one.name} {one.body()}" for one in life],
                "from": published,
                "ended": ended,
            }
            for life, (published, ended) in cases
        ],
        "lines": {name: asked.own_keys(name)[0] for name in asked.BODIES},
        "seed": list(bytes(range(32))),
        "text": "a decision",
        "ours": sign_text("a decision", HYBRID.signing),
    }


def test_a_registrar_cannot_widen_what_was_asked() -> None:
    """What an officer asked opens under the fields that were asked for and no others: the log's word of them is held by it."""
    filed = msgspec.structs.asdict(asked.reviewed()[0])
    key = asked.held("east")
    asks = context_of("roll", filed, "ask")
    envelope = seal(b"who is a-1?", [key.published.sealing], asked.held("police").signing, asks)
    signers = [asked.held("police").published.verifying]
    assert open_envelope(envelope, key.private, signers, asks) == b"who is a-1?"
    for member, value in (
        ("fields", ("name", "address", "phone")),
        ("use", 2),
        ("reviewer", "friend"),
        ("operator", "west"),
    ):
        with pytest.raises(EnvelopeNotOurs):
            open_envelope(envelope, key.private, signers, context_of("roll", filed | {member: value}, "ask"))
