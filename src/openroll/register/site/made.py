"""The fact that a filing of a site, or the word of a check of it, makes once it is taken. Pure."""

from openroll.register.organisation.roles import Seat
from openroll.register.site import commands, events
from openroll.register.site.record import Site

PRIVATE_BY = "operator"
"""By whom a fact of a natural person's site was made, as the register says it: of which seat would link its facts."""


def filed(
    command: commands.FileSite | commands.FilePrivateSite, number: int, by: Seat, rule: str
) -> events.SiteFiled | events.PrivateSiteFiled:
    """The filing of a site under a number."""
    if isinstance(command, commands.FilePrivateSite):
        return events.PrivateSiteFiled(
            site=number,
            operator=by.organisation,
            kind=command.kind,
            handle=command.handle,
            digests=tuple(sorted(command.digests)),
            began=command.began,
            control=command.control,
            by=PRIVATE_BY,
            rule=rule,
        )
    return events.SiteFiled(
        site=number,
        operator=by.organisation,
        kind=command.kind,
        sponsor=command.sponsor.strip(),
        domains=command.domains,
        services=command.services.strip(),
        began=command.began,
        control=command.control,
        by=str(by),
        rule=rule,
    )


def checked(
    command: commands.CheckSite, site: Site, by: Seat, rule: str
) -> events.SiteChecked | events.PrivateSiteChecked:
    """What a check of a site found: what it says nothing of stays as it is."""
    control = site.control if command.control is None else command.control
    state = site.state if command.state is None else command.state
    kind = events.PrivateSiteChecked if site.private else events.SiteChecked
    by_whom = PRIVATE_BY if site.private else str(by)
    return kind(site=site.number, operator=site.operator, control=control, state=state, by=by_whom, rule=rule)
