CREATE SCHEMA IF NOT EXISTS cimwatch_class;

DROP VIEW IF EXISTS cimwatch_class."LAB_SpecialFan";
CREATE VIEW cimwatch_class."LAB_SpecialFan" AS SELECT
    c.host, c.id, c.class, c.kind, c.name, c.health,
    cimwatch.text_of(c.properties -> 'Name') AS "Name",
    cimwatch.integer_of(c.properties -> 'State') AS "State",
    cimwatch.boolean_of(c.properties -> 'B') AS "B",
    cimwatch.text_of(c.properties -> 'S') AS "S",
    cimwatch.text_of(c.properties -> 'C') AS "C",
    cimwatch.integer_of(c.properties -> 'U8') AS "U8",
    cimwatch.integer_of(c.properties -> 'U32') AS "U32",
    cimwatch.number_of(c.properties -> 'U64') AS "U64",
    cimwatch.integer_of(c.properties -> 'S8') AS "S8",
    cimwatch.number_of(c.properties -> 'S64') AS "S64",
    cimwatch.real_of(c.properties -> 'R32') AS "R32",
    cimwatch.real_of(c.properties -> 'R64') AS "R64",
    cimwatch.time_of(c.properties -> 'D') AS "D",
    cimwatch.interval_of(c.properties -> 'D') AS "D_interval",
    cimwatch.booleans_of(c.properties -> 'BArray') AS "BArray",
    cimwatch.texts_of(c.properties -> 'SArray') AS "SArray",
    cimwatch.numbers_of(c.properties -> 'U64Array') AS "U64Array",
    cimwatch.numbers_of(c.properties -> 'S32Array') AS "S32Array",
    cimwatch.reals_of(c.properties -> 'R64Array') AS "R64Array",
    cimwatch.texts_of(c.properties -> 'DArray') AS "DArray",
    nullif(c.properties -> 'Part', 'null') AS "Part",
    nullif(c.properties -> 'Parts', 'null') AS "Parts",
    cimwatch.text_of(c.properties -> 'id') AS "id_2",
    cimwatch.text_of(c.properties -> 'select') AS "select",
    cimwatch.text_of(c.properties -> 'D_interval') AS "D_interval_2",
    cimwatch.text_of(c.properties -> 'AVeryLongNameOfAPropertyThatGoesOnAndOnUntilNoDatabaseCanTakeItAnyMore1') AS "AVeryLongNameOfAPropertyThatGoesOnAndOnUntilNoDatabaseCanTakeIt",
    cimwatch.text_of(c.properties -> 'AVeryLongNameOfAPropertyThatGoesOnAndOnUntilNoDatabaseCanTakeItAnyMore2') AS "AVeryLongNameOfAPropertyThatGoesOnAndOnUntilNoDatabaseCanTake_2",
    cimwatch.integer_of(c.properties -> 'Blades') AS "Blades"
FROM cimwatch_data.components c
WHERE NOT c.is_removed AND lower(c.class) IN ('lab_specialfan');

DROP VIEW IF EXISTS cimwatch_class."LAB_Near";
CREATE VIEW cimwatch_class."LAB_Near" AS SELECT
    c.host, c.id, c.class, c.kind, c.name, c.health,
    cimwatch.text_of(c.properties -> 'Here') AS "Here",
    cimwatch.text_of(c.properties -> 'There') AS "There"
FROM cimwatch_data.components c
WHERE NOT c.is_removed AND lower(c.class) IN ('lab_near');
