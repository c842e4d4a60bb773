"""Whatever is put on record fits into the log and is what it looks like: of every command, whichever face it came from."""

import sys
import unicodedata
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.register import asked
from tests.register import test_site_record as site_record

from openroll.disclosure.envelope import public_line
from openroll.register.command import Command
from openroll.register.decision import Accepted, Refused
from openroll.register.kinds import KINDS, decided
from openroll.register.log_keys.commands import BeginKeys, FinishKeys, RevokeKeys
from openroll.register.log_keys.state import LogKeys
from openroll.register.official import Under
from openroll.register.organisation import commands as organisation
from openroll.register.organisation.lives import Life, Offered
from openroll.register.organisation.roles import Seat
from openroll.register.organisation.seats import KEEPERS, Confirming, Member
from openroll.register.organisation.state import Inviting, Issuing, Replacing, Seated, Seating, Token
from openroll.register.refusals import ActTooLong, TextUnfit
from openroll.register.request import commands as request
from openroll.register.request.state import Keys, Matter, Registering
from openroll.register.roll import commands as roll
from openroll.register.roll.decide import Roll, RuleStanding
from openroll.register.roll.rule_readings import Words
from openroll.register.roll.rule_versions import Proposal, Proposing
from openroll.register.site import commands as site
from openroll.register.site.decide import Known
from openroll.register.site.events import Sighting
from openroll.register.subscription.commands import Lapse, LookUp
from openroll.register.texts import is_one_line, unfit, unfit_text
from openroll.tlog import Entry, Signer

NOW = datetime(2006, 11, 28, tzinfo=UTC)
TODAY, LATER = NOW.date(), date(2007, 1, 1)
UNDER = Under("law@1", TODAY, NOW)
LEAD = Member(
    Seat("registrar", 1), "registrar-lead", True, True, (Seat("registrar", 1),), frozenset({Seat("registrar", 1)})
)
NEW = Member(Seat("registrar", 2), "registrar", True, False, (Seat("registrar", 2),))
HEIRS = Member(Seat("west", 1), "operator-lead", True, True, (Seat("west", 1),))
ANNOUNCED = Life(True, True, LATER, Offered("west", LEAD, LATER))
STANDING = RuleStanding("law@2", ("open",), "Asia/Shanghai")
KEY, OTHER = (Signer.from_seed("roll.example", bytes([at]) * 32, "ed25519").verifier for at in (1, 2))
KEYS = LogKeys(now=(KEY,), leaving=(), ever=frozenset({str(KEY)}), size=9, under_way=False)
TEXT = {"en": "East"}
_SITE = Known(msgspec.structs.replace(site_record.filed(), began=TODAY, filed=TODAY), site_record.TERMS)
TOKEN = Replacing(Token(NOW, None, False), 2)

_POLICE_LEAD = asked.seated("police", 1, "officer-lead")
_PAIR = ("police", "court")
_STEPS: tuple[tuple[request.Step, str, Member], ...] = (
    (request.OpenRequest(request=1), "under-review", asked.REVIEWER),
    (request.ReturnIncomplete(request=1, missing=("port",), why="which port?"), "under-review", asked.REVIEWER),
    (
        request.CompleteRequest(request=1, envelope=asked.sealed(b"443", ("police", "court", "east"))),
        "incomplete",
        asked.OFFICER,
    ),
    (request.AskBack(request=1, envelope=asked.sealed(b"why?", _PAIR, "court")), "under-review", asked.REVIEWER),
    (request.AnswerBack(request=1, envelope=asked.sealed(b"so", _PAIR)), "asked-back", asked.OFFICER),
    (request.CallBack(request=1, number=asked.OFFICE), "to-confirm", asked.CLERK),
    (request.ConfirmEmergency(request=1), "to-confirm", asked.SECOND),
    (request.Approve(request=1, fields=("name",), why="enough"), "under-review", asked.REVIEWER),
    (request.SecondApproval(request=1), "second-review", asked.SECOND_REVIEWER),
    (request.Refuse(request=1, reason="other", why="not so"), "under-review", asked.REVIEWER),
    (request.Object(request=1, ground="privilege", why="a lawyer's"), "objection-window", asked.OBJECTOR),
    (request.LetPass(request=1), "objection-window", asked.OBJECTOR),
    (
        request.PostponeTelling(request=1, until=asked.NOW + timedelta(days=9), why="it goes on"),
        "under-review",
        asked.REVIEWER,
    ),
    (
        request.ExtendTime(request=1, until=asked.NOW + timedelta(days=3), why="much to read"),
        "under-review",
        asked.REVIEWER,
    ),
    (request.WithdrawRequest(request=1, why="solved"), "under-review", asked.OFFICER),
    (request.Produce(request=1, later=2), "kept", asked.OFFICER),
    (request.Preserve(request=1), "to-preserve", asked.CLERK),
    (
        request.Answer(
            request=1, outcome="partly", fields=("name",), envelope=asked.sealed(b"Li", ("police",), "east")
        ),
        "with-operator",
        asked.CLERK,
    ),
    (
        request.Tell(request=1, notice=asked.notice(), bucket=7, complaint=asked.COMPLAINT),
        "to-tell",
        asked.CLERK,
    ),
    (request.TellNobody(request=1), "to-tell", asked.CLERK),
    (request.Complain(request=1, word=asked.WORD), "told", asked.CLERK),
    (request.PassTime(request=1), "", LEAD),
)


