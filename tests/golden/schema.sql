CREATE SCHEMA roll;
CREATE FUNCTION roll.acting() RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'roll', 'pg_temp'
    AS $$
declare
    claimed text := current_setting('openroll.acts', true);
begin
    if (select encode(sha256(w.opad || sha256(w.ipad || convert_to(claimed || e'\n' || current_setting('openroll.organisation', true)
            || e'\n' || current_setting('openroll.record', true), 'UTF8'))), 'hex')
            = current_setting('openroll.seal', true) from wall w) then
        return claimed;
    end if;
    return null;
end $$;
CREATE FUNCTION roll.advance_numbers(last bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'roll', 'pg_temp'
    AS $$
begin
    if (acting() is distinct from 'application' and session_user <> current_user) or last < newest_number() then
        raise exception 'record numbers only go forward' using errcode = 'insufficient_privilege';
    end if;
    perform setval('record_number', greatest(last, 1), last > 0);
end $$;
CREATE FUNCTION roll.enqueue(what text, which text, whose text, why text, at timestamp with time zone, now timestamp with time zone) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'roll', 'pg_temp'
    AS $$
begin
    -- Others than the application hand in mails and files to the machine, and take nothing away from whoever has it.
    if session_user <> current_user and (acting() is null or (acting() <> 'application' and (whose <> 'machine'
        or what not in ('mail', 'upload') or exists (select from work where kind = what and key = which and ended is null
        and owner <> 'machine')))) then
        raise exception 'work is enqueued by who acts' using errcode = 'insufficient_privilege';
    end if;
    insert into work (kind, key, made, due, owner, reason) values (what, which, now, at, whose, why)
    on conflict (kind, key) where ended is null do update set
        wanted = work.wanted + 1, due = least(work.due, excluded.due), owner = excluded.owner, reason = excluded.reason,
        attempts = case when work.owner = excluded.owner then work.attempts else 0 end;
end $$;
CREATE FUNCTION roll.forget_record() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'roll', 'pg_temp'
    AS $$
declare gone bigint := record();
begin
    if not exists (select from event where stream = gone and name = 'subscription.erased/1') then
        raise exception 'record % was not erased', gone using errcode = 'OR002';
    end if;
    delete from idempotency where number = gone;
    delete from passkey p where p.record = gone;
    delete from session s where s.record = gone;
    delete from ceremony where kept like '%"for_whom":"record ' || gone || '"%';
end $$;
CREATE FUNCTION roll.heirs_held(numbers bigint[]) RETURNS TABLE(name text, heir text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'roll', 'pg_temp'
    AS $$
declare
    asked text[];
    held text[] := '{}';
begin
    if session_user <> current_user and acting() is null then
        raise exception 'operators are held by who acts' using errcode = 'insufficient_privilege';
    end if;
    asked := array(select distinct one from subscription s, unnest(array[s.operator, s.port_to, s.before]) one
        where s.number = any(numbers) and one is not null);
    while cardinality(asked) > 0 loop
        perform from operator o where o.name = any(asked) and o.ended is null order by o.name for key share;
        held := held || asked;
        asked := array(select distinct o.heir from operator o
            where o.name = any(asked) and o.heir is not null and o.heir <> all(held));
    end loop;
    return query select o.name, o.heir from operator o where o.heir is not null;
end $$;
CREATE FUNCTION roll.hold(what text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'roll', 'pg_temp'
    AS $$
begin
    if session_user <> current_user and acting() is null then
        raise exception 'a name is held by who acts' using errcode = 'insufficient_privilege';
    end if;
    insert into mutex (name) values (what) on conflict do nothing;
    perform from mutex where name = what for update;
end $$;
CREATE FUNCTION roll.is_foreign(asked bigint) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'roll', 'pg_temp'
    AS $$
declare
    answers text := (select s.operator from subscription s where s.number = asked);
begin
    if answers is not null then
        return answers is distinct from organisation();
    end if;
    return exists (select from event e where e.stream = asked and e.organisation is distinct from organisation());
end $$;
CREATE FUNCTION roll.left_handle_kept() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'roll', 'pg_temp'
    AS $$
begin
    if tg_op = 'DELETE' then
        delete from left_handle where number = old.number;
    else
        insert into left_handle as l select * from left_handles_told(new.number)
            on conflict (hash, operator, number) do update set day = excluded.day, changed = excluded.changed
                where (l.day, l.changed) is distinct from (excluded.day, excluded.changed);
    end if;
    return null;
end $$;
CREATE FUNCTION roll.left_handles(whose text, asked text[]) RETURNS TABLE(handle text, number bigint, day date, changed boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'roll', 'pg_temp'
    AS $$
    with recursive own(name) as (
        select whose where coalesce(nullif(organisation(), ''), whose) = whose
        union select o.name from operator o join own on o.heir = own.name)
    select distinct on (a.handle, s.number) a.handle, s.number, l.day, l.changed from unnest(asked) a(handle)
        join left_handle l on l.hash = sha256(convert_to(a.handle, 'UTF8')) and l.operator in (select name from own)
        join subscription s on s.number = l.number and (l.changed or s.ended is null)
            and not (s.handle is not distinct from a.handle and s.operator in (select name from own))
        order by a.handle, s.number, l.day desc, l.changed desc
$$;
CREATE TABLE roll.left_handle (
    hash bytea NOT NULL,
    operator text NOT NULL,
    number bigint NOT NULL,
    day date NOT NULL,
    changed boolean NOT NULL
);
CREATE FUNCTION roll.left_handles_told(one bigint) RETURNS SETOF roll.left_handle
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'roll', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
begin
    return query select distinct on (1, 2, 3) sha256(convert_to(named.handle, 'UTF8')),
            case g.name when 'subscription.ported/1' then g.body::jsonb ->> 'losing' else g.organisation end,
            g.stream, g.day, g.name = 'subscription.rehandled/1'
        from event g cross join lateral (
            select h.body::jsonb ->> 'handle' as handle from event h
            where h.stream = g.stream and h.version < g.version and h.body <> ''
                and h.name in ('subscription.filed/1', 'subscription.confirmed/1', 'subscription.rehandled/1', 'subscription.ported/1')
            order by h.version desc limit 1) named
        where g.name in ('subscription.ported/1', 'subscription.rehandled/1') and g.body <> '' and named.handle <> ''
            and g.stream between coalesce(one, -9223372036854775808) and coalesce(one, 9223372036854775807)
        order by 1, 2, 3, g.version desc;
end $$;
CREATE FUNCTION roll.log_horizon(seen pg_snapshot) RETURNS xid8
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'roll', 'pg_temp'
    AS $$
declare
    lowest bigint;
begin
    if session_user <> current_user and acting() is distinct from 'sequencer' then
        raise exception 'places are given by the sequencer' using errcode = 'insufficient_privilege';
    end if;
    lowest := coalesce((select min(x::text::bigint) from writing(seen) x), pg_snapshot_xmax(seen)::text::bigint);
    if pg_snapshot_xmin(seen)::text::bigint < lowest then
        -- Somebody's older transaction is passed by: from here on it writes no event (`refuse_latecomer`). Had it begun to
        -- before that could be seen, it holds the lock by now.
        perform hold('places');
        if coalesce(pg_sequence_last_value('placing_floor'), 0) not between lowest and pg_snapshot_xmax(seen)::text::bigint then
            perform setval('placing_floor', lowest);
        end if;
        lowest := least(lowest, (select min(x::text::bigint) from writing(seen) x));
    end if;
    return lowest::text::xid8;
end $$;
CREATE FUNCTION roll.newest_number() RETURNS bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'roll', 'pg_temp'
    AS $$
begin
    return (select case when is_called then last_value else 0 end from record_number);
end $$;
CREATE FUNCTION roll.only_erase() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'roll', 'pg_temp'
    AS $$
declare emptied event;
begin
    emptied := old;
    emptied.body := '';
    emptied.salt := decode(repeat('00', 32), 'hex');
    emptied.organisation := '';
    emptied.actor_organisation := null;
    if new is distinct from emptied or not exists (
        select from event e where e.stream = old.stream and e.version > old.version and e.name = 'subscription.erased/1'
    ) then
        raise exception 'update on event is refused: facts are only ever added' using errcode = 'OR001';
    end if;
    return new;
end $$;
CREATE FUNCTION roll.organisation() RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'roll', 'pg_temp'
    AS $$
begin
    return case when acting() is not null then current_setting('openroll.organisation', true) end;
end $$;
CREATE TABLE roll.placed (
    "position" bigint NOT NULL,
    event bigint NOT NULL,
    count integer NOT NULL,
    offsets bytea,
    CONSTRAINT placed_check CHECK (((offsets IS NULL) OR (octet_length(offsets) = (4 * count)))),
    CONSTRAINT placed_count_check CHECK ((count > 0))
);
CREATE FUNCTION roll.place_in(run roll.placed, id bigint) RETURNS bigint
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'roll', 'pg_temp'
    RETURN ((run)."position" + CASE WHEN ((run).offsets IS NULL) THEN (id - (run).event) ELSE (((((get_byte((run).offsets, ((4 * (id - (run).event)))::integer))::bigint << 24) + (get_byte((run).offsets, (((4 * (id - (run).event)))::integer + 1)) << 16)) + (get_byte((run).offsets, (((4 * (id - (run).event)))::integer + 2)) << 8)) + get_byte((run).offsets, (((4 * (id - (run).event)))::integer + 3))) END);
CREATE FUNCTION roll.record() RETURNS bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'roll', 'pg_temp'
    AS $$
begin
    return case when acting() is not null then nullif(current_setting('openroll.record', true), '')::bigint end;
end $$;
CREATE FUNCTION roll.refuse_ended_operator() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'roll', 'pg_temp'
    AS $$
begin
    perform from operator where name in (select operator from added) for key share;
    if exists (select from added a join operator o on o.name = a.operator where o.ended is not null) then
        raise exception 'an operator that is not in the roll any more files nothing' using errcode = 'OR003';
    end if;
    return null;
end $$;
CREATE FUNCTION roll.refuse_latecomer() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'roll', 'pg_temp'
    AS $$
declare
    lowest bigint := pg_sequence_last_value('placing_floor');
begin
    if lowest is null or pg_current_xact_id()::text::bigint >= lowest then
        return null;
    end if;
    -- A number that this cluster has not come to is of the cluster that a dump was made in. Only read committed sees how far it has come.
    if current_setting('transaction_isolation') = 'read committed'
            and pg_snapshot_xmax(pg_current_snapshot())::text::bigint < lowest then
        return null;
    end if;
    raise exception 'this transaction began before events that have their place in the log: begin it anew'
        using errcode = 'serialization_failure';
end $$;
CREATE FUNCTION roll.refuse_left_handle() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'roll', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
begin
    if exists (select from left_handle)
        and exists (select from left_handle l where l.hash = any (array(
            select sha256(convert_to(a.handle, 'UTF8')) from added a where a.handle is not null)))
        and exists (
            select from added a join left_handle l on l.hash = sha256(convert_to(a.handle, 'UTF8'))
                where exists (select from left_handles(a.operator, array[a.handle]) h where h.number <> a.number)) then
        raise exception 'a handle that was left is not filed again'
            using errcode = 'unique_violation', constraint = 'subscription_operator_handle_key';
    end if;
    return null;
end $$;
CREATE FUNCTION roll.refuse_left_handle_again() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'roll', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
begin
    if exists (select from left_handle l where l.hash = sha256(convert_to(new.handle, 'UTF8')) and l.number <> new.number)
        and exists (select from left_handles(new.operator, array[new.handle]) h where h.number <> new.number) then
        raise exception 'a handle that was left is no other subscription''s'
            using errcode = 'unique_violation', constraint = 'subscription_operator_handle_key';
    end if;
    return null;
end $$;
CREATE FUNCTION roll.refuse_rewriting() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'roll', 'pg_temp'
    AS $$
begin
    raise exception '% on % is refused: facts are only ever added', tg_op, tg_table_name using errcode = 'OR001';
end $$;
CREATE FUNCTION roll.rules_known() RETURNS integer
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'roll', 'pg_temp'
    AS $$
begin
    return (select count(*) from rule_version);
end $$;
CREATE FUNCTION roll.writing(seen pg_snapshot) RETURNS SETOF xid8
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'roll', 'pg_temp'
    AS $$
declare
    runtime oid := (select r.oid from pg_roles r join pg_class c on c.oid = 'event'::regclass join pg_namespace n
        on n.oid = c.relnamespace where r.rolname = n.nspname || '_runtime');
    ours integer[] := array(select pid from pg_stat_activity where usesysid = runtime);
begin
    -- Sessions are read before locks: who holds a number of `seen` has been the same session since before both.
    return query with locked as materialized (select * from pg_locks where granted)
        select x from pg_snapshot_xip(seen) x where not exists (
            select from locked l where l.locktype = 'transactionid' and l.mode = 'ExclusiveLock' and l.transactionid = x::xid
                and (l.pid is null or not l.pid = any(ours)) and not exists (
                    select from locked e where e.virtualtransaction = l.virtualtransaction and e.locktype = 'relation'
                        and e.mode = 'RowExclusiveLock' and e.relation = 'event'::regclass
                        and e.database = (select oid from pg_database where datname = current_database())));
end $$;
CREATE TABLE roll.asked_address (
    address bytea NOT NULL,
    asked timestamp with time zone NOT NULL,
    stopped boolean DEFAULT false NOT NULL,
    CONSTRAINT asked_address_address_check CHECK ((octet_length(address) = 32))
);
CREATE TABLE roll.bundle (
    index bigint NOT NULL,
    width smallint NOT NULL,
    data bytea NOT NULL,
    CONSTRAINT bundle_width_check CHECK (((width >= 1) AND (width <= 256)))
);
ALTER TABLE ONLY roll.bundle ALTER COLUMN data SET STORAGE EXTERNAL;
CREATE TABLE roll.ceremony (
    hash bytea NOT NULL,
    kind text NOT NULL,
    kept text NOT NULL,
    begun timestamp with time zone NOT NULL
);
CREATE TABLE roll.checkpoint (
    size bigint NOT NULL,
    note bytea NOT NULL,
    at timestamp with time zone NOT NULL
);
CREATE TABLE roll.contact (
    record bigint NOT NULL,
    lang text NOT NULL,
    address_sealed bytea NOT NULL,
    CONSTRAINT contact_lang_check CHECK ((lang ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,4}){0,2}$'::text))
);
CREATE TABLE roll.cosignature (
    name text NOT NULL,
    key_id bytea NOT NULL,
    size bigint NOT NULL,
    signature bytea NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT cosignature_key_id_check CHECK ((octet_length(key_id) = 4)),
    CONSTRAINT cosignature_size_check CHECK ((size >= 0))
);
CREATE TABLE roll.daily_figures (
    day date NOT NULL,
    figures text NOT NULL,
    "least" integer NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT daily_figures_least_check CHECK (("least" > 0))
);
CREATE TABLE roll.deposit (
    id bigint NOT NULL,
    day date NOT NULL,
    digest text NOT NULL,
    size bigint NOT NULL,
    at timestamp with time zone NOT NULL
);
ALTER TABLE roll.deposit ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME roll.deposit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE roll.derived_salts (
    until timestamp with time zone NOT NULL
);
CREATE TABLE roll.ended_log (
    number integer NOT NULL,
    origin text NOT NULL,
    size bigint NOT NULL,
    note bytea NOT NULL,
    keys text NOT NULL,
    ended timestamp with time zone NOT NULL,
    CONSTRAINT ended_log_number_check CHECK ((number > 0))
);
CREATE TABLE roll.envelope (
    request bigint NOT NULL,
    version integer NOT NULL,
    part text NOT NULL,
    organisation text NOT NULL,
    readers text[] NOT NULL,
    digest text NOT NULL,
    data bytea NOT NULL,
    at timestamp with time zone NOT NULL
);
CREATE TABLE roll.envelope_key (
    organisation text NOT NULL,
    key text NOT NULL,
    public text NOT NULL,
    published timestamp with time zone NOT NULL,
    ended timestamp with time zone
);
CREATE TABLE roll.event (
    id bigint NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    stream bigint NOT NULL,
    version integer NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    organisation text NOT NULL,
    at timestamp with time zone NOT NULL,
    day date NOT NULL,
    salt bytea NOT NULL,
    commitment bytea NOT NULL,
    body text NOT NULL,
    actor_organisation text,
    CONSTRAINT event_commitment_check CHECK ((octet_length(commitment) = 32)),
    CONSTRAINT event_salt_check CHECK ((octet_length(salt) = 32)),
    CONSTRAINT event_version_check CHECK ((version > 0))
);
ALTER TABLE roll.event ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME roll.event_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE roll.former_subject (
    person bigint NOT NULL,
    hash bytea NOT NULL
);
CREATE TABLE roll.grant_mark (
    number bytea NOT NULL,
    taken_back timestamp with time zone,
    shown timestamp with time zone,
    until timestamp with time zone NOT NULL,
    CONSTRAINT grant_mark_number_check CHECK ((octet_length(number) = 32))
);
CREATE TABLE roll.head (
    size bigint NOT NULL,
    root bytea NOT NULL,
    xid xid8 NOT NULL,
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT head_root_check CHECK ((octet_length(root) = 32))
);
CREATE TABLE roll.idempotency (
    organisation text NOT NULL,
    key bytea NOT NULL,
    request bytea NOT NULL,
    number bigint NOT NULL,
    version integer NOT NULL,
    made timestamp with time zone NOT NULL,
    CONSTRAINT idempotency_key_hashed CHECK ((octet_length(key) = 32)),
    CONSTRAINT idempotency_request_hashed CHECK ((octet_length(request) = 32))
);
CREATE TABLE roll.invitation (
    hash bytea NOT NULL,
    organisation text NOT NULL,
    role text NOT NULL,
    label text NOT NULL,
    issued timestamp with time zone NOT NULL,
    expires timestamp with time zone NOT NULL,
    used timestamp with time zone,
    revoked timestamp with time zone,
    invited_by text DEFAULT ''::text NOT NULL
);
CREATE TABLE roll.lease (
    name text NOT NULL,
    holder uuid NOT NULL,
    pid integer NOT NULL,
    application text NOT NULL,
    since timestamp with time zone NOT NULL,
    renewed timestamp with time zone NOT NULL,
    former integer[] DEFAULT '{}'::integer[] NOT NULL
);
CREATE TABLE roll.lost (
    "position" bigint NOT NULL,
    day date NOT NULL,
    name text NOT NULL
);
CREATE TABLE roll.mail (
    id uuid NOT NULL,
    template text NOT NULL,
    lang text NOT NULL,
    params jsonb NOT NULL,
    address_sealed bytea,
    link_sealed bytea,
    made timestamp with time zone NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    last_error text,
    sent timestamp with time zone,
    given_up timestamp with time zone,
    CONSTRAINT address_only_while_waiting CHECK (((state = 'waiting'::text) = (address_sealed IS NOT NULL))),
    CONSTRAINT link_gone_at_the_end CHECK (((link_sealed IS NULL) OR ((state <> 'sent'::text) AND (given_up IS NULL)))),
    CONSTRAINT mail_check CHECK (((state = 'sent'::text) = (sent IS NOT NULL))),
    CONSTRAINT mail_check1 CHECK (((given_up IS NULL) OR (state = 'failed'::text))),
    CONSTRAINT mail_lang_check CHECK ((lang ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,4}){0,2}$'::text)),
    CONSTRAINT mail_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'sent'::text, 'failed'::text])))
);
CREATE TABLE roll.migration (
    version_num character varying(32) NOT NULL
);
CREATE TABLE roll.mutex (
    name text NOT NULL
);
CREATE TABLE roll.notice (
    request bigint NOT NULL,
    version integer NOT NULL,
    bucket integer NOT NULL,
    digest text NOT NULL,
    data bytea NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT notice_bucket_check CHECK (((bucket >= 0) AND (bucket <= 1023)))
);
CREATE TABLE roll.operator (
    name text NOT NULL,
    number bigint NOT NULL,
    kind text NOT NULL,
    admitted date NOT NULL,
    title jsonb NOT NULL,
    ended date,
    heir text,
    offered_to text,
    offered_by text,
    offered_until date,
    offered_accepted text,
    unasked timestamp with time zone[],
    offered_notice date
);
CREATE TABLE roll.organisation (
    name text NOT NULL,
    number bigint NOT NULL,
    kind text NOT NULL,
    admitted date NOT NULL,
    title jsonb NOT NULL,
    CONSTRAINT organisation_kind_check CHECK ((kind = ANY (ARRAY['authority'::text, 'reviewer'::text])))
);
CREATE TABLE roll.passkey (
    id bytea NOT NULL,
    person bigint,
    record bigint,
    public_key bytea NOT NULL,
    uses bigint NOT NULL,
    label text NOT NULL,
    added timestamp with time zone NOT NULL,
    used timestamp with time zone,
    ended timestamp with time zone,
    CONSTRAINT passkey_check CHECK (((person IS NULL) <> (record IS NULL)))
);
CREATE TABLE roll.person (
    id bigint NOT NULL,
    organisation text NOT NULL,
    seat integer NOT NULL,
    role text NOT NULL,
    label text NOT NULL,
    handle bytea NOT NULL,
    joined timestamp with time zone NOT NULL,
    left_at timestamp with time zone,
    invited_by text DEFAULT ''::text NOT NULL,
    founding boolean DEFAULT false NOT NULL,
    confirmed_by text,
    confirmed timestamp with time zone,
    announced_by text,
    announced timestamp with time zone,
    announced_until date,
    CONSTRAINT person_handle_check CHECK ((octet_length(handle) = 32))
);
ALTER TABLE roll.person ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME roll.person_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE SEQUENCE roll.placing_floor
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
CREATE TABLE roll.proposal (
    id bigint NOT NULL,
    ref text NOT NULL,
    digest text NOT NULL,
    rule text NOT NULL,
    starts date NOT NULL,
    seat integer NOT NULL,
    proposed timestamp with time zone NOT NULL,
    decided timestamp with time zone,
    published boolean,
    jurisdiction text DEFAULT ''::text NOT NULL,
    bundle text DEFAULT ''::text NOT NULL,
    on_rule text DEFAULT ''::text NOT NULL,
    on_jurisdiction text DEFAULT ''::text NOT NULL
);
ALTER TABLE roll.proposal ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME roll.proposal_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE roll.provider (
    organisation text NOT NULL,
    issuer text NOT NULL,
    client_id text NOT NULL,
    client_secret text NOT NULL,
    secret_sealed bytea
);
CREATE TABLE roll.published_figures (
    day date NOT NULL,
    figures text NOT NULL,
    digest text NOT NULL,
    at timestamp with time zone NOT NULL
);
CREATE SEQUENCE roll.record_number
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    MAXVALUE 99999999999999
    CACHE 1;
