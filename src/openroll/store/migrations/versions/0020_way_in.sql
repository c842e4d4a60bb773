-- The way in of a record's session: `code`, or `passkey`. None is known of one that began before, and none of a person's: what is not
-- known to have come by a passkey opens nothing of a record that a passkey holds.
alter table session add column way text constraint session_way check (way is null or (way in ('code', 'passkey') and record is not null));
