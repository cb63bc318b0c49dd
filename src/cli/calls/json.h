// Reading AWS's answers with little ceremony.
#pragma once

#include <boost/json.hpp>

#include <string>
#include <string_view>

namespace cli {

namespace json = boost::json;

/// The member at `path` ("a.b.c"), or nothing. A number in a path is an index of an array.
const json::value* find(const json::value& value, std::string_view path);

/// The text at `path`, or `fallback`; a number or boolean as JSON writes it.
std::string text(const json::value& value, std::string_view path, std::string_view fallback = {});

/// The number at `path`, or `fallback`.
double number(const json::value& value, std::string_view path, double fallback = 0);

/// The elements of the array at `path`; an empty one when there is none.
const json::array& list(const json::value& value, std::string_view path);

/// True when all that `wanted` says is so in `actual`, which may say more: every member of an
/// object, and arrays element by element. 5 and 5.0 are one number.
bool agrees(const json::value& actual, const json::value& wanted);

}  // namespace cli
