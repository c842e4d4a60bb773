"""Validate the roll's public address (OPENROLL_ADDRESS): only the form browsers use matches passkeys and cookies.

WebAuthn compares an origin byte by byte and takes a host name for its relying party, never a number (level 3, section 5.1.3).
"""

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from openroll.hosts import ascii_host

_DEFAULT = {"https": 443, "http": 80}


def public_address(text: str) -> str:
    """OPENROLL_ADDRESS, validated. Raises ValueError with what is wrong and what to write."""
    parts = _parts(text)
    host = parts.hostname or ""
    here = host == "localhost" or host.endswith(".localhost")
    if parts.scheme not in ("http", "https") or not host:
        raise _wrong(
            text,
            "it is https and a host, as https://roll.example; on this machine alone, http://localhost and a port will do",
        )
    if parts.path or parts.query or parts.fragment or parts.username is not None or "?" in text or "#" in text:
        raise _wrong(text, "it ends with the host (or a port), without a slash, a path or a user")
    if _is_number(host):
        raise _wrong(
            text, "passkeys belong to a name and never to a number: give the machine a name, or use http://localhost"
        )
    if parts.scheme == "http" and not here:
        raise _wrong(text, f"browsers make passkeys under https alone, but for localhost: https://{host}")
    if "." not in host and not here:
        raise _wrong(
            text, f"a name without a dot is no host that passkeys can belong to: https://{host}.example, or localhost"
        )
    return _as_browsers_say(text, parts, host)


def local_address(port: int) -> str:
    """The address of a server on this machine, in the form browsers use."""
    return "http://localhost" if port == _DEFAULT["http"] else f"http://localhost:{port}"


def _parts(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise _wrong(text, "its port is a number from 1 to 65535, and its host a name") from None
    if port == 0 or parts.netloc.endswith(":"):
        raise _wrong(text, "its port is a number from 1 to 65535")
    return parts


def _as_browsers_say(text: str, parts: SplitResult, host: str) -> str:
    try:
        host = ascii_host(host.rstrip("."))
    except ValueError:
        raise _wrong(text, "its host is no name of a host") from None
    port = f":{parts.port}" if parts.port not in (None, _DEFAULT[parts.scheme]) else ""
    said = f"{parts.scheme}://{host}{port}"
    if said != text:
        raise _wrong(text, f"browsers say {said}, and compare it letter by letter: write that")
    return text


def _wrong(text: str, why: str) -> ValueError:
    return ValueError(f"OPENROLL_ADDRESS cannot be {text!r}: {why}")


def _is_number(host: str) -> bool:
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        # Browsers read 127.1, 0x7f000001 and 2130706433 as numbers too (URL standard, "IPv4 parser").
        last = host.rstrip(".").rpartition(".")[2]
        return last.isdigit() or last[:2].lower() == "0x"
    return True
