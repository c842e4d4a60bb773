-- The rule under which a use was registered: its purpose is known by the words of that rule, whatever stands in its place in a later one.
alter table registered_use add rule text not null default '';
with said(number, rule) as materialized (
    select (body::jsonb ->> 'use')::bigint, body::jsonb ->> 'rule' from event
        where name = 'use.registered/1' and stream in (select number from organisation union all select number from operator)
) update registered_use set rule = said.rule from said where registered_use.number = said.number;
