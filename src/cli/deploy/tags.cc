// The spec's tags on the system's resources, in the words each service has for tags.
#include "cli/deploy/tags.h"

#include "lib/base/encoding.h"

#include <fmt/format.h>
#include <pugixml.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <memory>

namespace cli {
namespace {

using Tags = std::map<std::string, std::string>;
using Keys = std::vector<std::string>;

/// How a service that speaks awsJson is asked.
struct Words {
  std::string_view service, target;
  std::string_view list, tag, untag;  ///< operations
  std::string_view resource;          ///< the member that names it
  std::string_view told, put, keys;   ///< members: of the answer, of tag's and of untag's input
  bool put_map = false;               ///< else a list of Key and Value
};

constexpr std::array kWords{
    Words{"kinesis", "Kinesis_20131202", "ListTagsForResource", "TagResource", "UntagResource",
          "ResourceARN", "Tags", "Tags", "TagKeys", true},
    Words{"firehose", "Firehose_20150804", "ListTagsForDeliveryStream", "TagDeliveryStream",
          "UntagDeliveryStream", "DeliveryStreamName", "Tags", "Tags", "TagKeys"},
    Words{"events", "AWSEvents", "ListTagsForResource", "TagResource", "UntagResource",
          "ResourceARN", "Tags", "Tags", "TagKeys"},
    Words{"logs", "Logs_20140328", "ListTagsForResource", "TagResource", "UntagResource",
          "resourceArn", "tags", "tags", "tagKeys", true},
    Words{"glue", "AWSGlue", "GetTags", "TagResource", "UntagResource", "ResourceArn", "Tags",
          "TagsToAdd", "TagsToRemove", true},
    Words{"athena", "AmazonAthena", "ListTagsForResource", "TagResource", "UntagResource",
          "ResourceARN", "Tags", "Tags", "TagKeys"},
    Words{"ecr", "AmazonEC2ContainerRegistry_V20150921", "ListTagsForResource", "TagResource",
          "UntagResource", "resourceArn", "tags", "tags", "tagKeys"},
    Words{"sagemaker", "SageMaker", "ListTags", "AddTags", "DeleteTags", "ResourceArn", "Tags",
          "Tags", "TagKeys"},
};

Tags wanted_tags(const Spec& spec) { return {spec.tags.begin(), spec.tags.end()}; }

json::array as_list(const Tags& tags) {
  json::array list;
  for (const auto& [key, value] : tags) list.push_back({{"Key", key}, {"Value", value}});
  return list;
}

json::object as_map(const Tags& tags) {
  json::object map;
  for (const auto& [key, value] : tags) map[key] = value;
  return map;
}

Parameters as_parameters(const Tags& tags) {
  Parameters parameters;
  int i = 0;
  for (const auto& [key, value] : tags) {
    parameters.emplace_back(fmt::format("Tags.member.{}.Key", ++i), key);
    parameters.emplace_back(fmt::format("Tags.member.{}.Value", i), value);
  }
  return parameters;
}

json::array as_array(const Keys& keys) {
  json::array array;
  for (const std::string& key : keys) array.push_back(json::string(key));
  return array;
}

/// Services answer with a list or with a map, whatever they take.
Tags read_tags(const json::value& answer, std::string_view member) {
  Tags tags;
  for (const json::value& tag : list(answer, member)) tags[text(tag, "Key")] = text(tag, "Value");
  const json::value* const map = find(answer, member);
  if (map == nullptr || !map->is_object()) return tags;
  for (const auto& [key, value] : map->get_object()) {
    tags[key] = value.is_string() ? std::string(value.get_string()) : "";
  }
  return tags;
}

/// One resource's tags, by one of the protocols.
class Tagged {
 public:
  Tagged() = default;
  Tagged(const Tagged&) = delete;
  Tagged& operator=(const Tagged&) = delete;
  virtual ~Tagged() = default;
  virtual Tags read() = 0;
  virtual void put(const Tags& tags) = 0;
  virtual void remove(const Keys& keys) = 0;
};

class JsonTagged : public Tagged {
 public:
  JsonTagged(Deployment& deployment, const Words& words, std::string resource)
      : deployment_(deployment), words_(words), resource_(std::move(resource)) {}
  Tags read() override { return read_tags(call(words_.list, {}, {}), words_.told); }
  void put(const Tags& tags) override {
    const json::value value =
        words_.put_map ? json::value(as_map(tags)) : json::value(as_list(tags));
    call(words_.tag, words_.put, value);
  }
  void remove(const Keys& keys) override { call(words_.untag, words_.keys, as_array(keys)); }

