-- What was announced of a site for days to come, one for a day, as JSON: what stands in the other columns is so until then. `coming` are
-- the domains of all of it.
alter table site
    add column announced text[] not null default '{}',
    add column coming text[] not null default '{}',
    add check (not private or coming = '{}');
alter table site alter column announced drop default, alter column coming drop default;
-- The newest sites, now that their numbers are in no order.
create index site_filed on site (filed, number) where not private;
