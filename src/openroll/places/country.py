"""In which country a place is, as far as its own files say: by its days off, else by its time zones."""

from babel.core import get_global

from openroll.places.bundle import Bundle, zones_of


def country_of(bundle: Bundle) -> str:
    """Two letters of ISO 3166-1; empty where the files name no country, or several.

    `holidays` names one outright. A time zone lies in one by CLDR's table.
    """
    named = bundle.jurisdiction.working.holidays
    found = {named} if named else {_of_zone(zone) for zone in zones_of(bundle)}
    country = found.pop() if len(found) == 1 else ""
    return country if len(country) == 2 and country.isascii() and country.isalpha() and country.isupper() else ""


def _of_zone(zone: str) -> str:
    return str(get_global("zone_territories").get(zone, ""))
