-- A title is a map by language, {"zh": ..., "en": ...}, as in the events that these tables are made from (openroll rebuild).
alter table operator add column title jsonb;
update operator set title = jsonb_build_object('zh', title_zh, 'en', title_en);
alter table operator alter column title set not null, drop column title_zh, drop column title_en;

alter table organisation add column title jsonb;
update organisation set title = jsonb_build_object('zh', title_zh, 'en', title_en);
alter table organisation alter column title set not null, drop column title_zh, drop column title_en;

-- A mail, and whoever left an address, may be in any language that a roll speaks: the tag of one (BCP 47), no list of two.
alter table mail drop constraint mail_lang_check, add constraint mail_lang_check check (lang ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,4}){0,2}$');
alter table contact drop constraint contact_lang_check, add constraint contact_lang_check check (lang ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,4}){0,2}$');
