// The accounts in which AWS keeps its XGBoost image.
#include "cli/xgboost_image.h"

#include "cli/errors.h"

#include <fmt/format.h>

#include <utility>

namespace cli {
namespace {

// Verified: the registries of sagemaker-xgboost in the SageMaker Python SDK's image_uri_config.
constexpr std::pair<std::string_view, std::string_view> kAccounts[] = {
    {"af-south-1", "510948584623"},     {"ap-east-1", "651117190479"},
    {"ap-northeast-1", "354813040037"}, {"ap-northeast-2", "366743142698"},
    {"ap-northeast-3", "867004704886"}, {"ap-south-1", "720646828776"},
    {"ap-south-2", "628508329040"},     {"ap-southeast-1", "121021644041"},
    {"ap-southeast-2", "783357654285"}, {"ap-southeast-3", "951798379941"},
    {"ap-southeast-4", "106583098589"}, {"ca-central-1", "341280168497"},
    {"ca-west-1", "190319476487"},      {"eu-central-1", "492215442770"},
    {"eu-central-2", "680994064768"},   {"eu-north-1", "662702820516"},
    {"eu-south-1", "978288397137"},     {"eu-south-2", "104374241257"},
    {"eu-west-1", "141502667606"},      {"eu-west-2", "764974769150"},
    {"eu-west-3", "659782779980"},      {"il-central-1", "898809789911"},
    {"me-central-1", "272398656194"},   {"me-south-1", "801668240914"},
    {"sa-east-1", "737474898029"},      {"us-east-1", "683313688378"},
    {"us-east-2", "257758044811"},      {"us-west-1", "746614075791"},
    {"us-west-2", "246618743249"},
};
constexpr const char* kTag = "1.7-1";

}  // namespace

std::string xgboost_image_uri(std::string_view region) {
  for (const auto& [name, account] : kAccounts) {
    if (name == region) {
      return fmt::format("{}.dkr.ecr.{}.amazonaws.com/{}:{}", account, region, kXgboostRepository,
                         kTag);
    }
  }
  throw UsageError(
      fmt::format("where SageMaker's XGBoost image lies in the region {} isn't known here: give "
                  "its URI as training.xgboost_image",
                  region));
}

}  // namespace cli
