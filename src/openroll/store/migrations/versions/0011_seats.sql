-- Who invited a seat, and whose word put it in force. `founding` is the first lead of its organisation: it needs nobody's.
alter table invitation add invited_by text not null default '';
alter table person
    add invited_by text not null default '',
    add founding boolean not null default false,
    add confirmed_by text,
    add confirmed timestamptz;

-- Seats of before stay in force ('before'). Who invited them is found by the invitation they used at the moment they joined
-- and the act that stands beside it; where that is not to be found, it counts as whoever keeps the machine, for all of them.
create function inviter(of invitation) returns text stable language sql as $$
    select coalesce((select e.body::json ->> 'by' from event e where e.name = 'person.invited/1' and e.body <> ''
        and e.body::json ->> 'organisation' = of.organisation and e.body::json ->> 'role' = of.role
        and e.body::json ->> 'withdrawn' = 'false' and e.at >= of.issued order by e.at limit 1), 'registrar/0')
$$;
update invitation i set invited_by = inviter(i);
update person set confirmed_by = 'before', confirmed = joined, invited_by = 'registrar/0';
update person p set invited_by = i.invited_by from invitation i
    where i.organisation = p.organisation and i.role = p.role and i.label = p.label and i.used = p.joined;
drop function inviter(invitation);
update person p set founding = true where right(role, 5) = '-lead' and seat = (
    select min(o.seat) from person o where o.organisation = p.organisation and o.role = p.role and o.left_at is null);

-- The number behind a record's filing code, where it is not the record's own: a released record gets a fresh code.
alter table subscription add code bigint unique;

-- Where the holder of a record wants to be told that somebody asked to let it go. Sealed under the key of addresses.
create table contact (
    record bigint primary key,
    lang text not null check (lang in ('zh', 'en')),
    address_sealed bytea not null
);

-- A provider's client secret is sealed under a key outside the database. `openroll upgrade` seals those that stand readable.
alter table provider add secret_sealed bytea;

-- One key signs in to one seat or record.
create index passkey_public_key on passkey (public_key);
