"""What is sealed goes to keys that witnesses vouch for: a fork that one officer is shown is not believed under a policy."""

from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from cyclopts import App

from openroll.cli import requests
from openroll.cli.requests import at_roll
from openroll.cli.requests.at_roll import (
    Believed,
    KeyFile,
    asked,
    hold_own_key,
    keys_in_force,
    log_by,
    log_of,
    request_at,
)
from openroll.cli.wiring import Wiring
from openroll.disclosure.envelope import X25519, HeldKey, key_line, public_line
from openroll.register.organisation.events import OperatorSucceeded
from openroll.register.request.ask import file_request
from openroll.register.request.events import KeyPublished, UseRegistered
from openroll.tlog import KEY_HISTORY, Proof, Signer, add_cosignatures, format_proof, parse_proof
from openroll.tlog.note import Signature
from openroll.watch.requests.proved import Fact, Key, Unproved, use_of
from openroll.watch.roll_api import Declined, RollApi
from tests.cli.test_help import helps
from tests.register import test_request_checked as answers
from tests.register.asked import NOW, OFFICER, asking, facts, under, whole

WITNESS = Signer.from_seed("witness.example/1", b"1" * 32, "cosignature")
POLICY = f"log {answers.SIGNER.verifier_key}\nwitness one {WITNESS.verifier_key}\nquorum one\n"


def cosigned(receipt: str) -> str:
    """A receipt under the same head, which the witness has seen."""
    proof = parse_proof(receipt.encode())
    text = proof.checkpoint.decode().partition("\n\n")[0] + "\n"
    line = Signature(WITNESS.name, WITNESS.verifier.key_id, WITNESS.sign(text, 1_166_587_200))
    return format_proof(
        Proof(proof.extra, proof.index, proof.path, add_cosignatures(proof.checkpoint, [line]))
    ).decode()


class Shown(RollApi):
    """A roll that shows one officer what is given, and a log of its own making without a key history."""

    def __init__(self, shown: Any) -> None:
        super().__init__("https://roll.example", "t")
        self.shown = shown

    def get(self, path: str, most: int = 0) -> bytes:  # noqa: ARG002 - as it is called
        """What it shows, whatever is asked."""
        if path == f"log/{KEY_HISTORY}":
            raise Declined("not-found", "there is none", 404)
        return msgspec.json.encode(self.shown)


def published(key: HeldKey, by: str = "east/1") -> Key:
    """A key as the log of the keeper says it to be the operator's."""
    fact = KeyPublished(organisation="east", key=key.id, public=public_line(key.published).strip(), by=by, rule="r")
    return Key("east", key.id, fact.public, False, answers.receipts(fact)[0])


@pytest.fixture
def believed(tmp_path: Path) -> Believed:
    """The log's key, and a policy that asks for one witness."""
    (tmp_path / "policy").write_text(POLICY, encoding="ascii")
    return Believed(log_key=[str(answers.SIGNER.verifier)], policy=tmp_path / "policy")


def test_a_key_of_a_fork_is_not_sealed_to_under_a_policy(
    believed: Believed, capsys: pytest.CaptureFixture[str]
) -> None:
    """The keeper's key as the operator's, in a log that no witness saw, is refused in a sentence; cosigned, it is taken."""
    served = published(HeldKey(b"k" * 32, X25519))
    api = Shown([served])
    assert keys_in_force(api, "east", log_of(api, Believed(log_key=believed.log_key)))  # what the attack lived on
    with pytest.raises(SystemExit) as ended, asked():
        keys_in_force(api, "east", log_of(api, believed))
    assert ended.value.code == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "the roll is not believed: a receipt of the roll does not meet the policy" in said
    assert "no witness of the policy cosigned it" in said
    seen = Shown([msgspec.structs.replace(served, receipt=cosigned(served.receipt))])
    (key,) = keys_in_force(seen, "east", log_of(seen, believed))
    assert key.id == served.key


