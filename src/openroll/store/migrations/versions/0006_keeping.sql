-- Escrow deposits that were handed over: the SHA-256 of the manifest, and the size of the log it stands under.
create table deposit (
    id bigint generated always as identity primary key,
    day date not null,
    digest text not null,
    size bigint not null,
    at timestamptz not null
);
create trigger append_only before update or delete or truncate on deposit
    for each statement execute function refuse_rewriting();

-- Logs this roll had before, each with the last checkpoint anybody has seen and the keys it is checked with. A log that stands
-- here is never signed for again.
create table ended_log (
    number integer primary key check (number > 0),
    origin text not null unique,
    size bigint not null,
    note bytea not null,
    keys text not null,
    ended timestamptz not null
);
create trigger append_only before update or delete or truncate on ended_log
    for each statement execute function refuse_rewriting();

-- Entries that stand in the log while their facts did not come back from a backup. What the log shows of them is all there is.
create table lost (
    position bigint primary key,
    day date not null,
    name text not null
);
create trigger append_only before update or delete or truncate on lost
    for each statement execute function refuse_rewriting();

grant select on deposit, ended_log, lost to openroll_registrar, openroll_sequencer;
