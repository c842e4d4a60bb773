-- Of an announced succession: the heir's lead who agreed, and the day of the operator's first sign of life since, which makes it void.
alter table operator add offered_accepted text, add heard date;
-- When an operator was succeeded without having been asked; also of those that it had succeeded before. No heir is told the codes.
alter table operator add unasked timestamptz;
with recursive came(name, at) as (
    select o.name, e.at from operator o join event e on e.stream = o.number
        where e.name = 'operator.succeeded/1' and e.body::jsonb ->> 'offered_by' like 'registrar/%'
    union
    select o.name, came.at from operator o join came on o.heir = came.name
)
update operator set unasked = (select min(came.at) from came where came.name = operator.name)
    where name in (select name from came);

-- The handles under which subscriptions went to other operators, each by its SHA-256: an account that stands in the next list of the
-- operator that lost it is no new subscription. Rows are made by `left_handles_told`, and go with their record.
create table left_handle (
    hash bytea not null,
    operator text not null,
    number bigint not null,
    day date not null,
    primary key (hash, operator, number)
);
create index left_handle_number on left_handle (number);

-- What the facts of all records (or of one) tell of such handles.
create function left_handles_told(one bigint) returns setof left_handle stable language sql set search_path from current as $$
    select sha256(convert_to(named.handle, 'UTF8')), p.body::jsonb ->> 'losing', p.stream, max(p.day)
    from event p cross join lateral (
        select h.body::jsonb ->> 'handle' as handle from event h
        where h.stream = p.stream and h.version < p.version and h.body <> ''
            and h.name in ('subscription.filed/1', 'subscription.confirmed/1', 'subscription.rehandled/1', 'subscription.ported/1')
        order by h.version desc limit 1) named
    where p.name = 'subscription.ported/1' and p.body <> '' and (one is null or p.stream = one) and named.handle <> ''
    group by 1, 2, 3
$$;
insert into left_handle select * from left_handles_told(null);

create function left_handle_kept() returns trigger language plpgsql security definer set search_path from current as $$
begin
    if tg_op = 'DELETE' then
        delete from left_handle where number = old.number;
    else
        insert into left_handle select * from left_handles_told(new.number)
            on conflict (hash, operator, number) do update set day = excluded.day;
    end if;
    return null;
end $$;
create trigger left_handle_kept after update of handle on subscription for each row
    when (old.operator <> new.operator and old.handle is distinct from new.handle) execute function left_handle_kept();
create trigger left_handle_forgotten after delete on subscription for each row execute function left_handle_kept();

-- Which of these handles went with a subscription that still lives elsewhere, from an operator or one whose heir it is, and when. For an
-- operator's role: its own only.
create function left_handles(whose text, asked text[]) returns table (handle text, day date)
    stable security definer language sql set search_path from current as $$
    with recursive own(name) as (
        select whose where coalesce(nullif(organisation(), ''), whose) = whose
        union select o.name from operator o join own on o.heir = own.name)
    select a.handle, max(l.day) from unnest(asked) a(handle)
        join left_handle l on l.hash = sha256(convert_to(a.handle, 'UTF8')) and l.operator in (select name from own)
        join subscription s on s.number = l.number and s.ended is null group by 1
$$;

-- The last word, for who filed without asking: as for a handle that is filed already.
create function refuse_left_handle() returns trigger language plpgsql security definer set search_path from current as $$
begin
    if exists (select from left_handle) and exists (
        select from added a join left_handle l on l.hash = sha256(convert_to(a.handle, 'UTF8'))
            where exists (select from left_handles(a.operator, array[a.handle]))) then
        raise exception 'a handle that went to another operator is not filed again'
            using errcode = 'unique_violation', constraint = 'subscription_operator_handle_key';
    end if;
    return null;
end $$;
create trigger left_handle_refused after insert on subscription referencing new table as added for each statement
    execute function refuse_left_handle();
