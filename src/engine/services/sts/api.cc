// The operations of STS, one line each.
#include "engine/services/sts/api.h"

#include "engine/services/sts/sts.h"

namespace engine::sts {

// Deviation: AssumeRole and GetSessionToken are not there, since the engine makes no temporary keys.
ServiceDefinition definition() {
  return {.name = "sts",
          .signing_name = "sts",
          .protocol = Protocol::kQuery,
          .api_version = "2011-06-15",
          .xml_namespace = "https://sts.amazonaws.com/doc/2011-06-15/",
          .validation_code = "ValidationError",
          .operations = {
              operation<api::op::GetCallerIdentity>(get_caller_identity),
          }};
}

}  // namespace engine::sts
