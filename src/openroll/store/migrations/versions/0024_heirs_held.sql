-- Every operator that was succeeded, with its heir, once the operators that these records name (who answers, whom it is to go to, who
-- answered before) are held: until the transaction ends none of them ends. A succession that is being written is waited for, and its
-- heir is held in turn. Each statement in here sees what was committed when it began. No role may lock an operator's row by itself.
create function heirs_held(numbers bigint[]) returns table (name text, heir text) volatile security definer language plpgsql as $$
declare
    asked text[];
    held text[] := '{}';
begin
    if session_user <> current_user and acting() is null then
        raise exception 'operators are held by who acts' using errcode = 'insufficient_privilege';
    end if;
    asked := array(select distinct one from subscription s, unnest(array[s.operator, s.port_to, s.before]) one
        where s.number = any(numbers) and one is not null);
    while cardinality(asked) > 0 loop
        perform from operator o where o.name = any(asked) and o.ended is null order by o.name for key share;
        held := held || asked;
        asked := array(select distinct o.heir from operator o
            where o.name = any(asked) and o.heir is not null and o.heir <> all(held));
    end loop;
    return query select o.name, o.heir from operator o where o.heir is not null;
end $$;

-- Who sent a file, whole (`east/3`), where its operator was succeeded since: the number alone would be somebody else's seat.
alter table upload add column sender text;
