// Search: resources by what their Describe says of them.
//
// A property is a path of names, "InputDataConfig.DataSource.S3DataSource.S3Uri"; of a list each
// item counts. "Tags.<key>", "Metrics.<name>" of a training job, and names in a map
// ("HyperParameters.eta") are properties, too. Their types are those of the API's shapes.
#include "engine/services/paging.h"
#include "engine/services/sagemaker/errors.h"
#include "engine/services/sagemaker/operations.h"
#include "engine/services/sagemaker/state.h"
#include "lib/base/encoding.h"
#include "lib/base/time_text.h"

#include <boost/json.hpp>

#include <algorithm>
#include <charconv>

namespace engine::sagemaker {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostConditions = 50;
constexpr std::size_t kPage = 100;

/// One resource: how it is answered, and how it is looked at.
struct Candidate {
  api::SearchRecord record;
  json::value about;
};

struct Candidates {
  const Shape* shape = nullptr;
  std::vector<Candidate> all;
};

// Properties -------------------------------------------------------------------------------------

enum class Type { kText, kNumber, kTime, kFlag, kWhole };

std::pair<std::string_view, std::string_view> cut(std::string_view path) {
  const auto dot = path.find('.');
  if (dot == std::string_view::npos) return {path, {}};
  return {path.substr(0, dot), path.substr(dot + 1)};
}

AwsError unknown_property(std::string_view path) {
  return validation(fmt::format("Unknown property name: {}.", path));
}

Type type_of(const Shape& shape) {
  switch (shape.kind) {
    case Kind::kString:
    case Kind::kBlob:
      return Type::kText;
    case Kind::kBoolean:
      return Type::kFlag;
    case Kind::kTimestamp:
      return Type::kTime;
    case Kind::kStructure:
    case Kind::kMap:
      return Type::kWhole;
    case Kind::kList:
      return type_of(*shape.element);
    default:
      return Type::kNumber;
  }
}

/// The shape a path leads to. Throws when there is no such property.
const Shape* shape_at(const Shape* shape, std::string_view path) {
  for (std::string_view rest = path; !rest.empty();) {
    while (shape->kind == Kind::kList) shape = shape->element;
    if (shape->kind == Kind::kMap) return shape->element;  // the rest is a name in it
    if (shape->kind != Kind::kStructure) throw unknown_property(path);
    const auto [name, more] = cut(rest);
    const Member* member = shape->find_member(name);
    if (member == nullptr) throw unknown_property(path);
    shape = member->shape;
    rest = more;
  }
  return shape;
}

struct Property {
  std::string path;
  Type type = Type::kText;
};

Property property(const Shape* shape, const std::string& path) {
  if (path.starts_with("Tags.") && path.size() > 5) return {path, Type::kText};
  if (path.starts_with("Metrics.") && shape->find_member("FinalMetricDataList") != nullptr) {
    return {path, Type::kNumber};
  }
  return {path, type_of(*shape_at(shape, path))};
}

using Values = std::vector<const json::value*>;

/// Of a list of {name: …, value: …} the value of that name.
void look_up(const json::value* list, std::string_view key, std::string_view name,
             std::string_view value, Values& found) {
  if (list == nullptr || !list->is_array()) return;
  for (const auto& item : list->as_array()) {
    const auto& about = item.as_object();
    const auto* at = about.if_contains(key);
    const auto* is = about.if_contains(value);
    if (at != nullptr && is != nullptr && at->is_string() && at->as_string() == name) {
      found.push_back(is);
    }
  }
}

void collect(const json::value& from, std::string_view path, Values& found) {
  if (from.is_array()) {
    for (const auto& item : from.as_array()) collect(item, path, found);
    return;
  }
  if (path.empty()) return found.push_back(&from);
  if (!from.is_object()) return;
  const auto& object = from.as_object();
  // A name in a map may have dots of its own.
  if (const auto* whole = object.if_contains(path)) return collect(*whole, {}, found);
  const auto [name, rest] = cut(path);
  if (const auto* member = object.if_contains(name)) collect(*member, rest, found);
}

Values values_at(const json::value& about, std::string_view path) {
  Values found;
  const auto* object = about.if_object();
  if (object != nullptr && path.starts_with("Tags.") && object->if_contains("Tags")) {
    look_up(object->if_contains("Tags"), "Key", path.substr(5), "Value", found);
  }
  if (object != nullptr && path.starts_with("Metrics.")) {
    look_up(object->if_contains("FinalMetricDataList"), "MetricName", path.substr(8), "Value",
            found);
  }
  if (found.empty()) collect(about, path, found);
  return found;
}

// Conditions -------------------------------------------------------------------------------------

std::string text_of(const json::value& value) {
  return value.is_string() ? std::string(value.as_string()) : json::serialize(value);
}

double number_in(const std::string& text, const std::string& name) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw validation(fmt::format("The value \"{}\" for {} is not a number.", text, name));
  }
  return number;
}

