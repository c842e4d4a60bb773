"""Functions compiled by Numba, typed as the Python they are.

Numba ships no types and its decorators would make every function beneath them untyped, so they are used here alone. A `kernel`
is called from Python and compiled once, for one signature; a `part` is called from kernels only and compiled into them.

Compiling takes seconds, so the machine code is kept where Numba keeps it: in `NUMBA_CACHE_DIR` if that is set, else in
`__pycache__` beside the source, else in the person's own cache folder. Where none of these can be written (a read-only
installation run by a user without a home) kernels are compiled again at each start; nothing fails. A kept kernel is made
again when its own file changes, but not when only a part in another file does: after a change here or in `rng`, run
once with a fresh `NUMBA_CACHE_DIR`, or touch the files whose kernels call them.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])

_AS_C: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
"""A division by zero gives infinity, as in NumPy; raising there would cost a branch at every division."""


def threads() -> int:
    """How many threads one run may use: as many as `NUMBA_NUM_THREADS` says, else as there are processors."""
    return int(os.environ.get("NUMBA_NUM_THREADS") or os.cpu_count() or 1)


def array(of: str, axes: int, *, written: bool = False) -> Any:
    """The type of an array a kernel takes, by the name of its numbers (`int64`, `float64`) and how many axes it has.

    An array that is only read may be strided, broadcast or frozen; one that is written must be whole and in C order.
    """
    return numba.types.Array(getattr(numba.types, of), axes, "C" if written else "A", readonly=not written)


def kernel(*takes: Any) -> Callable[[F], F]:
    """Compile for these types of arguments (names of numbers, or `array(...)`), in order, and without Python's lock.

    Arguments of any other type are refused with a TypeError, never compiled for.
    """
    types = tuple(getattr(numba.types, one) if isinstance(one, str) else one for one in takes)

    def compiled(function: F) -> F:
        made = numba.njit(**_AS_C)(function)
        with suppress(RuntimeError):  # Numba's "no locator available": nowhere to keep it, see above.
            made.enable_caching()
        made.compile(types)
        made.disable_compile()
        return cast(F, made)

    return compiled


def part(function: F) -> F:
    """A function that kernels call; LLVM puts it in line where that pays."""
    return cast(F, numba.njit(**_AS_C)(function))
