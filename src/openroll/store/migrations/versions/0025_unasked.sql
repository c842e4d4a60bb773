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
