-- The credential of the passkey that began a session, by which a holder says no to a release: none is known of what began before.
alter table session add column passkey bytea;