def _matter(step: str) -> Matter:
    by = {"second-review": "request-two-1", "objection-window": "request-objection-1"}.get(step, "request-1")
    of = {"called_back": True, "approved": asked.FIELDS, "opened": frozenset({"east"}), "complaint": asked.COMPLAINT}
    of["answered"] = "not-held"
    if not step:  # its time is over
        return asked.matter(asked.filed(now=asked.NOW - timedelta(days=11)))
    return asked.matter(asked.in_step(step, by, **of))


REQUESTS: tuple[tuple[Command, Any, Member], ...] = (
    (
        request.PublishKey(public=public_line(asked.held("police").published).strip()),
        Keys("authority", frozenset()),
        _POLICE_LEAD,
    ),
    (request.EndKey(key="k", why="lost"), Keys("authority", frozenset({"k"})), _POLICE_LEAD),
    (
        request.RegisterUse(
            purpose=0,
            basis="article 100",
            fields=("name",),
            supervisor="The commissioner",
            supervised_at="c@s.example",
            office=asked.OFFICE,
        ),
        Registering("authority", frozenset({"name"}), 1, 1),
        _POLICE_LEAD,
    ),
    (request.EndUse(use=1, why="over"), asked.USE, _POLICE_LEAD),
    (asked.whole(), asked.asking(), asked.OFFICER),
    *((command, _matter(step), by) for command, step, by in _STEPS),
    (
        asked.signing(asked.after(asked.reviewed())),
        asked.matter(asked.after(asked.reviewed()), own_keys=asked.own_keys("court")),
        asked.REVIEWER,
    ),
)
"""The same of requests, each step in the step of the procedure that takes it."""

