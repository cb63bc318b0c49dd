"""What EventBridge hears of SageMaker: jobs, endpoints, packages, executions and their steps, each with AWS's members."""
import io
import json
import os
import stat
import tempfile
import unittest
import zipfile

from scripted import ACCOUNT, ARN, HANG, IMAGE, ROLE, SERVING, Engine, model_archive, processing, training, when
from beer import eventually
from steps import script

# A function that writes each event on a line of a file.
LISTENER = """#!/usr/bin/env python3
import os, urllib.request
api = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
while True:
    event = urllib.request.urlopen(api + "next")
    line = os.open(os.environ["HEARD"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(line, event.read() + b"\\n")
    os.close(line)
    urllib.request.urlopen(api + event.headers["Lambda-Runtime-Aws-Request-Id"] + "/response", b"{}").read()
"""


def setUpModule():
    global engine, s3, sagemaker, heard_file
    engine = Engine("--no-deploy", program=SERVING).__enter__()
    s3, sagemaker, events = (engine.client(name) for name in ("s3", "sagemaker", "events"))
    heard_file = os.path.join(engine.folder, "heard")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = (stat.S_IFREG | 0o755) << 16
        archive.writestr(entry, LISTENER)
    function = engine.client("lambda").create_function(
        FunctionName="listener", Role=ROLE, Runtime="provided.al2023", Handler="bootstrap", Code={"ZipFile": out.getvalue()},
        Environment={"Variables": {"HEARD": heard_file}})["FunctionArn"]
    events.put_rule(Name="all", EventPattern=json.dumps({"source": ["aws.sagemaker"]}))
    engine.let_rules_call("listener")
    events.put_targets(Rule="all", Targets=[{"Id": "listener", "Arn": function}])
    s3.create_bucket(Bucket="lab"), s3.create_bucket(Bucket="lake")


def tearDownModule():
    engine.__exit__()


def heard(kind, resource, member, *values):
    """The events of that kind about the resource, once one for each of the values of that member has come: in that order."""
    def check():
        if not os.path.exists(heard_file):
            return None
        with open(heard_file) as file:
            found = [json.loads(line) for line in file if line.endswith("}\n")]
        found = [e for e in found if e["detail-type"] == f"SageMaker {kind}" and resource in e["resources"]]
        by_value = {e["detail"].get(member): e for e in found}
        return set(values) <= set(by_value) and [by_value[v] for v in values]
    return eventually(check, f"{kind} of {resource}: {values}", 30)


