// The order of a deployment: what is named by others comes first.
#include "cli/deploy/deploy.h"

#include "cli/deploy/steps.h"
#include "cli/programs.h"

namespace cli {
namespace {

std::future<std::string> pack(const char* name) {
  return std::async(std::launch::async, [path = program(name)] { return package(path); });
}

}  // namespace

DeployResult deploy(Session& session, const DeployOptions& options, const OnChange& on_change) {
  Deployment deployment(session, options, on_change);
  deployment.extraction_package = pack("fn_extraction");
  deployment.transformation_package = pack("fn_transformation");
  deploy_roles(deployment);
  deploy_buckets(deployment);
  deploy_logs(deployment);
  deploy_stream(deployment);
  deploy_table(deployment);
  deploy_queries(deployment);
  deploy_functions(deployment);
  deploy_deliveries(deployment);
  deploy_training(deployment);
  deploy_schedule(deployment);  // last: from now on beers come
  return deployment.result;
}

}  // namespace cli
