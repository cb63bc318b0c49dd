// What happened to alarms: the last of each, newest first unless asked otherwise.
#include "engine/services/cloudwatch/errors.h"
#include "engine/services/cloudwatch/operations.h"
#include "engine/services/cloudwatch/state.h"
#include "engine/services/paging.h"

#include "engine/protocol/json.h"

namespace engine::cloudwatch {
namespace {

/// Deviation: AWS keeps thirty days of history, we the last items of each alarm.
constexpr std::size_t kMostItems = 200;

/// An item and the row it stands in: time and number, which order items of all alarms.
struct Item {
  std::string position;
  api::AlarmHistoryItem item;
};

bool wanted(const api::AlarmHistoryItem& item, const api::DescribeAlarmHistoryInput& input) {
  return (!input.AlarmName || item.AlarmName == input.AlarmName) &&
         (!input.HistoryItemType || item.HistoryItemType == input.HistoryItemType) &&
         (!input.StartDate || *item.Timestamp >= *input.StartDate) &&
         (!input.EndDate || *item.Timestamp <= *input.EndDate);
}

}  // namespace

void CloudWatch::Impl::remember(const std::string& alarm, std::string_view type, std::string summary, std::string data,
                                Changes& changes) {
  const Timestamp now = context.clock.now();
  api::AlarmHistoryItem item;
  item.AlarmName = alarm;
  item.AlarmType = "MetricAlarm";
  item.Timestamp = now;
  item.HistoryItemType = std::string(type);
  item.HistorySummary = std::move(summary);
  item.HistoryData = std::move(data);
  const auto rows = context.catalog.scan(kHistory, tag_key(alarm, ""));
  for (std::size_t i = 0; i + kMostItems <= rows.size(); ++i) changes.batch.remove(kHistory, rows[i].key);
  const std::string position = fmt::format("{:015}{:08}", now.time_since_epoch().count(), ++history_number % 100'000'000);
  changes.batch.put(kHistory, tag_key(alarm, position), to_json(item));
}

api::DescribeAlarmHistoryOutput describe_alarm_history(CloudWatch& cloudwatch, Call&,
                                                       const api::DescribeAlarmHistoryInput& input) {
  const std::string prefix = input.AlarmName ? tag_key(*input.AlarmName, "") : std::string();
  std::vector<Item> items;
  for (const auto& row : cloudwatch.impl().context.catalog.scan(kHistory, prefix)) {
    auto item = from_json<api::AlarmHistoryItem>(row.value);
    if (wanted(item, input)) items.push_back({row.key.substr(row.key.find('\0') + 1), std::move(item)});
  }
  auto page = page_by_name(std::move(items), input.NextToken, input.MaxRecords, 100, invalid_token(),
                           [](const Item& item) { return item.position; },
                           input.ScanBy.value_or("TimestampDescending") == "TimestampDescending");
  api::DescribeAlarmHistoryOutput output{.AlarmHistoryItems = std::vector<api::AlarmHistoryItem>(),
                                         .NextToken = std::move(page.next)};
  for (Item& item : page.items) output.AlarmHistoryItems->push_back(std::move(item.item));
  return output;
}

}  // namespace engine::cloudwatch