CREATE TABLE roll.registered_use (
    number bigint NOT NULL,
    organisation text NOT NULL,
    purpose integer NOT NULL,
    basis text NOT NULL,
    fields text[] NOT NULL,
    supervisor text NOT NULL,
    supervised_at text NOT NULL,
    office text NOT NULL,
    registered timestamp with time zone NOT NULL,
    ended timestamp with time zone,
    rule text DEFAULT ''::text NOT NULL
);
CREATE TABLE roll.regular_work (
    name text NOT NULL,
    begun date NOT NULL
);
CREATE TABLE roll.request (
    number bigint NOT NULL,
    stream bigint NOT NULL,
    version integer NOT NULL,
    authority text NOT NULL,
    use bigint NOT NULL,
    operator text NOT NULL,
    reviewer text NOT NULL,
    objector text NOT NULL,
    fields text[] NOT NULL,
    urgency text NOT NULL,
    desired text NOT NULL,
    earlier bigint,
    officer text NOT NULL,
    approver text NOT NULL,
    approved timestamp with time zone,
    filed timestamp with time zone NOT NULL,
    procedure text NOT NULL,
    step text NOT NULL,
    due timestamp with time zone,
    postponed timestamp with time zone,
    outcome text NOT NULL,
    annulled boolean NOT NULL,
    may_open text[] NOT NULL,
    telling boolean NOT NULL,
    late boolean NOT NULL,
    ended boolean NOT NULL,
    told timestamp with time zone
);
CREATE TABLE roll.rule_reading (
    digest text NOT NULL,
    words text NOT NULL,
    name text NOT NULL,
    organisation text NOT NULL,
    seat integer NOT NULL,
    role text NOT NULL,
    at timestamp with time zone NOT NULL
);
CREATE TABLE roll.rule_version (
    ref text NOT NULL,
    digest text NOT NULL,
    rule text NOT NULL,
    since timestamp with time zone NOT NULL,
    starts date DEFAULT '0001-01-01'::date NOT NULL,
    jurisdiction text DEFAULT ''::text NOT NULL,
    bundle text DEFAULT ''::text NOT NULL
);
CREATE TABLE roll.sequencer_round (
    nothing boolean
);
CREATE TABLE roll.session (
    hash bytea NOT NULL,
    person bigint,
    record bigint,
    begun timestamp with time zone NOT NULL,
    seen timestamp with time zone NOT NULL,
    way text,
    passkey bytea,
    CONSTRAINT session_check CHECK (((person IS NULL) OR (record IS NULL))),
    CONSTRAINT session_way CHECK (((way IS NULL) OR ((way = ANY (ARRAY['code'::text, 'passkey'::text])) AND (record IS NOT NULL))))
);
CREATE TABLE roll.sign_of_life (
    organisation text NOT NULL,
    seat integer NOT NULL,
    day date NOT NULL
);
CREATE TABLE roll.site (
    number bigint NOT NULL,
    stream bigint NOT NULL,
    version integer NOT NULL,
    operator text NOT NULL,
    private boolean NOT NULL,
    kind text NOT NULL,
    handle text NOT NULL,
    sponsor text NOT NULL,
    domains text[] NOT NULL,
    services text NOT NULL,
    digests text[] NOT NULL,
    began date NOT NULL,
    filed date NOT NULL,
    changed date,
    control text NOT NULL,
    state text NOT NULL,
    since date NOT NULL,
    ended date,
    shown date,
    control_places integer DEFAULT 0 NOT NULL,
    state_places integer DEFAULT 0 NOT NULL,
    announced text[] NOT NULL,
    CONSTRAINT site_check CHECK ((private = (handle <> ''::text))),
    CONSTRAINT site_check1 CHECK (((NOT private) OR ((sponsor = ''::text) AND (domains = '{}'::text[]) AND (services = ''::text)))),
    CONSTRAINT site_control_check CHECK ((control = ANY (ARRAY[''::text, 'record'::text, 'file'::text, 'word'::text]))),
    CONSTRAINT site_state_check CHECK ((state = ANY (ARRAY['live'::text, 'silent'::text, 'retired'::text])))
);
CREATE TABLE roll.site_look (
    number bigint NOT NULL,
    due timestamp with time zone NOT NULL,
    state text NOT NULL,
    since timestamp with time zone NOT NULL,
    gap interval NOT NULL,
    run integer NOT NULL,
    quiet timestamp with time zone,
    answered timestamp with time zone,
    looked timestamp with time zone,
    missed timestamp with time zone,
    misses integer NOT NULL,
    CONSTRAINT site_look_state_check CHECK ((state = ANY (ARRAY['live'::text, 'failing'::text, 'silent'::text, 'retired'::text])))
);
CREATE TABLE roll.site_word (
    number bigint NOT NULL,
    word text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE roll.spent_puzzle (
    puzzle bytea NOT NULL,
    until timestamp with time zone NOT NULL
);
CREATE TABLE roll.subject (
    issuer text NOT NULL,
    subject text NOT NULL,
    person bigint NOT NULL
);
CREATE TABLE roll.subscription (
    number bigint NOT NULL,
    operator text NOT NULL,
    handle text,
    kind text NOT NULL,
    access text NOT NULL,
    district text NOT NULL,
    connected date NOT NULL,
    filed date NOT NULL,
    changed date,
    ended date,
    version integer NOT NULL,
    file bigint,
    held boolean DEFAULT false NOT NULL,
    standing text DEFAULT 'confirmed'::text NOT NULL,
    code bigint,
    port_to text,
    port_asked boolean,
    port_until date,
    since date,
    before text,
    CONSTRAINT subscription_standing_check CHECK ((standing = ANY (ARRAY['confirmed'::text, 'unconfirmed'::text, 'disowned'::text, 'lapsed'::text])))
);
CREATE TABLE roll.taken_file (
    id bigint NOT NULL,
    operator text NOT NULL,
    digest text NOT NULL,
    rows bigint NOT NULL,
    done bigint DEFAULT 0 NOT NULL,
    first_number bigint NOT NULL,
    begun timestamp with time zone NOT NULL,
    finished timestamp with time zone,
    CONSTRAINT taken_file_check CHECK (((done >= 0) AND (done <= rows)))
);
ALTER TABLE roll.taken_file ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME roll.taken_file_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE roll.tally (
    day date NOT NULL,
    name text NOT NULL,
    count bigint NOT NULL
);
CREATE TABLE roll.throttle (
    bucket bytea NOT NULL,
    level double precision NOT NULL,
    at timestamp with time zone NOT NULL
);
CREATE TABLE roll.tile (
    level smallint NOT NULL,
    index bigint NOT NULL,
    width smallint NOT NULL,
    data bytea NOT NULL,
    CONSTRAINT tile_width_check CHECK (((width >= 1) AND (width <= 256)))
);
ALTER TABLE ONLY roll.tile ALTER COLUMN data SET STORAGE EXTERNAL;
CREATE TABLE roll.token (
    hash bytea NOT NULL,
    organisation text NOT NULL,
    label text NOT NULL,
    issued timestamp with time zone NOT NULL,
    revoked timestamp with time zone,
    id bigint NOT NULL,
    expires timestamp with time zone,
    replaces bigint,
    seat integer DEFAULT 0 NOT NULL
);
ALTER TABLE roll.token ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME roll.token_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE roll.upload (
    id bigint NOT NULL,
    operator text NOT NULL,
    seat integer NOT NULL,
    purpose text NOT NULL,
    size bigint NOT NULL,
    begun timestamp with time zone NOT NULL,
    ended timestamp with time zone,
    state text NOT NULL,
    doing text DEFAULT ''::text NOT NULL,
    done bigint DEFAULT 0 NOT NULL,
    whole bigint DEFAULT 0 NOT NULL,
    rows bigint DEFAULT 0 NOT NULL,
    stored bigint DEFAULT 0 NOT NULL,
    fault_count bigint DEFAULT 0 NOT NULL,
    digest text DEFAULT ''::text NOT NULL,
    result text DEFAULT ''::text NOT NULL,
    seen timestamp with time zone,
    tries integer DEFAULT 0 NOT NULL,
    started timestamp with time zone,
    gone timestamp with time zone,
    why text DEFAULT ''::text NOT NULL,
    sender text,
    CONSTRAINT upload_purpose_check CHECK ((purpose = ANY (ARRAY['file'::text, 'compare'::text]))),
    CONSTRAINT upload_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'working'::text, 'done'::text, 'refused'::text, 'failed'::text]))),
    CONSTRAINT upload_why_check CHECK ((why = ANY (ARRAY[''::text, 'taken'::text, 'not-kept'::text, 'time'::text, 'lost'::text])))
);
ALTER TABLE roll.upload ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME roll.upload_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE roll.wall (
    ipad bytea NOT NULL,
    opad bytea NOT NULL
);
CREATE TABLE roll.work (
    id bigint NOT NULL,
    kind text NOT NULL,
    key text CONSTRAINT work_about_not_null NOT NULL,
    made timestamp with time zone NOT NULL,
    due timestamp with time zone NOT NULL,
    taken_by bigint,
    ended timestamp with time zone,
    outcome text DEFAULT ''::text NOT NULL,
    owner text NOT NULL,
    reason text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    taken_until timestamp with time zone,
    takes bigint DEFAULT 0 NOT NULL,
    wanted bigint DEFAULT 0 NOT NULL,
    fault text DEFAULT ''::text NOT NULL,
    CONSTRAINT work_says_why CHECK (((owner <> ''::text) AND (reason <> ''::text)))
);
ALTER TABLE roll.work ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME roll.work_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE ONLY roll.asked_address
    ADD CONSTRAINT asked_address_pkey PRIMARY KEY (address);
