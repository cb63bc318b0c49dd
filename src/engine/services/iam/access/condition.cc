// Conditions of a statement, held against what is known of a request.
#include "engine/services/iam/access/condition.h"

#include "engine/services/iam/access/wildcard.h"
#include "lib/base/encoding.h"
#include "lib/base/time_text.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>

namespace engine::iam {
namespace {

std::optional<double> number(std::string_view text) {
  const std::string copy(text);
  char* end = nullptr;
  const double value = std::strtod(copy.c_str(), &end);
  if (copy.empty() || end != copy.c_str() + copy.size()) return std::nullopt;
  return value;
}

/// ISO 8601, or seconds since 1970.
std::optional<double> moment(std::string_view text) {
  if (const auto seconds = number(text)) return seconds;
  if (const auto time = base::from_iso8601(text)) {
    return static_cast<double>(time->time_since_epoch().count()) / 1000;
  }
  return std::nullopt;
}

struct Address {
  std::array<unsigned char, 16> bytes{};
  int family = 0;
};

std::optional<Address> address(const std::string& text) {
  Address found;
  found.family = text.find(':') == std::string::npos ? AF_INET : AF_INET6;
  if (::inet_pton(found.family, text.c_str(), found.bytes.data()) != 1) return std::nullopt;
  return found;
}

/// Whether the address lies in "10.0.0.0/8" or is "10.0.0.1".
bool in_network(const std::string& network, const std::string& text) {
  const auto slash = network.find('/');
  const auto net = address(network.substr(0, slash)), one = address(text);
  if (!net || !one || net->family != one->family) return false;
  int bits = net->family == AF_INET ? 32 : 128;
  if (slash != std::string::npos) {
    int told = 0;
    const char* const end = network.data() + network.size();
    const auto [at, wrong] = std::from_chars(network.data() + slash + 1, end, told);
    if (wrong != std::errc() || at != end || told < 0 || told > bits) return false;
    bits = told;
  }
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (std::memcmp(net->bytes.data(), one->bytes.data(), whole) != 0) return false;
  if (bits % 8 == 0) return true;
  const int mask = 0xff00 >> (bits % 8);
  return ((net->bytes.at(whole) ^ one->bytes.at(whole)) & mask & 0xff) == 0;
}

using Test = bool (*)(const std::string& wanted, const std::string& found);

template <class Compare, std::optional<double> (*Read)(std::string_view)>
bool compared(const std::string& wanted, const std::string& found) {
  const auto a = Read(found), b = Read(wanted);
  return a && b && Compare()(*a, *b);
}

struct Operator {
  std::string_view name;
  Test test;
  bool negated = false;
  bool patterns = false;  // its values may have wildcards
};

bool same(const std::string& wanted, const std::string& found) { return wanted == found; }
bool same_any_case(const std::string& wanted, const std::string& found) { return base::iequals(wanted, found); }
bool like(const std::string& wanted, const std::string& found) { return fits(wanted, found); }
bool like_arn(const std::string& wanted, const std::string& found) { return fits_arn(wanted, found); }

const std::array kOperators = {
    Operator{"StringEquals", same},
    Operator{"StringNotEquals", same, true},
    Operator{"StringEqualsIgnoreCase", same_any_case},
    Operator{"StringNotEqualsIgnoreCase", same_any_case, true},
    Operator{"StringLike", like, false, true},
    Operator{"StringNotLike", like, true, true},
    Operator{"NumericEquals", compared<std::equal_to<>, number>},
    Operator{"NumericNotEquals", compared<std::equal_to<>, number>, true},
    Operator{"NumericLessThan", compared<std::less<>, number>},
    Operator{"NumericLessThanEquals", compared<std::less_equal<>, number>},
    Operator{"NumericGreaterThan", compared<std::greater<>, number>},
    Operator{"NumericGreaterThanEquals", compared<std::greater_equal<>, number>},
    Operator{"DateEquals", compared<std::equal_to<>, moment>},
    Operator{"DateNotEquals", compared<std::equal_to<>, moment>, true},
    Operator{"DateLessThan", compared<std::less<>, moment>},
    Operator{"DateLessThanEquals", compared<std::less_equal<>, moment>},
    Operator{"DateGreaterThan", compared<std::greater<>, moment>},
    Operator{"DateGreaterThanEquals", compared<std::greater_equal<>, moment>},
    Operator{"Bool", same_any_case},
    Operator{"BinaryEquals", same},
    Operator{"IpAddress", in_network},
    Operator{"NotIpAddress", in_network, true},
    Operator{"ArnEquals", like_arn, false, true},  // the two are the same
    Operator{"ArnLike", like_arn, false, true},
    Operator{"ArnNotEquals", like_arn, true, true},
    Operator{"ArnNotLike", like_arn, true, true},
};

const Operator* find_operator(std::string_view name) {
  const auto found = std::find_if(kOperators.begin(), kOperators.end(),
                                  [&](const Operator& one) { return one.name == name; });
  return found == kOperators.end() ? nullptr : &*found;
}

/// One value of the request against all of the condition's: one of them fits, or of a negated operator none.
bool value_holds(const Operator& one, const std::vector<std::string>& wanted, const std::string& found) {
  const bool any = std::any_of(wanted.begin(), wanted.end(), [&](const std::string& w) { return one.test(w, found); });
  return any != one.negated;
}

/// What is put in for a variable is no pattern.
std::string literal(std::string text) {
  std::replace(text.begin(), text.end(), '*', kStar);
  std::replace(text.begin(), text.end(), '?', kQuestionMark);
  return text;
}

/// For operators that know no patterns.
std::string without_literals(std::string text) {
  std::replace(text.begin(), text.end(), kStar, '*');
  std::replace(text.begin(), text.end(), kQuestionMark, '?');
  return text;
}

std::optional<std::string> value_of(std::string_view variable, const Facts& facts) {
  if (variable == "*" || variable == "?" || variable == "$") return std::string(variable);
  const auto comma = variable.find(',');
  const auto at = facts.find(base::to_lower(base::trim(variable.substr(0, comma))));
  if (at != facts.end() && at->second.size() == 1) return at->second.front();
  if (comma == std::string_view::npos) return std::nullopt;
  std::string_view fallback = base::trim(variable.substr(comma + 1));
  if (fallback.size() < 2 || fallback.front() != '\'' || fallback.back() != '\'') return std::nullopt;
  return std::string(fallback.substr(1, fallback.size() - 2));
}

}  // namespace

bool is_operator(std::string_view name) { return name == "Null" || find_operator(name) != nullptr; }

std::optional<std::string> expand(std::string_view text, const Facts& facts) {
  std::string made;
  while (!text.empty()) {
    const auto begin = text.find("${");
    made += text.substr(0, begin);
    if (begin == std::string_view::npos) break;
    const auto end = text.find('}', begin);
    if (end == std::string_view::npos) return std::nullopt;
    const auto value = value_of(text.substr(begin + 2, end - begin - 2), facts);
    if (!value) return std::nullopt;
    made += literal(*value);
    text.remove_prefix(end + 1);
  }
  return made;
}

bool holds(const Condition& condition, const Facts& facts, bool variables) {
  const auto at = facts.find(condition.key);
  const bool there = at != facts.end() && !at->second.empty();
  if (condition.name == "Null") {
    return std::any_of(condition.values.begin(), condition.values.end(),
                       [&](const std::string& value) { return base::iequals(value, there ? "false" : "true"); });
  }
  const Operator* const one = find_operator(condition.name);
  if (one == nullptr) return false;
  if (!there) {
    // Of nothing, all fits; a negated operator finds nothing that it forbids.
    return condition.if_exists || condition.many == Condition::Many::kForAll ||
           (one->negated && condition.many == Condition::Many::kNo);
  }
  std::vector<std::string> wanted;
  for (const std::string& value : condition.values) {
    auto expanded = variables ? expand(value, facts) : std::optional(value);
    if (expanded) wanted.push_back(one->patterns ? std::move(*expanded) : without_literals(std::move(*expanded)));
  }
  const auto fine = [&](const std::string& found) { return value_holds(*one, wanted, found); };
  const auto& values = at->second;
  if (condition.many == Condition::Many::kForAny) return std::any_of(values.begin(), values.end(), fine);
  return std::all_of(values.begin(), values.end(), fine);
}

}  // namespace engine::iam
