// The XML form of a shape: restXml's bodies and the query protocol's answers.
#pragma once

#include "engine/protocol/shape.h"
#include "engine/protocol/validate.h"

#include <string>
#include <string_view>

namespace engine {

/// The text isn't XML, or a value has another type than the shape.
struct XmlError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Fills `object` (a structure) from the children of the document's root. An empty text fills nothing.
void read_xml(const Shape& shape, std::string_view text, void* object, Violations& violations);

/// Appends `<name xmlns="…">…</name>` with the body members of a structure.
void write_xml(const Shape& shape, const void* object, std::string_view name,
               std::string_view xml_namespace, std::string& out);
/// Appends the members alone.
void write_xml_members(const Shape& shape, const void* object, std::string& out);

void write_xml_text(std::string_view text, std::string& out);  ///< escaped
/// `<name>text</name>`
void write_xml_element(std::string_view name, std::string_view text, std::string& out);

/// Scalars as text, as headers, queries and XML carry them. parse_scalar is false when the text isn't one.
std::string scalar_text(const Shape& shape, const void* value, TimeFormat time);
bool parse_scalar(const Shape& shape, std::string_view text, void* value, TimeFormat time);

}  // namespace engine
