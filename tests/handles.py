"""The handles that tests file under, made from account numbers of made-up operators."""


def handle(account: str) -> str:
    """The handle of an operator's own account number, in the form that the register takes."""
    return account
