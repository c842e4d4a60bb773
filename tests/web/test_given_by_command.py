"""What was given is asked about and taken back by command, at a real roll; the roll is sent a number and nothing else."""

from pathlib import Path

from openroll.service.roll import Roll
from tests.cli.test_giving import Run, give, run

__all__ = ["run"]


def test_once_and_taken_back_by_command(run: Run, served: tuple[str, Roll], tmp_path: Path) -> None:
    """The first who checks is the first; the second is told so; and when it is taken back, everybody is."""
    address, _ = served
    made = run(*give(tmp_path, "--field", "name", "--once", "-o", tmp_path / "once.json"))
    again = run(*give(tmp_path, "--field", "name", "--revocable", "-o", tmp_path / "given.json"))
    assert (made.status, again.status) == (0, 0)

    def check(name: str) -> tuple[int, str]:
        ended = run("verify", tmp_path / name, "--key", tmp_path / "log.pub", "--roll", address, "--once")
        return ended.status, ended.out

    assert check("once.json")[0] == 0
    status, said = check("once.json")
    assert (status, "SHOWN BEFORE" in said, "name: Wang" in said) == (1, True, True)
    assert [check("given.json")[0] for _ in range(2)] == [0, 0]
    word = again.err.split()[-1]
    assert run("disclosure", "take-back", "--roll", address, typed=f"{word.upper()}\n").status == 0
    status, said = check("given.json")
    assert (status, "TAKEN BACK" in said) == (1, True)
