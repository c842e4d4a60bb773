"""Baseline server for benchmarks of look-ups: one row by its primary key, over HTTP and nothing else. Its settings are in the
environment: the database's address and the schema, as `openroll bench` sets them."""

import os
from typing import Any

from psycopg.sql import SQL, Identifier
from psycopg_pool import AsyncConnectionPool

_QUERY = SQL("select row_to_json(s)::text from {}.site s where number = %s")
_pools: list[AsyncConnectionPool] = []


async def app(scope: Any, _: Any, send: Any) -> None:
    """ASGI 3: the row of the number that the path is."""
    if scope["type"] != "http":
        return
    number = scope["path"].strip("/")
    body = b"hello"
    if number:
        async with (await _pool()).connection() as connection:
            query = _QUERY.format(Identifier(os.environ["BENCH_SCHEMA"]))
            row = await (await connection.execute(query, (int(number),))).fetchone()
            body = row[0].encode() if row else b""
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _pool() -> AsyncConnectionPool:
    """Eight connections, as a roll's server keeps."""
    if not _pools:
        _pools.append(AsyncConnectionPool(os.environ["DATABASE_URL"], min_size=8, max_size=8, open=False))
        await _pools[0].open()
    return _pools[0]
