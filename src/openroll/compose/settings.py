"""Settings, read from environment variables: folders, database, roll, clock, mail, web."""

import difflib
import os
import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from openroll.compose.address import public_address
from openroll.places.preset import preset_roll
from openroll.register.subscription.decide import RELEASE_DAYS
from openroll.rules import UNCONFIRMED_DAYS
from openroll.service.identity.throttle import FILINGS_ALONE
from openroll.service.log.external_keys import GivenKeys
from openroll.service.mail.smtp import Smtp, smtp_of
from openroll.service.roll import Clock
from openroll.service.sites.look_ups import LOOK_UPS
from openroll.service.sites.looking import Looks
from openroll.store.address import checked, guarded
from openroll.traffic import Proxies, proxies_of

if TYPE_CHECKING:
    from openroll.watch.probe.remote import RemotePlace


class WebSettings(msgspec.Struct, frozen=True):
    """Settings of the web server: its public address, the proxies in front, and the development sign-in.

    `filings_alone` is how many filings one network may send alone at once; all that bounds them goes with it.
    `site_look_ups` is the same for looking sites up.

    `lend_a_bridge` offers readers of public pages Lantern's Browsers Unbounded (web/bridge.py).

    `what_if_city` is the city that the page of the city model opens with, empty for its jurisdiction's; `what_if_at_start` lets
    that be measured when the server starts, so that nobody waits for it. `what_if_idle` gives the process of the city model only
    what the machine has left.

    `security_contact` is where faults are told privately (RFC 9116): mailto:, https: or tel:, or none for the project's.

    `https_beneath` has browsers insist on https for all hosts beneath that of `address` too (HSTS, includeSubDomains).

    Passkeys belong to the host of `address`, so it is a name and not a number: http://localhost on a desk, https elsewhere.
    """

    address: str = ""
    behind_proxy: bool | int | Proxies = False
    null_sign_in: bool = False
    lend_a_bridge: bool = False
    what_if_city: str = ""
    what_if_at_start: bool = False
    what_if_idle: bool = True
    filings_alone: int = FILINGS_ALONE
    security_contact: str = ""
    https_beneath: bool = False
    site_look_ups: int = LOOK_UPS

    @property
    def proxies(self) -> Proxies:
        """The trusted proxies in front of the server."""
        return self.behind_proxy if isinstance(self.behind_proxy, Proxies) else Proxies(int(self.behind_proxy))


class Settings(msgspec.Struct, frozen=True):
    """The settings of a process.

    `home` keeps keys, ratchets, public files and the private PostgreSQL. `database_url` is empty for that private one;
    `runtime_password` is its runtime login's where somebody else made that. `shift`
    lets a demonstration live on another day, all its commands too (`shift_file`): its clock starts there at the moment `began`
    (both UTC). `smtp` and
    `mail_from` name the mail server and the address mails come from; without them mails wait. `policy` is a file that names the
    witnesses of the log (C2SP tlog-policy), `witness_deadline` the seconds they get in each round; without one nobody is asked.
    `given` are keys that come from the environment or a token rather than from files. `clock_was_wrong` says that the newest
    entries were made by a clock that ran ahead. `least_count` is the step in which public figures count living subscriptions.
    `unconfirmed_days` is how long filings made alone wait for their operator's word where the rule does not say. `replicated`
    is how many standbys have to hold a filing before it is acknowledged; `may_lose` serves a database that promises less than
    that acknowledged filings stay. `release_days` is for how many days the holder of a passkey may say no before a
    filing is let go from it. `look_at_sites` has the roll look at the sites that are filed in it, and `site_places` is a file
    that names the remote places which look too. `unknown` says of each OPENROLL_ variable that is no setting which one may be
    meant.
    """

    home: Path
    roll: str
    database_url: str = ""
    runtime_password: str = ""
    shift: timedelta = timedelta()
    web: WebSettings = WebSettings()
    smtp: str = ""
    mail_from: str = ""
    policy: Path | None = None
    witness_deadline: float = 2.0
    given: GivenKeys = GivenKeys()
    clock_was_wrong: bool = False
    least_count: int = 10
    unconfirmed_days: int = UNCONFIRMED_DAYS
    replicated: int = 0
    may_lose: bool = False
    release_days: int = RELEASE_DAYS
    look_at_sites: bool = False
    site_places: Path | None = None
    unknown: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Without anything secret: an error may show the values it met."""
        return f"Settings(home={str(self.home)!r}, roll={self.roll!r})"

    @property
    def roll_home(self) -> Path:
        """The folder of this roll's keys, ratchet and public files."""
        return self.home / "rolls" / self.roll

    @property
    def words(self) -> Path:
        """The folder of the roll's own catalogues, where it has any."""
        return self.roll_home / "words"

    def transport(self) -> Smtp | None:
        """The mail server (SMTP), or None when none is set. Raises ValueError with the name of the wrong setting."""
        return smtp_of(self.smtp, self.mail_from) if self.smtp else None

    def looks(self) -> Looks | None:
        """How the roll looks at sites, or None where it does not."""
        if not self.look_at_sites:
            return None
        from openroll.watch.probe.place import Place  # noqa: PLC0415 - commands that look at nothing start quicker without it
        from openroll.watch.probe.sights import eye  # noqa: PLC0415 - as above

        places = () if self.site_places is None else _places(self.site_places)
        return Looks(eye(Place()), self.web.address, places)

    def clock(self) -> Clock:
        """The clock: the machine's, or for a demonstration the machine's shifted by a fixed time."""
        shift = self.shift
        return lambda: datetime.now(UTC) + shift


