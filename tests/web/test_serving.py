"""The serving process: what it does not run."""

import httpx

from openroll.service.identity.api_tokens import issue_token
from openroll.service.roll import Roll
from tests.handles import handle
from tests.web.conftest import HIJACKED


def test_nothing_is_imported_from_the_folder_a_server_is_started_in(served: tuple[str, Roll]) -> None:
    """Not by its workers, which hold the keys, nor by the children that read files and measure rules."""
    address, roll = served
    home = roll.home.parents[1]
    assert (home / "here" / "segno.py").exists()
    token = issue_token(roll, "east", "here")
    file = f"handle,kind,access,district,connected,digests\n{handle('here')},king,adsl,500103,2006-11-02,\n"
    headers = {"authorization": f"Bearer {token}", "content-type": "text/csv"}
    filed = httpx.post(f"{address}/api/v1/files", content=file.encode(), headers=headers, timeout=60)
    assert (filed.status_code, "king" in filed.text) == (422, True), filed.text
    assert httpx.get(f"{address}/en/what-if?city=village&wait=1", timeout=60).status_code < 500
    assert not (home / HIJACKED).exists(), (home / HIJACKED).read_text()
