// AWS's constraint checks and the sentence that names every violation.
#include "engine/protocol/validate.h"

#include "engine/protocol/path.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace engine {
namespace {

/// Java's \uXXXX in RE2's words. A pair of surrogate ranges is how Java says "beyond the first plane".
std::string to_re2(std::string_view pattern) {
  std::string text(pattern);
  RE2::GlobalReplace(&text, R"(\\u[dD]800\\u[dD][cC]00-\\u[dD][bB][fF][fF]\\u[dD][fF][fF][fF])",
                     R"(\\x{10000}-\\x{10FFFF})");
  RE2::GlobalReplace(&text, R"(\\u([0-9a-fA-F]{4}))", R"(\\x{\1})");
  return text;
}

/// The compiled pattern, kept for ever; null when RE2 can't express it.
// Deviation: a pattern with look-ahead is not checked here; a service that depends on one checks itself.
const RE2* compiled(std::string_view pattern) {
  static std::mutex mutex;
  static std::unordered_map<std::string_view, std::unique_ptr<RE2>> cache;
  std::lock_guard lock(mutex);
  auto [at, inserted] = cache.try_emplace(pattern);
  if (inserted) {
    RE2::Options options(RE2::Quiet);
    options.set_dot_nl(true);
    auto expression = std::make_unique<RE2>(to_re2(pattern), options);
    if (expression->ok()) at->second = std::move(expression);
  }
  return at->second.get();
}

std::int64_t characters(std::string_view utf8) {
  return std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xc0) != 0x80; });
}

class Walker {
 public:
  explicit Walker(Violations& violations) : violations_(violations) {}

  void walk(const Shape& shape, const void* value, const Path& path) {
    switch (shape.kind) {
      case Kind::kString: return check_string(shape, *static_cast<const std::string*>(value), path);
      case Kind::kBlob:
        return check_size(shape, static_cast<std::int64_t>(static_cast<const Blob*>(value)->size()),
                          "length", "java.nio.HeapByteBuffer", path);
      case Kind::kInteger:
      case Kind::kLong: {
        const auto number = *static_cast<const std::int64_t*>(value);
        const fmt::format_int digits(number);
        return check_size(shape, number, "value", {digits.data(), digits.size()}, path);
      }
      case Kind::kList: return check_list(shape, value, path);
      case Kind::kMap: return check_map(shape, value, path);
      case Kind::kStructure:
        for (const Member& member : shape.members) {
          if (const void* inner = member.get(value); inner && needs_check(*member.shape)) {
            walk(*member.shape, inner, path.member(member.name));
          }
        }
        return;
      default: return;
    }
  }

 private:
  /// False for shapes that nothing can be wrong with; spares building their paths.
  static bool needs_check(const Shape& shape) {
    return shape.min || shape.max || !shape.pattern.empty() || !shape.values.empty() ||
           shape.element != nullptr || !shape.members.empty();
  }

  void check_size(const Shape& shape, std::int64_t size, std::string_view what, std::string_view shown,
                  const Path& path) {
    if (shape.min && size < *shape.min) {
      violations_.add(path.text(), shown, shape.sensitive,
                      fmt::format("Member must have {} greater than or equal to {}", what, *shape.min));
    }
    if (shape.max && size > *shape.max) {
      violations_.add(path.text(), shown, shape.sensitive,
                      fmt::format("Member must have {} less than or equal to {}", what, *shape.max));
    }
  }

  void check_string(const Shape& shape, const std::string& text, const Path& path) {
    if (shape.min || shape.max) check_size(shape, characters(text), "length", text, path);
    if (!shape.values.empty() &&
        std::find(shape.values.begin(), shape.values.end(), text) == shape.values.end()) {
      violations_.add(path.text(), text, shape.sensitive,
                      fmt::format("Member must satisfy enum value set: [{}]",
                                  fmt::join(shape.values, ", ")));
    }
    if (!shape.pattern.empty()) {
      const RE2* expression = compiled(shape.pattern);
      if (expression && !RE2::FullMatch(text, *expression)) {
        violations_.add(path.text(), text, shape.sensitive,
                        fmt::format("Member must satisfy regular expression pattern: {}", shape.pattern));
      }
    }
  }

  void check_list(const Shape& shape, const void* list, const Path& path) {
    const std::size_t size = shape.access.list_size(list);
    check_size(shape, static_cast<std::int64_t>(size), "length", "[]", path);
    if (!needs_check(*shape.element)) return;
    for (std::size_t i = 0; i < size; ++i) {
      walk(*shape.element, shape.access.list_at(list, i), path.element(i + 1));
    }
  }

  void check_map(const Shape& shape, const void* map, const Path& path) {
    std::int64_t size = 0;
    shape.access.map_each(map, [&](std::string_view key, const void* value) {
      ++size;
      if (shape.key) check_string(*shape.key, std::string(key), path);
      if (needs_check(*shape.element)) walk(*shape.element, value, path.entry(key));
    });
    check_size(shape, size, "length", "{}", path);
  }

  Violations& violations_;
};

bool eat(std::string_view& text, std::string_view start) {
  if (!text.starts_with(start)) return false;
  text.remove_prefix(start.size());
  return true;
}

}  // namespace

void Violations::add(std::string_view path, std::string_view value, bool sensitive,
                     std::string_view rule) {
  // What is missing altogether can't be too short as well, nor what it would have held.
  for (const std::string& sentence : sentences_) {
    std::string_view rest = sentence;
    if (!eat(rest, "Value null at '")) continue;
    const std::string_view missing = rest.substr(0, rest.find('\''));
    if (path.starts_with(missing) && (path.size() == missing.size() || path[missing.size()] == '.')) return;
  }
  sentences_.push_back(fmt::format("Value {} at '{}' failed to satisfy constraint: {}",
                                   sensitive ? std::string("*** Sensitive Data Redacted ***") : fmt::format("'{}'", value), path, rule));
}

void Violations::add_missing(std::string_view path) {
  sentences_.push_back(
      fmt::format("Value null at '{}' failed to satisfy constraint: Member must not be null", path));
}

std::string Violations::message() const {
  return fmt::format("{} validation error{} detected: {}", sentences_.size(),
                     sentences_.size() == 1 ? "" : "s", fmt::join(sentences_, "; "));
}

std::string path_name(std::string_view member) {
  std::string name(member);
  if (!name.empty() && name[0] >= 'A' && name[0] <= 'Z') name[0] = static_cast<char>(name[0] + 32);
  return name;
}

std::string join_path(std::string_view path, std::string_view member) {
  return path.empty() ? path_name(member) : fmt::format("{}.{}", path, path_name(member));
}

void validate(const Shape& shape, const void* value, const std::string& path, Violations& violations) {
  Walker(violations).walk(shape, value, Path(path));
}

}  // namespace engine