def test_every_fact_of_a_request_must_meet_the_policy(believed: Believed) -> None:
    """One receipt without its witness, and nothing of the request is believed; cosigned, it is."""
    events = list(facts(file_request(whole(), asking(), OFFICER, under())))
    served = [
        Fact(fact.name, NOW.date(), fact.body(), receipt)
        for fact, receipt in zip(events, answers.receipts(*events), strict=True)
    ]
    log = log_by(believed, b"")
    with pytest.raises(Unproved, match="does not meet the policy"):
        request_at(Shown({"facts": served}), 1, log)
    seen = [msgspec.structs.replace(fact, receipt=cosigned(fact.receipt)) for fact in served]
    assert request_at(Shown({"facts": seen}), 1, log).matter.request.number == 1


def test_a_request_is_the_one_that_was_asked_for(believed: Believed) -> None:
    """Another request, every fact of it true, is not taken for it: what is sealed in it would go to the bodies of the other."""
    log = log_by(Believed(log_key=believed.log_key), b"")
    (filed,) = facts(file_request(whole(), asking(), OFFICER, under()))
    other = msgspec.structs.replace(filed, request=filed.request + 1, operator="spook", reviewer="shade")
    (receipt,) = answers.receipts(other)
    shown = Shown({"facts": [Fact(other.name, NOW.date(), other.body(), receipt)]})
    assert request_at(shown, other.request, log).matter.request.reviewer == "shade"
    with pytest.raises(
        Unproved, match=f"asked for request {filed.request}, it gives the facts of request {other.request}"
    ):
        request_at(shown, filed.request, log)


OF_POLICE = UseRegistered(
    organisation="police", use=7, purpose=0, basis="Act 100", fields=("name",), supervisor="Commissioner",
    supervised_at="c@s.example", office="+86 23 1234 5678", by="police/1", rule="r",
)  # fmt: skip
NOT_OF_POLICE = {
    "another use": msgspec.structs.replace(OF_POLICE, use=8),
    "another's use": msgspec.structs.replace(OF_POLICE, organisation="ghost", by="ghost/1"),
    "registered by another": msgspec.structs.replace(OF_POLICE, by="ghost/1"),
    "no use": KeyPublished(organisation="police", key="k", public="p", by="police/1", rule="r"),
}


def test_a_use_is_what_its_receipt_proves_of_its_authority(believed: Believed) -> None:
    """By a use a person is told on what basis they were asked about, and whom to complain to."""
    log = log_by(Believed(log_key=believed.log_key), b"")
    true, *others = answers.receipts(OF_POLICE, *NOT_OF_POLICE.values())
    assert use_of(true, 7, "police", log.keys) == OF_POLICE
    for receipt in ("", *others):
        with pytest.raises(Unproved):
            use_of(receipt, 7, "police", log.keys)


