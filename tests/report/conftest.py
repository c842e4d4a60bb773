"""The browser of the pages' tests, for the page that a report is."""

from tests.web.conftest import browser

__all__ = ["browser"]
