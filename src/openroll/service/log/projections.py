"""The keys of the log: what a change of them is decided on. No table follows: the log's own entries say who signs."""

from psycopg import Connection

from openroll.register.log_keys import commands, events
from openroll.register.log_keys.state import LogKeys
from openroll.service.log.key_history import standing
from openroll.service.roll import Roll
from openroll.service.way import Asked, Mails, Projections, Way, Ways, of_the_roll

_READ_FROM_THE_LOG = "the keys are read from the log's own entries (service/log/key_history.py)"


def _standing(connection: Connection, roll: Roll, _: Asked) -> LogKeys:
    return standing(connection, roll)


WAYS: Ways = {
    command: Way(of_the_roll, _standing) for command in (commands.BeginKeys, commands.FinishKeys, commands.RevokeKeys)
}

PROJECTIONS: Projections = {
    events.LogKeysChanged: _READ_FROM_THE_LOG,
    events.LogKeysRevoked: _READ_FROM_THE_LOG,
}

MAILS: Mails = {}