def test_what_was_done_a_moment_ago_is_waited_for_and_is_no_lie(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fact, or a key, gets its receipt some seconds after it is served: the command asks again, for as long as the log promises
    a place by, and believes nothing without one."""
    (filed,) = facts(file_request(whole(), asking(), OFFICER, under()))
    served, key = Fact(filed.name, NOW.date(), filed.body(), ""), published(HeldKey(b"k" * 32, X25519))
    with_receipts = [msgspec.structs.replace(served, receipt=answers.receipts(filed)[0]), key]
    waits: list[float] = []
    log = log_by(Believed(log_key=[str(answers.SIGNER.verifier)]), b"")
    requests_api, keys_api = Shown({"facts": [served]}), Shown([msgspec.structs.replace(key, receipt="")])

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) % 5 == 0:
            requests_api.shown, keys_api.shown = {"facts": with_receipts[:1]}, with_receipts[1:]

    monkeypatch.setattr(at_roll, "pause", wait)
    assert request_at(requests_api, 1, log).matter.request.number == 1
    assert [one.id for one in keys_in_force(keys_api, "east", log)] == [key.key]
    monkeypatch.setattr(at_roll, "pause", waits.append)
    waits.clear()
    for refused in (
        lambda: request_at(Shown({"facts": [served]}), 1, log),
        lambda: keys_in_force(Shown([msgspec.structs.replace(key, receipt="")]), "east", log),
    ):
        with pytest.raises(Unproved, match="no place in the log yet"):
            refused()
    assert sum(waits) == 2 * at_roll.LOGGED_WITHIN.total_seconds()


def test_who_succeeded_an_operator_is_proved_or_not_believed(believed: Believed) -> None:
    """The successions that come with a request are held to their receipts; another fact in their place is none."""
    log = log_by(Believed(log_key=believed.log_key), b"")
    (filed,) = facts(file_request(whole(), asking(), OFFICER, under()))
    gone = OperatorSucceeded(operator="west", heir="east", offered_by="west/1", by="east/1", rule="r")
    of_filing, of_end = answers.receipts(filed, gone)
    served = Fact(filed.name, NOW.date(), filed.body(), of_filing)
    ended = Fact(gone.name, NOW.date(), gone.body(), of_end)
    matter = request_at(Shown({"facts": [served], "successions": [ended]}), 1, log).matter
    assert matter.heirs == (("west", "east"),)
    made_up = msgspec.structs.replace(ended, body=gone.body().replace("west", "north"))
    for other in (served, made_up, msgspec.structs.replace(ended, receipt=of_filing)):
        with pytest.raises(Unproved):
            request_at(Shown({"facts": [served], "successions": [other]}), 1, log)


def test_a_policy_that_cannot_be_read_is_a_sentence(believed: Believed, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is none, or no policy, ends the command before anything is believed."""
    assert believed.policy is not None
    believed.policy.write_text("quorum nobody\n", encoding="ascii")
    for path in (believed.policy, believed.policy / "none"):
        with pytest.raises(SystemExit):
            log_by(Believed(log_key=believed.log_key, policy=path), b"")
        assert "the policy cannot be read" in " ".join(capsys.readouterr().err.split())


def test_whatever_command_believes_a_log_takes_a_policy() -> None:
    """No command on requests asks for the log's key alone: each that does takes the witnesses of a policy too."""
    app = App()
    requests.add(app, cast(Wiring, None))
    believing = {command: text for command, text in helps(app, app) if "--log-key" in text}
    assert {one.split()[-1] for one in believing} >= {"file", "take", "read", "answer", "tell", "export", "recount"}
    assert [command for command, text in believing.items() if "--policy" not in text] == []


def test_a_key_in_ones_own_name_that_does_not_lie_beside_ones_own_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With who published it and when, before anything is sealed; until it has ended, or its public half is kept there."""
    own, other = HeldKey(b"o" * 32, X25519), HeldKey(b"k" * 32, X25519)
    file = KeyFile(tmp_path / "own.key", own)
    file.path.write_text(key_line(own))
    (tmp_path / "a picture").write_bytes(bytes(range(256)))
    theirs = published(other, "east/7")
    log = log_by(Believed(log_key=[str(answers.SIGNER.verifier)]), b"")

    def said(*keys: Key) -> str:
        hold_own_key(Shown(keys), ["east"], log, file)
        return " ".join(capsys.readouterr().err.split())

    named = said(published(own), theirs)
    assert f"not in {tmp_path}: {other.id} (by east/7, {answers.DAY})" in named
    assert f"openroll request end-key {other.id} --roll https://roll.example" in named
    assert said(published(own), msgspec.structs.replace(theirs, ended=True)) == ""
    file = file._replace(path=tmp_path / "no such folder" / "own.key")
    assert f"folder: {other.id} (by" in said(published(own), theirs)
    file = file._replace(path=tmp_path / "own.key")
    (tmp_path / "second.pub").write_text(public_line(other.published))
    assert said(published(own), theirs) == ""
