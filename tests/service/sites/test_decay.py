"""How many sites there are and went: the roll's own figures are what anybody counts from the entries of its log."""

import pytest

from openroll.register.site import commands
from openroll.register.site.decay import Age, Year
from openroll.service.acts import Acted
from openroll.service.log.sequencer import Sequencer
from openroll.service.roll import Roll
from openroll.service.sites.decay import decay
from openroll.service.sites.filing import step
from openroll.tlog import TlogError
from openroll.watch.site_recount import recounted_sites
from openroll.watch.source import FolderSource
from tests.seats import seated
from tests.sites import covering_sites, numbers, private, site


def test_the_figures_are_what_the_log_counts_to(roll: Roll) -> None:
    """Also while facts wait for their places: those are in neither; a person's site is in neither at any time."""
    east, log, today = seated(roll, "east", "clerk"), FolderSource(roll.public), roll.day(roll.clock())
    with covering_sites(roll):
        one, two, three, *_ = numbers(roll, east, *map(site, "abcde"), private())

        def acted(*acts: commands.OfSite) -> None:
            assert all(isinstance(step(roll, act, east), Acted) for act in acts)

        acted(commands.CheckSite(site=one, state="silent"), commands.EndSite(site=two, on=today))
        Sequencer(roll).run_until_empty()
        first = decay(roll)
        assert first.years == (Year(today.year, live=3, silent=1, ended=1),)
        assert first.ages == (Age(0, 1, 4),)
        acted(commands.CheckSite(site=one, state="live"), commands.EndSite(site=three, on=today))
        numbers(roll, east, site("f"))
        assert decay(roll) == first
        Sequencer(roll).run_until_empty()
    second = decay(roll)
    assert second.years == (Year(today.year, live=4, ended=2),)
    for found in (first, second):
        assert recounted_sites(log, roll.keys.succession, found.size, today) == (found, ())
    with pytest.raises(TlogError):
        recounted_sites(log, roll.keys.succession, second.size + 1, today)
