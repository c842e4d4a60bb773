"""Whoever asks too much waits, and nobody can use up what is another's."""

from pathlib import Path

from openroll.tlog.witnessing import Submission, format_submission
from openroll.watch.witness.heads import origin_hash
from openroll.watch.witness.witness import Cosigned
from tests.watch.witness.test_witness import LOG, Asked, asked, status

__all__ = ["asked"]


def test_who_asks_too_much_waits_and_nobody_else(tmp_path: Path) -> None:
    """A log's own minute can be used up by its own signed requests only; a noisy address stops nobody else."""
    asked = Asked(tmp_path / "w", per_minute=3)
    strangers = [asked.witness.add_checkpoint(b"rubbish", "noisy") for _ in range(1300)]
    assert {status(one) for one in strangers[-50:]} == {429}
    assert [status(asked.ask(old, old + 1)) for old in range(4)] == [200, 200, 200, 429]
    asked.seconds += 21
    assert status(asked.ask(3, 4)) == 200
    asked.seconds += 60
    assert status(asked.witness.add_checkpoint(b"rubbish", "noisy")) == 400


def test_the_same_head_again_costs_no_signature(asked: Asked) -> None:
    """A head replayed by anybody within a minute is answered with the cosignature that was given, and uses nothing up."""
    first = asked.ask(0, 5)
    again = [asked.ask(5, 5, source=f"10.0.0.{n}") for n in range(250)]
    assert set(again) == {first}
    asked.now += 61
    later = asked.ask(5, 5)
    assert isinstance(later, Cosigned)
    assert later != first
    assert asked.witness.checkpoint(origin_hash(LOG.origin)) == LOG.checkpoint(5) + later.lines


def test_no_stranger_uses_up_a_log_s_minute(tmp_path: Path) -> None:
    """Replayed checkpoints and wrong proofs from anywhere leave the log's own new heads their place."""
    asked = Asked(tmp_path / "w", per_minute=2)
    asked.ask(0, 5)
    for n in range(50):
        wrong = Submission(5, (b"\x07" * 32,), LOG.checkpoint(9))
        assert status(asked.witness.add_checkpoint(format_submission(wrong), f"10.0.0.{n}")) == 422
        assert status(asked.ask(5, 5, source=f"10.0.0.{n}")) == 200
        assert status(asked.ask(0, 5, source=f"10.0.0.{n}")) == 409
    assert status(asked.ask(5, 9)) == 200
    assert status(asked.ask(9, 12)) == 429


def test_a_whole_network_has_four_times_as_many_and_no_more(tmp_path: Path) -> None:
    """Another /64 of one /48 with each request is no way round: an IPv6 network has four times one subscriber's minute."""
    asked = Asked(tmp_path / "w")
    answers = [asked.witness.add_checkpoint(b"rubbish", f"2001:db8:0:{n:x}::1") for n in range(4801)]
    assert {status(one) for one in answers[:4800]} == {400}
    assert status(answers[4800]) == 429
    assert status(asked.witness.add_checkpoint(b"rubbish", "2001:db8:1::1")) == 400
