-- duckdb -cmd "SET VARIABLE results = 'results/hub-sweep'" < summary.sql
-- writes means.csv and difference.csv to the current folder.

CREATE TABLE replications AS FROM read_csv(getvariable('results') || '/replications.csv');

-- 97.5 % quantile of Student's t, as DuckDB has none: a table, and Fisher's expansion (to 7 digits) beyond 30.
CREATE MACRO t_quantile(df) AS CASE WHEN df <= 30 THEN [
        12.7062047362, 4.3026527297, 3.1824463053, 2.7764451052, 2.5705818356, 2.4469118511,
        2.3646242516, 2.3060041352, 2.2621571628, 2.2281388520, 2.2009851601, 2.1788128297,
        2.1603686565, 2.1447866879, 2.1314495456, 2.1199052992, 2.1098155778, 2.1009220402,
        2.0930240544, 2.0859634473, 2.0796138447, 2.0738730679, 2.0686576104, 2.0638985616,
        2.0595385528, 2.0555294386, 2.0518305165, 2.0484071418, 2.0452296421, 2.0422724563
    ][df] ELSE 1.959963984540054 + 2.372271230 / df + 2.822498562 / df ** 2 + 2.555849680 / df ** 3 + 1.589534053 / df ** 4 END;

-- Every measure of every point and subject. What a sweep varies has a dot in its name, and measures have none; join points.csv
-- for the values of a point. UNPIVOT leaves out empty fields: they are not known, and no zeros.
CREATE TABLE long AS UNPIVOT (
    SELECT point, subject, replication, CAST(COLUMNS(lambda name: NOT contains(name, '.')
        AND name NOT IN ('point', 'digest', 'variant', 'replication', 'subject')) AS DOUBLE)
    FROM replications
) ON COLUMNS(* EXCLUDE (point, subject, replication)) INTO NAME measure VALUE value;

CREATE TABLE means AS
SELECT point, subject, measure,
    avg(value) AS mean,
    stddev_samp(value) AS standard_deviation,
    count(*) AS replications,
    mean - t_quantile(replications - 1) * standard_deviation / sqrt(replications) AS ci95_low,
    mean + t_quantile(replications - 1) * standard_deviation / sqrt(replications) AS ci95_high
FROM long GROUP BY ALL ORDER BY point, subject, measure;
COPY means TO 'means.csv';
FROM means;

-- The last point against the first one. Replications with the same number have the same luck: join, then subtract.
CREATE TABLE difference AS
WITH network AS (FROM replications WHERE subject = 'all'),
pairs AS (
    SELECT b.connector_calls_per_d - a.connector_calls_per_d AS value
    FROM network a JOIN network b ON b.replication = a.replication
    WHERE a.point = (SELECT min(point) FROM network) AND b.point = (SELECT max(point) FROM network)
)
SELECT avg(value) AS mean, stddev_samp(value) AS standard_deviation, count(value) AS replications,
    mean - t_quantile(replications - 1) * standard_deviation / sqrt(replications) AS ci95_low,
    mean + t_quantile(replications - 1) * standard_deviation / sqrt(replications) AS ci95_high
FROM pairs;
COPY difference TO 'difference.csv';
FROM difference;
