// SageMaker's operations by family; api.cc binds them.
#pragma once

#include "engine/models/sagemaker.h"
#include "engine/models/sagemaker_runtime.h"
#include "engine/protocol/operation.h"
#include "engine/services/sagemaker/sagemaker.h"

namespace engine::sagemaker {

#define SAGEMAKER_OPERATION(function, Name)                        \
  api::op::Name::Output function(SageMaker& sagemaker, Call& call, \
                                 const api::op::Name::Input& input)

// jobs/processing_job.cc
SAGEMAKER_OPERATION(create_processing_job, CreateProcessingJob);
SAGEMAKER_OPERATION(describe_processing_job, DescribeProcessingJob);
SAGEMAKER_OPERATION(list_processing_jobs, ListProcessingJobs);
SAGEMAKER_OPERATION(stop_processing_job, StopProcessingJob);
SAGEMAKER_OPERATION(delete_processing_job, DeleteProcessingJob);
// jobs/training_job.cc
SAGEMAKER_OPERATION(create_training_job, CreateTrainingJob);
SAGEMAKER_OPERATION(describe_training_job, DescribeTrainingJob);
SAGEMAKER_OPERATION(list_training_jobs, ListTrainingJobs);
SAGEMAKER_OPERATION(stop_training_job, StopTrainingJob);
SAGEMAKER_OPERATION(delete_training_job, DeleteTrainingJob);
// jobs/transform_job.cc
SAGEMAKER_OPERATION(create_transform_job, CreateTransformJob);
SAGEMAKER_OPERATION(describe_transform_job, DescribeTransformJob);
SAGEMAKER_OPERATION(list_transform_jobs, ListTransformJobs);
SAGEMAKER_OPERATION(stop_transform_job, StopTransformJob);
// tuning/tuning_job.cc
SAGEMAKER_OPERATION(create_hyper_parameter_tuning_job, CreateHyperParameterTuningJob);
SAGEMAKER_OPERATION(describe_hyper_parameter_tuning_job, DescribeHyperParameterTuningJob);
SAGEMAKER_OPERATION(list_hyper_parameter_tuning_jobs, ListHyperParameterTuningJobs);
SAGEMAKER_OPERATION(stop_hyper_parameter_tuning_job, StopHyperParameterTuningJob);
SAGEMAKER_OPERATION(delete_hyper_parameter_tuning_job, DeleteHyperParameterTuningJob);
SAGEMAKER_OPERATION(list_training_jobs_for_hyper_parameter_tuning_job,
                    ListTrainingJobsForHyperParameterTuningJob);
// pipelines/pipelines.cc
SAGEMAKER_OPERATION(create_pipeline, CreatePipeline);
SAGEMAKER_OPERATION(update_pipeline, UpdatePipeline);
SAGEMAKER_OPERATION(describe_pipeline, DescribePipeline);
SAGEMAKER_OPERATION(delete_pipeline, DeletePipeline);
SAGEMAKER_OPERATION(list_pipelines, ListPipelines);
// pipelines/versions.cc
SAGEMAKER_OPERATION(list_pipeline_versions, ListPipelineVersions);
SAGEMAKER_OPERATION(update_pipeline_version, UpdatePipelineVersion);
// pipelines/operations.cc
SAGEMAKER_OPERATION(start_pipeline_execution, StartPipelineExecution);
SAGEMAKER_OPERATION(stop_pipeline_execution, StopPipelineExecution);
SAGEMAKER_OPERATION(retry_pipeline_execution, RetryPipelineExecution);
SAGEMAKER_OPERATION(describe_pipeline_execution, DescribePipelineExecution);
SAGEMAKER_OPERATION(update_pipeline_execution, UpdatePipelineExecution);
SAGEMAKER_OPERATION(send_pipeline_execution_step_success, SendPipelineExecutionStepSuccess);
SAGEMAKER_OPERATION(send_pipeline_execution_step_failure, SendPipelineExecutionStepFailure);
SAGEMAKER_OPERATION(list_pipeline_executions, ListPipelineExecutions);
SAGEMAKER_OPERATION(list_pipeline_execution_steps, ListPipelineExecutionSteps);
SAGEMAKER_OPERATION(describe_pipeline_definition_for_execution,
                    DescribePipelineDefinitionForExecution);
SAGEMAKER_OPERATION(list_pipeline_parameters_for_execution, ListPipelineParametersForExecution);
// registry/package_groups.cc
SAGEMAKER_OPERATION(create_model_package_group, CreateModelPackageGroup);
SAGEMAKER_OPERATION(describe_model_package_group, DescribeModelPackageGroup);
SAGEMAKER_OPERATION(list_model_package_groups, ListModelPackageGroups);
SAGEMAKER_OPERATION(delete_model_package_group, DeleteModelPackageGroup);
// registry/packages.cc
SAGEMAKER_OPERATION(create_model_package, CreateModelPackage);
SAGEMAKER_OPERATION(describe_model_package, DescribeModelPackage);
SAGEMAKER_OPERATION(list_model_packages, ListModelPackages);
SAGEMAKER_OPERATION(update_model_package, UpdateModelPackage);
SAGEMAKER_OPERATION(delete_model_package, DeleteModelPackage);
// registry/lineage.cc
SAGEMAKER_OPERATION(create_artifact, CreateArtifact);
SAGEMAKER_OPERATION(describe_artifact, DescribeArtifact);
SAGEMAKER_OPERATION(list_artifacts, ListArtifacts);
SAGEMAKER_OPERATION(update_artifact, UpdateArtifact);
SAGEMAKER_OPERATION(delete_artifact, DeleteArtifact);
SAGEMAKER_OPERATION(create_action, CreateAction);
SAGEMAKER_OPERATION(describe_action, DescribeAction);
SAGEMAKER_OPERATION(list_actions, ListActions);
SAGEMAKER_OPERATION(update_action, UpdateAction);
SAGEMAKER_OPERATION(delete_action, DeleteAction);
SAGEMAKER_OPERATION(create_context, CreateContext);
SAGEMAKER_OPERATION(describe_context, DescribeContext);
SAGEMAKER_OPERATION(list_contexts, ListContexts);
SAGEMAKER_OPERATION(update_context, UpdateContext);
SAGEMAKER_OPERATION(delete_context, DeleteContext);
SAGEMAKER_OPERATION(add_association, AddAssociation);
SAGEMAKER_OPERATION(delete_association, DeleteAssociation);
SAGEMAKER_OPERATION(list_associations, ListAssociations);
SAGEMAKER_OPERATION(query_lineage, QueryLineage);
// registry/model_cards.cc
SAGEMAKER_OPERATION(create_model_card, CreateModelCard);
SAGEMAKER_OPERATION(describe_model_card, DescribeModelCard);
SAGEMAKER_OPERATION(list_model_cards, ListModelCards);
SAGEMAKER_OPERATION(list_model_card_versions, ListModelCardVersions);
SAGEMAKER_OPERATION(update_model_card, UpdateModelCard);
SAGEMAKER_OPERATION(delete_model_card, DeleteModelCard);
// hosting/models.cc
SAGEMAKER_OPERATION(create_model, CreateModel);
SAGEMAKER_OPERATION(describe_model, DescribeModel);
SAGEMAKER_OPERATION(list_models, ListModels);
SAGEMAKER_OPERATION(delete_model, DeleteModel);
// hosting/endpoint_configs.cc
SAGEMAKER_OPERATION(create_endpoint_config, CreateEndpointConfig);
SAGEMAKER_OPERATION(describe_endpoint_config, DescribeEndpointConfig);
SAGEMAKER_OPERATION(list_endpoint_configs, ListEndpointConfigs);
SAGEMAKER_OPERATION(delete_endpoint_config, DeleteEndpointConfig);
// hosting/endpoints.cc
SAGEMAKER_OPERATION(create_endpoint, CreateEndpoint);
SAGEMAKER_OPERATION(update_endpoint, UpdateEndpoint);
SAGEMAKER_OPERATION(update_endpoint_weights_and_capacities, UpdateEndpointWeightsAndCapacities);
SAGEMAKER_OPERATION(describe_endpoint, DescribeEndpoint);
SAGEMAKER_OPERATION(list_endpoints, ListEndpoints);
SAGEMAKER_OPERATION(delete_endpoint, DeleteEndpoint);
// hosting/invoke_endpoint.cc
sagemaker_runtime::api::InvokeEndpointOutput invoke_endpoint(
    SageMaker& sagemaker, Call& call, const sagemaker_runtime::api::InvokeEndpointInput& input);
sagemaker_runtime::api::InvokeEndpointAsyncOutput invoke_endpoint_async(
    SageMaker& sagemaker, Call& call,
    const sagemaker_runtime::api::InvokeEndpointAsyncInput& input);
// search.cc
SAGEMAKER_OPERATION(search, Search);
// tags.cc
SAGEMAKER_OPERATION(add_tags, AddTags);
SAGEMAKER_OPERATION(delete_tags, DeleteTags);
SAGEMAKER_OPERATION(list_tags, ListTags);
// notebook_instances.cc
SAGEMAKER_OPERATION(create_notebook_instance, CreateNotebookInstance);
SAGEMAKER_OPERATION(describe_notebook_instance, DescribeNotebookInstance);
SAGEMAKER_OPERATION(stop_notebook_instance, StopNotebookInstance);
SAGEMAKER_OPERATION(delete_notebook_instance, DeleteNotebookInstance);
SAGEMAKER_OPERATION(start_notebook_instance, StartNotebookInstance);
SAGEMAKER_OPERATION(update_notebook_instance, UpdateNotebookInstance);
SAGEMAKER_OPERATION(list_notebook_instances, ListNotebookInstances);

// notebook_lifecycles.cc
SAGEMAKER_OPERATION(create_notebook_instance_lifecycle_config,
                    CreateNotebookInstanceLifecycleConfig);
SAGEMAKER_OPERATION(describe_notebook_instance_lifecycle_config,
                    DescribeNotebookInstanceLifecycleConfig);
SAGEMAKER_OPERATION(update_notebook_instance_lifecycle_config,
                    UpdateNotebookInstanceLifecycleConfig);
SAGEMAKER_OPERATION(delete_notebook_instance_lifecycle_config,
                    DeleteNotebookInstanceLifecycleConfig);
SAGEMAKER_OPERATION(list_notebook_instance_lifecycle_configs, ListNotebookInstanceLifecycleConfigs);

}  // namespace engine::sagemaker
