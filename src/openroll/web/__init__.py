"""The pages: plain, in two languages, without JavaScript but for the check of a receipt."""

from openroll.web.app import page_problem, page_refusal, web_config, web_handlers
from openroll.web.asking import first_question
from openroll.web.door import NotSignedIn, NotYours, guard

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
