-- `shown` is the day on which control was shown, as it is; `control_places` and `state_places` are from how many places the roll saw
-- control and state so, 0 where the operator says it.
alter table site add shown date, add control_places integer not null default 0, add state_places integer not null default 0;
update site s set shown = (
    select max(day) from (
        select day, name, control, lag(control) over (order by version) as before,
            domains, lag(domains) over (partition by domains is null order by version) as domains_before
        from (
            select version, day, name, body::json ->> 'control' as control, body::json ->> 'domains' as domains
            from event where stream = s.stream and name ~ '^(private-)?site[.](filed|changed|checked)/1$'
        ) fact
    ) said
    where control <> '' and (control is distinct from before or name = 'private-site.changed/1'
        or (name = 'site.changed/1' and domains <> domains_before))
) where control <> '';

-- When the roll looks at an organisation's site next, and what is known of it by its own looks (register/site/life.py): that it
-- answered or did not, and when; nothing of what a site says. `missed` is since when no proof of control is there, in `misses` looks.
create table site_look (
    number bigint primary key,
    due timestamptz not null,
    state text not null check (state in ('live', 'failing', 'silent', 'retired')),
    since timestamptz not null,
    gap interval not null,
    run integer not null,
    quiet timestamptz,
    answered timestamptz,
    looked timestamptz,
    missed timestamptz,
    misses integer not null
);
create index site_look_due on site_look (due);
create index site_look_answered on site_look (answered desc nulls last);
insert into site_look
    select number, now(), 'live', now(), '0', 0, null, null, null, null, 0 from site where not private and ended is null;
