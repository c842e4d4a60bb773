-- Organisations other than operators: authorities and reviewers. The registrar is the organisation `registrar`.
create table organisation (
    name text primary key,
    number bigint not null unique,
    kind text not null check (kind in ('authority', 'reviewer')),
    title_zh text not null,
    title_en text not null,
    admitted date not null
);

-- People who act for organisations. `seat` is how events name them: a number within the organisation, never a name.
-- `label` is what colleagues call the seat. Neither goes into the log.
create table person (
    id bigint generated always as identity primary key,
    organisation text not null,
    seat integer not null,
    role text not null,
    label text not null,
    handle bytea not null unique check (octet_length(handle) = 32),
    joined timestamptz not null,
    left_at timestamptz,
    unique (organisation, seat)
);
create table invitation (
    hash bytea primary key,
    organisation text not null,
    role text not null,
    label text not null,
    issued timestamptz not null,
    expires timestamptz not null,
    used timestamptz,
    revoked timestamptz
);

-- Ways in. A passkey is held by a person or by whoever holds a record; a provider's subject by a person only.
create table passkey (
    id bytea primary key,
    person bigint references person,
    record bigint,
    public_key bytea not null,
    uses bigint not null,
    label text not null,
    added timestamptz not null,
    used timestamptz,
    ended timestamptz,
    check ((person is null) <> (record is null))
);
create index passkey_record on passkey (record) where ended is null;
create index passkey_person on passkey (person) where ended is null;
create table provider (
    organisation text primary key,
    issuer text not null,
    client_id text not null,
    client_secret text not null
);
create table subject (
    issuer text not null,
    subject text not null,
    person bigint not null references person,
    primary key (issuer, subject)
);

-- Sessions, by the SHA-256 of what the cookie holds. `at_once` is what a ceremony in two steps keeps between them; it is
-- taken out when it is used, so that nothing can be played twice.
create table session (
    hash bytea primary key,
    person bigint references person,
    record bigint,
    begun timestamptz not null,
    seen timestamptz not null,
    ended timestamptz,
    check (person is null or record is null)
);
create index session_person on session (person) where ended is null;
create index session_record on session (record) where ended is null;
create table ceremony (
    hash bytea primary key,
    kind text not null,
    kept text not null,
    begun timestamptz not null
);

-- How often a source, or one code, was wrong of late: a bucket that fills and drains.
create table throttle (
    bucket bytea primary key,
    level double precision not null,
    at timestamptz not null
);

-- Files that came by a page: kept on disk until done, their progress here.
create table upload (
    id bigint generated always as identity primary key,
    operator text not null,
    seat integer not null,
    purpose text not null check (purpose in ('file', 'compare')),
    name text not null,
    size bigint not null,
    begun timestamptz not null,
    ended timestamptz,
    state text not null check (state in ('waiting', 'working', 'done', 'refused', 'failed')),
    doing text not null default '',
    done bigint not null default 0,
    whole bigint not null default 0,
    rows bigint not null default 0,
    stored bigint not null default 0,
    fault_count bigint not null default 0,
    digest text not null default '',
    result text not null default '',
    seen timestamptz
);
create index upload_operator on upload (operator, id);
create index upload_waiting on upload (id) where state in ('waiting', 'working');

-- What waits for a person: each with a reason, a last day and, once somebody took it, an owner.
create table work (
    id bigint generated always as identity primary key,
    kind text not null,
    about text not null,
    made timestamptz not null,
    due date not null,
    owner bigint references person,
    ended timestamptz,
    outcome text not null default '',
    unique (kind, about)
);

-- Rules: proposed by one, published by another, in force from a day.
create table proposal (
    id bigint generated always as identity primary key,
    ref text not null,
    digest text not null,
    rule text not null,
    starts date not null,
    seat integer not null,
    proposed timestamptz not null,
    decided timestamptz,
    published boolean
);
alter table rule_version add starts date not null default '0001-01-01';
create table published_figures (
    day date primary key,
    figures text not null,
    digest text not null,
    at timestamptz not null
);

-- Who holds a record beside its code is part of its state, rebuilt from its events like the rest.
alter table subscription add held boolean not null default false;

alter table token add id bigint generated always as identity;

-- Erasure. A fact may lose its body and salt, and nothing else, once an `erased` event stands on its record. Its commitment
-- stays where it is in the log, and no one can open it any more.
create or replace function refuse_rewriting() returns trigger language plpgsql as $$
begin
    raise exception '% on % is refused: facts are only ever added', tg_op, tg_table_name using errcode = 'OR001';
end $$;
drop trigger append_only on event;
create trigger append_only before delete or truncate on event for each statement execute function refuse_rewriting();
create function only_erase() returns trigger language plpgsql as $$
declare emptied event;
begin
    emptied := old;
    emptied.body := '';
    emptied.salt := decode(repeat('00', 32), 'hex');
    if new is distinct from emptied or not exists (
        select from event e where e.stream = old.stream and e.version > old.version and e.name = 'subscription.erased/1'
    ) then
        raise exception 'update on event is refused: facts are only ever added' using errcode = 'OR001';
    end if;
    return new;
end $$;
create trigger only_erased before update on event for each row execute function only_erase();

grant update (body, salt) on event to openroll_subscriber;
grant delete on subscription to openroll_subscriber;
grant delete on idempotency to openroll_subscriber;
grant select on organisation to openroll_operator, openroll_subscriber, openroll_registrar;
grant insert on organisation, published_figures to openroll_registrar;
grant select on published_figures to openroll_registrar;
create policy subscriber_erase on event for update to openroll_subscriber
    using (stream = (select record())) with check (stream = (select record()));
alter table rule_version drop constraint rule_version_pkey, add primary key (digest, starts);
create index event_official on event (id) where role = 'registrar';
