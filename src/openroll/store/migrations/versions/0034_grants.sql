-- Grants that were taken back or shown. A grant is a digest of a word that its giver keeps; whose it is, of what and for whom stands
-- nowhere. One that was neither is not here.
create table grant_mark (
    number bytea primary key check (octet_length(number) = 32),
    taken_back timestamptz,
    shown timestamptz,
    until timestamptz not null
);
