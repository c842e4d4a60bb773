-- A handle is left in two ways: its record goes to another operator, or gets another handle (`changed`). A list that was packed by the
-- handle key of before is none of new subscriptions. Also of records that have ended: under the handle they had they would be refused.
alter table left_handle add changed boolean not null default false;
alter table left_handle alter changed drop default;

-- What the facts of all records (or of one) tell of such handles. Of one that was left more than once, how it was the last time.
-- One plan for both, by the key of events: one made for each call would cost more than what it finds, and one that was made while the
-- roll was small would read all of it for each record.
create or replace function left_handles_told(one bigint) returns setof left_handle stable language plpgsql
    set search_path from current set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
    return query select distinct on (1, 2, 3) sha256(convert_to(named.handle, 'UTF8')),
            case g.name when 'subscription.ported/1' then g.body::jsonb ->> 'losing' else g.organisation end,
            g.stream, g.day, g.name = 'subscription.rehandled/1'
        from event g cross join lateral (
            select h.body::jsonb ->> 'handle' as handle from event h
            where h.stream = g.stream and h.version < g.version and h.body <> ''
                and h.name in ('subscription.filed/1', 'subscription.confirmed/1', 'subscription.rehandled/1', 'subscription.ported/1')
            order by h.version desc limit 1) named
        where g.name in ('subscription.ported/1', 'subscription.rehandled/1') and g.body <> '' and named.handle <> ''
            and g.stream between coalesce(one, -9223372036854775808) and coalesce(one, 9223372036854775807)
        order by 1, 2, 3, g.version desc;
end $$;
insert into left_handle select * from left_handles_told(null)
    on conflict (hash, operator, number) do update set day = excluded.day, changed = excluded.changed;

create or replace function left_handle_kept() returns trigger language plpgsql security definer set search_path from current as $$
begin
    if tg_op = 'DELETE' then
        delete from left_handle where number = old.number;
    else
        insert into left_handle as l select * from left_handles_told(new.number)
            on conflict (hash, operator, number) do update set day = excluded.day, changed = excluded.changed
                where (l.day, l.changed) is distinct from (excluded.day, excluded.changed);
    end if;
    return null;
end $$;
drop trigger left_handle_kept on subscription;
create trigger left_handle_kept after update of handle on subscription for each row
    when (old.operator <> new.operator or old.handle <> '' and old.handle is distinct from new.handle) execute function left_handle_kept();

-- Which of these handles were left, by which record, when and how, of an operator or one whose heir it is. For an operator's role: its
-- own only. One that went counts while it lives; one that is called so again (it came back, or was changed back) has not left.
drop function left_handles(text, text[]);
create function left_handles(whose text, asked text[]) returns table (handle text, number bigint, day date, changed boolean)
    stable security definer language sql set search_path from current as $$
    with recursive own(name) as (
        select whose where coalesce(nullif(organisation(), ''), whose) = whose
        union select o.name from operator o join own on o.heir = own.name)
    select distinct on (a.handle, s.number) a.handle, s.number, l.day, l.changed from unnest(asked) a(handle)
        join left_handle l on l.hash = sha256(convert_to(a.handle, 'UTF8')) and l.operator in (select name from own)
        join subscription s on s.number = l.number and (l.changed or s.ended is null)
            and not (s.handle is not distinct from a.handle and s.operator in (select name from own))
        order by a.handle, s.number, l.day desc, l.changed desc
$$;

-- The last word, as before. What is looked for first is what nearly never is there: by its key, whatever the table held when the plan
-- was made (a list is filed in lots of some ten thousand, and a changed key leaves as many rows as an operator has).
create or replace function refuse_left_handle() returns trigger language plpgsql security definer set search_path from current
    set enable_seqscan = off as $$
begin
    if exists (select from left_handle)
        and exists (select from left_handle l where l.hash = any (array(
            select sha256(convert_to(a.handle, 'UTF8')) from added a where a.handle is not null)))
        and exists (
            select from added a join left_handle l on l.hash = sha256(convert_to(a.handle, 'UTF8'))
                where exists (select from left_handles(a.operator, array[a.handle]) h where h.number <> a.number)) then
        raise exception 'a handle that was left is not filed again'
            using errcode = 'unique_violation', constraint = 'subscription_operator_handle_key';
    end if;
    return null;
end $$;
create or replace function refuse_left_handle_again() returns trigger language plpgsql security definer set search_path from current
    set enable_seqscan = off as $$
begin
    if exists (select from left_handle l where l.hash = sha256(convert_to(new.handle, 'UTF8')) and l.number <> new.number)
        and exists (select from left_handles(new.operator, array[new.handle]) h where h.number <> new.number) then
        raise exception 'a handle that was left is no other subscription''s'
            using errcode = 'unique_violation', constraint = 'subscription_operator_handle_key';
    end if;
    return null;
end $$;
