-- Keys of idempotency are kept hashed, and go after a week. Until now they stood here in clear, and salts and decoys of what was
-- told on pages could be computed from them and the key of filing codes. Truncated, not deleted: so the old file goes from the
-- disk now, and not when its place is used again.
truncate idempotency;
alter table idempotency alter key type bytea using '\x'::bytea;
alter table idempotency
    add made timestamptz not null,
    add constraint idempotency_key_hashed check (octet_length(key) = 32),
    add constraint idempotency_request_hashed check (octet_length(request) = 32);
create index idempotency_made on idempotency (made);

-- Until when filings were made whose salts can be computed from a backup of that time; a row only where there are any.
create table derived_salts (until timestamptz not null);
insert into derived_salts select max(at) from event
    where role = 'subscriber' and name in ('subscription.filed/1', 'subscription.notified/1') having count(*) > 0;

-- A session that has ended is no row.
delete from session where ended is not null;
drop index session_person, session_record;
alter table session drop ended;
create index session_person on session (person) where person is not null;
create index session_record on session (record) where record is not null;
create index session_seen on session (seen);

-- Erasure takes all that is kept under the record's number, in one transaction. What stays of a fact is its place in the log:
-- kind, time, commitment. Not under which operator.
create or replace function only_erase() returns trigger language plpgsql as $$
declare emptied event;
begin
    emptied := old;
    emptied.body := '';
    emptied.salt := decode(repeat('00', 32), 'hex');
    emptied.organisation := '';
    if new is distinct from emptied or not exists (
        select from event e where e.stream = old.stream and e.version > old.version and e.name = 'subscription.erased/1'
    ) then
        raise exception 'update on event is refused: facts are only ever added' using errcode = 'OR001';
    end if;
    return new;
end $$;
grant update (organisation) on event to openroll_subscriber;

-- The subscriber's role may not touch ways in; this does it for the role's own record, and only when that was erased. It runs as
-- the owner, so its search path is the roll's and no temporary table stands before the roll's own.
create function forget_record() returns void language plpgsql security definer set search_path from current as $$
declare gone bigint := record();
begin
    if not exists (select from event where stream = gone and name = 'subscription.erased/1') then
        raise exception 'record % was not erased', gone using errcode = 'OR002';
    end if;
    delete from idempotency where number = gone;
    delete from passkey p where p.record = gone;
    delete from session s where s.record = gone;
    delete from ceremony where kept like '%"for_whom":"record ' || gone || '"%';
end $$;
revoke execute on function forget_record() from public;
grant execute on function forget_record() to openroll_subscriber;
revoke delete on idempotency from openroll_subscriber;

-- The same for records that were erased before.
update event e set organisation = '' where e.organisation <> '' and e.body = '' and exists (
    select from event later where later.stream = e.stream and later.version > e.version and later.name = 'subscription.erased/1');
delete from passkey p where p.record in (select stream from event where name = 'subscription.erased/1');
delete from session s where s.record in (select stream from event where name = 'subscription.erased/1');
