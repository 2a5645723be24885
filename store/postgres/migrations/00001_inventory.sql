-- +goose Up

-- What cimwatch keeps is in the tables of cimwatch_data; the views of cimwatch are for people.
-- A "record" is the whole of a row, without loss, in the encoding of package store; the other
-- columns are what of it can be asked for. Keys are bytes, since PostgreSQL's texts cannot hold
-- all that a name can; the texts beside them show U+2400 for NUL and U+FFFD for what is not UTF-8.

CREATE SCHEMA cimwatch;

CREATE TABLE cimwatch_data.state (
    only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    last_write bigint  NOT NULL, -- the random number of the last transaction
    journal    bytea   NOT NULL, -- which journal is taken in
    generation integer NOT NULL  -- how many journals were, or states of one
);
INSERT INTO cimwatch_data.state (last_write, journal, generation) VALUES (0, '', 0);

CREATE TABLE cimwatch_data.hosts (
    host_key        bytea PRIMARY KEY,
    name            text NOT NULL,
    url             text NOT NULL,
    interop         text NOT NULL,
    subscription    text NOT NULL,
    error           text NOT NULL,
    first_seen      timestamptz,
    last_sync       timestamptz,
    last_indication timestamptz,
    record          bytea NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE cimwatch_data.components (
    host_key   bytea NOT NULL,
    id_key     bytea NOT NULL,
    host       text NOT NULL,
    id         text NOT NULL,
    class      text NOT NULL,
    kind       text NOT NULL,
    name       text NOT NULL,
    slot       text NOT NULL,
    vendor     text NOT NULL,
    model      text NOT NULL,
    part       text NOT NULL,
    serial     text NOT NULL,
    firmware   text NOT NULL,
    health     text NOT NULL,
    reason     text NOT NULL,
    since      timestamptz,
    first_seen timestamptz,
    last_seen  timestamptz,
    removed    timestamptz,
    is_removed boolean NOT NULL,
    read       timestamptz,
    reading    double precision,
    unit       text,
    properties jsonb NOT NULL,
    relations  jsonb NOT NULL,
    record     bytea NOT NULL,
    PRIMARY KEY (host_key, id_key)
) WITH (fillfactor = 80);
CREATE INDEX components_host ON cimwatch_data.components (host);
CREATE INDEX components_kind ON cimwatch_data.components (kind, health) WHERE NOT is_removed;
-- Hashes, for texts of any length.
CREATE INDEX components_class ON cimwatch_data.components USING hash (lower(class));
CREATE INDEX components_serial ON cimwatch_data.components USING hash (serial);

CREATE TABLE cimwatch_data.conditions (
    host_key bytea NOT NULL,
    id_key   bytea NOT NULL,
    place    integer NOT NULL, -- among those of the component
    open     boolean NOT NULL,
    key      text NOT NULL,
    text     text NOT NULL,
    severity text NOT NULL,
    since    timestamptz,
    last     timestamptz,
    count    integer NOT NULL,
    ended    timestamptz,
    reason   text NOT NULL,
    class    text NOT NULL,
    entry    bigint,
    PRIMARY KEY (host_key, id_key, place)
);
CREATE INDEX conditions_open ON cimwatch_data.conditions (since) WHERE open;

CREATE TABLE cimwatch_data.changes (
    host_key  bytea NOT NULL,
    number    bigint NOT NULL, -- in the order of taking in
    id_key    bytea NOT NULL,
    host      text NOT NULL,
    id        text NOT NULL,
    component text NOT NULL, -- its kind
    name      text NOT NULL,
    "time"    timestamptz,
    known     timestamptz,
    kind      text NOT NULL,
    property  text NOT NULL,
    old_value jsonb,
    new_value jsonb,
    severity  text,
    health    text NOT NULL,
    reason    text NOT NULL,
    class     text NOT NULL,
    entry     bigint,
    record    bytea NOT NULL,
    PRIMARY KEY (host_key, number)
);
CREATE INDEX changes_component ON cimwatch_data.changes (host_key, id_key, number);
CREATE INDEX changes_number ON cimwatch_data.changes (number);
CREATE INDEX changes_time ON cimwatch_data.changes ("time");
CREATE INDEX changes_host ON cimwatch_data.changes (host, "time");

CREATE TABLE cimwatch_data.cursors (
    consumer_key bytea PRIMARY KEY,
    consumer     text NOT NULL,
    number       bigint NOT NULL
);

CREATE TABLE cimwatch_data.journal_index (
    generation       integer NOT NULL,
    number           bigint NOT NULL,
    received         timestamptz,
    remote           text NOT NULL,
    path             text NOT NULL,
    host             text NOT NULL,
    class            text NOT NULL,
    sequence_context text,
    sequence_number  bigint,
    late             boolean NOT NULL,
    decoded          boolean NOT NULL,
    "time"           timestamptz,
    kind             text,
    severity         text,
    action           text,
    condition        text,
    condition_text   text,
    element          text,
    description      text,
    PRIMARY KEY (generation, number)
);
CREATE INDEX journal_index_received ON cimwatch_data.journal_index (received);
CREATE INDEX journal_index_host ON cimwatch_data.journal_index (host, number);

-- +goose Down
DROP SCHEMA cimwatch CASCADE;
DROP TABLE cimwatch_data.journal_index, cimwatch_data.cursors, cimwatch_data.changes, cimwatch_data.conditions,
    cimwatch_data.components, cimwatch_data.hosts, cimwatch_data.state;
