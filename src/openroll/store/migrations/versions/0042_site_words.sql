-- The words by which an organisation's site is found (register/site/search.py), a person's has none. Compared by its bytes, so that
-- an index finds beginnings. An index over `domains` is of no use: under row-level security no comparison of arrays is looked up in
-- one before it is known that the row may be seen, and every site was read for each look-up of a domain.
create table site_word (
    number bigint not null,
    word text collate "C" not null,
    primary key (number, word)
);
create index site_word_found on site_word (word, number);
drop index site_domains;
-- The newest first: a site's number says nothing of that, its record's does.
create index site_newest on site (stream) where not private;
