"""PostgreSQL connections to a roll's schema, their transactions, and the database role of each.

There are two logins. The *owner*, named in DATABASE_URL, makes and changes the tables, and is used for that and for repairs
alone. All that runs day by day comes in as the roll's own *runtime* login, which owns nothing, is no superuser, and by itself
may read and write nothing: it takes on one of the roll's roles for a transaction, with a sealed claim of whom it acts for
(claims.py).
"""

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from contextvars import ContextVar
from typing import Any

from psycopg import Connection, Cursor, OperationalError, Pipeline, Transaction
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool, PoolTimeout

from openroll.store.address import as_login
from openroll.store.claims import Claims
from openroll.store.exclusion import only_sequencer
from openroll.store.outage import Outage
from openroll.store.pipeline import begin_pipeline
from openroll.store.rights import Right, now_stands, only_reads, right_of_act
from openroll.store.roles import role_of, schema_of
from openroll.store.schema import is_sealed, seal_with, sealed_by_another
from openroll.store.settle import settle
from openroll.store.unanswered import ANSWERS_WITHIN, Unanswered

__all__ = [
    "Database",
    "NotBelieved",
    "NothingWritten",
    "RollConnection",
    "assume",
    "ended_by",
    "ended_here",
    "is_away",
    "note_written",
    "together",
]


WAIT = 3.0
"""Seconds that a transaction waits for a kept connection: longer, and a database that is away holds every thread of the pages."""


ASKED = 2
"""Seconds that a database which gave no connection has, to show that it is there: the least that libpq waits."""


SURE = 0.5
"""Seconds after its last use in which a kept connection is not asked whether the server still knows it."""


_AWAY = ("57P01", "57P02", "57P03")
"""The states by which a server says that it shuts down, broke down, or is starting."""


class NothingWritten(OperationalError):
    """The database went away before the commit of an act: as its transaction began or within it, or on a connection beside it.

    Of that transaction nothing was written. What a request did in one before it stands (`rights.stands`).
    """


class RollConnection(Connection[Any]):
    """A connection that knows the claims of its roll. Its pipelines are sent together (pipeline.py)."""

    claims: Claims
    schema: str
    ended_here: set[bytes]
    """The sessions that its transaction has ended itself (rights.py)."""
    wrote: bool = False
    """Whether the transaction that is on it writes what somebody asked for (events, a mark), not only what is kept beside."""
    acts: tuple[str, str, str] | None
    """Whom it acts for in its transaction (role, organisation, record), as `assume` last said; None where that is not known."""
    used: float
    """When its last transaction ended, by the monotonic clock."""

    @contextmanager
    def pipeline(self, meanwhile: Callable[[], None] | None = None) -> Iterator[Pipeline]:
        """As psycopg's, but statements wait for each other until an answer is needed. `meanwhile` is done before its end."""
        begin_pipeline(self, meanwhile)
        with super().pipeline() as pipeline:
            yield pipeline


class NotBelieved(Exception):
    """The database does not accept the roll's claims: row-level security would show no rows."""


