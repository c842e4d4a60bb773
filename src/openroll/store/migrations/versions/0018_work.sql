-- Everything that waits, for a person or for the machine: whose it is (an organisation, or `machine`), why (a code), and from when
-- on it is due. A person's last day was a date: noon UTC is on that day nearly everywhere.
alter table work rename column about to key;
alter table work rename column owner to taken_by;
alter table work alter column due type timestamptz using (due + time '12:00') at time zone 'UTC';
alter table work
    add column owner text not null default 'registrar',
    add column reason text not null default '',
    add column attempts integer not null default 0,
    add column taken_until timestamptz,
    add column takes bigint not null default 0,
    add column wanted bigint not null default 0,
    add column fault text not null default '';
update work set reason = kind;
alter table work alter column owner drop default;
alter table work alter column reason drop default;
alter table work add constraint work_says_why check (owner <> '' and reason <> '');

-- A thing waits once; when it has ended it may come to wait again.
alter table work drop constraint work_kind_about_key;
create unique index work_open on work (kind, key) where ended is null;
create index work_due on work (due, id) where ended is null and owner = 'machine';

-- Said by whoever acts, in the transaction of the act: something waits from now on. Said again before it is done, it is done again
-- afterwards (`wanted`), as its first doing may have begun before.
create function enqueue(what text, which text, whose text, why text, at timestamptz, now timestamptz) returns void
language plpgsql security definer as $$
begin
    -- Others than the application hand in mails and files to the machine, and take nothing away from whoever has it.
    if session_user <> current_user and (acting() is null or (acting() <> 'application' and (whose <> 'machine'
        or what not in ('mail', 'upload') or exists (select from work where kind = what and key = which and ended is null
        and owner <> 'machine')))) then
        raise exception 'work is enqueued by who acts' using errcode = 'insufficient_privilege';
    end if;
    insert into work (kind, key, made, due, owner, reason) values (what, which, now, at, whose, why)
    on conflict (kind, key) where ended is null do update set
        wanted = work.wanted + 1, due = least(work.due, excluded.due), owner = excluded.owner, reason = excluded.reason,
        attempts = case when work.owner = excluded.owner then work.attempts else 0 end;
end $$;

-- What waited in tables of its own until now. Whose lease a dead process held is free: nothing serves while this runs.
insert into work (kind, key, made, due, owner, reason, attempts, fault)
    select 'mail', id::text, made, due, 'machine', 'mail', tries, coalesce(last_error, '') from mail where state = 'waiting';
insert into work (kind, key, made, due, owner, reason, attempts, fault)
    select 'mail', id::text, made, due, 'registrar', 'mail', tries, coalesce(last_error, '') from mail
    where state = 'failed' and given_up is null on conflict do nothing;
insert into work (kind, key, made, due, owner, reason)
    select 'upload', operator, min(begun), min(begun), 'machine', 'upload' from upload where state in ('waiting', 'working')
    group by operator;
insert into work (kind, key, made, due, owner, reason)
    select 'proposal', id::text, proposed, (starts - 1 + time '12:00') at time zone 'UTC', 'registrar', 'proposal' from proposal
    where decided is null on conflict do nothing;
update upload set state = 'waiting' where state = 'working';
drop index mail_due;
alter table mail drop column due;
