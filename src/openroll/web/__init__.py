"""The pages: plain, in two languages, without JavaScript but for the check of a receipt."""

from openroll.web.app import page_problem, page_refusal, web_config, web_handlers
from openroll.web.auth import NotSignedIn, NotYours, guard
from openroll.web.whatif_form import first_question

__all__ = [
    "NotSignedIn",
    "NotYours",
    "first_question",
    "guard",
    "page_problem",
    "page_refusal",
    "web_config",
    "web_handlers",
]
