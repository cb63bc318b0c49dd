// What a step's result depends on.
#include "engine/services/sagemaker/pipelines/step_facts.h"

#include "engine/services/sagemaker/hosting/models.h"
#include "engine/services/sagemaker/jobs/data.h"
#include "engine/services/sagemaker/pipelines/reference.h"
#include "lib/base/digest.h"
#include "lib/base/encoding.h"
#include "lib/io/file.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <sys/stat.h>

#include <set>

namespace engine::sagemaker::pipelines {
namespace {

constexpr std::size_t kDigits = 16;

/// Verified: "Caching pipeline steps" in SageMaker's developer guide names what each type compares.
std::vector<std::string_view> key_attributes(std::string_view type) {
  if (type == "Processing" || type == "QualityCheck")
    return {"AppSpecification", "Environment", "ProcessingInputs"};
  if (type == "Training") {
    return {"AlgorithmSpecification",  "CheckpointConfig", "DebugHookConfig",
            "DebugRuleConfigurations", "Environment",      "HyperParameters",
            "InputDataConfig"};
  }
  if (type == "Transform") return {"DataProcessing", "Environment", "ModelName", "TransformInput"};
  if (type == "Tuning") {
    return {"HyperParameterTuningJobConfig", "TrainingJobDefinition", "TrainingJobDefinitions"};
  }
  return {};
}

/// The value at a dotted path; nullptr when there is none.
const json::value* at(const json::value& value, std::string_view path) {
  try {
    return &follow(value, parse_path(path), path);
  } catch (const ReferenceError&) {
    return nullptr;
  }
}

std::string text_at(const json::value& value, std::string_view path) {
  const auto* found = at(value, path);
  return found != nullptr && found->is_string() ? std::string(found->as_string()) : "";
}

/// Gathers the inputs and programs of one step.
class Gatherer {
 public:
  Gatherer(const SageMaker::Impl& state, ProgramDigests& programs)
      : state_(state), programs_(programs) {}

  void add_inputs(const json::value* list, std::string_view name, std::string_view source) {
    if (list == nullptr || !list->is_array()) return;
    for (const json::value& input : list->as_array()) {
      add_input(text_at(input, name), at(input, source));
    }
  }
  void add_input(const std::string& name, const json::value* source) {
    if (source == nullptr) return;
    const std::string type = text_at(*source, "S3DataType");
    json::value fact =
        objects_fact(state_, text_at(*source, "S3Uri"), type.empty() ? "S3Prefix" : type);
    if (!fact.is_null()) inputs_[name] = std::move(fact);
  }
  void add_model(const std::string& name) {
    try {
      const ServedModel model = served_model(state_, name);
      add_program(model.container.image);
      const std::string& uri = model.archive.empty() ? model.folder : model.archive;
      add_input("model", std::make_unique<json::value>(json::object{{"S3Uri", uri}}).get());
    } catch (const std::exception&) {
      // The job will say what is wrong with its model.
    }
  }
  void add_program(const std::string& image) {
    const auto program = image.empty() ? std::nullopt : state_.images(image);
    if (!program || program->path.empty()) return;
    std::string text = programs_.of(program->path);
    for (const std::string& word : program->words) text += ' ' + word;
    found_[image] = text;
  }

  void put_into(json::object& facts) {
    if (!inputs_.empty()) facts["Inputs"] = std::move(inputs_);
    if (!found_.empty()) facts["Program"] = std::move(found_);
  }