/// Seconds, as times are written in JSON. Without a zone, it is UTC.
double time_in(const std::string& text, const std::string& name) {
  auto time = base::from_iso8601(text);
  if (!time) time = base::from_iso8601(text + "Z");
  if (!time) {
    throw validation(fmt::format(
        "The value \"{}\" for {} is not a time of the form YYYY-mm-ddTHH:MM:SS.", text, name));
  }
  return static_cast<double>(time->time_since_epoch().count()) / 1000;
}

/// ARNs are compared in any case.
bool same_text(const std::string& a, const std::string& b) {
  return a == b || (b.starts_with("arn:") && base::iequals(a, b));
}

bool among(const std::string& text, std::string_view list) {
  while (true) {
    const auto comma = list.find(',');
    std::string one(list.substr(0, comma));
    one.erase(0, one.find_first_not_of(' '));
    if (same_text(text, one)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

/// One filter, read once and put to each candidate.
class Condition {
 public:
  Condition(const Shape* shape, const api::Filter& filter, std::string_view prefix = {})
      : property_(property(shape, filter.Name)),
        operator_(filter.Operator.value_or("Equals")),
        value_(filter.Value.value_or("")) {
    if (!prefix.empty()) {
      if (!property_.path.starts_with(std::string(prefix) + ".")) {
        throw validation(fmt::format("The filter \"{}\" is not about a property of \"{}\".",
                                     filter.Name, prefix));
      }
      property_.path.erase(0, prefix.size() + 1);
    }
    if (operator_ == "Exists" || operator_ == "NotExists") return;
    if (!filter.Value) throw validation(fmt::format("The filter {} needs a Value.", filter.Name));
    const bool text = property_.type == Type::kText;
    const bool order = operator_.starts_with("GreaterThan") || operator_.starts_with("LessThan");
    if ((order && text) || ((operator_ == "In" || operator_ == "Contains") && !text) ||
        property_.type == Type::kWhole) {
      throw validation(fmt::format("The operator {} is not supported for the property {}.",
                                   operator_, filter.Name));
    }
    if (property_.type == Type::kNumber) number_ = number_in(value_, filter.Name);
    if (property_.type == Type::kTime) number_ = time_in(value_, filter.Name);
  }

  bool holds(const json::value& about) const {
    const Values found = values_at(about, property_.path);
    if (operator_ == "Exists") return !found.empty();
    if (operator_ == "NotExists") return found.empty();
    const bool any =
        std::any_of(found.begin(), found.end(), [&](const auto* v) { return fits(*v); });
    return operator_ == "NotEquals" ? !any : any;
  }

  bool contains() const { return operator_ == "Contains"; }

 private:
  bool fits(const json::value& value) const {
    if (property_.type == Type::kText || property_.type == Type::kFlag) {
      const std::string text = text_of(value);
      if (operator_ == "Contains") return text.find(value_) != std::string::npos;
      return operator_ == "In" ? among(text, value_) : same_text(text, value_);
    }
    if (!value.is_number()) return false;
    const auto number = value.to_number<double>();
    if (operator_ == "GreaterThan") return number > number_;
    if (operator_ == "GreaterThanOrEqualTo") return number >= number_;
    if (operator_ == "LessThan") return number < number_;
    if (operator_ == "LessThanOrEqualTo") return number <= number_;
    return number == number_;
  }

  Property property_;
  std::string operator_, value_;
  double number_ = 0;
};

/// An expression, read once: what is wrong with it shows however few resources there are.
class Expression {
 public:
  Expression(const Shape* shape, const api::SearchExpression& about, std::size_t& conditions)
      : any_(about.Operator == "Or") {
    if (about.Filters) {
      for (const auto& filter : *about.Filters) filters_.emplace_back(shape, filter);
    }
    if (about.NestedFilters) {
      for (const auto& nested : *about.NestedFilters) add(shape, nested);
    }
    conditions += filters_.size() + nested_.size();
    if (about.SubExpressions) {
      for (const auto& sub : *about.SubExpressions) subs_.emplace_back(shape, sub, ++conditions);
    }
    if (conditions > kMostConditions) {
      throw validation(
          fmt::format("A SearchExpression can hold at most {} conditions.", kMostConditions));
    }
    if (filters_.empty() && nested_.empty() && subs_.empty()) {
      throw validation("You must specify at least one subexpression, filter, or nested filter.");
    }
    if (std::count_if(filters_.begin(), filters_.end(),
                      [](const auto& f) { return f.contains(); }) > 1) {
      throw validation("'CONTAINS' operator usage limit of 1 exceeded.");
    }
  }

  bool holds(const json::value& about) const {
    const auto decide = [&](bool held) { return held == any_; };
    for (const auto& filter : filters_) {
      if (decide(filter.holds(about))) return any_;
    }
    for (const auto& nested : nested_) {
      if (decide(nested.holds(about))) return any_;
    }
    for (const auto& sub : subs_) {
      if (decide(sub.holds(about))) return any_;
    }
    return !any_;
  }

 private:
  /// Holds when one item of the list fits all of its filters.
  struct Nested {
    std::string path;
    std::vector<Condition> conditions;
    bool holds(const json::value& about) const {
      const json::value* at = &about;
      for (std::string_view rest = path; !rest.empty();) {
        const auto [name, more] = cut(rest);
        at = at->is_object() ? at->as_object().if_contains(name) : nullptr;
        if (at == nullptr) return false;
        rest = more;
      }
      const auto fits = [&](const json::value& item) {
        return std::all_of(conditions.begin(), conditions.end(),
                           [&](const auto& condition) { return condition.holds(item); });
      };
      if (!at->is_array()) return fits(*at);
      return std::any_of(at->as_array().begin(), at->as_array().end(), fits);
    }
  };

  void add(const Shape* shape, const api::NestedFilters& nested) {
    shape_at(shape, nested.NestedPropertyName);
    Nested made{.path = nested.NestedPropertyName};
    for (const auto& filter : nested.Filters) {
      made.conditions.emplace_back(shape, filter, nested.NestedPropertyName);
    }
    nested_.push_back(std::move(made));
  }

  bool any_;
  std::vector<Condition> filters_;
  std::vector<Nested> nested_;
  std::vector<Expression> subs_;
};

// Resources --------------------------------------------------------------------------------------

/// All rows of a table as the shape `T`, which is a member of the record.
template <class T, class Row>
Candidates candidates(const SageMaker::Impl& state, const Table<Row>& table,
                      std::optional<T> api::SearchRecord::*member, auto&& arn_of_row,
                      auto&& complete) {
  Candidates found{.shape = &shape_of<T>()};
  for (const Row& row : table.all()) {
    T about = converted<T>(row);
    if constexpr (requires { about.Tags; }) {
      const auto tags = state.tags.find(base::to_lower(arn_of_row(row)));
      if (tags) about.Tags = tags->Tags;
    }
    complete(row, about);
    Candidate candidate{.about = json::parse(to_json(about))};
    candidate.record.*member = std::move(about);
    found.all.push_back(std::move(candidate));
  }
  return found;
}

constexpr auto kAsItIs = [](const auto&, auto&) {};

Candidates candidates(const SageMaker::Impl& state, const std::string& resource) {
  using Record = api::SearchRecord;
  if (resource == "TrainingJob") {
    return candidates(
        state, state.training_jobs, &Record::TrainingJob,
        [](const auto& row) { return row.TrainingJobArn; }, kAsItIs);
  }
  if (resource == "HyperParameterTuningJob") {
    return candidates(
        state, state.tuning_jobs, &Record::HyperParameterTuningJob,
        [](const auto& row) { return row.HyperParameterTuningJobArn; }, kAsItIs);
  }
  if (resource == "Endpoint") {
    return candidates(
        state, state.endpoints, &Record::Endpoint, [](const auto& row) { return row.EndpointArn; },
        kAsItIs);
  }
  if (resource == "ModelPackage") {
    return candidates(
        state, state.packages, &Record::ModelPackage,
        [](const auto& row) { return row.ModelPackageArn; }, kAsItIs);
  }
  if (resource == "ModelPackageGroup") {
    return candidates(
        state, state.package_groups, &Record::ModelPackageGroup,
        [](const auto& row) { return row.ModelPackageGroupArn; }, kAsItIs);
  }
  if (resource == "Pipeline") {
    return candidates(
        state, state.pipelines, &Record::Pipeline,
        [](const auto& row) { return row.PipelineArn.value_or(""); }, kAsItIs);
  }
  if (resource == "PipelineExecution") {
    return candidates(
        state, state.executions, &Record::PipelineExecution,
        [](const auto& row) { return row.PipelineExecutionArn.value_or(""); },
        [&state](const auto& row, auto& about) {
          const auto given =
              state.parameters.find(key_of(row.PipelineExecutionArn.value_or(""), "pipeline"));
          if (given) about.PipelineParameters = given->PipelineParameters;
        });
  }
  // Deviation: of the resources only those that people look for after a pipeline has run.
  throw validation(fmt::format(
      "Search for {} is not supported here; it is for TrainingJob, "
      "HyperParameterTuningJob, Endpoint, ModelPackage, ModelPackageGroup, Pipeline and "
      "PipelineExecution.",
      resource));
}

// The order --------------------------------------------------------------------------------------

/// By the property's first value; what has none is last, whatever the order.
void sort(Candidates& found, const std::string& path, bool ascending) {
  property(found.shape, path);  // throws when there is none
  std::vector<std::pair<json::value, Candidate>> keyed;
  for (auto& candidate : found.all) {
    const Values values = values_at(candidate.about, path);
    json::value key = values.empty() ? json::value() : *values.front();
    keyed.emplace_back(std::move(key), std::move(candidate));
  }
  const auto less = [](const json::value& a, const json::value& b) {
    if (a.is_number() && b.is_number()) return a.to_number<double>() < b.to_number<double>();
    return text_of(a) < text_of(b);
  };
  std::stable_sort(keyed.begin(), keyed.end(), [&](const auto& a, const auto& b) {
    if (a.first.is_null() || b.first.is_null()) return !a.first.is_null() && b.first.is_null();
    return ascending ? less(a.first, b.first) : less(b.first, a.first);
  });
  found.all.clear();
  for (auto& [key, candidate] : keyed) found.all.push_back(std::move(candidate));
}

}  // namespace

api::op::Search::Output search(SageMaker& sagemaker, Call&, const api::op::Search::Input& input) {
  Candidates found = candidates(sagemaker.impl(), input.Resource);
  if (input.SearchExpression) {
    std::size_t conditions = 0;
    const Expression expression(found.shape, *input.SearchExpression, conditions);
    std::erase_if(found.all, [&](const auto& one) { return !expression.holds(one.about); });
  }
  if (input.CrossAccountFilterOption == "CrossAccount") found.all.clear();  // there is one account
  // Groups of packages don't change.
  const bool changes = found.shape->find_member("LastModifiedTime") != nullptr;
  const char* usual = changes ? "LastModifiedTime" : "CreationTime";
  sort(found, input.SortBy.value_or(usual), input.SortOrder == "Ascending");
  const auto hits = static_cast<std::int64_t>(found.all.size());
  std::vector<api::SearchRecord> records;
  for (auto& candidate : found.all) records.push_back(std::move(candidate.record));
  auto page = page_of(std::move(records), input.NextToken, input.MaxResults, kPage, bad_token());
  return {.Results = std::move(page.items),
          .NextToken = page.next,
          .TotalHits = api::TotalHits{.Value = hits, .Relation = "EqualTo"}};
}

}  // namespace engine::sagemaker
