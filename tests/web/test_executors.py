"""What runs in which threads: no work whose length a sender chooses stands before anybody's page."""

import ast
import functools
import importlib
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from openroll.service.filing import correction, uploads
from openroll.web import public
from tests.web.house import House

SOURCE = Path(__file__).parents[2] / "src/openroll"
HEAVY = (
    "openroll.sheet.apart",
    "openroll.sheet.first_look",
    "openroll.sheet.reading",
    "openroll.sheet.mend",
    "openroll.service.filing.bulk",
    "openroll.service.filing.reconcile",
    "openroll.paper",
    "altair",
)
"""What grows with a file, or draws: named by who imports it, above or within a function."""
COSTLY = {"bars", "changes", "check", "fragment", "load", "parse_rule", "read_rule", "rule_of", "terms", "written"}
"""What grows with a rule or a table of figures, by the names that pages call it by."""

_BY_BOUND = {
    "a row or a few, found by a key": """
        directory.years files.version
        _admit _done address_links.allow address_links.confirm address_links.standing address_links.standing_of
        address_links.stop address_links.shown_of api_tokens.end_token api_tokens.issue_own_token
        api_tokens.issue_token api_tokens.replace_token
        audited_lookup code_flow.providers code_to_tell
        durability.measure following.oldest_copy figures.publish filing_code.end_passkey filing_code.hold_by_passkey
        filing_code.may_file_alone filing_code.open_by_code filing_code.opened filing_code.operators_record
        filing_code.passkey_for_record filing_code.passkeys_of_record filing_code.session_of_record
        filing_code.sign_in filing_code.sign_in_by_code filing_code.signed_in_by keep_contact
        organisation_of people.add_passkey people.confirm_seat people.end_passkey people.end_seat people.invitation
        people.invite people.invite_by_mail people.join_with_passkey people.passkey_for_invitation
        people.passkey_for_person people.revoke_invitation people.sign_in_without_a_way publishing queries.by_handle
        queries.by_number receipts.receipt releases.ask releases.give_up releases.release releases.second
        releases.standing_of rule_versions.eyes sessions.end sessions.end_everywhere sessions.end_others sessions.ends_with
        withheld sessions.someone settle_work sign signin_options throttle.filled throttle.give_back
        unconfirmed.place_for_a_word uploads.find witness_status work.take
        program_of ask.file_request steps.step steps.complain rights.end_use rights.publish_key rights.end_key
        rights.register_use shown.envelopes shown.one _use proofs.request_version shown.public_version
        grants.standing grants.show grants.take_back filing.step
    """,
    "a page of rows": """
        batches letters_of history lives.living notices.late porting.waiting shown.mine shown.public
        directory.search queries.page_of_acts unconfirmed.waiting uploads.history _uses
    """,
    "the organisations, seats, tokens or rules there are": """
        _seats api_tokens.live_tokens api_tokens.tokens_of_seat
        bytes_of figures.published founding lives.lives measure organisations people.organisations
        people.overview published_rules rule_versions.waiting rules_to_read seats.waiting words_of work.backlog work.queue
        words_of_today titles_in rights.published_keys proofs.successions rights.uses rights.one_use _uses
    """,
    "100 sites, each with what stands under its domains; a site with its newest 100 facts": """
        filing.faults filing.file_sites lookup.by_domain lookup.by_number lookup.own lookup.own_facts lookup.standing lookup.steps
        proved_site
    """,
    "5,000 facts of sites, of 64 windows of the log": """
        changes.changes
    """,
    "256 notices, with the keys of those who told": """
        heap_of_roll
    """,
    "what was told in a month, which PostgreSQL sums by an index": """
        told_months.version
    """,
    "what is late of requests, which an index holds alone": """
        notices.lateness
    """,
    "what is quoted of a file: 1,000 faults or handles of 80 characters at most": """
        uploads.compared uploads.quoted_faults
    """,
}
BOUNDED = {bound: set(names.split()) for bound, names in _BY_BOUND.items()}
"""Everything that pages and API ask in the threads that serve everybody, by what bounds it."""


def faces() -> Iterator[Path]:
    """The files whose work runs in those threads."""
    yield from (*(SOURCE / "web").glob("*.py"), *(SOURCE / "api").glob("*.py"), SOURCE / "service/application.py")