ACCEPTED: tuple[tuple[Command, Any, Member], ...] = (
    (
        roll.OpenRoll(roll="east", title=TEXT, registrar=TEXT, jurisdiction="cn@1"),
        Roll(standing=STANDING, zones=("Asia/Shanghai",)),
        KEEPERS,
    ),
    (
        roll.Propose(starts=LATER, ref="law", digest="1", rule="{}", jurisdiction="cn@1", bundle="{}"),
        Proposing(STANDING, "law@1", "cn@1", "cn@1", ("Asia/Shanghai",), 1),
        LEAD,
    ),
    (roll.Publish(proposal=1), Proposal("law@2", "cn@1", LATER, KEEPERS, STANDING, (LEAD, HEIRS)), LEAD),
    (roll.Drop(proposal=1), Proposal("law@2", "cn@1", LATER, KEEPERS, STANDING, None), LEAD),
    (roll.ReadRule(digest="2", words="3"), Words("law@2", "3", (LEAD,)), HEIRS),
    (roll.PublishFigures(figures="{}", digest="1"), False, LEAD),
    (roll.SettleWork(number=1, outcome="done"), "mail", LEAD),
    (roll.DepositEscrow(on=TODAY, holder="The archive", digest="1", size=1), None, LEAD),
    (roll.RestoreLog(kind="dump", to="", restored="1", size=1, seen=1, lost=0), None, LEAD),
    (roll.BeginLog(before="b", checkpoint="c", size=1, keys=("k",), carried=1, why="lost", number=1), None, LEAD),
    (organisation.AdmitOrganisation(organisation="police", kind="authority", title=TEXT), frozenset(), LEAD),
    (organisation.AdmitOperator(operator="east", title=TEXT, kind="carrier"), frozenset(), LEAD),
    (
        organisation.Invite(organisation="registrar", role="registrar", label="x", digest=b""),
        Inviting("registrar", 0),
        LEAD,
    ),
    (organisation.WithdrawInvitation(organisation="registrar", digest=b""), "registrar", LEAD),
    (organisation.GiveCodes(organisation="registrar"), "operator", LEAD),
    (organisation.OfferSuccession(operator="east", heir="west"), Life(True, True, LATER), LEAD),
    (organisation.WithdrawSuccession(operator="east", why="mistaken"), ANNOUNCED, LEAD),
    (organisation.Succeed(operator="east", heir="west"), ANNOUNCED, HEIRS),
    (organisation.LeaveRoll(operator="east", why="gone"), Life(True, False, LATER), LEAD),
    (organisation.SetProvider(organisation="east", issuer="https://id.example", client_id="us"), "operator", KEEPERS),
    (
        organisation.Join(digest=b"", handle=b""),
        Seating("registrar", "registrar", "registrar", "registrar/1", True, 3),
        LEAD,
    ),
    (
        organisation.CreateSeat(organisation="registrar", role="registrar", label="x", handle=b"", digest=b""),
        Seating("registrar", "registrar", "registrar", "registrar/1", True, 3),
        LEAD,
    ),
    (organisation.Leave(organisation="registrar", seat=2), Seated(True, frozenset({1})), LEAD),
    (organisation.ConfirmSeat(organisation="registrar", seat=2), Confirming(NEW, None, LATER), LEAD),
    (organisation.IssueToken(organisation="east", label="billing", digest=b""), Issuing("operator", None, 1), KEEPERS),
    (organisation.ReplaceToken(organisation="east", token=1, digest=b"", overlap=7), TOKEN, KEEPERS),
    (organisation.EndToken(organisation="east", token=1, why="found on a wall"), TOKEN, LEAD),
    (BeginKeys(new=(OTHER,), reason="yearly"), KEYS, LEAD),
    (FinishKeys(reason="yearly"), msgspec.structs.replace(KEYS, now=(KEY, OTHER), leaving=(KEY,)), LEAD),
    (RevokeKeys(revoked=(KEY,), new=(OTHER,), unbelieved_from=3, lost=False, reason="stolen"), KEYS, LEAD),
    (LookUp(number=1), True, LEAD),
    (site_record.FILE, site_record.TERMS, site_record.by()),
    (site.ChangeSite(site=7, on=site_record.TODAY, services="maps"), _SITE, site_record.by()),
    (site.CheckSite(site=7, control="word"), _SITE, site_record.by()),
    (site.SeeSite(site=7, state="silent", sightings=(Sighting(place="", at=0, answers=False),)), _SITE, KEEPERS),
    (site.EndSite(site=7, on=TODAY), _SITE, site_record.by()),
    *REQUESTS,
)
"""Of every command that makes an official fact, one that is accepted: command, what is known of its record, who asks."""

ODD = st.sampled_from(["A", "域", "\x00", "\n", "\u202e", "\u2069", "\x85", "\u2028", "\ud800"])
TEXTS = st.builds(lambda char, many: char * many, ODD, st.sampled_from([1, 60, 101, 256, 501, 22_000, 70_000]))


def test_every_command_that_makes_an_official_fact_is_held_to_it() -> None:
    """The table below names all of them but the clock's own, which says nothing in words; and all of it is accepted."""
    official = {command for kind in KINDS.values() if kind.official for command in kind.deciders}
    assert {type(command) for command, *_ in ACCEPTED} == official - {Lapse}
    for command, state, by in ACCEPTED:
        assert isinstance(decided(command, state, by, UNDER), Accepted), command


