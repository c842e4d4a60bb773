"""The registry of what can happen: every kind of event has all it needs, and everything that is written goes one way."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import FunctionType

import pytest

from openroll.register.command import Command
from openroll.register.event import Emptied, Event
from openroll.register.events import EVENTS
from openroll.register.kind import Kind
from openroll.register.kinds import KINDS, OFFICIAL, TABLES, decider_of, refusals_of
from openroll.register.organisation import refusals as organisation
from openroll.register.organisation import seats
from openroll.register.refusal import Refusal
from openroll.register.refusals import every_refusal
from openroll.register.site.kinds import KINDS as SITES
from openroll.rules.language import PRESET_LANGUAGES
from openroll.service.mail.message import TEMPLATES
from openroll.service.projections import MAILS, PROJECTIONS, WAYS
from openroll.words.catalogue import gettext
from openroll.words.labels import EVENTS as SENTENCES
from openroll.words.labels import words
from openroll.words.refusals import SENTENCES as REFUSED
from tests.register.answers import answers, answers_in

SOURCE = Path(__file__).parents[2] / "src" / "openroll"
ALL = tuple(kind for kind in KINDS.values() if kind.deciders)
READ_ONLY = tuple(kind for kind in KINDS.values() if not kind.deciders)
"""Older versions of a kind: read for ever, and never made again."""

COMMANDS = tuple(command for kind in ALL for command in kind.deciders)
NAMED = tuple(sorted({one for command in COMMANDS for one in refusals_of(command)}, key=lambda one: one.code))
"""Every refusal that some decider may answer."""
OF_THE_SERVICE = {
    "clock-wrong": "the roll's clock, before anything is decided",
    "roll-held": "the roll's state, before anything is decided",
    "code-wrong": "the form of a code that a face was given",
    "passkey-has-a-seat": "a passkey of a person, which no event tells of",
    "filing-faulty": "the columns of a filing, before there is a command",
    "key-missing": "the form of a request",
    "key-reused": "what was sent before under one key",
    "log-keys-unclear": "the keys that a machine holds",
    "not-in-log-yet": "the log, when a receipt is asked for",
    "acted-too-often": "how much a body did in requests already, before its act is decided",
    "too-many-sites": "how many came at once, before any is decided",
    "too-many-acts": "how many acts a day took of the record already, before it is read",
    "jurisdiction-faulty": "the form of a jurisdiction's texts, before there is a command",
    "rule-faulty": "the form of a rule's text, before there is a command",
}
"""Refusals of a record's room that no decider answers, each with what finds it out."""


def every_subclass(of: type[object]) -> Iterator[type[object]]:
    """The classes that were made of a class, through however many others."""
    for made in of.__subclasses__():
        yield made
        yield from every_subclass(made)


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.name)
def test_a_kind_has_a_decider_a_command_a_projection_and_a_sentence(kind: Kind) -> None:
    """Each kind is made by a command, decided by a pure function, shown by a table or not for a reason, and said in words."""
    assert kind.deciders
    for command, decider in kind.deciders.items():
        decide = decider.decide
        assert decider_of(command) is decide
        assert decide.__module__.startswith("openroll.register.")
        assert not _reaches_out(decide.__module__), decide.__module__
    assert callable(PROJECTIONS[kind.event]) or len(str(PROJECTIONS[kind.event])) > 20
    said = {lang: words(lang, SENTENCES, kind.name) for lang in PRESET_LANGUAGES}
    assert all(said.values())
    assert len(set(said.values())) == len(PRESET_LANGUAGES), said


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_a_decider_answers_with_the_refusals_that_the_registry_names_and_no_others(command: type) -> None:
    """What a decider can answer to a command, read from its source, is what stands beside it: nothing is missing or too much."""
    decide = decider_of(command)
    assert isinstance(decide, FunctionType)
    assert answers(decide, command) == refusals_of(command)


def test_a_refusal_that_no_entry_names_is_found() -> None:
    """The reading of deciders sees what is answered behind calls, in one branch of a command, and by way of another module."""

    class Ask(Command, frozen=True): ...

    class Tell(Command, frozen=True): ...

    known = {"Ask": Ask, "Tell": Tell, "seats": seats, "organisation": organisation, "refusal_of": seats.may_act}
    source = """
def decide(command, by):
    if isinstance(command, Ask):
        return organisation.LastLead() if by is None else None
    match command:
        case Tell() if by:
            return refusal_of(by)
        case _:
            return organisation.NameShape(value="")
"""
    assert answers_in(source, known, Ask) == {organisation.LastLead}
    told = {organisation.SeatGone, organisation.SeatWaiting, organisation.NameShape}
    assert answers_in(source, known, Tell) == told


@pytest.mark.parametrize("refusal", NAMED, ids=lambda refusal: refusal.code)
def test_a_refusal_has_a_code_a_status_and_a_sentence_in_each_language(refusal: type[Refusal]) -> None:
    """Each refusal that the registry names is told by its code, with an HTTP status of a client's fault, in every language."""
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", refusal.code)
    assert [one for one in every_refusal() if one.code == refusal.code] == [refusal]
    assert 400 <= refusal.status < 500
    said = {lang: gettext(lang, REFUSED[refusal.code]) for lang in PRESET_LANGUAGES}
    assert len(set(said.values())) == len(PRESET_LANGUAGES), said


