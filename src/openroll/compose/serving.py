"""One server a roll, and one on a port: both are asked for before anything is served."""

import fcntl
import os
import socket
from pathlib import Path

_held: list[int] = []
"""Locks of this process, for as long as it lives; the kernel lets go of them however it ends."""


def check_port(host: str, port: int) -> None:
    """Raise ValueError, with what to do, when nothing can listen there.

    The server itself shares its port with whoever asks for it likewise (SO_REUSEPORT), and both would answer in turns. So the
    port is taken here once without sharing, which fails while anybody has it.
    """
    if not 1 <= port <= 65535:
        raise ValueError(f"a port is a number from 1 to 65535, not {port}")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise ValueError(f"{host} is no address of this machine: {error.strerror or error}") from None
    for family, kind, protocol, _, address in found:
        with socket.socket(family, kind, protocol) as tried:
            tried.setsockopt(
                socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
            )  # ports of connections that are closing are free
            if family == socket.AF_INET6:
                tried.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                tried.bind(address)
                tried.listen(1)
            except OSError as error:
                raise ValueError(
                    f"nothing can be served on {host}, port {port} ({error.strerror}): another server may be there; `--port`"
                    " takes another"
                ) from None


def be_the_only_server(home: Path) -> None:
    """Serve this roll alone until the process ends. Raises ValueError when another process does."""
    path = home / "serving.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise ValueError(f"this roll is served already, by a process that holds {path}: one server a roll") from None
    _held.append(descriptor)
