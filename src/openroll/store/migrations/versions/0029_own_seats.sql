-- Of a new seat for which nobody of its organisation spoke: the registrar's seat that gave notice of it, when, and until when; and the
-- day of the organisation's first sign of life since, which makes it void.
alter table person add announced_by text, add announced timestamptz, add announced_until date, add heard date;

-- When somebody got at what an operator had who was never its choice: it may come about more than once.
alter table operator alter unasked type timestamptz[] using case when unasked is null then null else array[unasked] end;

-- Until when what both operators agreed to may be taken back by the other leads of the one that ends.
alter table operator add offered_notice date;