def test_every_refusal_of_a_record_is_named_or_is_of_the_service() -> None:
    """No refusal stands in a record's room that its deciders never answer, but those that a use case finds out by itself."""
    rooms = {
        f"openroll.register.{room}.refusals"
        for room in ("subscription", "organisation", "roll", "log_keys", "request", "site")
    }
    idle = {one for one in every_refusal() if one.__module__ in rooms} - set(NAMED)
    assert {one.code for one in idle} == set(OF_THE_SERVICE)


@pytest.mark.parametrize("kind", READ_ONLY, ids=lambda kind: kind.name)
def test_an_older_version_of_a_kind_is_read_as_the_newest(kind: Kind) -> None:
    """It says how, and what it is read as is made by a command."""
    name, _, version = kind.name.partition("/")
    newer = [one for one in ALL if one.name.partition("/")[0] == name]
    assert [int(one.name.partition("/")[2]) > int(version) for one in newer] == [True]
    assert "as_now" in vars(kind.event)


def _reaches_out(module: str) -> bool:
    """Whether a module imports anything that reads a clock, draws randomness or reaches outside."""
    path = SOURCE / Path(*module.split(".")[1:]).with_suffix(".py")
    taken = re.findall(r"^(?:from|import) ([\w.]+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    return bool({"os", "secrets", "random", "psycopg", "time", "socket"} & {name.partition(".")[0] for name in taken})


def _is_whole(one: type[object]) -> bool:
    """Whether a class of ours is of one kind, and not what several have in common."""
    return one.__module__.startswith("openroll.") and not one.__subclasses__()


def test_every_event_stands_in_the_registry_once() -> None:
    """No event class is outside of it, but for what is left of an erased fact; no name stands in two tables."""
    known = {kind.event for kind in KINDS.values()}
    assert {one for one in every_subclass(Event) if _is_whole(one)} - known == {Emptied}
    assert len(KINDS) == sum(len(table) for table in TABLES)
    assert {name: kind.event for name, kind in KINDS.items()} == EVENTS
    assert set(PROJECTIONS) == {kind.event for kind in ALL}


def test_every_command_is_one_that_a_kind_names_and_has_a_way() -> None:
    """No command is decided by nobody; those of official acts have a way in the service, and no way is for nothing."""
    named = {command for kind in ALL for command in kind.deciders}
    assert {one for one in every_subclass(Command) if _is_whole(one)} == named
    official = {command for kind in ALL if kind.official for command in kind.deciders}
    lapse = {command for command in official if command.__name__ == "Lapse"}  # the clock's, decided as filings are
    private = {
        command for kind in SITES if not kind.official for command in kind.deciders
    }  # filed one by one, as acts are
    assert set(WAYS) == official - lapse | private


def test_every_mail_tells_of_a_kind() -> None:
    """Each template of a mail tells of a kind of event that the registry names, and each it names is there."""
    of_no_event = {"upload-done": "of a file's own state", "reminder-due": "of a day", "trial": "of an address"} | {
        "confirm-address": "of an address that nobody has confirmed"
    }
    assert {*MAILS.values(), *of_no_event} == set(TEMPLATES)
    assert set(MAILS) <= set(EVENTS.values())


def test_what_is_public_is_a_property_of_the_kind() -> None:
    """The public kinds are those that say so of themselves, and the store asks for these by name and for no role."""
    assert set(OFFICIAL) == {name for name, kind in KINDS.items() if kind.event.official}
    for path in (SOURCE / "store").rglob("*.py"):
        assert not re.search(r"\brole\s*(=|<>|in)\s*\(?'registrar", path.read_text(encoding="utf-8")), path


def test_events_are_written_by_one_writer_alone() -> None:
    """Events are appended, inserted and copied by service/acts.py, through the store, and nowhere else."""
    writes = re.compile(r"events\.append\(|insert into event\b|copy event\b|copy_in\([^)]*\"event\"", re.IGNORECASE)
    found = {str(path.relative_to(SOURCE)) for path in SOURCE.rglob("*.py") if writes.search(_code(path))}
    assert {place for place in found if not place.startswith(("store/", "bench/"))} == {"service/acts.py"}


def test_sql_stands_in_store_alone() -> None:
    """No statement is executed, and none is written, outside the store; `bench` measures bare PostgreSQL beside it."""
    executes = re.compile(r"\.(execute|executemany|copy)\(\s*(f?\"|f?'|sql\.|_[A-Z])")
    writes = re.compile(r"\"\s*(select\s.+\sfrom\s|insert into\s|update\s\w+\sset\s|delete from\s)", re.IGNORECASE)
    for path in SOURCE.rglob("*.py"):
        if path.relative_to(SOURCE).parts[0] not in ("store", "bench"):
            assert not executes.search(_code(path)), path
            assert not writes.search(_code(path)), path


def test_no_face_imports_the_store() -> None:
    """Pages, programs and commands ask use cases; also an import inside a function is one (import-linter sees the others too)."""
    for face in ("web", "api", "rdap", "cli"):
        for path in (SOURCE / face).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                assert not (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("openroll.store")), path


@cache
def _code(path: Path) -> str:
    """A file without its comments and docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if (
            isinstance(body, list)
            and body
            and isinstance(body[0], ast.Expr)
            and isinstance(body[0].value, ast.Constant)
        ):
            body[0] = ast.copy_location(ast.Pass(), body[0])
    return ast.unparse(tree).replace("'", '"')
