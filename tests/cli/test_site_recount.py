"""`openroll site recount`: the roll's figures of sites are held against its log, and any other number is a difference."""

from types import SimpleNamespace

import msgspec
import pytest
from tests.seats import seated
from tests.sites import covering_sites, numbers, site

from openroll.cli import site_recount
from openroll.cli.requests.at_roll import Believed
from openroll.register.site.decay import Counted
from openroll.service.log.sequencer import Sequencer
from openroll.service.roll import Roll
from openroll.service.sites.decay import decay
from openroll.watch.source import FolderSource


def test_figures_that_the_log_does_not_count_to_are_told(
    roll: Roll, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 1 for one site more than there is; what agrees says of how many entries."""
    with covering_sites(roll):
        numbers(roll, seated(roll, "east", "clerk"), site("a"), site("b"))
    Sequencer(roll).run_until_empty()
    served = decay(roll)

    class Log(FolderSource):
        def __init__(self, _: str) -> None:
            super().__init__(roll.public)

        def close(self) -> None:
            """Nothing is open."""

    def recount(counted: Counted) -> str:
        monkeypatch.setattr(site_recount, "json_at", lambda *_: counted)
        site_recount.recount(roll="https://roll.example", believed=Believed(log_key=[]))
        return " ".join(capsys.readouterr().out.split())

    monkeypatch.setattr(site_recount, "HttpSource", Log)
    monkeypatch.setattr(site_recount, "log_of", lambda *_: SimpleNamespace(keys=roll.keys.succession, policy=None))
    assert f"first {served.size} entries of its log, on {served.day}" in recount(served)
    (year,) = served.years
    with pytest.raises(SystemExit) as ended:
        recount(msgspec.structs.replace(served, years=(msgspec.structs.replace(year, live=3),)))
    assert ended.value.code == 1
