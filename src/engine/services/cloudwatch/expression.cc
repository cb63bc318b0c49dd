// Metric math: parsed and computed in one descent.
//
//   or      = and { (OR | "||") and }
//   and     = compare { (AND | "&&") compare }
//   compare = sum [ ("==" | "!=" | "<=" | ">=" | "<" | ">") sum ]
//   sum     = product { ("+" | "-") product }
//   product = power { ("*" | "/") power }
//   power   = unary [ "^" power ]
//   unary   = "-" unary | number | string | id | FUNCTION "(" [ or { "," or } ] ")" | "(" or ")"
#include "engine/services/cloudwatch/expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <variant>

namespace engine::cloudwatch {
namespace {

constexpr int kDeepest = 64;

struct Text {
  std::string text;  ///< of a literal, or a bare word such as REPEAT
};
/// Several series, as METRICS() gives them.
using Many = std::vector<Series>;
using Value = std::variant<double, Series, Many, Text>;
using Values = std::vector<Value>;

using Binary = std::function<double(double, double)>;
using Unary = std::function<double(double)>;

std::optional<double> finite(double value) { return std::isfinite(value) ? std::optional(value) : std::nullopt; }

Series map_series(Series series, const Unary& use) {
  for (auto& value : series) {
    if (value) value = finite(use(*value));
  }
  return series;
}

Value map_value(const Value& value, const Unary& use) {
  if (const auto* number = std::get_if<double>(&value)) return use(*number);
  if (const auto* series = std::get_if<Series>(&value)) return map_series(*series, use);
  if (const auto* many = std::get_if<Many>(&value)) {
    Many out;
    for (const Series& series : *many) out.push_back(map_series(series, use));
    return out;
  }
  throw ExpressionError("a text can't be computed with");
}

Series join(const Series& a, const Series& b, const Binary& use) {
  Series out(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] && b[i]) out[i] = finite(use(*a[i], *b[i]));
  }
  return out;
}

Value combine(const Value& a, const Value& b, const Binary& use) {
  if (const auto* right = std::get_if<double>(&b)) {
    return map_value(a, [&](double left) { return use(left, *right); });
  }
  if (const auto* left = std::get_if<double>(&a)) {
    return map_value(b, [&](double right) { return use(*left, right); });
  }
  if (const auto* many = std::get_if<Many>(&a)) {
    const auto* other = std::get_if<Series>(&b);
    if (other == nullptr) throw ExpressionError("two lists of metrics can't be combined");
    Many out;
    for (const Series& series : *many) out.push_back(join(series, *other, use));
    return out;
  }
  if (std::holds_alternative<Many>(b)) return combine(b, a, [&](double x, double y) { return use(y, x); });
  const auto* left = std::get_if<Series>(&a);
  const auto* right = std::get_if<Series>(&b);
  if (left == nullptr || right == nullptr) throw ExpressionError("a text can't be computed with");
  return join(*left, *right, use);
}

std::vector<double> present(const Series& series) {
  std::vector<double> values;
  for (const auto& value : series) {
    if (value) values.push_back(*value);
  }
  return values;
}

using Fold = double (*)(const std::vector<double>&);

double sum(const std::vector<double>& values) {
  double total = 0;
  for (const double value : values) total += value;
  return total;
}
double average(const std::vector<double>& values) { return sum(values) / static_cast<double>(values.size()); }
double deviation(const std::vector<double>& values) {
  const double mean = average(values);
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / static_cast<double>(values.size()));
}
double least(const std::vector<double>& values) { return *std::min_element(values.begin(), values.end()); }
double greatest(const std::vector<double>& values) { return *std::max_element(values.begin(), values.end()); }
double first(const std::vector<double>& values) { return values.front(); }
double last(const std::vector<double>& values) { return values.back(); }

const std::map<std::string_view, Fold> kFolds = {{"SUM", sum}, {"AVG", average}, {"STDDEV", deviation}, {"MIN", least},
                                                 {"MAX", greatest}, {"FIRST", first}, {"LAST", last}};

/// SUM and its like: one series becomes a number, several become a series of `size` values, none one without any.
Value fold(const Value& value, Fold use, std::size_t size) {
  if (const auto* series = std::get_if<Series>(&value)) {
    const auto values = present(*series);
    return values.empty() ? std::nan("") : use(values);
  }
  if (const auto* many = std::get_if<Many>(&value)) {
    Series out(size);
    for (std::size_t i = 0; i < out.size(); ++i) {
      std::vector<double> values;
      for (const Series& series : *many) {
        if (series[i]) values.push_back(*series[i]);
      }
      if (!values.empty()) out[i] = finite(use(values));
    }
    return out;
  }
  if (const auto* number = std::get_if<double>(&value)) return *number;
  throw ExpressionError("a text can't be computed with");
}

