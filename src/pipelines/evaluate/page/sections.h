// The page's sections, each from the whole evaluation; "" where it has nothing to say.
#pragma once

#include <boost/json/fwd.hpp>

#include <string>
#include <string_view>

namespace pipelines::page {

// How wrong the model is (accuracy.cc).
std::string errors_section(const boost::json::value& evaluation);
std::string predictions_section(const boost::json::value& evaluation);
std::string residuals_section(const boost::json::value& evaluation);
std::string calibration_section(const boost::json::value& evaluation);

// What is behind it (background.cc).
std::string champion_section(const boost::json::value& evaluation);
std::string features_section(const boost::json::value& evaluation);
std::string worst_section(const boost::json::value& evaluation);
std::string quality_section(const boost::json::value& evaluation);

/// What stands at a JSON pointer; nullptr when nothing or null does.
const boost::json::value* find(const boost::json::value& from, std::string_view pointer);
/// The number there. Throws std::runtime_error naming the pointer when there is none.
double real(const boost::json::value& from, std::string_view pointer);
std::string text(const boost::json::value& from, std::string_view pointer);

}  // namespace pipelines::page
