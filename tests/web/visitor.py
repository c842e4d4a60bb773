"""A visitor without a browser: keeps cookies as Chromium does on http://localhost, and sends a form's own token with it."""

import re
from collections.abc import Mapping
from typing import Any

import httpx

_TOKEN = re.compile(r'name="_csrf_token" value="([0-9a-f]+)"')


class Visitor:
    """One visitor of the pages. `jar` holds the cookies by name; nothing is followed unless asked."""

    def __init__(self, address: str, http: httpx.Client | None = None) -> None:
        self.address = address
        self.jar: dict[str, str] = {}
        self.http = http or httpx.Client(base_url=address, timeout=60)

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Any request, with the cookies kept so far."""
        headers = {"cookie": "; ".join(f"{name}={value}" for name, value in self.jar.items())} if self.jar else {}
        # The one jar is ours: a client that several visitors share must not remember anything itself.
        self.http.cookies.clear()
        more.setdefault("follow_redirects", False)
        answer = self.http.request(method, path, headers=headers | dict(more.pop("headers", {})), **more)
        for line in answer.headers.get_list("set-cookie"):
            name, _, rest = line.partition("=")
            value = rest.split(";")[0].strip('"')
            if value:
                self.jar[name] = value
            else:
                self.jar.pop(name, None)
        return answer

    def get(self, path: str) -> httpx.Response:
        """A page."""
        return self.ask("GET", path)

    @property
    def token(self) -> str:
        """The token forms carry; taken from a page the first time."""
        if "__Host-csrf" not in self.jar:
            self.get("/en/find")
        return self.jar["__Host-csrf"]

    def post(self, path: str, data: Mapping[str, str] | None = None, **more: Any) -> httpx.Response:
        """Send a form with its token."""
        return self.ask("POST", path, data={"_csrf_token": self.token, **(data or {})}, **more)

    def json(self, path: str, body: Any) -> httpx.Response:
        """Send JSON the way the pages' own scripts do."""
        return self.ask("POST", path, json=body, headers={"x-csrftoken": self.token})

    def take_seat(self, seat: str) -> "Visitor":
        """Sign in by the development door, as `east/operator-lead`."""
        answer = self.post("/en/sign-in/null", {"seat": seat, "next": ""})
        assert answer.status_code == 303, answer.text
        return self

    def file_alone(self, **more: str) -> str:
        """File as a household, and stay signed in to the filing; the filing code."""
        form = self.get("/en/file").text
        key = re.search(r'name="key" value="([^"]+)"', form)
        assert key
        fields = {
            "key": key[1],
            "step": "check",
            "operator": "east",
            "kind": "household",
            "access": "adsl",
            "district": "500103",
            "connected-year": "2006",
            "connected-month": "11",
            "connected-day": "27",
        }
        filed = self.post("/en/file", fields | more)
        code = re.search(r"\d{4} \d{4} \d{4} \d{4}", filed.text)
        assert code, filed.text
        return code[0]
