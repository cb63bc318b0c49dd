// The functions of Trino that DuckDB lacks or gives another meaning, as macros.
// Deviation: date_add and date arithmetic give timestamps for dates; approx_percentile takes
// neither weights nor an accuracy; typeof names nested types as DuckDB does; reduce, any_match,
// map_filter, checksum, multimap_agg and the geospatial functions are missing.
#include "engine/services/athena/dialect.h"

namespace engine::athena {

std::string_view session_setup() {
  return R"sql(
SET errors_as_json = true;
SET integer_division = true;
SET TimeZone = 'UTC';

CREATE MACRO regexp_like(s, p) AS regexp_matches(s, p);
CREATE MACRO regexp_replace(s, p) AS system.main.regexp_replace(s, p, '', 'g'),
  (s, p, r) AS system.main.regexp_replace(
      s, p, system.main.regexp_replace(r, '\$(\d)', '\\\1', 'g'), 'g');
CREATE MACRO regexp_extract(s, p) AS
  CASE WHEN regexp_matches(s, p) THEN system.main.regexp_extract(s, p) END,
  (s, p, g) AS CASE WHEN regexp_matches(s, p) THEN system.main.regexp_extract(s, p, g) END;
CREATE MACRO regexp_count(s, p) AS CAST(len(regexp_extract_all(s, p)) AS BIGINT);

CREATE MACRO mysql_format(f) AS
  replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(f,
    '%M', '%B'), '%i', '%M'), '%s', '%S'), '%T', '%H:%M:%S'), '%h', '%I'), '%W', '%A'),
    '%e', '%-d'), '%c', '%-m'), '%k', '%-H'), '%l', '%-I');
CREATE MACRO date_format(d, f) AS strftime(d, mysql_format(f));
CREATE MACRO date_add(unit, n, d) AS d + CASE lower(unit)
  WHEN 'millisecond' THEN to_milliseconds(n) WHEN 'second' THEN to_seconds(n)
  WHEN 'minute' THEN to_minutes(n) WHEN 'hour' THEN to_hours(n)
  WHEN 'day' THEN to_days(CAST(n AS INTEGER)) WHEN 'week' THEN to_weeks(CAST(n AS INTEGER))
  WHEN 'month' THEN to_months(CAST(n AS INTEGER))
  WHEN 'quarter' THEN to_months(CAST(3 * n AS INTEGER))
  WHEN 'year' THEN to_years(CAST(n AS INTEGER))
  ELSE error('''' || unit || ''' is not a valid Timestamp field') END;
CREATE MACRO from_unixtime(n) AS to_timestamp(n);
CREATE MACRO to_unixtime(t) AS epoch(t);
CREATE MACRO from_iso8601_timestamp(s) AS CAST(s AS TIMESTAMPTZ);
CREATE MACRO from_iso8601_date(s) AS CAST(s AS DATE);
-- DuckDB's makes a date of a timestamp when the unit is a day or longer.
CREATE MACRO date_trunc(unit, d) AS
  CASE WHEN false THEN d ELSE system.main.date_trunc(unit, d) END;
CREATE MACRO to_iso8601(t) AS CASE WHEN system.main.typeof(t) = 'DATE' THEN strftime(t, '%Y-%m-%d')
  ELSE strftime(t, '%Y-%m-%dT%H:%M:%S.%gZ') END;
CREATE MACRO millisecond(t) AS date_part('millisecond', t) % 1000;

CREATE MACRO json_extract_scalar(j, p) AS json_extract_string(j, p);
CREATE MACRO json_parse(s) AS CAST(s AS JSON);
CREATE MACRO json_format(j) AS CAST(j AS VARCHAR);

CREATE MACRO approx_percentile(x, p) AS approx_quantile(x, p);
CREATE MACRO map_agg(k, v) AS MAP(list(k), list(v));
CREATE MACRO element_at(c, k) AS c[k];
CREATE MACRO cardinality(x) AS CAST(CASE WHEN x IS NULL THEN NULL
  WHEN json_type(to_json(x)) = 'ARRAY' THEN json_array_length(to_json(x))
  ELSE len(json_keys(to_json(x))) END AS BIGINT);
CREATE MACRO slice(a, s, n) AS list_slice(a, s, s + n - 1);
CREATE MACRO sequence(a, b) AS generate_series(a, b), (a, b, s) AS generate_series(a, b, s);

CREATE MACRO typeof(x) AS lower(system.main.typeof(x));
CREATE MACRO url_extract_protocol(u) AS regexp_extract(u, '^([^:/?#]+):', 1);
CREATE MACRO url_extract_host(u) AS regexp_extract(u, '^[^:/?#]+://(?:[^/?#@]*@)?([^/?#:]*)', 1);
CREATE MACRO url_extract_path(u) AS regexp_extract(u, '^[^:/?#]+://[^/?#]*([^?#]*)', 1);
CREATE MACRO url_extract_query(u) AS regexp_extract(u, '\?([^#]*)', 1);
CREATE MACRO width_bucket(x, low, high, n) AS CAST(CASE WHEN x < low THEN 0
  WHEN x >= high THEN n + 1 ELSE floor((x - low) * n / (high - low)) + 1 END AS BIGINT);

CREATE MACRO nan() AS CAST('nan' AS DOUBLE);
CREATE MACRO infinity() AS CAST('inf' AS DOUBLE);
CREATE MACRO e() AS exp(1.0);
CREATE MACRO log(b, x) AS ln(x) / ln(b);
CREATE MACRO bitwise_and(a, b) AS a & b;
CREATE MACRO bitwise_or(a, b) AS a | b;
CREATE MACRO bitwise_xor(a, b) AS xor(a, b);
CREATE MACRO bitwise_not(a) AS ~a;
)sql";
}

}  // namespace engine::athena
