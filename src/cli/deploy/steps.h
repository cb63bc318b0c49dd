// The pieces of a deployment, one function for each stage of the flow, and what they share.
#pragma once

#include "cli/calls/json.h"
#include "cli/deploy/deploy.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cli {

/// Of a call by the query protocol.
using Parameters = std::vector<std::pair<std::string, std::string>>;
constexpr const char* kIamVersion = "2010-05-08";
constexpr const char* kAlarmsVersion = "2010-08-01";

/// What one deployment works with. Used by one thread.
class Deployment {
 public:
  Deployment(Session& session, DeployOptions options, const OnChange& on_change)
      : session(session), options(std::move(options)), on_change_(on_change) {}

  void created(const std::string& what) { changed("created", what); }
  void updated(const std::string& what) { changed("updated", what); }
  void removed(const std::string& what) { changed("removed", what); }
  void unchanged() { ++result.resources; }
  void done(const std::string& what, bool is_new, bool is_changed) {
    if (is_new) return created(what);
    is_changed ? updated(what) : unchanged();
  }
  /// Kept although it should go; counts as no change.
  void kept(const std::string& what) {
    ++result.resources;
    on_change_("kept", what);
  }

  Session& session;
  const DeployOptions options;
  /// The functions' zips, as they were built.
  std::string extraction_package, transformation_package;
  /// Told by SageMaker, which writes names of pipelines its own way in ARNs.
  std::string pipeline_arn, watching_arn;
  DeployResult result;

  const System& system() const { return session.system(); }
  const Spec& spec() const { return session.spec(); }
  /// An awsJson call.
  json::value call(std::string_view service, std::string_view target, const json::object& input) {
    return session.aws().json(service, target, input);
  }

 private:
  void changed(const char* verb, const std::string& what) {
    ++result.resources;
    ++result.changed;
    on_change_(verb, what);
  }
  const OnChange& on_change_;
};

/// True when the error says that the thing isn't there.
bool is_missing(const aws::ServiceError& error);

/// What `describe` answers, or nothing when it says that the thing isn't there.
std::optional<json::value> describe(const std::function<json::value()>& describe);

/// Calls until `ready` is true. Throws after a while with a sentence that names `what`.
void wait_until(const std::string& what, const std::function<bool()>& ready);

/// Makes a call that uses a role which was perhaps created just now: AWS needs some seconds before
/// others may use it, and says until then that the role can't be assumed.
json::value with_new_role(const std::function<json::value()>& call);

/// A REST call with a JSON body and answer (Lambda's API).
json::value rest_json(aws::Client& client, std::string_view service, std::string_view method,
                      std::string_view target, const json::object* input = nullptr);

void deploy_roles(Deployment& deployment);
void deploy_buckets(Deployment& deployment);
void deploy_logs(Deployment& deployment);
void deploy_stream(Deployment& deployment);
void deploy_catalog(Deployment& deployment);
void deploy_queries(Deployment& deployment);
void deploy_functions(Deployment& deployment);
void deploy_deliveries(Deployment& deployment);
void deploy_training(Deployment& deployment);
void deploy_alarms(Deployment& deployment);
void deploy_rules(Deployment& deployment);

/// Names of those of the system's alarms that are there.
std::vector<std::string> present_alarms(Deployment& deployment);

/// In the log group of the deliveries, of both.
constexpr const char* kDeliveryLogStream = "S3Delivery";

/// The targets' ids in their rules.
constexpr const char* kExtractionTarget = "extraction";
constexpr const char* kTrainingTarget = "pipeline";

/// "/aws/lambda/<function>": where AWS puts a function's log.
std::string function_log_group(std::string_view function);
/// The log group of the deliveries' errors.
std::string delivery_log_group(const Spec& spec);

}  // namespace cli
