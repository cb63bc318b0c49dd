// The functions of Trino that DuckDB lacks or gives another meaning, as macros.
//
// What users may call begins with t_, what only other definitions use with h_.
// A definition that calls another one must leave it no choice between two overloads by type.
// cast_to_type(x, y) gives x the type of y, of which nothing is computed: so results keep the types
// that Trino gives them. An overload chosen by a parameter's type casts that parameter; where the
// value itself is needed it is therefore passed once more.
// Deviation: checksum's bytes are not Trino's; regular expressions are RE2's, without look-around.
#include "engine/services/athena/macros.h"

namespace engine::athena {

const std::vector<Macro>& macros() {
  static const std::vector<Macro> all = {
      // Operators.
      {"h_divide", "(a, b) AS h_divide_typed(a, b, a, b)"},
      {"h_divide_typed",
       "(a BIGINT, b BIGINT, x, y) AS x // CASE WHEN y = 0 THEN "
       "cast_to_type(h_fail('DIVISION_BY_ZERO: Division by zero'), y) ELSE y END, (a, b, x, y) AS "
       "cast_to_type(CASE WHEN typeof(x + y) = 'HUGEINT' THEN trunc(x / h_not_zero(x, y)) ELSE x / "
       "h_not_zero(x, y) END, x + y)"},
      {"h_not_zero",
       "(x, y) AS CASE WHEN typeof(x + y) NOT IN ('DOUBLE', 'FLOAT') AND y = 0 THEN "
       "cast_to_type(h_fail('DIVISION_BY_ZERO: Division by zero'), y) ELSE y END"},
      {"t_mod",
       "(a, b) AS a % CASE WHEN typeof(a + b) NOT IN ('DOUBLE', 'FLOAT') AND b = 0 THEN "
       "cast_to_type(h_fail('DIVISION_BY_ZERO: Division by zero'), b) ELSE b END"},
      {"h_plus", "(a, b) AS h_plus_typed(a, b, a, b)"},
      {"h_plus_typed",
       "(a DATE, b INTERVAL, x, y) AS CAST(x + y AS DATE), (a, b, x, y) AS x + y"},
      {"h_minus", "(a, b) AS h_minus_typed(a, b, a, b)"},
      {"h_minus_typed",
       "(a DATE, b INTERVAL, x, y) AS CAST(x - y AS DATE), (a, b, x, y) AS x - y"},
      {"h_between_dates", "(a, b) AS h_between_dates_typed(a, b, a, b)"},
      {"h_between_dates_typed",
       "(a DATE, b DATE, x, y) AS to_days(CAST(x - y AS INTEGER)), (a, b, x, y) AS x - y"},
      {"h_subscript", "(c, k) AS CASE WHEN h_check_subscript(c, k) THEN c[k] END"},

      // Casts.
      {"h_cast_varchar",
       "(x) AS CASE WHEN typeof(x) = 'JSON' THEN json_extract_string(CAST(x AS JSON), '$') ELSE "
       "h_text(x) END"},
      {"h_varchar_n", "(x, n) AS substr(x, 1, n)"},
      {"h_char_n", "(x, n) AS rpad(substr(x, 1, n), n, ' ')"},
      {"h_whole_number",
       "(x VARCHAR, y, kind) AS CASE WHEN regexp_full_match(y, '[+-]?[0-9]+') THEN y ELSE "
       "CAST(h_fail('INVALID_CAST_ARGUMENT: Cannot cast ''' || y || ''' to ' || kind) AS VARCHAR) "
       "END, (x DOUBLE, y, kind) AS round(y), (x, y, kind) AS y"},
      {"h_try_whole_number",
       "(x VARCHAR, y) AS CASE WHEN regexp_full_match(y, '[+-]?[0-9]+') THEN y END, (x DOUBLE, y) "
       "AS round(y), (x, y) AS y"},

      // Aggregates: what is made of DuckDB's results.
      {"h_entries_to_map",
       "(l) AS map_from_entries(list_filter(l, (e, i) -> list_position(list_transform(l, o -> "
       "o.k), e.k) = i))"},
      {"h_entries_to_multimap",
       "(l) AS map_from_entries(list_transform(list_distinct(list_transform(l, o -> o.k)), d -> "
       "struct_pack(k := d, v := list_transform(list_filter(l, o -> o.k = d), o -> o.v))))"},
      {"h_weighted_percentile",
       "(l, p) AS list_filter(list_sort(l), e -> list_sum(list_transform(list_filter(l, o -> o.x "
       "<= e.x), o -> o.w)) >= p * list_sum(list_transform(l, o -> o.w)))[1].x"},
      {"h_checksum_bytes", "(n) AS unhex(printf('%016x', n))"},

      // Text.
      {"t_length", "(x BLOB) AS octet_length(x), (x VARCHAR) AS length(x)"},
      {"t_replace", "(s, f) AS replace(s, f, ''), (s, f, t) AS replace(s, f, t)"},
      {"t_reverse", "(x) AS h_reverse(x, x)"},
      {"h_reverse", "(x VARCHAR, y) AS reverse(y), (x, y) AS list_reverse(y)"},
      {"t_substr",
       "(s, f) AS CASE WHEN f = 0 OR abs(f) > length(s) THEN '' ELSE substr(s, f) END, (s, f, n) "
       "AS CASE WHEN f = 0 OR abs(f) > length(s) OR n <= 0 THEN '' ELSE substr(s, f, n) END"},
      {"t_lpad",
       "(s, n, p) AS CASE WHEN p = '' THEN CAST(h_fail('INVALID_FUNCTION_ARGUMENT: Padding string "
       "must not be empty') AS VARCHAR) ELSE lpad(s, CAST(n AS INTEGER), p) END"},
      {"t_rpad",
       "(s, n, p) AS CASE WHEN p = '' THEN CAST(h_fail('INVALID_FUNCTION_ARGUMENT: Padding string "
       "must not be empty') AS VARCHAR) ELSE rpad(s, CAST(n AS INTEGER), p) END"},
      {"t_strpos", "(s, f) AS CAST(instr(s, f) AS BIGINT), (s, f, n) AS h_find_nth(s, f, n)"},
      {"t_split", "(s, d) AS string_split(s, d), (s, d, n) AS h_split_limit(s, d, n)"},
      {"t_split_part",
       "(s, d, n) AS CASE WHEN n < 1 THEN CAST(h_fail('INVALID_FUNCTION_ARGUMENT: Index must be "
       "greater than zero') AS VARCHAR) ELSE string_split(s, d)[n] END"},
      {"t_split_to_map",
       "(s, d, k) AS map_from_entries(list_transform(string_split(s, d), e -> struct_pack(k := "
       "string_split(e, k)[1], v := substr(e, instr(e, k) + length(k)))))"},
      {"t_split_to_multimap",
       "(s, d, k) AS h_entries_to_multimap(list_transform(string_split(s, d), e -> struct_pack(k "
       ":= string_split(e, k)[1], v := substr(e, instr(e, k) + length(k)))))"},
      {"t_translate", "(s, f, t) AS translate(s, f, t)"},
      {"t_normalize", "(s) AS nfc_normalize(s)"},
      {"t_url_encode", "(s) AS replace(url_encode(s), '%20', '+')"},
      {"t_url_decode", "(s) AS url_decode(replace(s, '+', '%20'))"},
      {"h_url_part",
       "(u, p) AS CASE WHEN regexp_matches(u, p) THEN regexp_extract(u, p, 1) END"},
      {"t_url_extract_protocol", "(u) AS h_url_part(u, '^([^:/?#]+):')"},
      {"t_url_extract_host",
       "(u) AS h_url_part(u, '^[^:/?#]+://(?:[^/?#@]*@)?([^/?#:]*)')"},
      {"t_url_extract_port",
       "(u) AS CAST(h_url_part(u, '^[^:/?#]+://(?:[^/?#@]*@)?[^/?#:]*:([0-9]+)') AS BIGINT)"},
      {"t_url_extract_path", "(u) AS h_url_part(u, '^[^:/?#]+://[^/?#]*([^?#]*)')"},
      {"t_url_extract_query", "(u) AS h_url_part(u, '\\?([^#]*)')"},
      {"t_url_extract_fragment", "(u) AS h_url_part(u, '#(.*)$')"},
      {"t_url_extract_parameter",
       "(u, n) AS url_decode(h_url_part(u, '[?&]' || regexp_escape(n) || '=([^&#]*)'))"},
      {"t_regexp_like", "(s, p) AS regexp_matches(s, p)"},
      {"t_regexp_replace",
       "(s, p) AS regexp_replace(s, p, '', 'g'), (s, p, r) AS regexp_replace(s, p, "
       "regexp_replace(r, '\\$(\\d)', '\\\\\\1', 'g'), 'g')"},
      {"t_regexp_extract",
       "(s, p) AS CASE WHEN regexp_matches(s, p) THEN regexp_extract(s, p) END, (s, p, g) AS CASE "
       "WHEN regexp_matches(s, p) THEN regexp_extract(s, p, g) END"},
      {"t_regexp_count", "(s, p) AS CAST(len(regexp_extract_all(s, p)) AS BIGINT)"},
      {"t_regexp_position",
       "(s, p) AS CASE WHEN regexp_matches(s, p) THEN length(regexp_extract(s, '^(?s:(.*?))(?:' || "
       "p || ')', 1)) + 1 ELSE -1 END"},
      {"t_from_base", "(s, r) AS h_parse_base(s, CAST(r AS BIGINT))"},
      {"t_to_base", "(n, r) AS lower(to_base(n, r))"},
      {"t_md5", "(b) AS unhex(md5(CAST(b AS BLOB)))"},
      {"t_sha1", "(b) AS unhex(sha1(CAST(b AS BLOB)))"},
      {"t_sha256", "(b) AS unhex(sha256(CAST(b AS BLOB)))"},
      {"t_concat_ws",
       "(s, a) AS CASE WHEN typeof(a) LIKE '%[]' THEN array_to_string(CAST(a AS VARCHAR[]), s) "
       "ELSE concat_ws(s, a) END"},

      // Times.
      {"t_date_trunc", "(u, d) AS cast_to_type(date_trunc(h_unit(u), d), d)"},
      {"t_date_add",
       "(u, n, d) AS cast_to_type(d + CASE h_unit(u) WHEN 'millisecond' THEN to_milliseconds(n) "
       "WHEN 'second' THEN to_seconds(n) WHEN 'minute' THEN to_minutes(n) WHEN 'hour' THEN "
       "to_hours(n) WHEN 'day' THEN to_days(CAST(n AS INTEGER)) WHEN 'week' THEN to_weeks(CAST(n "
       "AS INTEGER)) WHEN 'month' THEN to_months(CAST(n AS INTEGER)) WHEN 'quarter' THEN "
       "to_months(CAST(3 * n AS INTEGER)) ELSE to_years(CAST(n AS INTEGER)) END, d)"},
      {"t_date_diff", "(u, a, b) AS date_sub(h_unit(u), a, b)"},
      {"t_date", "(x) AS CAST(x AS DATE)"},
      {"t_from_unixtime",
       "(n) AS to_timestamp(n), (n, z) AS timezone(z, to_timestamp(n))"},
      {"t_to_unixtime", "(t) AS epoch(t)"},
      {"t_from_iso8601_date", "(s) AS CAST(s AS DATE)"},
      {"t_from_iso8601_timestamp", "(s) AS CAST(s AS TIMESTAMPTZ)"},
      {"t_millisecond", "(t) AS date_part('millisecond', t) % 1000"},
      {"h_at_time_zone", "(z, t) AS timezone(z, CAST(t AS TIMESTAMPTZ))"},
      {"t_at_timezone", "(t, z) AS timezone(z, CAST(t AS TIMESTAMPTZ))"},
      {"t_with_timezone", "(t, z) AS timezone(z, CAST(t AS TIMESTAMP))"},
      {"t_current_timezone", "() AS 'UTC'"},
      {"t_timezone_hour", "(t) AS CAST(CASE WHEN t IS NOT NULL THEN 0 END AS BIGINT)"},
      {"t_timezone_minute", "(t) AS CAST(CASE WHEN t IS NOT NULL THEN 0 END AS BIGINT)"},
      {"t_date_format", "(t, f) AS h_mysql_text(CAST(t AS TIMESTAMP), f)"},
      {"t_format_datetime", "(t, f) AS h_joda_text(CAST(t AS TIMESTAMP), f)"},
      {"t_parse_datetime", "(s, f) AS h_joda_time(s, f)"},

      // JSON.
      {"t_json_extract",
       "(j, p) AS CASE WHEN json_valid(CAST(j AS VARCHAR)) THEN json_extract(CAST(j AS JSON), "
       "h_json_path(p)) END"},
      {"t_json_extract_scalar",
       "(j, p) AS CASE WHEN json_type(t_json_extract(j, p)) NOT IN ('OBJECT', 'ARRAY') THEN "
       "json_extract_string(CAST(j AS JSON), h_json_path(p)) END"},
      {"t_json_parse",
       "(s) AS CASE WHEN json_valid(s) THEN json(s) ELSE CAST(h_fail('INVALID_FUNCTION_ARGUMENT: "
       "Cannot convert value to JSON: ''' || s || '''') AS JSON) END"},
      {"t_json_format", "(j) AS CAST(CAST(j AS JSON) AS VARCHAR)"},
      {"t_json_array_length",
       "(j) AS CASE WHEN json_valid(CAST(j AS VARCHAR)) AND json_type(CAST(j AS JSON)) = 'ARRAY' "
       "THEN CAST(json_array_length(CAST(j AS JSON)) AS BIGINT) END"},
      {"t_json_size",
       "(j, p) AS CAST(CASE json_type(t_json_extract(j, p)) WHEN 'OBJECT' THEN "
       "len(json_keys(t_json_extract(j, p))) WHEN 'ARRAY' THEN json_array_length(t_json_extract(j, "
       "p)) WHEN NULL THEN NULL ELSE 0 END AS BIGINT)"},
      {"t_json_array_get",
       "(j, i) AS json_extract(CAST(j AS JSON), '$[' || CASE WHEN i < 0 THEN '#' ELSE '' END || i "
       "|| ']')"},
      {"t_json_array_contains", "(j, v) AS json_contains(CAST(j AS JSON), to_json(v))"},
      {"t_is_json_scalar",
       "(j) AS json_type(CAST(j AS JSON)) NOT IN ('OBJECT', 'ARRAY')"},

      // Arrays and maps.
      {"t_element_at", "(c, k) AS h_element_at_typed(c, k, c, k)"},
      {"h_element_at_typed",
       "(c MAP(VARCHAR, VARCHAR), k, x, y) AS x[y], (c, k, x, y) AS CASE WHEN y = 0 THEN "
       "cast_to_type(h_fail('INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1'), x[1]) ELSE "
       "x[y] END"},
      {"h_entries", "(x MAP(VARCHAR, VARCHAR), y) AS map_entries(y), (x, y) AS y"},
      {"t_map_entries", "(m) AS list_transform(map_entries(m), e -> row(e.key, e.value))"},
      {"t_contains", "(a, x) AS list_contains(a, x)"},
      {"t_array_position", "(a, x) AS CAST(coalesce(list_position(a, x), 0) AS BIGINT)"},
      {"t_array_join",
       "(a, d) AS array_to_string(list_transform(list_filter(a, x -> x IS NOT NULL), x -> "
       "h_text(x)), d), (a, d, n) AS array_to_string(list_transform(a, x -> CASE WHEN x IS NULL "
       "THEN n ELSE h_text(x) END), d)"},
      {"t_array_sort", "(a) AS list_sort(a, 'ASC', 'NULLS LAST')"},
      {"t_array_distinct", "(a) AS list_filter(a, (x, i) -> list_position(a, x) = i)"},
      {"t_array_union", "(a, b) AS t_array_distinct(list_concat(a, b))"},
      {"t_array_intersect",
       "(a, b) AS t_array_distinct(list_filter(a, x -> list_position(b, x) > 0))"},
      {"t_array_except",
       "(a, b) AS t_array_distinct(list_filter(a, x -> coalesce(list_position(b, x), 0) = 0))"},
      {"t_array_remove", "(a, e) AS list_filter(a, x -> coalesce(x <> e, true))"},
      {"t_arrays_overlap", "(a, b) AS list_has_any(a, b)"},
      {"t_array_max",
       "(a) AS CASE WHEN list_position(a, NULL) > 0 THEN NULL ELSE list_max(a) END"},
      {"t_array_min",
       "(a) AS CASE WHEN list_position(a, NULL) > 0 THEN NULL ELSE list_min(a) END"},
      {"t_repeat", "(x, n) AS list_transform(range(CAST(n AS BIGINT)), i -> x)"},
      {"t_slice",
       "(a, f, n) AS CASE WHEN f = 0 THEN cast_to_type(h_fail('INVALID_FUNCTION_ARGUMENT: SQL array "
       "indices start at 1'), a) WHEN f > 0 THEN list_slice(a, f, f + n - 1) ELSE list_slice(a, "
       "len(a) + f + 1, len(a) + f + n) END"},
      {"t_trim_array", "(a, n) AS list_slice(a, 1, len(a) - n)"},
      {"t_zip", "(a, b) AS list_zip(a, b), (a, b, c) AS list_zip(a, b, c)"},
      {"t_sequence", "(a, b) AS h_sequence_typed(a, b, a, b), (a, b, s) AS h_sequence_step(a, s, a, "
       "b, s)"},
      {"h_sequence_typed",
       "(a BIGINT, b BIGINT, x, y) AS generate_series(x, y, CASE WHEN x <= y THEN 1 ELSE -1 END), "
       "(a, b, x, y) AS h_sequence_step(x, INTERVAL 1 DAY, x, y, CASE WHEN x <= y THEN INTERVAL 1 "
       "DAY ELSE INTERVAL (-1) DAY END)"},
      {"h_sequence_step",
       "(a DATE, s INTERVAL, x, y, z) AS list_transform(generate_series(x, y, z), e -> CAST(e AS "
       "DATE)), (a, s, x, y, z) AS generate_series(x, y, z)"},
      {"t_any_match", "(l) AS CASE WHEN list_position(l, true) > 0 THEN true WHEN "
       "list_position(l, NULL) > 0 THEN NULL WHEN l IS NOT NULL THEN false END"},
      {"t_all_match", "(l) AS CASE WHEN list_position(l, false) > 0 THEN false WHEN "
       "list_position(l, NULL) > 0 THEN NULL WHEN l IS NOT NULL THEN true END"},
      {"t_none_match", "(l) AS NOT t_any_match(l)"},

      // Numbers.
      {"t_round", "(x) AS cast_to_type(round(x), x), (x, d) AS cast_to_type(round(x, d), x + x)"},
      {"t_truncate",
       "(x) AS trunc(x), (x, n) AS cast_to_type(trunc(x * pow(10, n)) / pow(10, n), x)"},
      {"t_log", "(b, x) AS ln(x) / ln(b)"},
      {"t_width_bucket",
       "(x, low, high, n) AS CAST(CASE WHEN x < low THEN 0 WHEN x >= high THEN n + 1 ELSE floor((x "
       "- low) * n / (high - low)) + 1 END AS BIGINT)"},
      {"t_nan", "() AS CAST('nan' AS DOUBLE)"},
      {"t_infinity", "() AS CAST('inf' AS DOUBLE)"},
      {"t_e", "() AS exp(CAST(1 AS DOUBLE))"},
      {"t_random",
       "() AS random(), (n) AS CAST(floor(random() * n) AS BIGINT), (m, n) AS CAST(m + "
       "floor(random() * (n - m)) AS BIGINT)"},
      {"t_bitwise_and", "(a, b) AS CAST(a & b AS BIGINT)"},
      {"t_bitwise_or", "(a, b) AS CAST(a | b AS BIGINT)"},
      {"t_bitwise_xor", "(a, b) AS CAST(xor(a, b) AS BIGINT)"},
      {"t_bitwise_not", "(a) AS CAST(~a AS BIGINT)"},
      {"t_bitwise_left_shift",
       "(a, n) AS cast_to_type(a * CAST(pow(2, n) AS BIGINT), a)"},
      {"t_bitwise_right_shift", "(a, n) AS a >> CAST(n AS INTEGER)"},
      {"t_typeof", "(x) AS h_type_name(typeof(x))"},
      {"t_uuid", "() AS gen_random_uuid()"},
  };
  return all;
}

}  // namespace engine::athena
