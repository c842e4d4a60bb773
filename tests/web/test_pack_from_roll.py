"""An operator packs under the rule of a roll that it only knows the address of."""

from pathlib import Path

import httpx
import pytest

from openroll.cli import build
from openroll.places import canonical, digest
from openroll.service.roll import Roll
from openroll.tlog import Signer
from tests.cli.test_operator import GOOD, Around, key_file


def pack(folder: Path, address: str, *words: object) -> int:
    """Pack a list of one household anew; the command's status."""
    for one in ("list.filing.csv", "list.disclosures.ndjson"):
        (folder / one).unlink(missing_ok=True)
    (folder / "list.csv").write_text(GOOD)
    call = ["pack", str(folder / "list.csv"), "--roll", address, "--key", str(key_file(folder)), *map(str, words)]
    with pytest.raises(SystemExit) as ended:
        build(Around(folder))(call)
    return int(ended.value.code or 0)


def test_pack_under_the_rule_of_a_roll(
    served: tuple[str, Roll], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The address is enough the first time, the kept copy after that; another key, and another rule beside it, are refused."""
    address, roll = served
    bundle = httpx.get(f"{address}/api/v1/rules/{digest(roll.place)}")
    assert (bundle.content, bundle.headers["cache-control"][:6]) == (canonical(roll.place), "public")
    assert httpx.get(f"{address}/api/v1/rules/{'0' * 64}").status_code == 404
    assert pack(tmp_path, address) == 0
    assert len((tmp_path / "list.filing.csv").read_text().splitlines()[1].rpartition(",")[2].split()) == 4
    told = capsys.readouterr()
    assert f"{roll.rule_name} in {roll.version.place_name}" in told.err
    assert "compare it with what the registrar publishes" in told.err
    assert pack(tmp_path, address, *(word for key in roll.keys.verifier_keys for word in ("--log-key", key))) == 0
    assert pack(tmp_path, address, "--offline") == 0
    assert "as kept on 2006-12-20" in capsys.readouterr().err
    other = Signer.from_seed(roll.origin, bytes(32), "ed25519").verifier_key
    assert pack(tmp_path, address, "--log-key", other) == 1
    assert not (tmp_path / "list.filing.csv").exists()
    assert pack(tmp_path, address, "--rule", "notification-2006") == 2
    assert pack(tmp_path, "http://127.0.0.1:9") == 2
    assert pack(tmp_path, "http://roll.example") == 2
    assert "give --log-key, or an https address" in capsys.readouterr().err
