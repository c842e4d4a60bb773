-- Keys that envelopes of an organisation are sealed to and signed with: the public halves. One that ended opens what was sealed to it.
create table envelope_key (
    organisation text not null,
    key text not null,
    public text not null,
    published timestamptz not null,
    ended timestamptz,
    primary key (organisation, key)
);

-- What authorities registered that they may ask for, in public.
create table registered_use (
    number bigint primary key,
    organisation text not null,
    purpose integer not null,
    basis text not null,
    fields text[] not null,
    supervisor text not null,
    supervised_at text not null,
    office text not null,
    registered timestamptz not null,
    ended timestamptz
);
create index registered_use_organisation on registered_use (organisation);

-- A request, as lists and clocks need it: who asked whom for what, in which step it is and until when. Which record it is about stands
-- nowhere in here. `stream` is the record of its facts, `may_open` the parties whose turn it is to take envelopes, `telling` and
-- `late` say that the person is to be told now, and that the time for it is over.
create table request (
    number bigint primary key,
    stream bigint not null unique,
    version integer not null,
    authority text not null,
    use bigint not null,
    operator text not null,
    reviewer text not null,
    objector text not null,
    fields text[] not null,
    urgency text not null,
    desired text not null,
    earlier bigint,
    officer text not null,
    approver text not null,
    approved timestamptz,
    filed timestamptz not null,
    procedure text not null,
    step text not null,
    due timestamptz,
    postponed timestamptz,
    outcome text not null,
    annulled boolean not null,
    may_open text[] not null,
    telling boolean not null,
    late boolean not null,
    ended boolean not null
);
create index request_due on request (due) where not ended;
create index request_late on request (number) where telling or late;
create index request_authority on request (authority, number);
create index request_reviewer on request (reviewer, number);
create index request_operator on request (operator, number);
create index request_objector on request (objector, number) where objector <> '';
create index request_pair on request (officer, approver, approved) where approved is not null;

-- What is sealed beside a request's facts, which hold its digest: by which organisation, and which parties are to read it.
create table envelope (
    request bigint not null,
    version integer not null,
    part text not null,
    organisation text not null,
    readers text[] not null,
    digest text not null,
    data bytea not null,
    at timestamptz not null,
    primary key (request, version)
);
create index envelope_digest on envelope (digest);
create trigger append_only before update or delete or truncate on envelope
    for each statement execute function refuse_rewriting();

-- Notices to people, in the heaps that they are looked for in. Nothing says whose each is.
create table notice (
    request bigint primary key,
    version integer not null,
    bucket integer not null check (bucket between 0 and 1023),
    digest text not null,
    data bytea not null,
    at timestamptz not null
);
create index notice_bucket on notice (bucket, request);
create trigger append_only before update or delete or truncate on notice
    for each statement execute function refuse_rewriting();

-- By which subject at which provider somebody came who left, under a hash that each row has of its own: who comes back by it in the
-- seat of another body is no second person.
create table former_subject (
    person bigint primary key references person,
    hash bytea not null
);

-- An organisation sees the requests that it is a body of, and the envelopes that are sealed to it: who asked and who reviews at any
-- time, the others while it is their turn. What an operator answered to a request that was annulled is given out no more. The
-- registrar's people see who asked whom, and no envelope.
alter table request enable row level security;
create policy operator_request on request for select to openroll_operator using
    ((select organisation()) <> '' and (select organisation()) in (authority, reviewer, operator, objector));
grant select on request to openroll_operator, openroll_registrar;
alter table envelope enable row level security;
create policy operator_envelope on envelope for select to openroll_operator using (exists (
    select from request r where r.number = envelope.request and (
        (r.authority = (select organisation()) and 'authority' = any(readers) and not (r.annulled and envelope.part = 'answer'))
        or (r.reviewer = (select organisation()) and 'reviewer' = any(readers))
        or (r.operator = (select organisation()) and 'operator' = any(readers) and 'operator' = any(r.may_open))
        or (r.objector = (select organisation()) and 'objector' = any(readers) and 'objector' = any(r.may_open)))));
grant select on envelope to openroll_operator;
