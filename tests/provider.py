"""A small real OpenID Connect provider for the tests, and every way in which one can misbehave.

    python -m tests.provider --port 8650 --client-id openroll [--client-secret S] [--fault NAME] [--shift-days N]

Its issuer is http://127.0.0.1:PORT. The page at /authorize is a plain HTML form: choose a subject, press a button.
While it runs, `POST /admin?fault=NAME&alg=ALG` changes how it misbehaves and how it signs; `fault=` makes it honest, and
`GET /admin` counts how often each address was asked. An empty `--client-secret` makes the client a public one.
It is not a provider to use: it asks nobody for a password.
"""

import argparse
import base64
import hashlib
import hmac
import html
import json
import secrets
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

from joserfc import jws
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

SUBJECTS = ("desk-1", "desk-2", "night-desk")
SECRET = "a+secret/of the:tests%and no other"
"""The default client secret; every character in it that somebody could encode wrongly."""

FAULTS = {
    "wrong-nonce": "the ID token carries another nonce",
    "no-nonce": "the ID token carries no nonce",
    "wrong-aud": "the ID token is for another client",
    "foreign-azp": "the ID token is for us and another client, and was issued to that one",
    "several-aud": "the ID token is for two clients and does not say to whom it was issued",
    "wrong-iss": "the ID token is another issuer's",
    "expired": "the ID token expired two minutes ago",
    "no-exp": "the ID token never expires",
    "early": "the ID token is issued two minutes from now",
    "old": "the ID token was issued an hour ago and is still good for an hour",
    "no-sub": "the ID token names nobody",
    "long-sub": "the ID token's subject has 256 characters",
    "alg-none": "the ID token is not signed",
    "hs256": "the ID token is signed with the client's secret",
    "hs256-with-public-key": "the ID token is signed with the published key as if it were a secret",
    "unlisted-alg": "the ID token is signed with RS256, which the discovery document does not list",
    "swapped-key": "the ID token is signed with another key under the published key's id",
    "unknown-key": "the ID token is signed with a key that is never published",
    "late-key": "the key is published only when the keys are asked for a second time",
    "broken-token": "the ID token is no token",
    "no-token": "the token endpoint answers without an ID token",
    "mix-up": "the way back names another issuer",
    "no-iss": "the way back names no issuer, though the discovery document says it always will",
    "no-code": "the way back brings no code",
    "spent-code": "the way back brings a code that was used already",
    "replayed-code": "the way back brings the code of the sign-in before, and the token endpoint takes any code again",
    "other-issuer": "the discovery document is another issuer's",
    "plain-address": "the discovery document names a token endpoint without https, elsewhere",
    "only-hs256": "the discovery document lists HS256 and none alone",
    "oversized": "the discovery document has more than 64 KB",
    "oversized-token": "the token endpoint answers more than 64 KB",
    "oversized-keys": "the keys have more than 64 KB",
    "redirecting": "the token endpoint sends elsewhere",
    "redirecting-discovery": "the discovery document is elsewhere",
    "not-json": "the discovery document is a page",
    "out-of-order": "everything answers 503",
}


