-- That an organisation gave a sign of life since a seat in it (0: its succession) was announced. No key and no reference: whoever puts
-- one in waits for nobody, whichever rows are held.
create table sign_of_life (
    organisation text not null,
    seat integer not null,
    day date not null
);
create index sign_of_life_of on sign_of_life (organisation, seat);
insert into sign_of_life (organisation, seat, day)
    select name, 0, heard from operator where heard is not null
    union all select organisation, seat, heard from person where heard is not null;
alter table operator drop column heard;
alter table person drop column heard;
