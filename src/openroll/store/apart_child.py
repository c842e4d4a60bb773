"""Make walls of Linux namespaces, start one program behind them, and see that nothing of it stays (`store.apart`).

A file that is run by its name in a process of its own, with the standard library alone: it is root where the verifier is.
It watches from outside; the program is the first process of its own PID namespace, so all that it started dies with it.
"""

import ctypes
import json
import os
import select
import signal
import struct
import sys
from pathlib import Path
from typing import Any

_NEW_MOUNTS, _NEW_UTS, _NEW_IPC, _NEW_USER, _NEW_PIDS, _NEW_NET = 1 << 17, 1 << 26, 1 << 27, 1 << 28, 1 << 29, 1 << 30
_NOSUID, _NODEV, _BIND, _RECURSIVE, _PRIVATE = 2, 4, 1 << 12, 1 << 14, 1 << 18
_DETACH, _BY_CWD, _BENEATH = 2, -100, 0x8000
_MOUNT_SETATTR = 442  # on every architecture (Linux 5.12)
_NEW_KEYRING = {"x86_64": 250, "aarch64": 219, "riscv64": 219, "ppc64le": 271, "s390x": 280}
_DIE_WITH_PARENT, _SECCOMP, _NO_NEW_PRIVILEGES = 1, 22, 38
_ABI = {
    "x86_64": (0xC000003E, 272, 56, 0),
    "aarch64": (0xC00000B7, 97, 220, 0),
    "riscv64": (0xC00000F3, 97, 220, 0),
    "ppc64le": (0xC0000015, 282, 120, 0),
    "s390x": (0x80000016, 303, 120, 1),
}
"""By machine: its name in a filter (AUDIT_ARCH), the numbers of unshare and clone, and at which argument clone has its flags."""
_CLONE3 = 435  # on every architecture
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_EPERM, _ENOSYS = 1, 38
_DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc/ld.so.cache")
_SECONDS_TO_STOP = 60

_libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    """Do the task in the first argument (JSON); what stands in the way is said to the descriptor `told`, else one `+`."""
    task = json.loads(sys.argv[1])
    try:
        if task["user"] is None:
            _become_ourselves_elsewhere()
        _call("unshare", _NEW_PIDS | _NEW_NET | _NEW_IPC | _NEW_UTS)
        first = os.fork()
        if first == 0:
            _run(task)
    except (OSError, AttributeError) as error:
        os.write(task["told"], str(error).encode())
        os._exit(125)
    os.close(task["told"])
    sys.exit(_watch(first))


def _call(name: str, *arguments: object) -> None:
    if getattr(_libc, name)(*arguments) < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _become_ourselves_elsewhere() -> None:
    """A user namespace that knows one user, ourselves: what it takes to make the others without being root."""
    user, group = os.geteuid(), os.getegid()
    _call("unshare", _NEW_USER)
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")