class Database:
    """A roll's database: a PostgreSQL address and the roll's name, which is its schema.

    Holds no connection, unless a serving process asked it to keep some for transactions.
    """

    def __init__(self, url: str, roll: str, *, runtime_password: str = "") -> None:
        """`runtime_password` is the runtime login's where the roll's owner may not give it one."""
        self.url = url
        self._password = runtime_password
        self.roll = roll
        self.schema = schema_of(roll)
        self.claims: Claims | None = None
        self._pool: ConnectionPool[RollConnection] | None = None
        self.outage = Outage()
        self._unanswered = Unanswered(lambda: not self._is_away(ANSWERS_WITHIN, anew=True))
        self.see_rules: Callable[[int], None] | None = None
        """Told at the beginning of each transaction how many rule versions the roll has (service/rules_in_force.py)."""

    def unlock(self, secret: bytes) -> None:
        """Make the claims of the roll from a secret of its own: nothing is done day by day without them."""
        self.claims = Claims(secret, self._password)

    def seal(self) -> None:
        """Give the database the key its claims are sealed with, and the runtime login its password. As the owner."""
        assert self.claims is not None  # noqa: S101 - `unlock` came before
        seal_with(self.url, self.roll, self.claims)

    def sealed_by_another(self) -> bool:
        """Whether the database has a key of claims, and it is not this one's. As the owner."""
        assert self.claims is not None  # noqa: S101 - `unlock` came before
        return sealed_by_another(self.url, self.roll, self.claims)

    def is_sealed(self) -> bool:
        """Whether the database has a key of claims at all, whosever. As the owner."""
        return is_sealed(self.url, self.roll)

    @property
    def runtime_url(self) -> str:
        """The address for the roll's runtime login. Raises RuntimeError before `unlock`."""
        if self.claims is None:
            raise RuntimeError("the roll's own keys have not been read yet")
        return as_login(self.url, role_of(self.schema, "runtime"), self.claims.password)

    def open(self, application: str = "openroll") -> Connection:
        """A new connection as the owner, whose search path is the roll's schema: for repairs. The caller closes it."""
        return self._settled(RollConnection.connect(self.url, application_name=application))

    def open_runtime(self, application: str, *, role: str = "") -> RollConnection:
        """A new connection as the runtime login; with a `role` all of it is done under that one. The caller closes it."""
        connection = self._settled(RollConnection.connect(self.runtime_url, application_name=application), runtime=True)
        if role:
            connection.autocommit = True
            assume(connection, role, lasting=True)
            connection.autocommit = False
        return connection

    @contextmanager
    def open_beside(self, application: str, *, role: str = "") -> Iterator[RollConnection]:
        """A connection as `open_runtime` gives it, for what an act needs before it writes; closed with the block.

        Raises NothingWritten where there is none, or where it breaks: what the act itself did so far is rolled back.
        """
        with (
            _before_writing(),
            self.open_runtime(application, role=role) as connection,
            self._unanswered.watching(connection),
        ):
            yield connection

    @contextmanager
    def only_sequencer(self) -> Iterator[None]:
        """Hold every sequencer off, as the owner: for repairs. Raises as `exclusion.only_sequencer`."""
        with closing(self.open("openroll-round")) as connection:
            connection.autocommit = True
            connection.execute("set idle_in_transaction_session_timeout = 0")  # a repair of a nation's roll takes hours
            with only_sequencer(connection, self.schema):
                yield

    def keep_connections(self, most: int = 8) -> None:
        """Keep up to `most` connections between transactions: what a serving process does."""
        self._pool = ConnectionPool(
            self.runtime_url,
            connection_class=RollConnection,
            kwargs={"application_name": "openroll"},
            configure=self._configure,
            min_size=1,
            max_size=most,
            timeout=WAIT,
            # Its own tries come further and further apart: then who asks begins them anew, and the end is noticed at once.
            reconnect_timeout=WAIT,
            open=True,
            check=self._check,
        )
        self._unanswered.start()

    def drop_connections(self) -> None:
        """Close the kept connections."""
        if self._pool is not None:
            self._unanswered.stop()
            self._pool.close()
            self._pool = None

    def _configure(self, connection: RollConnection) -> None:
        with self._unanswered.watching(connection):
            self._settled(connection, runtime=True)

    def _check(self, connection: RollConnection) -> None:
        """Before a kept connection is handed out: after an outage none is that the server has forgotten. Raises OperationalError.

        One that was used a moment ago is not asked: each page has several transactions, and that was a journey for each.
        """
        if time.monotonic() - connection.used > SURE:
            with self._unanswered.watching(connection):
                ConnectionPool.check_connection(connection)

    def _settled(self, connection: RollConnection, *, runtime: bool = False) -> RollConnection:
        try:
            settle(connection, self.schema, runtime=runtime)
        except BaseException:
            connection.close()
            raise
        connection.schema = self.schema
        connection.ended_here = set()
        connection.acts = None
        connection.used = time.monotonic()
        if self.claims is not None:
            connection.claims = self.claims
        return connection

    @contextmanager
    def own(self) -> Iterator[Connection]:
        """A connection with one transaction on it under the application's own role: for what belongs to no organisation."""
        with self.transaction("application") as connection:
            yield connection

    @contextmanager
    def transaction(self, role: str, *, organisation: str = "", record: int | None = None) -> Iterator[Connection]:
        """A connection with one transaction on it, under a database role that row-level security holds to its rows.

        Raises NothingWritten where the database is away, or goes away before the commit; within it psycopg's OperationalError, as
        nobody knows then; PoolTimeout where every kept connection is in use for too long. A serving process raises NotBelieved
        where its claims are not accepted (any more): empty tables are no answer.
        On its way in it learns whether a rule was published by another process (`see_rules`). What is done on behalf of a right
        (rights.py) asks for it first and last: RightOver is raised where it is gone. What only reads does all of that last.
        """
        shared = _shared.get()
        if shared is not None and shared[0] is self:
            _act_as(shared[1], role, organisation, record)
            yield shared[1]
            return
        right = right_of_act()
        if only_reads():
            with self._reading(right, (role, organisation, record)) as connection:
                yield connection
            return
        with self._opened() as connection, ExitStack() as transaction:
            transaction.enter_context(self._begun(connection, right, (role, organisation, record)))
            connection.ended_here.clear()
            connection.wrote = False
            with _before_writing():
                yield connection
                if right is not None:
                    _ask_last(connection, right)
            transaction.close()
            connection.used = time.monotonic()
            if connection.wrote:
                now_stands()

    @contextmanager
    def _kept(self, pool: ConnectionPool[RollConnection]) -> Iterator[RollConnection]:
        """A kept connection, and what is learnt from it of an outage. Raises NothingWritten, or PoolTimeout."""
        with ExitStack() as kept:
            try:
                connection = kept.enter_context(pool.connection())
            except PoolTimeout as error:
                if self._is_away():
                    raise NothingWritten("no connection") from error
                raise
            try:
                with self._unanswered.watching(connection):
                    yield connection
            except NothingWritten:
                self._is_away()
                raise
            self.outage.end()

    def _is_away(self, within: int = ASKED, *, anew: bool = False) -> bool:
        """Whether the database does not answer: known while an outage lasts, else found out by a connection beside those kept.

        `anew` finds it out in any case. The database has `within` seconds.
        """
        if self.outage.lasts and not anew:
            return True
        try:
            with RollConnection.connect(self.runtime_url, application_name="openroll", connect_timeout=within):
                return False
        except OperationalError as error:
            if not is_away(error):
                return self.outage.lasts and not anew
            self.outage.begin(" ".join(str(error).split()))
            return True

    @contextmanager
    def at_once(self, role: str) -> Iterator[Connection]:
        """A transaction for questions that wait for no answer of each other, in one journey to the database.

        They are answered when it has ended. It acts by nobody's right. Raises as `transaction`.
        """
        with self._opened() as connection:
            connection.autocommit = True
            with _before_writing(), together(connection):
                known = _claim(connection, role)
                yield connection
            connection.used = time.monotonic()
            self._believe(known)

    def _opened(self) -> AbstractContextManager[RollConnection]:
        """A kept connection, or else one that is closed with the block."""
        return self.open_runtime("openroll") if self._pool is None else self._kept(self._pool)

    @contextmanager
    def _reading(self, right: Right | None, acts: tuple[str, str, int | None]) -> Iterator[RollConnection]:
        """A transaction of what only reads: each question is a journey, and the end one more.

        It begins with the first question, and looks at its end whether its claims were accepted and its right is there: nothing
        could be undone, and nobody gets what was read where one is not.
        """
        with self._opened() as connection:
            connection.autocommit = True
            role, organisation, record = acts
            with _before_writing(), together(connection):
                known = _claim(connection, role, organisation=organisation, record=record)
                try:
                    yield connection
                except Exception:
                    if known.pgresult is not None:  # what is missing in tables that show nothing breaks in any way
                        self._believe(known)
                    raise
                if right is not None:
                    _act_as(connection, "application")
                    there = right.ask(connection, hold=False)
            connection.used = time.monotonic()
            self._believe(known)
            if right is not None and there.fetchone() is None:
                raise right.over()

    def _believe(self, known: Cursor[Any]) -> None:
        """Read the answer to `_claim`: whether the claims are accepted, and how many rules there are. Raises NotBelieved."""
        believed, rules = known.fetchone() or (False, 0)
        if self._pool is not None and not believed:
            raise NotBelieved
        if self.see_rules:
            self.see_rules(rules)

    @contextmanager
    def _begun(
        self, connection: RollConnection, right: Right | None, acts: tuple[str, str, int | None]
    ) -> Iterator[None]:
        """Begin, ask for the right of an act that writes, and claim, in one journey to the database.

        (`connection.transaction()` in a pipeline would leave all that follows in it; and without autocommit psycopg does not see
        that this has begun, and begins once more.)
        """
        connection.autocommit = True
        role, organisation, record = acts
        with ExitStack() as transaction:
            there = None
            with _before_writing(), connection.pipeline():
                transaction.enter_context(Transaction(connection))
                if right is not None:
                    assume(connection, "application")
                    there = right.ask(connection, hold=False)
                known = _claim(connection, role, organisation=organisation, record=record)
            self._believe(known)
            if right is not None and there is not None and there.fetchone() is None:
                raise right.over()
            yield

    @contextmanager
    def reading_together(self) -> Iterator[None]:
        """Have every transaction begun within this be a part of one: begun once, and its right asked for once, last.

        For what only reads. Each part takes on a role of its own, as it would alone.
        """
        with self.transaction("application") as connection:
            assert isinstance(connection, RollConnection)  # noqa: S101 - every connection of a Database is one
            before = _shared.set((self, connection))
            try:
                yield
            finally:
                _shared.reset(before)


