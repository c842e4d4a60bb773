-- Tokens end by themselves on their day, and are replaced by one successor each.
alter table token add expires timestamptz;
alter table token add constraint token_number unique (id);
alter table token add replaces bigint unique references token (id);
