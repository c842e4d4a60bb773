-- The second wall, raised after every migration and the same however often: each table of the roll, also one that was added
-- yesterday, shows its rows to those alone whose sealed claim says that they may see them.

-- The sealing key, as the two pads of RFC 2104. Its owner alone reads it.
create table if not exists wall (ipad bytea not null, opad bytea not null);

-- Who acts, by a claim whose seal is right; else null, and every table is empty.
create or replace function acting() returns text stable security definer language plpgsql as $$
declare
    claimed text := current_setting('openroll.acts', true);
begin
    if (select encode(sha256(w.opad || sha256(w.ipad || convert_to(claimed || e'\n' || current_setting('openroll.organisation', true)
            || e'\n' || current_setting('openroll.record', true), 'UTF8'))), 'hex')
            = current_setting('openroll.seal', true) from wall w) then
        return claimed;
    end if;
    return null;
end $$;
create or replace function organisation() returns text stable security definer language plpgsql as $$
begin
    return case when acting() is not null then current_setting('openroll.organisation', true) end;
end $$;
create or replace function record() returns bigint stable security definer language plpgsql as $$
begin
    return case when acting() is not null then nullif(current_setting('openroll.record', true), '')::bigint end;
end $$;
-- Whether a record is another's than who acts: by the operator that answers for it now, or by its facts where it has no row yet.
create or replace function is_foreign(asked bigint) returns boolean stable security definer language plpgsql as $$
declare
    answers text := (select s.operator from subscription s where s.number = asked);
begin
    if answers is not null then
        return answers is distinct from organisation();
    end if;
    return exists (select from event e where e.stream = asked and e.organisation is distinct from organisation());
end $$;
create or replace function newest_number() returns bigint stable security definer language plpgsql as $$
begin
    return (select case when is_called then last_value else 0 end from record_number);
end $$;
-- How many rules the roll was, is and will be under: so a process knows whether it knows them all. Rules are public.
create or replace function rules_known() returns integer stable security definer language plpgsql as $$
begin
    return (select count(*) from rule_version);
end $$;
-- Record numbers go forward only, and only the roll's own work and its owner move them.
create or replace function advance_numbers(last bigint) returns void volatile security definer language plpgsql as $$
begin
    if (acting() is distinct from 'application' and session_user <> current_user) or last < newest_number() then
        raise exception 'record numbers only go forward' using errcode = 'insufficient_privilege';
    end if;
    perform setval('record_number', greatest(last, 1), last > 0);
end $$;

-- Hold a name until the transaction ends: who holds the same one next waits. A row of the roll, so that nobody without a right in it
-- can be waited for.
create or replace function hold(what text) returns void volatile security definer language plpgsql as $$
begin
    if session_user <> current_user and acting() is null then
        raise exception 'a name is held by who acts' using errcode = 'insufficient_privilege';
    end if;
    insert into mutex (name) values (what) on conflict do nothing;
    perform from mutex where name = what for update;
end $$;
-- Of the transactions that ran at `seen`, those that can have written, or may yet write, events of this roll: every one of its runtime
-- login, and whoever holds the lock that an insert into `event` takes. One that is not found counts: it has just begun or ended.
create or replace function writing(seen pg_snapshot) returns setof xid8 volatile security definer language plpgsql as $$
declare
    runtime oid := (select r.oid from pg_roles r join pg_class c on c.oid = 'event'::regclass join pg_namespace n
        on n.oid = c.relnamespace where r.rolname = n.nspname || '_runtime');
    ours integer[] := array(select pid from pg_stat_activity where usesysid = runtime);
begin
    -- Sessions are read before locks: who holds a number of `seen` has been the same session since before both.
    return query with locked as materialized (select * from pg_locks where granted)
        select x from pg_snapshot_xip(seen) x where not exists (
            select from locked l where l.locktype = 'transactionid' and l.mode = 'ExclusiveLock' and l.transactionid = x::xid
                and (l.pid is null or not l.pid = any(ours)) and not exists (
                    select from locked e where e.virtualtransaction = l.virtualtransaction and e.locktype = 'relation'
                        and e.mode = 'RowExclusiveLock' and e.relation = 'event'::regclass
                        and e.database = (select oid from pg_database where datname = current_database())));