ALTER TABLE ONLY roll.bundle
    ADD CONSTRAINT bundle_pkey PRIMARY KEY (index);
ALTER TABLE ONLY roll.ceremony
    ADD CONSTRAINT ceremony_pkey PRIMARY KEY (hash);
ALTER TABLE ONLY roll.checkpoint
    ADD CONSTRAINT checkpoint_pkey PRIMARY KEY (size);
ALTER TABLE ONLY roll.contact
    ADD CONSTRAINT contact_pkey PRIMARY KEY (record);
ALTER TABLE ONLY roll.cosignature
    ADD CONSTRAINT cosignature_pkey PRIMARY KEY (name, key_id);
ALTER TABLE ONLY roll.daily_figures
    ADD CONSTRAINT daily_figures_pkey PRIMARY KEY (day);
ALTER TABLE ONLY roll.deposit
    ADD CONSTRAINT deposit_pkey PRIMARY KEY (id);
ALTER TABLE ONLY roll.ended_log
    ADD CONSTRAINT ended_log_origin_key UNIQUE (origin);
ALTER TABLE ONLY roll.ended_log
    ADD CONSTRAINT ended_log_pkey PRIMARY KEY (number);
ALTER TABLE ONLY roll.envelope_key
    ADD CONSTRAINT envelope_key_pkey PRIMARY KEY (organisation, key);
ALTER TABLE ONLY roll.envelope
    ADD CONSTRAINT envelope_pkey PRIMARY KEY (request, version);
ALTER TABLE ONLY roll.event
    ADD CONSTRAINT event_pkey PRIMARY KEY (stream, version);
ALTER TABLE ONLY roll.former_subject
    ADD CONSTRAINT former_subject_pkey PRIMARY KEY (person);
ALTER TABLE ONLY roll.grant_mark
    ADD CONSTRAINT grant_mark_pkey PRIMARY KEY (number);
ALTER TABLE ONLY roll.head
    ADD CONSTRAINT head_pkey PRIMARY KEY (size);
ALTER TABLE ONLY roll.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (organisation, key);
ALTER TABLE ONLY roll.invitation
    ADD CONSTRAINT invitation_pkey PRIMARY KEY (hash);
ALTER TABLE ONLY roll.lease
    ADD CONSTRAINT lease_pkey PRIMARY KEY (name);
ALTER TABLE ONLY roll.left_handle
    ADD CONSTRAINT left_handle_pkey PRIMARY KEY (hash, operator, number);
ALTER TABLE ONLY roll.lost
    ADD CONSTRAINT lost_pkey PRIMARY KEY ("position");
ALTER TABLE ONLY roll.mail
    ADD CONSTRAINT mail_pkey PRIMARY KEY (id);
ALTER TABLE ONLY roll.migration
    ADD CONSTRAINT migration_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY roll.mutex
    ADD CONSTRAINT mutex_pkey PRIMARY KEY (name);
ALTER TABLE ONLY roll.notice
    ADD CONSTRAINT notice_pkey PRIMARY KEY (request);
ALTER TABLE ONLY roll.operator
    ADD CONSTRAINT operator_number_key UNIQUE (number);
ALTER TABLE ONLY roll.operator
    ADD CONSTRAINT operator_pkey PRIMARY KEY (name);
ALTER TABLE ONLY roll.organisation
    ADD CONSTRAINT organisation_number_key UNIQUE (number);
ALTER TABLE ONLY roll.organisation
    ADD CONSTRAINT organisation_pkey PRIMARY KEY (name);
ALTER TABLE ONLY roll.passkey
    ADD CONSTRAINT passkey_pkey PRIMARY KEY (id);
ALTER TABLE ONLY roll.person
    ADD CONSTRAINT person_handle_key UNIQUE (handle);
ALTER TABLE ONLY roll.person
    ADD CONSTRAINT person_organisation_seat_key UNIQUE (organisation, seat);
