// Filter patterns of log groups, and a message held against each.
#include "engine/protocol/error.h"
#include "engine/services/logs/pattern.h"
#include "lib/base/fuzz.h"

FUZZ(bytes) {
  const std::string_view text = base::fuzz::take_line(bytes);
  try {
    engine::logs::Pattern(text).matches(bytes);
  } catch (const engine::AwsError&) {
  }
}
