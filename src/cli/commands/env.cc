// `beer env`: the lines a shell evaluates to reach the engine.
#include "cli/commands/commands.h"
#include "cli/errors.h"

#include <fmt/format.h>

namespace cli {

int env(const Common& common) {
  const aws::Config config = find_endpoint(common);
  if (config.endpoint.empty()) {
    throw std::runtime_error(fmt::format(
        "no engine ever ran in {}: start one with `beer up`, or name its folder with --data",
        common.data));
  }
  fmt::print(
      "export AWS_ENDPOINT_URL={}\nexport AWS_ACCESS_KEY_ID={}\nexport AWS_SECRET_ACCESS_KEY={}\n"
      "export AWS_REGION={}\nexport AWS_DEFAULT_REGION={}\n",
      config.endpoint, config.credentials.access_key_id, config.credentials.secret_access_key,
      config.region, config.region);
  return kOk;
}

}  // namespace cli
