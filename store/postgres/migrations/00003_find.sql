-- +goose Up

-- A number that double precision has no value for is NULL, too.
CREATE OR REPLACE FUNCTION cimwatch.real_of(value jsonb) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN jsonb_typeof(value) = 'number' THEN
            CASE WHEN value::numeric = 0 OR abs(value::numeric) BETWEEN 5e-324 AND 1.7976931348623157e308 THEN value::double precision END
        WHEN value #>> '{}' = 'NaN' THEN 'NaN'::double precision
        WHEN value #>> '{}' = 'INF' THEN 'Infinity'::double precision
        WHEN value #>> '{}' = '-INF' THEN '-Infinity'::double precision END
$$;

-- In lower case as far as that is ASCII. Of all other letters these two alone have one of ASCII.
CREATE FUNCTION cimwatch_data.folded(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT lower(translate(value, 'Kİ', 'ki') COLLATE "C")
$$;

CREATE INDEX components_folded_serial ON cimwatch_data.components USING hash (cimwatch_data.folded(serial));

-- +goose Down
DROP INDEX cimwatch_data.components_folded_serial;
DROP FUNCTION cimwatch_data.folded;
