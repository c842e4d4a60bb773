"""What every command is: something asked of one record, and who asks."""

import msgspec


class Actor(msgspec.Struct, frozen=True):
    """Who acts: a role (`operator`, `subscriber`, `registrar`) and an organisation's short name, never a person."""

    role: str
    organisation: str = ""


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """Something asked of one record."""
