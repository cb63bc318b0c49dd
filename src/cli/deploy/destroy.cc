// Taking the system away again, in the opposite order.
#include "cli/deploy/steps.h"

#include <fmt/format.h>

namespace cli {
namespace {

/// Removes one thing at a time, and passes over what isn't there.
class Destruction {
 public:
  explicit Destruction(Deployment& deployment) : deployment_(deployment) {}

  void remove(const std::string& what, const std::function<void()>& remove) {
    const auto done = describe([&] {
      remove();
      return json::value(true);
    });
    if (done) deployment_.removed(what);
  }

  void remove(const std::string& what, std::string_view service, std::string_view target,
              const json::object& input) {
    remove(what, [&] { deployment_.call(service, target, input); });
  }

  void end_training();
  void serving();
  void packages();
  void training();
  void flow();
  void lake(bool with_data);
  void roles();

 private:
  void wait_gone(const std::string& what, std::string_view service, std::string_view target,
                 const json::object& input) {
    wait_until("the end of " + what,
               [&] { return !describe([&] { return deployment_.call(service, target, input); }); });
  }
  /// SageMaker's lists have pages; all are read before anything is removed.
  json::array all(const std::string& target, json::object input, const char* plural);
  /// Of every model or endpoint config of ours: they are named by the endpoint and a version.
  void remove_named(const char* kind, const char* plural);
  void rule(const std::string& name, const char* target);
  void bucket(const std::string& name, bool with_data);
  void role(const std::string& name);

