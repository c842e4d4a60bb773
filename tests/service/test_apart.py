"""What runs apart reaches nothing of the machine, and what we write into a folder that it had follows no link."""

import contextlib
import os
import socket
import sys
from pathlib import Path

import pytest

from openroll.store.apart import apart, give_apart
from openroll.store.temporary_server import automatic_settings, set_automatic


def _stand() -> bool:
    try:
        with apart(["/bin/true"], {}) as running:
            return running.status() == 0
    except OSError:  # no walls, or no user for it
        return False


WALLED = pytest.mark.skipif(not _stand(), reason="this kernel lets us make no namespaces")


REACHING = """
import ctypes, os, socket, sys
where, port, pid = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
def file(): open(where + "/other")
def program(): open(socket.__file__, "r+")
def process(): os.kill(pid, 0)
def environment(): open(f"/proc/{pid}/environ")
def ours(): os.environ["OPENROLL_CODES_KEY"]
def tcp(): socket.create_connection(("127.0.0.1", port), 2)
def unix(): socket.socket(socket.AF_UNIX).connect(where + "/agent")
def abstract(): socket.socket(socket.AF_UNIX).connect(f"\\0openroll-{pid}")
def mounting():
    if ctypes.CDLL(None).mount(b"none", b"/tmp", b"tmpfs", 0, None): raise OSError
def namespace():
    if ctypes.CDLL(None).unshare(1 << 28): raise OSError
def child_in_a_namespace():
    # fork, with a user namespace of its own: clone(CLONE_NEWUSER | SIGCHLD)
    clone = {"x86_64": 56, "aarch64": 220, "riscv64": 220}[os.uname().machine]
    child = ctypes.CDLL(None).syscall(clone, 1 << 28 | 17, 0, 0, 0, 0)
    if child == 0: os._exit(0)
    if child < 0: raise OSError
def output():
    print("said", flush=True)
    os.ftruncate(1, 0)
for reach in (file, program, process, environment, ours, tcp, unix, abstract, mounting, namespace, child_in_a_namespace, output):
    try: reach()
    except (OSError, KeyError): continue
    print(reach.__name__)
print(open("/data/file").read())
"""


@WALLED
def test_what_runs_apart_reaches_its_folder_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file of ours, no program to alter, process, environment, TCP, UNIX socket with a name or without, or user namespace.

    What it said stays said.
    """
    monkeypatch.setenv("OPENROLL_CODES_KEY", "secret")
    (tmp_path / "own").mkdir()
    (tmp_path / "programs").mkdir()  # beneath /tmp, as where somebody tries a clone of ours there
    for name in ("own/file", "other"):
        (tmp_path / name).write_text("its own")
    unix = (str(tmp_path / "agent"), f"\0openroll-{os.getpid()}")
    with contextlib.ExitStack() as held:
        port = held.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1]
        for place in unix:
            one = held.enter_context(socket.socket(socket.AF_UNIX))
            one.bind(place)
            one.listen()
        arguments = [str(Path(sys.executable).resolve()), "-I", "-S", "-c", REACHING, str(tmp_path)]
        arguments += [str(port), str(os.getpid())]
        give_apart(tmp_path / "own")
        with apart(
            arguments, {"/data": (tmp_path / "own", False)}, [Path(sys.base_prefix), tmp_path / "programs"]
        ) as running:
            assert (running.status(), running.said()) == (0, "said\nits own\n")


def test_no_link_in_a_folder_that_a_server_had_is_followed(tmp_path: Path) -> None:
    """What we put into it by name takes the place of a link, and what we read there is none."""
    (tmp_path / "data").mkdir()
    (tmp_path / "other").write_text("ours")
    (tmp_path / "data/postgresql.auto.conf").symlink_to(tmp_path / "other")
    with pytest.raises(OSError, match="symbolic links"):
        automatic_settings(tmp_path / "data")
    set_automatic(tmp_path / "data", b"theirs")
    assert (tmp_path / "other").read_text() == "ours"
    assert automatic_settings(tmp_path / "data") == b"theirs"
