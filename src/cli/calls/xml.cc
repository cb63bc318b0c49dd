// Writing the small XML documents S3 takes, and comparing them with what it answers.
#include "cli/calls/xml.h"

#include "lib/base/encoding.h"

#include <fmt/format.h>
#include <pugixml.hpp>

#include <algorithm>
#include <vector>

namespace cli {
namespace {

std::vector<pugi::xml_node> elements(const pugi::xml_node& node) {
  std::vector<pugi::xml_node> found;
  for (const pugi::xml_node child : node.children()) {
    if (child.type() == pugi::node_element) found.push_back(child);
  }
  return found;
}

std::vector<pugi::xml_node> named(std::vector<pugi::xml_node> nodes, std::string_view name) {
  std::erase_if(nodes, [&](const pugi::xml_node& node) { return node.name() != name; });
  return nodes;
}

bool agree(const pugi::xml_node& actual, const pugi::xml_node& wanted) {
  if (base::trim(actual.child_value()) != base::trim(wanted.child_value())) return false;
  const auto all = elements(actual);
  for (const pugi::xml_node& child : elements(wanted)) {
    const auto candidates = named(all, child.name());
    if (candidates.size() != named(elements(wanted), child.name()).size()) return false;
    if (std::none_of(candidates.begin(), candidates.end(),
                     [&](const pugi::xml_node& one) { return agree(one, child); })) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::string element(std::string_view name, std::string_view content) {
  return fmt::format("<{0}>{1}</{0}>", name, content);
}

std::string escape_xml(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

bool xml_agrees(const std::string& actual, const std::string& wanted) {
  pugi::xml_document left, right;
  if (!left.load_buffer(actual.data(), actual.size())) return false;
  if (!right.load_buffer(wanted.data(), wanted.size())) return false;
  return agree(left.document_element(), right.document_element());
}

}  // namespace cli
