// Event patterns: checked once, then read along with each event.
#include "engine/patterns/pattern.h"

#include "engine/protocol/error.h"
#include "lib/base/encoding.h"

#include <arpa/inet.h>
#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace engine::patterns {
namespace {

namespace json = boost::json;

AwsError bad_pattern(const std::string& reason) {
  return {"InvalidEventPatternException", "Event pattern is not valid. Reason: " + reason};
}

std::string_view text_of(const json::value& value) {
  return {value.as_string().data(), value.as_string().size()};
}

/// An IP address, or a network with the number of bits that count.
struct Network {
  std::array<unsigned char, 16> bytes{};
  std::size_t size = 0;  ///< 4 or 16
  std::size_t bits = 0;
};

std::optional<Network> parse_network(std::string_view text) {
  const auto slash = text.find('/');
  const std::string address(text.substr(0, slash));
  Network network;
  if (inet_pton(AF_INET, address.c_str(), network.bytes.data()) == 1) {
    network.size = 4;
  } else if (inet_pton(AF_INET6, address.c_str(), network.bytes.data()) == 1) {
    network.size = 16;
  } else {
    return std::nullopt;
  }
  network.bits = network.size * 8;
  if (slash == std::string_view::npos) return network;
  const std::string_view bits = text.substr(slash + 1);
  const auto [end, error] = std::from_chars(bits.data(), bits.data() + bits.size(), network.bits);
  const bool valid = error == std::errc() && end == bits.data() + bits.size();
  if (!valid || network.bits > network.size * 8) return std::nullopt;
  return network;
}

bool is_within(const Network& address, const Network& network) {
  if (address.size != network.size) return false;
  for (std::size_t bit = 0; bit < network.bits; ++bit) {
    const int mask = 0x80 >> (bit % 8);
    if ((address.bytes[bit / 8] & mask) != (network.bytes[bit / 8] & mask)) return false;
  }
  return true;
}

// ---- Checking ----

void check_text(std::string_view name, const json::value& value) {
  if (!value.is_string()) throw bad_pattern(fmt::format("{} match pattern must be a string", name));
}

/// A text, or {"equals-ignore-case": text} within prefix and suffix.
void check_affix(std::string_view name, const json::value& value) {
  if (value.is_string()) return;
  const auto* inner = value.if_object();
  if (inner == nullptr || inner->size() != 1 || !inner->contains("equals-ignore-case")) {
    throw bad_pattern(fmt::format("{} match pattern must be a string", name));
  }
  check_text("equals-ignore-case", inner->at("equals-ignore-case"));
}

void check_wildcard(const json::value& value) {
  check_text("wildcard", value);
  if (text_of(value).find("**") != std::string_view::npos) {
    throw bad_pattern("Consecutive wildcard characters are not allowed");
  }
}

void check_numeric(const json::value& value) {
  const auto* list = value.if_array();
  if (list == nullptr || list->empty() || list->size() % 2 != 0 || list->size() > 4) {
    throw bad_pattern("Value of numeric must be an array of one or two comparisons");
  }
  for (std::size_t i = 0; i < list->size(); i += 2) {
    const std::string_view sign = (*list)[i].is_string() ? text_of((*list)[i]) : std::string_view();
    if (sign != "=" && sign != "<" && sign != "<=" && sign != ">" && sign != ">=")
      throw bad_pattern("Unrecognized numeric range operator");
    if (!(*list)[i + 1].is_number())
      throw bad_pattern("Value of a numeric comparison must be a number");
  }
}

void check_anything_but(const json::value& value) {
  if (const auto* inner = value.if_object()) {
    if (inner->size() != 1) throw bad_pattern("Only one key allowed in anything-but");
    const std::string_view name = inner->begin()->key();
    if (name != "prefix" && name != "suffix" && name != "equals-ignore-case" &&
        name != "wildcard") {
      throw bad_pattern(fmt::format("Unsupported anything-but pattern: {}", name));
    }
    const json::value& wanted = inner->begin()->value();
    const auto check = [&](const json::value& one) {
      name == "wildcard" ? check_wildcard(one) : check_text(name, one);
    };
    if (!wanted.is_array()) return check(wanted);
    for (const json::value& one : wanted.get_array()) check(one);
    return;
  }
  const auto* list = value.if_array();
  if (list == nullptr && !value.is_string() && !value.is_number()) {
    throw bad_pattern("Value of anything-but must be an array or single string/number value.");
  }
  if (list != nullptr && list->empty()) throw bad_pattern("Empty arrays are not allowed");
}

void check_matcher(const json::value& matcher) {
  if (matcher.is_array()) throw bad_pattern("Arrays are not allowed within a list of values");
  const auto* filter = matcher.if_object();
  if (filter == nullptr) return;  // an exact value
  if (filter->size() != 1) throw bad_pattern("Only one key allowed in match expression");
  const std::string_view name = filter->begin()->key();
  const json::value& value = filter->begin()->value();
  if (name == "prefix" || name == "suffix") return check_affix(name, value);
  if (name == "equals-ignore-case") return check_text(name, value);
  if (name == "wildcard") return check_wildcard(value);
  if (name == "numeric") return check_numeric(value);
  if (name == "anything-but") return check_anything_but(value);
  if (name == "cidr") {
    check_text("cidr", value);
    if (!parse_network(text_of(value))) throw bad_pattern("Malformed CIDR");
    return;
  }
  if (name == "exists") {
    if (!value.is_bool()) throw bad_pattern("exists match pattern must be either true or false.");
    return;
  }
  throw bad_pattern(fmt::format("Unrecognized match type {}", name));
}

void check_object(const json::object& pattern) {
  if (pattern.empty()) throw bad_pattern("Empty objects are not allowed");
  for (const auto& [key, value] : pattern) {
    if (const auto* object = value.if_object()) {
      check_object(*object);
      continue;
    }
    const auto* list = value.if_array();
    if (list == nullptr) {
      throw bad_pattern(fmt::format("\"{}\" must be an object or an array", std::string_view(key)));
    }
    if (list->empty()) throw bad_pattern("Empty arrays are not allowed");
    for (const json::value& one : *list) {
      if (key != "$or") {
        check_matcher(one);
      } else if (const auto* choice = one.if_object()) {
        check_object(*choice);
      } else {
        throw bad_pattern("$or must be an array of objects");
      }
    }
  }
}

// ---- Matching ----

bool matches_object(const json::object& pattern, const json::value* event);

bool equals(const json::value& wanted, const json::value& value) {
  if (wanted.is_number() && value.is_number())
    return wanted.to_number<double>() == value.to_number<double>();
  return wanted == value;
}

/// '*' stands for any number of characters, and a backslash takes its meaning away. Only the last
/// star seen need ever take more: what an earlier one could take, it can as well.
bool matches_wildcard(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, after_star = std::string_view::npos, taken = 0;
  for (;;) {
    if (p < pattern.size() && pattern[p] == '*') {
      after_star = ++p;
      taken = t;
      continue;
    }
    if (p == pattern.size() && t == text.size()) return true;
    const std::size_t literal = p + (p + 1 < pattern.size() && pattern[p] == '\\' ? 1 : 0);
    if (literal < pattern.size() && t < text.size() && pattern[literal] == text[t]) {
      p = literal + 1;
      ++t;
    } else if (after_star != std::string_view::npos && taken < text.size()) {
      p = after_star;
      t = ++taken;
    } else {
      return false;
    }
  }
}

bool matches_text(std::string_view name, std::string_view wanted, std::string_view text) {
  if (name == "prefix") return text.starts_with(wanted);
  if (name == "suffix") return text.ends_with(wanted);
  if (name == "wildcard") return matches_wildcard(wanted, text);
  return base::iequals(wanted, text);
}

bool matches_affix(std::string_view name, const json::value& wanted, std::string_view text) {
  if (wanted.is_string()) return matches_text(name, text_of(wanted), text);
  return matches_text(name, base::to_lower(text_of(wanted.at("equals-ignore-case"))),
                      base::to_lower(text));
}

bool matches_numeric(const json::array& comparisons, const json::value& value) {
  if (!value.is_number()) return false;
  const double number = value.to_number<double>();
  for (std::size_t i = 0; i < comparisons.size(); i += 2) {
    const std::string_view sign = text_of(comparisons[i]);
    const double limit = comparisons[i + 1].to_number<double>();
    const bool holds = sign == "="    ? number == limit
                       : sign == "<"  ? number < limit
                       : sign == "<=" ? number <= limit
                       : sign == ">"  ? number > limit
                                      : number >= limit;
    if (!holds) return false;
  }
  return true;
}

/// `wanted` is one value or a list of them.
template <class F>
bool any(const json::value& wanted, F&& matches) {
  if (!wanted.is_array()) return matches(wanted);
  return std::any_of(wanted.get_array().begin(), wanted.get_array().end(), matches);
}

bool matches_anything_but(const json::value& unwanted, const json::value& value) {
  if (const auto* filter = unwanted.if_object()) {
    const std::string_view name = filter->begin()->key();
    return value.is_string() && !any(filter->begin()->value(), [&](const json::value& one) {
             return matches_text(name, text_of(one), text_of(value));
           });
  }
  return !any(unwanted, [&](const json::value& one) { return equals(one, value); });
}

bool matches_filter(const json::object& filter, const json::value& value) {
  const std::string_view name = filter.begin()->key();
  const json::value& wanted = filter.begin()->value();
  if (name == "numeric") return matches_numeric(wanted.get_array(), value);
  if (name == "anything-but") return matches_anything_but(wanted, value);
  if (!value.is_string()) return false;
  if (name == "cidr") {
    const auto address = parse_network(text_of(value));
    return address && is_within(*address, *parse_network(text_of(wanted)));
  }
  return matches_affix(name, wanted, text_of(value));
}

/// One matcher over what stands at the leaf; null: nothing does.
bool matches_leaf(const json::value& matcher, const json::value* value) {
  const auto* filter = matcher.if_object();
  if (filter != nullptr && filter->begin()->key() == "exists") {
    return filter->begin()->value().get_bool() == (value != nullptr && !value->is_object());
  }
  if (value == nullptr) return false;
  if (const auto* list = value->if_array()) {
    return std::any_of(list->begin(), list->end(),
                       [&](const json::value& one) { return matches_leaf(matcher, &one); });
  }
  return filter != nullptr ? matches_filter(*filter, *value) : equals(matcher, *value);
}

bool matches_member(std::string_view key, const json::value& wanted, const json::value* event) {
  if (key == "$or") {
    return any(wanted, [&](const json::value& choice) {
      return matches_object(choice.get_object(), event);
    });
  }
  const auto* members = event != nullptr ? event->if_object() : nullptr;
  const json::value* value = members != nullptr ? members->if_contains(key) : nullptr;
  if (wanted.is_object()) return matches_object(wanted.get_object(), value);
  return any(wanted, [&](const json::value& matcher) { return matches_leaf(matcher, value); });
}

bool matches_object(const json::object& pattern, const json::value* event) {
  if (event != nullptr && event->is_array()) {
    return any(*event, [&](const json::value& one) { return matches_object(pattern, &one); });
  }
  return std::all_of(pattern.begin(), pattern.end(), [&](const auto& member) {
    return matches_member(member.key(), member.value(), event);
  });
}

}  // namespace

Pattern::Pattern(std::string_view text) {
  json::error_code error;
  json::value parsed = json::parse(text, error);
  if (error) throw bad_pattern("The pattern is not valid JSON: " + error.message());
  if (!parsed.is_object()) throw bad_pattern("Filter is not an object");
  check_object(parsed.get_object());
  pattern_ = std::move(parsed.get_object());
}

bool Pattern::matches(const boost::json::value& event) const {
  return matches_object(pattern_, &event);
}

}  // namespace engine::patterns
