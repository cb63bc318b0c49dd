// What a JSON value says as a number, a time, a truth or text: nothing where it says none.
#pragma once

#include "engine/sql/hive_type.h"
#include "lib/base/clock.h"
#include "lib/duckdb/database.h"

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace engine::sql {

using Json = simdjson::dom::element;

/// What a string column keeps of any value; `memory` holds it where the value doesn't.
std::string_view plain_text(const Json& value, std::string& memory);

/// A whole number, also as text or as 3.0. A fraction is none.
std::optional<std::int64_t> whole(const Json& value);

/// Any number, also as text.
std::optional<double> real(const Json& value);

/// true and false, also as text in any case.
std::optional<bool> boolean(const Json& value);

/// ISO 8601, "yyyy-mm-dd hh:mm:ss", a date alone, epoch seconds or (from 1e11 on) milliseconds; UTC.
std::optional<base::Timestamp> timestamp(const Json& value);

/// Whether an integer of that kind holds the value.
bool in_range(std::int64_t value, HiveKind kind);

/// The digits of "-12.345e1" at a scale, rounded half away from zero; nothing when it has other
/// characters, or needs more digits than the precision.
std::optional<duck::Wide> decimal(std::string_view text, int precision, int scale);

}  // namespace engine::sql
