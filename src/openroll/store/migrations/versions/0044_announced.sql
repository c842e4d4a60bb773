-- What was announced of a site for days to come, one for a day, as JSON: what stands in the other columns is so until then. `coming` are
-- the domains of all of it.
alter table site
    add column announced text[] not null default '{}',
    add column coming text[] not null default '{}',
    add check (not private or coming = '{}');
alter table site alter column announced drop default, alter column coming drop default;
create index site_coming on site using gin (coming) where not private and coming <> '{}';
