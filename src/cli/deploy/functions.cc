// The two functions, and the rule that calls the first of them.
#include "cli/deploy/steps.h"
#include "lib/base/digest.h"
#include "lib/base/encoding.h"

#include <fmt/format.h>

namespace cli {
namespace {

constexpr const char* kFunctions = "/2015-03-31/functions";
constexpr const char* kStatement = "schedule";
constexpr const char* kTarget = "extraction";
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

/// Everything but the code.
json::object settings(const System& system, const Spec::Function& function,
                      const std::string& role, const json::object& variables) {
  return {{"Role", system.role_arn(role)},
          {"Handler", "bootstrap"},
          {"Runtime", "provided.al2023"},
          {"MemorySize", function.memory_mb},
          {"Timeout", function.timeout_seconds},
          {"Environment", {{"Variables", variables}}}};
}

void create_function(Deployment& deployment, const std::string& name, json::object input,
                     const std::string& zip) {
  input["FunctionName"] = name;
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

void deploy_function(Deployment& deployment, const Spec::Function& function,
                     const std::string& role, const std::optional<json::value>& present,
                     const std::string& zip, const json::object& variables) {
  const std::string what = "function " + function.name;
  const json::object wanted = settings(deployment.system(), function, role, variables);
  if (!present) {
    create_function(deployment, function.name, wanted, zip);
    wait_for_function(deployment, function.name);
    return deployment.created(what);
  }
  const bool code = update_code(deployment, function.name, *present, zip);
  const bool rest = update_settings(deployment, function.name, *present, wanted);
  code || rest ? deployment.updated(what) : deployment.unchanged();
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

void allow_rule(Deployment& deployment) {
  const std::string& function = deployment.spec().functions.extraction.name;
  const auto policy = describe([&] {
    return rest_json(deployment.session.aws(), "lambda", "GET", path_of(function, "/policy"));
  });
  const std::string rule = deployment.system().rule_arn();
  if (policy && text(*policy, "Policy").find(rule) != std::string::npos) {
    return deployment.unchanged();
  }
  const json::object input{{"StatementId", kStatement},
                           {"Action", "lambda:InvokeFunction"},
                           {"Principal", "events.amazonaws.com"},
                           {"SourceArn", rule}};
  rest_json(deployment.session.aws(), "lambda", "POST", path_of(function, "/policy"), &input);
  deployment.created("permission of the rule to call " + function);
}

void deploy_target(Deployment& deployment) {
  const Spec& spec = deployment.spec();
  const json::object wanted{
      {"Id", kTarget}, {"Arn", deployment.system().function_arn(spec.functions.extraction.name)}};
  const json::value present =
      deployment.call("events", "AWSEvents.ListTargetsByRule", {{"Rule", spec.schedule.rule}});
  for (const json::value& target : list(present, "Targets")) {
    if (agrees(target, wanted)) return deployment.unchanged();
  }
  deployment.call("events", "AWSEvents.PutTargets",
                  {{"Rule", spec.schedule.rule}, {"Targets", json::array{wanted}}});
  deployment.created("target of the rule " + spec.schedule.rule);
}

}  // namespace

void deploy_functions(Deployment& deployment) {
  const Spec& spec = deployment.spec();
  const auto extraction = find_function(deployment, spec.functions.extraction.name);
  deploy_function(deployment, spec.functions.extraction, spec.roles.extraction, extraction,
                  deployment.extraction_package,
                  {{"SOURCE_URL", source_url(deployment, extraction)},
                   {"STREAM_NAME", spec.stream.name},
                   {"SOURCE_TIMEOUT_MS", std::to_string(spec.source.timeout_ms)},
                   {"SOURCE_ATTEMPTS", std::to_string(spec.source.attempts)}});
  deploy_function(deployment, spec.functions.transformation, spec.roles.transformation,
                  find_function(deployment, spec.functions.transformation.name),
                  deployment.transformation_package, {});
}

void deploy_schedule(Deployment& deployment) {
  const Spec::Schedule& schedule = deployment.spec().schedule;
  const json::object wanted{{"Name", schedule.rule},
                            {"ScheduleExpression", schedule.expression},
                            {"State", deployment.options.schedule_live ? "ENABLED" : "DISABLED"}};
  const std::string what = fmt::format("rule {}: {}", schedule.rule, schedule.expression);
  const auto present = describe([&] {
    return deployment.call("events", "AWSEvents.DescribeRule", {{"Name", schedule.rule}});
  });
  if (present && agrees(*present, wanted)) {
    deployment.unchanged();
  } else {
    deployment.call("events", "AWSEvents.PutRule", wanted);
    present ? deployment.updated(what) : deployment.created(what);
  }
  allow_rule(deployment);
  deploy_target(deployment);
}

}  // namespace cli
