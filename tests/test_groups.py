"""Which tests are given to one worker together (tests/conftest.py)."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest
from xdist.scheduler import loadscope

from tests.conftest import InGroups, groups_of


def test_a_file_is_one_group_and_its_tests_with_a_browser_another() -> None:
    """Tests of a file that stand together go together; those that were put last are apart; a folder that shares is one group."""
    names = [
        "a.py::one",
        "a.py::two",
        "b.py::one",
        "tests/watch/cheats/c.py::one",
        "tests/watch/cheats/d.py::one",
        "a.py::last",
    ]
    groups = groups_of(names)
    assert groups["a.py::one"] == groups["a.py::two"]
    assert groups["tests/watch/cheats/c.py::one"] == groups["tests/watch/cheats/d.py::one"]
    assert len(set(groups.values())) == 4
    assert groups["a.py::last"] not in (groups["a.py::one"], groups["b.py::one"])


def test_files_of_folders_that_are_no_package_differ_in_name() -> None:
    """Two of one name there stop the whole suite, while each alone runs: a folder that wants one has an `__init__.py`."""
    alone = [
        file.name for file in Path(__file__).parent.rglob("test_*.py") if not (file.parent / "__init__.py").exists()
    ]
    assert [name for name, times in Counter(alone).items() if times > 1] == []


@dataclass(eq=False)
class _Worker:
    """A worker as the scheduler knows one."""

    shutting_down: bool = False
    given: list[int] = field(default_factory=list)
    gateway: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(id="gw"))

    def send_runtest_some(self, numbers: list[int]) -> None:
        """Take tests to run, by their numbers."""
        assert numbers, "a worker that is given nothing says nothing, and is waited for to the end of time"
        self.given += numbers

    def shutdown(self) -> None:
        """Take no more."""
        self.shutting_down = True


def test_a_test_that_ends_its_worker_is_named_and_not_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever test ends a worker, the others run once, that one no more, and nobody is given work that is done."""
    names = [f"{file}.py::{number}" for file in "abc" for number in range(4)]
    monkeypatch.setattr(loadscope, "parse_tx_spec_config", lambda _config: ["popen"])
    for ends in range(len(names)):
        scheduler = InGroups(SimpleNamespace(option=SimpleNamespace(loadscopereorder=False)))
        worker, ran = _Worker(), []
        scheduler.add_node(worker)
        scheduler.add_node_collection(worker, names)
        scheduler.schedule()
        while worker.given:
            number = worker.given.pop(0)
            ran.append(number)
            if number != ends:
                scheduler.mark_test_complete(worker, number)
                continue
            assert scheduler.remove_node(worker) == names[ends]
            worker = _Worker()
            scheduler.add_node(worker)
            scheduler.add_node_collection(worker, names)
            scheduler.schedule()
        assert sorted(ran) == list(range(len(names)))
