"""An address that a holder gave and that said yes, for tests of what is sent there."""

from openroll.service.identity import address_links, release
from openroll.service.identity.address_links import Named
from openroll.service.mail import mailboxes
from openroll.service.roll import Roll


def give_address(roll: Roll, number: int, address: str = "holder@example.org", lang: str = "en") -> None:
    """A record's holder gives it, and its reader confirms it; the mail that asked is gone."""
    assert release.keep_contact(roll, number, lang, address, roll.clock()) is True
    confirm(roll, number, address)
    with roll.database.own() as connection:
        connection.execute("delete from mail where template = 'confirm-address'")
        connection.execute("delete from work where kind = 'mail' and not key in (select id::text from mail)")


def confirm(roll: Roll, number: int, address: str) -> None:
    """Who reads the address presses Confirm."""
    assert address_links.confirm(roll, Named(number, mailboxes.digest_of(roll, address)))