def settings_from(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from the environment: OPENROLL_HOME, OPENROLL_ROLL, DATABASE_URL, OPENROLL_SMTP and the rest.

    And the keys that are kept in no file: OPENROLL_LOG_KEYS, OPENROLL_CODES_KEY, OPENROLL_ADDRESS_KEY, OPENROLL_PKCS11_PIN.

    Raises ValueError with the name of a bad one.
    """
    home, roll = (
        Path(environment.get("OPENROLL_HOME", "var")).absolute(),
        environment.get("OPENROLL_ROLL", preset_roll()),
    )
    settings = Settings(
        home=home,
        roll=roll,
        database_url=guarded(checked(environment.get("DATABASE_URL", ""))),
        runtime_password=environment.get("OPENROLL_RUNTIME_PASSWORD", ""),
        shift=_shift(environment, home, roll),
        web=_web(environment),
        smtp=environment.get("OPENROLL_SMTP", ""),
        mail_from=environment.get("OPENROLL_MAIL_FROM", ""),
        policy=Path(environment["OPENROLL_POLICY"]).absolute() if environment.get("OPENROLL_POLICY") else None,
        witness_deadline=_seconds(environment.get("OPENROLL_WITNESS_DEADLINE", "2")),
        given=GivenKeys(
            tuple(environment.get("OPENROLL_LOG_KEYS", "").split()),
            environment.get("OPENROLL_CODES_KEY", ""),
            environment.get("OPENROLL_ADDRESS_KEY", ""),
            environment.get("OPENROLL_PKCS11_PIN", ""),
        ),
        clock_was_wrong=_switch(environment, "OPENROLL_CLOCK_WAS_WRONG"),
        least_count=_least(environment.get("OPENROLL_LEAST_COUNT", "10")),
        unconfirmed_days=_whole(environment, "OPENROLL_UNCONFIRMED_DAYS", UNCONFIRMED_DAYS, 3_660),
        replicated=_standbys(environment.get("OPENROLL_REPLICATED", "0")),
        may_lose=_switch(environment, "OPENROLL_MAY_LOSE_FILINGS"),
        release_days=_days(environment.get("OPENROLL_RELEASE_DAYS", str(RELEASE_DAYS))),
        look_at_sites=_switch(environment, "OPENROLL_LOOK_AT_SITES"),
        site_places=Path(environment["OPENROLL_SITE_PLACES"]).absolute()
        if environment.get("OPENROLL_SITE_PLACES")
        else None,
        unknown=unknown_settings(environment),
    )
    settings.transport()  # a wrong one is said now, not when the first mail waits
    return settings


def _places(path: Path) -> "tuple[RemotePlace, ...]":
    """The remote places of a file. Raises ValueError with the name of the setting."""
    from openroll.watch.probe.remote import read_places  # noqa: PLC0415 - as above

    try:
        return read_places(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise ValueError(f"OPENROLL_SITE_PLACES, {path}: {error}") from error


def shift_file(home: Path, roll: str) -> Path:
    """The file by which a demonstration tells every command of its roll how many days its clock stands from the machine's."""
    return home / f"demo-shift-{roll}"


def _shift(environment: Mapping[str, str], home: Path, roll: str) -> timedelta:
    """How far the clock stands from the machine's: as the environment says, else as the roll's demonstration left it."""
    kept = shift_file(home, roll)
    name, text = "OPENROLL_SHIFT_DAYS", environment.get("OPENROLL_SHIFT_DAYS", "")
    if not text and "/" not in roll and kept.is_file():
        name, text = str(kept), kept.read_text(encoding="ascii", errors="replace").strip()
    if not re.fullmatch(r"-?[0-9]{1,6}", text or "0"):
        raise ValueError(f"{name} is a whole number of days, not {text!r}")
    return timedelta(days=int(text or "0"))


def _seconds(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3})?", text) or not 0.1 <= float(text) <= 60:
        raise ValueError(f"OPENROLL_WITNESS_DEADLINE is a number of seconds from 0.1 to 60, not {text!r}")
    return float(text)