def _run(task: dict[str, Any]) -> None:
    os.setsid()  # a group of its own: signals to a group know no PID namespace
    os.umask(0o022)
    _furnish(task)
    # Keys of the kernel go with the session. Where the call is not let through, it is not for the program either.
    if (number := _NEW_KEYRING.get(os.uname().machine)) is None:
        raise OSError("kernel keys cannot be put away on this architecture")
    _libc.syscall(number, 1, None)
    if task["user"] is not None:
        os.setgroups([])
        os.setgid(task["user"][1])
        os.setuid(task["user"][0])
    _call("prctl", _NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    _call("prctl", _DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    _forbid_user_namespaces()
    os.umask(0o077)
    os.dup2(task["input"], 0)
    os.set_inheritable(task["input"], False)
    os.set_inheritable(task["told"], False)
    os.write(task["told"], b"+")
    os.execve(task["arguments"][0], task["arguments"], {"PATH": "/usr/bin:/bin", "HOME": "/", "LC_ALL": "C"})  # noqa: S606 - no shell is wanted


def _forbid_user_namespaces() -> None:
    """A filter of system calls for the program and all that it starts: in a user namespace it would be root over more of it.

    The limit in /proc/sys/user would do it too, but where we are root that is the whole machine's.
    """
    if (abi := _ABI.get(os.uname().machine)) is None:
        raise OSError("user namespaces cannot be forbidden on this architecture")
    arch, unshare, clone, flags = abi
    low = 4 if sys.byteorder == "big" else 0
    # (operation, jumps where true, jumps where false, value); struct seccomp_data: number, architecture, pointer, arguments.
    steps = (
        (_LOAD, 0, 0, 4),
        (_EQUAL, 1, 0, arch),
        (_RETURN, 0, 0, _KILL),  # another architecture's calls have other numbers
        (_LOAD, 0, 0, 0),
        (_AT_LEAST, 8, 0, 1 << 30),  # the numbers of x32
        (_EQUAL, 6, 0, _CLONE3),  # its flags lie in memory, which no filter reads; the C library tries clone then
        (_EQUAL, 1, 0, unshare),
        (_EQUAL, 2, 6, clone),
        (_LOAD, 0, 0, 16 + low),
        (_ANY_BIT, 3, 4, _NEW_USER),
        (_LOAD, 0, 0, 16 + 8 * flags + low),
        (_ANY_BIT, 1, 2, _NEW_USER),
        (_RETURN, 0, 0, _REFUSE | _ENOSYS),
        (_RETURN, 0, 0, _REFUSE | _EPERM),
        (_RETURN, 0, 0, _ALLOW),
    )
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("@HP", len(steps), ctypes.addressof(code)))
    _call("prctl", _SECCOMP, 2, program, 0, 0)


def _furnish(task: dict[str, Any]) -> None:
    """A root folder in which nothing stands but what the program needs; the old one is let go of. There is no /proc."""
    _call("unshare", _NEW_MOUNTS)
    _call("mount", None, b"/", None, _RECURSIVE | _PRIVATE, None)
    root = Path(task["root"])
    _call("mount", b"tmpfs", bytes(root), b"tmpfs", _NOSUID | _NODEV, b"mode=755")
    for path in map(Path, (*_SYSTEM, *task["readable"])):
        if path.is_symlink():
            _in(root, path).symlink_to(path.readlink())
        elif path.exists():
            _bind(path, _in(root, path), read_only=True)
    for inside, (outside, read_only) in task["folders"].items():
        _bind(Path(outside), _in(root, inside), read_only=read_only)
    for device in _DEVICES:
        _place(Path(device), _in(root, device))
    for name in ("/tmp", "/dev/shm"):  # noqa: S108 - its own
        _in(root, name).mkdir(exist_ok=True)  # there where the server's programs stand beneath it
        _in(root, name).chmod(0o1777)
    user, group = task["user"] or (os.geteuid(), os.getegid())
    _in(root, "/etc").mkdir(exist_ok=True)
    _in(root, "/etc/passwd").write_text(f"openroll_apart:x:{user}:{group}::/:/bin/sh\n", encoding="ascii")
    os.chdir(root)
    _call("pivot_root", b".", b".")
    _call("umount2", b".", _DETACH)
    os.chdir("/")


def _in(root: Path, path: str | Path) -> Path:
    return root / Path(path).relative_to("/")


def _place(source: Path, target: Path) -> None:
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    _call("mount", bytes(source), bytes(target), None, _BIND | _RECURSIVE, None)


def _bind(source: Path, target: Path, *, read_only: bool) -> None:
    _place(source, target)
    set_to = (ctypes.c_uint64 * 4)(_NOSUID | _NODEV | read_only, 0, 0, 0)
    _call("syscall", _MOUNT_SETATTR, _BY_CWD, bytes(target), _BENEATH, ctypes.byref(set_to), 32)


def _watch(first: int) -> int:
    """Wait for the program's end, or until our input ends: then it is asked to stop, and killed after a while. Its status."""
    ended = os.pidfd_open(first)
    there, _, _ = select.select([0, ended], [], [])
    if ended not in there:
        signal.pidfd_send_signal(ended, signal.SIGINT)
        there, _, _ = select.select([ended], [], [], _SECONDS_TO_STOP)
        if not there:
            signal.pidfd_send_signal(ended, signal.SIGKILL)
    # A PID namespace's first process is there until all others in it are gone.
    return os.waitstatus_to_exitcode(os.waitpid(first, 0)[1]) & 0xFF


if __name__ == "__main__":
    main()
