"""RDAP read by clients that others wrote for Node.js, unmodified (`script/rdap-clients`): the newest of each, from npm.

They find this roll by its own entry for clients, in place of IANA's list: by the word for that (rdapper), or as what a request
for IANA's list is answered with (node-rdap).
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from openroll.service.sites.filing import file_sites
from tests.seats import seated
from tests.shared_cluster import shared_cluster
from tests.sites import covering_sites, site
from tests.web.conftest import serving

CLIENTS = ("rdapper", "node-rdap")
DOMAIN = "library.cn"
_SCRIPT = """
import { lookup } from "rdapper";
const [base, name] = process.argv.slice(2), own = await (await fetch(`${base}/rdap/dns.json`)).json();
const asked = globalThis.fetch;
const isList = (where) => String(where).startsWith("https://data.iana.org/");
globalThis.fetch = async (where, more) => (isList(where) ? Response.json(own) : asked(where, more));
const { domain } = await import("node-rdap");
console.log(JSON.stringify([await lookup(name, { rdapOnly: true, customBootstrapData: own }), await domain(name)]));
"""


def main() -> None:
    """The command `script/rdap-clients`: what each client read of a site; status 1 where one read something else."""
    folder = Path(tempfile.mkdtemp(prefix="openroll-rdap-"))
    try:
        (folder / "package.json").write_text('{"private": true, "type": "module"}')
        _run("npm", "install", "--silent", "--no-audit", "--no-fund", *CLIENTS, within=folder)
        (folder / "ask.js").write_text(_SCRIPT)
        with shared_cluster(folder / "postgres") as url, serving(url, folder / "home", "clients") as (address, roll):
            filing = site(sponsor="Chongqing Library", domains=(DOMAIN,))
            with covering_sites(roll):
                filed = file_sites(roll, [filing], seated(roll, "east", "clerk"))
            if not isinstance(filed, list):
                raise SystemExit(f"the site was not filed: {filed}")
            rdapper, node_rdap = json.loads(_run("node", "ask.js", address, DOMAIN, within=folder))
        found = rdapper["record"]
        said = {
            "rdapper": (
                found["domain"],
                [one["organization"] for one in found["contacts"] if one["type"] == "registrant"],
            ),
            "node-rdap": (node_rdap["ldhName"], [node_rdap["entities"][0]["vcardArray"][1][3][3]]),
        }
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for name, read in said.items():
        print(f"{name}: {read[0]}, {', '.join(read[1])}")
    if any(read != (DOMAIN, ["Chongqing Library"]) for read in said.values()):
        sys.exit(1)


def _run(*command: str, within: Path) -> str:
    done = subprocess.run(command, cwd=within, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode:
        raise SystemExit(f"{command[0]} failed: {done.stderr[-2000:]}")
    return done.stdout


if __name__ == "__main__":
    main()
