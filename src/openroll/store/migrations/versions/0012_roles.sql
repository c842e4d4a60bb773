-- Roles of a roll's own. Names as `openroll_operator` stand for them here as in every migration: who runs these gives each
-- roll's its own name. What a roll of before had granted to the roles that all rolls of the cluster shared goes over to them.
do $move$
declare
    one record;
    shared constant text[] := array['operator', 'subscriber', 'registrar', 'sequencer'];
    here constant text := current_schema();
    old text;
    acts text;
begin
    foreach acts in array shared loop
        old := 'openroll' || '_' || acts;
        continue when to_regrole(old) is null;
        for one in select polname, polrelid::regclass as name, array_agg(case when r.rolname = old then here || '_' || acts
                    else r.rolname end) as roles from pg_policy p join pg_class c on c.oid = polrelid
                join pg_roles r on r.oid = any(polroles)
                where c.relnamespace = here::regnamespace and polroles @> array[to_regrole(old)::oid] group by 1, 2 loop
            execute format('alter policy %I on %s to %s', one.polname, one.name,
                (select string_agg(quote_ident(role), ', ') from unnest(one.roles) role));
        end loop;
        for one in select c.oid::regclass as name, c.relkind, item.privilege_type as what, null as part from pg_class c,
                    aclexplode(c.relacl) item where c.relnamespace = here::regnamespace and item.grantee = to_regrole(old)
                union all select c.oid::regclass, c.relkind, item.privilege_type, quote_ident(a.attname) from pg_class c
                    join pg_attribute a on a.attrelid = c.oid, aclexplode(a.attacl) item
                    where c.relnamespace = here::regnamespace and item.grantee = to_regrole(old) loop
            execute format('grant %s%s on %s %s to %I', one.what, coalesce('(' || one.part || ')', ''),
                case one.relkind when 'S' then 'sequence' else 'table' end, one.name, here || '_' || acts);
            execute format('revoke %s%s on %s %s from %I', one.what, coalesce('(' || one.part || ')', ''),
                case one.relkind when 'S' then 'sequence' else 'table' end, one.name, old);
        end loop;
        execute format('revoke all on schema %I from %I', here, old);
    end loop;
end $move$;

-- An operator adds facts of its own making to records of its own; a subscriber to the one record. Neither writes what only an
-- office may say, whatever the name of the organisation.
drop policy operator_event on event;
create policy operator_reads on event for select to openroll_operator using (organisation = (select organisation()));
drop policy subscriber_event on event;
create policy subscriber_reads on event for select to openroll_subscriber using (stream = (select record()));
drop policy registrar_event on event;
create policy registrar_reads on event for select to openroll_registrar using (true);
create policy registrar_adds on event for insert to openroll_registrar with check (role = 'registrar');
create policy subscriber_adds on event for insert to openroll_subscriber
    with check (stream = (select record()) and role = 'subscriber' and name like 'subscription.%');

-- Tokens are looked up by the roll's own work: no operator's statement lists them.
revoke select on token from openroll_operator;
