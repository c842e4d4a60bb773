"""The pages: plain, in two languages, without JavaScript but for the check of a receipt."""

from openroll.web.app import page_problem, page_refusal, web_config, web_handlers
from openroll.web.auth import NotSignedIn, NotYours, guard
from openroll.web.whatif_choices import choices as what_if_choices

__all__ = [
    "NotSignedIn",
    "NotYours",
    "guard",
    "page_problem",
    "page_refusal",
    "web_config",
    "web_handlers",
    "what_if_choices",
]
