// The operations of Lambda.
#pragma once

#include "engine/models/lambda.h"
#include "engine/protocol/operation.h"
#include "engine/services/lambda/lambda.h"

namespace engine::lambda {

// functions.cc
api::CreateFunctionOutput create_function(Lambda&, Call&, const api::CreateFunctionInput&);
api::GetFunctionOutput get_function(Lambda&, Call&, const api::GetFunctionInput&);
api::GetFunctionConfigurationOutput get_function_configuration(Lambda&, Call&, const api::GetFunctionConfigurationInput&);
api::ListFunctionsOutput list_functions(Lambda&, Call&, const api::ListFunctionsInput&);
api::DeleteFunctionOutput delete_function(Lambda&, Call&, const api::DeleteFunctionInput&);
api::UpdateFunctionCodeOutput update_function_code(Lambda&, Call&, const api::UpdateFunctionCodeInput&);
api::UpdateFunctionConfigurationOutput update_function_configuration(Lambda&, Call&, const api::UpdateFunctionConfigurationInput&);

// invoke.cc
api::InvokeOutput invoke(Lambda&, Call&, const api::InvokeInput&);

// versions.cc
api::PublishVersionOutput publish_version(Lambda&, Call&, const api::PublishVersionInput&);
api::ListVersionsByFunctionOutput list_versions_by_function(Lambda&, Call&, const api::ListVersionsByFunctionInput&);
api::CreateAliasOutput create_alias(Lambda&, Call&, const api::CreateAliasInput&);
api::GetAliasOutput get_alias(Lambda&, Call&, const api::GetAliasInput&);
api::UpdateAliasOutput update_alias(Lambda&, Call&, const api::UpdateAliasInput&);
api::DeleteAliasOutput delete_alias(Lambda&, Call&, const api::DeleteAliasInput&);
api::ListAliasesOutput list_aliases(Lambda&, Call&, const api::ListAliasesInput&);

// settings.cc
api::AddPermissionOutput add_permission(Lambda&, Call&, const api::AddPermissionInput&);
api::RemovePermissionOutput remove_permission(Lambda&, Call&, const api::RemovePermissionInput&);
api::GetPolicyOutput get_policy(Lambda&, Call&, const api::GetPolicyInput&);
api::TagResourceOutput tag_resource(Lambda&, Call&, const api::TagResourceInput&);
api::UntagResourceOutput untag_resource(Lambda&, Call&, const api::UntagResourceInput&);
api::ListTagsOutput list_tags(Lambda&, Call&, const api::ListTagsInput&);
api::PutFunctionConcurrencyOutput put_function_concurrency(Lambda&, Call&, const api::PutFunctionConcurrencyInput&);
api::GetFunctionConcurrencyOutput get_function_concurrency(Lambda&, Call&, const api::GetFunctionConcurrencyInput&);
api::DeleteFunctionConcurrencyOutput delete_function_concurrency(Lambda&, Call&, const api::DeleteFunctionConcurrencyInput&);
api::GetFunctionCodeSigningConfigOutput get_function_code_signing_config(Lambda&, Call&, const api::GetFunctionCodeSigningConfigInput&);
api::PutFunctionEventInvokeConfigOutput put_function_event_invoke_config(Lambda&, Call&, const api::PutFunctionEventInvokeConfigInput&);
api::GetFunctionEventInvokeConfigOutput get_function_event_invoke_config(Lambda&, Call&, const api::GetFunctionEventInvokeConfigInput&);
api::UpdateFunctionEventInvokeConfigOutput update_function_event_invoke_config(Lambda&, Call&, const api::UpdateFunctionEventInvokeConfigInput&);
api::ListFunctionEventInvokeConfigsOutput list_function_event_invoke_configs(Lambda&, Call&, const api::ListFunctionEventInvokeConfigsInput&);
api::DeleteFunctionEventInvokeConfigOutput delete_function_event_invoke_config(Lambda&, Call&, const api::DeleteFunctionEventInvokeConfigInput&);

// event_source_mappings.cc
api::CreateEventSourceMappingOutput create_event_source_mapping(Lambda&, Call&, const api::CreateEventSourceMappingInput&);
api::GetEventSourceMappingOutput get_event_source_mapping(Lambda&, Call&, const api::GetEventSourceMappingInput&);
api::UpdateEventSourceMappingOutput update_event_source_mapping(Lambda&, Call&, const api::UpdateEventSourceMappingInput&);
api::DeleteEventSourceMappingOutput delete_event_source_mapping(Lambda&, Call&, const api::DeleteEventSourceMappingInput&);
api::ListEventSourceMappingsOutput list_event_source_mappings(Lambda&, Call&, const api::ListEventSourceMappingsInput&);

}  // namespace engine::lambda
