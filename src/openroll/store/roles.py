"""Names of a roll's PostgreSQL schema and roles. Roles are cluster-wide, so each roll has its own."""

ACTING = ("application", "operator", "subscriber", "registrar", "sequencer")
"""Roles without login, one for each who may act. `application` is the roll's own work: sessions, people, what waits."""
RUNTIME = "runtime"
"""The login that everything runs as; it may take on each of the acting roles and has nothing of its own."""
OLD = ("openroll_operator", "openroll_subscriber", "openroll_registrar", "openroll_sequencer")
"""The four roles that all rolls of a cluster shared up to the schema 0006."""


def schema_of(roll: str) -> str:
    """The schema a roll lives in: one roll, one schema, so that it moves to another node whole."""
    return "roll_" + roll.replace("-", "_")


def role_of(schema: str, role: str) -> str:
    """The database role of a roll for who acts. Roll names are 32 characters at most, so this stays below PostgreSQL's 63."""
    return f"{schema}_{role}"
