-- Who signed that they read the words of a rule, which no check can judge: the rule by its SHA-256 and its name, its words by theirs.
create table rule_reading (
    digest text not null,
    words text not null,
    name text not null,
    organisation text not null,
    seat integer not null,
    role text not null,
    at timestamptz not null,
    primary key (digest, words, organisation, seat)
);
create trigger append_only before update or delete or truncate on rule_reading
    for each statement execute function refuse_rewriting();
