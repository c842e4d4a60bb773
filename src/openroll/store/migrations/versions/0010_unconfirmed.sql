-- How a record stands with its operator, rebuilt from its events like the rest: what a subscriber filed alone is unconfirmed until
-- the operator takes it.
alter table subscription add standing text not null default 'confirmed'
    check (standing in ('confirmed', 'unconfirmed', 'disowned', 'lapsed'));
update subscription s set standing = 'unconfirmed' where exists (
    select from event e where e.stream = s.number and e.version = 1 and e.role = 'subscriber'
);
create index subscription_unconfirmed on subscription (operator, number) where standing = 'unconfirmed' and ended is null;

-- The clock lets a filing fall away that nobody confirmed: the registrar's role may do that to one that waits, and nothing else.
create policy registrar_lapse on subscription for update to openroll_registrar
    using (standing = 'unconfirmed' and ended is null) with check (standing = 'lapsed' and ended is not null);
grant update (standing, ended, version) on subscription to openroll_registrar;

-- Puzzles that were solved and sent: each opens one try. Forgotten when nobody can send them any more.
create table spent_puzzle (
    puzzle bytea primary key,
    until timestamptz not null
);

-- Work that goes by the clock: since when it is done here. What waited before that has its whole time from then on.
create table regular_work (
    name text primary key,
    begun date not null
);
grant select on regular_work to openroll_operator, openroll_subscriber, openroll_registrar;
