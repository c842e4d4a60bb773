-- The number of the seat that acts by a token, 0 for a program that files and acts for nobody. Whose it is says the fact by which it was
-- issued; a successor acts for whom the one before it did.
alter table token add seat integer not null default 0;
with recursive said(id, seat) as (
    select (e.body::jsonb ->> 'token')::bigint, (e.body::jsonb ->> 'seat')::integer from event e
        where e.name = 'token.issued/1'
            and case when e.name = 'token.issued/1' then e.body::jsonb ->> 'seat' end is not null -- an erased body is no JSON
            and e.stream in (select number from operator union all select number from organisation)
    union all select t.id, said.seat from token t join said on t.replaces = said.id
) update token set seat = said.seat from said where token.id = said.id;

-- With a seat its tokens end.
update token set revoked = p.left_at from person p
    where token.seat <> 0 and p.organisation = token.organisation and p.seat = token.seat
        and token.revoked is null and p.left_at is not null and token.issued <= p.left_at;
create index token_seat on token (organisation, seat) where seat <> 0;

-- Nothing is sealed any more to the keys of an operator that is in the roll no more.
update envelope_key set ended = e.at from operator o join event e on e.stream = o.number
    where e.name in ('operator.left/1', 'operator.succeeded/1') and o.ended is not null and envelope_key.organisation = o.name
        and envelope_key.ended is null;

-- How many requests a seat filed today.
create index request_officer on request (officer, filed);
