-- Who acted. `role` is the actor's own from now on (a lead, a clerk, an officer, whoever keeps the machine), `organisation` goes on
-- to be whose record the fact stands on, and this is the actor's organisation where it is another. Facts of before keep what they
-- say: the role `registrar` for every official act, and the seat that acted in the body.
alter table event add column actor_organisation text;
grant update (actor_organisation) on event to openroll_subscriber;

-- Erasing a record takes this out with the rest.
create or replace function only_erase() returns trigger language plpgsql as $$
declare emptied event;
begin
    emptied := old;
    emptied.body := '';
    emptied.salt := decode(repeat('00', 32), 'hex');
    emptied.organisation := '';
    emptied.actor_organisation := null;
    if new is distinct from emptied or not exists (
        select from event e where e.stream = old.stream and e.version > old.version and e.name = 'subscription.erased/1'
    ) then
        raise exception 'update on event is refused: facts are only ever added' using errcode = 'OR001';
    end if;
    return new;
end $$;

-- What is public is a property of the kind, not of who acted. The index holds every kind but those of people's own acts on their
-- subscriptions, so that a new official kind is in it without another migration.
drop index event_official;
create index event_official on event (id) where name not in ('subscription.filed/1', 'subscription.changed/1',
    'subscription.ended/1', 'subscription.notified/1', 'subscription.withdrawn/1', 'subscription.corrected/1',
    'subscription.held/1', 'subscription.release-asked/1', 'subscription.release-seconded/1',
    'subscription.release-refused/1', 'subscription.released/1', 'subscription.rehandled/1', 'subscription.confirmed/1',
    'subscription.disowned/1', 'subscription.erased/1');

-- An office writes as whoever acts in it, and never as an operator that files or as a subscriber.
drop policy registrar_adds on event;
create policy registrar_adds on event for insert to openroll_registrar with check (role not in ('operator', 'subscriber'));
