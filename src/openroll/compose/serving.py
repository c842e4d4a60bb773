"""Check, before serving, that the port is free or this roll's own.

Several processes may serve a roll, on this machine or others: what must be one at a time is held by a lock of the database (who
gives filings their places, service/log/leader.py) or of a file (the marks of numbers, the ratchet).
"""

import fcntl
import os
import socket
from pathlib import Path

_held: list[int] = []
"""Locks of this process, for as long as it lives; the kernel lets go of them however it ends."""


def check_port_number(port: int) -> None:
    """Raise ValueError for what is no port: said before anything is promised or looked at."""
    if not 1 <= port <= 65535:
        raise ValueError(f"a port is a number from 1 to 65535, not {port}")


def check_port(host: str, port: int) -> None:
    """Raise ValueError, with what to do, when nothing can listen there.

    The server itself shares its port with whoever asks for it likewise (SO_REUSEPORT), and both would answer in turns. So the
    port is taken here once without sharing, which fails while anybody has it.
    """
    check_port_number(port)
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


def join_port(home: Path, host: str, port: int) -> bool:
    """Take part in serving this roll on a port until the process ends; whether another server of the roll is there already.

    Raises ValueError when the port is anybody else's.

    Another server of the same roll may be there: both answer until one of them ends, which is how a new process takes over from
    an old one. Whether it is the roll's own is told by a lock in its home, which the kernel lets go of however a process ends.
    """
    if not home.exists():
        check_port(host, port)
        return False
    path = home / f"serving-{port}.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    shared = False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        shared = True
    else:
        try:
            check_port(host, port)
        except ValueError:
            os.close(descriptor)
            raise
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    _held.append(descriptor)
    return shared
