"""Where the vectors that others made are found, and what happens to their tests where they are not.

They are data of other projects under their own licences, so they are not in this repository. They are looked for in the folder
that `OPENROLL_VECTORS` names, else in `shared/vectors` beside the clone. Without them a stranger's run goes on: their
tests are skipped, one line for each set, which says where the set comes from. With `CI` set their absence ends the run before
the first test, so that CI cannot pass without them.
"""

import os
from pathlib import Path

import pytest

ORIGINS = {
    "merkle": "transparency-dev/merkle, testdata/",
    "tessera-log": "transparency-dev/tessera, testdata/log/",
    "rdap": "icann/rdap-conformance-tool, validator/src/main/resources/json-schema/",
    "hpke": "FiloSottile/hpke, testdata/",
    "sd-jwt": "openwallet-foundation-labs/sd-jwt-python, tests/testcases/",
}
"""The sets that tests want: the name of the folder, and the repository and folder of others that it is a copy of."""

FOLDER = Path(os.environ.get("OPENROLL_VECTORS") or Path(__file__).parents[2] / "shared" / "vectors")


def vectors(name: str) -> Path:
    """The folder of a set of vectors; it need not be there (see `needs`)."""
    assert name in ORIGINS, f"{name} is no set of vectors that tests/vectors.py knows"
    return FOLDER / name


def needs(name: str) -> pytest.MarkDecorator:
    """Mark tests that want a set of vectors."""
    assert name in ORIGINS, f"{name} is no set of vectors that tests/vectors.py knows"
    return pytest.mark.vectors(name)


def found(name: str, pattern: str) -> list[Path]:
    """The files of a set, for parametrizing. Where the set is absent: one path to nothing, so that one test is skipped."""
    folder = vectors(name)
    if not folder.is_dir():
        return [folder / "absent"]
    files = sorted(folder.glob(pattern))
    assert files, f"{folder} is there and holds no {pattern}: the set is broken"
    return files


def wanted(item: pytest.Item) -> set[str]:
    """The sets that a test wants."""
    return {str(mark.args[0]) for mark in item.iter_markers("vectors")}


def skip_if_absent(item: pytest.Item) -> None:
    """Skip a test whose vectors are not here. Raised at this one line, so that pytest folds them into one line a set."""
    for name in sorted(wanted(item)):
        if not (FOLDER / name).is_dir():
            pytest.skip(
                f"not run without the vectors of others `{name}`: copy them from {ORIGINS[name]}"
                f" to ../shared/vectors/{name}, or name the folder above it in OPENROLL_VECTORS"
            )


def require_in_ci(items: list[pytest.Item]) -> None:
    """With `CI` set, end the run where a set is absent that a collected test wants."""
    absent = {name for item in items for name in wanted(item) if not (FOLDER / name).is_dir()}
    if absent and os.environ.get("CI"):
        raise pytest.UsageError(
            f"CI is set, and the vectors of others are not at {FOLDER}: {', '.join(sorted(absent))}."
            " Put them there, or name their folder in OPENROLL_VECTORS"
        )
