"""A roll that refuses says nothing: no command takes it for "there is none"."""

import json
from collections.abc import Callable
from typing import Any, cast

import pytest

from openroll.cli.requests.asking import _authority
from openroll.cli.requests.at_roll import Believed, log_of
from openroll.watch.requests.proved import Unproved
from openroll.watch.roll_api import Declined, RollApi


class Refusing:
    """A roll that refuses everything with a status."""

    where = "http://roll.example"

    def __init__(self, status: int) -> None:
        self.status = status

    def get(self, path: str, most: int = 0) -> bytes:
        """Nothing."""
        raise Declined("", f"{path[:most]}: later", self.status)


def test_a_use_is_the_one_that_was_asked_for() -> None:
    """Another use, every word of it true, is not taken for it: its authority's keys would be sealed to."""
    said = {"number": 7, "organisation": "rival", "purpose": 0, "basis": "", "fields": [], "supervisor": "",
            "supervised_at": "", "office": "", "titles": {}, "said": {}, "receipt": ""}  # fmt: skip

    class Other(Refusing):
        def get(self, path: str, most: int = 0) -> bytes:  # noqa: ARG002 - as it is called
            """Another use, whichever is asked for."""
            return json.dumps(said).encode()

    assert _authority(cast(RollApi, Other(200)), 7) == "rival"
    with pytest.raises(Unproved, match="asked for use 1, it gives use 7"):
        _authority(cast(RollApi, Other(200)), 1)


@pytest.mark.parametrize("ask", [lambda api: _authority(api, 1), lambda api: log_of(api, Believed(log_key=[]))])
def test_only_what_is_not_there_is_not_there(ask: Callable[[RollApi], Any]) -> None:
    """A use that is none, and a log without a history of keys, are said so by 404 alone; any other refusal is handed on."""
    with pytest.raises(Declined):
        ask(cast(RollApi, Refusing(503)))
    with pytest.raises(SystemExit):  # no such use; and no key that is trusted
        ask(cast(RollApi, Refusing(404)))
