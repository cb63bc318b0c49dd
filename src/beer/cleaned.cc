// From a beer's JSON to its row, and the row as a line of JSON.
#include "beer/cleaned.h"

#include "beer/features.h"
#include "beer/json_text.h"
#include "beer/reading.h"
#include "lib/base/time_text.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <limits>
#include <utility>

namespace beer {
namespace {

constexpr auto kOwnColumns = std::to_array<Column>({
    {"id", "bigint", "the beer's id in the catalogue"},
    {"name", "string", "the beer's name"},
    {"first_brewed", "string", "MM/YYYY or YYYY"},
    {"arrived_at", "timestamp", "when the beer was cleaned, UTC"},
    {"ibu", "double", "international bitterness units as the catalogue states them"},
    {"label", "string", "whether ibu can teach: ok, missing, rejected, out_of_scale"},
    {"findings", "string", "names of the data-quality rules that caught it, by comma"},
    {"name_stem", "string", "family key: the name without version or year"},
    {"hop_bill", "string", "family key: digest of the hop additions"},
    {"malt_bill", "string", "family key: digest of the malts"},
    {"six_values", "string", "family key: digest of the mission's six values"},
});

// A JSON object written member by member.
class Line {
 public:
  std::string& member(std::string_view name) {
    out_ += out_.empty() ? "{\"" : ",\"";
    out_ += name;
    out_ += "\":";
    return out_;
  }
  void text(std::string_view name, std::string_view value) {
    append_json_string(member(name), value);
  }
  template <class Number>
  void number(std::string_view name, Number value) {
    append_json_number(member(name), value);
  }
  std::string finish() {
    out_ += '}';
    return std::move(out_);
  }

 private:
  std::string out_;
};

std::string timestamp_text(base::Timestamp time) {
  auto millis = (time.time_since_epoch() % std::chrono::seconds(1)).count();
  if (millis < 0) millis += 1000;
  return fmt::format("{}.{:03}", base::format_utc(time, "%Y-%m-%d %H:%M:%S"), millis);
}

}  // namespace

std::span<const Column> cleaned_columns() {
  static const std::vector<Column> columns = [] {
    std::vector<Column> all(kOwnColumns.begin(), kOwnColumns.end());
    for (const Feature& feature : features()) {
      all.push_back({feature.name, "double", feature.meaning});
    }
    return all;
  }();
  return columns;
}

std::string Cleaned::to_json() const {
  Line line;
  line.member("id") += std::to_string(id);
  line.text("name", name);
  line.text("first_brewed", first_brewed);
  line.text("arrived_at", timestamp_text(arrived_at));
  line.number("ibu", ibu.value_or(std::numeric_limits<double>::quiet_NaN()));
  line.text("label", to_string(label));
  line.text("findings", findings);
  line.text("name_stem", keys.name_stem);
  line.text("hop_bill", keys.hop_bill);
  line.text("malt_bill", keys.malt_bill);
  line.text("six_values", keys.six_values);
  for (std::size_t i = 0; i < features.size(); ++i) {
    line.number(beer::features()[i].name, features[i]);
  }
  return line.finish();
}

Cleaned clean(std::string_view beer_json, base::Timestamp arrived) {
  Reading reading = read_beer(beer_json);
  Cleaned row;
  row.id = reading.beer.id;
  row.name = reading.beer.name;
  row.first_brewed = reading.beer.first_brewed;
  row.arrived_at = arrived;
  row.ibu = reading.beer.ibu;
  row.label = reading.label;
  row.findings = fmt::format("{}", fmt::join(reading.flags, ","));
  row.keys = family_keys(reading.beer);
  row.features = std::move(reading.features);
  return row;
}

}  // namespace beer
