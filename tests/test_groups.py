"""Which tests are given to one worker together (tests/conftest.py)."""

from tests.conftest import groups_of


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
