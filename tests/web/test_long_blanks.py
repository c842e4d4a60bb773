"""No browser or program stands still over a long row of blanks in a stranger's text."""

import json
import subprocess
import time
from pathlib import Path

import pytest

from openroll.watch.mirror import site
from tests.tlog.test_corpus import node

SOURCES = Path(__file__).parents[2] / "frontend" / "src"
TRIED = {
    "a receipt": 'import("{0}/receipt.js").then((m) => m.check(bytes, [], bytes).code)',
    "a key": 'import("{0}/receipt.js").then((m) => m.check(bytes, [text]).code)',
    "an account number": 'import("{0}/packing.js").then((m) => String(m.normalised(text)))',
    "a value": 'import("{0}/told-text.js").then((m) => m.normalText(text))',
    "a file for handles": 'import("{0}/packing.js").then((m) => String(m.keyOf(text)))',
    "a PDF": 'import("{0}/pdf.js").then((m) => m.receiptIn(new TextEncoder().encode("/EmbeddedFile ".repeat(70000))))',
}


@pytest.mark.parametrize("sentence", TRIED)
def test_a_megabyte_of_blanks_is_read_at_once(sentence: str) -> None:
    """Blanks inside a text, close to a million, keep no page of ours busy: a second at most for any of them."""
    blanks = 'const text = "x" + " ".repeat(999_000) + "x", bytes = new TextEncoder().encode(text);'
    script = (
        f"{blanks} const t = Date.now(); {TRIED[sentence].format(SOURCES.as_posix())}"
        ".then(() => process.stdout.write(JSON.stringify(Date.now() - t)))"
    )
    done = subprocess.run([node(), "--input-type=module", "-e", script], capture_output=True, timeout=20, check=True)
    assert json.loads(done.stdout) < 2_000


def test_blanks_in_a_style_of_a_mirrored_page_are_read_at_once() -> None:
    """A style that says `url(` and a hundred thousand blanks is looked through in a moment."""
    begun = time.process_time()
    assert site._IN_CSS.search(b"url(" + b" " * 100_000 + b"x") is None
    assert site._IN_CSS.search(b'url(  "  https://x') is not None
    assert time.process_time() - begun < 1.0
