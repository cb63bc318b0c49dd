// Filters of batch transform, and a record held against each.
#include "engine/services/sagemaker/jobs/json_path.h"
#include "lib/base/fuzz.h"

#include <boost/json.hpp>

FUZZ(bytes) {
  const std::string_view text = base::fuzz::take_line(bytes);
  boost::system::error_code failed;
  const boost::json::value record = boost::json::parse(bytes, failed);
  if (failed) return;
  try {
    const engine::sagemaker::JsonPath path(text);
    path.select(record);
    path.value(record);
  } catch (const std::invalid_argument&) {
  }
}
