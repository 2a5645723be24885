-- +goose Up

-- Values as columns of a type, out of the JSON of a property. What is not of the type is NULL, so
-- that a query does not fail of what a host sends.

CREATE FUNCTION cimwatch.text_of(value jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN jsonb_typeof(value) <> 'null' THEN value #>> '{}' END
$$;

CREATE FUNCTION cimwatch.number_of(value jsonb) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN jsonb_typeof(value) = 'number' THEN value::numeric END
$$;

CREATE FUNCTION cimwatch.integer_of(value jsonb) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN jsonb_typeof(value) = 'number' THEN
        CASE WHEN value::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN value::numeric::bigint END END
$$;

-- Reals write NaN and the infinities as texts (DSP0004).
CREATE FUNCTION cimwatch.real_of(value jsonb) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN jsonb_typeof(value) = 'number' THEN value::double precision
        WHEN value #>> '{}' = 'NaN' THEN 'NaN'::double precision
        WHEN value #>> '{}' = 'INF' THEN 'Infinity'::double precision
        WHEN value #>> '{}' = '-INF' THEN '-Infinity'::double precision END
$$;

CREATE FUNCTION cimwatch.boolean_of(value jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN jsonb_typeof(value) = 'boolean' THEN value::boolean END
$$;

-- A time of DSP0004, yyyymmddhhmmss.mmmmmmsutc, with the minutes to UTC; digits that are not
-- significant, "*", stand for the least.
-- +goose StatementBegin
CREATE FUNCTION cimwatch.time_of(value jsonb) RETURNS timestamptz LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    digits text := value #>> '{}';
    utc    timestamptz;
BEGIN
    IF digits IS NULL OR digits !~ '^[0-9]{4}[0-9*]{10}\.[0-9*]{6}[+-][0-9]{3}$' THEN
        RETURN NULL;
    END IF;
    utc := make_timestamptz(
        greatest(translate(substr(digits, 1, 4), '*', '0')::integer, 1),
        greatest(translate(substr(digits, 5, 2), '*', '0')::integer, 1),
        greatest(translate(substr(digits, 7, 2), '*', '0')::integer, 1),
        translate(substr(digits, 9, 2), '*', '0')::integer, translate(substr(digits, 11, 2), '*', '0')::integer,
        translate(substr(digits, 13, 9), '*', '0')::double precision, 'UTC');
    RETURN utc - make_interval(mins => substr(digits, 22, 4)::integer);
EXCEPTION WHEN data_exception THEN
    RETURN NULL; -- no such day
END
$$;
-- +goose StatementEnd

-- An interval of DSP0004, ddddddddhhmmss.mmmmmm:000.
CREATE FUNCTION cimwatch.interval_of(value jsonb) RETURNS interval LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN value #>> '{}' ~ '^[0-9]{8}[0-9*]{6}\.[0-9*]{6}:000$' THEN make_interval(
        days => substr(value #>> '{}', 1, 8)::integer,
        hours => translate(substr(value #>> '{}', 9, 2), '*', '0')::integer,
        mins => translate(substr(value #>> '{}', 11, 2), '*', '0')::integer,
        secs => translate(substr(value #>> '{}', 13, 9), '*', '0')::double precision) END
$$;

CREATE FUNCTION cimwatch.texts_of(value jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN jsonb_typeof(value) = 'array' THEN
        ARRAY(SELECT cimwatch.text_of(element) FROM jsonb_array_elements(value) WITH ORDINALITY AS e(element, n) ORDER BY n) END
$$;

CREATE FUNCTION cimwatch.numbers_of(value jsonb) RETURNS numeric[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN jsonb_typeof(value) = 'array' THEN
        ARRAY(SELECT cimwatch.number_of(element) FROM jsonb_array_elements(value) WITH ORDINALITY AS e(element, n) ORDER BY n) END
$$;

CREATE FUNCTION cimwatch.reals_of(value jsonb) RETURNS double precision[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN jsonb_typeof(value) = 'array' THEN
        ARRAY(SELECT cimwatch.real_of(element) FROM jsonb_array_elements(value) WITH ORDINALITY AS e(element, n) ORDER BY n) END
$$;

CREATE FUNCTION cimwatch.booleans_of(value jsonb) RETURNS boolean[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN jsonb_typeof(value) = 'array' THEN
        ARRAY(SELECT cimwatch.boolean_of(element) FROM jsonb_array_elements(value) WITH ORDINALITY AS e(element, n) ORDER BY n) END
$$;

-- For views of classes, see "cimwatch mof sql".
CREATE SCHEMA cimwatch_class;

CREATE VIEW cimwatch.hosts AS
    SELECT h.name AS host, h.url, h.subscription AS state, h.error AS detail, h.first_seen, h.last_sync, h.last_indication,
        (SELECT count(*) FROM cimwatch_data.components c WHERE c.host_key = h.host_key AND NOT c.is_removed) AS components
    FROM cimwatch_data.hosts h;

CREATE VIEW cimwatch.components AS
    SELECT host, id, class, kind, name, slot, vendor, model, part, serial, firmware, health, reason, since,
        reading, unit, first_seen, last_seen, read, properties
    FROM cimwatch_data.components
    WHERE NOT is_removed;

CREATE VIEW cimwatch.properties AS
    SELECT c.host, c.id, c.class, c.kind, c.name, p.key AS property, p.value,
        cimwatch.text_of(p.value) AS text, cimwatch.number_of(p.value) AS number
    FROM cimwatch_data.components c CROSS JOIN LATERAL jsonb_each(c.properties) p
    WHERE NOT c.is_removed;

CREATE VIEW cimwatch.relations AS
    SELECT c.host, c.id, c.kind, c.name, r.kind AS relation, o.id AS other_id, o.kind AS other_kind, o.name AS other_name
    FROM cimwatch_data.components c
        CROSS JOIN LATERAL jsonb_to_recordset(c.relations) AS r(kind text, id text)
        JOIN cimwatch_data.components o ON o.host_key = c.host_key AND o.id_key = convert_to(r.id, 'UTF8')
    WHERE NOT c.is_removed AND NOT o.is_removed;

CREATE VIEW cimwatch.changes AS
    SELECT number, "time", known, host, id, component, name, kind, property, old_value, new_value,
        cimwatch.text_of(old_value) AS old_text, cimwatch.text_of(new_value) AS new_text,
        severity, health, reason, class, entry
    FROM cimwatch_data.changes;

CREATE VIEW cimwatch.alarms AS
    SELECT c.host, c.id, c.kind, c.name, a.severity, a.text, a.since, a.last, a.count, a.key, a.reason, a.class, a.entry
    FROM cimwatch_data.conditions a JOIN cimwatch_data.components c USING (host_key, id_key)
    WHERE a.open AND NOT c.is_removed;

CREATE VIEW cimwatch.journal AS
    SELECT generation, number, received, "time", host, remote, path, class, sequence_context, sequence_number, late, decoded, kind,
        severity, action, condition, condition_text, element, description
    FROM cimwatch_data.journal_index;

-- +goose Down
DROP SCHEMA cimwatch_class CASCADE;
DROP VIEW cimwatch.journal, cimwatch.alarms, cimwatch.changes, cimwatch.relations, cimwatch.properties, cimwatch.components, cimwatch.hosts;
DROP FUNCTION cimwatch.booleans_of, cimwatch.reals_of, cimwatch.numbers_of, cimwatch.texts_of, cimwatch.interval_of, cimwatch.time_of,
    cimwatch.boolean_of, cimwatch.real_of, cimwatch.integer_of, cimwatch.number_of, cimwatch.text_of;
