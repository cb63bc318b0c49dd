// The order of a deployment: what is named by others comes first.
#include "cli/deploy/deploy.h"

#include "cli/deploy/steps.h"

namespace cli {

DeployResult deploy(Session& session, const DeployOptions& options, const OnChange& on_change) {
  Deployment deployment(session, options, on_change);
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
