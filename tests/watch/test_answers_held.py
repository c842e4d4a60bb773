"""What a roll answers is held to what was asked: the answer for another number or body, every fact of it true, is none.

Each place where a command or a page asks a roll stands here, with what holds its answer. One that is new is named until it does.
"""

import ast
import json
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from openroll.tlog import KeyHistory
from openroll.watch.requests.proved import Unproved, own_keys
from tests.register.test_request_checked import SIGNER, receipts
from tests.tlog.test_corpus import node
from tests.watch.test_proved import LOG, OWN, SRC, approved, served
from tests.watch.test_request_witnesses import NOT_OF_POLICE, OF_POLICE

ROOT = Path(__file__).parents[2]
WRAPPERS = frozenset({"json_at", "pages", "sent", "_marked"})
"""What asks a roll by its client, which comes first."""
ROLLS = frozenset({"api", "at.api()", "asking.api", "RollApi(roll)", "sources.roll", "self.public"})

A_GRANT = "tests/cli/test_giving.py::test_what_is_said_of_another_grant_is_said_of_none"
A_GRANT_ON_A_PAGE = "tests/web/journeys/test_giving.py::test_slowed_down_is_neither_good_nor_bad"
A_RECORD = "tests/cli/test_receipt_fetch.py::test_a_record_is_the_one_that_was_asked_for"
A_RECEIPT = "tests/cli/test_receipt_fetch.py::test_what_is_no_receipt_of_the_fact_is_not_written"
A_USE = "tests/watch/test_request_witnesses.py::test_a_use_is_what_its_receipt_proves_of_its_authority"
A_USE_TO_ASK_UNDER = "tests/cli/test_refusals_are_no_answer.py::test_a_use_is_the_one_that_was_asked_for"
A_REQUEST = "tests/watch/test_request_witnesses.py::test_a_request_is_the_one_that_was_asked_for"
KEYS = "tests/watch/test_answers_held.py::test_keys_are_of_the_body_that_was_asked_about"
ON_PAGES = "tests/watch/test_answers_held.py::test_the_page_takes_no_answer_about_another"
HISTORY = "tests/tlog/test_key_history.py::test_a_broken_chain_of_handovers_proves_nothing"
SEALED = "tests/cli/test_odd_envelopes.py::test_what_was_left_out_is_said_and_nothing_is_decided_on_the_rest"
GIVEN_OUT = "tests/cli/test_notice_list.py::test_a_notice_that_is_not_given_out_is_said"
GIVEN_OUT_ON_A_PAGE = "tests/register/test_request_compared.py::test_a_notice_is_where_the_log_has_it_on_both_sides"
HEAPS = "tests/cli/test_notice_list.py::test_heaps_that_would_tell_who_fetches_them_are_not_fetched"
HEAPS_ON_A_PAGE = "tests/register/test_request_compared.py::test_what_may_be_ones_own_is_looked_for_on_both_sides"
LISTS = "tests/cli/test_notice_proved.py::test_what_the_log_never_has_is_a_lie"
LISTS_OF_BEFORE = (
    "tests/cli/test_notice_proved.py::test_a_roll_that_calls_itself_older_hides_no_telling_of_an_old_request"
)
READ_BACK = "tests/cli/test_acts_read_back.py::test_what_the_log_has"
READ_BACK_ON_A_PAGE = "tests/watch/test_read_back.py::test_the_page_judges_each_case_so"
LOOKED_FOR = "tests/cli/test_acts_read_back.py::test_what_was_refused_or_not_answered_is_looked_for"
BY_ENVELOPE = "tests/cli/test_acts_read_back.py::test_a_request_that_was_not_answered_is_known_by_its_envelope"
HEAD = "tests/cli/test_acts_read_back.py::test_a_head_is_of_this_log_and_signed_by_its_keys"
LOOKED_FOR_ON_A_PAGE = "tests/watch/test_read_back.py::test_the_page_looks_after_a_refusal"
HEAD_ON_A_PAGE = "tests/watch/test_read_back.py::test_the_page_looks_after_a_refusal"
OWN_TELLINGS_LISTED = "tests/cli/test_own_tellings.py::test_what_is_read_of_the_roll_and_what_not"
OWN_TELLINGS = "tests/cli/test_own_tellings.py::test_a_word_that_is_none_of_its_own_is_named"
KEYS_OF_THE_ROLL = "- the keys that a roll gives of its log are said to be its own word; --log-key holds by others"
LISTS_ON_A_PAGE = "tests/register/test_request_compared.py::test_command_and_page_read_the_same_notices"
ORIGINS = "tests/cli/test_odd_envelopes.py::test_what_was_sealed_before_the_log_was_begun_anew_opens"
COUNTED = "tests/service/requests/test_year.py::test_one_missing_entry_of_any_kind_is_noticed"
FIGURES = "tests/watch/cheats/test_untrue.py::test_figures_of_the_moment_that_are_not_of_this_log"
PUBLISHED = "tests/watch/cheats/test_untrue.py::test_a_published_file_that_is_not_the_one_of_the_digest"
RULES = "tests/watch/rules/test_fetch.py::test_a_lie_is_refused"
GIVEN = "tests/register/test_given_in_page.py::test_the_page_makes_and_checks_the_same"
WRAPPED = "- whoever calls it stands here"
DONE = "- that it was done is said as the roll's word, and nothing rests on the answer"
A_NUMBER = "- a new number, of which nothing is believed: what is asked for by it is held to it"
SHOWN = "- shown as the roll's word, each row with whose it is"
FIELDS = "- which fields have a digest: whatever is answered, no value of them travels"
A_SITE = "tests/cli/test_site_filing.py::test_a_site_is_shown_by_number_or_domain"
A_SITE_SEEN = "tests/cli/test_site_sightings.py::test_facts_of_another_site_are_not_believed"
SIGNED_SIGHTINGS = "tests/cli/test_site_sightings.py::test_each_place_s_signature_is_held_against_what_the_fact_says"
SITES_BACK = "tests/cli/test_site_filing.py::test_a_filing_that_was_rewritten_is_named"
SITES_LOOKED_FOR = "tests/cli/test_site_filing.py::test_what_was_refused_or_not_answered_is_looked_for"
SITES_COUNTED = "tests/cli/test_site_recount.py::test_figures_that_the_log_does_not_count_to_are_told"
A_CLOCK = "- said to be the roll's clock, beside this machine's"
A_COUNTRY = "- the country that an export names; `--country` says otherwise"
OWN_PAGE = "- a page's act at its own roll, which could give it another script"

