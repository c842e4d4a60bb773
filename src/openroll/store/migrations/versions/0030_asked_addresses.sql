-- Addresses that were asked whether they may be written to, and those that want no more mails: by keyed hash, and nobody's record.
create table asked_address (
    address bytea primary key check (octet_length(address) = 32),
    asked timestamptz not null,
    stopped boolean not null default false
);
