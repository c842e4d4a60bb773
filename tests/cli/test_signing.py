"""What a body's program signs of its own decision: what it decided on, and nothing that the roll shows it afterwards."""

from pathlib import Path
from typing import Any

import pytest
from tests.register import asked
from tests.register.test_signed_decisions import NARROWED

from openroll.cli.requests.at_roll import AtRoll
from openroll.cli.requests.signing import Signing
from openroll.register.request import events
from openroll.watch.requests.read_back import Logged, ReadBack


def test_nothing_is_signed_on_what_was_sent_anew_unseen(capsys: pytest.CaptureFixture[str]) -> None:
    """A roll that hid what was sent anew until the decision stood: its body did not decide on that, and does not sign it."""
    anew = events.RequestCompleted(request=1, at=asked.NOW, by="police/2", rule="law@1", envelope="a" * 64)
    decided, unseen = (Logged(7, "", fact) for fact in (NARROWED[1], anew))
    log: Any = None  # nothing is asked of any roll
    at = AtRoll(roll="https://roll.example", token=Path("reviewer.token"))
    with pytest.raises(SystemExit) as ended:
        Signing(key=Path("unread.key")).decided(at, 1, ReadBack(decided, (unseen, decided)), log)
    assert ended.value.code == 1
    assert "Nothing was signed" in " ".join(capsys.readouterr().err.split())
