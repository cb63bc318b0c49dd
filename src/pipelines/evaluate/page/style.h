// The report's style sheet.
#pragma once

#include <string_view>

namespace pipelines::page {

/// For screens of any width, light and dark, and for paper.
std::string_view style_sheet();

}  // namespace pipelines::page
