-- A record that is to go to another operator: to which, whether that one asked for it, and the last day on which the other may agree.
alter table subscription add port_to text, add port_asked boolean, add port_until date;
-- From which day its operator answers for it, where another one did until then: what was due earlier was that one's.
alter table subscription add since date, add before text;
create index subscription_port on subscription (port_to) where port_to is not null;

-- An operator that is in the roll no more: since which day, and which other one answers for what it had; empty where it had nothing
-- left. What is offered or announced stands beside it until it is done or taken back.
alter table operator add ended date, add heir text, add offered_to text, add offered_by text, add offered_until date;

-- What is filed under an operator's name is the operator's that is in force when it is committed: whoever files holds it, and who
-- has it end waits for them (store/operators.py).
create function refuse_ended_operator() returns trigger language plpgsql security definer as $$
begin
    perform from operator where name in (select operator from added) for key share;
    if exists (select from added a join operator o on o.name = a.operator where o.ended is not null) then
        raise exception 'an operator that is not in the roll any more files nothing' using errcode = 'OR003';
    end if;
    return null;
end $$;
create trigger in_force after insert on subscription referencing new table as added for each statement
    execute function refuse_ended_operator();

-- A record's facts are its operator's to read who answers for it now, whoever filed them; and nobody's else.
drop policy operator_reads on event;
create policy operator_reads on event for select to openroll_operator using
    (exists (select from subscription s where s.number = event.stream and s.operator = (select organisation())));
