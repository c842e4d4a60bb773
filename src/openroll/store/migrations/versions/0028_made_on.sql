-- What was in force on the first day of a proposal when it was made: the rule by SHA-256, the jurisdiction by full name. A proposal
-- that is older than these columns tells it by its time.
alter table proposal add on_rule text not null default '', add on_jurisdiction text not null default '';
