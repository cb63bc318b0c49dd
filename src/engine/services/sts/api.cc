// The operations of STS, one line each.
#include "engine/services/sts/api.h"

namespace engine::sts {

ServiceDefinition definition(const Sessions& sessions) {
  return {.name = "sts",
          .signing_name = "sts",
          .protocol = Protocol::kQuery,
          .api_version = "2011-06-15",
          .xml_namespace = "https://sts.amazonaws.com/doc/2011-06-15/",
          .validation_code = "ValidationError",
          .operations = {
              operation<api::op::GetCallerIdentity, const Sessions>(get_caller_identity, sessions),
              operation<api::op::AssumeRole, const Sessions>(assume_role, sessions),
              operation<api::op::GetSessionToken, const Sessions>(get_session_token, sessions),
          }};
}

}  // namespace engine::sts