/// The difference to the value before it.
Series differences(const Series& series, double divisor, bool by_distance) {
  Series out(series.size());
  std::optional<std::size_t> before;
  for (std::size_t i = 0; i < series.size(); ++i) {
    if (!series[i]) continue;
    if (before) {
      const double distance = by_distance ? static_cast<double>(i - *before) : 1;
      out[i] = (*series[i] - *series[*before]) / (divisor * distance);
    }
    before = i;
  }
  return out;
}

Series running_sum(Series series) {
  double total = 0;
  for (auto& value : series) {
    if (value) value = total += *value;
  }
  return series;
}

void fill_linear(Series& series) {
  std::optional<std::size_t> before;
  for (std::size_t i = 0; i < series.size(); ++i) {
    if (!series[i]) continue;
    if (before) {
      const double step = (*series[i] - *series[*before]) / static_cast<double>(i - *before);
      for (std::size_t j = *before + 1; j < i; ++j) series[j] = *series[j - 1] + step;
    }
    before = i;
  }
}

Series fill(Series series, const Value& how) {
  if (const auto* word = std::get_if<Text>(&how)) {
    if (word->text == "LINEAR") {
      fill_linear(series);
    } else if (word->text == "REPEAT") {
      for (std::size_t i = 1; i < series.size(); ++i) {
        if (!series[i]) series[i] = series[i - 1];
      }
    } else {
      throw ExpressionError("FILL takes a number, a metric, REPEAT or LINEAR");
    }
    return series;
  }
  for (std::size_t i = 0; i < series.size(); ++i) {
    if (series[i]) continue;
    if (const auto* number = std::get_if<double>(&how)) series[i] = *number;
    else if (const auto* other = std::get_if<Series>(&how)) series[i] = (*other)[i];
  }
  return series;
}

class Evaluation {
 public:
  Evaluation(std::string_view text, const Scope& scope) : left_(text), scope_(scope) {}

  Series run() {
    const Value value = either();
    skip_space();
    if (!left_.empty()) throw ExpressionError(fmt::format("'{}' is not expected", left_));
    if (std::holds_alternative<Many>(value)) {
      throw ExpressionError("the result is several time series: use SUM, AVG, MIN or MAX to make it one");
    }
    return series_of(value);
  }

 private:
  struct Level {
    explicit Level(int& depth) : depth(depth) {
      if (++depth > kDeepest) throw ExpressionError("it is nested too deeply");
    }
    ~Level() { --depth; }
    int& depth;
  };

  void skip_space() {
    while (!left_.empty() && std::isspace(static_cast<unsigned char>(left_.front())) != 0) left_.remove_prefix(1);
  }

  static bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

  bool take(std::string_view token) {
    skip_space();
    if (!left_.starts_with(token)) return false;
    const bool word = is_word(token.front());
    if (word && left_.size() > token.size() && is_word(left_[token.size()])) return false;
    left_.remove_prefix(token.size());
    return true;
  }

  void need(std::string_view token) {
    if (!take(token)) throw ExpressionError(fmt::format("'{}' is missing before '{}'", token, left_));
  }

  Value either() {
    const Level level(depth_);
    Value value = both();
    while (take("OR") || take("||")) value = combine(value, both(), [](double a, double b) { return a != 0 || b != 0; });
    return value;
  }

  Value both() {
    Value value = comparison();
    while (take("AND") || take("&&")) {
      value = combine(value, comparison(), [](double a, double b) { return a != 0 && b != 0; });
    }
    return value;
  }

  Value comparison() {
    Value value = terms();
    if (take("==")) return combine(value, terms(), [](double a, double b) { return a == b; });
    if (take("!=")) return combine(value, terms(), [](double a, double b) { return a != b; });
    if (take("<=")) return combine(value, terms(), [](double a, double b) { return a <= b; });
    if (take(">=")) return combine(value, terms(), [](double a, double b) { return a >= b; });
    if (take("<")) return combine(value, terms(), [](double a, double b) { return a < b; });
    if (take(">")) return combine(value, terms(), [](double a, double b) { return a > b; });
    return value;
  }

  Value terms() {
    Value value = product();
    for (;;) {
      if (take("+")) value = combine(value, product(), [](double a, double b) { return a + b; });
      else if (take("-")) value = combine(value, product(), [](double a, double b) { return a - b; });
      else return value;
    }
  }

  Value product() {
    Value value = power();
    for (;;) {
      if (take("*")) value = combine(value, power(), [](double a, double b) { return a * b; });
      else if (take("/")) value = combine(value, power(), [](double a, double b) { return a / b; });
      else return value;
    }
  }

  Value power() {
    const Level level(depth_);
    Value value = unary();
    if (!take("^")) return value;
    return combine(value, power(), [](double a, double b) { return std::pow(a, b); });
  }

