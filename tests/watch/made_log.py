"""A log made in memory, for tests: it grows, signs, proves, and can lie."""

from base64 import b64encode

from openroll.tlog import Checkpoint, Signer, leaf_hash, root_of, sign_checkpoint
from openroll.tlog.tree import prove_consistency
from openroll.tlog.witnessing import Submission, format_submission


class MadeLog:
    """A log named `origin` with entries of its own; `branch` makes another history under the same keys."""

    def __init__(self, origin: str = "log.example/made", branch: str = "", fork_at: int = 0) -> None:
        self.origin = origin
        self.signers = (
            Signer.from_seed(origin, b"\x01" * 32, "ed25519"),
            Signer.from_seed(origin, b"\x02" * 32, "ml-dsa-44"),
        )
        self._branch, self._fork_at = branch, fork_at
        self._signed: dict[int, bytes] = {}

    @property
    def keys(self) -> list[str]:
        """Its verifier keys."""
        return [signer.verifier_key for signer in self.signers]

    def entry(self, index: int) -> bytes:
        """One entry; from where the branch forks they are the branch's own."""
        own = self._branch if index >= self._fork_at else ""
        return f"entry {index}{own}".encode()

    def leaves(self, size: int) -> list[bytes]:
        """The leaf hashes of the first entries."""
        return [leaf_hash(self.entry(index)) for index in range(size)]

    def root(self, size: int) -> bytes:
        """The root of a size."""
        return root_of(self.leaves(size))

    def checkpoint(self, size: int) -> bytes:
        """The signed head of a size: the same bytes each time, though ML-DSA signs with randomness."""
        if size not in self._signed:
            self._signed[size] = sign_checkpoint(Checkpoint(self.origin, size, self.root(size)), self.signers)
        return self._signed[size]

    def proof(self, old: int, new: int) -> tuple[bytes, ...]:
        """The consistency proof between two sizes."""
        leaves = self.leaves(new)
        read = lambda level, index: root_of(leaves[index << level : (index + 1) << level])  # noqa: E731 - two words long
        return tuple(prove_consistency(read, old, new))

    def submission(self, old: int, new: int) -> bytes:
        """What the log sends to a witness to have its head of size `new` cosigned."""
        return format_submission(Submission(old, self.proof(old, new), self.checkpoint(new)))


def line(data: bytes) -> str:
    """Base64, as lines of proofs are written."""
    return b64encode(data).decode()
