// The XML form of a shape, and the text form of scalars.
#include "engine/protocol/xml.h"

#include "lib/base/encoding.h"
#include "lib/base/time_text.h"

#include <fmt/format.h>
#include <pugixml.hpp>

#include <bitset>
#include <charconv>
#include <cmath>

namespace engine {
namespace {

/// The name without a prefix: "s3:Tag" → "Tag".
std::string_view local_name(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  const auto colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

class Reader {
 public:
  explicit Reader(Violations& violations) : violations_(violations) {}

  void structure(const Shape& shape, const pugi::xml_node& node, void* out, const std::string& path) {
    std::bitset<128> seen;
    for (const pugi::xml_node& child : node.children()) {
      if (child.type() != pugi::node_element) continue;
      if (const Member* member = shape.find_member(local_name(child))) {
        const auto index = static_cast<std::size_t>(member - shape.members.data());
        this->member(*member, child, out, path, seen[index]);
        seen.set(index);
      }
    }
    for (std::size_t i = 0; i < shape.members.size(); ++i) {
      const Member& member = shape.members[i];
      if (member.xml_attribute) {
        const auto attribute = node.attribute(std::string(member.wire_name).c_str());
        if (attribute) parse_scalar(*member.shape, attribute.value(), member.set(out), member.time), seen.set(i);
      }
      if (member.required && !seen[i] && member.location == Location::kBody) {
        violations_.add_missing(join_path(path, member.name));
      }
    }
  }

 private:
  void member(const Member& member, const pugi::xml_node& node, void* out, const std::string& path,
              bool again) {
    const bool flat_list = member.shape->kind == Kind::kList && member.flattened;
    // A flattened list repeats its element: what came before must stay.
    void* slot = flat_list && again ? const_cast<void*>(member.get(out)) : member.set(out);
    if (flat_list) {
      return value(*member.shape->element, node, member.shape->access.list_append(slot),
                   join_path(path, member.name), member.shape->element->time);
    }
    value(*member.shape, node, slot, join_path(path, member.name), member.time);
  }

  void value(const Shape& shape, const pugi::xml_node& node, void* out, const std::string& path,
             TimeFormat time) {
    switch (shape.kind) {
      case Kind::kStructure: return structure(shape, node, out, path);
      case Kind::kList: {
        std::size_t index = 0;
        for (const pugi::xml_node& child : node.children()) {
          if (child.type() != pugi::node_element) continue;
          value(*shape.element, child, shape.access.list_append(out),
                fmt::format("{}.{}.member", path, ++index), shape.element->time);
        }
        return;
      }
      case Kind::kMap:
        for (const pugi::xml_node& entry : node.children()) {
          const std::string key = entry.child(std::string(shape.key_name).c_str()).text().get();
          value(*shape.element, entry.child(std::string(shape.element_name).c_str()),
                shape.access.map_insert(out, key), fmt::format("{}.{}.member", path, key), shape.element->time);
        }
        return;
      default:
        if (!parse_scalar(shape, node.text().get(), out, time)) {
          throw XmlError(fmt::format("'{}' is not valid at '{}'", node.text().get(), path));
        }
    }
  }

  Violations& violations_;
};

void write_value(const Shape& shape, const void* value, std::string_view name, TimeFormat time,
                 std::string& out);

void open(std::string_view name, std::string& out) { out.append("<").append(name).append(">"); }
void close(std::string_view name, std::string& out) { out.append("</").append(name).append(">"); }

void write_list(const Member& member, const void* list, std::string& out) {
  const Shape& shape = *member.shape;
  const bool flat = member.flattened;
  if (!flat) open(member.wire_name, out);
  const std::size_t size = shape.access.list_size(list);
  for (std::size_t i = 0; i < size; ++i) {
    write_value(*shape.element, shape.access.list_at(list, i), flat ? member.wire_name : shape.element_name,
                shape.element->time, out);
  }
  if (!flat) close(member.wire_name, out);
}

void write_value(const Shape& shape, const void* value, std::string_view name, TimeFormat time,
                 std::string& out) {
  if (shape.kind == Kind::kList) {
    const Member member{name, name, &shape, 0, true};
    return write_list(member, value, out);
  }
  open(name, out);
  if (shape.kind == Kind::kStructure) {
    // Attributes of the element itself (ACL's xsi:type) go into the tag just opened.
    for (const Member& member : shape.members) {
      const void* inner = member.xml_attribute ? member.get(value) : nullptr;
      if (inner == nullptr) continue;
      out.pop_back();
      out.append(" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" ").append(member.wire_name);
      out.append("=\"").append(scalar_text(*member.shape, inner, member.time)).append("\">");
    }
    write_xml_members(shape, value, out);
  } else if (shape.kind == Kind::kMap) {
    shape.access.map_each(value, [&](std::string_view key, const void* inner) {
      open("entry", out);
      write_xml_element(shape.key_name, key, out);
      write_value(*shape.element, inner, shape.element_name, shape.element->time, out);
      close("entry", out);
    });
  } else {
    write_xml_text(scalar_text(shape, value, time), out);
  }
  close(name, out);
}

template <class T>
bool parse_number(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

void read_xml(const Shape& shape, std::string_view text, void* object, Violations& violations) {
  if (base::trim(text).empty()) return;
  pugi::xml_document document;
  const auto result = document.load_buffer(text.data(), text.size(), pugi::parse_default | pugi::parse_ws_pcdata_single);
  if (!result) throw XmlError(result.description());
  Reader(violations).structure(shape, document.document_element(), object, {});
}

void write_xml(const Shape& shape, const void* object, std::string_view name,
               std::string_view xml_namespace, std::string& out) {
  out.append("<").append(name);
  if (!xml_namespace.empty()) out.append(" xmlns=\"").append(xml_namespace).append("\"");
  out += '>';
  write_xml_members(shape, object, out);
  close(name, out);
}

void write_xml_members(const Shape& shape, const void* object, std::string& out) {
  for (const Member& member : shape.members) {
    if (member.location != Location::kBody || member.xml_attribute) continue;
    const void* inner = member.get(object);
    if (inner == nullptr) continue;
    if (member.shape->kind == Kind::kList) {
      write_list(member, inner, out);
    } else {
      write_value(*member.shape, inner, member.wire_name, member.time, out);
    }
  }
}

void write_xml_text(std::string_view text, std::string& out) {
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\r': out += "&#13;"; break;  // a parser would turn a bare one into a line feed
      default: out += c;
    }
  }
}

void write_xml_element(std::string_view name, std::string_view text, std::string& out) {
  open(name, out);
  write_xml_text(text, out);
  close(name, out);
}

std::string scalar_text(const Shape& shape, const void* value, TimeFormat time) {
  switch (shape.kind) {
    case Kind::kString: return *static_cast<const std::string*>(value);
    case Kind::kBlob: return base::to_base64(*static_cast<const Blob*>(value));
    case Kind::kBoolean: return *static_cast<const bool*>(value) ? "true" : "false";
    case Kind::kInteger:
    case Kind::kLong: return fmt::to_string(*static_cast<const std::int64_t*>(value));
    case Kind::kFloat:
    case Kind::kDouble: return fmt::to_string(*static_cast<const double*>(value));
    case Kind::kTimestamp: {
      const auto at = *static_cast<const Timestamp*>(value);
      if (time == TimeFormat::kHttpDate) return base::to_http_date(at);
      if (time == TimeFormat::kEpochSeconds) return fmt::to_string(at.time_since_epoch().count() / 1000);
      return base::to_iso8601_millis(at);
    }
    default: return {};
  }
}

bool parse_scalar(const Shape& shape, std::string_view text, void* value, TimeFormat time) {
  switch (shape.kind) {
    case Kind::kString: *static_cast<std::string*>(value) = text; return true;
    case Kind::kBlob: {
      auto bytes = base::from_base64(base::trim(text));
      if (bytes) *static_cast<Blob*>(value) = std::move(*bytes);
      return bytes.has_value();
    }
    case Kind::kBoolean:
      *static_cast<bool*>(value) = base::iequals(text, "true");
      return base::iequals(text, "true") || base::iequals(text, "false");
    case Kind::kInteger:
    case Kind::kLong: return parse_number(base::trim(text), *static_cast<std::int64_t*>(value));
    case Kind::kFloat:
    case Kind::kDouble: return parse_number(base::trim(text), *static_cast<double*>(value));
    case Kind::kTimestamp: {
      auto at = time == TimeFormat::kHttpDate ? base::from_http_date(text) : base::from_iso8601(text);
      double seconds = 0;
      if (!at && parse_number(text, seconds) && std::abs(seconds) < 1e12) {
        at = Timestamp{base::Milliseconds(static_cast<std::int64_t>(seconds * 1000))};
      }
      if (at) *static_cast<Timestamp*>(value) = *at;
      return at.has_value();
    }
    default: return false;
  }
}

}  // namespace engine
