"""What a roll says of requests and keys is believed where its log says it in clear: an entry proves one thing to everybody."""

import json
import subprocess
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from openroll.disclosure.envelope import HYBRID, HeldKey, public_line
from openroll.register.organisation.events import OperatorSucceeded
from openroll.register.request.ask import file_request
from openroll.register.request.events import KeyPublished, RequestApproved
from openroll.tlog import Checkpoint, Entry, KeyHistory, Signer, commit, format_receipt, sign_checkpoint
from openroll.tlog.tree import leaf_hash, root_of
from openroll.watch.requests.proved import Fact, Key, Unproved, heirs_of, matter_of, own_keys
from tests.register.asked import FIELDS, NOW, OFFICER, asking, facts, under, whole
from tests.register.test_request_checked import SIGNER, receipts
from tests.tlog.test_corpus import node

SRC = Path(__file__).parents[2] / "frontend/src"
ORIGIN, DOMAIN, SALT = "roll.example/proved", b"openroll/event/1", bytes(range(32))
LOG = Signer.from_seed(ORIGIN, bytes(32), "ed25519")


def published(seed: int, by: str = "east/1") -> SimpleNamespace:
    """That somebody published a key of the operator `east`: its id, and the text of the act."""
    held = HeldKey(bytes([seed]) * 32, HYBRID)
    line = public_line(held.published).strip()
    fact = KeyPublished(organisation="east", key=held.id, public=line, by=by, rule="law@1")
    return SimpleNamespace(key=held.id, name=fact.name, body=fact.body())


OWN, OTHERS = published(1), published(2)
"""A key of the operator's own, and one of somebody's who would like to read what is sealed to it."""


def served(act: str | None, committed: SimpleNamespace, salt: bytes = SALT) -> Key:
    """A key as a roll serves it, with a receipt of an entry that says `act` in clear and commits to another text."""
    entry = Entry(OWN.name, "2006-12-01", commit(DOMAIN, SALT, committed.body.encode()), act)
    note = sign_checkpoint(Checkpoint(ORIGIN, 1, root_of([leaf_hash(entry.encode())])), [LOG])
    receipt = format_receipt(entry, DOMAIN, salt, committed.body.encode(), 0, (), note).decode()
    return Key("east", committed.key, "", False, receipt)


def believed(key: Key) -> list[str]:
    """The keys that whoever knows the log's key believes to be the operator's."""
    return [one.published.id for one in own_keys([key], "east", KeyHistory([LOG.verifier]))]


def test_what_the_entry_says_in_clear_is_believed() -> None:
    """With the salt of its commitment, and where that is gone with the machine that had it."""
    assert believed(served(OWN.body, OWN)) == [OWN.key]
    assert believed(served(OWN.body, OWN, bytes(32))) == [OWN.key]


@pytest.mark.parametrize(
    ("act", "says"), [(OWN.body, "says this act in clear"), (None, "holds no text")], ids=["another text", "no text"]
)
def test_what_the_entry_only_commits_to_is_not(act: str | None, says: str) -> None:
    """The registrar commits to a key of its own and says another in clear, or none: whoever is shown it does not believe it."""
    with pytest.raises(Unproved, match=says):
        believed(served(act, OTHERS))


def test_the_page_believes_the_same() -> None:
    """As the command does, of each of the four."""
    four = [served(OWN.body, OWN), served(OWN.body, OWN, bytes(32)), served(OWN.body, OTHERS), served(None, OTHERS)]
    script = (
        f"const p = await import({json.dumps((SRC / 'desk-proof.js').as_uri())});"
        f"const spans = [[0, [{json.dumps(LOG.verifier_key)}]]];"
        f"console.log(JSON.stringify({json.dumps([one.receipt for one in four])}"
        ".map((one) => p.provedBy(one, spans) !== undefined)));"
    )
    answer = subprocess.run([node(), "--input-type=module", "-e", script], capture_output=True, text=True, check=False)
    assert json.loads(answer.stdout) == [True, True, False, False], answer.stderr


BY_OTHERS = ("registrar/0", "registrar/1", "court/2", "nobody/9", "east/0", "x", "")
"""Who publishes no key of `east`, whatever stands in the log."""


@pytest.mark.parametrize("by", BY_OTHERS)
def test_a_key_that_another_published_in_its_name_is_not_believed(by: str) -> None:
    """The registrar's, whose log it is, another body's, a program's and a text's that is no seat: it is said who did."""
    with pytest.raises(Unproved, match=f"published in the name of east by {by or 'nobody'}, which is no seat of it"):
        believed(served((fact := published(2, by)).body, fact))