@pytest.mark.parametrize("case", ACCEPTED, ids=lambda case: type(case[0]).__name__)
@settings(max_examples=6, deadline=None)
@given(text=TEXTS, data=st.data())
def test_no_accepted_command_makes_an_entry_that_the_sequencer_refuses(
    case: Any, text: str, data: st.DataObject
) -> None:
    """Whatever stands in a text of it, it is refused, or its facts have an entry, and none holds what nobody sees."""
    command, state, by = case
    fields = [name for name in command.__struct_fields__ if isinstance(getattr(command, name), str | dict | tuple)]
    if not fields:
        return
    field = data.draw(st.sampled_from(fields))
    was = getattr(command, field)
    put: Any = {"en": text} if isinstance(was, dict) else (text,) if isinstance(was, tuple) else text
    if isinstance(was, tuple) and was and isinstance(was[0], Sighting):
        put = (*was, *[msgspec.structs.replace(was[0], place=text, signature=text)] * 500)
    elif isinstance(was, tuple) and was and not isinstance(was[0], str):
        put = tuple(Signer.from_seed("roll.example", bytes([at]) * 32, "ed25519").verifier for at in range(3, 203)) * 10
    decision = decided(msgspec.structs.replace(command, **{field: put}), state, by, UNDER)
    if isinstance(decision, Refused):
        return
    for event in decision.events:
        entry = Entry(event.name, str(TODAY), bytes(32), event.body()).encode()
        assert not any(mark in entry.decode() for mark in "\u202e\u2069\x85\u2028\x00")


def test_characters_nobody_sees_are_those_of_unicodes_categories() -> None:
    """Of all there are, those of Cc, Zl, Zp and Cs and the marks of direction are refused; three of them may break lines."""
    turning = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    unseen = {
        char for char in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(char) in ("Cc", "Zl", "Zp", "Cs")
    }
    unseen |= set(turning)
    every = "".join(char for char in map(chr, range(sys.maxunicode + 1)) if char not in unseen)
    assert is_one_line(every)
    assert unfit_text(every, len(every)) is None
    for char in unseen:
        assert not is_one_line(char)
        assert (unfit_text(char, 1, lines=True) is None) == (char in "\n\r\t")
        assert (wrong := unfit_text(char, 1)) is not None
        assert wrong.begins == f"\\u{ord(char):04x}"


@pytest.mark.parametrize("text", ["A" * 101, "East\u202emoc", "East\nWest", "East\x1b[2J"])
def test_a_title_that_is_too_long_or_not_what_it_looks_like_is_refused(text: str) -> None:
    """A title of 101 characters, one that turns the writing, two lines, a terminal's commands: refused, and shown harmlessly."""
    for command, state, by in ACCEPTED:
        if hasattr(command, "title"):
            decision = decided(msgspec.structs.replace(command, title={"en": text}), state, by, UNDER)
            assert isinstance(decision, Refused)
            assert isinstance(decision.refusal, TextUnfit)
            assert decision.refusal.begins.isprintable()


@pytest.mark.parametrize(
    "text", ["\u200b", "\u2060 \u00ad", "\u3164\u115f", "\u2800", "\ufe0f", "\u200d\u200d", "\ufeff"]
)
def test_a_text_of_which_nothing_shows_is_none(text: str) -> None:
    """Zero-width characters, fillers and selectors by themselves are no name of anybody, and no reason."""
    nobody = site.FileSite(
        **{n: getattr(site_record.FILE, n) for n in site_record.FILE.__struct_fields__} | {"sponsor": text}
    )
    for command in (nobody, site.ChangeSite(site=7, on=TODAY, services=text), roll.SettleWork(number=1, outcome=text)):
        assert (wrong := unfit(command)) is not None
        assert wrong.begins.isascii()
    assert unfit_text(f"{text}域", 20) is None


def test_words_that_join_and_lines_of_a_reason_are_taken() -> None:
    """What writing needs is no odd character: joiners of Indic and Persian words, and lines in a reason."""
    title = {"hi": "क्\u200dष", "fa": "می\u200cشود"}
    assert unfit(organisation.AdmitOperator(operator="east", title=title, kind="carrier")) is None
    assert unfit(roll.SettleWork(number=1, outcome="rang\r\nand wrote")) is None


def test_an_act_of_many_keys_is_refused_as_too_long() -> None:
    """Where each text of an act is short and all together are not, the act is refused."""
    decision = decided(BeginKeys(new=(OTHER,) * 1_200, reason="many"), KEYS, LEAD, UNDER)
    assert isinstance(decision, Refused)
    assert isinstance(decision.refusal, ActTooLong)
