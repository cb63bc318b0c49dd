// CSV and JSON lines to columns.
#include "pipelines/monitor/dataset.h"

#include "pipelines/archive.h"
#include "pipelines/files.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <stdexcept>
#include <unordered_map>
#include <utility>

namespace pipelines::monitor {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::pair<Type, const char*> kTypes[] = {{Type::kUnknown, "Unknown"},
                                                   {Type::kIntegral, "Integral"},
                                                   {Type::kFractional, "Fractional"},
                                                   {Type::kString, "String"}};

/// Takes the fields of one record, which may span lines inside quotes; moves `at` behind it.
std::vector<Value> read_record(std::string_view text, std::size_t& at) {
  std::vector<Value> fields;
  std::string field;
  bool quoted = false, was_quoted = false;
  const auto end_field = [&] {
    fields.push_back(field.empty() && !was_quoted ? Value() : Value(field));
    field.clear();
    was_quoted = false;
  };
  for (; at < text.size(); ++at) {
    const char letter = text[at];
    if (quoted && letter == '"' && at + 1 < text.size() && text[at + 1] == '"') {
      field += text[++at];
    } else if (letter == '"' && (quoted || field.empty())) {
      quoted = !quoted;
      was_quoted = true;
    } else if (quoted) {
      field += letter;
    } else if (letter == ',') {
      end_field();
    } else if (letter == '\n') {
      ++at;
      break;
    } else if (letter != '\r') {
      field += letter;
    }
  }
  end_field();
  return fields;
}

class Reader {
 public:
  explicit Reader(const Format& format) : format_(format) {}

  void add(const fs::path& file) {
    const std::string text = read_maybe_gzip(file);
    format_.json_lines ? add_json(text, file) : add_csv(text, file);
  }

  Dataset take() {
    fill();
    return std::move(data_);
  }

 private:
  void add_csv(std::string_view text, const fs::path& file) {
    std::size_t at = 0;
    std::vector<std::string> names;
    if (format_.header && !text.empty()) {
      for (const Value& name : read_record(text, at)) names.push_back(name.value_or(""));
    }
    for (std::size_t record = 1; at < text.size(); ++record) {
      const auto fields = read_record(text, at);
      if (fields.size() == 1 && !fields[0]) continue;  // an empty line
      if (names.empty()) {
        for (std::size_t i = 0; i < fields.size(); ++i) names.push_back(fmt::format("_c{}", i));
      }
      if (fields.size() != names.size()) {
        throw std::runtime_error(fmt::format("{}: record {} has {} fields, not {}.", file.string(),
                                             record, fields.size(), names.size()));
      }
      for (std::size_t i = 0; i < fields.size(); ++i) put(names[i], fields[i]);
      ++data_.rows;
    }
  }

  void add_json(std::string_view text, const fs::path& file) {
    std::size_t line = 0;
    while (!text.empty()) {
      const auto end = std::min(text.find('\n'), text.size());
      const std::string_view one = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      ++line;
      if (one.find_first_not_of(" \t\r") == one.npos) continue;
      boost::system::error_code error;
      const json::value value = json::parse({one.data(), one.size()}, error);
      if (error || !value.is_object()) {
        throw std::runtime_error(
            fmt::format("{}: line {} isn't a JSON object.", file.string(), line));
      }
      put_members(value.as_object(), "");
      ++data_.rows;
    }
  }

  void put_members(const json::object& object, const std::string& outer) {
    for (const auto& member : object) {
      const std::string name = outer + std::string(member.key());
      const json::value& value = member.value();
      if (value.is_object()) {
        put_members(value.as_object(), name + ".");
      } else if (value.is_string()) {
        put(name, std::string(value.as_string()));
      } else if (value.is_double()) {
        put(name, fmt::format("{}", value.as_double()));
      } else if (value.is_null()) {
        put(name, std::nullopt);
      } else {
        put(name, json::serialize(value));
      }
    }
  }

  void put(const std::string& name, Value value) {
    const auto [at, is_new] = places_.try_emplace(name, data_.columns.size());
    if (is_new) data_.columns.push_back({name, {}});
    auto& values = data_.columns[at->second].values;
    values.resize(data_.rows);  // earlier rows didn't have it
    values.push_back(std::move(value));
  }

  void fill() {
    for (Column& column : data_.columns) column.values.resize(data_.rows);
  }

  const Format& format_;
  Dataset data_;
  std::unordered_map<std::string, std::size_t> places_;
};

}  // namespace

std::string to_string(Type type) { return kTypes[static_cast<std::size_t>(type)].second; }

Type type_from(std::string_view name) {
  for (const auto& [type, text] : kTypes) {
    if (name == text) return type;
  }
  throw std::runtime_error(fmt::format("There is no inferred_type \"{}\".", name));
}

std::optional<double> number_of(std::string_view value) {
  if (value.starts_with('+')) value.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size()) return std::nullopt;
  return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

Type type_of(std::string_view value) {
  if (!number_of(value)) return Type::kString;
  return value.find_first_of(".eE") == value.npos ? Type::kIntegral : Type::kFractional;
}

std::size_t Column::present() const {
  return static_cast<std::size_t>(std::count_if(
      values.begin(), values.end(), [](const Value& value) { return value.has_value(); }));
}

Type Column::type() const {
  Type type = Type::kUnknown;
  for (const Value& value : values) {
    if (value) type = std::max(type, type_of(*value));
  }
  return type;
}

std::vector<double> Column::numbers() const {
  std::vector<double> numbers;
  for (const Value& value : values) {
    if (!value) continue;
    if (const auto number = number_of(*value)) numbers.push_back(*number);
  }
  return numbers;
}

const Column* Dataset::find(std::string_view name) const {
  const auto at = std::find_if(columns.begin(), columns.end(),
                               [&](const Column& column) { return column.name == name; });
  return at == columns.end() ? nullptr : &*at;
}

Format Format::parse(std::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse({text.data(), text.size()}, error);
  const auto* object = error ? nullptr : value.if_object();
  Format format;
  if (const auto* csv = object ? object->if_contains("csv") : nullptr) {
    const auto* header = csv->is_object() ? csv->as_object().if_contains("header") : nullptr;
    format.header = header && header->is_bool() && header->as_bool();
    return format;
  }
  if (object && object->contains("json")) {
    format.json_lines = true;
    return format;
  }
  throw std::runtime_error(
      fmt::format("The dataset_format {} isn't read here: {{\"csv\": {{\"header\": true}}}} or "
                  "{{\"json\": {{\"lines\": true}}}}.",
                  text.empty() ? "of nothing" : text));
}

Dataset read_dataset(const fs::path& place, const Format& format) {
  Reader reader(format);
  const auto files = fs::is_regular_file(place) ? std::vector{place} : files_below(place);
  for (const fs::path& file : files) reader.add(file);
  Dataset data = reader.take();
  if (data.rows == 0) {
    throw std::runtime_error(fmt::format("There is no record in {}.", place.string()));
  }
  return data;
}

}  // namespace pipelines::monitor
