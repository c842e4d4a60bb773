-- A rule, another one and the first one again, all from one day on: of two with the same day the later published counts, so a version
-- is what was published at a moment, and not only what from when on.
alter table rule_version drop constraint rule_version_pkey, add primary key (digest, jurisdiction, starts, since);
