-- When the person of a request was last told, as the fact of it says; null where nobody was.
alter table request add told timestamptz;
with said(stream, told) as materialized (
    select distinct on (stream) stream, (nullif(body, '')::jsonb ->> 'at')::timestamptz from event
        where name in ('request.told/1', 'request.told/2') and stream in (select stream from request)
        order by stream, version desc
) update request set told = said.told from said where request.stream = said.stream;
create index request_told on request (told) where told is not null;