class Events(unittest.TestCase):
    def check(self, event, resource, times, tags=None):
        self.assertEqual((event["source"], event["account"], event["region"], event["resources"]), ("aws.sagemaker", ACCOUNT, "us-east-1", [resource]))
        for name in times:
            self.assertRegex(str(event["detail"][name]), r"^\d{13}$", "times are in milliseconds")
        self.assertEqual(event["detail"]["Tags"], tags or {})

    def test_jobs(self):
        sagemaker.create_training_job(**training("Heard", "echo x > model/x", Tags=[{"Key": "hop", "Value": "citra"}]))
        arn = ARN + "training-job/heard"
        began, done = heard("Training Job State Change", arn, "TrainingJobStatus", "InProgress", "Completed")
        self.check(began, arn, ["CreationTime", "LastModifiedTime"], {"hop": "citra"})
        self.check(done, arn, ["CreationTime", "TrainingStartTime", "TrainingEndTime", "LastModifiedTime"], {"hop": "citra"})
        detail = done["detail"]
        self.assertEqual((detail["TrainingJobName"], detail["TrainingJobArn"], detail["SecondaryStatus"]), ("Heard", arn, "Completed"))
        self.assertEqual([t["Status"] for t in detail["SecondaryStatusTransitions"]], ["Starting", "Downloading", "Training", "Uploading", "Completed"])
        self.assertGreaterEqual({"AlgorithmSpecification", "RoleArn", "OutputDataConfig", "ResourceConfig", "StoppingCondition", "ModelArtifacts"} - set(detail), set())

        sagemaker.create_processing_job(**processing("Fails", "exit 3"))
        arn = ARN + "processing-job/fails"
        _, failed = heard("Processing Job State Change", arn, "ProcessingJobStatus", "InProgress", "Failed")
        self.check(failed, arn, ["CreationTime", "ProcessingStartTime", "ProcessingEndTime"])
        self.assertIn("exit code: 3", failed["detail"]["FailureReason"])

        sagemaker.create_processing_job(**processing("Stops", HANG))
        sagemaker.stop_processing_job(ProcessingJobName="Stops")
        heard("Processing Job State Change", ARN + "processing-job/stops", "ProcessingJobStatus", "InProgress", "Stopping", "Stopped")

    def test_endpoints(self):
        for name, model in (("good", {"name": "good"}), ("bad", {"dies": True})):
            s3.put_object(Bucket="lab", Key=f"models/{name}.tar.gz", Body=model_archive(model))
            sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE, "ModelDataUrl": f"s3://lab/models/{name}.tar.gz"})
            sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[
                {"VariantName": "All", "ModelName": name, "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}])
        sagemaker.create_endpoint(EndpointName="Heard", EndpointConfigName="good")
        when(sagemaker.describe_endpoint, "EndpointStatus", "InService", EndpointName="Heard")
        sagemaker.update_endpoint(EndpointName="Heard", EndpointConfigName="bad")
        when(sagemaker.describe_endpoint, "EndpointStatus", "InService", EndpointName="Heard")
        sagemaker.delete_endpoint(EndpointName="Heard")
        arn = ARN + "endpoint/heard"
        created, _, updating, rolling, deleting = heard(
            "Endpoint State Change", arn, "EndpointStatus", "CREATING", "IN_SERVICE", "UPDATING", "ROLLING_BACK", "DELETING")
        for event in (created, updating, rolling, deleting):
            self.check(event, arn, ["CreationTime", "LastModifiedTime"])
            self.assertEqual((event["detail"]["EndpointName"], event["detail"]["EndpointConfigName"]), ("Heard", "good"))
        self.assertEqual(deleting["detail"]["ProductionVariants"][0]["DesiredWeight"], 1)
        sagemaker.create_endpoint(EndpointName="Broken", EndpointConfigName="bad")
        heard("Endpoint State Change", ARN + "endpoint/broken", "EndpointStatus", "CREATING", "FAILED")

    def test_packages(self):
        sagemaker.create_model_package_group(ModelPackageGroupName="Heard")
        arn = sagemaker.create_model_package(ModelPackageGroupName="Heard", MetadataProperties={"GeneratedBy": "us"}, InferenceSpecification={
            "Containers": [{"Image": IMAGE}], "SupportedContentTypes": ["text/csv"], "SupportedResponseMIMETypes": ["text/csv"]})["ModelPackageArn"]
        for status in ("Approved", "Rejected"):
            sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus=status)
        for event, status in zip(heard("Model Package State Change", arn, "ModelApprovalStatus", "PendingManualApproval", "Approved", "Rejected"),
                                 ("PendingManualApproval", "Approved", "Rejected")):
            self.check(event, arn, ["CreationTime", "LastModifiedTime"])
            detail = event["detail"]
            self.assertEqual((detail["ModelPackageGroupName"], detail["ModelPackageVersion"], detail["ModelPackageStatus"], detail["ModelApprovalStatus"]),
                             ("Heard", 1, "Completed", status))
            self.assertEqual((detail["MetadataProperties"], detail["ModelPackageStatusDetails"]["ValidationStatuses"]), ({"GeneratedBy": "us"}, []))

    def test_executions_and_their_steps(self):
        steps = [script("One", "echo x > on; " + HANG), {"Name": "Two", "Type": "Fail", "DependsOn": ["One"], "Arguments": {"ErrorMessage": "no"}}]
        pipeline = sagemaker.create_pipeline(PipelineName="Heard", RoleArn=ROLE, PipelineDefinition=json.dumps(
            {"Version": "2020-12-01", "Steps": steps}))["PipelineArn"]
        arn = sagemaker.start_pipeline_execution(PipelineName="Heard", PipelineExecutionDisplayName="mine", PipelineExecutionDescription="first")["PipelineExecutionArn"]
        step = lambda: sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn)["PipelineExecutionSteps"]
        job = eventually(lambda: [s["Metadata"]["ProcessingJob"]["Arn"] for s in step() if "Metadata" in s], "the step has a job")[0]
        sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)
        changes = heard("Model Building Pipeline Execution Status Change", arn, "currentPipelineExecutionStatus", "Executing", "Stopping", "Stopped")
        for event, previous in zip(changes, (None, "Executing", "Stopping")):
            detail = event["detail"]
            self.assertEqual((event["resources"], detail["pipelineArn"], detail["pipelineExecutionArn"]), ([pipeline, arn], pipeline, arn))
            self.assertEqual((detail.get("previousPipelineExecutionStatus"), detail["pipelineExecutionDisplayName"], detail["pipelineExecutionDescription"]),
                             (previous, "mine", "first"))
            self.assertRegex(detail["executionStartTime"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*Z$")
            self.assertEqual("executionEndTime" in detail, previous == "Stopping")
        changes = heard("Model Building Pipeline Execution Step Status Change", arn, "currentStepStatus", "Starting", "Executing", "Stopping", "Stopped")
        for event, previous in zip(changes, (None, "Starting", "Executing", "Stopping")):
            detail = event["detail"]
            self.assertEqual((event["resources"], detail["stepName"], detail["stepType"], detail.get("previousStepStatus")), ([pipeline, arn], "One", "Processing", previous))
            self.assertEqual(detail.get("metadata"), {"processingJob": {"arn": job}} if previous else None)
            self.assertEqual("stepEndTime" in detail, previous == "Stopping")


if __name__ == "__main__":
    unittest.main()