end $$;
-- Below which transaction number no event can appear any more that `seen` does not show. store/log.py says why that is so.
create or replace function log_horizon(seen pg_snapshot) returns xid8 volatile security definer language plpgsql as $$
declare
    lowest bigint;
begin
    if session_user <> current_user and acting() is distinct from 'sequencer' then
        raise exception 'places are given by the sequencer' using errcode = 'insufficient_privilege';
    end if;
    lowest := coalesce((select min(x::text::bigint) from writing(seen) x), pg_snapshot_xmax(seen)::text::bigint);
    if pg_snapshot_xmin(seen)::text::bigint < lowest then
        -- Somebody's older transaction is passed by: from here on it writes no event (`refuse_latecomer`). Had it begun to
        -- before that could be seen, it holds the lock by now.
        perform hold('places');
        if coalesce(pg_sequence_last_value('placing_floor'), 0) not between lowest and pg_snapshot_xmax(seen)::text::bigint then
            perform setval('placing_floor', lowest);
        end if;
        lowest := least(lowest, (select min(x::text::bigint) from writing(seen) x));
    end if;
    return lowest::text::xid8;
end $$;

do $wall$
declare
    one record;
    acts text;
    roles constant text[] := array['application', 'operator', 'subscriber', 'registrar', 'sequencer'];
    here constant text := current_schema();
begin
    -- Functions see the roll's tables and nobody's temporary ones; nobody runs one but the roll's roles.
    for one in select p.oid::regprocedure as name from pg_proc p where p.pronamespace = here::regnamespace loop
        execute format('alter function %s set search_path = pg_catalog, %I, pg_temp', one.name, here);
        execute format('revoke all on function %s from public', one.name);
        foreach acts in array roles loop
            execute format('grant execute on function %s to %I', one.name, here || '_' || acts);
        end loop;
    end loop;
    -- No setting turns a trigger off.
    for one in select tgname, tgrelid::regclass as name from pg_trigger t join pg_class c on c.oid = tgrelid
            where c.relnamespace = here::regnamespace and not tgisinternal and tgenabled <> 'A' loop
        execute format('alter table %s enable always trigger %I', one.name, one.tgname);
    end loop;
    for one in select c.oid, c.relname, c.oid::regclass as name, exists (select from pg_trigger t where t.tgrelid = c.oid
                and t.tgname = 'append_only') as only_grows from pg_class c
            where c.relkind in ('r', 'p') and c.relnamespace = here::regnamespace and c.relname not in ('wall', 'migration') loop
        execute format('grant select, insert on %s to %I', one.name, here || '_application');
        if not one.only_grows then
            execute format('grant update, delete on %s to %I', one.name, here || '_application');
        end if;
        execute format('alter table %s enable row level security', one.name);
        foreach acts in array roles loop
            execute format('drop policy if exists only_%s on %s', acts, one.name);
            execute format('drop policy if exists may_%s on %s', acts, one.name);
            continue when not exists (
                select from (select relacl as acl from pg_class where oid = one.oid union all
                    select attacl from pg_attribute where attrelid = one.oid) granted, aclexplode(granted.acl) item
                where item.grantee = (here || '_' || acts)::regrole);
            -- The comparison within the sub-select: the planner then takes it for even odds, and not for one row in 200.
            execute format('create policy only_%s on %s as restrictive to %I using ((select acting() = %L))'
                ' with check ((select acting() = %L))', acts, one.name, here || '_' || acts, acts, acts);
            if not exists (select from pg_policy where polrelid = one.oid and polpermissive
                    and polroles @> array[(here || '_' || acts)::regrole::oid]) then
                execute format('create policy may_%s on %s to %I using (true) with check (true)', acts, one.name,
                    here || '_' || acts);
            end if;
        end loop;
    end loop;
    -- A record that is begun takes a number that was given out; one that goes on is the operator's own.
    drop policy if exists operator_adds on event;
    execute format('create policy operator_adds on event for insert to %I with check (organisation = (select organisation())'
        ' and role = ''operator'' and name like ''subscription.%%'' and stream > 0 and stream <= (select newest_number())'
        ' and (version = 1 or not is_foreign(stream)))', here || '_operator');
    execute format('grant select on migration to %I, %I', here || '_application', here || '_runtime');
    -- How far the counts have come (service/numbers.py); none of the roll's roles counts by itself.
    execute format('grant select on all sequences in schema %I to %I', here, here || '_application');
end $wall$;
