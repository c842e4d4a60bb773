-- A rule is read with a jurisdiction: the bundle of districts, kinds, languages and days off, by id and SHA-256, and whole.
-- Empty for what was kept before: such a rule is read with the list of districts that the roll was opened with.
alter table rule_version add jurisdiction text not null default '', add bundle text not null default '';
alter table rule_version drop constraint rule_version_pkey, add primary key (digest, jurisdiction, starts);
alter table proposal add jurisdiction text not null default '', add bundle text not null default '';
