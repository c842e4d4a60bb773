-- A title is a map by language, {"zh": ..., "en": ...}, as in the events that these tables are made from (openroll rebuild).
alter table operator add column title jsonb;
update operator set title = jsonb_build_object('zh', title_zh, 'en', title_en);
alter table operator alter column title set not null, drop column title_zh, drop column title_en;

alter table organisation add column title jsonb;
update organisation set title = jsonb_build_object('zh', title_zh, 'en', title_en);
alter table organisation alter column title set not null, drop column title_zh, drop column title_en;
