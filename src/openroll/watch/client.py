"""The client that asks a witness server to cosign a checkpoint (C2SP tlog-witness, "add-checkpoint"). A failure is a value.

The texts of witnesses in the wild differ from their answers: some say 500 where 403 is meant, some 409 where 422 is. Nothing
here depends on a witness's honesty: what it gives is verified, and what it says of sizes is only a hint.
"""

from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import httpx2

from openroll.tlog import (
    Checkpoint,
    KeyMissing,
    Malformed,
    Policy,
    Signature,
    TlogError,
    Witness,
    cosigned_by,
    shown,
    split_note,
)
from openroll.tlog.encoding import strict_decimal

MOST_ANSWER = 100_000
"""Bytes of an answer that are read: a score of post-quantum signature lines."""
SIZE_TYPE = "text/x.tlog.size"
_REFUSALS = {
    400: "finds the request malformed",
    403: "knows none of the keys that signed",
    404: "does not know this log",
    422: "says that this log is not consistent with what it cosigned before",
    429: "asks to be asked less often",
    500: "met a fault of its own, or knows none of the keys that signed",
}

Prove = Callable[[int], Sequence[bytes]]
"""The consistency proof from the tree of so many entries to the checkpoint's (RFC 6962 section 2.1.2)."""
Why = Literal["unreachable", "late", "refused", "inconsistent", "ahead", "not-good"]


class Server(NamedTuple):
    """A witness server: its submission prefix, and the witnesses of a policy that it signs for."""

    address: str
    witnesses: tuple[Witness, ...]

    @property
    def name(self) -> str:
        """What a person calls it: its witnesses by the policy's names."""
        return ", ".join(shown(one.name) for one in self.witnesses)


class Cosignatures(NamedTuple):
    """Success: a witness server's verified cosignatures, by witness."""

    server: Server
    cosignatures: tuple[tuple[Witness, Signature], ...]


class Failed(NamedTuple):
    """Failure of a witness server: its kind, a sentence, and the seconds it asks to be left alone (Retry-After), if it does."""

    server: Server
    why: Why
    sentence: str
    patience: float = 0.0


Answer = Cosignatures | Failed


@dataclass(frozen=True, slots=True)
class CosignRequest:
    """The request to cosign a signed checkpoint, with the consistency proof from the size that a witness holds."""

    note: bytes
    checkpoint: Checkpoint
    prove: Prove

    @classmethod
    def about(cls, note: bytes, prove: Prove) -> "CosignRequest":
        """The request for a checkpoint that we signed ourselves: nothing of it is verified here."""
        return cls(note, Checkpoint.parse(split_note(note)[0]), prove)

    def body(self, old: int) -> bytes:
        """The request's body for a witness that holds the tree of `old` entries. Raises TlogError where tiles are missing."""
        proof = self.prove(old) if 0 < old < self.checkpoint.size else []
        lines = [f"old {old}", *(b64encode(node).decode() for node in proof)]
        return "\n".join(lines).encode() + b"\n\n" + self.note


def servers_of(policy: Policy) -> tuple[Server, ...]:
    """The witness servers of a policy; witnesses of one URL are asked together, those without a URL not at all."""
    by_address: dict[str, list[Witness]] = {}
    for witness in policy.witnesses:
        if witness.url:
            by_address.setdefault(shown(witness.url).rstrip("/"), []).append(witness)
    return tuple(Server(address, tuple(witnesses)) for address, witnesses in by_address.items())


async def request_cosignatures(client: httpx2.AsyncClient, server: Server, request: CosignRequest, old: int) -> Answer:
    """Ask a witness server that is believed to hold the tree of `old` entries; on 409 with another size, once more."""
    old = min(old, request.checkpoint.size)
    try:
        answer = await _post(client, server, request, old)
        if isinstance(answer, int):
            answer = await _post(client, server, request, answer)
        if isinstance(answer, int):
            return Failed(
                server, "refused", f"{server.name} said {answer} a moment after another size: who else asks it?"
            )
        return answer
    except TlogError as error:
        return Failed(server, "not-good", f"{server.name}: {error}")
    except Exception as error:  # whatever a stranger's server makes the client do, publishing goes on
        why = str(error) or type(error).__name__
        return Failed(server, "unreachable", f"{server.name} cannot be reached at {server.address}: {why}")


async def _post(client: httpx2.AsyncClient, server: Server, request: CosignRequest, old: int) -> Answer | int:
    """One request: cosignatures, a failure, or the size that the witness says it holds instead of `old`."""
    headers = {"content-type": "text/plain; charset=utf-8", "accept-encoding": "identity"}
    body = request.body(old)
    async with client.stream("POST", f"{server.address}/add-checkpoint", content=body, headers=headers) as response:
        data = await _whole(response)
        if response.status_code == 409:
            return _other_size(server, request, old, data)
        if response.status_code != 200:
            return _refused(server, response)
    return _given(server, request, data)


async def _whole(response: httpx2.Response) -> bytes:
    data = b""
    async for part in response.aiter_raw():
        data += part
        if len(data) > MOST_ANSWER:
            raise Malformed(f"its answer is longer than {MOST_ANSWER:,} bytes")
    return data


def _given(server: Server, request: CosignRequest, data: bytes) -> Cosignatures:
    by_key = {(one.verifier.name, one.verifier.key_id): one for one in server.witnesses}
    try:
        signatures = cosigned_by(split_note(request.note)[0], data, [one.verifier for one in server.witnesses])
    except KeyMissing as error:
        raise KeyMissing("its answer holds no cosignature by the key that the policy has for it") from error
    return Cosignatures(server, tuple((by_key[one.name, one.key_id], one) for one in signatures))


def _other_size(server: Server, request: CosignRequest, old: int, data: bytes) -> Failed | int:
    try:
        size = strict_decimal(data.decode("ascii").removesuffix("\n"), "a size")
    except (UnicodeDecodeError, Malformed):
        return Failed(
            server, "refused", f"{server.name} {_REFUSALS[422]}, or holds another size and does not say which"
        )
    if size > request.checkpoint.size:
        return Failed(
            server,
            "ahead",
            f"{server.name} says it cosigned {size} entries of this log, which has {request.checkpoint.size}: "
            "was an older backup restored here? `openroll audit` tells",
        )
    # Asked with the size it now names, it can only have meant that the trees differ.
    return Failed(server, "inconsistent", f"{server.name} {_REFUSALS[422]}") if size == old else size


def _refused(server: Server, response: httpx2.Response) -> Failed:
    status = response.status_code
    reason = _REFUSALS.get(status, "does not do what a witness does: is this its submission prefix?")
    wait = response.headers.get("retry-after", "")
    patience = float(wait) if wait.isascii() and wait.isdigit() and len(wait) < 6 else 0.0
    why: Why = "inconsistent" if status == 422 else "refused"
    return Failed(server, why, f"{server.name} answered {status}: it {reason}", patience)
