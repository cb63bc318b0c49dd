"""Search, deleted jobs, changed lineage, tags by ARN, lists without an order, and what isn't built: by boto3."""
import unittest

from botocore.exceptions import ClientError

from scripted import ARN, IMAGE, ROLE, SERVING, Engine, channel, model_archive, paged, processing, processing_outputs, refused, training, when


def setUpModule():
    global engine, s3, sagemaker
    engine = Engine("--no-deploy", program=SERVING).__enter__()
    s3, sagemaker = engine.client("s3"), engine.client("sagemaker")
    s3.create_bucket(Bucket="lab")
    s3.put_object(Bucket="lab", Key="in/beer.csv", Body=b"1")
    s3.put_object(Bucket="lab", Key="model.tar.gz", Body=model_archive({"name": "m"}))
    for name, loss in (("Ale", 3), ("Bock", 1), ("Cider", 2)):
        job = training(name, f"echo loss={loss}", HyperParameters={"eta": f"0.{loss}"}, Tags=[{"Key": "loss", "Value": str(loss)}],
                       InputDataConfig=[channel("train", "s3://lab/in/")])
        job["AlgorithmSpecification"]["MetricDefinitions"] = [{"Name": "loss", "Regex": "loss=([0-9]+)"}]
        sagemaker.create_training_job(**job)
        when(sagemaker.describe_training_job, "TrainingJobStatus", "Completed", TrainingJobName=name)


def tearDownModule():
    engine.__exit__()


def found(resource, member, *filters, **more):
    expression = {"Filters": [dict(zip(("Name", "Operator", "Value"), f)) for f in filters]}
    answer = sagemaker.search(Resource=resource, **({"SearchExpression": expression} if filters else {}), **more)
    return [record[resource][member] for record in answer["Results"]]


class Searches(unittest.TestCase):
    def test_training_jobs_by_metric_tag_and_hyperparameter(self):
        jobs = lambda *filters, **more: found("TrainingJob", "TrainingJobName", *filters, **{"SortBy": "Metrics.loss", "SortOrder": "Ascending", **more})
        self.assertEqual(jobs(("TrainingJobStatus", "Equals", "Completed")), ["Bock", "Cider", "Ale"])
        self.assertEqual(jobs(("Metrics.loss", "LessThan", "3")), ["Bock", "Cider"])
        self.assertEqual(jobs(("Tags.loss", "In", "1,3")), ["Bock", "Ale"])
        self.assertEqual(jobs(("HyperParameters.eta", "Equals", "0.2")), ["Cider"])
        self.assertEqual(jobs(("InputDataConfig.DataSource.S3DataSource.S3Uri", "Contains", "lab/in"), SortOrder="Descending"), ["Ale", "Cider", "Bock"])
        self.assertEqual(jobs(("CreationTime", "GreaterThan", "2099-01-01T00:00:00")), [])

    def test_pages_and_the_number_of_hits(self):
        first = sagemaker.search(Resource="TrainingJob", MaxResults=2)
        self.assertEqual((len(first["Results"]), first["TotalHits"]), (2, {"Value": 3, "Relation": "EqualTo"}))
        rest = sagemaker.search(Resource="TrainingJob", MaxResults=2, NextToken=first["NextToken"])
        self.assertEqual((len(rest["Results"]), "NextToken" in rest), (1, False))
        everything = sagemaker.get_paginator("search").paginate(Resource="TrainingJob", PaginationConfig={"PageSize": 1})
        self.assertEqual(len([r for page in everything for r in page["Results"]]), 3)

    def test_packages_groups_pipelines_executions_and_endpoints(self):
        sagemaker.create_model_package_group(ModelPackageGroupName="Ibu")
        for status in ("Approved", "Rejected"):
            sagemaker.create_model_package(ModelPackageGroupName="Ibu", ModelApprovalStatus=status, CustomerMetadataProperties={"crop": status.lower()},
                                           InferenceSpecification={"Containers": [{"Image": IMAGE, "ModelDataUrl": "s3://lab/model.tar.gz"}], "SupportedContentTypes": ["text/csv"]})
        self.assertEqual(found("ModelPackage", "ModelPackageVersion", ("ModelPackageGroupName", "Equals", "Ibu"), ("ModelApprovalStatus", "Equals", "Approved")), [1])
        self.assertEqual(found("ModelPackage", "ModelPackageVersion", ("CustomerMetadataProperties.crop", "Equals", "rejected")), [2])
        self.assertEqual(found("ModelPackageGroup", "ModelPackageGroupName", ("ModelPackageGroupName", "Contains", "bu")), ["Ibu"])
        definition = '{"Version":"2020-12-01","Parameters":[{"Name":"P","Type":"String","DefaultValue":"x"}],"Steps":[{"Name":"F","Type":"Fail","Arguments":{"ErrorMessage":"enough"}}]}'
        sagemaker.create_pipeline(PipelineName="Stops", PipelineDefinition=definition, RoleArn=ROLE)
        arn = sagemaker.start_pipeline_execution(PipelineName="Stops", PipelineParameters=[{"Name": "P", "Value": "y"}])["PipelineExecutionArn"]
        when(sagemaker.describe_pipeline_execution, "PipelineExecutionStatus", "Failed", PipelineExecutionArn=arn)
        self.assertEqual(found("Pipeline", "PipelineArn", ("PipelineName", "Equals", "Stops")), [ARN + "pipeline/stops"])
        self.assertEqual(found("PipelineExecution", "PipelineExecutionArn", ("PipelineExecutionStatus", "Equals", "Failed")), [arn])
        self.assertEqual(found("PipelineExecution", "PipelineParameters", ("PipelineParameters.Value", "Equals", "y")), [[{"Name": "P", "Value": "y"}]])
        sagemaker.create_model(ModelName="M", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE, "ModelDataUrl": "s3://lab/model.tar.gz"})
        sagemaker.create_endpoint_config(EndpointConfigName="C", ProductionVariants=[{"VariantName": "v", "ModelName": "M", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}])
        sagemaker.create_endpoint(EndpointName="E", EndpointConfigName="C")
        when(sagemaker.describe_endpoint, "EndpointStatus", "InService", EndpointName="E")
        self.assertEqual(found("Endpoint", "EndpointStatus", ("EndpointName", "Equals", "E")), ["InService"])

    def test_refusals(self):
        for filters, told in (([("Hops", "Equals", "1")], "Unknown property name: Hops"), ([("TrainingJobName", "LessThan", "a")], "LessThan is not supported"),
                              ([("Metrics.loss", "Equals", "x")], "not a number"), ([("TrainingJobName", "Contains", "a")] * 2, "usage limit of 1")):
            with self.assertRaises(ClientError) as caught:
                found("TrainingJob", "TrainingJobName", *filters)
            self.assertEqual(caught.exception.response["Error"]["Code"], "ValidationException")
            self.assertIn(told, str(caught.exception))
        for resource in ("Experiment", "ExperimentTrial", "ExperimentTrialComponent", "FeatureGroup", "Project"):
            self.assertRegex(refused(sagemaker.search, Resource=resource)[1], f"Search for {resource} is not supported")


