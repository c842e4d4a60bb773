"""The log's page, its policy and its numbers while witnesses come and go, on the application in this process."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from litestar.testing import TestClient
from prometheus_client.parser import text_string_to_metric_families

from openroll import tlog
from openroll.compose.rolls import roll as open_again
from openroll.compose.server import application
from openroll.compose.settings import WebSettings, settings_from
from openroll.service.roll import Roll
from openroll.words.catalogue import gettext
from tests.watch.fake_witness import FakeWitness, witnesses
from tests.web.house import ADDRESS, House


@pytest.fixture
def two(roll: Roll) -> Iterator[tuple[Roll, list[FakeWitness]]]:
    """A roll that asks for both of two witnesses, one of which is out of order."""
    made = [FakeWitness("library"), FakeWitness("newspaper")]
    made[1].mode = "500"
    lines = "".join(one.lines for one in made) + "group both all library newspaper\nquorum both\n"
    roll.policy = tlog.parse_policy(lines.encode())
    with witnesses(*made):
        yield roll, made


def numbers(client: TestClient) -> dict[str, float]:  # type: ignore[type-arg]
    """The metrics, by name, and by name and witness."""
    answer = client.get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "set-cookie" not in answer.headers
    families = text_string_to_metric_families(answer.text)
    return {" ".join((one.name, *one.labels.values())): one.value for family in families for one in family.samples}


def page(client: TestClient, lang: str = "en") -> str:  # type: ignore[type-arg]
    """The words of the log's page."""
    return " ".join(re.sub(r"<[^>]*>", " ", client.get(f"/{lang}/log").text).split())


def until(holds: Callable[[], bool], client: TestClient) -> None:  # type: ignore[type-arg]
    """Rounds of the desk until something holds: it works in a thread of its own."""
    for _ in range(200):
        if holds():
            return
        client.app.state.application.wake()
        time.sleep(0.05)  # waits for a real thread
    raise AssertionError(page(client))


def test_the_page_says_who_cosigned_and_whether_it_is_enough(two: tuple[Roll, list[FakeWitness]]) -> None:
    """One of two: too few, in words and numbers, and by name. Then both: enough, of the very same checkpoint."""
    roll, made = two
    app = application(roll, WebSettings(address=ADDRESS, null_sign_in=True))
    with TestClient(app, base_url=ADDRESS) as client:
        until(lambda: numbers(client).get("openroll_log_cosignatures") == 1, client)
        found = numbers(client)
        assert (found["openroll_log_size"], found["openroll_log_waiting_events"]) == (3, 0)
        assert (found["openroll_log_quorum_reached"], found["openroll_log_witnesses"]) == (0, 2)
        assert found["openroll_log_published_age_seconds"] >= 0
        assert found["openroll_log_sequencing_trouble"] == 0
        assert (
            found["openroll_witness_failures_total newspaper"],
            found["openroll_witness_failures_total library"],
        ) == (1, 0)
        said = page(client)
        assert "Too few witnesses have cosigned the newest checkpoint." in said
        assert "both asks for 2. Cosigned: library. Missing: newspaper." in said
        assert re.search(r"library 20 Dec 2006, 12:00:01 3 cosigned newspaper never – not cosigned", said), said
        assert gettext("zh", "Too few witnesses have cosigned the newest checkpoint.") in page(client, "zh")

        made[1].mode = "good"
        app.state.application._sequencing._sequencer.cosigning._asker._spared.clear()  # as if the while were over
        until(lambda: numbers(client)["openroll_log_quorum_reached"] == 1, client)
        said = page(client)
        assert "Enough witnesses have cosigned the newest checkpoint." in said
        assert "newspaper 20 Dec 2006, 12:00:01 3 cosigned" in said

        policy = client.get("/log/policy")
        assert policy.headers["content-type"] == "text/plain; charset=utf-8"
        assert "set-cookie" not in policy.headers
        checkpoint = client.get("/log/checkpoint").content
        assert client.get("/log/checkpoint").headers["content-type"] == "text/plain; charset=utf-8"
        assert tlog.open_under_policy(checkpoint, tlog.parse_policy(policy.content)).checkpoint.size == 3
        assert f"{ADDRESS}/log\n" in policy.text
        assert all(one.address in policy.text for one in made)


def test_without_a_policy_the_page_says_nobody_watches(inside: House) -> None:
    """A roll that asks no witness says so on its page, in its policy and in its numbers."""
    client = inside.client
    assert "this roll asks no witness to cosign its log" in page(client)
    assert client.get("/log/policy").text.endswith("quorum none\n")
    assert numbers(client)["openroll_log_witnesses"] == 0


def test_the_policy_comes_from_the_settings(roll: Roll, tmp_path: Path) -> None:
    """OPENROLL_POLICY names the file, OPENROLL_WITNESS_DEADLINE the seconds; a faulty one is said when a process starts."""
    given = {
        "OPENROLL_HOME": str(tmp_path),
        "OPENROLL_ROLL": roll.name,
        "DATABASE_URL": roll.database.url,
        "OPENROLL_POLICY": str(tmp_path / "policy"),
        "OPENROLL_WITNESS_DEADLINE": "1.5",
    }
    (tmp_path / "rolls").mkdir()
    (tmp_path / "rolls" / roll.name).symlink_to(roll.home)
    witness = FakeWitness("w")
    witness._server.server_close()
    (tmp_path / "policy").write_text(f"{witness.lines}quorum w\n")
    found = open_again(settings_from(given))
    assert found.policy is not None
    assert (found.policy.quorum, found.witness_deadline) == ("w", 1.5)
    (tmp_path / "policy").write_text("quorum w\n")
    with pytest.raises(ValueError, match=r"OPENROLL_POLICY: .*line 1 of the policy names w"):
        open_again(settings_from(given))
    assert open_again(settings_from({**given, "OPENROLL_POLICY": ""})).policy is None
    for wrong in ("0", "61", "-1", "soon", "nan", "1e1", ""):
        with pytest.raises(ValueError, match="OPENROLL_WITNESS_DEADLINE is a number of seconds"):
            settings_from({**given, "OPENROLL_WITNESS_DEADLINE": wrong})
    assert settings_from({}).policy is None
