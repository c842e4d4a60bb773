"""The requests that litewitness is tested with (tests/tlog/vectors/litewitness), asked of our witness."""

import json
from pathlib import Path
from typing import Any

import pytest

from openroll.tlog.witnessing import SIZE_TYPE
from openroll.watch.witness.settings import LogSettings
from openroll.watch.witness.witness import Cosigned
from tests.watch.witness.process import new_witness
from tests.watch.witness.test_witness import Asked, status

OURS = {1: 400}
"""Where ours gives another status to the Sigsum requests: a bad signature of theirs ends in loose base64 bits, malformed here."""
VECTORS = Path(__file__).parents[2] / "tlog" / "vectors" / "litewitness"


@pytest.mark.parametrize("name", ["sigsum", "sumdb"])
def test_requests_get_the_status_their_makers_expect(name: str, tmp_path: Path) -> None:
    """Asked in order, each request gets the status that litewitness gives, and a conflict the size that is held."""
    case: dict[str, Any] = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))
    logs = [
        LogSettings(origin, tuple(keys), names_differ=not keys[0].startswith(origin))
        for origin, keys in case["logs"].items()
    ]
    new_witness(tmp_path, logs)
    asked = Asked(tmp_path)
    for number, request in enumerate(case["requests"]):
        answer = asked.witness.add_checkpoint(request["body"].encode(), "here")
        wanted = OURS.get(number, request["status"]) if name == "sigsum" else request["status"]
        assert status(answer) == wanted, request
        if not isinstance(answer, Cosigned) and "answer" in request:
            assert (answer.body, answer.media_type) == (request["answer"], SIZE_TYPE)
