// Event patterns, and an event held against each.
#include "engine/patterns/pattern.h"
#include "engine/protocol/error.h"
#include "lib/base/fuzz.h"

#include <boost/json.hpp>

FUZZ(bytes) {
  const std::string_view pattern = base::fuzz::take_line(bytes);
  boost::system::error_code failed;
  const boost::json::value event = boost::json::parse(bytes, failed);
  try {
    const engine::patterns::Pattern read(pattern);
    read.matches(failed ? boost::json::value(boost::json::object{}) : event);
  } catch (const engine::AwsError&) {
  }
}