class Deleted(unittest.TestCase):
    def test_jobs_that_have_ended(self):
        sagemaker.create_training_job(**training("Gone", "true"))
        sagemaker.create_processing_job(**processing("Gone", "true", ProcessingOutputConfig=processing_outputs(out="s3://lab/out")))
        sagemaker.create_processing_job(**processing("Busy", "while :; do sleep 0.02; done"))
        when(sagemaker.describe_training_job, "TrainingJobStatus", "Completed", TrainingJobName="Gone")
        when(sagemaker.describe_processing_job, "ProcessingJobStatus", "Completed", ProcessingJobName="Gone")
        sagemaker.delete_training_job(TrainingJobName="Gone")
        sagemaker.delete_processing_job(ProcessingJobName="Gone")
        for name, deleted in (("Training", sagemaker.delete_training_job), ("Processing", sagemaker.delete_processing_job)):
            self.assertEqual(refused(deleted, **{f"{name}JobName": "Gone"})[0], "ResourceNotFound")
        self.assertEqual(refused(sagemaker.describe_training_job, TrainingJobName="Gone")[:2], ("ValidationException", "Requested resource not found."))
        self.assertEqual(refused(sagemaker.delete_processing_job, ProcessingJobName="Busy")[0], "ResourceInUse")
        sagemaker.stop_processing_job(ProcessingJobName="Busy")


class Lineage(unittest.TestCase):
    def test_what_clients_made_can_be_changed(self):
        arn = sagemaker.create_artifact(ArtifactName="hops", Source={"SourceUri": "s3://lab/hops"}, ArtifactType="DataSet", Properties={"farm": "east"})["ArtifactArn"]
        self.assertRegex(arn, ARN + "artifact/[0-9a-f]{32}$")
        self.assertEqual(sagemaker.update_artifact(ArtifactArn=arn, ArtifactName="malt", Properties={"crop": "2025"}, PropertiesToRemove=["farm"])["ArtifactArn"], arn)
        about = sagemaker.describe_artifact(ArtifactArn=arn)
        self.assertEqual((about["ArtifactName"], about["Properties"]), ("malt", {"crop": "2025"}))
        sagemaker.create_action(ActionName="Brew", Source={"SourceUri": "x"}, ActionType="Brewing", Status="InProgress")
        self.assertEqual(sagemaker.update_action(ActionName="Brew", Status="Completed", Description="done")["ActionArn"], ARN + "action/brew")
        self.assertEqual([sagemaker.describe_action(ActionName="Brew")[m] for m in ("Status", "Description")], ["Completed", "done"])
        sagemaker.create_context(ContextName="Pub", Source={"SourceUri": "x"}, ContextType="Place")
        self.assertEqual(sagemaker.update_context(ContextName="Pub", Properties={"open": "yes"})["ContextArn"], ARN + "context/pub")
        self.assertEqual(sagemaker.describe_context(ContextName="Pub")["Properties"], {"open": "yes"})
        for call, key in ((sagemaker.update_artifact, {"ArtifactArn": ARN + "artifact/none"}), (sagemaker.update_action, {"ActionName": "none"}),
                          (sagemaker.update_context, {"ContextName": "none"})):
            self.assertEqual(refused(call, **key)[0], "ResourceNotFound")


