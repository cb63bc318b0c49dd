// The query protocol's requests.
#include "engine/protocol/query.h"

#include "engine/protocol/error.h"
#include "engine/protocol/xml.h"
#include "lib/base/encoding.h"

#include <fmt/format.h>

#include <charconv>
#include <map>
#include <set>

namespace engine {
namespace {

/// Names and values, sorted, so that everything below a prefix stands together.
using Form = std::map<std::string, std::string, std::less<>>;

class Reader {
 public:
  Reader(const Form& form, Violations& violations) : form_(form), violations_(violations) {}

  void structure(const Shape& shape, const std::string& prefix, void* out, const std::string& path) {
    for (const Member& member : shape.members) {
      const std::string name = prefix.empty() ? std::string(member.wire_name)
                                              : fmt::format("{}.{}", prefix, member.wire_name);
      if (present(name)) {
        value(*member.shape, name, member.set(out), join_path(path, member.name), member.flattened, member.time);
      } else if (member.required) {
        violations_.add_missing(join_path(path, member.name));
      }
    }
  }

 private:
  /// The name itself is there, or something below it.
  bool present(const std::string& name) const {
    const auto below = form_.lower_bound(name + ".");
    return form_.contains(name) || (below != form_.end() && below->first.starts_with(name + "."));
  }

  /// The numbers N for which "prefix.N" or "prefix.N.…" is there, in order.
  std::set<int> indices(const std::string& prefix) const {
    std::set<int> found;
    const std::string start = prefix + ".";
    for (auto at = form_.lower_bound(start); at != form_.end() && at->first.starts_with(start); ++at) {
      int number = 0;
      const char* first = at->first.data() + start.size();
      const auto [end, error] = std::from_chars(first, at->first.data() + at->first.size(), number);
      if (error == std::errc() && (*end == '\0' || *end == '.')) found.insert(number);
    }
    return found;
  }

  void value(const Shape& shape, const std::string& name, void* out, const std::string& path,
             bool flattened, TimeFormat time) {
    switch (shape.kind) {
      case Kind::kStructure: return structure(shape, name, out, path);
      case Kind::kList: {
        const std::string items = flattened ? name : fmt::format("{}.{}", name, shape.element_name);
        for (const int index : indices(items)) {
          value(*shape.element, fmt::format("{}.{}", items, index), shape.access.list_append(out),
                fmt::format("{}.{}.member", path, index), false, shape.element->time);
        }
        return;
      }
      case Kind::kMap: {
        const std::string items = flattened ? name : name + ".entry";
        for (const int index : indices(items)) {
          const std::string entry = fmt::format("{}.{}", items, index);
          const auto key = form_.find(fmt::format("{}.{}", entry, shape.key_name));
          if (key == form_.end()) continue;
          value(*shape.element, fmt::format("{}.{}", entry, shape.element_name),
                shape.access.map_insert(out, key->second), path, false, shape.element->time);
        }
        return;
      }
      default: {
        const auto at = form_.find(name);
        if (at != form_.end() && !parse_scalar(shape, at->second, out, time)) {
          throw AwsError("MalformedInput", fmt::format("'{}' is not a valid value of {}", at->second, name));
        }
      }
    }
  }

  const Form& form_;
  Violations& violations_;
};

}  // namespace

void read_query(const Shape& shape, const std::vector<std::pair<std::string, std::string>>& parameters,
                void* object, Violations& violations) {
  Form form;
  for (const auto& [key, value] : parameters) {
    if (!base::is_utf8(key) || !base::is_utf8(value)) throw AwsError("MalformedInput", "The request is not UTF-8 text");
    form.insert_or_assign(key, value);
  }
  Reader(form, violations).structure(shape, {}, object, {});
}

}  // namespace engine
