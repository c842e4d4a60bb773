-- Entries of one round stand in an order that says nothing about who filed what when, so the events of a run no longer stand
-- one after another in the log: `offsets` has four bytes for each event of the run, in the order of their ids: how far behind
-- `position` its place is. Null, as in every run made before, where they do stand one after another.
alter table placed add column offsets bytea;
alter table placed add check (offsets is null or octet_length(offsets) = 4 * count);

create function place_in(run placed, id bigint) returns bigint immutable language sql return
    run.position + case when run.offsets is null then id - run.event else
        (get_byte(run.offsets, (4 * (id - run.event))::int)::bigint << 24)
        + (get_byte(run.offsets, (4 * (id - run.event))::int + 1) << 16)
        + (get_byte(run.offsets, (4 * (id - run.event))::int + 2) << 8)
        + get_byte(run.offsets, (4 * (id - run.event))::int + 3) end;

-- What is shown in public of living subscriptions: counted once a day, rounded, and kept, so that every reader of a day sees the
-- same numbers and nobody can lay a change of theirs beside an entry of the log.
create table daily_figures (
    day date primary key,
    figures text not null,
    least integer not null check (least > 0),
    at timestamptz not null
);
create trigger append_only before update or delete or truncate on daily_figures
    for each statement execute function refuse_rewriting();
grant select, insert on daily_figures to openroll_registrar;
