-- One roll, one schema. The search path names it; nothing here does.

-- The facts. Append-only: see the trigger below. (xid, id) is the order in which the sequencer takes them:
-- an identity is not commit order, so the transaction stands beside it (docs/facts/log.md, "Order").
create table event (
    id bigint generated always as identity,
    xid xid8 not null default pg_current_xact_id(),
    stream bigint not null,
    version integer not null check (version > 0),
    name text not null,
    role text not null,
    organisation text not null,
    at timestamptz not null,
    day date not null,
    salt bytea not null check (octet_length(salt) = 32),
    commitment bytea not null check (octet_length(commitment) = 32),
    body text not null,
    primary key (stream, version)
);
create unique index event_order on event (xid, id);

create function refuse_rewriting() returns trigger language plpgsql as $$
begin
    raise exception '% on % is refused: facts are only ever added', tg_op, tg_table_name using errcode = 'OR001';
end $$;
create trigger append_only before update or delete or truncate on event
    for each statement execute function refuse_rewriting();

-- The numbers of records. 0 is the roll itself.
create sequence record_number as bigint minvalue 1 maxvalue 99999999999999;

-- What the roll runs under, as data: every rule version it was ever under, whole.
create table rule_version (
    ref text primary key,
    digest text not null,
    rule text not null,
    since timestamptz not null
);
create trigger append_only before update or delete or truncate on rule_version
    for each statement execute function refuse_rewriting();

-- Projections: always rebuildable from the events (openroll rebuild --check).
create table operator (
    name text primary key,
    number bigint not null unique,
    title_zh text not null,
    title_en text not null,
    kind text not null,
    admitted date not null
);
create table subscription (
    number bigint primary key,
    operator text not null,
    handle text,
    kind text not null,
    access text not null,
    district text not null,
    connected date not null,
    filed date not null,
    changed date,
    ended date,
    version integer not null,
    file bigint,
    unique (operator, handle)
);

-- Operators' files, taken under their digest: what a crash leaves is finished by sending the file again.
create table taken_file (
    id bigint generated always as identity primary key,
    operator text not null,
    digest text not null,
    rows bigint not null,
    done bigint not null default 0 check (done between 0 and rows),
    first_number bigint not null,
    begun timestamptz not null,
    finished timestamptz,
    unique (operator, digest)
);

-- An acknowledged filing, by the key it came under: sent again, it gives the same answer.
create table idempotency (
    organisation text not null,
    key text not null,
    request bytea not null,
    number bigint not null,
    version integer not null,
    primary key (organisation, key)
);

-- Tokens are kept hashed; 32 random bytes need no slow hash.
create table token (
    hash bytea primary key,
    organisation text not null,
    label text not null,
    issued timestamptz not null,
    revoked timestamptz
);

-- The log. `placed` maps runs of events with consecutive ids to runs of positions; xids do not survive a dump, places do.
create table placed (
    position bigint primary key,
    event bigint not null unique,
    count integer not null check (count > 0)
);
create table tile (
    level smallint not null,
    index bigint not null,
    width smallint not null check (width between 1 and 256),
    data bytea not null,
    primary key (level, index)
);
create table bundle (
    index bigint primary key,
    width smallint not null check (width between 1 and 256),
    data bytea not null
);
alter table tile alter data set storage external;
alter table bundle alter data set storage external;
create table head (
    size bigint primary key,
    root bytea not null check (octet_length(root) = 32),
    xid xid8 not null,
    id bigint not null,
    at timestamptz not null
);
create table checkpoint (
    size bigint primary key,
    note bytea not null,
    at timestamptz not null
);
create table tally (
    day date not null,
    name text not null,
    count bigint not null,
    primary key (day, name)
);
create trigger append_only before update or delete or truncate on head
    for each statement execute function refuse_rewriting();
create trigger append_only before update or delete or truncate on placed
    for each statement execute function refuse_rewriting();

-- Organisations are kept apart here as well as in the application: a query that forgets its `where` finds its own rows only.
alter table event enable row level security;
alter table subscription enable row level security;
alter table taken_file enable row level security;
alter table idempotency enable row level security;

create function organisation() returns text stable language sql return current_setting('openroll.organisation', true);
create function record() returns bigint stable language sql
    return nullif(current_setting('openroll.record', true), '')::bigint;

create policy operator_event on event to openroll_operator
    using (organisation = (select organisation())) with check (organisation = (select organisation()));
create policy operator_subscription on subscription to openroll_operator
    using (operator = (select organisation())) with check (operator = (select organisation()));
create policy operator_file on taken_file to openroll_operator
    using (operator = (select organisation())) with check (operator = (select organisation()));
create policy operator_idempotency on idempotency to openroll_operator
    using (organisation = (select organisation())) with check (organisation = (select organisation()));

create policy subscriber_event on event to openroll_subscriber
    using (stream = (select record())) with check (stream = (select record()) and role = 'subscriber');
create policy subscriber_subscription on subscription to openroll_subscriber
    using (number = (select record())) with check (number = (select record()));
create policy subscriber_idempotency on idempotency to openroll_subscriber
    using (organisation = '' and number = (select record())) with check (organisation = '' and number = (select record()));

create policy registrar_event on event to openroll_registrar using (true) with check (role = 'registrar');
create policy registrar_subscription on subscription for select to openroll_registrar using (true);
create policy registrar_file on taken_file for select to openroll_registrar using (true);
create policy sequencer_event on event for select to openroll_sequencer using (true);

grant select, insert on event, idempotency to openroll_operator, openroll_subscriber;
grant select, insert, update on subscription to openroll_operator, openroll_subscriber;
grant usage on sequence record_number to openroll_operator, openroll_subscriber, openroll_registrar;
grant select on taken_file to openroll_operator;
grant select on token to openroll_operator;
grant select on operator, rule_version to openroll_operator, openroll_subscriber, openroll_registrar;
grant select, insert on event to openroll_registrar;
grant select on subscription, taken_file, tally, head, checkpoint, placed, tile, bundle to openroll_registrar;
grant insert on operator, rule_version to openroll_registrar;
grant select on event, placed to openroll_sequencer;
grant select, insert on placed, head, checkpoint to openroll_sequencer;
grant select, insert, update on tile, bundle, tally to openroll_sequencer;
