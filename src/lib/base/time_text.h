// The ways AWS writes time on the wire.
#pragma once

#include "lib/base/clock.h"

#include <optional>
#include <string>
#include <string_view>

namespace base {

std::string to_iso8601(Timestamp time);        ///< 2026-01-02T03:04:05.678Z (milliseconds if any)
std::string to_iso8601_millis(Timestamp time); ///< always with three digits: S3's XML
std::string to_http_date(Timestamp time);      ///< Fri, 02 Jan 2026 03:04:05 GMT
std::string to_amz_date(Timestamp time);       ///< 20260102T030405Z, SigV4's

std::optional<Timestamp> from_iso8601(std::string_view text);  ///< with Z or an offset
std::optional<Timestamp> from_http_date(std::string_view text);
std::optional<Timestamp> from_amz_date(std::string_view text);

/// strftime over UTC.
std::string format_utc(Timestamp time, const char* pattern);

}  // namespace base
