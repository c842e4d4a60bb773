-- Sites, as their facts leave them. Of a natural person's (`private`) there are a handle and digests, and no sponsor, domain or service.
-- `stream` is the record of its facts. `control` says how control of the domains was shown, `state` what a check found, `since` since
-- when; `changed` from which day on what stands here is so, which may still come.
create table site (
    number bigint primary key,
    stream bigint not null,
    version integer not null,
    operator text not null,
    private boolean not null,
    kind text not null,
    handle text not null,
    sponsor text not null,
    domains text[] not null,
    services text not null,
    digests text[] not null,
    began date not null,
    filed date not null,
    changed date,
    control text not null check (control in ('', 'record', 'file', 'word')),
    state text not null check (state in ('live', 'silent', 'retired')),
    since date not null,
    ended date,
    check (private = (handle <> '')),
    check (not private or (sponsor = '' and domains = '{}' and services = ''))
);
create index site_operator on site (operator, number);
create index site_domains on site using gin (domains) where not private;
create index site_handle on site (operator, handle) where private;
