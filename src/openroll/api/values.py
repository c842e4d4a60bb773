"""What a value may be that a program sends: a text or a number that a table holds.

Filings are not here: their cells are judged by the verdicts of a file's, which say more (`sheet`).
"""

from typing import Annotated

import msgspec
from litestar.params import PathParameter, QueryParameter

Text = Annotated[str, msgspec.Meta(max_length=10_000, pattern=r"^[^\u0000]*$")]
"""A text without NUL, which PostgreSQL holds in none."""
Short = Annotated[str, msgspec.Meta(max_length=200, pattern=r"^[^\u0000]*$")]
"""A text without NUL of one line."""
Number = Annotated[int, msgspec.Meta(ge=0, le=2**62)]
"""A number of a request, a use or a fact."""
Place = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
"""A place in a list, or the number of a heap."""

# Litestar takes bounds of what stands in an address from its own parameters alone, and passes msgspec's over.
NumberInPath = Annotated[int, PathParameter(ge=0, le=2**62)]
"""As `Number`, in an address."""
PlaceInPath = Annotated[int, PathParameter(ge=0, le=2**31 - 1)]
"""As `Place`, in an address."""
Before = Annotated[int | None, QueryParameter(ge=1, le=2**62)]
"""Below which number a list goes on."""
