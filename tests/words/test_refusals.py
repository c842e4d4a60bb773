"""Every refusal can be said, in both languages, with its own parameters."""

import inspect
import re

import msgspec
import pytest

from openroll.register.refusal import Refusal
from openroll.register.refusals import every_refusal
from openroll.register.request import ask, decide, rights
from openroll.register.request.made import ACTS
from openroll.register.request.words import DESIRED, GROUNDS, MISSING, OUTCOMES, REASONS, URGENCIES
from openroll.rules.procedure import procedure, procedures
from openroll.words import SENTENCES, say
from openroll.words.acts import IN_A_REQUEST, LACKING, NOT_ALLOWED
from openroll.words.catalogue import gettext
from openroll.words.requests import CODES


@pytest.mark.parametrize("kind", every_refusal(), ids=lambda kind: kind.code)
def test_a_refusal_is_said_in_both_languages(kind: type[Refusal]) -> None:
    """Each kind of refusal has words in Chinese and English that use only parameters it has."""
    params = {field.name: "x" for field in msgspec.structs.fields(kind)}
    zh, en = say(kind.code, params, "zh"), say(kind.code, params, "en")
    assert zh != en
    assert any("\u4e00" <= char <= "\u9fff" for char in zh)
    assert en.isascii()


def test_codes_are_unique_and_no_words_are_left_over() -> None:
    """No two refusals share a code, and there are no words for a refusal that is not there."""
    codes = [kind.code for kind in every_refusal()]
    assert len(set(codes)) == len(codes)
    assert set(SENTENCES) == set(codes)


@pytest.mark.parametrize("kind", every_refusal(), ids=lambda kind: kind.code)
def test_a_refusal_has_an_http_status_of_its_kind(kind: type[Refusal]) -> None:
    """Each refusal is a client's error, a passing overload or a full disk on the wire, never a success."""
    assert kind.status in (400, 401, 403, 404, 409, 413, 414, 422, 429, 431, 503, 507)


STEPS = [step for name in procedures() for step in procedure(name).steps]
ONLY_PROGRAMS_LACK = {"envelope", "complaint"}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_refusals_of_requests_name_acts_and_steps_as_people_know_them(lang: str) -> None:
    """By the page's words and the procedure's, in each language; never by a name of code."""
    for act in {*ACTS.values(), "approve", "narrow", "complain"}:
        assert gettext(lang, IN_A_REQUEST[act]) in say("not-in-this-step", {"act": act, "step": "x"}, lang)
    for step in STEPS:
        assert step.title[lang] in say("not-in-this-step", {"act": "x", "step": step.id}, lang)
    assert "telling-delayed" not in say("not-in-this-step", {"act": "x", "step": "telling-delayed"}, lang)
    for act in _not_allowed():
        said = say("not-allowed", {"act": act, "role": "officer-lead"}, lang)
        assert gettext(lang, NOT_ALLOWED[act]) in said
        assert "officer-lead" not in said
    for name in _lacking() - ONLY_PROGRAMS_LACK:
        assert gettext(lang, LACKING[name]) in say("request-incomplete", {"missing": (name,)}, lang)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_closed_list_is_said_in_words_beside_its_codes(lang: str) -> None:
    """Whoever types a code reads what it means, in their language; where nothing was chosen no empty word is quoted."""
    for known in (MISSING, REASONS, GROUNDS, OUTCOMES, URGENCIES, DESIRED):
        for value in ("", "x"):
            said = say("word-of-list", {"value": value, "known": known}, lang)
            assert all(f"{gettext(lang, CODES[one])} ({one})" in said for one in known)
            assert ("'x'" in said, "''" in said) == (bool(value), False)


@pytest.mark.parametrize(
    ("role", "act", "whom"),
    [
        ("officer", "registeruse", "a lead of your organisation"),
        ("operator-lead", "replacetoken", "Whoever sits there"),
        ("reviewer-lead", "registeruse", "the registrar"),
        ("clerk", "admitoperator", "the registrar"),
    ],
)
def test_who_may_not_is_told_whom_to_ask(role: str, act: str, whom: str) -> None:
    """The own lead for what a lead does, the seat for its own token, the registrar for what nobody of theirs may."""
    said = say("not-allowed", {"role": role, "act": act}, "en")
    assert whom in said
    assert act not in said


def _not_allowed() -> set[str]:
    """The acts that `not-allowed` names in requests: as the deciders write them, and as they are made of commands."""
    written = set(
        re.findall(r'NotAllowed\(role=by.role, act="([a-z]+)"', "".join(map(inspect.getsource, (ask, rights))))
    )
    by_authority = {move.act for step in STEPS for move in step.moves if move.by == "authority"} - {"produce"}
    return written | {kind.__name__.lower() for kind, act in ACTS.items() if act in by_authority}


def _lacking() -> set[str]:
    """Everything that `request-incomplete` may name, as the deciders write it."""
    source = "".join(map(inspect.getsource, (ask, rights, decide)))
    named = re.findall(r'missing=\("([a-z_]+)",\)|missing\.append\("([a-z_]+)"\)', source)
    wanted = re.search(r"wanted = \{(.*?)\n    \}", inspect.getsource(ask), re.DOTALL)
    assert wanted
    keys = re.findall(r'\n +"([a-z_]+)":', wanted[1])
    return {one for pair in named for one in pair if one} | {*keys, *rights._SAID, "fields"}