ALTER TABLE ONLY roll.person
    ADD CONSTRAINT person_pkey PRIMARY KEY (id);
ALTER TABLE ONLY roll.placed
    ADD CONSTRAINT placed_event_key UNIQUE (event);
ALTER TABLE ONLY roll.placed
    ADD CONSTRAINT placed_pkey PRIMARY KEY ("position");
ALTER TABLE ONLY roll.proposal
    ADD CONSTRAINT proposal_pkey PRIMARY KEY (id);
ALTER TABLE ONLY roll.provider
    ADD CONSTRAINT provider_pkey PRIMARY KEY (organisation);
ALTER TABLE ONLY roll.published_figures
    ADD CONSTRAINT published_figures_pkey PRIMARY KEY (day);
ALTER TABLE ONLY roll.registered_use
    ADD CONSTRAINT registered_use_pkey PRIMARY KEY (number);
ALTER TABLE ONLY roll.regular_work
    ADD CONSTRAINT regular_work_pkey PRIMARY KEY (name);
ALTER TABLE ONLY roll.request
    ADD CONSTRAINT request_pkey PRIMARY KEY (number);
ALTER TABLE ONLY roll.request
    ADD CONSTRAINT request_stream_key UNIQUE (stream);
ALTER TABLE ONLY roll.rule_reading
    ADD CONSTRAINT rule_reading_pkey PRIMARY KEY (digest, words, organisation, seat);
ALTER TABLE ONLY roll.rule_version
    ADD CONSTRAINT rule_version_pkey PRIMARY KEY (digest, jurisdiction, starts, since);
ALTER TABLE ONLY roll.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (hash);
ALTER TABLE ONLY roll.site_look
    ADD CONSTRAINT site_look_pkey PRIMARY KEY (number);
ALTER TABLE ONLY roll.site
    ADD CONSTRAINT site_pkey PRIMARY KEY (number);
ALTER TABLE ONLY roll.site_word
    ADD CONSTRAINT site_word_pkey PRIMARY KEY (number, word);
ALTER TABLE ONLY roll.spent_puzzle
    ADD CONSTRAINT spent_puzzle_pkey PRIMARY KEY (puzzle);
ALTER TABLE ONLY roll.subject
    ADD CONSTRAINT subject_pkey PRIMARY KEY (issuer, subject);
ALTER TABLE ONLY roll.subscription
    ADD CONSTRAINT subscription_code_key UNIQUE (code);
ALTER TABLE ONLY roll.subscription
    ADD CONSTRAINT subscription_operator_handle_key UNIQUE (operator, handle);
ALTER TABLE ONLY roll.subscription
    ADD CONSTRAINT subscription_pkey PRIMARY KEY (number);
ALTER TABLE ONLY roll.taken_file
    ADD CONSTRAINT taken_file_operator_digest_key UNIQUE (operator, digest);
ALTER TABLE ONLY roll.taken_file
    ADD CONSTRAINT taken_file_pkey PRIMARY KEY (id);
ALTER TABLE ONLY roll.tally
    ADD CONSTRAINT tally_pkey PRIMARY KEY (day, name);
ALTER TABLE ONLY roll.throttle
    ADD CONSTRAINT throttle_pkey PRIMARY KEY (bucket);
ALTER TABLE ONLY roll.tile
    ADD CONSTRAINT tile_pkey PRIMARY KEY (level, index);
ALTER TABLE ONLY roll.token
    ADD CONSTRAINT token_number UNIQUE (id);
ALTER TABLE ONLY roll.token
    ADD CONSTRAINT token_pkey PRIMARY KEY (hash);
ALTER TABLE ONLY roll.token
    ADD CONSTRAINT token_replaces_key UNIQUE (replaces);
ALTER TABLE ONLY roll.upload
    ADD CONSTRAINT upload_pkey PRIMARY KEY (id);
ALTER TABLE ONLY roll.work
    ADD CONSTRAINT work_pkey PRIMARY KEY (id);
CREATE INDEX envelope_digest ON roll.envelope USING btree (digest);
CREATE INDEX event_official ON roll.event USING btree (id) WHERE (name <> ALL (ARRAY['subscription.filed/1'::text, 'subscription.changed/1'::text, 'subscription.ended/1'::text, 'subscription.notified/1'::text, 'subscription.withdrawn/1'::text, 'subscription.corrected/1'::text, 'subscription.held/1'::text, 'subscription.release-asked/1'::text, 'subscription.release-seconded/1'::text, 'subscription.release-refused/1'::text, 'subscription.released/1'::text, 'subscription.rehandled/1'::text, 'subscription.confirmed/1'::text, 'subscription.disowned/1'::text, 'subscription.erased/1'::text]));
CREATE UNIQUE INDEX event_order ON roll.event USING btree (xid, id);
CREATE INDEX idempotency_made ON roll.idempotency USING btree (made);
CREATE INDEX left_handle_number ON roll.left_handle USING btree (number);
CREATE INDEX mail_failed ON roll.mail USING btree (made) WHERE ((state = 'failed'::text) AND (given_up IS NULL));
CREATE INDEX notice_bucket ON roll.notice USING btree (bucket, request);
CREATE INDEX passkey_person ON roll.passkey USING btree (person) WHERE (ended IS NULL);
CREATE INDEX passkey_public_key ON roll.passkey USING btree (public_key);
CREATE INDEX passkey_record ON roll.passkey USING btree (record) WHERE (ended IS NULL);
CREATE INDEX registered_use_organisation ON roll.registered_use USING btree (organisation);
CREATE INDEX request_authority ON roll.request USING btree (authority, number);
CREATE INDEX request_due ON roll.request USING btree (due) WHERE (NOT ended);
CREATE INDEX request_late ON roll.request USING btree (number) WHERE (telling OR late);
CREATE INDEX request_objector ON roll.request USING btree (objector, number) WHERE (objector <> ''::text);
CREATE INDEX request_officer ON roll.request USING btree (officer, filed);
CREATE INDEX request_operator ON roll.request USING btree (operator, number);
CREATE INDEX request_pair ON roll.request USING btree (officer, approver, approved) WHERE (approved IS NOT NULL);
CREATE INDEX request_reviewer ON roll.request USING btree (reviewer, number);
CREATE INDEX request_told ON roll.request USING btree (told) WHERE (told IS NOT NULL);
CREATE INDEX session_person ON roll.session USING btree (person) WHERE (person IS NOT NULL);
CREATE INDEX session_record ON roll.session USING btree (record) WHERE (record IS NOT NULL);
CREATE INDEX session_seen ON roll.session USING btree (seen);
CREATE INDEX sign_of_life_of ON roll.sign_of_life USING btree (organisation, seat);
CREATE INDEX site_handle ON roll.site USING btree (operator, handle) WHERE private;
CREATE INDEX site_look_answered ON roll.site_look USING btree (answered DESC NULLS LAST);
CREATE INDEX site_look_due ON roll.site_look USING btree (due);
CREATE INDEX site_newest ON roll.site USING btree (stream) WHERE (NOT private);
CREATE INDEX site_operator ON roll.site USING btree (operator, number);
CREATE INDEX site_word_found ON roll.site_word USING btree (word, number);
CREATE INDEX subscription_old_handle ON roll.subscription USING btree (operator) WHERE (NOT ((handle ~~ 'h1%'::text) AND (length(handle) = 36)));
CREATE INDEX subscription_port ON roll.subscription USING btree (port_to) WHERE (port_to IS NOT NULL);
CREATE INDEX subscription_unconfirmed ON roll.subscription USING btree (operator, number) WHERE ((standing = 'unconfirmed'::text) AND (ended IS NULL));
CREATE INDEX token_seat ON roll.token USING btree (organisation, seat) WHERE (seat <> 0);
CREATE INDEX upload_kept ON roll.upload USING btree (operator) WHERE (gone IS NULL);
CREATE INDEX upload_operator ON roll.upload USING btree (operator, id);
CREATE INDEX upload_waiting ON roll.upload USING btree (id) WHERE (state = ANY (ARRAY['waiting'::text, 'working'::text]));
CREATE INDEX work_due ON roll.work USING btree (due, id) WHERE ((ended IS NULL) AND (owner = 'machine'::text));
CREATE UNIQUE INDEX work_open ON roll.work USING btree (kind, key) WHERE (ended IS NULL);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON roll.daily_figures FOR EACH STATEMENT EXECUTE FUNCTION roll.refuse_rewriting();
ALTER TABLE roll.daily_figures ENABLE ALWAYS TRIGGER append_only;
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON roll.deposit FOR EACH STATEMENT EXECUTE FUNCTION roll.refuse_rewriting();
ALTER TABLE roll.deposit ENABLE ALWAYS TRIGGER append_only;
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON roll.ended_log FOR EACH STATEMENT EXECUTE FUNCTION roll.refuse_rewriting();
ALTER TABLE roll.ended_log ENABLE ALWAYS TRIGGER append_only;
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON roll.envelope FOR EACH STATEMENT EXECUTE FUNCTION roll.refuse_rewriting();
ALTER TABLE roll.envelope ENABLE ALWAYS TRIGGER append_only;
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON roll.event FOR EACH STATEMENT EXECUTE FUNCTION roll.refuse_rewriting();
ALTER TABLE roll.event ENABLE ALWAYS TRIGGER append_only;
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON roll.head FOR EACH STATEMENT EXECUTE FUNCTION roll.refuse_rewriting();
ALTER TABLE roll.head ENABLE ALWAYS TRIGGER append_only;
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON roll.lost FOR EACH STATEMENT EXECUTE FUNCTION roll.refuse_rewriting();
ALTER TABLE roll.lost ENABLE ALWAYS TRIGGER append_only;
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON roll.notice FOR EACH STATEMENT EXECUTE FUNCTION roll.refuse_rewriting();
ALTER TABLE roll.notice ENABLE ALWAYS TRIGGER append_only;
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON roll.placed FOR EACH STATEMENT EXECUTE FUNCTION roll.refuse_rewriting();
ALTER TABLE roll.placed ENABLE ALWAYS TRIGGER append_only;
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON roll.rule_reading FOR EACH STATEMENT EXECUTE FUNCTION roll.refuse_rewriting();
ALTER TABLE roll.rule_reading ENABLE ALWAYS TRIGGER append_only;
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON roll.rule_version FOR EACH STATEMENT EXECUTE FUNCTION roll.refuse_rewriting();
ALTER TABLE roll.rule_version ENABLE ALWAYS TRIGGER append_only;
CREATE TRIGGER in_force AFTER INSERT ON roll.subscription REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION roll.refuse_ended_operator();
ALTER TABLE roll.subscription ENABLE ALWAYS TRIGGER in_force;
CREATE TRIGGER left_handle_forgotten AFTER DELETE ON roll.subscription FOR EACH ROW EXECUTE FUNCTION roll.left_handle_kept();
ALTER TABLE roll.subscription ENABLE ALWAYS TRIGGER left_handle_forgotten;
CREATE TRIGGER left_handle_kept AFTER UPDATE OF handle ON roll.subscription FOR EACH ROW WHEN (((old.operator <> new.operator) OR ((old.handle <> ''::text) AND (old.handle IS DISTINCT FROM new.handle)))) EXECUTE FUNCTION roll.left_handle_kept();
ALTER TABLE roll.subscription ENABLE ALWAYS TRIGGER left_handle_kept;
CREATE TRIGGER left_handle_refused AFTER INSERT ON roll.subscription REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION roll.refuse_left_handle();
ALTER TABLE roll.subscription ENABLE ALWAYS TRIGGER left_handle_refused;
CREATE TRIGGER left_handle_refused_again AFTER UPDATE OF handle ON roll.subscription FOR EACH ROW WHEN (((new.handle <> ''::text) AND (old.handle IS DISTINCT FROM new.handle))) EXECUTE FUNCTION roll.refuse_left_handle_again();
ALTER TABLE roll.subscription ENABLE ALWAYS TRIGGER left_handle_refused_again;
CREATE TRIGGER no_latecomer BEFORE INSERT ON roll.event FOR EACH STATEMENT EXECUTE FUNCTION roll.refuse_latecomer();
ALTER TABLE roll.event ENABLE ALWAYS TRIGGER no_latecomer;
CREATE TRIGGER only_erased BEFORE UPDATE ON roll.event FOR EACH ROW EXECUTE FUNCTION roll.only_erase();
ALTER TABLE roll.event ENABLE ALWAYS TRIGGER only_erased;
ALTER TABLE ONLY roll.former_subject
    ADD CONSTRAINT former_subject_person_fkey FOREIGN KEY (person) REFERENCES roll.person(id);
