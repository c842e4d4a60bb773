-- What was announced of a site for days to come, one for a day, as JSON: what stands in the other columns is so until then.
alter table site add column announced text[] not null default '{}';
alter table site alter column announced drop default;
