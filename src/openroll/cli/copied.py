"""What a copied page says of itself, in each language: that it is a copy, of what, from when, and how it can be checked."""

from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from html import escape
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from openroll.tlog import Checkpoint
from openroll.watch.mirror.links import POLICY
from openroll.watch.mirror.site import Words
from openroll.words import catalogue
from openroll.words.catalogue import gettext


def words_of(address: str, taken: datetime, head: Checkpoint) -> Words:
    """The words of a copy of `address`, taken at a moment under a head of its log."""
    return Words(
        banner=lambda lang: _banner(lang, address, taken, head),
        elsewhere=lambda lang: _elsewhere(lang, address),
        front=lambda languages: _front(address, languages),
    )


def _banner(lang: str, address: str, taken: datetime, head: Checkpoint) -> str:
    link = f'<a class="govuk-link govuk-link--inverse" href="{escape(address)}/{lang}/">{escape(address)}</a>'
    said = escape(
        gettext(lang, "This is a copy of {address}, taken on {moment} (UTC) when its log had {size} entries.")
    )
    said = said.replace("{address}", link)
    said = said.replace("{moment}", escape(catalogue.moment(lang, taken, ZoneInfo("UTC"))))
    said = said.replace("{size}", catalogue.number(lang, head.size))
    summary = escape(gettext(lang, "How to check this copy"))
    checks = (
        gettext(
            lang,
            "The log was checked entry by entry up to the head its keeper signed. Anyone can do that again, with the keys "
            "got from somewhere else than this page:",
        ),
        gettext(
            lang,
            "The pages are the roll's own words as they were then; nothing vouches for them. A receipt is checked by the "
            "keys alone, also here.",
        ),
    )
    root = b64encode(head.root).decode()
    command = f"openroll mirror {address} COPY --key log.pub"
    label = escape(gettext(lang, "A copy"))
    return f"""<aside class="roll-demo roll-copy" aria-label="{label}"><div class="govuk-width-container">
  <p class="govuk-body-s">{said}</p>
  <details><summary>{summary}</summary>
    <p class="govuk-body-s">{escape(checks[0])}</p>
    <p class="govuk-body-s"><code lang="en" translate="no">{escape(command)}</code></p>
    <p class="govuk-body-s">{escape(gettext(lang, "Root"))} <span class="roll-hash">{escape(root)}</span></p>
    <p class="govuk-body-s">{escape(checks[1])}</p></details></div></aside>"""


def _elsewhere(lang: str, address: str) -> str:
    host = escape(urlsplit(address).netloc)
    said = escape(gettext(lang, "only at {host}")).replace("{host}", host)
    return f'<span aria-hidden="true">&nbsp;↗</span><span class="govuk-visually-hidden"> ({said})</span>'


def _front(address: str, languages: Sequence[str]) -> str:
    """The first page: nobody is sent to a language without being asked."""
    parts = []
    for lang in languages:
        tag = catalogue.html_lang(lang)
        said = escape(gettext(lang, "A copy of {address}")).replace("{address}", escape(address))
        parts.append(
            f'<p class="govuk-body-l" lang="{tag}">{said}: '
            f'<a class="govuk-link" href="{lang}/index.html" hreflang="{tag}">{escape(catalogue.own_name(lang))}</a></p>'
        )
    host, front = escape(urlsplit(address).netloc), "\n".join(parts)
    return f"""<!DOCTYPE html>
<html lang="en" class="govuk-template">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="{POLICY}">
  <meta name="referrer" content="no-referrer">
  <meta name="openroll-copy" content="1">
  <title>{host}</title>
  <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
  <meta name="color-scheme" content="light dark">
  <link rel="icon" href="static/mark.svg" type="image/svg+xml">
  <link rel="stylesheet" href="static/build/theme.css">
</head>
<body class="govuk-template__body">
<div class="govuk-width-container"><main class="govuk-main-wrapper" id="main">
<h1 class="govuk-heading-l">{host}</h1>
{front}
</main></div>
</body>
</html>
"""