def test_a_key_with_the_public_half_of_another_is_not_believed() -> None:
    """An id names one key: by another's id its owner would take it for its own."""
    fact = msgspec.json.decode(OTHERS.body, type=KeyPublished)
    body = msgspec.structs.replace(fact, key=OWN.key).body()
    with pytest.raises(Unproved, match="with the public half of another"):
        believed(served(body, SimpleNamespace(key=OWN.key, body=body)))


def approved(by: str) -> list[Fact]:
    """A request, and that somebody approved it."""
    (asks,) = facts(file_request(whole(), asking(), OFFICER, under()))
    yes = RequestApproved(request=1, at=NOW, by=by, rule="law@1", fields=FIELDS, why="enough")
    both = zip((asks, yes), receipts(asks, yes), strict=True)
    return [Fact(one.name, NOW.date(), one.body(), receipt) for one, receipt in both]


def test_an_act_of_another_body_makes_nothing_of_a_request() -> None:
    """An approval that the registrar writes is none, to whoever would answer by it."""
    keys = KeyHistory([SIGNER.verifier])
    assert matter_of(approved("court/2"), keys).request.approved == FIELDS
    for by in ("registrar/0", "police/2", "third/2", "court/0", ""):
        with pytest.raises(Unproved, match=f"by {by or 'nobody'}, which is not of the body"):
            matter_of(approved(by), keys)


def filed_twice() -> list[Fact]:
    """A request that two officers filed under one number, each as its decider makes it."""
    (asks,) = facts(file_request(whole(), asking(), OFFICER, under()))
    both = (asks, msgspec.structs.replace(asks, by="police/3", operator="west"))
    return [Fact(one.name, NOW.date(), one.body(), receipt) for one, receipt in zip(both, receipts(*both), strict=True)]


def test_of_two_filings_of_one_number_none_is_believed() -> None:
    """The last of them is not the request, nor the first: nothing here says which."""
    with pytest.raises(Unproved, match="request 1 is filed a second time"):
        matter_of(filed_twice(), KeyHistory([SIGNER.verifier]))


def test_a_succession_at_the_registrars_word_alone_is_not_believed() -> None:
    """The heir's is not the registrar's to say: two words of the operators, or two of the registrar, which announced it."""
    of = {"operator": "east", "heir": "west", "rule": "law@1"}
    gone = OperatorSucceeded(offered_by="registrar/0", by="west/1", **of)
    served_as = Fact(gone.name, NOW.date(), gone.body(), receipts(gone)[0])
    with pytest.raises(Unproved, match="at the word of registrar/0 and west/1, who cannot say so"):
        heirs_of([served_as], KeyHistory([SIGNER.verifier]))


def test_the_page_believes_no_others_act_either() -> None:
    """Its keys and its requests: each is named with who wrote it."""
    shown = {
        by: [msgspec.to_builtins(served(one.body, one))] for by in ("east/1", *BY_OTHERS) for one in [published(2, by)]
    }
    asks = {by: {"facts": msgspec.to_builtins(approved(by))} for by in ("court/2", "registrar/0")}
    asks["twice"] = {"facts": msgspec.to_builtins(filed_twice())}
    script = (
        f"const p = await import({json.dumps((SRC / 'desk-proof.js').as_uri())});"
        "const tried = async (answer, read) => {"
        " globalThis.fetch = async () => ({ ok: true, json: async () => answer });"
        " try { await read(); return ''; } catch ({ code, more }) { return `${code}: ${more}`; } };"
        "const found = {};"
        f"for (const [by, keys] of Object.entries({json.dumps(shown)}))"
        f" found[`key ${{by}}`] = await tried(keys, () => p.keysOf('east', [[0, [{json.dumps(LOG.verifier_key)}]]]));"
        f"for (const [by, facts] of Object.entries({json.dumps(asks)}))"
        f" found[by] = await tried(facts, () => p.factsOf(1, [[0, [{json.dumps(SIGNER.verifier_key)}]]]));"
        "console.log(JSON.stringify(found));"
    )
    answer = subprocess.run([node(), "--input-type=module", "-e", script], capture_output=True, text=True, check=False)
    found = json.loads(answer.stdout or "null")
    assert found == {
        "key east/1": "",
        "court/2": "",
        "registrar/0": "anothers: 1 (request.approved/1, registrar/0)",
        "twice": "unproved: ",
        **{f"key {by}": f"anothers: east (envelope-key.published/1, {by})" for by in BY_OTHERS},
    }, answer.stderr
