-- Mails that wait, and what became of them. Where a mail goes and the link in it (which may let its holder in) are sealed
-- under a key outside the database. The address goes as soon as it is not needed: the check below holds the code to it.
-- The link of a failed mail stays until a person sends it again or gives it up.
create table mail (
    id uuid primary key,
    template text not null,
    lang text not null check (lang in ('zh', 'en')),
    params jsonb not null,
    address_sealed bytea,
    link_sealed bytea,
    made timestamptz not null,
    due timestamptz not null,
    tries integer not null default 0,
    state text not null default 'waiting' check (state in ('waiting', 'sent', 'failed')),
    last_error text,
    sent timestamptz,
    given_up timestamptz,
    constraint address_only_while_waiting check ((state = 'waiting') = (address_sealed is not null)),
    constraint link_gone_at_the_end check (link_sealed is null or (state <> 'sent' and given_up is null)),
    check ((state = 'sent') = (sent is not null)),
    check (given_up is null or state = 'failed')
);
create index mail_due on mail (due) where state = 'waiting';
create index mail_failed on mail (made) where state = 'failed' and given_up is null;

-- Everybody may hand in a mail and read none; the registrar sees that one failed, and no column that says where it went.
-- Sending is the login role's: no role that acts for an organisation can read a sealed address.
alter table mail enable row level security;
create policy hand_in on mail for insert to openroll_operator, openroll_subscriber, openroll_registrar
    with check (state = 'waiting');
create policy registrar_sees on mail for select to openroll_registrar using (true);
create policy registrar_settles on mail for update to openroll_registrar
    using (state = 'failed') with check (state in ('waiting', 'failed'));
grant insert on mail to openroll_operator, openroll_subscriber, openroll_registrar;
grant select (id, template, lang, made, due, tries, state, last_error, sent, given_up) on mail to openroll_registrar;
grant update (address_sealed, link_sealed, due, tries, state, last_error, given_up) on mail to openroll_registrar;