 private:
  const SageMaker::Impl& state_;
  ProgramDigests& programs_;
  json::object inputs_, found_;
};

void gather_training(Gatherer& all, const json::value& job) {
  all.add_inputs(at(job, "InputDataConfig"), "ChannelName", "DataSource.S3DataSource");
  all.add_program(text_at(job, "AlgorithmSpecification.TrainingImage"));
}

void write_canonical(const json::value& value, std::string& out) {
  if (const auto* list = value.if_array()) {
    out += '[';
    for (const json::value& item : *list) {
      write_canonical(item, out);
      out += ',';
    }
    out += ']';
  } else if (const auto* object = value.if_object()) {
    std::map<std::string_view, const json::value*> members;
    for (const auto& member : *object) members[member.key()] = &member.value();
    out += '{';
    for (const auto& [name, member] : members) {
      out += json::serialize(json::value(name)) + ':';
      write_canonical(*member, out);
      out += ',';
    }
    out += '}';
  } else {
    out += json::serialize(value);
  }
}

// Changes ----------------------------------------------------------------------------------------

/// "2 objects of 345 bytes (a1b2…)" for an input, else the value as JSON writes it, strings bare.
std::string readable(const json::value& value) {
  if (value.is_string()) return std::string(value.as_string());
  const auto* object = value.if_object();
  if (object == nullptr || !object->contains("Digest")) return json::serialize(value);
  return fmt::format("{} objects of {} bytes, {}", json::serialize(object->at("Objects")),
                     json::serialize(object->at("Bytes")),
                     std::string_view(object->at("Digest").as_string()));
}

/// How an item of a list is called: by its name where it has one.
std::string item_name(const json::value& item, std::size_t index) {
  for (const char* member : {"InputName", "ChannelName", "Name", "OutputName"}) {
    const std::string name = text_at(item, member);
    if (!name.empty()) return fmt::format("['{}']", name);
  }
  return fmt::format("[{}]", index);
}

std::map<std::string, const json::value*> parts_of(const json::value& value) {
  std::map<std::string, const json::value*> parts;
  if (const auto* object = value.if_object()) {
    for (const auto& member : *object) parts["." + std::string(member.key())] = &member.value();
  } else if (const auto* list = value.if_array()) {
    for (std::size_t i = 0; i < list->size(); ++i) {
      parts.emplace(item_name((*list)[i], i), &(*list)[i]);
    }
  }
  return parts;
}

bool is_input(const json::value& value) {
  return value.is_object() && value.as_object().contains("Digest");
}

void compare(const json::value* before, const json::value* after, const std::string& path,
             json::array& changes) {
  if (before != nullptr && after != nullptr) {
    if (digest_of(*before) == digest_of(*after)) return;
    const bool both_have_parts = before->kind() == after->kind() && !is_input(*before) &&
                                 (before->is_object() || before->is_array());
    if (both_have_parts) {
      auto parts = parts_of(*before);
      const auto later = parts_of(*after);
      for (const auto& [name, value] : later) parts.emplace(name, nullptr);
      for (const auto& [name, value] : parts) {
        const auto now = later.find(name);
        compare(value, now == later.end() ? nullptr : now->second, path + name, changes);
      }
      return;
    }
  }
  json::object change{{"What", path.substr(path.starts_with('.') ? 1 : 0)}};
  if (before != nullptr) change["Before"] = readable(*before);
  if (after != nullptr) change["After"] = readable(*after);
  changes.push_back(std::move(change));
}

}  // namespace

std::string ProgramDigests::of(const std::string& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) return "";
  const std::string stamp = fmt::format("{} {} {}.{}", about.st_size, about.st_ino,
                                        about.st_mtim.tv_sec, about.st_mtim.tv_nsec);
  std::lock_guard lock(mutex_);
  Known& known = known_[path];
  if (known.stamp == stamp) return known.digest;
  try {
    known = {stamp, base::to_hex(base::sha256(io::read_file(path))).substr(0, kDigits)};
  } catch (const std::exception&) {
    known = {};
  }
  return known.digest;
}

json::object facts_of(const SageMaker::Impl& state, ProgramDigests& programs, const Step& step,
                      const json::object& arguments) {
  json::object facts;
  for (const std::string_view name : key_attributes(step.type)) {
    if (const auto* value = arguments.if_contains(name)) facts[name] = *value;
  }
  Gatherer all(state, programs);
  const json::value whole(arguments);
  if (step.type == "Processing" || step.type == "QualityCheck") {
    all.add_inputs(at(whole, "ProcessingInputs"), "InputName", "S3Input");
    all.add_program(text_at(whole, "AppSpecification.ImageUri"));
  } else if (step.type == "Training") {
    gather_training(all, whole);
  } else if (step.type == "Transform") {
    all.add_input("TransformInput", at(whole, "TransformInput.DataSource.S3DataSource"));
    all.add_model(text_at(whole, "ModelName"));
  } else if (step.type == "Tuning") {
    if (const auto* one = at(whole, "TrainingJobDefinition")) gather_training(all, *one);
    if (const auto* more = at(whole, "TrainingJobDefinitions"); more && more->is_array()) {
      for (const json::value& job : more->as_array()) gather_training(all, job);
    }
  }
  all.put_into(facts);
  return facts;
}

std::string digest_of(const json::value& value) {
  std::string text;
  write_canonical(value, text);
  return base::to_hex(base::sha256(text));
}

json::value objects_fact(const SageMaker::Impl& state, const std::string& uri,
                         const std::string& data_type) {
  try {
    base::Digest digest(base::Digest::Kind::kSha256);
    std::uint64_t bytes = 0;
    const auto objects = input_objects(state.s3, uri, data_type);
    for (const InputObject& object : objects) {
      digest.update(
          fmt::format("{}\n{}\n{}\n", object.name, object.object.etag, object.object.size));
      bytes += object.object.size;
    }
    return json::object{{"Objects", objects.size()},
                        {"Bytes", bytes},
                        {"Digest", base::to_hex(digest.finish()).substr(0, kDigits)}};
  } catch (const std::exception&) {
    return nullptr;
  }
}

json::array changes_between(const json::value& before, const json::value& after) {
  json::array changes;
  compare(&before, &after, "", changes);
  return changes;
}

}  // namespace engine::sagemaker::pipelines
