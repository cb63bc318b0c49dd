// The two functions.
#include "cli/deploy/steps.h"
#include "cli/deploy/tags.h"
#include "lib/base/digest.h"
#include "lib/base/encoding.h"

#include <fmt/format.h>

namespace cli {
namespace {

constexpr const char* kFunctions = "/2015-03-31/functions";
#if defined(__aarch64__)
constexpr const char* kArchitecture = "arm64";
#else
constexpr const char* kArchitecture = "x86_64";
#endif

std::string path_of(const std::string& function, const char* below) {
  return fmt::format("{}/{}{}", kFunctions, function, below);
}

json::value configuration(Deployment& deployment, const std::string& function) {
  return rest_json(deployment.session.aws(), "lambda", "GET", path_of(function, "/configuration"));
}

void wait_for_function(Deployment& deployment, const std::string& function) {
  wait_until("function " + function, [&] {
    const json::value now = configuration(deployment, function);
    if (text(now, "State") == "Failed" || text(now, "LastUpdateStatus") == "Failed") {
      throw std::runtime_error(fmt::format("function {}: {}{}", function, text(now, "StateReason"),
                                           text(now, "LastUpdateStatusReason")));
    }
    return text(now, "State", "Active") == "Active" &&
           text(now, "LastUpdateStatus", "Successful") == "Successful";
  });
}

/// What one of the functions is.
struct Wanted {
  const Spec::Function& spec;
  const char* description;
  const std::string& role;
  const std::string& zip;
  json::object variables = {};
};

/// Everything but the code.
json::object settings(const System& system, const Wanted& function) {
  return {{"Description", function.description},
          {"Role", system.role_arn(function.role)},
          {"Handler", "bootstrap"},
          {"Runtime", "provided.al2023"},
          {"MemorySize", function.spec.memory_mb},
          {"Timeout", function.spec.timeout_seconds},
          {"Environment", {{"Variables", function.variables}}}};
}

void create_function(Deployment& deployment, const std::string& name, json::object input,
                     const std::string& zip) {
  input["FunctionName"] = name;
  add_tag_map(input, deployment.spec());
  input["Architectures"] = json::array{kArchitecture};
  input["Code"] = json::object{{"ZipFile", base::to_base64(zip)}};
  with_new_role(
      [&] { return rest_json(deployment.session.aws(), "lambda", "POST", kFunctions, &input); });
}

bool update_code(Deployment& deployment, const std::string& name, const json::value& present,
                 const std::string& zip) {
  if (text(present, "CodeSha256") == base::to_base64(base::sha256(zip))) return false;
  const json::object input{{"ZipFile", base::to_base64(zip)},
                           {"Architectures", json::array{kArchitecture}}};
  rest_json(deployment.session.aws(), "lambda", "PUT", path_of(name, "/code"), &input);
  wait_for_function(deployment, name);
  return true;
}

bool update_settings(Deployment& deployment, const std::string& name, const json::value& present,
                     const json::object& wanted) {
  // No variables at all are answered as no environment at all.
  const bool bare = wanted.at("Environment").at("Variables").as_object().empty();
  json::object compared = wanted;
  if (bare) compared.erase("Environment");
  if (agrees(present, compared)) return false;
  rest_json(deployment.session.aws(), "lambda", "PUT", path_of(name, "/configuration"), &wanted);
  wait_for_function(deployment, name);
  return true;
}

void deploy_function(Deployment& deployment, const Wanted& function,
                     const std::optional<json::value>& present) {
  const std::string& name = function.spec.name;
  const json::object wanted = settings(deployment.system(), function);
  if (!present) {
    create_function(deployment, name, wanted, function.zip);
    wait_for_function(deployment, name);
    return deployment.created("function " + name);
  }
  bool changed = update_code(deployment, name, *present, function.zip);
  changed |= update_settings(deployment, name, *present, wanted);
  changed |= update_tags(deployment, "lambda", deployment.system().function_arn(name));
  deployment.done("function " + name, false, changed);
}

std::optional<json::value> find_function(Deployment& deployment, const std::string& name) {
  return describe([&] { return configuration(deployment, name); });
}

/// The given one, else the function's own.
std::string source_url(const Deployment& deployment, const std::optional<json::value>& present) {
  if (!deployment.options.source_url.empty()) return deployment.options.source_url;
  std::string own = present ? text(*present, "Environment.Variables.SOURCE_URL") : "";
  if (own.empty()) {
    throw std::runtime_error(fmt::format(
        "{}: source.url is \"{}\", which only `beer run` and `beer up` serve by themselves: give "
        "the URL of a Punk API with --source (`beer punkapi` starts a simulated one)",
        deployment.spec().file, deployment.spec().source.url));
  }
  return own;
}

}  // namespace

void deploy_functions(Deployment& deployment) {
  const Spec& spec = deployment.spec();
  const auto extraction = find_function(deployment, spec.functions.extraction.name);
  deploy_function(deployment,
                  {.spec = spec.functions.extraction,
                   .description = "Takes a beer from the Punk API and puts it on the stream",
                   .role = spec.roles.extraction,
                   .zip = deployment.extraction_package,
                   .variables = {{"SOURCE_URL", source_url(deployment, extraction)},
                                 {"STREAM_NAME", spec.stream.name},
                                 {"SOURCE_TIMEOUT_MS", std::to_string(spec.source.timeout_ms)},
                                 {"SOURCE_ATTEMPTS", std::to_string(spec.source.attempts)}}},
                  extraction);
  deploy_function(
      deployment,
      {.spec = spec.functions.transformation,
       .description = "Selects and computes a beer's features on its way to the bucket cleaned",
       .role = spec.roles.transformation,
       .zip = deployment.transformation_package},
      find_function(deployment, spec.functions.transformation.name));
}

}  // namespace cli