  Value unary() {
    const Level level(depth_);
    if (take("-")) return map_value(unary(), [](double value) { return -value; });
    if (take("(")) {
      Value value = either();
      need(")");
      return value;
    }
    if (left_.empty()) throw ExpressionError("it ends too early");
    if (left_.front() == '"' || left_.front() == '\'') return literal();
    if (std::isdigit(static_cast<unsigned char>(left_.front())) != 0 || left_.front() == '.') return number();
    return named();
  }

  Value literal() {
    const char quote = left_.front();
    const auto end = left_.find(quote, 1);
    if (end == std::string_view::npos) throw ExpressionError("a quotation mark is missing");
    Text text{std::string(left_.substr(1, end - 1))};
    left_.remove_prefix(end + 1);
    return text;
  }

  Value number() {
    double value = 0;
    const auto [end, error] = std::from_chars(left_.data(), left_.data() + left_.size(), value);
    if (error != std::errc{}) throw ExpressionError(fmt::format("'{}' does not begin with a number", left_));
    left_.remove_prefix(static_cast<std::size_t>(end - left_.data()));
    return value;
  }

  Value named() {
    const auto size = static_cast<std::size_t>(std::find_if_not(left_.begin(), left_.end(), is_word) - left_.begin());
    const std::string name(left_.substr(0, size));
    if (name.empty()) throw ExpressionError(fmt::format("'{}' is not expected", left_));
    left_.remove_prefix(size);
    if (take("(")) return call(name);
    if (name == "REPEAT" || name == "LINEAR") return Text{name};
    return scope_.series(name);
  }

  Values arguments() {
    Values values;
    if (take(")")) return values;
    do values.push_back(either());
    while (take(","));
    need(")");
    return values;
  }

  Value call(const std::string& name) {
    const Values values = arguments();
    const auto expect = [&](std::size_t least, std::size_t most) {
      if (values.size() < least || values.size() > most) {
        throw ExpressionError(fmt::format("{} has {} arguments, which is not right", name, values.size()));
      }
    };
    if (name == "METRICS") return expect(0, 1), metrics(values);
    if (const auto at = kFolds.find(name); at != kFolds.end()) {
      return expect(1, 1), fold(values[0], at->second, scope_.size);
    }
    if (name == "IF") return expect(2, 3), choose(values);
    if (name == "FILL") return expect(2, 2), fill(series_of(values[0]), values[1]);
    expect(1, 1);
    const Value& value = values.front();
    if (name == "ABS") return map_value(value, [](double x) { return std::abs(x); });
    if (name == "CEIL") return map_value(value, [](double x) { return std::ceil(x); });
    if (name == "FLOOR") return map_value(value, [](double x) { return std::floor(x); });
    if (name == "LOG") return map_value(value, [](double x) { return std::log(x); });
    if (name == "LOG10") return map_value(value, [](double x) { return std::log10(x); });
    if (name == "PERIOD") return scope_.period;
    if (name == "DIFF") return differences(series_of(value), 1, false);
    if (name == "RATE") return differences(series_of(value), scope_.period, true);
    if (name == "RUNNING_SUM") return running_sum(series_of(value));
    if (name == "TIME_SERIES") return series_of(value);
    if (name == "DATAPOINT_COUNT") return static_cast<double>(present(series_of(value)).size());
    if (name == "METRIC_COUNT") {
      const auto* many = std::get_if<Many>(&value);
      return many ? static_cast<double>(many->size()) : 1;
    }
    // Deviation: the functions that aren't here: SEARCH, ANOMALY_DETECTION_BAND, SORT, SLICE, and the calendar's.
    throw ExpressionError(fmt::format("this engine has no function {}", name));
  }

  Value metrics(const Values& values) const {
    std::string part;
    if (!values.empty()) {
      const auto* text = std::get_if<Text>(&values.front());
      if (text == nullptr) throw ExpressionError("METRICS takes a text");
      part = text->text;
    }
    Many many;
    for (const auto& [id, name] : scope_.metrics) {
      if (id.find(part) != std::string::npos || name.find(part) != std::string::npos) many.push_back(scope_.series(id));
    }
    return many;
  }

  Value choose(const Values& values) {
    const Series condition = series_of(values[0]);
    const Series yes = series_of(values[1]);
    const Series no = values.size() > 2 ? series_of(values[2]) : Series(scope_.size);
    Series out(scope_.size);
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (condition[i]) out[i] = *condition[i] != 0 ? yes[i] : no[i];
    }
    return out;
  }

  Series series_of(const Value& value) const {
    if (const auto* series = std::get_if<Series>(&value)) return *series;
    if (const auto* number = std::get_if<double>(&value)) return Series(scope_.size, finite(*number));
    throw ExpressionError("one time series is needed where there are several, or a text");
  }

  std::string_view left_;
  const Scope& scope_;
  int depth_ = 0;
};

}  // namespace

Series evaluate(std::string_view text, const Scope& scope) { return Evaluation(text, scope).run(); }

}  // namespace engine::cloudwatch
