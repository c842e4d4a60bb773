"""Security headers of every response: what a page may load, use and be embedded in."""

from openroll.web.bridge import POLICY as BRIDGE_POLICY

_USELESS = (
    "accelerometer",
    "autoplay",
    "browsing-topics",
    "camera",
    "compute-pressure",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "gamepad",
    "geolocation",
    "gyroscope",
    "hid",
    "identity-credentials-get",
    "idle-detection",
    "interest-cohort",
    "keyboard-map",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "otp-credentials",
    "payment",
    "picture-in-picture",
    "private-state-token-issuance",
    "private-state-token-redemption",
    "screen-wake-lock",
    "serial",
    "storage-access",
    "usb",
    "window-management",
    "xr-spatial-tracking",
)
"""Powers that no page of ours uses, so that nothing that gets into one can. Those Chromium knows: of others it complains."""
_PASSKEYS = ("publickey-credentials-create", "publickey-credentials-get")
_NONE = ", ".join(f"{name}=()" for name in _USELESS)
PERMISSIONS = f"{_NONE}, {', '.join(f'{name}=(self)' for name in _PASSKEYS)}"
LENT_PERMISSIONS = f"{_NONE}, {', '.join(f'{name}=()' for name in _PASSKEYS)}"
"""On a page where somebody else's program runs not even our own document asks for a passkey: that program runs in it."""
POLICY = (
    "default-src 'none'; object-src 'none'; "
    "style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {
    "content-security-policy": POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "permissions-policy": PERMISSIONS,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_A_YEAR = "max-age=31536000"


def headers(path: str, policy: str, *, https: bool, beneath: bool = False) -> dict[str, str]:
    """The headers of an answer that does not say otherwise itself. `policy` is the content security policy it brings, if any.

    Strict-Transport-Security (RFC 6797) only where the roll's address is https, and for hosts `beneath` it only where its keeper
    says so: they may be others'. What is published for copying (the log, figures, badges of sites, RDAP) may be loaded by pages
    of others (CORP).
    """
    found = dict(_HEADERS)
    if policy == BRIDGE_POLICY:
        found["permissions-policy"] = LENT_PERMISSIONS
    if path.startswith(("/log/", "/figures/", "/sites/", "/rdap")):
        found["cross-origin-resource-policy"] = "cross-origin"
    if https:
        found["strict-transport-security"] = f"{_A_YEAR}; includeSubDomains" if beneath else _A_YEAR
    return found