class Tags(unittest.TestCase):
    def test_of_jobs_by_their_arns(self):
        s3.put_object(Bucket="lab", Key="batch/a", Body=b"a")
        sagemaker.create_model(ModelName="Tagged", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE, "ModelDataUrl": "s3://lab/model.tar.gz"})
        transform = sagemaker.create_transform_job(
            TransformJobName="Tagged", ModelName="Tagged", TransformInput={"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://lab/batch/"}}},
            TransformOutput={"S3OutputPath": "s3://lab/answers"}, TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1}, Tags=[{"Key": "a", "Value": "1"}])["TransformJobArn"]
        self.assertEqual(transform, ARN + "transform-job/tagged")
        when(sagemaker.describe_transform_job, "TransformJobStatus", "Completed", TransformJobName="Tagged")
        job = training("unused", "true", RoleArn=ROLE)
        del job["TrainingJobName"], job["AlgorithmSpecification"]["ContainerEntrypoint"], job["AlgorithmSpecification"]["ContainerArguments"]
        job["AlgorithmSpecification"]["MetricDefinitions"] = [{"Name": "loss", "Regex": "loss=([0-9]+)"}]
        tuning = sagemaker.create_hyper_parameter_tuning_job(
            HyperParameterTuningJobName="Tagged", TrainingJobDefinition={**job, "StaticHyperParameters": {}}, HyperParameterTuningJobConfig={
                "Strategy": "Grid", "ResourceLimits": {"MaxParallelTrainingJobs": 1}, "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "loss"},
                "ParameterRanges": {"CategoricalParameterRanges": [{"Name": "x", "Values": ["1", "2"]}]}}, Tags=[{"Key": "a", "Value": "1"}])["HyperParameterTuningJobArn"]
        self.assertEqual(tuning, ARN + "hyper-parameter-tuning-job/tagged")
        when(sagemaker.describe_hyper_parameter_tuning_job, "HyperParameterTuningJobStatus", "Completed", HyperParameterTuningJobName="Tagged")
        for arn in (transform, tuning, ARN + "training-job/ale"):
            sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "b", "Value": "2"}])
            self.assertIn({"Key": "b", "Value": "2"}, sagemaker.list_tags(ResourceArn=arn)["Tags"])
            sagemaker.delete_tags(ResourceArn=arn, TagKeys=["b"])
            self.assertEqual(len(sagemaker.list_tags(ResourceArn=arn)["Tags"]), 1)
        sagemaker.delete_hyper_parameter_tuning_job(HyperParameterTuningJobName="Tagged")
        self.assertEqual(refused(sagemaker.describe_hyper_parameter_tuning_job, HyperParameterTuningJobName="Tagged")[0], "ResourceNotFound")
        self.assertEqual(refused(sagemaker.list_tags, ResourceArn=tuning)[0], "ValidationException")


class Order(unittest.TestCase):
    def test_of_lists_that_are_asked_for_none(self):
        for name in ("First", "Second"):
            sagemaker.create_processing_job(**processing(name, "true"))
            sagemaker.create_model_package_group(ModelPackageGroupName=name)
        jobs = [j["ProcessingJobName"] for j in sagemaker.list_processing_jobs(CreationTimeAfter=0)["ProcessingJobSummaries"]]
        self.assertLess(jobs.index("First"), jobs.index("Second"))
        groups = [g["ModelPackageGroupName"] for g in sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"]]
        self.assertLess(groups.index("First"), groups.index("Second"))
        jobs = [j["TrainingJobName"] for j in sagemaker.list_training_jobs()["TrainingJobSummaries"]]
        self.assertLess(jobs.index("Cider"), jobs.index("Ale"))


class NotBuilt(unittest.TestCase):
    def test_is_told_by_its_name(self):
        for call, members in (
                (sagemaker.create_experiment, {"ExperimentName": "e"}), (sagemaker.create_trial, {"ExperimentName": "e", "TrialName": "t"}),
                (sagemaker.create_trial_component, {"TrialComponentName": "c"}), (sagemaker.list_experiments, {}),
                (sagemaker.describe_monitoring_schedule, {"MonitoringScheduleName": "m"}), (sagemaker.list_monitoring_schedules, {})):
            code, sentence, status = refused(call, **members)
            self.assertEqual((code, status), ("UnknownOperationException", 400))
            self.assertRegex(sentence, r"^SageMaker\.(Create|List|Describe)\w+ of sagemaker is not an operation of this engine\.")
        for kind in ("experiment/e", "experiment-trial/t", "monitoring-schedule/m"):
            self.assertEqual(refused(sagemaker.list_tags, ResourceArn=ARN + kind)[:2], ("ValidationException", f'Could not find resource "{ARN}{kind}".'))


if __name__ == "__main__":
    unittest.main()
