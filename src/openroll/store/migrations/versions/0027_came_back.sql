-- That a subscription went is what counts, be it under the same handle. (A succession touches no handle: nothing left by it.)
drop trigger left_handle_kept on subscription;
create trigger left_handle_kept after update of handle on subscription for each row
    when (old.operator <> new.operator) execute function left_handle_kept();
insert into left_handle select * from left_handles_told(null) on conflict (hash, operator, number) do nothing;

-- As before, with the record that left; one that came back under that very handle is filed, and has not left.
drop function left_handles(text, text[]);
create function left_handles(whose text, asked text[]) returns table (handle text, day date, number bigint)
    stable security definer language sql set search_path from current as $$
    with recursive own(name) as (
        select whose where coalesce(nullif(organisation(), ''), whose) = whose
        union select o.name from operator o join own on o.heir = own.name)
    select a.handle, max(l.day), s.number from unnest(asked) a(handle)
        join left_handle l on l.hash = sha256(convert_to(a.handle, 'UTF8')) and l.operator in (select name from own)
        join subscription s on s.number = l.number and s.ended is null
            and not (s.handle is not distinct from a.handle and s.operator in (select name from own))
        group by 1, 3
$$;

-- The last word for who files, and for who calls a record so (takes it over, takes its word, changes its handle). A record may be
-- called as it was.
create or replace function refuse_left_handle() returns trigger language plpgsql security definer set search_path from current as $$
begin
    if exists (select from left_handle) and exists (
        select from added a join left_handle l on l.hash = sha256(convert_to(a.handle, 'UTF8'))
            where exists (select from left_handles(a.operator, array[a.handle]) h where h.number <> a.number)) then
        raise exception 'a handle that went to another operator is not filed again'
            using errcode = 'unique_violation', constraint = 'subscription_operator_handle_key';
    end if;
    return null;
end $$;
create function refuse_left_handle_again() returns trigger language plpgsql security definer set search_path from current as $$
begin
    if exists (select from left_handles(new.operator, array[new.handle]) h where h.number <> new.number) then
        raise exception 'a handle that went to another operator is no other subscription''s'
            using errcode = 'unique_violation', constraint = 'subscription_operator_handle_key';
    end if;
    return null;
end $$;
create trigger left_handle_refused_again after update of handle on subscription for each row
    when (new.handle <> '' and old.handle is distinct from new.handle) execute function refuse_left_handle_again();
