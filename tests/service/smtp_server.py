"""A small real mail server for tests: takes mails, or answers what it is told to at a step, or hangs up there."""

import socket
import socketserver
import ssl
import threading
from types import TracebackType
from typing import NamedTuple

DROP = "drop"


class Got(NamedTuple):
    """A mail as it came over the wire."""

    sender: str
    to: str
    data: bytes
    encrypted: bool


class MailServer(socketserver.ThreadingTCPServer):
    """Listens on this machine. `says` maps a step (connect, ehlo, auth, mail, rcpt, data, body, quit) to its answer or DROP."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, *, tls: ssl.SSLContext | None = None, implicit: bool = False, port: int = 0) -> None:
        self.says: dict[str, str] = {}
        self.got: list[Got] = []
        self.heard: list[str] = []
        self.extensions: list[str] = []
        self.tls, self.implicit = tls, implicit
        super().__init__(("127.0.0.1", port), _Conversation)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def __enter__(self) -> "MailServer":
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves in the middle is what some tests are about."""


class _HungUp(Exception):
    pass


class _Conversation(socketserver.BaseRequestHandler):
    server: MailServer
    request: socket.socket

    def handle(self) -> None:
        self.encrypted = False
        self.sender = self.to = ""
        try:
            if self.server.implicit:
                self._encrypt()
            self._wire()
            self._answer("connect", "220 ready")
            while line := self.lines.readline().decode().rstrip("\r\n"):
                self.server.heard.append(line)
                self._command(line)
        except (_HungUp, OSError):
            pass
        finally:
            self.request.close()

    def _wire(self) -> None:
        self.lines = self.request.makefile("rb")

    def _encrypt(self) -> None:
        assert self.server.tls is not None
        self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        self.encrypted = True

    def _answer(self, step: str, usual: str) -> bool:
        text = self.server.says.get(step, usual)
        if text == DROP:
            self.request.shutdown(socket.SHUT_RDWR)
            raise _HungUp
        self.request.sendall(f"{text}\r\n".encode())
        return text == usual

    def _command(self, line: str) -> None:
        word = line.split(" ", maxsplit=1)[0].upper()
        if word in {"EHLO", "HELO"}:
            offered = list(self.server.extensions)
            if self.server.tls is not None and not self.encrypted:
                offered.append("STARTTLS")
            lines = ["here", *offered]
            self._answer("ehlo", "\r\n".join([f"250-{one}" for one in lines[:-1]] + [f"250 {lines[-1]}"]))
        elif word == "STARTTLS":
            self._answer("starttls", "220 go on")
            self._encrypt()
            self._wire()
        elif word == "AUTH":
            self._answer("auth", "235 welcome")
        elif word == "MAIL":
            self.sender = _path(line)
            self._answer("mail", "250 ok")
        elif word == "RCPT":
            self.to = _path(line)
            self._answer("rcpt", "250 ok")
        elif word == "DATA":
            if self._answer("data", "354 go on"):
                self._body()
        elif word == "QUIT":
            self._answer("quit", "221 bye")
            raise _HungUp
        else:
            self._answer("other", "250 ok")

    def _body(self) -> None:
        lines = []
        while (line := self.lines.readline()) != b".\r\n":
            if not line:
                raise _HungUp
            lines.append(line.removeprefix(b"."))
        if "body" not in self.server.says:
            self.server.got.append(Got(self.sender, self.to, b"".join(lines), self.encrypted))
        self._answer("body", "250 taken")


def _path(line: str) -> str:
    return line[line.index("<") + 1 : line.index(">")]
