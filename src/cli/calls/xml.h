// Writing the small XML documents S3 takes, and comparing them with what it answers.
#pragma once

#include <string>
#include <string_view>

namespace cli {

/// "<name>content</name>"; the content is markup already.
std::string element(std::string_view name, std::string_view content);

/// The text as an element's content: "a &amp; b".
std::string escape_xml(std::string_view text);

/// True when all that `wanted` says is so in `actual`, which may say more: every element below the
/// root with its text, in any order, and as many of one name as are wanted. Namespaces, attributes
/// and white space around texts say nothing. False when one of the two isn't XML.
bool xml_agrees(const std::string& actual, const std::string& wanted);

}  // namespace cli