def b64(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def make_key(alg: str) -> Key:
    """A new private key for an algorithm."""
    if alg == "RS256":
        return RSAKey.generate_key(2048)
    return ECKey.generate_key("P-256") if alg == "ES256" else OKPKey.generate_key("Ed25519")


class State:
    """All that the provider knows: its client, keys, codes, and how it misbehaves just now."""

    def __init__(self, issuer: str, client_id: str, client_secret: str, *, fault: str, shift_days: int) -> None:
        self.issuer = issuer
        self.client_id = client_id
        self.client_secret = client_secret
        self.fault = fault
        self.alg = "ES256"
        self.shift = shift_days * 86_400
        self.keys = {"ES256": make_key("ES256")}
        self.codes: dict[str, dict[str, str]] = {}
        self.spent: set[str] = set()
        self.last_code = ""
        self.asked: Counter[str] = Counter()

    def now(self) -> int:
        """The provider's clock, in seconds since 1970."""
        return int(time.time()) + self.shift

    def set(self, fault: str, alg: str) -> None:
        """Misbehave in another way, and sign with another algorithm."""
        self.fault, self.alg, self.last_code = fault, alg, ""
        self.asked.clear()
        if alg not in self.keys:
            self.keys[alg] = make_key(alg)

    def discovery(self) -> dict[str, Any]:
        """The discovery document."""
        listed = ["HS256", "none"] if self.fault == "only-hs256" else [self.alg, "HS256", "none"]
        elsewhere = "http://elsewhere.example/token"
        return {
            "issuer": self.issuer + ("/other" if self.fault == "other-issuer" else ""),
            "authorization_endpoint": self.issuer + "/authorize",
            "token_endpoint": elsewhere if self.fault == "plain-address" else self.issuer + "/token",
            "jwks_uri": self.issuer + "/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": listed,
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "none"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
            "padding": "x" * 70_000 if self.fault == "oversized" else "",
        }

    def jwks(self) -> dict[str, Any]:
        """The published keys, between others that fit nothing."""
        shown = [] if self.fault == "late-key" and self.asked["/jwks"] < 2 else list(self.keys.items())
        keys = [key.as_dict(private=False) | {"kid": f"key-{alg}", "use": "sig"} for alg, key in shown]
        others = [{"kty": "AKP", "kid": "of-tomorrow"}, {"kty": "RSA", "kid": "for-sealing", "use": "enc"}]
        return {"keys": [*others, *keys], "padding": "x" * 70_000 if self.fault == "oversized-keys" else ""}

    def issue(self, asked: dict[str, str], subject: str) -> str:
        """A one-time code for what was asked."""
        code = secrets.token_urlsafe(24)
        if self.fault == "replayed-code" and self.last_code:
            return self.last_code
        self.codes[code] = asked | {"subject": subject}
        self.last_code = code
        if self.fault == "spent-code":
            self.spent.add(code)
        return code

    def claims(self, asked: dict[str, str]) -> dict[str, Any]:
        """What the ID token says; wrong where the fault has it so."""
        now = self.now()
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": asked["subject"],
            "aud": self.client_id,
            "iat": now,
            "exp": now + 300,
            "nonce": asked.get("nonce", ""),
        }
        wrong: dict[str, dict[str, Any]] = {
            "wrong-nonce": {"nonce": "another"},
            "wrong-aud": {"aud": "another-client"},
            "foreign-azp": {"aud": [self.client_id, "another-client"], "azp": "another-client"},
            "several-aud": {"aud": [self.client_id, "another-client"]},
            "wrong-iss": {"iss": self.issuer + "/other"},
            "expired": {"iat": now - 300, "exp": now - 120},
            "early": {"iat": now + 120},
            "old": {"iat": now - 3600, "exp": now + 3600},
            "long-sub": {"sub": "x" * 256},
        }
        claims |= wrong.get(self.fault, {})
        left_out = {"no-nonce": "nonce", "no-exp": "exp", "no-sub": "sub"}.get(self.fault)
        return {name: value for name, value in claims.items() if name != left_out}

    def token(self, asked: dict[str, str]) -> str:
        """The ID token, signed; wrongly where the fault has it so."""
        alg, key = self.alg, self.keys[self.alg]
        kid = f"key-{alg}"
        if self.fault == "broken-token":
            return "not.a.token"
        if self.fault == "alg-none":
            return f"{b64(json.dumps({'alg': 'none'}).encode())}.{b64(json.dumps(self.claims(asked)).encode())}."
        if self.fault in ("hs256", "hs256-with-public-key"):
            known = self.client_secret if self.fault == "hs256" else json.dumps(key.as_dict(private=False))
            signed = ".".join(
                b64(json.dumps(part).encode()) for part in ({"alg": "HS256", "kid": kid}, self.claims(asked))
            )
            return f"{signed}.{b64(hmac.digest(known.encode(), signed.encode(), 'sha256'))}"
        if self.fault == "unlisted-alg":
            alg, key = "RS256", make_key("RS256")
        elif self.fault in ("swapped-key", "unknown-key"):
            key = make_key(alg)
            kid = "never-published" if self.fault == "unknown-key" else kid
        registry = jws.JWSRegistry(algorithms=[alg])
        return jws.serialize_compact({"alg": alg, "kid": kid}, json.dumps(self.claims(asked)), key, registry=registry)