@functools.cache
def asked() -> dict[str, Any]:
    """What is handed to `ask` there, by its name in that file, as the function it is."""
    found: dict[str, Any] = {}
    for path in faces():
        module = importlib.import_module(".".join(("openroll", *path.relative_to(SOURCE).with_suffix("").parts)))
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            works = node.args[:1] if ast.unparse(node.func) in ("application.ask", "self.ask") else []
            if ast.unparse(node.func) == "application.ask_together":
                works = [one.elts[0] for one in node.args if isinstance(one, ast.Tuple)]
            for one in works:
                name = ast.unparse(one)
                if not name.startswith("application.simulation"):
                    found[name] = functools.reduce(getattr, name.split("."), module)
    return found


def reached(function: Any, seen: set[Any] | None = None) -> set[str]:
    """The modules of HEAVY that a function reaches through functions of ours, by the names in its code."""
    seen = set() if seen is None else seen
    function = getattr(function, "__wrapped__", function)
    if not isinstance(function, types.FunctionType) or function in seen:
        return set()
    seen.add(function)
    found: set[str] = set()
    for code in _codes(function.__code__):
        found |= {name for name in code.co_names if name.startswith(HEAVY)}
        known = [function.__globals__[name] for name in code.co_names if name in function.__globals__]
        inside = [one for one in known if isinstance(one, types.ModuleType) and one.__name__.startswith("openroll.")]
        known += [vars(one)[name] for one in inside for name in code.co_names if name in vars(one)]
        for one in known:
            home = getattr(one, "__module__", None) or ""
            if callable(one) and home.startswith(HEAVY):
                found.add(home)
            elif home.startswith("openroll."):
                found |= reached(one, seen)
    return found


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for one in code.co_consts:
        if isinstance(one, types.CodeType):
            yield from _codes(one)


def test_all_that_is_asked_beside_the_loop_is_bounded() -> None:
    """Each piece of work in the threads of pages is named here with what bounds it; a new one is thought about first."""
    assert set(asked()) == set().union(*BOUNDED.values())


@pytest.mark.parametrize("name", sorted(set().union(*BOUNDED.values())))
def test_nothing_that_pages_wait_behind_reads_a_file(name: str) -> None:
    """No such work comes to the code that reads what somebody sent, or draws: that has executors of its own."""
    assert reached(asked()[name]) == set()


@pytest.mark.parametrize("path", sorted((SOURCE / "web").glob("*.py")), ids=lambda path: path.stem)
def test_no_page_judges_compares_or_draws_on_the_loop(path: Path) -> None:
    """What runs on the loop calls nothing that grows with a rule or with the figures: a thread gets that, as a function."""
    loop = [one for one in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(one, ast.AsyncFunctionDef)]
    calls = [(one.name, node.func) for one in loop for node in ast.walk(one) if isinstance(node, ast.Call)]
    assert [(name, ast.unparse(func)) for name, func in calls if ast.unparse(func).split(".")[-1] in COSTLY] == []


@pytest.mark.parametrize("function", [uploads.send, correction.mend_and_send])
def test_the_walk_sees_what_it_should(function: Any) -> None:
    """The test above can fail: these do read what was sent."""
    assert reached(function)


def test_files_are_read_by_the_executors_of_files_alone() -> None:
    """The application hands what reads a file to `uploads` or `files`, and no page has such work itself."""
    tree = ast.parse((SOURCE / "service/application.py").read_text("utf-8"))
    methods = {node.name: ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef)}
    assert "self.executors.uploads" in methods["upload"]
    assert "self.executors.files" in methods["mend"]
    for path in (SOURCE / "web").glob("*.py"):
        text = path.read_text("utf-8")
        assert not any(name in text for name in ("sheet.apart", "first_look", "filing.correction", "filing.bulk"))


def test_what_is_the_same_for_everybody_is_drawn_once(inside: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rule, its history and a chart are made for the first reader of a language and theme, and not for those after."""
    drawn: list[str] = []

    def watched(make: Callable[..., Any]) -> Callable[..., Any]:
        def draw(*args: Any, **kwargs: Any) -> Any:
            drawn.append(make.__name__)
            return make(*args, **kwargs)

        return draw

    for name in ("_rule_body", "_history_body", "bars"):
        monkeypatch.setattr(public, name, watched(getattr(public, name)))
    paths = ("rule", "rule/history", "figures/operators/chart", "figures/operators/chart?theme=dark")
    texts = [[inside.visitor().get(f"/{lang}/{path}").content for path in paths] for lang in ("en", "zh", "en")]
    assert len(drawn) <= 2 * len(paths)
    assert texts[0][2:] == texts[2][2:]
    assert texts[0][2] != texts[0][3]
