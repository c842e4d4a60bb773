"""What commands need of the process they run in; `compose` provides it."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol

from openroll.service.given_keys import GivenKeys
from openroll.service.roll import Roll
from openroll.store.connect import Database


class Wiring(Protocol):
    """The roll of the settings, and where it is or will be."""

    @property
    def roll_home(self) -> Path: ...
    @property
    def roll_name(self) -> str: ...
    @property
    def clock(self) -> Callable[[], datetime]: ...
    @property
    def random(self) -> Callable[[int], bytes]: ...
    @property
    def address(self) -> str: ...
    @property
    def given(self) -> GivenKeys: ...
    def database(self) -> Database: ...
    def roll(self) -> Roll: ...
    def serve(self, host: str, port: int) -> None: ...
