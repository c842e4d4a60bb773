-- One at a time, by rows and a table of the roll: whoever has no right in it can lock neither. (Advisory locks, which served before,
-- are numbers that everybody who may connect can take.)

-- A row a name, locked until the end of a transaction (`hold`); the names are made when they are first held.
create table mutex (name text primary key);

-- Locked whole for a round of the sequencer, by a transaction that writes nothing: it has no number, so nothing waits for it.
create table sequencer_round (nothing boolean);

-- What is held for longer than a transaction: while the connection `pid` lives and the row is renewed.
create table lease (
    name text primary key,
    holder uuid not null,
    pid integer not null,
    application text not null,
    since timestamptz not null,
    renewed timestamptz not null,
    former integer[] not null default '{}'
);

-- The transaction number below which places were given while somebody's older transaction still ran (`log_horizon`). A sequence, as
-- it is seen by everybody at once, in whatever transaction and at whatever isolation.
create sequence placing_floor as bigint minvalue 1;

create function refuse_latecomer() returns trigger volatile security definer language plpgsql as $$
declare
    lowest bigint := pg_sequence_last_value('placing_floor');
begin
    if lowest is null or pg_current_xact_id()::text::bigint >= lowest then
        return null;
    end if;
    -- A number that this cluster has not come to is of the cluster that a dump was made in. Only read committed sees how far it has come.
    if current_setting('transaction_isolation') = 'read committed'
            and pg_snapshot_xmax(pg_current_snapshot())::text::bigint < lowest then
        return null;
    end if;
    raise exception 'this transaction began before events that have their place in the log: begin it anew'
        using errcode = 'serialization_failure';
end $$;
create trigger no_latecomer before insert on event for each statement execute function refuse_latecomer();
