// Patterns of dates: what is printed is read again.
#include "engine/services/athena/date_pattern.h"
#include "lib/base/fuzz.h"

#include <stdexcept>
#include <string>

FUZZ(bytes) {
  using engine::athena::DatePattern;
  const bool joda = (base::fuzz::take_byte(bytes) & 1) != 0;
  const std::string pattern(base::fuzz::take_line(bytes));
  try {
    const DatePattern read = joda ? DatePattern::joda(pattern) : DatePattern::mysql(pattern);
    try {
      read.parse(bytes);
    } catch (const std::invalid_argument&) {
    }
    const std::string printed = read.print(1'767'225'612'345'678);
    try {
      read.print(read.parse(printed));
    } catch (const std::invalid_argument&) {
    }
  } catch (const std::invalid_argument&) {
  }
}