_shared: ContextVar[tuple[Database, RollConnection] | None] = ContextVar("shared", default=None)
"""The transaction that all reading of this thread is a part of (`Database.reading_together`)."""


@contextmanager
def _before_writing() -> Iterator[None]:
    """Raise NothingWritten where the database goes away within the block: it is before anything is committed."""
    try:
        yield
    except OperationalError as error:
        if is_away(error):
            raise NothingWritten(str(error)) from error
        raise


def is_away(error: Exception) -> bool:
    """Whether an error says that the database went away, or is not there; one of a statement does not."""
    if not isinstance(error, OperationalError):
        return False
    return error.sqlstate is None or error.sqlstate.startswith("08") or error.sqlstate in _AWAY


def _ask_last(connection: RollConnection, right: Right) -> None:
    """Raise RightOver where the right of an act is gone; else keep it until the commit, which comes next."""
    if right.hash in ended_by(connection):
        return  # the act itself ended it, and held it from then on
    with connection.pipeline():
        assume(connection, "application")  # what is undone in part may have undone whom it acts for
        there = right.ask(connection, hold=True)
    if there.fetchone() is None:
        raise right.over()


def note_written(connection: Connection) -> None:
    """Note that the transaction on a connection writes what somebody asked for: what stands once it is committed."""
    assert isinstance(connection, RollConnection)  # noqa: S101 - every connection of a Database is one
    connection.wrote = True