def _least(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", text) or not 5 <= int(text) <= 100_000:
        raise ValueError(f"OPENROLL_LEAST_COUNT is a whole number from 5 to 100000, not {text!r}")
    return int(text)


def _whole(environment: Mapping[str, str], name: str, otherwise: int, most: int) -> int:
    text = environment.get(name, "") or str(otherwise)
    if not re.fullmatch(r"[0-9]{1,7}", text) or not 1 <= int(text) <= most:
        raise ValueError(f"{name} is a whole number from 1 to {most}, not {text!r}")
    return int(text)


def _standbys(text: str) -> int:
    if not re.fullmatch(r"[0-9]", text):
        raise ValueError(f"OPENROLL_REPLICATED is how many standbys must hold a filing, 0 to 9, not {text!r}")
    return int(text)


def _days(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,2}", text) or not 3 <= int(text) <= 90:
        raise ValueError(f"OPENROLL_RELEASE_DAYS is a whole number of days from 3 to 90, not {text!r}")
    return int(text)


def _switch(environment: Mapping[str, str], name: str, otherwise: str = "0") -> bool:
    """A setting that is on or off. Anything else is refused: `true` taken for off would leave something open unseen."""
    value = environment.get(name, otherwise) or otherwise
    if value not in ("0", "1"):
        raise ValueError(f"{name} is 1 or 0, not {value!r}")
    return value == "1"


def unknown_settings(environment: Mapping[str, str]) -> tuple[str, ...]:
    """A sentence on each OPENROLL_ variable that is no setting, with the most similar setting."""
    said = []
    for name in sorted(name for name in environment if name.startswith("OPENROLL_") and name not in KNOWN):
        near = difflib.get_close_matches(name, KNOWN, 1, 0.75)
        said.append(f"{name} is no setting and does nothing{f'; is {near[0]} meant?' if near else ''}")
    return tuple(said)


def _contact(text: str) -> str:
    if text and not re.fullmatch(r"(mailto:[^@\s]+@|https://|tel:\+)[\x21-\x7e]+", text):
        raise ValueError(f"OPENROLL_SECURITY_CONTACT is a mailto:, https: or tel: address (RFC 9116), not {text!r}")
    return text


def _web(environment: Mapping[str, str]) -> WebSettings:
    address = environment.get("OPENROLL_ADDRESS", "")
    return WebSettings(
        public_address(address) if address else "",
        proxies_of(environment.get("OPENROLL_BEHIND_PROXY", "0"), "OPENROLL_BEHIND_PROXY"),
        _switch(environment, "OPENROLL_NULL_SIGN_IN"),
        _switch(environment, "OPENROLL_LEND_A_BRIDGE"),
        environment.get("OPENROLL_WHAT_IF_CITY", ""),
        _switch(environment, "OPENROLL_WHAT_IF_AT_START"),
        _switch(environment, "OPENROLL_WHAT_IF_IDLE", "1"),
        _whole(environment, "OPENROLL_FILINGS_ALONE", FILINGS_ALONE, 1_000_000),
        _contact(environment.get("OPENROLL_SECURITY_CONTACT", "")),
        _switch(environment, "OPENROLL_HTTPS_BENEATH"),
        _whole(environment, "OPENROLL_SITE_LOOK_UPS", LOOK_UPS, 1_000_000),
    )


KNOWN = (
    "OPENROLL_ADDRESS",
    "OPENROLL_ADDRESS_KEY",
    "OPENROLL_BEHIND_PROXY",
    "OPENROLL_CLOCK_WAS_WRONG",
    "OPENROLL_CODES_KEY",
    "OPENROLL_FILINGS_ALONE",
    "OPENROLL_HOME",
    "OPENROLL_HTTPS_BENEATH",
    "OPENROLL_LEAST_COUNT",
    "OPENROLL_LEND_A_BRIDGE",
    "OPENROLL_LOG_KEYS",
    "OPENROLL_LOOK_AT_SITES",
    "OPENROLL_MAIL_FROM",
    "OPENROLL_MAY_LOSE_FILINGS",
    "OPENROLL_NULL_SIGN_IN",
    "OPENROLL_PKCS11_PIN",
    "OPENROLL_POLICY",
    "OPENROLL_PROXY",
    "OPENROLL_RELEASE_DAYS",
    "OPENROLL_REPLICATED",
    "OPENROLL_ROLL",
    "OPENROLL_RUNTIME_PASSWORD",
    "OPENROLL_SECURITY_CONTACT",
    "OPENROLL_SHIFT_DAYS",
    "OPENROLL_SITE_LOOK_UPS",
    "OPENROLL_SITE_PLACES",
    "OPENROLL_SMTP",
    "OPENROLL_UNCONFIRMED_DAYS",
    "OPENROLL_WHAT_IF_AT_START",
    "OPENROLL_WHAT_IF_CITY",
    "OPENROLL_WHAT_IF_IDLE",
    "OPENROLL_WITNESS",
    "OPENROLL_WITNESS_DEADLINE",
    # What only the tests read.
    "OPENROLL_GOLDEN",
    "OPENROLL_SCREENS",
    "OPENROLL_SCREENS_DARK",
    "OPENROLL_VECTORS",
)
"""Every variable that something reads; a test holds this against the source."""

random_bytes = secrets.token_bytes
"""Where salts and keys come from: the operating system's randomness."""