ALTER TABLE ONLY roll.passkey
    ADD CONSTRAINT passkey_person_fkey FOREIGN KEY (person) REFERENCES roll.person(id);
ALTER TABLE ONLY roll.session
    ADD CONSTRAINT session_person_fkey FOREIGN KEY (person) REFERENCES roll.person(id);
ALTER TABLE ONLY roll.subject
    ADD CONSTRAINT subject_person_fkey FOREIGN KEY (person) REFERENCES roll.person(id);
ALTER TABLE ONLY roll.token
    ADD CONSTRAINT token_replaces_fkey FOREIGN KEY (replaces) REFERENCES roll.token(id);
ALTER TABLE ONLY roll.work
    ADD CONSTRAINT work_owner_fkey FOREIGN KEY (taken_by) REFERENCES roll.person(id);
ALTER TABLE roll.asked_address ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.bundle ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.ceremony ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.checkpoint ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.contact ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.cosignature ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.daily_figures ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.deposit ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.derived_salts ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.ended_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.envelope ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.envelope_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.event ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.former_subject ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.grant_mark ENABLE ROW LEVEL SECURITY;
CREATE POLICY hand_in ON roll.mail FOR INSERT TO roll_operator, roll_subscriber, roll_registrar WITH CHECK ((state = 'waiting'::text));
ALTER TABLE roll.head ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.idempotency ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.invitation ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.lease ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.left_handle ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.lost ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.mail ENABLE ROW LEVEL SECURITY;
CREATE POLICY may_application ON roll.asked_address TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.bundle TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.ceremony TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.checkpoint TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.contact TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.cosignature TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.daily_figures TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.deposit TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.derived_salts TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.ended_log TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.envelope TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.envelope_key TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.event TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.former_subject TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.grant_mark TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.head TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.idempotency TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.invitation TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.lease TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.left_handle TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.lost TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.mail TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.mutex TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.notice TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.operator TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.organisation TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.passkey TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.person TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.placed TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.proposal TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.provider TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.published_figures TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.registered_use TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.regular_work TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.request TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.rule_reading TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.rule_version TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.sequencer_round TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.session TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.sign_of_life TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.site TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.site_look TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.site_word TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.spent_puzzle TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.subject TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.subscription TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.taken_file TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.tally TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.throttle TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.tile TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.token TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.upload TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_application ON roll.work TO roll_application USING (true) WITH CHECK (true);
CREATE POLICY may_operator ON roll.head TO roll_operator USING (true) WITH CHECK (true);
CREATE POLICY may_operator ON roll.operator TO roll_operator USING (true) WITH CHECK (true);
CREATE POLICY may_operator ON roll.organisation TO roll_operator USING (true) WITH CHECK (true);
CREATE POLICY may_operator ON roll.regular_work TO roll_operator USING (true) WITH CHECK (true);
CREATE POLICY may_operator ON roll.rule_version TO roll_operator USING (true) WITH CHECK (true);
CREATE POLICY may_registrar ON roll.bundle TO roll_registrar USING (true) WITH CHECK (true);
CREATE POLICY may_registrar ON roll.checkpoint TO roll_registrar USING (true) WITH CHECK (true);
CREATE POLICY may_registrar ON roll.cosignature TO roll_registrar USING (true) WITH CHECK (true);
CREATE POLICY may_registrar ON roll.daily_figures TO roll_registrar USING (true) WITH CHECK (true);
CREATE POLICY may_registrar ON roll.deposit TO roll_registrar USING (true) WITH CHECK (true);
CREATE POLICY may_registrar ON roll.ended_log TO roll_registrar USING (true) WITH CHECK (true);
CREATE POLICY may_registrar ON roll.head TO roll_registrar USING (true) WITH CHECK (true);
CREATE POLICY may_registrar ON roll.lost TO roll_registrar USING (true) WITH CHECK (true);
CREATE POLICY may_registrar ON roll.operator TO roll_registrar USING (true) WITH CHECK (true);
CREATE POLICY may_registrar ON roll.organisation TO roll_registrar USING (true) WITH CHECK (true);
CREATE POLICY may_registrar ON roll.placed TO roll_registrar USING (true) WITH CHECK (true);
CREATE POLICY may_registrar ON roll.published_figures TO roll_registrar USING (true) WITH CHECK (true);
CREATE POLICY may_registrar ON roll.regular_work TO roll_registrar USING (true) WITH CHECK (true);
CREATE POLICY may_registrar ON roll.request TO roll_registrar USING (true) WITH CHECK (true);
CREATE POLICY may_registrar ON roll.rule_version TO roll_registrar USING (true) WITH CHECK (true);
CREATE POLICY may_registrar ON roll.tally TO roll_registrar USING (true) WITH CHECK (true);
CREATE POLICY may_registrar ON roll.tile TO roll_registrar USING (true) WITH CHECK (true);
CREATE POLICY may_sequencer ON roll.bundle TO roll_sequencer USING (true) WITH CHECK (true);
CREATE POLICY may_sequencer ON roll.checkpoint TO roll_sequencer USING (true) WITH CHECK (true);
CREATE POLICY may_sequencer ON roll.cosignature TO roll_sequencer USING (true) WITH CHECK (true);
CREATE POLICY may_sequencer ON roll.deposit TO roll_sequencer USING (true) WITH CHECK (true);
CREATE POLICY may_sequencer ON roll.ended_log TO roll_sequencer USING (true) WITH CHECK (true);
CREATE POLICY may_sequencer ON roll.head TO roll_sequencer USING (true) WITH CHECK (true);
CREATE POLICY may_sequencer ON roll.lost TO roll_sequencer USING (true) WITH CHECK (true);
CREATE POLICY may_sequencer ON roll.placed TO roll_sequencer USING (true) WITH CHECK (true);
CREATE POLICY may_sequencer ON roll.tally TO roll_sequencer USING (true) WITH CHECK (true);
CREATE POLICY may_sequencer ON roll.tile TO roll_sequencer USING (true) WITH CHECK (true);
CREATE POLICY may_subscriber ON roll.head TO roll_subscriber USING (true) WITH CHECK (true);
CREATE POLICY may_subscriber ON roll.operator TO roll_subscriber USING (true) WITH CHECK (true);
CREATE POLICY may_subscriber ON roll.organisation TO roll_subscriber USING (true) WITH CHECK (true);
CREATE POLICY may_subscriber ON roll.regular_work TO roll_subscriber USING (true) WITH CHECK (true);
CREATE POLICY may_subscriber ON roll.rule_version TO roll_subscriber USING (true) WITH CHECK (true);
ALTER TABLE roll.mutex ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.notice ENABLE ROW LEVEL SECURITY;
CREATE POLICY only_application ON roll.asked_address AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.bundle AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.ceremony AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.checkpoint AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.contact AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.cosignature AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.daily_figures AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.deposit AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.derived_salts AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.ended_log AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.envelope AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.envelope_key AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.event AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.former_subject AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.grant_mark AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.head AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.idempotency AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.invitation AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.lease AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.left_handle AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.lost AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.mail AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.mutex AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.notice AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.operator AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.organisation AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.passkey AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.person AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.placed AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.proposal AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.provider AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.published_figures AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.registered_use AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.regular_work AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.request AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.rule_reading AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.rule_version AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.sequencer_round AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.session AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.sign_of_life AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.site AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.site_look AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.site_word AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.spent_puzzle AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.subject AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.subscription AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.taken_file AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.tally AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.throttle AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.tile AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.token AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.upload AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_application ON roll.work AS RESTRICTIVE TO roll_application USING (( SELECT (roll.acting() = 'application'::text))) WITH CHECK (( SELECT (roll.acting() = 'application'::text)));
CREATE POLICY only_operator ON roll.envelope AS RESTRICTIVE TO roll_operator USING (( SELECT (roll.acting() = 'operator'::text))) WITH CHECK (( SELECT (roll.acting() = 'operator'::text)));
CREATE POLICY only_operator ON roll.event AS RESTRICTIVE TO roll_operator USING (( SELECT (roll.acting() = 'operator'::text))) WITH CHECK (( SELECT (roll.acting() = 'operator'::text)));
CREATE POLICY only_operator ON roll.head AS RESTRICTIVE TO roll_operator USING (( SELECT (roll.acting() = 'operator'::text))) WITH CHECK (( SELECT (roll.acting() = 'operator'::text)));
CREATE POLICY only_operator ON roll.idempotency AS RESTRICTIVE TO roll_operator USING (( SELECT (roll.acting() = 'operator'::text))) WITH CHECK (( SELECT (roll.acting() = 'operator'::text)));
CREATE POLICY only_operator ON roll.mail AS RESTRICTIVE TO roll_operator USING (( SELECT (roll.acting() = 'operator'::text))) WITH CHECK (( SELECT (roll.acting() = 'operator'::text)));
CREATE POLICY only_operator ON roll.operator AS RESTRICTIVE TO roll_operator USING (( SELECT (roll.acting() = 'operator'::text))) WITH CHECK (( SELECT (roll.acting() = 'operator'::text)));
CREATE POLICY only_operator ON roll.organisation AS RESTRICTIVE TO roll_operator USING (( SELECT (roll.acting() = 'operator'::text))) WITH CHECK (( SELECT (roll.acting() = 'operator'::text)));
CREATE POLICY only_operator ON roll.regular_work AS RESTRICTIVE TO roll_operator USING (( SELECT (roll.acting() = 'operator'::text))) WITH CHECK (( SELECT (roll.acting() = 'operator'::text)));
CREATE POLICY only_operator ON roll.request AS RESTRICTIVE TO roll_operator USING (( SELECT (roll.acting() = 'operator'::text))) WITH CHECK (( SELECT (roll.acting() = 'operator'::text)));
CREATE POLICY only_operator ON roll.rule_version AS RESTRICTIVE TO roll_operator USING (( SELECT (roll.acting() = 'operator'::text))) WITH CHECK (( SELECT (roll.acting() = 'operator'::text)));
CREATE POLICY only_operator ON roll.subscription AS RESTRICTIVE TO roll_operator USING (( SELECT (roll.acting() = 'operator'::text))) WITH CHECK (( SELECT (roll.acting() = 'operator'::text)));
CREATE POLICY only_operator ON roll.taken_file AS RESTRICTIVE TO roll_operator USING (( SELECT (roll.acting() = 'operator'::text))) WITH CHECK (( SELECT (roll.acting() = 'operator'::text)));
CREATE POLICY only_registrar ON roll.bundle AS RESTRICTIVE TO roll_registrar USING (( SELECT (roll.acting() = 'registrar'::text))) WITH CHECK (( SELECT (roll.acting() = 'registrar'::text)));
CREATE POLICY only_registrar ON roll.checkpoint AS RESTRICTIVE TO roll_registrar USING (( SELECT (roll.acting() = 'registrar'::text))) WITH CHECK (( SELECT (roll.acting() = 'registrar'::text)));
CREATE POLICY only_registrar ON roll.cosignature AS RESTRICTIVE TO roll_registrar USING (( SELECT (roll.acting() = 'registrar'::text))) WITH CHECK (( SELECT (roll.acting() = 'registrar'::text)));
CREATE POLICY only_registrar ON roll.daily_figures AS RESTRICTIVE TO roll_registrar USING (( SELECT (roll.acting() = 'registrar'::text))) WITH CHECK (( SELECT (roll.acting() = 'registrar'::text)));
CREATE POLICY only_registrar ON roll.deposit AS RESTRICTIVE TO roll_registrar USING (( SELECT (roll.acting() = 'registrar'::text))) WITH CHECK (( SELECT (roll.acting() = 'registrar'::text)));
CREATE POLICY only_registrar ON roll.ended_log AS RESTRICTIVE TO roll_registrar USING (( SELECT (roll.acting() = 'registrar'::text))) WITH CHECK (( SELECT (roll.acting() = 'registrar'::text)));
CREATE POLICY only_registrar ON roll.event AS RESTRICTIVE TO roll_registrar USING (( SELECT (roll.acting() = 'registrar'::text))) WITH CHECK (( SELECT (roll.acting() = 'registrar'::text)));
CREATE POLICY only_registrar ON roll.head AS RESTRICTIVE TO roll_registrar USING (( SELECT (roll.acting() = 'registrar'::text))) WITH CHECK (( SELECT (roll.acting() = 'registrar'::text)));
CREATE POLICY only_registrar ON roll.lost AS RESTRICTIVE TO roll_registrar USING (( SELECT (roll.acting() = 'registrar'::text))) WITH CHECK (( SELECT (roll.acting() = 'registrar'::text)));
CREATE POLICY only_registrar ON roll.mail AS RESTRICTIVE TO roll_registrar USING (( SELECT (roll.acting() = 'registrar'::text))) WITH CHECK (( SELECT (roll.acting() = 'registrar'::text)));
CREATE POLICY only_registrar ON roll.operator AS RESTRICTIVE TO roll_registrar USING (( SELECT (roll.acting() = 'registrar'::text))) WITH CHECK (( SELECT (roll.acting() = 'registrar'::text)));
CREATE POLICY only_registrar ON roll.organisation AS RESTRICTIVE TO roll_registrar USING (( SELECT (roll.acting() = 'registrar'::text))) WITH CHECK (( SELECT (roll.acting() = 'registrar'::text)));
CREATE POLICY only_registrar ON roll.placed AS RESTRICTIVE TO roll_registrar USING (( SELECT (roll.acting() = 'registrar'::text))) WITH CHECK (( SELECT (roll.acting() = 'registrar'::text)));
CREATE POLICY only_registrar ON roll.published_figures AS RESTRICTIVE TO roll_registrar USING (( SELECT (roll.acting() = 'registrar'::text))) WITH CHECK (( SELECT (roll.acting() = 'registrar'::text)));
CREATE POLICY only_registrar ON roll.regular_work AS RESTRICTIVE TO roll_registrar USING (( SELECT (roll.acting() = 'registrar'::text))) WITH CHECK (( SELECT (roll.acting() = 'registrar'::text)));
CREATE POLICY only_registrar ON roll.request AS RESTRICTIVE TO roll_registrar USING (( SELECT (roll.acting() = 'registrar'::text))) WITH CHECK (( SELECT (roll.acting() = 'registrar'::text)));
CREATE POLICY only_registrar ON roll.rule_version AS RESTRICTIVE TO roll_registrar USING (( SELECT (roll.acting() = 'registrar'::text))) WITH CHECK (( SELECT (roll.acting() = 'registrar'::text)));
CREATE POLICY only_registrar ON roll.subscription AS RESTRICTIVE TO roll_registrar USING (( SELECT (roll.acting() = 'registrar'::text))) WITH CHECK (( SELECT (roll.acting() = 'registrar'::text)));
CREATE POLICY only_registrar ON roll.taken_file AS RESTRICTIVE TO roll_registrar USING (( SELECT (roll.acting() = 'registrar'::text))) WITH CHECK (( SELECT (roll.acting() = 'registrar'::text)));
CREATE POLICY only_registrar ON roll.tally AS RESTRICTIVE TO roll_registrar USING (( SELECT (roll.acting() = 'registrar'::text))) WITH CHECK (( SELECT (roll.acting() = 'registrar'::text)));
CREATE POLICY only_registrar ON roll.tile AS RESTRICTIVE TO roll_registrar USING (( SELECT (roll.acting() = 'registrar'::text))) WITH CHECK (( SELECT (roll.acting() = 'registrar'::text)));
CREATE POLICY only_sequencer ON roll.bundle AS RESTRICTIVE TO roll_sequencer USING (( SELECT (roll.acting() = 'sequencer'::text))) WITH CHECK (( SELECT (roll.acting() = 'sequencer'::text)));
CREATE POLICY only_sequencer ON roll.checkpoint AS RESTRICTIVE TO roll_sequencer USING (( SELECT (roll.acting() = 'sequencer'::text))) WITH CHECK (( SELECT (roll.acting() = 'sequencer'::text)));
CREATE POLICY only_sequencer ON roll.cosignature AS RESTRICTIVE TO roll_sequencer USING (( SELECT (roll.acting() = 'sequencer'::text))) WITH CHECK (( SELECT (roll.acting() = 'sequencer'::text)));
CREATE POLICY only_sequencer ON roll.deposit AS RESTRICTIVE TO roll_sequencer USING (( SELECT (roll.acting() = 'sequencer'::text))) WITH CHECK (( SELECT (roll.acting() = 'sequencer'::text)));
CREATE POLICY only_sequencer ON roll.ended_log AS RESTRICTIVE TO roll_sequencer USING (( SELECT (roll.acting() = 'sequencer'::text))) WITH CHECK (( SELECT (roll.acting() = 'sequencer'::text)));
CREATE POLICY only_sequencer ON roll.event AS RESTRICTIVE TO roll_sequencer USING (( SELECT (roll.acting() = 'sequencer'::text))) WITH CHECK (( SELECT (roll.acting() = 'sequencer'::text)));
CREATE POLICY only_sequencer ON roll.head AS RESTRICTIVE TO roll_sequencer USING (( SELECT (roll.acting() = 'sequencer'::text))) WITH CHECK (( SELECT (roll.acting() = 'sequencer'::text)));
CREATE POLICY only_sequencer ON roll.lost AS RESTRICTIVE TO roll_sequencer USING (( SELECT (roll.acting() = 'sequencer'::text))) WITH CHECK (( SELECT (roll.acting() = 'sequencer'::text)));
CREATE POLICY only_sequencer ON roll.placed AS RESTRICTIVE TO roll_sequencer USING (( SELECT (roll.acting() = 'sequencer'::text))) WITH CHECK (( SELECT (roll.acting() = 'sequencer'::text)));
CREATE POLICY only_sequencer ON roll.tally AS RESTRICTIVE TO roll_sequencer USING (( SELECT (roll.acting() = 'sequencer'::text))) WITH CHECK (( SELECT (roll.acting() = 'sequencer'::text)));
CREATE POLICY only_sequencer ON roll.tile AS RESTRICTIVE TO roll_sequencer USING (( SELECT (roll.acting() = 'sequencer'::text))) WITH CHECK (( SELECT (roll.acting() = 'sequencer'::text)));
CREATE POLICY only_subscriber ON roll.event AS RESTRICTIVE TO roll_subscriber USING (( SELECT (roll.acting() = 'subscriber'::text))) WITH CHECK (( SELECT (roll.acting() = 'subscriber'::text)));
CREATE POLICY only_subscriber ON roll.head AS RESTRICTIVE TO roll_subscriber USING (( SELECT (roll.acting() = 'subscriber'::text))) WITH CHECK (( SELECT (roll.acting() = 'subscriber'::text)));
CREATE POLICY only_subscriber ON roll.idempotency AS RESTRICTIVE TO roll_subscriber USING (( SELECT (roll.acting() = 'subscriber'::text))) WITH CHECK (( SELECT (roll.acting() = 'subscriber'::text)));
CREATE POLICY only_subscriber ON roll.mail AS RESTRICTIVE TO roll_subscriber USING (( SELECT (roll.acting() = 'subscriber'::text))) WITH CHECK (( SELECT (roll.acting() = 'subscriber'::text)));
CREATE POLICY only_subscriber ON roll.operator AS RESTRICTIVE TO roll_subscriber USING (( SELECT (roll.acting() = 'subscriber'::text))) WITH CHECK (( SELECT (roll.acting() = 'subscriber'::text)));
CREATE POLICY only_subscriber ON roll.organisation AS RESTRICTIVE TO roll_subscriber USING (( SELECT (roll.acting() = 'subscriber'::text))) WITH CHECK (( SELECT (roll.acting() = 'subscriber'::text)));
CREATE POLICY only_subscriber ON roll.regular_work AS RESTRICTIVE TO roll_subscriber USING (( SELECT (roll.acting() = 'subscriber'::text))) WITH CHECK (( SELECT (roll.acting() = 'subscriber'::text)));
CREATE POLICY only_subscriber ON roll.rule_version AS RESTRICTIVE TO roll_subscriber USING (( SELECT (roll.acting() = 'subscriber'::text))) WITH CHECK (( SELECT (roll.acting() = 'subscriber'::text)));
CREATE POLICY only_subscriber ON roll.subscription AS RESTRICTIVE TO roll_subscriber USING (( SELECT (roll.acting() = 'subscriber'::text))) WITH CHECK (( SELECT (roll.acting() = 'subscriber'::text)));
ALTER TABLE roll.operator ENABLE ROW LEVEL SECURITY;
CREATE POLICY operator_adds ON roll.event FOR INSERT TO roll_operator WITH CHECK (((organisation = ( SELECT roll.organisation() AS organisation)) AND (role = 'operator'::text) AND (name ~~ 'subscription.%'::text) AND (stream > 0) AND (stream <= ( SELECT roll.newest_number() AS newest_number)) AND ((version = 1) OR (NOT roll.is_foreign(stream)))));
CREATE POLICY operator_envelope ON roll.envelope FOR SELECT TO roll_operator USING ((EXISTS ( SELECT
   FROM roll.request r
  WHERE ((r.number = envelope.request) AND (((r.authority = ( SELECT roll.organisation() AS organisation)) AND ('authority'::text = ANY (envelope.readers)) AND (NOT (r.annulled AND (envelope.part = 'answer'::text)))) OR ((r.reviewer = ( SELECT roll.organisation() AS organisation)) AND ('reviewer'::text = ANY (envelope.readers))) OR ((r.operator = ( SELECT roll.organisation() AS organisation)) AND ('operator'::text = ANY (envelope.readers)) AND ('operator'::text = ANY (r.may_open))) OR ((r.objector = ( SELECT roll.organisation() AS organisation)) AND ('objector'::text = ANY (envelope.readers)) AND ('objector'::text = ANY (r.may_open))))))));
