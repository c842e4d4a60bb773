"""The rules of a roll are fetched by their digests: one is read to answer for one, and none for a digest that is nobody's."""

import hashlib

import pytest

from openroll.service.governance import published_rules
from openroll.service.log.sequencer import Sequencer
from openroll.service.roll import Roll


def test_only_what_is_asked_for_is_read(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the list names has those bytes; a digest that nobody published has none, and no rule is hashed to say so."""
    Sequencer(roll).run_until_empty()
    (one,) = published_rules.published_rules(roll).rules
    for digest in (one.rule, one.jurisdiction):
        data = published_rules.bytes_of(roll, digest)
        assert data is not None
        assert hashlib.sha256(data).hexdigest() == digest
    hashed: list[bytes] = []

    def counted(data: bytes) -> str:
        hashed.append(data)
        return ""

    monkeypatch.setattr(published_rules, "_digest", counted)
    assert published_rules.bytes_of(roll, "0" * 64) is None
    published_rules.published_rules(roll)
    assert hashed == []
