// The tables of SageMaker's operations.
#include "engine/services/sagemaker/api.h"

#include "engine/services/sagemaker/operations.h"

namespace engine::sagemaker {

ServiceDefinition definition(SageMaker& sagemaker) {
  return {
      .name = "sagemaker",
      .signing_name = "sagemaker",
      .protocol = Protocol::kAwsJson11,
      .target_prefix = "SageMaker",
      .operations =
          {
              operation<api::op::CreateProcessingJob>(create_processing_job, sagemaker),
              operation<api::op::DescribeProcessingJob>(describe_processing_job, sagemaker),
              operation<api::op::ListProcessingJobs>(list_processing_jobs, sagemaker),
              operation<api::op::StopProcessingJob>(stop_processing_job, sagemaker),
              operation<api::op::CreateTrainingJob>(create_training_job, sagemaker),
              operation<api::op::DescribeTrainingJob>(describe_training_job, sagemaker),
              operation<api::op::ListTrainingJobs>(list_training_jobs, sagemaker),
              operation<api::op::StopTrainingJob>(stop_training_job, sagemaker),
              operation<api::op::CreateTransformJob>(create_transform_job, sagemaker),
              operation<api::op::DescribeTransformJob>(describe_transform_job, sagemaker),
              operation<api::op::ListTransformJobs>(list_transform_jobs, sagemaker),
              operation<api::op::StopTransformJob>(stop_transform_job, sagemaker),
              operation<api::op::CreateHyperParameterTuningJob>(create_hyper_parameter_tuning_job,
                                                                sagemaker),
              operation<api::op::DescribeHyperParameterTuningJob>(
                  describe_hyper_parameter_tuning_job, sagemaker),
              operation<api::op::ListHyperParameterTuningJobs>(list_hyper_parameter_tuning_jobs,
                                                               sagemaker),
              operation<api::op::StopHyperParameterTuningJob>(stop_hyper_parameter_tuning_job,
                                                              sagemaker),
              operation<api::op::ListTrainingJobsForHyperParameterTuningJob>(
                  list_training_jobs_for_hyper_parameter_tuning_job, sagemaker),
              operation<api::op::CreatePipeline>(create_pipeline, sagemaker),
              operation<api::op::UpdatePipeline>(update_pipeline, sagemaker),
              operation<api::op::DescribePipeline>(describe_pipeline, sagemaker),
              operation<api::op::DeletePipeline>(delete_pipeline, sagemaker),
              operation<api::op::ListPipelines>(list_pipelines, sagemaker),
              operation<api::op::ListPipelineVersions>(list_pipeline_versions, sagemaker),
              operation<api::op::UpdatePipelineVersion>(update_pipeline_version, sagemaker),
              operation<api::op::StartPipelineExecution>(start_pipeline_execution, sagemaker),
              operation<api::op::StopPipelineExecution>(stop_pipeline_execution, sagemaker),
              operation<api::op::RetryPipelineExecution>(retry_pipeline_execution, sagemaker),
              operation<api::op::DescribePipelineExecution>(describe_pipeline_execution, sagemaker),
              operation<api::op::UpdatePipelineExecution>(update_pipeline_execution, sagemaker),
              operation<api::op::SendPipelineExecutionStepSuccess>(
                  send_pipeline_execution_step_success, sagemaker),
              operation<api::op::SendPipelineExecutionStepFailure>(
                  send_pipeline_execution_step_failure, sagemaker),
              operation<api::op::ListPipelineExecutions>(list_pipeline_executions, sagemaker),
              operation<api::op::ListPipelineExecutionSteps>(list_pipeline_execution_steps,
                                                             sagemaker),
              operation<api::op::DescribePipelineDefinitionForExecution>(
                  describe_pipeline_definition_for_execution, sagemaker),
              operation<api::op::ListPipelineParametersForExecution>(
                  list_pipeline_parameters_for_execution, sagemaker),
              operation<api::op::CreateModelPackageGroup>(create_model_package_group, sagemaker),
              operation<api::op::DescribeModelPackageGroup>(describe_model_package_group,
                                                            sagemaker),
              operation<api::op::ListModelPackageGroups>(list_model_package_groups, sagemaker),
              operation<api::op::DeleteModelPackageGroup>(delete_model_package_group, sagemaker),
              operation<api::op::CreateModelPackage>(create_model_package, sagemaker),
              operation<api::op::DescribeModelPackage>(describe_model_package, sagemaker),
              operation<api::op::ListModelPackages>(list_model_packages, sagemaker),
              operation<api::op::UpdateModelPackage>(update_model_package, sagemaker),
              operation<api::op::DeleteModelPackage>(delete_model_package, sagemaker),
              operation<api::op::CreateArtifact>(create_artifact, sagemaker),
              operation<api::op::DescribeArtifact>(describe_artifact, sagemaker),
              operation<api::op::ListArtifacts>(list_artifacts, sagemaker),
              operation<api::op::DeleteArtifact>(delete_artifact, sagemaker),
              operation<api::op::CreateAction>(create_action, sagemaker),
              operation<api::op::DescribeAction>(describe_action, sagemaker),
              operation<api::op::ListActions>(list_actions, sagemaker),
              operation<api::op::DeleteAction>(delete_action, sagemaker),
              operation<api::op::CreateContext>(create_context, sagemaker),
              operation<api::op::DescribeContext>(describe_context, sagemaker),
              operation<api::op::ListContexts>(list_contexts, sagemaker),
              operation<api::op::DeleteContext>(delete_context, sagemaker),
              operation<api::op::AddAssociation>(add_association, sagemaker),
              operation<api::op::DeleteAssociation>(delete_association, sagemaker),
              operation<api::op::ListAssociations>(list_associations, sagemaker),
              operation<api::op::QueryLineage>(query_lineage, sagemaker),
              operation<api::op::CreateModelCard>(create_model_card, sagemaker),
              operation<api::op::DescribeModelCard>(describe_model_card, sagemaker),
              operation<api::op::ListModelCards>(list_model_cards, sagemaker),
              operation<api::op::ListModelCardVersions>(list_model_card_versions, sagemaker),
              operation<api::op::UpdateModelCard>(update_model_card, sagemaker),
              operation<api::op::DeleteModelCard>(delete_model_card, sagemaker),
              operation<api::op::CreateModel>(create_model, sagemaker),
              operation<api::op::DescribeModel>(describe_model, sagemaker),
              operation<api::op::ListModels>(list_models, sagemaker),
              operation<api::op::DeleteModel>(delete_model, sagemaker),
              operation<api::op::CreateEndpointConfig>(create_endpoint_config, sagemaker),
              operation<api::op::DescribeEndpointConfig>(describe_endpoint_config, sagemaker),
              operation<api::op::ListEndpointConfigs>(list_endpoint_configs, sagemaker),
              operation<api::op::DeleteEndpointConfig>(delete_endpoint_config, sagemaker),
              operation<api::op::CreateEndpoint>(create_endpoint, sagemaker),
              operation<api::op::UpdateEndpoint>(update_endpoint, sagemaker),
              operation<api::op::UpdateEndpointWeightsAndCapacities>(
                  update_endpoint_weights_and_capacities, sagemaker),
              operation<api::op::DescribeEndpoint>(describe_endpoint, sagemaker),
              operation<api::op::ListEndpoints>(list_endpoints, sagemaker),
              operation<api::op::DeleteEndpoint>(delete_endpoint, sagemaker),
              operation<api::op::DeleteProcessingJob>(delete_processing_job, sagemaker),
              operation<api::op::DeleteTrainingJob>(delete_training_job, sagemaker),
              operation<api::op::DeleteHyperParameterTuningJob>(delete_hyper_parameter_tuning_job, sagemaker),
              operation<api::op::UpdateArtifact>(update_artifact, sagemaker),
              operation<api::op::UpdateAction>(update_action, sagemaker),
              operation<api::op::UpdateContext>(update_context, sagemaker),
              operation<api::op::Search>(search, sagemaker),
              operation<api::op::AddTags>(add_tags, sagemaker),
              operation<api::op::DeleteTags>(delete_tags, sagemaker),
              operation<api::op::ListTags>(list_tags, sagemaker),
              operation<api::op::CreateNotebookInstance>(create_notebook_instance, sagemaker),
              operation<api::op::DescribeNotebookInstance>(describe_notebook_instance, sagemaker),
              operation<api::op::StopNotebookInstance>(stop_notebook_instance, sagemaker),
              operation<api::op::DeleteNotebookInstance>(delete_notebook_instance, sagemaker),
              operation<api::op::StartNotebookInstance>(start_notebook_instance, sagemaker),
              operation<api::op::UpdateNotebookInstance>(update_notebook_instance, sagemaker),
              operation<api::op::ListNotebookInstances>(list_notebook_instances, sagemaker),
              operation<api::op::CreateNotebookInstanceLifecycleConfig>(
                  create_notebook_instance_lifecycle_config, sagemaker),
              operation<api::op::DescribeNotebookInstanceLifecycleConfig>(
                  describe_notebook_instance_lifecycle_config, sagemaker),
              operation<api::op::UpdateNotebookInstanceLifecycleConfig>(
                  update_notebook_instance_lifecycle_config, sagemaker),
              operation<api::op::DeleteNotebookInstanceLifecycleConfig>(
                  delete_notebook_instance_lifecycle_config, sagemaker),
              operation<api::op::ListNotebookInstanceLifecycleConfigs>(
                  list_notebook_instance_lifecycle_configs, sagemaker),
          },
  };
}

ServiceDefinition runtime_definition(SageMaker& sagemaker) {
  return {
      .name = "sagemaker_runtime",
      .signing_name = "sagemaker",
      .protocol = Protocol::kRestJson,
      .validation_code = "ValidationError",
      .routes = sagemaker_runtime::api::routes(),
      .operations = {operation<sagemaker_runtime::api::op::InvokeEndpoint>(invoke_endpoint,
                                                                           sagemaker),
                     operation<sagemaker_runtime::api::op::InvokeEndpointAsync>(
                         invoke_endpoint_async, sagemaker)},
  };
}

}  // namespace engine::sagemaker
