"""A receipt with cosignatures, checked in a real browser under the roll's policy and under a reader's own."""

import os
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from openroll import tlog
from openroll.service.roll import Roll
from tests.tlog.test_policy import BAD, EXAMPLE, GOOD
from tests.watch.fake_witness import FakeWitness, witnesses
from tests.web.conftest import serving
from tests.web.journeys.walker import Walker

Judge = Callable[..., str]
WHEN = {"en": "20 December 2006", "zh": "2006年12月20日"}


@pytest.fixture(scope="module")
def watched(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Roll]]:
    """A server whose log one witness with two keys and one with one cosign, and a third one never does."""
    home = tmp_path_factory.mktemp("watched")
    three = [FakeWitness("one", kinds="cosignature ml-dsa-44"), FakeWitness("two"), FakeWitness("three")]
    three[2].mode = "500"
    lines = "".join(one.lines for one in three) + "group most 2 one two three\nquorum most\n"
    (home / "policy").write_text(lines)
    with (
        witnesses(*three),
        serving(database_url, home, f"v{os.getpid()}", given={"OPENROLL_POLICY": str(home / "policy")}) as made,
    ):
        yield made


@pytest.fixture
def walker(browser: Browser, watched: tuple[str, Roll], lang: str) -> Iterator[Walker]:
    """A reader of that roll."""
    made = Walker(browser, watched[0], lang)
    yield made
    made.close()


def judging(walker: Walker) -> Judge:
    """The check's page: gives it a receipt, or a policy too, and reads its verdict."""
    page = walker.go("verify").page
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    page.locator(".govuk-details summary").click()
    verdict = page.locator("[data-verdict]")

    def judge(receipt: bytes, policy: bytes | None = None) -> str:
        mine = [] if policy is None else {"name": "policy", "mimeType": "text/plain", "buffer": policy}
        walker.box("Policy (text)").set_input_files(mine)  # type: ignore[arg-type] # an empty list takes the file away
        walker.box("Receipt (.tlog-proof)").set_input_files([])
        page.evaluate("document.querySelector('[data-verdict]').replaceChildren()")
        walker.box("Receipt (.tlog-proof)").set_input_files(
            {"name": "r.tlog-proof", "mimeType": "text/plain", "buffer": receipt}
        )
        expect(verdict.locator("h2")).to_have_count(1)
        return str(verdict.inner_text())

    return judge


def without(receipt: bytes, *names: str) -> bytes:
    """The receipt without the signature lines of these keys."""
    kept = [
        line for line in receipt.splitlines(keepends=True) if not any(f"— {one} ".encode() in line for one in names)
    ]
    return b"".join(kept)


def test_a_receipt_is_checked_under_a_policy(walker: Walker, watched: tuple[str, Roll], lang: str) -> None:
    """Offline, the page says who cosigned and when, whether that is enough, and that any altered cosignature is not good."""
    receipt = _receipt(walker)
    policy = walker.page.request.get(f"{watched[0]}/log/policy").body()
    proved = tlog.verify_receipt(receipt, watched[1].keys.verifiers, policy=tlog.parse_policy(policy))
    assert [one.witness.name for one in proved.cosignatures] == ["one-0", "one-1", "two"]
    judge = judging(walker)

    good = judge(receipt)
    assert walker.words("Good: the log holds exactly this") in good
    for name in ("one-0", "one-1", "two"):
        said = walker.words("{name} cosigned it: {time}").partition("{name}")[2].partition("{time}")[0]
        assert re.search(f"{name}{said}{WHEN[lang]}.{{1,4}}04:00:01 UTC", good), good
    assert walker.words("{name} has not cosigned it").format(name="three") in good
    assert (
        walker.words("Enough witnesses have cosigned it: others have seen this log and found that it only ever grew.")
        in good
    )

    few = judge(without(receipt, "one.example"))
    assert walker.words("The log holds exactly this, but too few witnesses have cosigned it") in few
    lacks = walker.words("{name} asks for {threshold}. Cosigned: {having}. Missing: {lacking}.")
    assert lacks.format(name="most", threshold=2, having="two", lacking="one, three") in few

    not_good, silent = walker.words("Not good"), walker.words("{name} has not cosigned it").removeprefix("{name}")
    lines = receipt.index("— one.example".encode())
    for place in range(lines, len(receipt), (len(receipt) - lines) // 25):
        flipped = bytearray(receipt)
        flipped[place] ^= 1
        verdict = judge(bytes(flipped))
        # A name or key id that is nobody's any more is a stranger's line; everything else is caught.
        assert not_good in verdict or verdict.count(silent) > 1, place
    assert not_good in judge(
        receipt.replace(receipt.splitlines(keepends=True)[-1], receipt.splitlines(keepends=True)[-1] * 2)
    )


def test_a_reader_may_bring_a_policy(walker: Walker, watched: tuple[str, Roll], lang: str) -> None:
    """Under a reader's own policy only its logs and witnesses count; a faulty one is told by its line."""
    receipt = _receipt(walker)
    ed = watched[1].keys.verifier_keys[0]
    judge = judging(walker)
    assert walker.words("Good: the log holds exactly this") in judge(receipt, f"log {ed}\nquorum none\n".encode())
    assert walker.words("Good: the log holds exactly this") in judge(receipt, b"quorum none\n")
    assert walker.words("It is from another log.") in judge(receipt, EXAMPLE.encode())
    wrong = walker.words("A line of the policy is not as its format has it.")
    assert f"{wrong} {walker.words('line {line}').format(line=2)}" in judge(receipt, b"# mine\nquorum w\n")
    assert wrong in judge(receipt, b"")


def test_both_readers_of_policies_agree(walker: Walker, watched: tuple[str, Roll]) -> None:
    """What openroll.tlog takes as a policy and what it refuses, the page takes and refuses too."""
    if walker.lang != "en":
        pytest.skip("policies have no language")
    receipt = _receipt(walker)
    judge = judging(walker)
    wrong = walker.words("A line of the policy is not as its format has it.")
    assert [text for text in GOOD.values() if wrong in judge(receipt, text.encode())] == []
    assert [text for text in BAD if wrong not in judge(receipt, text.encode())] == []


def _receipt(walker: Walker) -> bytes:
    walker.file_alone()
    walker.press("Get the receipt")
    walker.placed()
    return walker.download("Download the receipt").read_bytes()
