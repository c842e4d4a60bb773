-- The newest cosignature of each witness key, so that a restart neither loses one nor has to guess what a witness holds.
-- Older ones are not kept: receipts and readers go by the newest checkpoint, which carries its own.
create table cosignature (
    name text not null,
    key_id bytea not null check (octet_length(key_id) = 4),
    size bigint not null check (size >= 0),
    signature bytea not null,
    at timestamptz not null,
    primary key (name, key_id)
);
grant select on cosignature to openroll_registrar;
grant select, insert, update on cosignature to openroll_sequencer;