CREATE POLICY operator_file ON roll.taken_file TO roll_operator USING ((operator = ( SELECT roll.organisation() AS organisation))) WITH CHECK ((operator = ( SELECT roll.organisation() AS organisation)));
CREATE POLICY operator_idempotency ON roll.idempotency TO roll_operator USING ((organisation = ( SELECT roll.organisation() AS organisation))) WITH CHECK ((organisation = ( SELECT roll.organisation() AS organisation)));
CREATE POLICY operator_reads ON roll.event FOR SELECT TO roll_operator USING ((EXISTS ( SELECT
   FROM roll.subscription s
  WHERE ((s.number = event.stream) AND (s.operator = ( SELECT roll.organisation() AS organisation))))));
CREATE POLICY operator_request ON roll.request FOR SELECT TO roll_operator USING (((( SELECT roll.organisation() AS organisation) <> ''::text) AND ((((( SELECT roll.organisation() AS organisation) = authority) OR (( SELECT roll.organisation() AS organisation) = reviewer)) OR (( SELECT roll.organisation() AS organisation) = operator)) OR (( SELECT roll.organisation() AS organisation) = objector))));
CREATE POLICY operator_subscription ON roll.subscription TO roll_operator USING ((operator = ( SELECT roll.organisation() AS organisation))) WITH CHECK ((operator = ( SELECT roll.organisation() AS organisation)));
ALTER TABLE roll.organisation ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.passkey ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.person ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.placed ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.proposal ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.provider ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.published_figures ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.registered_use ENABLE ROW LEVEL SECURITY;
CREATE POLICY registrar_adds ON roll.event FOR INSERT TO roll_registrar WITH CHECK ((role <> ALL (ARRAY['operator'::text, 'subscriber'::text])));
CREATE POLICY registrar_file ON roll.taken_file FOR SELECT TO roll_registrar USING (true);
CREATE POLICY registrar_lapse ON roll.subscription FOR UPDATE TO roll_registrar USING (((standing = 'unconfirmed'::text) AND (ended IS NULL))) WITH CHECK (((standing = 'lapsed'::text) AND (ended IS NOT NULL)));
CREATE POLICY registrar_reads ON roll.event FOR SELECT TO roll_registrar USING (true);
CREATE POLICY registrar_sees ON roll.mail FOR SELECT TO roll_registrar USING (true);
CREATE POLICY registrar_settles ON roll.mail FOR UPDATE TO roll_registrar USING ((state = 'failed'::text)) WITH CHECK ((state = ANY (ARRAY['waiting'::text, 'failed'::text])));
CREATE POLICY registrar_subscription ON roll.subscription FOR SELECT TO roll_registrar USING (true);
ALTER TABLE roll.regular_work ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.request ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.rule_reading ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.rule_version ENABLE ROW LEVEL SECURITY;
CREATE POLICY sequencer_event ON roll.event FOR SELECT TO roll_sequencer USING (true);
ALTER TABLE roll.sequencer_round ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.session ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.sign_of_life ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.site ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.site_look ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.site_word ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.spent_puzzle ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.subject ENABLE ROW LEVEL SECURITY;
CREATE POLICY subscriber_adds ON roll.event FOR INSERT TO roll_subscriber WITH CHECK (((stream = ( SELECT roll.record() AS record)) AND (role = 'subscriber'::text) AND (name ~~ 'subscription.%'::text)));
CREATE POLICY subscriber_erase ON roll.event FOR UPDATE TO roll_subscriber USING ((stream = ( SELECT roll.record() AS record))) WITH CHECK ((stream = ( SELECT roll.record() AS record)));
CREATE POLICY subscriber_idempotency ON roll.idempotency TO roll_subscriber USING (((organisation = ''::text) AND (number = ( SELECT roll.record() AS record)))) WITH CHECK (((organisation = ''::text) AND (number = ( SELECT roll.record() AS record))));
CREATE POLICY subscriber_reads ON roll.event FOR SELECT TO roll_subscriber USING ((stream = ( SELECT roll.record() AS record)));
CREATE POLICY subscriber_subscription ON roll.subscription TO roll_subscriber USING ((number = ( SELECT roll.record() AS record))) WITH CHECK ((number = ( SELECT roll.record() AS record)));
ALTER TABLE roll.subscription ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.taken_file ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.tally ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.throttle ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.tile ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.token ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.upload ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.work ENABLE ROW LEVEL SECURITY;
GRANT USAGE ON SCHEMA roll TO roll_runtime;
GRANT USAGE ON SCHEMA roll TO roll_application;
GRANT USAGE ON SCHEMA roll TO roll_operator;
GRANT USAGE ON SCHEMA roll TO roll_subscriber;
GRANT USAGE ON SCHEMA roll TO roll_registrar;
GRANT USAGE ON SCHEMA roll TO roll_sequencer;
REVOKE ALL ON FUNCTION roll.acting() FROM PUBLIC;
GRANT ALL ON FUNCTION roll.acting() TO roll_application;
GRANT ALL ON FUNCTION roll.acting() TO roll_operator;
GRANT ALL ON FUNCTION roll.acting() TO roll_subscriber;
GRANT ALL ON FUNCTION roll.acting() TO roll_registrar;
GRANT ALL ON FUNCTION roll.acting() TO roll_sequencer;
REVOKE ALL ON FUNCTION roll.advance_numbers(last bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION roll.advance_numbers(last bigint) TO roll_application;
GRANT ALL ON FUNCTION roll.advance_numbers(last bigint) TO roll_operator;
GRANT ALL ON FUNCTION roll.advance_numbers(last bigint) TO roll_subscriber;
GRANT ALL ON FUNCTION roll.advance_numbers(last bigint) TO roll_registrar;
GRANT ALL ON FUNCTION roll.advance_numbers(last bigint) TO roll_sequencer;
REVOKE ALL ON FUNCTION roll.enqueue(what text, which text, whose text, why text, at timestamp with time zone, now timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION roll.enqueue(what text, which text, whose text, why text, at timestamp with time zone, now timestamp with time zone) TO roll_application;
GRANT ALL ON FUNCTION roll.enqueue(what text, which text, whose text, why text, at timestamp with time zone, now timestamp with time zone) TO roll_operator;
GRANT ALL ON FUNCTION roll.enqueue(what text, which text, whose text, why text, at timestamp with time zone, now timestamp with time zone) TO roll_subscriber;
GRANT ALL ON FUNCTION roll.enqueue(what text, which text, whose text, why text, at timestamp with time zone, now timestamp with time zone) TO roll_registrar;
GRANT ALL ON FUNCTION roll.enqueue(what text, which text, whose text, why text, at timestamp with time zone, now timestamp with time zone) TO roll_sequencer;
REVOKE ALL ON FUNCTION roll.forget_record() FROM PUBLIC;
GRANT ALL ON FUNCTION roll.forget_record() TO roll_subscriber;
GRANT ALL ON FUNCTION roll.forget_record() TO roll_application;
GRANT ALL ON FUNCTION roll.forget_record() TO roll_operator;
GRANT ALL ON FUNCTION roll.forget_record() TO roll_registrar;
GRANT ALL ON FUNCTION roll.forget_record() TO roll_sequencer;
REVOKE ALL ON FUNCTION roll.heirs_held(numbers bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION roll.heirs_held(numbers bigint[]) TO roll_application;
GRANT ALL ON FUNCTION roll.heirs_held(numbers bigint[]) TO roll_operator;
GRANT ALL ON FUNCTION roll.heirs_held(numbers bigint[]) TO roll_subscriber;
GRANT ALL ON FUNCTION roll.heirs_held(numbers bigint[]) TO roll_registrar;
GRANT ALL ON FUNCTION roll.heirs_held(numbers bigint[]) TO roll_sequencer;
REVOKE ALL ON FUNCTION roll.hold(what text) FROM PUBLIC;
GRANT ALL ON FUNCTION roll.hold(what text) TO roll_application;
GRANT ALL ON FUNCTION roll.hold(what text) TO roll_operator;
GRANT ALL ON FUNCTION roll.hold(what text) TO roll_subscriber;
GRANT ALL ON FUNCTION roll.hold(what text) TO roll_registrar;
GRANT ALL ON FUNCTION roll.hold(what text) TO roll_sequencer;
REVOKE ALL ON FUNCTION roll.is_foreign(asked bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION roll.is_foreign(asked bigint) TO roll_application;
GRANT ALL ON FUNCTION roll.is_foreign(asked bigint) TO roll_operator;
GRANT ALL ON FUNCTION roll.is_foreign(asked bigint) TO roll_subscriber;
GRANT ALL ON FUNCTION roll.is_foreign(asked bigint) TO roll_registrar;
GRANT ALL ON FUNCTION roll.is_foreign(asked bigint) TO roll_sequencer;
REVOKE ALL ON FUNCTION roll.left_handle_kept() FROM PUBLIC;
GRANT ALL ON FUNCTION roll.left_handle_kept() TO roll_application;
GRANT ALL ON FUNCTION roll.left_handle_kept() TO roll_operator;
GRANT ALL ON FUNCTION roll.left_handle_kept() TO roll_subscriber;
GRANT ALL ON FUNCTION roll.left_handle_kept() TO roll_registrar;
GRANT ALL ON FUNCTION roll.left_handle_kept() TO roll_sequencer;
REVOKE ALL ON FUNCTION roll.left_handles(whose text, asked text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION roll.left_handles(whose text, asked text[]) TO roll_application;
GRANT ALL ON FUNCTION roll.left_handles(whose text, asked text[]) TO roll_operator;
GRANT ALL ON FUNCTION roll.left_handles(whose text, asked text[]) TO roll_subscriber;
GRANT ALL ON FUNCTION roll.left_handles(whose text, asked text[]) TO roll_registrar;
GRANT ALL ON FUNCTION roll.left_handles(whose text, asked text[]) TO roll_sequencer;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.left_handle TO roll_application;
REVOKE ALL ON FUNCTION roll.left_handles_told(one bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION roll.left_handles_told(one bigint) TO roll_application;
GRANT ALL ON FUNCTION roll.left_handles_told(one bigint) TO roll_operator;
GRANT ALL ON FUNCTION roll.left_handles_told(one bigint) TO roll_subscriber;
GRANT ALL ON FUNCTION roll.left_handles_told(one bigint) TO roll_registrar;
GRANT ALL ON FUNCTION roll.left_handles_told(one bigint) TO roll_sequencer;
REVOKE ALL ON FUNCTION roll.log_horizon(seen pg_snapshot) FROM PUBLIC;
GRANT ALL ON FUNCTION roll.log_horizon(seen pg_snapshot) TO roll_application;
GRANT ALL ON FUNCTION roll.log_horizon(seen pg_snapshot) TO roll_operator;
GRANT ALL ON FUNCTION roll.log_horizon(seen pg_snapshot) TO roll_subscriber;
GRANT ALL ON FUNCTION roll.log_horizon(seen pg_snapshot) TO roll_registrar;
GRANT ALL ON FUNCTION roll.log_horizon(seen pg_snapshot) TO roll_sequencer;
REVOKE ALL ON FUNCTION roll.newest_number() FROM PUBLIC;
GRANT ALL ON FUNCTION roll.newest_number() TO roll_application;
GRANT ALL ON FUNCTION roll.newest_number() TO roll_operator;
GRANT ALL ON FUNCTION roll.newest_number() TO roll_subscriber;
GRANT ALL ON FUNCTION roll.newest_number() TO roll_registrar;
GRANT ALL ON FUNCTION roll.newest_number() TO roll_sequencer;
REVOKE ALL ON FUNCTION roll.only_erase() FROM PUBLIC;
GRANT ALL ON FUNCTION roll.only_erase() TO roll_application;
GRANT ALL ON FUNCTION roll.only_erase() TO roll_operator;
GRANT ALL ON FUNCTION roll.only_erase() TO roll_subscriber;
GRANT ALL ON FUNCTION roll.only_erase() TO roll_registrar;
GRANT ALL ON FUNCTION roll.only_erase() TO roll_sequencer;
REVOKE ALL ON FUNCTION roll.organisation() FROM PUBLIC;
GRANT ALL ON FUNCTION roll.organisation() TO roll_application;
GRANT ALL ON FUNCTION roll.organisation() TO roll_operator;
GRANT ALL ON FUNCTION roll.organisation() TO roll_subscriber;
GRANT ALL ON FUNCTION roll.organisation() TO roll_registrar;
GRANT ALL ON FUNCTION roll.organisation() TO roll_sequencer;
GRANT SELECT ON TABLE roll.placed TO roll_registrar;
GRANT SELECT,INSERT ON TABLE roll.placed TO roll_sequencer;
GRANT SELECT,INSERT ON TABLE roll.placed TO roll_application;
REVOKE ALL ON FUNCTION roll.place_in(run roll.placed, id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION roll.place_in(run roll.placed, id bigint) TO roll_application;
GRANT ALL ON FUNCTION roll.place_in(run roll.placed, id bigint) TO roll_operator;
GRANT ALL ON FUNCTION roll.place_in(run roll.placed, id bigint) TO roll_subscriber;
GRANT ALL ON FUNCTION roll.place_in(run roll.placed, id bigint) TO roll_registrar;
GRANT ALL ON FUNCTION roll.place_in(run roll.placed, id bigint) TO roll_sequencer;
REVOKE ALL ON FUNCTION roll.record() FROM PUBLIC;
GRANT ALL ON FUNCTION roll.record() TO roll_application;
GRANT ALL ON FUNCTION roll.record() TO roll_operator;
GRANT ALL ON FUNCTION roll.record() TO roll_subscriber;
GRANT ALL ON FUNCTION roll.record() TO roll_registrar;
GRANT ALL ON FUNCTION roll.record() TO roll_sequencer;
REVOKE ALL ON FUNCTION roll.refuse_ended_operator() FROM PUBLIC;
GRANT ALL ON FUNCTION roll.refuse_ended_operator() TO roll_application;
GRANT ALL ON FUNCTION roll.refuse_ended_operator() TO roll_operator;
GRANT ALL ON FUNCTION roll.refuse_ended_operator() TO roll_subscriber;
GRANT ALL ON FUNCTION roll.refuse_ended_operator() TO roll_registrar;
GRANT ALL ON FUNCTION roll.refuse_ended_operator() TO roll_sequencer;
REVOKE ALL ON FUNCTION roll.refuse_latecomer() FROM PUBLIC;
GRANT ALL ON FUNCTION roll.refuse_latecomer() TO roll_application;
GRANT ALL ON FUNCTION roll.refuse_latecomer() TO roll_operator;
GRANT ALL ON FUNCTION roll.refuse_latecomer() TO roll_subscriber;
GRANT ALL ON FUNCTION roll.refuse_latecomer() TO roll_registrar;
GRANT ALL ON FUNCTION roll.refuse_latecomer() TO roll_sequencer;
REVOKE ALL ON FUNCTION roll.refuse_left_handle() FROM PUBLIC;
GRANT ALL ON FUNCTION roll.refuse_left_handle() TO roll_application;
GRANT ALL ON FUNCTION roll.refuse_left_handle() TO roll_operator;
GRANT ALL ON FUNCTION roll.refuse_left_handle() TO roll_subscriber;
GRANT ALL ON FUNCTION roll.refuse_left_handle() TO roll_registrar;
GRANT ALL ON FUNCTION roll.refuse_left_handle() TO roll_sequencer;
REVOKE ALL ON FUNCTION roll.refuse_left_handle_again() FROM PUBLIC;
GRANT ALL ON FUNCTION roll.refuse_left_handle_again() TO roll_application;
GRANT ALL ON FUNCTION roll.refuse_left_handle_again() TO roll_operator;
GRANT ALL ON FUNCTION roll.refuse_left_handle_again() TO roll_subscriber;
GRANT ALL ON FUNCTION roll.refuse_left_handle_again() TO roll_registrar;
GRANT ALL ON FUNCTION roll.refuse_left_handle_again() TO roll_sequencer;
REVOKE ALL ON FUNCTION roll.refuse_rewriting() FROM PUBLIC;
GRANT ALL ON FUNCTION roll.refuse_rewriting() TO roll_application;
GRANT ALL ON FUNCTION roll.refuse_rewriting() TO roll_operator;
GRANT ALL ON FUNCTION roll.refuse_rewriting() TO roll_subscriber;
GRANT ALL ON FUNCTION roll.refuse_rewriting() TO roll_registrar;
GRANT ALL ON FUNCTION roll.refuse_rewriting() TO roll_sequencer;
REVOKE ALL ON FUNCTION roll.rules_known() FROM PUBLIC;
GRANT ALL ON FUNCTION roll.rules_known() TO roll_application;
GRANT ALL ON FUNCTION roll.rules_known() TO roll_operator;
GRANT ALL ON FUNCTION roll.rules_known() TO roll_subscriber;
GRANT ALL ON FUNCTION roll.rules_known() TO roll_registrar;
GRANT ALL ON FUNCTION roll.rules_known() TO roll_sequencer;
REVOKE ALL ON FUNCTION roll.writing(seen pg_snapshot) FROM PUBLIC;
GRANT ALL ON FUNCTION roll.writing(seen pg_snapshot) TO roll_application;
GRANT ALL ON FUNCTION roll.writing(seen pg_snapshot) TO roll_operator;
GRANT ALL ON FUNCTION roll.writing(seen pg_snapshot) TO roll_subscriber;
GRANT ALL ON FUNCTION roll.writing(seen pg_snapshot) TO roll_registrar;
GRANT ALL ON FUNCTION roll.writing(seen pg_snapshot) TO roll_sequencer;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.asked_address TO roll_application;
GRANT SELECT ON TABLE roll.bundle TO roll_registrar;
GRANT SELECT,INSERT,UPDATE ON TABLE roll.bundle TO roll_sequencer;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.bundle TO roll_application;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.ceremony TO roll_application;
GRANT SELECT ON TABLE roll.checkpoint TO roll_registrar;
GRANT SELECT,INSERT ON TABLE roll.checkpoint TO roll_sequencer;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.checkpoint TO roll_application;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.contact TO roll_application;
GRANT SELECT ON TABLE roll.cosignature TO roll_registrar;
GRANT SELECT,INSERT,UPDATE ON TABLE roll.cosignature TO roll_sequencer;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.cosignature TO roll_application;
GRANT SELECT,INSERT ON TABLE roll.daily_figures TO roll_registrar;
GRANT SELECT,INSERT ON TABLE roll.daily_figures TO roll_application;
GRANT SELECT ON TABLE roll.deposit TO roll_registrar;
GRANT SELECT ON TABLE roll.deposit TO roll_sequencer;
GRANT SELECT,INSERT ON TABLE roll.deposit TO roll_application;
GRANT SELECT ON SEQUENCE roll.deposit_id_seq TO roll_application;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.derived_salts TO roll_application;
GRANT SELECT ON TABLE roll.ended_log TO roll_registrar;
GRANT SELECT ON TABLE roll.ended_log TO roll_sequencer;
GRANT SELECT,INSERT ON TABLE roll.ended_log TO roll_application;
GRANT SELECT ON TABLE roll.envelope TO roll_operator;
GRANT SELECT,INSERT ON TABLE roll.envelope TO roll_application;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.envelope_key TO roll_application;
GRANT SELECT,INSERT ON TABLE roll.event TO roll_operator;
GRANT SELECT,INSERT ON TABLE roll.event TO roll_subscriber;
GRANT SELECT,INSERT ON TABLE roll.event TO roll_registrar;
GRANT SELECT ON TABLE roll.event TO roll_sequencer;
GRANT SELECT,INSERT ON TABLE roll.event TO roll_application;
GRANT UPDATE(organisation) ON TABLE roll.event TO roll_subscriber;
GRANT UPDATE(salt) ON TABLE roll.event TO roll_subscriber;
GRANT UPDATE(body) ON TABLE roll.event TO roll_subscriber;
GRANT UPDATE(actor_organisation) ON TABLE roll.event TO roll_subscriber;
GRANT SELECT ON SEQUENCE roll.event_id_seq TO roll_application;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.former_subject TO roll_application;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.grant_mark TO roll_application;
GRANT SELECT ON TABLE roll.head TO roll_registrar;
GRANT SELECT,INSERT ON TABLE roll.head TO roll_sequencer;
GRANT SELECT ON TABLE roll.head TO roll_operator;
GRANT SELECT ON TABLE roll.head TO roll_subscriber;
GRANT SELECT,INSERT ON TABLE roll.head TO roll_application;
GRANT SELECT,INSERT ON TABLE roll.idempotency TO roll_operator;
GRANT SELECT,INSERT ON TABLE roll.idempotency TO roll_subscriber;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.idempotency TO roll_application;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.invitation TO roll_application;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.lease TO roll_application;
GRANT SELECT ON TABLE roll.lost TO roll_registrar;
GRANT SELECT ON TABLE roll.lost TO roll_sequencer;
GRANT SELECT,INSERT ON TABLE roll.lost TO roll_application;
GRANT INSERT ON TABLE roll.mail TO roll_operator;
GRANT INSERT ON TABLE roll.mail TO roll_subscriber;
GRANT INSERT ON TABLE roll.mail TO roll_registrar;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.mail TO roll_application;
GRANT SELECT(id) ON TABLE roll.mail TO roll_registrar;
GRANT SELECT(template) ON TABLE roll.mail TO roll_registrar;
GRANT SELECT(lang) ON TABLE roll.mail TO roll_registrar;
GRANT UPDATE(address_sealed) ON TABLE roll.mail TO roll_registrar;
GRANT UPDATE(link_sealed) ON TABLE roll.mail TO roll_registrar;
GRANT SELECT(made) ON TABLE roll.mail TO roll_registrar;
GRANT SELECT(tries),UPDATE(tries) ON TABLE roll.mail TO roll_registrar;
GRANT SELECT(state),UPDATE(state) ON TABLE roll.mail TO roll_registrar;
GRANT SELECT(last_error),UPDATE(last_error) ON TABLE roll.mail TO roll_registrar;
GRANT SELECT(sent) ON TABLE roll.mail TO roll_registrar;
GRANT SELECT(given_up),UPDATE(given_up) ON TABLE roll.mail TO roll_registrar;
GRANT SELECT ON TABLE roll.migration TO roll_application;
GRANT SELECT ON TABLE roll.migration TO roll_runtime;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.mutex TO roll_application;
GRANT SELECT,INSERT ON TABLE roll.notice TO roll_application;
GRANT SELECT ON TABLE roll.operator TO roll_operator;
GRANT SELECT ON TABLE roll.operator TO roll_subscriber;
GRANT SELECT,INSERT ON TABLE roll.operator TO roll_registrar;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.operator TO roll_application;
GRANT SELECT ON TABLE roll.organisation TO roll_operator;
GRANT SELECT ON TABLE roll.organisation TO roll_subscriber;
GRANT SELECT,INSERT ON TABLE roll.organisation TO roll_registrar;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.organisation TO roll_application;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.passkey TO roll_application;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.person TO roll_application;
GRANT SELECT ON SEQUENCE roll.person_id_seq TO roll_application;
GRANT SELECT ON SEQUENCE roll.placing_floor TO roll_application;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.proposal TO roll_application;
GRANT SELECT ON SEQUENCE roll.proposal_id_seq TO roll_application;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.provider TO roll_application;
GRANT SELECT,INSERT ON TABLE roll.published_figures TO roll_registrar;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.published_figures TO roll_application;
GRANT SELECT ON SEQUENCE roll.record_number TO roll_application;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.registered_use TO roll_application;
GRANT SELECT ON TABLE roll.regular_work TO roll_operator;
GRANT SELECT ON TABLE roll.regular_work TO roll_subscriber;
GRANT SELECT ON TABLE roll.regular_work TO roll_registrar;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.regular_work TO roll_application;
GRANT SELECT ON TABLE roll.request TO roll_operator;
GRANT SELECT ON TABLE roll.request TO roll_registrar;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.request TO roll_application;
GRANT SELECT,INSERT ON TABLE roll.rule_reading TO roll_application;
GRANT SELECT ON TABLE roll.rule_version TO roll_operator;
GRANT SELECT ON TABLE roll.rule_version TO roll_subscriber;
GRANT SELECT,INSERT ON TABLE roll.rule_version TO roll_registrar;
GRANT SELECT,INSERT ON TABLE roll.rule_version TO roll_application;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.sequencer_round TO roll_application;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.session TO roll_application;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.sign_of_life TO roll_application;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.site TO roll_application;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.site_look TO roll_application;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.site_word TO roll_application;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.spent_puzzle TO roll_application;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.subject TO roll_application;
GRANT SELECT,INSERT,UPDATE ON TABLE roll.subscription TO roll_operator;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.subscription TO roll_subscriber;
GRANT SELECT ON TABLE roll.subscription TO roll_registrar;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.subscription TO roll_application;
GRANT UPDATE(ended) ON TABLE roll.subscription TO roll_registrar;
GRANT UPDATE(version) ON TABLE roll.subscription TO roll_registrar;
GRANT UPDATE(standing) ON TABLE roll.subscription TO roll_registrar;
GRANT SELECT ON TABLE roll.taken_file TO roll_operator;
GRANT SELECT ON TABLE roll.taken_file TO roll_registrar;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.taken_file TO roll_application;
GRANT SELECT ON SEQUENCE roll.taken_file_id_seq TO roll_application;
GRANT SELECT ON TABLE roll.tally TO roll_registrar;
GRANT SELECT,INSERT,UPDATE ON TABLE roll.tally TO roll_sequencer;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.tally TO roll_application;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.throttle TO roll_application;
GRANT SELECT ON TABLE roll.tile TO roll_registrar;
GRANT SELECT,INSERT,UPDATE ON TABLE roll.tile TO roll_sequencer;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.tile TO roll_application;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.token TO roll_application;
GRANT SELECT ON SEQUENCE roll.token_id_seq TO roll_application;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.upload TO roll_application;
GRANT SELECT ON SEQUENCE roll.upload_id_seq TO roll_application;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.work TO roll_application;
GRANT SELECT ON SEQUENCE roll.work_id_seq TO roll_application;
