"""What is asked of an organisation or its seats, in the imperative."""

from openroll.register.command import Command
from openroll.rules.language import Text


class AdmitOrganisation(Command, frozen=True):
    """Admit an authority or a reviewer under a short name (official)."""

    organisation: str
    kind: str
    title: Text


class Join(Command, frozen=True):
    """Take a seat in an organisation of this kind, with a role. `founding`: it is the first lead there ever was."""

    organisation: str
    kind: str
    role: str
    invited_by: str = ""
    founding: bool = False


class Leave(Command, frozen=True):
    """Give up a seat, or have it taken away."""

    organisation: str
    seat: int


class AdmitOperator(Command, frozen=True):
    """Admit an operator under a short name (official)."""

    operator: str
    title: Text
    kind: str
    by: str = ""
