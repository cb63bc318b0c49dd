// The values of every metric, by the minute.
//
// Rows of "cloudwatch/datapoints": <metric's key> NUL <hour, ten digits> → a line for each minute that has
// values, "<minute of the hour> <sum> <count> <minimum> <maximum>\n". Rows of "cloudwatch/metrics":
// <metric's key> → the last minute that had a value, not older than the last flush but one hour.
#include "engine/services/cloudwatch/store.h"

#include <fmt/format.h>

#include <charconv>
#include <stdexcept>

namespace engine::cloudwatch {
namespace {

constexpr const char* kDatapoints = "cloudwatch/datapoints";
constexpr const char* kMetrics = "cloudwatch/metrics";
constexpr std::int64_t kHour = 60;

template <class T>
T take_number(const char*& at, const char* end) {
  while (at != end && (*at == ' ' || *at == '\n')) ++at;
  T value{};
  const auto [stop, error] = std::from_chars(at, end, value);
  if (error != std::errc{}) throw std::runtime_error("a row of the metrics is damaged");
  at = stop;
  return value;
}

Minutes read_row(const std::string& text, std::int64_t hour) {
  Minutes minutes;
  const char* at = text.data();
  const char* end = at + text.size();
  while (end - at > 1) {
    const Minute minute = hour * kHour + take_number<std::int64_t>(at, end);
    Totals& totals = minutes[minute];
    for (double* part : {&totals.sum, &totals.count, &totals.minimum, &totals.maximum}) *part = take_number<double>(at, end);
  }
  return minutes;
}

std::string write_row(const Minutes& minutes, std::int64_t hour) {
  std::string text;
  for (const auto& [minute, totals] : minutes) {
    fmt::format_to(std::back_inserter(text), "{} {} {} {} {}\n", minute - hour * kHour, totals.sum, totals.count,
                   totals.minimum, totals.maximum);
  }
  return text;
}

void add_between(const Minutes& minutes, Minute from, Minute to, Minutes& into) {
  for (auto at = minutes.lower_bound(from); at != minutes.end() && at->first < to; ++at) into[at->first].add(at->second);
}

std::int64_t hour_of(Minute minute) { return minute / kHour; }

}  // namespace

Minute minute_of(base::Timestamp time) { return std::chrono::floor<std::chrono::minutes>(time).time_since_epoch().count(); }

base::Timestamp time_of(Minute minute) { return base::Timestamp{std::chrono::minutes(minute)}; }

MetricStore::MetricStore(storage::Catalog& catalog) : catalog_(catalog) {
  for (const auto& row : catalog_.scan(kMetrics)) {
    const char* at = row.value.data();
    State& state = metrics_[row.key];
    state.last = state.saved_last = take_number<Minute>(at, at + row.value.size());
  }
}

std::string MetricStore::row_key(std::string_view key, Hour hour) {
  std::string row(key);
  row += '\0';
  return row + fmt::format("{:010}", hour);
}

/// The hour's block, with what the catalog has of it.
MetricStore::Block& MetricStore::block(const std::string& key, State& state, Hour hour) const {
  const auto at = state.blocks.find(hour);
  if (at != state.blocks.end()) return at->second;
  Block loaded;
  if (const auto row = catalog_.get(kDatapoints, row_key(key, hour))) loaded.minutes = read_row(*row, hour);
  return state.blocks.emplace(hour, std::move(loaded)).first->second;
}

bool MetricStore::add(const std::string& key, Minute minute, const Totals& totals) {
  std::lock_guard lock(mutex_);
  auto at = metrics_.find(key);
  if (at == metrics_.end()) {
    if (metrics_.size() >= kMostMetrics) return false;
    at = metrics_.emplace(key, State{}).first;
  }
  State& state = at->second;
  Block& open = block(key, state, hour_of(minute));
  open.minutes[minute].add(totals);
  open.dirty = true;
  state.last = std::max(state.last, minute);
  return true;
}

/// What has changed, as rows. Hours that have not changed since they were written last leave the memory.
storage::Batch MetricStore::take_dirty() {
  storage::Batch batch;
  std::lock_guard lock(mutex_);
  for (auto& [key, state] : metrics_) {
    const Hour newest = hour_of(state.last);
    std::erase_if(state.blocks, [newest](const auto& entry) { return !entry.second.dirty && entry.first < newest; });
    for (auto& [hour, open] : state.blocks) {
      if (!open.dirty) continue;
      batch.put(kDatapoints, row_key(key, hour), write_row(open.minutes, hour));
      open.dirty = false;
    }
    // Once an hour is enough to know what is still alive.
    if (state.last >= state.saved_last + kHour) {
      batch.put(kMetrics, key, std::to_string(state.last));
      state.saved_last = state.last;
    }
  }
  return batch;
}

void MetricStore::flush() {
  std::lock_guard flushing(flushing_);
  storage::Batch batch = take_dirty();
  if (batch.empty()) return;
  try {
    catalog_.commit(std::move(batch));
  } catch (...) {
    // Still in memory, for no later flush has thrown them out: once more next time.
    std::lock_guard lock(mutex_);
    for (auto& [key, state] : metrics_) {
      state.saved_last = 0;
      for (auto& [hour, open] : state.blocks) open.dirty = true;
    }
    throw;
  }
}

/// Rows of the hours that are not in memory.
void MetricStore::add_rows(std::string_view key, Minute from, Minute to, const std::map<Hour, Block>& in_memory,
                           Minutes& into) const {
  const std::string prefix = std::string(key) + '\0';
  const std::string after = hour_of(from) > 0 ? row_key(key, hour_of(from) - 1) : prefix;
  const auto hours = static_cast<std::size_t>(hour_of(to) - hour_of(from) + 1);
  for (const auto& row : catalog_.scan(kDatapoints, prefix, after, hours)) {
    const Hour hour = std::stoll(row.key.substr(prefix.size()));
    if (hour > hour_of(to)) break;
    if (!in_memory.contains(hour)) add_between(read_row(row.value, hour), from, to, into);
  }
}

Minutes MetricStore::read(std::string_view prefix, Minute from, Minute to) const {
  Minutes found;
  if (to <= from) return found;
  std::map<std::string, std::map<Hour, Block>> in_memory;
  {
    std::lock_guard lock(mutex_);
    for (auto at = metrics_.lower_bound(prefix); at != metrics_.end() && at->first.starts_with(prefix); ++at) {
      in_memory[at->first] = at->second.blocks;
    }
  }
  // What leaves the memory from here on is in the catalog.
  for (const auto& [key, blocks] : in_memory) {
    for (const auto& [hour, block] : blocks) add_between(block.minutes, from, to, found);
    if (!blocks.contains(hour_of(from)) || hour_of(from) != hour_of(to - 1)) add_rows(key, from, to, blocks, found);
  }
  return found;
}

std::vector<MetricStore::Known> MetricStore::metrics(std::string_view prefix) const {
  std::vector<Known> found;
  std::lock_guard lock(mutex_);
  for (auto at = metrics_.lower_bound(prefix); at != metrics_.end() && at->first.starts_with(prefix); ++at) {
    found.push_back({at->first, at->second.last});
  }
  return found;
}

void MetricStore::drop_expired(Minute now) {
  const Minute limit = now - kRetention;
  storage::Batch batch;
  for (const Known& known : metrics()) {
    const std::string prefix = known.key + '\0';
    for (const auto& row : catalog_.scan(kDatapoints, prefix, {}, 48)) {
      if (std::stoll(row.key.substr(prefix.size())) >= hour_of(limit)) break;
      batch.remove(kDatapoints, row.key);
    }
    if (known.last >= limit) continue;
    std::lock_guard lock(mutex_);
    const auto at = metrics_.find(known.key);
    if (at == metrics_.end() || at->second.last >= limit) continue;
    for (const auto& row : catalog_.scan(kDatapoints, prefix)) batch.remove(kDatapoints, row.key);
    batch.remove(kMetrics, known.key);
    metrics_.erase(at);
  }
  if (!batch.empty()) catalog_.commit(std::move(batch));
}

}  // namespace engine::cloudwatch