def ended_here(connection: Connection, hashes: Collection[bytes]) -> None:
    """Note that this transaction has ended sessions itself: the one it acts by may be among them, and was there until then."""
    assert isinstance(connection, RollConnection)  # noqa: S101 - every connection of a Database is one
    connection.ended_here.update(hashes)


def ended_by(connection: Connection) -> frozenset[bytes]:
    """The sessions that a connection's transaction has ended itself."""
    assert isinstance(connection, RollConnection)  # noqa: S101 - every connection of a Database is one
    return frozenset(connection.ended_here)


@contextmanager
def together(connection: Connection, meanwhile: Callable[[], None] | None = None) -> Iterator[None]:
    """A transaction in as few journeys to the database as its answers allow; the commit travels with the last statements.

    `meanwhile` is done while the database commits, so whether it does is not known there; it must not raise.

    Raises what a statement raised at the latest at the end; then nothing was written, and nothing lingers on the connection.
    Within a transaction it is a part of that one, which its caller ends.
    """
    assert isinstance(connection, RollConnection)  # noqa: S101 - every connection of a Database is one
    if connection.info.transaction_status != TransactionStatus.IDLE:
        with _part(connection):
            yield
        return
    connection.ended_here.clear()
    try:
        # Not `connection.transaction()`: in a pipeline that makes journeys of their own for begin and for commit.
        with connection.pipeline(meanwhile), Transaction(connection):
            yield
    finally:
        # The server passes over a commit that came behind a statement that failed.
        if not connection.closed and connection.info.transaction_status != TransactionStatus.IDLE:
            connection.rollback()


@contextmanager
def _part(connection: RollConnection) -> Iterator[None]:
    """A part of a transaction, which is undone alone where it fails."""
    before = set(connection.ended_here)
    try:
        # The savepoint outside the pipeline: within, the server would pass over going back to it.
        with Transaction(connection), connection.pipeline():
            yield
    except BaseException:
        connection.ended_here, connection.acts = before, None
        raise


def _claim(connection: Connection, role: str, *, organisation: str = "", record: int | None = None) -> Cursor[Any]:
    """Take on a role, and ask whether the database accepts that, and how many rule versions the roll has (`_believe`)."""
    assume(connection, role, organisation=organisation, record=record)
    return connection.execute("select acting() is not null, rules_known()")


def _act_as(connection: RollConnection, role: str, organisation: str = "", record: int | None = None) -> None:
    """`assume`, unless the transaction acts so already."""
    if connection.acts != (role, organisation, "" if record is None else str(record)):
        assume(connection, role, organisation=organisation, record=record)


def assume(
    connection: Connection, role: str, *, organisation: str = "", record: int | None = None, lasting: bool = False
) -> None:
    """Take on a role (`operator`, `subscriber`, `registrar`, `sequencer`, `application`) until the transaction ends.

    `lasting` takes it on until the connection ends. The search path is set with it: who acted before may have changed it.
    """
    assert isinstance(connection, RollConnection)  # noqa: S101 - every connection of a Database is one
    number = "" if record is None else str(record)
    connection.acts = None if lasting else (role, organisation, number)
    connection.execute(
        "select set_config('role', %(name)s, %(local)s), set_config('search_path', %(path)s, %(local)s),"
        " set_config('openroll.acts', %(role)s, %(local)s), set_config('openroll.organisation', %(organisation)s, %(local)s),"
        " set_config('openroll.record', %(record)s, %(local)s), set_config('openroll.seal', %(seal)s, %(local)s)",
        {
            "name": role_of(connection.schema, role),
            "path": f"{connection.schema}, pg_temp",
            "role": role,
            "organisation": organisation,
            "record": number,
            "seal": connection.claims.seal(role, organisation, number),
            "local": not lasting,
        },
    )
