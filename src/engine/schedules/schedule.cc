// When something scheduled is due.
#include "engine/schedules/schedule.h"

#include "lib/base/encoding.h"

#include <charconv>
#include <stdexcept>
#include <string>

namespace engine::schedules {
namespace {

using namespace std::chrono_literals;
using base::Milliseconds;
using base::Timestamp;

/// "5 minutes". AWS wants the singular for 1 and the plural for the rest.
std::optional<Milliseconds> parse_rate(std::string_view text) {
  std::int64_t count = 0;
  const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || count < 1 || count > 1'000'000) return std::nullopt;
  const std::string_view rest(at, static_cast<std::size_t>(text.data() + text.size() - at));
  if (!rest.starts_with(' ')) return std::nullopt;
  const std::string_view unit = base::trim(rest);
  const bool one = count == 1;
  if (unit == (one ? "minute" : "minutes")) return count * Milliseconds(1min);
  if (unit == (one ? "hour" : "hours")) return count * Milliseconds(1h);
  if (unit == (one ? "day" : "days")) return count * Milliseconds(24h);
  return std::nullopt;
}

/// What stands between "rate(" and ")".
std::optional<std::string_view> inside(std::string_view text, std::string_view word) {
  if (!text.starts_with(word) || !text.ends_with(')')) return std::nullopt;
  text.remove_prefix(word.size());
  text.remove_suffix(1);
  return base::trim(text);
}

}  // namespace

Schedule::Schedule(std::string_view expression) {
  if (const auto text = inside(expression, "rate(")) {
    if (const auto rate = parse_rate(*text)) {
      rule_ = *rate;
      return;
    }
  } else if (const auto fields = inside(expression, "cron(")) {
    if (auto cron = Cron::parse(*fields)) {
      rule_ = std::move(*cron);
      return;
    }
  }
  throw std::invalid_argument("not a schedule: " + std::string(expression));
}

std::optional<Timestamp> Schedule::next(Timestamp after) const {
  if (const auto* rate = std::get_if<Rate>(&rule_)) return after + *rate;
  return std::get<Cron>(rule_).next(after);
}

std::optional<Timestamp> Schedule::latest(Timestamp after, Timestamp now) const {
  if (const auto* rate = std::get_if<Rate>(&rule_)) {
    if (now < after + *rate) return std::nullopt;
    return after + (now - after) / *rate * *rate;
  }
  const Cron& cron = std::get<Cron>(rule_);
  auto found = cron.next(after);
  if (!found || *found > now) return std::nullopt;
  // After a long pause the times between are not walked one by one: the last is looked for in the
  // last hour first, then in the last day, and so on.
  for (const auto span : {Milliseconds(1h), Milliseconds(24h), Milliseconds(24h * 31)}) {
    const auto near = cron.next(std::max(after, now - span));
    if (near && *near <= now) {
      found = near;
      break;
    }
  }
  for (auto later = cron.next(*found); later && *later <= now; later = cron.next(*later)) {
    found = later;
  }
  return found;
}

}  // namespace engine::schedules