 private:
  json::value call(std::string_view operation, std::string_view member, const json::value& value) {
    json::object input{{words_.resource, resource_}};
    if (!member.empty()) input[member] = value;
    return deployment_.call(words_.service, fmt::format("{}.{}", words_.target, operation), input);
  }
  Deployment& deployment_;
  const Words& words_;
  const std::string resource_;
};

class FunctionTagged : public Tagged {
 public:
  FunctionTagged(Deployment& deployment, const std::string& arn)
      : client_(deployment.session.aws()), path_("/2017-03-31/tags/" + base::percent_encode(arn)) {}
  Tags read() override { return read_tags(rest_json(client_, "lambda", "GET", path_), "Tags"); }
  void put(const Tags& tags) override {
    const json::object input{{"Tags", as_map(tags)}};
    rest_json(client_, "lambda", "POST", path_, &input);
  }
  void remove(const Keys& keys) override {
    std::string query;
    for (const std::string& key : keys) {
      query += fmt::format("{}tagKeys={}", query.empty() ? "?" : "&", base::percent_encode(key));
    }
    rest_json(client_, "lambda", "DELETE", path_ + query);
  }

 private:
  aws::Client& client_;
  const std::string path_;
};

/// A role, or an alarm.
class QueryTagged : public Tagged {
 public:
  QueryTagged(Deployment& deployment, std::string_view service, std::string resource)
      : deployment_(deployment), is_role_(service == "iam"), resource_(std::move(resource)) {}
  Tags read() override {
    const std::string answer = call(is_role_ ? "ListRoleTags" : "ListTagsForResource", {});
    pugi::xml_document document;
    document.load_buffer(answer.data(), answer.size());
    Tags tags;
    for (const auto& tag : document.select_nodes("//Tags/member")) {
      tags[tag.node().child_value("Key")] = tag.node().child_value("Value");
    }
    return tags;
  }
  void put(const Tags& tags) override {
    call(is_role_ ? "TagRole" : "TagResource", as_parameters(tags));
  }
  void remove(const Keys& keys) override {
    Parameters parameters;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      parameters.emplace_back(fmt::format("TagKeys.member.{}", i + 1), keys[i]);
    }
    call(is_role_ ? "UntagRole" : "UntagResource", std::move(parameters));
  }

 private:
  std::string call(const char* action, Parameters parameters) {
    parameters.emplace_back(is_role_ ? "RoleName" : "ResourceARN", resource_);
    return deployment_.session.aws().query(is_role_ ? "iam" : "monitoring", action,
                                           is_role_ ? kIamVersion : kAlarmsVersion, parameters);
  }
  Deployment& deployment_;
  const bool is_role_;
  const std::string resource_;
};

std::unique_ptr<Tagged> find_tagged(Deployment& deployment, std::string_view service,
                                    const std::string& resource) {
  if (service == "lambda") return std::make_unique<FunctionTagged>(deployment, resource);
  const auto words =
      std::find_if(kWords.begin(), kWords.end(), [&](auto& one) { return one.service == service; });
  if (words != kWords.end()) return std::make_unique<JsonTagged>(deployment, *words, resource);
  return std::make_unique<QueryTagged>(deployment, service, resource);
}

}  // namespace

void add_tag_list(json::object& input, const Spec& spec, std::string_view member) {
  if (!spec.tags.empty()) input[member] = as_list(wanted_tags(spec));
}

void add_tag_map(json::object& input, const Spec& spec, std::string_view member) {
  if (!spec.tags.empty()) input[member] = as_map(wanted_tags(spec));
}

void add_tags(Parameters& parameters, const Spec& spec) {
  for (auto& parameter : as_parameters(wanted_tags(spec))) {
    parameters.push_back(std::move(parameter));
  }
}

bool update_tags(Deployment& deployment, std::string_view service, const std::string& resource) {
  const auto tagged = find_tagged(deployment, service, resource);
  const Tags present = tagged->read();
  Tags missing = wanted_tags(deployment.spec());
  Keys surplus;
  for (const auto& [key, value] : present) {
    const auto wanted = missing.find(key);
    if (wanted == missing.end()) {
      if (!key.starts_with("aws:")) surplus.push_back(key);
    } else if (wanted->second == value) {
      missing.erase(wanted);
    }
  }
  if (!missing.empty()) tagged->put(missing);
  if (!surplus.empty()) tagged->remove(surplus);
  return !missing.empty() || !surplus.empty();
}

}  // namespace cli
