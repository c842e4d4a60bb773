"""Keys and envelopes that several tests of envelopes share: made once, from seeds."""

from openroll.disclosure.envelope import X25519, HeldKey, seal

OFFICER, REVIEWER, OPERATOR, STRANGER = (HeldKey(bytes([number]) * 32) for number in range(1, 5))
CLASSIC = HeldKey(bytes([9]) * 32, X25519)
"""A holder whose keys are of the suite without a post-quantum part."""
MATTER = "openroll request 1 roll=test.example number=7 part=ask"
CONTENT = "one record, and the grounds: 理由".encode()
ASKED = seal(CONTENT, [REVIEWER.private.public, OPERATOR.private.public], OFFICER.signing, MATTER)
"""The officer's envelope to reviewer and operator."""
