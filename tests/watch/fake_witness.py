"""A tiny witness for tests: it speaks tlog-witness truly, and can be told to misbehave."""

import re
import threading
from base64 import b64decode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from openroll import tlog
from openroll.tlog.note import Signature

TIME = 1_166_587_201


class FakeWitness:
    """A witness in a thread. `mode` is how it behaves; `head` the head it last cosigned.

    `asked` are the old sizes it was sent, `refused` how often it was shown what is not the log's growth.
    """

    def __init__(self, name: str, logs: Sequence[tlog.Verifier] | None = None, *, kinds: str = "cosignature") -> None:
        """`logs` are the keys it trusts (all must sign); None trusts any. `kinds` are its keys' kinds, in words."""
        self.signers = [
            tlog.Signer.from_seed(f"{name}.example", name.encode().ljust(32, kind[:1].encode()), kind)
            for kind in kinds.split()
        ]
        self.name = name
        self.logs = logs
        self.mode = "good"
        self.head = tlog.Checkpoint("", 0, tlog.EMPTY_ROOT)
        self.asked: list[int] = []
        self.refused = 0
        self.stop = threading.Event()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def lines(self) -> str:
        """Its lines in a policy; more than one key makes a group of any, under its name."""
        if len(self.signers) == 1:
            return f"witness {self.name} {self.signers[0].verifier_key} {self.address}\n"
        names = [f"{self.name}-{number}" for number in range(len(self.signers))]
        lines = [
            f"witness {name} {one.verifier_key} {self.address}\n" for name, one in zip(names, self.signers, strict=True)
        ]
        return "".join(lines) + f"group {self.name} any {' '.join(names)}\n"

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self.stop.set()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, body: bytes) -> tuple[int, str, bytes]:
        """Status, content type and body, as tlog-witness has it."""
        head, _, note = body.partition(b"\n\n")
        old_line, *proof = head.decode("ascii").split("\n")
        found = re.fullmatch("old (0|[1-9][0-9]*)", old_line)
        if not found:
            return 400, "text/plain", b""
        text = note.decode().rpartition("\n\n")[0] + "\n"
        checkpoint, old = tlog.Checkpoint.parse(text), int(found[1])
        self.asked.append(old)
        if self.logs is not None:
            tlog.open_checkpoint(note, self.logs)
        with self._lock:
            if old != self.head.size:
                return 409, "text/x.tlog.size", f"{self.head.size}\n".encode()
            try:
                if old:
                    hashes = [b64decode(line) for line in proof]
                    tlog.verify_consistency(old, checkpoint.size, hashes, self.head.root, checkpoint.root)
                elif proof:
                    return 422, "text/plain", b""
            except tlog.ProofFailed:
                self.refused += 1
                return 422, "text/plain", b""
            self.head = checkpoint
        return 200, "text/plain", self.cosign(text)

    def cosign(self, text: str, time: int = TIME) -> bytes:
        lines = [Signature(one.name, one.verifier.key_id, one.sign(text, time)).line() for one in self.signers]
        return "".join(lines).encode()

    def misbehave(self, body: bytes) -> tuple[int, str, bytes]:
        """What it answers in a mode that has a plain answer."""
        text = body.partition(b"\n\n")[2].decode().rpartition("\n\n")[0] + "\n"
        stranger = tlog.Signer.from_seed("stranger.example", b"?" * 32, "cosignature")
        strange = Signature(stranger.name, stranger.verifier.key_id, stranger.sign(text, TIME)).line().encode()
        return {
            "400": (400, "text/plain", b"no"),
            "403": (403, "text/plain", b"no"),
            "404": (404, "text/plain", b"no"),
            "422": (422, "text/plain", b"no"),
            "429": (429, "text/plain", b"no"),
            "500": (500, "text/plain", b"no"),
            "302": (302, "text/plain", b""),
            "409 for 422": (409, "text/plain", b"inconsistent\n"),
            "409 the same": (409, "text/x.tlog.size", f"{self.asked_last(body)}\n".encode()),
            "409 always": (409, "text/x.tlog.size", f"{self.asked_last(body) + 1}\n".encode()),
            "ahead": (409, "text/x.tlog.size", b"999999\n"),
            "absurd": (409, "text/x.tlog.size", b"9" * 5_000 + b"\n"),
            "another text": (200, "text/plain", self.cosign(text.replace("\n", "x\n", 1))),
            "no time": (200, "text/plain", self.cosign(text, 0)),
            "a stranger's key": (200, "text/plain", strange),
            "a stranger's key too": (200, "text/plain", strange + self.cosign(text)),
            "nothing": (200, "text/plain", b""),
            "rubbish": (200, "text/plain", b"\xff\xfe\0"),
            "without end": (200, "text/plain", b"x" * 200_000),
        }[self.mode]

    @staticmethod
    def asked_last(body: bytes) -> int:
        return int(body.split(b"\n")[0].split(b" ")[1])

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        witness = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if witness.mode == "silent":
                    witness.stop.wait(30)
                    self.close_connection = True
                    return
                if witness.mode == "a byte at a time":
                    self._drip()
                    return
                status, kind, data = witness.answer(body) if witness.mode == "good" else witness.misbehave(body)
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(data)))
                if status == 429:
                    self.send_header("retry-after", "60")
                if status == 302:
                    self.send_header("location", witness.address + "/elsewhere")
                self.end_headers()
                self.wfile.write(data)

            def _drip(self) -> None:
                """Headers at once, then a byte of the answer now and then: no single read ever times out."""
                self.send_response(200)
                self.end_headers()
                try:
                    while not witness.stop.wait(0.05):
                        self.wfile.write(b".")
                        self.wfile.flush()
                except OSError:
                    pass
                self.close_connection = True

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


@contextmanager
def witnesses(*made: FakeWitness) -> Iterator[None]:
    """These witnesses, running."""
    for one in made:
        one.start()
    try:
        yield
    finally:
        for one in made:
            one.close()
