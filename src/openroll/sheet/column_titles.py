"""The titles that columns of an operator's list may have in languages other than English: data, a line a language."""

from collections.abc import Mapping
from importlib.resources import files

import msgspec

ACCOUNT = "account"
"""The column of an operator's own account numbers."""
_BY_LANGUAGE = msgspec.json.decode(
    (files("openroll.sheet") / "column_titles.json").read_bytes(), type=dict[str, dict[str, str]]
)
ALL_TITLES: Mapping[str, str] = {title: column for titles in _BY_LANGUAGE.values() for column, title in titles.items()}
"""Every title of every language, with the column it means."""
TITLES: Mapping[str, str] = {title: column for title, column in ALL_TITLES.items() if column != ACCOUNT}
"""Those of what travels: of an operator's own list the account numbers become handles."""