STEPS, PAGE = "f'requests/{number}/steps'", "f'{path}&before={page[-1].number}'"
HELD_BY = {
    "cli/requests/own_tellings.py hold log": OWN_TELLINGS,
    "cli/requests/own_tellings.py _listed requests/own?ended=true": OWN_TELLINGS_LISTED,
    "cli/requests/public_part.py _by_months path": LISTS,
    "cli/requests/public_part.py _by_numbers f'requests?before={page[-1].number}'": LISTS_OF_BEFORE,
    "cli/requests/public_part.py _by_numbers requests": LISTS_OF_BEFORE,
    "cli/requests/public_part.py _uses path": LISTS,
    "cli/requests/public_part.py _uses uses?ended=true": LISTS,
    "cli/requests/read_back.py complain_read_back complaints": READ_BACK,
    "cli/requests/unanswered.py facts_at f'requests/{number}'": LOOKED_FOR,
    "cli/requests/unanswered.py filed_after requests": BY_ENVELOPE,
    "cli/requests/unanswered.py right_after seat": READ_BACK,
    "cli/requests/rights.py _ended_use f'uses/{number}'": READ_BACK,
    "cli/requests/rights.py _newest_use f'uses/{number}'": READ_BACK,
    "cli/requests/rights.py _newest_use f\"uses?authority={quote(organisation, safe='')}\"": READ_BACK,
    "cli/requests/rights.py look f\"envelope-keys/{quote(organisation, safe='')}\"": READ_BACK,
    "cli/requests/at_roll.py size_of log/checkpoint": HEAD,
    'desk-proof.js fetch "/log/checkpoint"': HEAD_ON_A_PAGE,
    "cli/requests/read_back.py log_held_by f'log/{KEY_HISTORY}'": HISTORY,
    "cli/requests/read_back.py log_held_by log/keys": KEYS_OF_THE_ROLL,
    f"cli/requests/read_back.py step {STEPS}": READ_BACK,
    "cli/requests/rights.py end_use f'uses/{number}'": READ_BACK,
    "cli/requests/rights.py receipt f'uses/{made.use}'": READ_BACK,
    "cli/requests/rights.py receipt path": READ_BACK,
    "desk-read-back.js json `/api/v1/requests/${number}`": READ_BACK_ON_A_PAGE,
    "desk-read-back.js json `/api/v1/requests/${of}`": LOOKED_FOR_ON_A_PAGE,
    'desk-read-back.js json "/api/v1/requests"': LOOKED_FOR_ON_A_PAGE,
    "notice-compared.js ask `told/${month}`": LISTS_ON_A_PAGE,
    "notice-compared.js ask `uses?ended=true${more}`": LISTS_ON_A_PAGE,
    "cli/giving.py _asked_of f'{path}/shown'": A_GRANT,
    "cli/giving.py _asked_of path": A_GRANT,
    "cli/giving.py _marked path": WRAPPED,
    "cli/giving.py take_back grants/taken-back": A_GRANT,
    "cli/receipt_fetch.py _of_record path": A_RECORD,
    "cli/receipt_fetch.py _proofs f'api/v1/{path}/receipts/{fact.version}'": A_RECEIPT,
    "cli/requests/answering.py _notice f'uses/{request.use}'": A_USE,
    f"cli/requests/answering.py answer {STEPS}": DONE,
    "cli/requests/asking.py _authority f'uses/{use}'": A_USE_TO_ASK_UNDER,
    "cli/requests/asking.py _sent requests": A_NUMBER,
    "cli/requests/at_roll.py json_at f'api/v1/{path}'": WRAPPED,
    "cli/requests/at_roll.py log_of f'log/{KEY_HISTORY}'": HISTORY,
    f"cli/requests/at_roll.py pages {PAGE}": WRAPPED,
    "cli/requests/at_roll.py pages path": WRAPPED,
    "cli/requests/at_roll.py read path": A_REQUEST,
    "cli/requests/at_roll.py sent f'api/v1/{path}'": WRAPPED,
    "cli/requests/at_roll.py served_keys path": KEYS,
    "cli/requests/figures.py figures f\"requests/figures?by={('year' if yearly else 'month')}\"": SHOWN,
    "cli/requests/figures.py recount requests/figures/log": COUNTED,
    "cli/requests/heaps.py _parts f'{path}&after={after}'": GIVEN_OUT,
    "cli/requests/heaps.py heaps_of_roll notices": HEAPS,
    "cli/requests/heaps.py origins_of log": ORIGINS,
    "cli/requests/reading.py _take f'requests/{number}/envelopes'": SEALED,
    "cli/requests/reading.py take log": ORIGINS,
    "cli/requests/reading.py take rule": A_COUNTRY,
    "cli/requests/rights.py _sent path": READ_BACK,
    "cli/requests/rights.py list_own f'requests/own?ended={str(ended).lower()}'": SHOWN,
    "cli/requests/rights.py list_public requests": SHOWN,
    "cli/requests/rights.py list_public requests/late?": SHOWN,
    "cli/requests/rights.py uses f\"uses?authority={quote(authority, safe='')}\"": SHOWN,
    "cli/roll_time.py clock_of log": A_CLOCK,
    "cli/site_filing.py _found f\"sites?domain={quote(domain, safe='')}\"": A_SITE,
    "cli/site_filing.py _found f'sites/{number_text(number)}'": A_SITE,
    "cli/site_filing.py _sent sites": DONE,
    "cli/site_filing.py file rule": FIELDS,
    "cli/site_read_back.py _fresh f\"sites?domain={quote(domain, safe='')}\"": SITES_LOOKED_FOR,
    "cli/site_read_back.py _stepped f\"sites/{quote(number, safe='')}/facts\"": SITES_LOOKED_FOR,
    "cli/site_read_back.py facts_of f'sites/{number_text(number)}/facts'": SITES_BACK,
    "cli/site_recount.py recount sites/figures": SITES_COUNTED,
    "cli/site_sightings.py seen f'sites/{number_text(number)}'": A_SITE_SEEN,
    "cli/site_sightings.py seen log": SIGNED_SIGHTINGS,
    "cli/site_telling.py _check_told f'sites/{number}/steps'": SITES_BACK,
    "watch/audit/recount.py _one f'figures/published/{act.on}'": PUBLISHED,
    "watch/audit/recount.py live figures/json": FIGURES,
    "watch/rules/fetch.py _listed api/v1/rules": RULES,
    "watch/rules/fetch.py _text f'api/v1/rules/{digest}'": RULES,
    "desk-proof.js fetch path": WRAPPED,
    "desk-proof.js got `/api/v1/envelope-keys/${encodeURIComponent(organisation)}`": ON_PAGES,
    "desk-proof.js got `/api/v1/requests/${number}`": ON_PAGES,
    "desk.js fetch form.action": OWN_PAGE,
    "desk.js json `/api/v1/uses/${filed.use}`": ON_PAGES,
    'desk.js json data("lists")': OWN_PAGE,
    "giving.js fetch `${place}/proof`": GIVEN,
    'giving.js mark "taken-back"': A_GRANT_ON_A_PAGE,
    "grants.js fetch `/api/v1/grants/${grant}`": WRAPPED,
    "grants.js fetch `/api/v1/grants/${path}`": WRAPPED,
    'notices.js asked "notices"': HEAPS_ON_A_PAGE,
    "notices.js asked `notices/${number}?of=${of}&since=${since}&after=${after}`": GIVEN_OUT_ON_A_PAGE,
    'notices.js fetch "/api/v1/complaints"': DONE,
    "notices.js fetch `/api/v1/${path}`": WRAPPED,
    "passkey.js ask box": OWN_PAGE,
    "passkey.js fetch `/${box.dataset.lang}/passkey/${path}`": OWN_PAGE,
    "progress.js fetch box.dataset.progress": OWN_PAGE,
    'roll-clock.js fetch "/api/v1/log"': A_CLOCK,
    "site-search.js fetch address": OWN_PAGE,
    "sites.js fetch box.dataset.lists)": OWN_PAGE,
    "sites.js fetch location.pathname": OWN_PAGE,
    "telling.js fetch form.action": OWN_PAGE,
    "verify.js look gift.grant)": A_GRANT_ON_A_PAGE,
    "verify.js mark `${gift.grant}/shown`": A_GRANT_ON_A_PAGE,
}
"""What each answer is held by: a test that lies, or behind a dash why nothing rests on it."""


