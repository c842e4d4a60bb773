"""Escrow deposits, logs that ended and registers that were brought back: the tables that follow these events."""

from psycopg import Connection

from openroll.register.roll import commands, events
from openroll.service.way import Done, Mails, Projections, Way, Ways, of_nothing, of_the_roll
from openroll.store import recovery_records
from openroll.store.recovery_records import EndedLog

WAYS: Ways = {
    command: Way(of_the_roll, of_nothing)
    for command in (commands.DepositEscrow, commands.RestoreLog, commands.BeginLog)
}


def _deposited(connection: Connection, done: Done, fact: events.EscrowDeposited) -> None:
    recovery_records.put_deposit(connection, fact.on, fact.digest, fact.size, done.now)


def _log_begun(connection: Connection, done: Done, fact: events.LogBegun) -> None:
    keys = "".join(f"{key}\n" for key in fact.keys)
    command = done.command
    ended = EndedLog(command.number, fact.before, command.size, fact.checkpoint.encode(), keys)
    recovery_records.put_ended(connection, ended, done.now)


PROJECTIONS: Projections = {
    events.EscrowDeposited: _deposited,
    events.LogRestored: "whether the roll is held stands outside the database (service/log/signing_hold.py)",
    events.LogBegun: _log_begun,
}

MAILS: Mails = {}