class Handler(BaseHTTPRequestHandler):
    """The provider's addresses."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    @property
    def state(self) -> State:
        """What the provider knows."""
        return self.server.state

    @property
    def query(self) -> dict[str, str]:
        """The query of the request."""
        return dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))

    def do_GET(self) -> None:
        """Documents and the page."""
        path = urlsplit(self.path).path
        if path == "/admin":
            self._json(200, {"asked": self.state.asked, "fault": self.state.fault})
            return
        if self._out_of_order(path):
            return
        if path == "/.well-known/openid-configuration":
            self._discovery()
        elif path == "/jwks":
            self._json(200, self.state.jwks())
        elif path == "/authorize":
            self._page()
        else:
            self._send(404, "text/plain", b"There is nothing here.")

    def do_POST(self) -> None:
        """The form, the token endpoint, and the admin's wishes."""
        form = dict(parse_qsl(self._body(), keep_blank_values=True))
        path = urlsplit(self.path).path
        if path == "/admin":
            fault, alg = self.query.get("fault", ""), self.query.get("alg", "ES256")
            if (fault and fault not in FAULTS) or alg not in ("ES256", "RS256", "EdDSA", "Ed25519"):
                self._json(400, {"error": "no such fault or algorithm"})
                return
            self.state.set(fault, alg)
            self._json(200, {"fault": fault, "alg": alg})
        elif self._out_of_order(path):
            pass
        elif path == "/authorize":
            self._chosen(form)
        elif path == "/token":
            self._token(form)
        else:
            self._send(404, "text/plain", b"There is nothing here.")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the standard library's
        """Say nothing: addresses hold codes."""

    def _body(self) -> str:
        return self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()

    def _out_of_order(self, path: str) -> bool:
        self.state.asked[path] += 1
        if self.state.fault == "out-of-order":
            self._json(503, {"error": "temporarily_unavailable"})
        return self.state.fault == "out-of-order"

    def _discovery(self) -> None:
        if self.state.fault == "not-json":
            self._send(200, "text/html", b"<p>Welcome")
        elif self.state.fault == "redirecting-discovery":
            self._redirect(self.state.issuer + "/jwks")
        else:
            self._json(200, self.state.discovery())

    def _wrong_request(self, asked: dict[str, str]) -> str:
        """What is wrong with a request to /authorize that must not be sent back (RFC 6749 section 4.1.2.1)."""
        back = urlsplit(asked.get("redirect_uri", ""))
        if asked.get("client_id") != self.state.client_id:
            return "The client is unknown."
        if back.hostname not in ("127.0.0.1", "localhost") and back.scheme != "https":
            return "The redirect address is neither https nor on this machine."
        if asked.get("response_type") != "code" or asked.get("scope") != "openid":
            return "Only response_type=code and scope=openid are taken."
        if asked.get("code_challenge_method") != "S256" or len(asked.get("code_challenge", "")) != 43:
            return "PKCE with S256 is needed."
        return "" if asked.get("state") and asked.get("nonce") else "State and nonce are needed."

    def _page(self) -> None:
        asked = self.query
        wrong = self._wrong_request(asked)
        if wrong:
            self._send(400, "text/plain", wrong.encode())
            return
        hidden = "".join(
            f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
            for name, value in asked.items()
        )
        choices = "".join(
            f'<p><label><input type="radio" name="subject" value="{one}"{" checked" * (one == SUBJECTS[0])}> {one}</label>'
            for one in SUBJECTS
        )
        page = (
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>A provider for tests</title>'
            '<main><h1>A provider for tests</h1><form method="post" action="/authorize">'
            f"{hidden}<fieldset><legend>Sign in as</legend>{choices}</fieldset>"
            '<p><button name="answer" value="yes">Sign in</button> <button name="answer" value="no">Refuse</button>'
            "</form></main></html>"
        )
        self._send(200, "text/html; charset=utf-8", page.encode())

    def _chosen(self, form: dict[str, str]) -> None:
        wrong = self._wrong_request(form)
        if wrong or form.get("subject") not in SUBJECTS:
            self._send(400, "text/plain", (wrong or "The subject is unknown.").encode())
            return
        back = {"state": form["state"], "iss": self.state.issuer}
        if form.get("answer") == "no":
            back["error"] = "access_denied"
        elif self.state.fault != "no-code":
            back["code"] = self.state.issue(form, form["subject"])
        if self.state.fault == "mix-up":
            back["iss"] = "https://another-provider.example"
        elif self.state.fault == "no-iss":
            del back["iss"]
        self._redirect(form["redirect_uri"] + ("&" if "?" in form["redirect_uri"] else "?") + urlencode(back))

    def _client(self, form: dict[str, str]) -> bool:
        """Whether the client proves itself: by client_secret_basic, or by its id alone when it is public."""
        kind, _, pair = self.headers.get("Authorization", "").partition(" ")
        if not self.state.client_secret:
            return not kind and form.get("client_id") == self.state.client_id
        name, _, secret = base64.b64decode(pair).decode().partition(":") if kind == "Basic" else ("", "", "")
        return unquote_plus(name) == self.state.client_id and hmac.compare_digest(
            unquote_plus(secret), self.state.client_secret
        )

    def _wrong_code(self, form: dict[str, str]) -> bool:
        code = form.get("code", "")
        asked = self.state.codes.get(code)
        if asked is None:
            return True
        if self.state.fault == "replayed-code":
            return False
        spent = code in self.state.spent
        self.state.spent.add(code)
        challenge = b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        return spent or challenge != asked["code_challenge"] or form.get("redirect_uri") != asked["redirect_uri"]

    def _token(self, form: dict[str, str]) -> None:
        if self.state.fault == "redirecting":
            self._redirect(self.state.issuer + "/token", status=307)
        elif not self._client(form):
            self._json(401, {"error": "invalid_client"})
        elif form.get("grant_type") != "authorization_code":
            self._json(400, {"error": "unsupported_grant_type"})
        elif self._wrong_code(form):
            self._json(400, {"error": "invalid_grant", "error_description": "the code is not good"})
        else:
            answer = {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "expires_in": 300}
            if self.state.fault != "no-token":
                answer["id_token"] = self.state.token(self.state.codes[form["code"]])
            if self.state.fault == "oversized-token":
                answer["padding"] = "x" * 70_000
            self._json(200, answer)

    def _json(self, status: int, body: Any) -> None:
        self._send(status, "application/json", json.dumps(body).encode())

    def _redirect(self, address: str, status: int = 303) -> None:
        self._send(status, "text/plain", b"", location=address)

    def _send(self, status: int, kind: str, body: bytes, location: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    """An HTTP server that knows its provider."""

    def __init__(self, port: int, state: State) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.state = state


def main() -> None:
    """Serve until ended."""
    parser = argparse.ArgumentParser(description="A small OpenID Connect provider for tests.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--client-id", required=True)
    parser.add_argument("--client-secret", default=SECRET, help="empty for a public client")
    parser.add_argument("--fault", default="", choices=["", *FAULTS], help="how to misbehave from the start")
    parser.add_argument("--shift-days", type=int, default=0, help="days by which the clock is moved")
    given = parser.parse_args()
    issuer = f"http://127.0.0.1:{given.port}"
    state = State(issuer, given.client_id, given.client_secret, fault=given.fault, shift_days=given.shift_days)
    Server(given.port, state).serve_forever()


if __name__ == "__main__":
    main()