def asked_by_commands() -> set[str]:
    """Where a command or a watcher asks a roll: its file, its function, and what it asks for."""
    found = set()
    for room in ("cli", "watch"):
        for path in sorted((ROOT / "src/openroll" / room).rglob("*.py")):
            found |= {f"{path.relative_to(ROOT / 'src/openroll')} {one}" for one in _asked_in(_tree(path.read_text()))}
    return found


def _tree(text: str) -> ast.Module:
    """A module as its parser has it, in a thread of its own: where a test left an async generator open, CPython 3.11 counts its
    depth wrong in the thread of that test, and parses no deep module there (SystemError)."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(ast.parse, text).result()


def _asked_in(tree: ast.Module) -> set[str]:
    functions = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)]
    found: dict[int, str] = {}
    for function in functions:  # the innermost comes last
        for call in ast.walk(function):
            if isinstance(call, ast.Call) and (what := _what(call)) is not None:
                found[id(call)] = f"{function.name} {what}"
    return set(found.values())


def _what(call: ast.Call) -> str | None:
    name, at = call.func, None
    if isinstance(name, ast.Name) and name.id in WRAPPERS and len(call.args) > 1 and ast.unparse(call.args[0]) in ROLLS:
        at = call.args[1]
    elif isinstance(name, ast.Attribute) and name.attr in ("get", "post") and ast.unparse(name.value) in ROLLS:
        at = call.args[0]
    if at is None:
        return None
    return str(at.value) if isinstance(at, ast.Constant) else ast.unparse(at)


_CALL = re.compile(r"\b(fetch|got|json|ask(?:ed)?|look|mark)\((?![{)]|found\))(?P<what>`[^`]*`|\"[^\"]*\"|[^,)]*\)?)")


def asked_by_pages() -> set[str]:
    """Where a page asks: its file, by what, and what it asks for."""
    found = set()
    for path in sorted((ROOT / "frontend/src").glob("*.js")):
        for line in path.read_text().splitlines():
            if line.lstrip().startswith("//"):
                continue
            code = re.sub(r"\b(async )?function \w+\(|export const \w+ = \(\w+\) =>", "", line)
            found |= {f"{path.name} {one[1]} {one['what']}" for one in _CALL.finditer(code)}
    return found


def test_every_answer_is_held_to_what_was_asked() -> None:
    """One that stands nowhere here is a lie that nobody looked for; each test that is named is there."""
    assert asked_by_commands() | asked_by_pages() == set(HELD_BY)
    for test in set(HELD_BY.values()):
        path, named, function = test.partition("::")
        assert test.startswith("- ") or (named and f"\ndef {function}(" in (ROOT / path).read_text()), test


def test_keys_are_of_the_body_that_was_asked_about() -> None:
    """Another body's, each proved to be its own, are not sealed to."""
    key, log = served(OWN.body, OWN), KeyHistory([LOG.verifier])
    assert [one.published.id for one in own_keys([key], "east", log)] == [OWN.key]
    with pytest.raises(Unproved, match="to be one of west"):
        own_keys([key], "west", log)