  Deployment& deployment_;
};

json::array Destruction::all(const std::string& target, json::object input, const char* plural) {
  json::array found;
  input["MaxResults"] = 100;
  do {
    const auto page = describe([&] { return deployment_.call("sagemaker", target, input); });
    if (!page) return found;
    for (const json::value& one : list(*page, plural)) found.push_back(one);
    input["NextToken"] = text(*page, "NextToken");
  } while (!input["NextToken"].get_string().empty());
  return found;
}

void Destruction::remove_named(const char* kind, const char* plural) {
  const std::string prefix = deployment_.spec().endpoint.name + "-v";
  for (const json::value& one :
       all(fmt::format("SageMaker.List{}s", kind), {{"NameContains", prefix}}, plural)) {
    const std::string name = text(one, fmt::format("{}Name", kind));
    if (!name.starts_with(prefix)) continue;
    remove(fmt::format("{} {}", kind, name), "sagemaker", fmt::format("SageMaker.Delete{}", kind),
           {{fmt::format("{}Name", kind), name}});
  }
}

/// Nothing trains any more, so that nothing is registered behind our back: no rule begins, and what runs ends.
void Destruction::end_training() {
  const Spec& spec = deployment_.spec();
  for (const std::string& rule :
       {spec.training.retraining.rule, spec.watching.schedule.rule, spec.watching.drift_rule}) {
    describe([&] { return deployment_.call("events", "AWSEvents.DisableRule", {{"Name", rule}}); });
  }
  const json::object ours{{"PipelineName", spec.training.pipeline}};
  const auto unfinished = [&] {
    bool any = false;
    for (const json::value& one : all("SageMaker.ListPipelineExecutions", ours, "PipelineExecutionSummaries")) {
      const std::string status = text(one, "PipelineExecutionStatus");
      any = any || status == "Executing" || status == "Stopping";
      if (status != "Executing") continue;
      try {
        deployment_.call("sagemaker", "SageMaker.StopPipelineExecution",
                         {{"PipelineExecutionArn", text(one, "PipelineExecutionArn")},
                          {"ClientRequestToken", std::string(32, 'd')}});
      } catch (const aws::ServiceError&) {
        // It has ended by itself; the next look tells.
      }
    }
    return any;
  };
  wait_until("the end of what trains", [&] { return !unfinished(); });
}

void Destruction::serving() {
  const std::string& endpoint = deployment_.spec().endpoint.name;
  remove("endpoint " + endpoint, "sagemaker", "SageMaker.DeleteEndpoint",
         {{"EndpointName", endpoint}});
  wait_gone("endpoint " + endpoint, "sagemaker", "SageMaker.DescribeEndpoint",
            {{"EndpointName", endpoint}});
  remove_named("EndpointConfig", "EndpointConfigs");
  remove_named("Model", "Models");
}

void Destruction::packages() {
  const json::object group{{"ModelPackageGroupName", deployment_.spec().registry.group}};
  for (const json::value& package :
       all("SageMaker.ListModelPackages", group, "ModelPackageSummaryList")) {
    const std::string arn = text(package, "ModelPackageArn");
    remove("model package " + arn, "sagemaker", "SageMaker.DeleteModelPackage",
           {{"ModelPackageName", arn}});
  }
}

void Destruction::training() {
  const Spec& spec = deployment_.spec();
  remove("pipeline " + spec.training.pipeline, "sagemaker", "SageMaker.DeletePipeline",
         {{"PipelineName", spec.training.pipeline}, {"ClientRequestToken", std::string(32, 'd')}});
  remove("pipeline " + spec.watching.pipeline, "sagemaker", "SageMaker.DeletePipeline",
         {{"PipelineName", spec.watching.pipeline}, {"ClientRequestToken", std::string(32, 'd')}});
  packages();
  remove("model package group " + spec.registry.group, "sagemaker",
         "SageMaker.DeleteModelPackageGroup", {{"ModelPackageGroupName", spec.registry.group}});
  remove("repository " + spec.training.repository, "ecr",
         "AmazonEC2ContainerRegistry_V20150921.DeleteRepository",
         {{"repositoryName", spec.training.repository}, {"force", true}});
}

void Destruction::rule(const std::string& name, const char* target) {
  describe([&] {
    return deployment_.call("events", "AWSEvents.RemoveTargets",
                            {{"Rule", name}, {"Ids", json::array{target}}});
  });
  // Deleting one that isn't there is no error.
  if (describe([&] {
        return deployment_.call("events", "AWSEvents.DescribeRule", {{"Name", name}});
      })) {
    remove("rule " + name, "events", "AWSEvents.DeleteRule", {{"Name", name}});
  }
}

void Destruction::flow() {
  const Spec& spec = deployment_.spec();
  rule(spec.schedule.rule, kExtractionTarget);
  rule(spec.training.retraining.rule, kTrainingTarget);
  rule(spec.watching.schedule.rule, kTrainingTarget);
  rule(spec.watching.drift_rule, kTrainingTarget);
  for (const std::string& name : present_alarms(deployment_)) {
    remove("alarm " + name, [&] {
      deployment_.session.aws().query("monitoring", "DeleteAlarms", kAlarmsVersion,
                                      {{"AlarmNames.member.1", name}});
    });
  }
  for (const std::string& name : {spec.raw.name, spec.cleaned.name}) {
    const json::object input{{"DeliveryStreamName", name}};
    remove("delivery " + name, "firehose", "Firehose_20150804.DeleteDeliveryStream", input);
    wait_gone("delivery " + name, "firehose", "Firehose_20150804.DescribeDeliveryStream", input);
  }
  for (const Spec::Function& function :
       {spec.functions.extraction, spec.functions.transformation}) {
    remove("function " + function.name, [&] {
      deployment_.session.aws().rest("lambda", "DELETE", "/2015-03-31/functions/" + function.name);
    });
  }
  const json::object stream{{"StreamName", spec.stream.name}};
  remove("stream " + spec.stream.name, "kinesis", "Kinesis_20131202.DeleteStream", stream);
  wait_gone("stream " + spec.stream.name, "kinesis", "Kinesis_20131202.DescribeStreamSummary",
            stream);
  for (const std::string& group :
       {function_log_group(spec.functions.extraction.name),
        function_log_group(spec.functions.transformation.name), delivery_log_group(spec)}) {
    remove("log group " + group, "logs", "Logs_20140328.DeleteLogGroup", {{"logGroupName", group}});
  }
}

void Destruction::lake(bool with_data) {
  const System& system = deployment_.system();
  const Spec& spec = system.spec;
  remove("workgroup " + spec.queries.workgroup, "athena", "AmazonAthena.DeleteWorkGroup",
         {{"WorkGroup", spec.queries.workgroup}, {"RecursiveDeleteOption", true}});
  remove(fmt::format("table {}.{}", spec.table.database, spec.table.name), "glue",
         "AWSGlue.DeleteTable", {{"DatabaseName", spec.table.database}, {"Name", spec.table.name}});
  remove("database " + spec.table.database, "glue", "AWSGlue.DeleteDatabase",
         {{"Name", spec.table.database}});
  for (const std::string& name : {system.raw_bucket(), system.cleaned_bucket(),
                                  system.models_bucket(), system.queries_bucket()}) {
    bucket(name, with_data);
  }
}

void Destruction::bucket(const std::string& name, bool with_data) {
  aws::S3 s3 = deployment_.session.s3();
  std::vector<aws::S3::Version> versions;
  const auto present = describe([&] {
    versions = s3.list_versions(name);
    return json::value(true);
  });
  if (!present) return;
  if (!versions.empty() && !with_data) {
    return deployment_.kept(fmt::format(
        "bucket {}: it holds {} objects (--with-data removes them too)", name, versions.size()));
  }
  s3.delete_versions(name, versions);
  remove("bucket " + name, [&] { s3.delete_bucket(name); });
}

void Destruction::role(const std::string& name) {
  const auto call = [&](const char* action, Parameters parameters) {
    parameters.emplace_back("RoleName", name);
    deployment_.session.aws().query("iam", action, kIamVersion, parameters);
    return json::value(true);
  };
  describe([&] { return call("DeleteRolePolicy", {{"PolicyName", "access"}}); });
  remove("role " + name, [&] { call("DeleteRole", {}); });
}

void Destruction::roles() {
  const Spec::Roles& roles = deployment_.spec().roles;
  for (const std::string& name : {roles.extraction, roles.transformation, roles.delivery,
                                  roles.pipeline, roles.serving, roles.retraining}) {
    role(name);
  }
}

}  // namespace

DeployResult destroy_models(Session& session, const OnChange& on_change) {
  Deployment deployment(session, {}, on_change);
  Destruction destruction(deployment);
  destruction.end_training();
  destruction.serving();
  destruction.packages();
  return deployment.result;
}

DeployResult destroy(Session& session, bool with_data, const OnChange& on_change) {
  Deployment deployment(session, {}, on_change);
  Destruction destruction(deployment);
  destruction.end_training();
  destruction.serving();
  destruction.training();
  destruction.flow();
  destruction.lake(with_data);
  destruction.roles();
  return deployment.result;
}

}  // namespace cli
