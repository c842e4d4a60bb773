"""The process of the city model, for houses in the tests' own processes: what one was told, the next is told without a new run.

`python tests/kept_answers.py FOLDER [WORD ...]` stands where `openroll.compose.simulator` does, and takes its words. A question
that was answered before in this run of the tests is answered from FOLDER, byte for byte; any other is put to the real one. A
house asks what the one before it asked, and that is 10 s of a processor each time.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ENDS = (b'{"type":"Finished"', b'{"type":"Inconsistent"', b'{"type":"Broken"')


def main() -> None:
    """Answer questions from stdin until it ends."""
    folder, words = Path(sys.argv[1]), sys.argv[2:]
    child: subprocess.Popen[bytes] | None = None
    for line in sys.stdin.buffer:
        kept = folder / hashlib.sha256(line + _own_words(words)).hexdigest()
        if kept.exists():
            _write(kept.read_bytes())
            continue
        if child is None:
            command = [sys.executable, "-m", "openroll.compose.simulator", *words]
            child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert child.stdin
        assert child.stdout
        child.stdin.write(line)
        child.stdin.flush()
        said = []
        for answer in child.stdout:
            _write(answer)
            said.append(answer)
            if answer.startswith(ENDS):
                break
        else:
            sys.exit(child.wait())
        if said[-1].startswith(ENDS[0]):
            half = kept.with_suffix(f".{os.getpid()}")
            half.write_bytes(b"".join(said))
            half.rename(kept)


def _own_words(words: list[str]) -> bytes:
    """What an answer depends on besides its question: a roll's own words, by all that its folder holds."""
    folders = [Path(one.removeprefix("--words=")) for one in words if one.startswith("--words=")]
    files = sorted(file for folder in folders for file in folder.rglob("*") if file.is_file())
    return b"".join(str(file).encode() + b"\n" + file.read_bytes() for file in files)


def _write(what: bytes) -> None:
    sys.stdout.buffer.write(what)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
