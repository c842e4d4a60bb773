"""Whatever is there once only: of two who write it at one moment, how one comes first. A new unique key is thought about here."""

import re
from pathlib import Path

SCHEMA = (Path(__file__).parent / "golden/schema.sql").read_text("utf-8")

DRAWN = """
ceremony_pkey deposit_pkey event_order invitation_pkey mail_pkey operator_number_key organisation_number_key person_handle_key
person_pkey proposal_pkey registered_use_pkey request_stream_key session_pkey subscription_code_key taken_file_pkey token_number
token_pkey upload_pkey work_pkey
"""
"""A number that was drawn for this one, or 16 random bytes and more (or their hash): no two are alike."""
SAID = """
asked_address_pkey checkpoint_pkey contact_pkey cosignature_pkey daily_figures_pkey former_subject_pkey grant_mark_pkey lease_pkey
left_handle_pkey mutex_pkey provider_pkey published_figures_pkey regular_work_pkey request_pkey site_look_pkey site_pkey
site_word_pkey
spent_puzzle_pkey subscription_pkey tally_pkey throttle_pkey tile_pkey work_open
"""
"""The statement says what comes of a second one (`on conflict`)."""
HELD = """
envelope_key_pkey envelope_pkey notice_pkey operator_pkey organisation_pkey passkey_pkey person_organisation_seat_key
rule_reading_pkey rule_version_pkey subject_pkey taken_file_operator_digest_key token_replaces_key
"""
"""Looked for and written under a lock: of a record, of the roll's own (what begins, too), of a way in, of a file.
`tests/service/test_two_at_once.py` has those that are looked for under a lock of their own."""
AGAIN = "event_pkey idempotency_pkey subscription_operator_handle_key"
"""Who comes second decides anew (`submit`, `porting`, `records`, `unconfirmed`), or is told so (`bulk`)."""
ALONE = "bundle_pkey ended_log_origin_key ended_log_pkey head_pkey lost_pkey migration_pkc placed_event_key placed_pkey"
"""One process writes it: the sequencer under its lease, or a command while nothing is served."""


def test_each_unique_key_says_how_two_are_kept_apart() -> None:
    """Each stands in one of these lists."""
    keys = re.findall(r"(?:ADD CONSTRAINT (\w+) (?:PRIMARY KEY|UNIQUE)|CREATE UNIQUE INDEX (\w+))", SCHEMA)
    there = sorted(one or other for one, other in keys)
    assert len(there) > 50
    said = sorted(" ".join((DRAWN, SAID, HELD, AGAIN, ALONE)).split())
    assert said == there
