"""What a roll says of requests and keys is believed where its log says it in clear: an entry proves one thing to everybody."""

import json
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from openroll.disclosure.envelope import HYBRID, HeldKey, public_line
from openroll.register.request.events import KeyPublished
from openroll.tlog import Checkpoint, Entry, KeyHistory, Signer, commit, format_receipt, sign_checkpoint
from openroll.tlog.tree import leaf_hash, root_of
from openroll.watch.requests.proved import Key, Unproved, own_keys
from tests.tlog.test_corpus import node

SRC = Path(__file__).parents[2] / "frontend/src"
ORIGIN, DOMAIN, SALT = "roll.example/proved", b"openroll/event/1", bytes(range(32))
LOG = Signer.from_seed(ORIGIN, bytes(32), "ed25519")


def published(seed: int) -> SimpleNamespace:
    """That the operator `east` published a key: its id, and the text of the act."""
    held = HeldKey(bytes([seed]) * 32, HYBRID)
    line = public_line(held.published).strip()
    fact = KeyPublished(organisation="east", key=held.id, public=line, by="east/1", rule="law@1")
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
