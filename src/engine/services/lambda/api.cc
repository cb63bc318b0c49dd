// The table of Lambda's operations.
#include "engine/services/lambda/api.h"

#include "engine/services/lambda/operations.h"

namespace engine::lambda {

ServiceDefinition definition(Lambda& lambda) {
  using namespace api::op;
  return {.name = "lambda",
          .signing_name = "lambda",
          .protocol = Protocol::kRestJson,
          .routes = api::routes(),
          .operations = {
              operation<CreateFunction>(create_function, lambda),
              operation<GetFunction>(get_function, lambda),
              operation<GetFunctionConfiguration>(get_function_configuration, lambda),
              operation<ListFunctions>(list_functions, lambda),
              operation<DeleteFunction>(delete_function, lambda),
              operation<UpdateFunctionCode>(update_function_code, lambda),
              operation<UpdateFunctionConfiguration>(update_function_configuration, lambda),
              operation<Invoke>(invoke, lambda),
              operation<PublishVersion>(publish_version, lambda),
              operation<ListVersionsByFunction>(list_versions_by_function, lambda),
              operation<CreateAlias>(create_alias, lambda),
              operation<GetAlias>(get_alias, lambda),
              operation<UpdateAlias>(update_alias, lambda),
              operation<DeleteAlias>(delete_alias, lambda),
              operation<ListAliases>(list_aliases, lambda),
              operation<AddPermission>(add_permission, lambda),
              operation<RemovePermission>(remove_permission, lambda),
              operation<GetPolicy>(get_policy, lambda),
              operation<TagResource>(tag_resource, lambda),
              operation<UntagResource>(untag_resource, lambda),
              operation<ListTags>(list_tags, lambda),
              operation<PutFunctionConcurrency>(put_function_concurrency, lambda),
              operation<GetFunctionConcurrency>(get_function_concurrency, lambda),
              operation<DeleteFunctionConcurrency>(delete_function_concurrency, lambda),
              operation<GetFunctionCodeSigningConfig>(get_function_code_signing_config, lambda),
              operation<PutFunctionEventInvokeConfig>(put_function_event_invoke_config, lambda),
              operation<GetFunctionEventInvokeConfig>(get_function_event_invoke_config, lambda),
              operation<UpdateFunctionEventInvokeConfig>(update_function_event_invoke_config, lambda),
              operation<ListFunctionEventInvokeConfigs>(list_function_event_invoke_configs, lambda),
              operation<DeleteFunctionEventInvokeConfig>(delete_function_event_invoke_config, lambda),
              operation<CreateEventSourceMapping>(create_event_source_mapping, lambda),
              operation<GetEventSourceMapping>(get_event_source_mapping, lambda),
              operation<UpdateEventSourceMapping>(update_event_source_mapping, lambda),
              operation<DeleteEventSourceMapping>(delete_event_source_mapping, lambda),
              operation<ListEventSourceMappings>(list_event_source_mappings, lambda),
          }};
}

}  // namespace engine::lambda
