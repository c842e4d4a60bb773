"""Commands of a witness: a server that cosigns any C2SP log, for who runs one. They need no roll."""

from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import App, Parameter

from openroll.cli.say import fail, out
from openroll.cli.wiring import Wiring
from openroll.watch.witness.settings import LogSettings, read_settings, watched, write_settings
from openroll.watch.witness.start import made, verifier_keys

Settings = Annotated[Path, Parameter(name=["--settings", "-s"], help="The witness's settings file.")]
_HERE = Path("witness/witness.yaml")


def add(app: App, wiring: Wiring) -> None:
    """Add the commands of a witness."""
    witness = App(name="witness", help="A witness: cosigns any C2SP log, so that nobody can be shown another one.")
    app.command(witness)

    @witness.command
    def init(name: str, /, *, settings: Settings = _HERE) -> None:
        """Make a witness: its keys and its settings file.

        Parameters
        ----------
        name
            What it signs as, for good: an address without scheme, as witness.example/w1.
        """
        keys = made(settings, name, wiring.random)
        out.print(f"Made {settings}. Its public keys, for the policies of those who trust it:")
        for key in keys:
            print(key)  # noqa: T201 - to be copied unwrapped
        out.print(
            "Now: openroll witness watch ORIGIN --key KEY --key KEY, then: openroll witness serve", soft_wrap=True
        )

    @witness.command
    def watch(
        origin: str, /, *, key: list[str], address: str = "", per_minute: int = 600, settings: Settings = _HERE
    ) -> None:
        """Watch a log, or change how it is watched.

        Parameters
        ----------
        origin
            The log's name: the first line of its checkpoint.
        key
            A verifier key of the log, or a file with one a line (`openroll key`, or ADDRESS/log/keys). Give each.
        address
            Where the log is read: asked on start for what this witness signed before. Best given.
        per_minute
            Requests a minute that are answered for this log.
        """
        now = read_settings(settings)
        keys = [line for one in key for line in _lines(one)]
        log = LogSettings(origin, tuple(keys), address, per_minute)
        others = tuple(one for one in now.logs if one.origin != origin)
        changed = msgspec.structs.replace(now, logs=(*others, log))
        watched(changed)
        write_settings(settings, changed)
        out.print(f"{now.name} watches {len(changed.logs)} logs. A running witness takes this up when it is restarted.")

    @witness.command(name="key")
    def own_key(*, settings: Settings = _HERE) -> None:
        """Print the witness's public keys, one a line: what goes into a policy."""
        for line in verifier_keys(read_settings(settings), settings.parent):
            print(line)  # noqa: T201 - to be piped into a file, unwrapped

    @witness.command
    def serve(*, settings: Settings = _HERE, host: str = "127.0.0.1", port: int = 8100) -> None:
        """Serve: cosign what goes on from what was cosigned, show the last checkpoint of each log, and count."""
        wiring.serve_witness(settings, host, port)


def _lines(key: str) -> list[str]:
    path = Path(key)
    if "+" in key and not path.is_file():
        return [key]
    try:
        return path.read_text(encoding="ascii").split()
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{key} is neither a verifier key nor a file of them: {error}.")
