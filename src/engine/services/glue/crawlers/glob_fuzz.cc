// Exclusions of crawlers, and a path held against each.
#include "engine/services/glue/crawlers/glob.h"
#include "lib/base/fuzz.h"

#include <stdexcept>

FUZZ(bytes) {
  const std::string pattern(base::fuzz::take_line(bytes));
  try {
    engine::glue::Globs({pattern}).match(bytes);
  } catch (const std::invalid_argument&) {
  }
}
