"""The pages: plain, in two languages, without JavaScript but for the check of a receipt."""

from openroll.web.app import page_problem, web_config, web_handlers

__all__ = ["page_problem", "web_config", "web_handlers"]
