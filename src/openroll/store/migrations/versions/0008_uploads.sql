-- What a file is called and what stands in it is the sender's, and goes with the file: no table holds either.
alter table upload drop column name;
update upload set result = '';

-- `tries` counts how often it was taken in hand, `started` when last. `gone` says since when its file is not kept, `why` the reason.
alter table upload
    add tries integer not null default 0,
    add started timestamptz,
    add gone timestamptz,
    add why text not null default '' check (why in ('', 'taken', 'not-kept', 'time', 'lost'));

-- What was kept before may hold whole lists with names: it is not kept any longer, and the next sweep takes it from the disk.
update upload set gone = ended, why = case state when 'done' then 'taken' else 'time' end where ended is not null;
create index upload_kept on upload (operator) where gone is null;
