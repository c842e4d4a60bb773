"""Starting a witness: its keys and its past first, from what it kept and from what others hold; only then does it sign."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from openroll.durable import write_durably
from openroll.tlog import Signer, Verifier
from openroll.watch.source import HttpSource, Source
from openroll.watch.witness.heads import Heads, Stopped, origin_hash
from openroll.watch.witness.past import Recollection, monitoring_path, recollect
from openroll.watch.witness.settings import KINDS, Watched, WitnessSettings, read_signers, watched, write_settings
from openroll.watch.witness.witness import Witness

_log = logging.getLogger("openroll.witness")
_AT_ONCE = 16
_PATIENCE = 10.0
"""Seconds that one place has to say what it knows of our past."""


def made(path: Path, name: str, random: Callable[[int], bytes]) -> tuple[str, ...]:
    """Make a witness: two keys (0600) and a settings file beside them; its verifier keys. Never overwrites anything."""
    folder = path.parent
    signers = [Signer.from_seed(name, random(32), kind) for kind in KINDS]
    files = [f"{kind}.key" for kind in KINDS]
    there = next((one for one in [path, *(folder / file for file in files)] if one.exists()), None)
    if there is not None:
        raise FileExistsError(f"{there} is there already; nothing was made")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for file, signer in zip(files, signers, strict=True):
        (folder / file).touch(mode=0o600, exist_ok=False)
        (folder / file).write_text(signer.private_key + "\n", encoding="ascii")
    write_settings(path, WitnessSettings(name=name, keys=tuple(files)))
    return tuple(signer.verifier_key for signer in signers)


def verifier_keys(settings: WitnessSettings, folder: Path) -> tuple[str, ...]:
    """The witness's public keys, for policies."""
    return tuple(signer.verifier_key for signer in read_signers(settings, folder))


def started(settings: WitnessSettings, folder: Path) -> Witness:
    """A witness ready to sign, or to say for which logs it is not. Raises ValueError for settings that cannot be used."""
    signers = read_signers(settings, folder)
    logs = watched(settings)
    own = tuple(signer.verifier for signer in signers)
    heads = Heads(folder / settings.state, folder / settings.ratchet, own)
    witness = Witness(signers, logs, heads, evidence=folder / "evidence", per_source=settings.per_source_minute)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        told = pool.map(lambda log: remember(witness, heads, log, _places(log, settings), own, folder), logs.values())
        for log, reached in zip(logs.values(), told, strict=True):
            if settings.quarantine and not reached:
                witness.stop(log.origin, "in quarantine: no place outside could say what was signed before")
    return witness


def remember(
    witness: Witness,
    heads: Heads,
    log: Watched,
    places: Sequence[tuple[Source, str]],
    own: Sequence[Verifier],
    folder: Path,
) -> bool:
    """Take up what others hold of our past with one log; whether any place answered. Stops for a log that contradicts it."""
    try:
        told = recollect(heads, log.origin, places, own)
    except Stopped as error:
        witness.stop(log.origin, str(error))
        _log.error("stopped for %s: %s", log.origin, error)
        return True
    for one in told:
        if one.found in ("contradiction", "unreadable"):
            _keep(folder / "evidence", one)
        if one.found == "contradiction":
            witness.stop(log.origin, f"{one.where} holds another head of size {one.size} under our own cosignature")
        if one.found == "newer":
            _log.warning(
                "%s: taken up from %s, at size %d: what is kept here is older", log.origin, one.where, one.size
            )
    return any(one.found != "silent" for one in told)


def _places(log: Watched, settings: WitnessSettings) -> list[tuple[Source, str]]:
    asked: list[tuple[Source, str]] = [
        (HttpSource(prefix, timeout=_PATIENCE), monitoring_path(log.origin)) for prefix in settings.ask
    ]
    return [(HttpSource(log.address, timeout=_PATIENCE), "checkpoint"), *asked] if log.address else asked


def _keep(folder: Path, one: Recollection) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_durably(folder / f"{origin_hash(one.origin)[:16]}-{one.found}.note", one.note)