def test_the_page_takes_no_answer_about_another() -> None:
    """As the commands: another request's facts, another body's keys, another use or another's are none, however true."""
    true, *others = receipts(OF_POLICE, *NOT_OF_POLICE.values())
    answers = {
        "requests": {"facts": msgspec.to_builtins(approved("court/2"))},
        "keys": [msgspec.to_builtins(served(OWN.body, OWN))],
        "uses": [true, *others],
    }
    script = (
        f"const p = await import({json.dumps((SRC / 'desk-proof.js').as_uri())});"
        f"const answers = {json.dumps(answers)}, own = [[0, [{json.dumps(LOG.verifier_key)}]]];"
        f"const spans = [[0, [{json.dumps(SIGNER.verifier_key)}]]];"
        "const tried = async (answer, read) => {"
        " globalThis.fetch = async () => ({ ok: true, json: async () => answer });"
        " try { await read(); return 'taken'; } catch ({ code }) { return code; } };"
        "const found = { requests: [], keys: [], uses: [] };"
        "for (const one of [1, 2]) found.requests.push(await tried(answers.requests, () => p.factsOf(one, spans)));"
        "for (const one of ['east', 'west']) found.keys.push(await tried(answers.keys, () => p.keysOf(one, own)));"
        "for (const one of answers.uses) found.uses.push(await tried([], () => p.useOf(7, one, 'police', spans)));"
        "console.log(JSON.stringify(found));"
    )
    answer = subprocess.run([node(), "--input-type=module", "-e", script], capture_output=True, text=True, check=False)
    assert json.loads(answer.stdout or "null") == {
        "requests": ["taken", "unproved"],
        "keys": ["taken", "unproved"],
        "uses": ["taken", "unproved", "unproved", "anothers", "unproved"],
    }, answer.stderr
