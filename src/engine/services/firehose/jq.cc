// jq 1.6 through libjq. Every jv_ function takes its arguments over and gives its result away.
#include "engine/services/firehose/jq.h"

#include "lib/base/encoding.h"

#include <fmt/format.h>
#include <re2/re2.h>

extern "C" {
#include <jq.h>
}

#include <cmath>
#include <cstdlib>

namespace engine::firehose {
namespace {

// Stands in front of the query: by jq's rules of scope the query sees these instead of the
// builtins. `import` and `include` may only stand at the very front, so they are errors behind it.
constexpr std::string_view kRefusals =
    "def no: error(\"not available in a query\");"
    "def env: {}; def input: no; def inputs: no; def debug: .; def stderr: .;"
    "def halt: no; def halt_error: no; def halt_error($c): no; def input_filename: null;"
    "def get_search_list: no; def modulemeta: no;"
    "def repeat(f): no; def repeat(f; $u): no; def while(c; u): no; def until(c; u): no;"
    "def range($n): no; def range($a; $b): no; def range($a; $b; $s): no;"
    "def recurse(f): no; def recurse(f; c): no; def recurse_down: no; def combinations(n): no;"
    // What builtins are made of; some trust their caller with libjq's life.
    "def _input: no; def _nwise($n): no; def _nwise(a; $n): no; def _flatten($x): no; def _strindices($i): no;"
    "def _match_impl(re; f; t): no; def _sort_by_impl(k): no; def _group_by_impl(k): no;"
    "def _min_by_impl(k): no; def _max_by_impl(k): no;";

// NaN as an index makes libjq abort or search for ever: no query gets hold of one, however it computes.
constexpr std::string_view kNumbers =
    "def sound: if type == \"number\" and isnan then error(\"the result is not a number\") else . end;"
    "def nan: no; def dateadd(u; n): no; def datesub(u; n): no;"
    "def old(a; b): a + b; def _plus(a; b): b as $b | a as $a | old($a; $b) | sound;"
    "def old(a; b): a - b; def _minus(a; b): b as $b | a as $a | old($a; $b) | sound;"
    "def old(a; b): a / b; def _divide(a; b): b as $b | a as $a | old($a; $b) | sound;"
    // The least integer divided by -1 traps.
    "def old(a; b): a % b; def _mod(a; b): b as $b | a as $a"
    "  | if ($a | type) == \"number\" and ($b | type) == \"number\" and ($b | trunc) == -1 then 0"
    "    else old($a; $b) end;"
    "def add: reduce .[] as $x (null; . + $x);"
    "def old: tonumber; def tonumber: old | sound;"
    "def old: fromjson; def fromjson: if type == \"string\" and test(\"nan\"; \"i\") then no else old end;";
constexpr std::string_view kMathOfOne[] = {"acos", "acosh", "asin", "atanh", "cos", "log",   "log10", "log1p",
                                           "log2", "sin",   "sqrt", "tan",   "y0",  "y1", "tgamma"};
constexpr std::string_view kMathOfTwo[] = {"drem", "fmod", "jn", "pow", "remainder", "scalb", "yn"};

constexpr std::string_view kRepairs =
    // jq 1.6 looks for ever for what is empty, and needs gigabytes for a long text or a far index.
    "def gsub($re; s; $flags): . as $in | reduce match($re; \"g\" + $flags) as $m ({at: 0, out: \"\"};"
    "  .out += $in[.at:$m.offset] + ([$m.captures[] | select(.name != null) | {key: .name, value: .string}]"
    "    | from_entries | s) | .at = $m.offset + $m.length) | .out + $in[.at:];"
    "def gsub($re; s): gsub($re; s; \"\");"
    "def old($re; s; $flags): sub($re; s; $flags);"
    "def sub($re; s; $flags): if $flags | tostring | test(\"g\") then gsub($re; s; $flags) else old($re; s; $flags) end;"
    "def old($i): indices($i); def indices($i): if $i == \"\" then [] else old($i) end;"
    "def index($i): indices($i) | .[0]; def rindex($i): indices($i) | .[-1:][0];"
    "def times($a; $b): $a * $b;"
    "def longer($a; $b): ($a | type) == \"string\" and ($b | type) == \"number\" and ($a | length) * $b > 65536;"
    "def _multiply($a; $b): if longer($a; $b) or longer($b; $a) then no else times($a; $b) | sound end;"
    "def fma(a; b; c): a * b + c;"
    "def set($p; $v): setpath($p; $v);"
    "def setpath($p; $v): if any($p[]; type == \"number\" and . > 9999) then no else set($p; $v) end;"
    "def _assign(p; $v): reduce path(p) as $p (.; setpath($p; $v));"
    "def _modify(p; f): reduce path(p) as $p (.; setpath($p; getpath($p) | f));"
    // It ends the program for a number of seconds that no calendar has.
    "def broken: gmtime; def printed(f): strftime(f);"
    "def gmtime: if type == \"number\" and (fabs < 1e11 | not) then error(\"the time is out of range\")"
    "  else broken end;"
    "def localtime: gmtime; def strftime(f): if type == \"number\" then gmtime else . end | printed(f);"
    "def strflocaltime(f): strftime(f); def todate: strftime(\"%Y-%m-%dT%H:%M:%SZ\");"
    "def todateiso8601: todate; def date: todate;"
    "def times($a; $b): no; def set($p; $v): no; def broken: no; def printed(f): no;"
    "def old: no; def old($i): no; def old(a; b): no; def old($re; s; $flags): no;"
    "{} as $ENV |\n";  // jq's complaints show the line that they mean

std::string made_prelude() {
  std::string text(kRefusals);
  text += kNumbers;
  for (const std::string_view name : kMathOfOne) text += fmt::format("def old: {0}; def {0}: old | sound;", name);
  for (const std::string_view name : kMathOfTwo) {
    text += fmt::format("def old(a; b): {0}(a; b); def {0}(a; b): old(a; b) | sound;", name);
  }
  return text.append(kRepairs);
}

/// The compiler computes with the numbers of the query itself, where no function of ours stands between: it makes
/// no infinity, and so no NaN, of numbers whose product is none.
void refuse_huge_numbers(re2::StringPiece query) {
  static const RE2 number(R"(((?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?))");
  constexpr double kMostDigits = 300;
  double digits = 0;
  for (std::string token; RE2::FindAndConsume(&query, number, &token);) {
    const double value = std::strtod(token.c_str(), nullptr);
    if (value > 0) digits += std::abs(std::log10(value));
  }
  if (!(digits < kMostDigits)) throw QueryError("the numbers of the query are too large");
}

/// jq reads NaN where JSON has none.
bool has_nan(jv value) {
  bool found = jv_get_kind(value) == JV_KIND_NUMBER && std::isnan(jv_number_value(value));
  if (jv_get_kind(value) == JV_KIND_ARRAY) {
    jv_array_foreach(value, i, element) found |= has_nan(element);
  } else if (jv_get_kind(value) == JV_KIND_OBJECT) {
    jv_object_foreach(value, key, element) {
      jv_free(key);
      found |= has_nan(element);
    }
  }
  jv_free(value);
  return found;
}

bool may_have_nan(std::string_view json) {
  for (auto at = json.find_first_of("nN"); at != std::string_view::npos; at = json.find_first_of("nN", at + 1)) {
    if (base::iequals(json.substr(at, 3), "nan")) return true;
  }
  return false;
}

std::string text_of(jv value) {
  std::string text(jv_string_value(value),
                   static_cast<std::size_t>(jv_string_length_bytes(jv_copy(value))));
  jv_free(value);
  return text;
}

void remember(void* to, jv message) {
  auto& text = *static_cast<std::string*>(to);
  if (!text.empty()) text += ' ';
  text += text_of(jq_format_error(message));
}

/// Text of a value that may be a key: "" for null, and for what is no key at all an error.
std::string key_text(jv value) {
  switch (jv_get_kind(value)) {
    case JV_KIND_STRING:
      return text_of(value);
    case JV_KIND_NUMBER:
    case JV_KIND_TRUE:
    case JV_KIND_FALSE:
      return text_of(jv_dump_string(value, 0));
    case JV_KIND_NULL:
      return "";
    default:
      jv_free(value);
      throw QueryError("partitionKeys values must be strings, numbers or booleans");
  }
}

/// Lets go of a value however the block is left.
struct Held {
  jv value;
  ~Held() { jv_free(value); }
};

std::map<std::string, std::string> keys_of(const Held& output) {
  std::map<std::string, std::string> keys;
  const jv object = output.value;
  for (int at = jv_object_iter(object); jv_object_iter_valid(object, at) != 0;
       at = jv_object_iter_next(object, at)) {
    const std::string name = text_of(jv_object_iter_key(object, at));
    std::string value = key_text(jv_object_iter_value(object, at));
    if (!value.empty()) keys[name] = std::move(value);
  }
  return keys;
}

}  // namespace

struct Query::Program {
  Program() : state(jq_init()) {
    if (state == nullptr) throw std::bad_alloc();
    jq_set_error_cb(state, remember, &complaint);
  }
  ~Program() { jq_teardown(&state); }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  std::string complaint;  // of the compiler
  jq_state* state;
};

Query::Query(const std::string& text) : program_(std::make_shared<Program>()) {
  static const RE2 definition(R"(\bdef(?:\s|#[^\n]*\n)+[A-Za-z_])");
  if (RE2::PartialMatch(text, definition)) throw QueryError("a query cannot define functions");
  if (text.find('\0') != std::string::npos) throw QueryError("a query is text");
  refuse_huge_numbers(text);
  static const std::string prelude = made_prelude();
  if (jq_compile(program_->state, (prelude + text).c_str()) == 0) {
    throw QueryError(program_->complaint);
  }
}

std::map<std::string, std::string> Query::run(std::string_view json) const {
  const jv input = jv_parse_sized(json.data(), static_cast<int>(json.size()));
  if (jv_is_valid(input) == 0 || (may_have_nan(json) && has_nan(jv_copy(input)))) {
    jv_free(input);
    throw QueryError("Non JSON record provided");
  }
  jq_start(program_->state, input, 0);
  const Held output{jq_next(program_->state)};
  if (jv_is_valid(output.value) == 0) {
    const Held message{jv_invalid_get_msg(jv_copy(output.value))};
    if (jv_get_kind(message.value) != JV_KIND_STRING) throw QueryError("the query gave nothing");
    throw QueryError(jv_string_value(message.value));
  }
  if (jv_get_kind(output.value) != JV_KIND_OBJECT) throw QueryError("the query gave no object");
  return keys_of(output);
}

}  // namespace engine::firehose
