CREATE SCHEMA roll;
CREATE FUNCTION roll.only_erase() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
declare emptied event;
begin
    emptied := old;
    emptied.body := '';
    emptied.salt := decode(repeat('00', 32), 'hex');
    if new is distinct from emptied or not exists (
        select from event e where e.stream = old.stream and e.version > old.version and e.name = 'subscription.erased/1'
    ) then
        raise exception 'update on event is refused: facts are only ever added' using errcode = 'OR001';
    end if;
    return new;
end $$;
CREATE FUNCTION roll.organisation() RETURNS text
    LANGUAGE sql STABLE
    RETURN current_setting('openroll.organisation'::text, true);
CREATE FUNCTION roll.record() RETURNS bigint
    LANGUAGE sql STABLE
    RETURN (NULLIF(current_setting('openroll.record'::text, true), ''::text))::bigint;
CREATE FUNCTION roll.refuse_rewriting() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    raise exception '% on % is refused: facts are only ever added', tg_op, tg_table_name using errcode = 'OR001';
end $$;
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
CREATE TABLE roll.cosignature (
    name text NOT NULL,
    key_id bytea NOT NULL,
    size bigint NOT NULL,
    signature bytea NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT cosignature_key_id_check CHECK ((octet_length(key_id) = 4)),
    CONSTRAINT cosignature_size_check CHECK ((size >= 0))
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
CREATE TABLE roll.ended_log (
    number integer NOT NULL,
    origin text NOT NULL,
    size bigint NOT NULL,
    note bytea NOT NULL,
    keys text NOT NULL,
    ended timestamp with time zone NOT NULL,
    CONSTRAINT ended_log_number_check CHECK ((number > 0))
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
    key text NOT NULL,
    request bytea NOT NULL,
    number bigint NOT NULL,
    version integer NOT NULL
);
CREATE TABLE roll.invitation (
    hash bytea NOT NULL,
    organisation text NOT NULL,
    role text NOT NULL,
    label text NOT NULL,
    issued timestamp with time zone NOT NULL,
    expires timestamp with time zone NOT NULL,
    used timestamp with time zone,
    revoked timestamp with time zone
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
    due timestamp with time zone NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    last_error text,
    sent timestamp with time zone,
    given_up timestamp with time zone,
    CONSTRAINT address_only_while_waiting CHECK (((state = 'waiting'::text) = (address_sealed IS NOT NULL))),
    CONSTRAINT link_gone_at_the_end CHECK (((link_sealed IS NULL) OR ((state <> 'sent'::text) AND (given_up IS NULL)))),
    CONSTRAINT mail_check CHECK (((state = 'sent'::text) = (sent IS NOT NULL))),
    CONSTRAINT mail_check1 CHECK (((given_up IS NULL) OR (state = 'failed'::text))),
    CONSTRAINT mail_lang_check CHECK ((lang = ANY (ARRAY['zh'::text, 'en'::text]))),
    CONSTRAINT mail_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'sent'::text, 'failed'::text])))
);
CREATE TABLE roll.migration (
    version_num character varying(32) NOT NULL
);
CREATE TABLE roll.operator (
    name text NOT NULL,
    number bigint NOT NULL,
    title_zh text NOT NULL,
    title_en text NOT NULL,
    kind text NOT NULL,
    admitted date NOT NULL
);
CREATE TABLE roll.organisation (
    name text NOT NULL,
    number bigint NOT NULL,
    kind text NOT NULL,
    title_zh text NOT NULL,
    title_en text NOT NULL,
    admitted date NOT NULL,
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
CREATE TABLE roll.placed (
    "position" bigint NOT NULL,
    event bigint NOT NULL,
    count integer NOT NULL,
    CONSTRAINT placed_count_check CHECK ((count > 0))
);
CREATE TABLE roll.proposal (
    id bigint NOT NULL,
    ref text NOT NULL,
    digest text NOT NULL,
    rule text NOT NULL,
    starts date NOT NULL,
    seat integer NOT NULL,
    proposed timestamp with time zone NOT NULL,
    decided timestamp with time zone,
    published boolean
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
    client_secret text NOT NULL
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
CREATE TABLE roll.rule_version (
    ref text NOT NULL,
    digest text NOT NULL,
    rule text NOT NULL,
    since timestamp with time zone NOT NULL,
    starts date DEFAULT '0001-01-01'::date NOT NULL
);
CREATE TABLE roll.session (
    hash bytea NOT NULL,
    person bigint,
    record bigint,
    begun timestamp with time zone NOT NULL,
    seen timestamp with time zone NOT NULL,
    ended timestamp with time zone,
    CONSTRAINT session_check CHECK (((person IS NULL) OR (record IS NULL)))
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
    held boolean DEFAULT false NOT NULL
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
    replaces bigint
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
CREATE TABLE roll.work (
    id bigint NOT NULL,
    kind text NOT NULL,
    about text NOT NULL,
    made timestamp with time zone NOT NULL,
    due date NOT NULL,
    owner bigint,
    ended timestamp with time zone,
    outcome text DEFAULT ''::text NOT NULL
);
ALTER TABLE roll.work ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME roll.work_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE ONLY roll.bundle
    ADD CONSTRAINT bundle_pkey PRIMARY KEY (index);
ALTER TABLE ONLY roll.ceremony
    ADD CONSTRAINT ceremony_pkey PRIMARY KEY (hash);
ALTER TABLE ONLY roll.checkpoint
    ADD CONSTRAINT checkpoint_pkey PRIMARY KEY (size);
ALTER TABLE ONLY roll.cosignature
    ADD CONSTRAINT cosignature_pkey PRIMARY KEY (name, key_id);
ALTER TABLE ONLY roll.deposit
    ADD CONSTRAINT deposit_pkey PRIMARY KEY (id);
ALTER TABLE ONLY roll.ended_log
    ADD CONSTRAINT ended_log_origin_key UNIQUE (origin);
ALTER TABLE ONLY roll.ended_log
    ADD CONSTRAINT ended_log_pkey PRIMARY KEY (number);
ALTER TABLE ONLY roll.event
    ADD CONSTRAINT event_pkey PRIMARY KEY (stream, version);
ALTER TABLE ONLY roll.head
    ADD CONSTRAINT head_pkey PRIMARY KEY (size);
ALTER TABLE ONLY roll.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (organisation, key);
ALTER TABLE ONLY roll.invitation
    ADD CONSTRAINT invitation_pkey PRIMARY KEY (hash);
ALTER TABLE ONLY roll.lost
    ADD CONSTRAINT lost_pkey PRIMARY KEY ("position");
ALTER TABLE ONLY roll.mail
    ADD CONSTRAINT mail_pkey PRIMARY KEY (id);
ALTER TABLE ONLY roll.migration
    ADD CONSTRAINT migration_pkc PRIMARY KEY (version_num);
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
ALTER TABLE ONLY roll.rule_version
    ADD CONSTRAINT rule_version_pkey PRIMARY KEY (digest, starts);
ALTER TABLE ONLY roll.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (hash);
ALTER TABLE ONLY roll.subject
    ADD CONSTRAINT subject_pkey PRIMARY KEY (issuer, subject);
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
    ADD CONSTRAINT work_kind_about_key UNIQUE (kind, about);
ALTER TABLE ONLY roll.work
    ADD CONSTRAINT work_pkey PRIMARY KEY (id);
CREATE INDEX event_official ON roll.event USING btree (id) WHERE (role = 'registrar'::text);
CREATE UNIQUE INDEX event_order ON roll.event USING btree (xid, id);
CREATE INDEX mail_due ON roll.mail USING btree (due) WHERE (state = 'waiting'::text);
CREATE INDEX mail_failed ON roll.mail USING btree (made) WHERE ((state = 'failed'::text) AND (given_up IS NULL));
CREATE INDEX passkey_person ON roll.passkey USING btree (person) WHERE (ended IS NULL);
CREATE INDEX passkey_record ON roll.passkey USING btree (record) WHERE (ended IS NULL);
CREATE INDEX session_person ON roll.session USING btree (person) WHERE (ended IS NULL);
CREATE INDEX session_record ON roll.session USING btree (record) WHERE (ended IS NULL);
CREATE INDEX upload_kept ON roll.upload USING btree (operator) WHERE (gone IS NULL);
CREATE INDEX upload_operator ON roll.upload USING btree (operator, id);
CREATE INDEX upload_waiting ON roll.upload USING btree (id) WHERE (state = ANY (ARRAY['waiting'::text, 'working'::text]));
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON roll.deposit FOR EACH STATEMENT EXECUTE FUNCTION roll.refuse_rewriting();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON roll.ended_log FOR EACH STATEMENT EXECUTE FUNCTION roll.refuse_rewriting();
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON roll.event FOR EACH STATEMENT EXECUTE FUNCTION roll.refuse_rewriting();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON roll.head FOR EACH STATEMENT EXECUTE FUNCTION roll.refuse_rewriting();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON roll.lost FOR EACH STATEMENT EXECUTE FUNCTION roll.refuse_rewriting();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON roll.placed FOR EACH STATEMENT EXECUTE FUNCTION roll.refuse_rewriting();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON roll.rule_version FOR EACH STATEMENT EXECUTE FUNCTION roll.refuse_rewriting();
CREATE TRIGGER only_erased BEFORE UPDATE ON roll.event FOR EACH ROW EXECUTE FUNCTION roll.only_erase();
ALTER TABLE ONLY roll.passkey
    ADD CONSTRAINT passkey_person_fkey FOREIGN KEY (person) REFERENCES roll.person(id);
ALTER TABLE ONLY roll.session
    ADD CONSTRAINT session_person_fkey FOREIGN KEY (person) REFERENCES roll.person(id);
ALTER TABLE ONLY roll.subject
    ADD CONSTRAINT subject_person_fkey FOREIGN KEY (person) REFERENCES roll.person(id);
ALTER TABLE ONLY roll.token
    ADD CONSTRAINT token_replaces_fkey FOREIGN KEY (replaces) REFERENCES roll.token(id);
ALTER TABLE ONLY roll.work
    ADD CONSTRAINT work_owner_fkey FOREIGN KEY (owner) REFERENCES roll.person(id);
ALTER TABLE roll.event ENABLE ROW LEVEL SECURITY;
CREATE POLICY hand_in ON roll.mail FOR INSERT TO openroll_operator, openroll_subscriber, openroll_registrar WITH CHECK ((state = 'waiting'::text));
ALTER TABLE roll.idempotency ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.mail ENABLE ROW LEVEL SECURITY;
CREATE POLICY operator_event ON roll.event TO openroll_operator USING ((organisation = ( SELECT roll.organisation() AS organisation))) WITH CHECK ((organisation = ( SELECT roll.organisation() AS organisation)));
CREATE POLICY operator_file ON roll.taken_file TO openroll_operator USING ((operator = ( SELECT roll.organisation() AS organisation))) WITH CHECK ((operator = ( SELECT roll.organisation() AS organisation)));
CREATE POLICY operator_idempotency ON roll.idempotency TO openroll_operator USING ((organisation = ( SELECT roll.organisation() AS organisation))) WITH CHECK ((organisation = ( SELECT roll.organisation() AS organisation)));
CREATE POLICY operator_subscription ON roll.subscription TO openroll_operator USING ((operator = ( SELECT roll.organisation() AS organisation))) WITH CHECK ((operator = ( SELECT roll.organisation() AS organisation)));
CREATE POLICY registrar_event ON roll.event TO openroll_registrar USING (true) WITH CHECK ((role = 'registrar'::text));
CREATE POLICY registrar_file ON roll.taken_file FOR SELECT TO openroll_registrar USING (true);
CREATE POLICY registrar_sees ON roll.mail FOR SELECT TO openroll_registrar USING (true);
CREATE POLICY registrar_settles ON roll.mail FOR UPDATE TO openroll_registrar USING ((state = 'failed'::text)) WITH CHECK ((state = ANY (ARRAY['waiting'::text, 'failed'::text])));
CREATE POLICY registrar_subscription ON roll.subscription FOR SELECT TO openroll_registrar USING (true);
CREATE POLICY sequencer_event ON roll.event FOR SELECT TO openroll_sequencer USING (true);
CREATE POLICY subscriber_erase ON roll.event FOR UPDATE TO openroll_subscriber USING ((stream = ( SELECT roll.record() AS record))) WITH CHECK ((stream = ( SELECT roll.record() AS record)));
CREATE POLICY subscriber_event ON roll.event TO openroll_subscriber USING ((stream = ( SELECT roll.record() AS record))) WITH CHECK (((stream = ( SELECT roll.record() AS record)) AND (role = 'subscriber'::text)));
CREATE POLICY subscriber_idempotency ON roll.idempotency TO openroll_subscriber USING (((organisation = ''::text) AND (number = ( SELECT roll.record() AS record)))) WITH CHECK (((organisation = ''::text) AND (number = ( SELECT roll.record() AS record))));
CREATE POLICY subscriber_subscription ON roll.subscription TO openroll_subscriber USING ((number = ( SELECT roll.record() AS record))) WITH CHECK ((number = ( SELECT roll.record() AS record)));
ALTER TABLE roll.subscription ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll.taken_file ENABLE ROW LEVEL SECURITY;
GRANT USAGE ON SCHEMA roll TO openroll_operator;
GRANT USAGE ON SCHEMA roll TO openroll_subscriber;
GRANT USAGE ON SCHEMA roll TO openroll_registrar;
GRANT USAGE ON SCHEMA roll TO openroll_sequencer;
GRANT SELECT ON TABLE roll.bundle TO openroll_registrar;
GRANT SELECT,INSERT,UPDATE ON TABLE roll.bundle TO openroll_sequencer;
GRANT SELECT ON TABLE roll.checkpoint TO openroll_registrar;
GRANT SELECT,INSERT ON TABLE roll.checkpoint TO openroll_sequencer;
GRANT SELECT ON TABLE roll.cosignature TO openroll_registrar;
GRANT SELECT,INSERT,UPDATE ON TABLE roll.cosignature TO openroll_sequencer;
GRANT SELECT ON TABLE roll.deposit TO openroll_registrar;
GRANT SELECT ON TABLE roll.deposit TO openroll_sequencer;
GRANT SELECT ON TABLE roll.ended_log TO openroll_registrar;
GRANT SELECT ON TABLE roll.ended_log TO openroll_sequencer;
GRANT SELECT,INSERT ON TABLE roll.event TO openroll_operator;
GRANT SELECT,INSERT ON TABLE roll.event TO openroll_subscriber;
GRANT SELECT,INSERT ON TABLE roll.event TO openroll_registrar;
GRANT SELECT ON TABLE roll.event TO openroll_sequencer;
GRANT UPDATE(salt) ON TABLE roll.event TO openroll_subscriber;
GRANT UPDATE(body) ON TABLE roll.event TO openroll_subscriber;
GRANT SELECT ON TABLE roll.head TO openroll_registrar;
GRANT SELECT,INSERT ON TABLE roll.head TO openroll_sequencer;
GRANT SELECT,INSERT ON TABLE roll.idempotency TO openroll_operator;
GRANT SELECT,INSERT,DELETE ON TABLE roll.idempotency TO openroll_subscriber;
GRANT SELECT ON TABLE roll.lost TO openroll_registrar;
GRANT SELECT ON TABLE roll.lost TO openroll_sequencer;
GRANT INSERT ON TABLE roll.mail TO openroll_operator;
GRANT INSERT ON TABLE roll.mail TO openroll_subscriber;
GRANT INSERT ON TABLE roll.mail TO openroll_registrar;
GRANT SELECT(id) ON TABLE roll.mail TO openroll_registrar;
GRANT SELECT(template) ON TABLE roll.mail TO openroll_registrar;
GRANT SELECT(lang) ON TABLE roll.mail TO openroll_registrar;
GRANT UPDATE(address_sealed) ON TABLE roll.mail TO openroll_registrar;
GRANT UPDATE(link_sealed) ON TABLE roll.mail TO openroll_registrar;
GRANT SELECT(made) ON TABLE roll.mail TO openroll_registrar;
GRANT SELECT(due),UPDATE(due) ON TABLE roll.mail TO openroll_registrar;
GRANT SELECT(tries),UPDATE(tries) ON TABLE roll.mail TO openroll_registrar;
GRANT SELECT(state),UPDATE(state) ON TABLE roll.mail TO openroll_registrar;
GRANT SELECT(last_error),UPDATE(last_error) ON TABLE roll.mail TO openroll_registrar;
GRANT SELECT(sent) ON TABLE roll.mail TO openroll_registrar;
GRANT SELECT(given_up),UPDATE(given_up) ON TABLE roll.mail TO openroll_registrar;
GRANT SELECT ON TABLE roll.operator TO openroll_operator;
GRANT SELECT ON TABLE roll.operator TO openroll_subscriber;
GRANT SELECT,INSERT ON TABLE roll.operator TO openroll_registrar;
GRANT SELECT ON TABLE roll.organisation TO openroll_operator;
GRANT SELECT ON TABLE roll.organisation TO openroll_subscriber;
GRANT SELECT,INSERT ON TABLE roll.organisation TO openroll_registrar;
GRANT SELECT ON TABLE roll.placed TO openroll_registrar;
GRANT SELECT,INSERT ON TABLE roll.placed TO openroll_sequencer;
GRANT SELECT,INSERT ON TABLE roll.published_figures TO openroll_registrar;
GRANT USAGE ON SEQUENCE roll.record_number TO openroll_operator;
GRANT USAGE ON SEQUENCE roll.record_number TO openroll_subscriber;
GRANT USAGE ON SEQUENCE roll.record_number TO openroll_registrar;
GRANT SELECT ON TABLE roll.rule_version TO openroll_operator;
GRANT SELECT ON TABLE roll.rule_version TO openroll_subscriber;
GRANT SELECT,INSERT ON TABLE roll.rule_version TO openroll_registrar;
GRANT SELECT,INSERT,UPDATE ON TABLE roll.subscription TO openroll_operator;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE roll.subscription TO openroll_subscriber;
GRANT SELECT ON TABLE roll.subscription TO openroll_registrar;
GRANT SELECT ON TABLE roll.taken_file TO openroll_operator;
GRANT SELECT ON TABLE roll.taken_file TO openroll_registrar;
GRANT SELECT ON TABLE roll.tally TO openroll_registrar;
GRANT SELECT,INSERT,UPDATE ON TABLE roll.tally TO openroll_sequencer;
GRANT SELECT ON TABLE roll.tile TO openroll_registrar;
GRANT SELECT,INSERT,UPDATE ON TABLE roll.tile TO openroll_sequencer;
GRANT SELECT ON TABLE roll.token TO openroll_operator;
