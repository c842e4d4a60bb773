"""The handles that tests file under, made from account numbers of made-up operators."""

import numpy as np

from openroll.register.subscription.handle import ALPHABET, MODULUS, WEIGHTS, handle_of, is_handle

KEY = bytes(range(32))
"""The handle key of every operator in tests."""


def handle(account: str) -> str:
    """The handle of an operator's own account number, in the form that the register takes; of a handle, itself."""
    return account if is_handle(account) else handle_of(account, KEY)


def many_handles(first: int, count: int) -> list[bytes]:
    """Handles by the hundred thousand, different for different numbers: of the right form, made of no account."""
    numbers = np.arange(first, first + count)
    values = np.empty((count, 34), np.int64)
    for place in range(32):
        values[:, place] = (numbers >> (5 * (place % 12))) & 31
    check = values[:, :32] @ np.array(WEIGHTS) % MODULUS
    values[:, 32], values[:, 33] = check // 32, check % 32
    letters = np.frombuffer(ALPHABET.encode(), np.uint8)[values]
    whole = np.hstack([np.tile(np.frombuffer(b"h1", np.uint8), (count, 1)), letters])
    return [row.tobytes() for row in whole]
