// The order of a deployment: what is named by others comes first.
#include "cli/deploy/deploy.h"

#include "cli/deploy/steps.h"
#include "cli/programs.h"
#include "lib/io/file.h"

namespace cli {

DeployResult deploy(Session& session, const DeployOptions& options, const OnChange& on_change) {
  Deployment deployment(session, options, on_change);
  deployment.extraction_package = io::read_file(package("fn_extraction"));
  deployment.transformation_package = io::read_file(package("fn_transformation"));
  deploy_roles(deployment);
  deploy_buckets(deployment);
  deploy_logs(deployment);
  deploy_stream(deployment);
  deploy_catalog(deployment);
  deploy_queries(deployment);
  deploy_functions(deployment);
  deploy_deliveries(deployment);
  deploy_training(deployment);
  deploy_alarms(deployment);
  deploy_rules(deployment);  // last: from now on beers come
  return deployment.result;
}

}  // namespace cli
