"""SageMaker's jobs as boto3 meets them: training, processing, transform, tuning, lineage, model cards; and kill -9."""
import gzip
import json
import os
import random
import tarfile
import io
import time
import unittest

from botocore.exceptions import ClientError, WaiterError

import beer
import test_tables_and_models as tables
from beer import eventually

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/models"
XGBOOST = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
ARN = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:"


# What each of two hosts runs: the first listens at its own name, the second calls it; each keeps what it was told.
TALK = """
import json, socket, sys, time
hosts = json.load(open("input/config/resourceconfig.json"))
me, port = hosts["current_host"], 23456
try:
    for name in hosts["hosts"]: socket.gethostbyname(name)
except OSError:
    open("output/failure", "w").write("no names here")
    sys.exit(1)
if me == "algo-1":
    listener = socket.create_server((me, port))
    peer = listener.accept()[0]
    told = peer.recv(100)
    peer.sendall(b"malt from algo-1")
else:
    while True:
        try:
            peer = socket.create_connection(("algo-1", port), source_address=(me, 0))
            break
        except OSError:
            time.sleep(0.02)
    assert peer.getpeername()[0] == socket.gethostbyname("algo-1") != socket.gethostbyname(me)
    peer.sendall(b"hops from algo-2")
    told = peer.recv(100)
open("model/" + me, "wb").write(told)
"""


def setUpModule():
    global engine, s3, sagemaker, logs
    engine = tables.Engine("--no-deploy").__enter__()
    clients()
    s3.create_bucket(Bucket="lab")
    chance = random.Random(3)
    rows = [(x, y, round(3 * x - 2 * y + chance.gauss(0, 0.1), 3))
            for x, y in ((round(chance.random(), 3), round(chance.random(), 3)) for _ in range(200))]
    put("train/rows.csv", "".join(f"{z},{x},{y}\n" for x, y, z in rows))
    put("score/a.csv", "".join(f"id{i},{x},{y}\n" for i, (x, y, _) in enumerate(rows[:5])))
    put("score/more/b.csv", "id9,0.5,0.5\n")


def clients():
    global s3, sagemaker, logs
    s3, sagemaker, logs = (engine.client(name) for name in ("s3", "sagemaker", "logs"))


def tearDownModule():
    engine.__exit__()


def put(key, body):
    s3.put_object(Bucket="lab", Key=key, Body=body)


def get(key):
    return s3.get_object(Bucket="lab", Key=key)["Body"].read().decode()


def keys(prefix):
    return [o["Key"] for o in s3.list_objects_v2(Bucket="lab", Prefix=prefix).get("Contents", [])]


def refusal(call, **members):
    try:
        call(**members)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    raise AssertionError("the call was not refused")


def channel(name, prefix, **more):
    return {"ChannelName": name, "ContentType": "text/csv", "DataSource": {"S3DataSource": {
        "S3DataType": "S3Prefix", "S3Uri": f"s3://lab/{prefix}", "S3DataDistributionType": "FullyReplicated"}}, **more}


def xgboost_job(**more):
    return {"AlgorithmSpecification": {"TrainingImage": XGBOOST, "TrainingInputMode": "File"}, "RoleArn": ROLE,
            "InputDataConfig": [channel("train", "train/"), channel("validation", "train/")],
            "OutputDataConfig": {"S3OutputPath": "s3://lab/models"},
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
            "StoppingCondition": {"MaxRuntimeInSeconds": 600}, **more}


def script_job(script, **more):
    """A training job that runs a line of shell in its /opt/ml."""
    return xgboost_job(AlgorithmSpecification={
        "TrainingImage": tables.IMAGE, "TrainingInputMode": "File",
        "ContainerEntrypoint": ["/program", "script"], "ContainerArguments": [script]}, **more)


def train(name, **more):
    sagemaker.create_training_job(TrainingJobName=name, **xgboost_job(
        HyperParameters={"objective": "reg:squarederror", "num_round": "5"}, **more))
    sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName=name)
    return sagemaker.describe_training_job(TrainingJobName=name)


class Training(unittest.TestCase):
    def test_the_built_in_image_brings_its_metrics(self):
        job = train("Metrics")
        self.assertEqual(job["TrainingJobStatus"], "Completed", job.get("FailureReason"))
        self.assertEqual(job["TrainingJobArn"], ARN + "training-job/metrics")
        names = [m["Name"] for m in job["AlgorithmSpecification"]["MetricDefinitions"]]
        self.assertIn("validation:rmse", names)
        found = {m["MetricName"]: m["Value"] for m in job["FinalMetricDataList"]}
        self.assertGreater(found["validation:rmse"], 0)
        self.assertEqual([t["Status"] for t in job["SecondaryStatusTransitions"]],
                         ["Starting", "Downloading", "Training", "Uploading", "Completed"])
        self.assertGreaterEqual(job["BillableTimeInSeconds"], 1)
        streams = logs.describe_log_streams(logGroupName="/aws/sagemaker/TrainingJobs", logStreamNamePrefix="Metrics/")
        self.assertRegex(streams["logStreams"][0]["logStreamName"], r"^Metrics/algo-1-\d+$")
        cloudwatch = engine.client("cloudwatch")
        eventually(lambda: cloudwatch.list_metrics(
            Namespace="/aws/sagemaker/TrainingJobs", MetricName="validation:rmse",
            Dimensions=[{"Name": "TrainingJobName", "Value": "Metrics"}])["Metrics"], "the metric in CloudWatch")

    def test_the_same_data_gives_the_same_model(self):
        train("Same1"), train("Same2")
        bodies = [s3.get_object(Bucket="lab", Key=f"models/{n}/output/model.tar.gz")["Body"].read() for n in ("Same1", "Same2")]
        self.assertEqual(*bodies)

    def test_a_program_that_fails_says_why(self):
        sagemaker.create_training_job(TrainingJobName="Fails", **script_job("echo no hops > output/failure; exit 3"))
        job = sagemaker.describe_training_job(TrainingJobName="Fails")
        self.assertEqual((job["TrainingJobStatus"], job["SecondaryStatus"]), ("Failed", "Failed"))
        self.assertEqual(job["FailureReason"], "AlgorithmError: no hops, exit code: 3")
        with self.assertRaises(WaiterError):
            sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName="Fails")

    def test_a_job_that_takes_too_long_is_stopped_with_its_model(self):
        sagemaker.create_training_job(TrainingJobName="Long", **{
            **script_job("echo early > model/m; trap 'exit 0' TERM; while :; do sleep 0.05; done"),
            "StoppingCondition": {"MaxRuntimeInSeconds": 1}})
        job = eventually(lambda: (j := sagemaker.describe_training_job(TrainingJobName="Long"))["TrainingJobStatus"] == "Stopped" and j,
                         "the job has stopped")
        self.assertEqual(job["SecondaryStatus"], "MaxRuntimeExceeded")
        self.assertEqual(keys("models/Long/"), ["models/Long/output/model.tar.gz"])

    def test_pipes_shards_and_hosts(self):
        put("parts/1", "one\n"), put("parts/2", "two\n"), put("parts/3", "three\n")
        request = script_job("cat input/data/train_0 > model/$(sed 's/.*current_host\":\"\\([a-z0-9-]*\\).*/\\1/' input/config/resourceconfig.json)")
        request["ResourceConfig"]["InstanceCount"] = 2
        request["InputDataConfig"] = [channel("train", "parts/", InputMode="Pipe")]
        request["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3DataDistributionType"] = "ShardedByS3Key"
        sagemaker.create_training_job(TrainingJobName="Shards", **request)
        job = sagemaker.describe_training_job(TrainingJobName="Shards")
        self.assertEqual(job["TrainingJobStatus"], "Completed", job.get("FailureReason"))
        body = s3.get_object(Bucket="lab", Key="models/Shards/output/model.tar.gz")["Body"].read()
        with tarfile.open(fileobj=io.BytesIO(body)) as tar:
            files = {m.name: tar.extractfile(m).read().decode() for m in tar}
        self.assertEqual(files, {"algo-1": "one\nthree\n", "algo-2": "two\n"})

    def test_hosts_of_a_job_talk_to_each_other_by_their_names(self):
        put("talk/talk.py", TALK)
        request = script_job("python3 input/data/code/talk.py")
        request["ResourceConfig"]["InstanceCount"] = 2
        request["InputDataConfig"] = [channel("code", "talk/")]
        sagemaker.create_training_job(TrainingJobName="Talks", **request)
        job = eventually(lambda: (j := sagemaker.describe_training_job(TrainingJobName="Talks"))["TrainingJobStatus"] in ("Completed", "Failed") and j, "the hosts have talked")
        if "no names here" in job.get("FailureReason", ""):
            self.skipTest("no mount namespaces on this machine, hence no names of hosts")
        self.assertEqual(job["TrainingJobStatus"], "Completed", job.get("FailureReason"))
        body = s3.get_object(Bucket="lab", Key="models/Talks/output/model.tar.gz")["Body"].read()
        with tarfile.open(fileobj=io.BytesIO(body)) as tar:
            said = {m.name: tar.extractfile(m).read().decode() for m in tar}
        self.assertEqual(said, {"algo-1": "hops from algo-2", "algo-2": "malt from algo-1"})

    def test_refusals(self):
        create = sagemaker.create_training_job
        train("Taken")
        code, sentence = refusal(create, TrainingJobName="taken", **xgboost_job())
        self.assertEqual(code, "ResourceInUse")
        self.assertIn("must be unique", sentence)
        code, sentence = refusal(create, TrainingJobName="Spot", EnableManagedSpotTraining=True, **xgboost_job())
        self.assertEqual((code, sentence), ("ValidationException", "Invalid MaxWaitTimeInSeconds. It must be present and "
                                            "be greater than or equal to MaxRuntimeInSeconds."))
        self.assertEqual(refusal(sagemaker.describe_training_job, TrainingJobName="none"),
                         ("ValidationException", "Requested resource not found."))
        code, sentence = refusal(sagemaker.stop_training_job, TrainingJobName="Taken")
        self.assertIn("in status Completed", sentence)
        code, _ = refusal(create, TrainingJobName="Many", **{**xgboost_job(), "ResourceConfig": {
            "InstanceType": "ml.m5.large", "InstanceCount": 100, "VolumeSizeInGB": 1}})
        self.assertEqual(code, "ResourceLimitExceeded")
        augmented = channel("train", "train/")
        augmented["DataSource"]["S3DataSource"]["S3DataType"] = "AugmentedManifestFile"
        code, sentence = refusal(create, TrainingJobName="Aug", **{**xgboost_job(), "InputDataConfig": [augmented]})
        self.assertEqual(code, "ValidationException")
        self.assertIn("an AugmentedManifestFile needs the input mode Pipe", sentence)


def processing_job(script, **more):
    return {"RoleArn": ROLE, "AppSpecification": {"ImageUri": tables.IMAGE, "ContainerEntrypoint": ["/program", "script"],
                                                  "ContainerArguments": [script]},
            "ProcessingResources": {"ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}},
            "ProcessingOutputConfig": {"Outputs": [{"OutputName": "out", "S3Output": {
                "S3Uri": "s3://lab/processed", "LocalPath": "/opt/ml/processing/out", "S3UploadMode": "EndOfJob"}}]}, **more}


class Processing(unittest.TestCase):
    def run_job(self, name, script, **more):
        sagemaker.create_processing_job(ProcessingJobName=name, **processing_job(script, **more))
        return eventually(lambda: (j := sagemaker.describe_processing_job(ProcessingJobName=name))["ProcessingJobStatus"]
                          not in ("InProgress", "Stopping") and j, "the job has ended")

    def test_its_message_and_its_outputs(self):
        job = self.run_job("Message", "echo 'all beers seen' > output/message; echo o > processing/out/o")
        self.assertEqual((job["ProcessingJobStatus"], job["ExitMessage"]), ("Completed", "all beers seen"))
        self.assertEqual(job["ProcessingJobArn"], ARN + "processing-job/message")
        self.assertEqual(get("processed/o"), "o\n")
        sagemaker.get_waiter("processing_job_completed_or_stopped").wait(ProcessingJobName="Message")
        streams = logs.describe_log_streams(logGroupName="/aws/sagemaker/ProcessingJobs")["logStreams"]
        self.assertTrue(all("/algo-1-" in s["logStreamName"] for s in streams))

    def test_how_it_fails_and_how_it_is_stopped(self):
        job = self.run_job("Fails", "echo 'no yeast' >&2; exit 9")
        self.assertEqual((job["ProcessingJobStatus"], job["FailureReason"]), ("Failed", "AlgorithmError: no yeast, exit code: 9"))
        job = self.run_job("Nothing", "true", ProcessingInputs=[{"InputName": "in", "S3Input": {
            "S3Uri": "s3://lab/nothing/", "LocalPath": "/opt/ml/processing/in", "S3DataType": "S3Prefix", "S3InputMode": "File"}}])
        self.assertIn('ClientError: No S3 objects found under S3 URL "s3://lab/nothing/"', job["FailureReason"])
        job = self.run_job("Late", "while :; do sleep 0.05; done", StoppingCondition={"MaxRuntimeInSeconds": 1})
        self.assertEqual(job["ProcessingJobStatus"], "Stopped")
        sagemaker.create_processing_job(ProcessingJobName="Stops", **processing_job("while :; do sleep 0.05; done"))
        sagemaker.stop_processing_job(ProcessingJobName="Stops")
        self.assertIn(sagemaker.describe_processing_job(ProcessingJobName="Stops")["ProcessingJobStatus"], ("Stopping", "Stopped"))
        eventually(lambda: sagemaker.describe_processing_job(ProcessingJobName="Stops")["ProcessingJobStatus"] == "Stopped", "it has stopped")
        self.assertEqual(refusal(sagemaker.describe_processing_job, ProcessingJobName="none"),
                         ("ValidationException", "Requested resource not found."))


class Transform(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        train("Base")
        sagemaker.create_model(ModelName="Base", ExecutionRoleArn=ROLE, PrimaryContainer={
            "Image": XGBOOST, "ModelDataUrl": "s3://lab/models/Base/output/model.tar.gz"})

    def request(self, name, **more):
        return {"TransformJobName": name, "ModelName": "Base",
                "TransformInput": {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://lab/score/"}},
                                   "ContentType": "text/csv", "SplitType": "Line"},
                "TransformOutput": {"S3OutputPath": f"s3://lab/scored/{name}", "Accept": "text/csv", "AssembleWith": "Line"},
                "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
                "DataProcessing": {"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"}, **more}

    def run_job(self, name, **more):
        sagemaker.create_transform_job(**self.request(name, **more))
        sagemaker.get_waiter("transform_job_completed_or_stopped").wait(TransformJobName=name)
        return sagemaker.describe_transform_job(TransformJobName=name)

    def test_answers_stand_beside_the_rows_they_are_of(self):
        job = self.run_job("Join")
        self.assertEqual(job["TransformJobStatus"], "Completed")
        self.assertEqual(job["TransformJobArn"], ARN + "transform-job/join")
        self.assertEqual(keys("scored/Join/"), ["scored/Join/a.csv.out", "scored/Join/more/b.csv.out"])
        rows = [line.split(",") for line in get("scored/Join/a.csv.out").splitlines()]
        self.assertEqual([row[0] for row in rows], [f"id{i}" for i in range(5)])
        self.assertTrue(all(float(row[1]) > -5 for row in rows))
        streams = [s["logStreamName"] for s in logs.describe_log_streams(
            logGroupName="/aws/sagemaker/TransformJobs", logStreamNamePrefix="Join/")["logStreams"]]
        self.assertTrue(any(name.endswith("/data-log") for name in streams), streams)

    def test_one_record_at_a_time_gives_the_same(self):
        self.run_job("Single", BatchStrategy="SingleRecord", MaxConcurrentTransforms=4, MaxPayloadInMB=1)
        self.run_job("Multi", BatchStrategy="MultiRecord")
        self.assertEqual(get("scored/Single/a.csv.out"), get("scored/Multi/a.csv.out"))

    def test_packed_inputs_and_manifests(self):
        put("packed/rows.gz", gzip.compress(b"x,0.1,0.2\ny,0.3,0.4\n"))
        put("packed.manifest", json.dumps([{"prefix": "s3://lab/packed/"}, "rows.gz"]))
        source = {"S3DataSource": {"S3DataType": "ManifestFile", "S3Uri": "s3://lab/packed.manifest"}}
        job = self.run_job("Packed", TransformInput={"DataSource": source, "ContentType": "text/csv",
                                                     "SplitType": "Line", "CompressionType": "Gzip"})
        self.assertEqual(job["TransformJobStatus"], "Completed", job.get("FailureReason"))
        self.assertEqual(len(get("scored/Packed/rows.gz.out").splitlines()), 2)

    def test_a_bad_record_fails_its_object_alone(self):
        put("mixed/bad.csv", "id,not,numbers\n")
        put("mixed/good.csv", "id,0.1,0.2\n")
        source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://lab/mixed/"}}
        sagemaker.create_transform_job(**self.request("Mixed", TransformInput={
            "DataSource": source, "ContentType": "text/csv", "SplitType": "Line"}))
        with self.assertRaises(WaiterError):
            sagemaker.get_waiter("transform_job_completed_or_stopped").wait(TransformJobName="Mixed")
        job = sagemaker.describe_transform_job(TransformJobName="Mixed")
        self.assertEqual(job["FailureReason"], "ClientError: See job logs for more information")
        self.assertEqual(keys("scored/Mixed/"), ["scored/Mixed/good.csv.out"])

    def test_refusals_and_lists(self):
        self.assertEqual(refusal(sagemaker.create_transform_job, **self.request("No", ModelName="None")),
                         ("ValidationException", f'Could not find model "{ARN}model/none".'))
        self.assertEqual(refusal(sagemaker.describe_transform_job, TransformJobName="none"),
                         ("ValidationException", "Requested resource not found."))
        self.run_job("Listed")
        self.assertEqual(refusal(sagemaker.create_transform_job, **self.request("Listed"))[0], "ResourceInUse")
        self.assertIn("in status Completed", refusal(sagemaker.stop_transform_job, TransformJobName="Listed")[1])
        listed = sagemaker.list_transform_jobs(NameContains="list", StatusEquals="Completed")["TransformJobSummaries"]
        self.assertEqual([j["TransformJobName"] for j in listed], ["Listed"])


class Tuning(unittest.TestCase):
    def request(self, name, **config):
        return {"HyperParameterTuningJobName": name,
                "HyperParameterTuningJobConfig": {
                    "Strategy": "Random", "RandomSeed": 5,
                    "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "validation:rmse"},
                    "ResourceLimits": {"MaxNumberOfTrainingJobs": 4, "MaxParallelTrainingJobs": 2},
                    "ParameterRanges": {
                        "ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.01", "MaxValue": "0.9", "ScalingType": "Logarithmic"}],
                        "IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "1", "MaxValue": "6"}]}, **config},
                "TrainingJobDefinition": {**xgboost_job(), "StaticHyperParameters": {
                    "objective": "reg:squarederror", "num_round": "5"}}}

    def run_job(self, name, **config):
        sagemaker.create_hyper_parameter_tuning_job(**self.request(name, **config))
        return eventually(lambda: (j := sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name))
                          ["HyperParameterTuningJobStatus"] not in ("InProgress", "Stopping") and j, "the tuning job has ended")

    def test_the_best_of_random_points(self):
        job = self.run_job("Random")
        self.assertEqual(job["HyperParameterTuningJobStatus"], "Completed", job.get("FailureReason"))
        self.assertEqual(job["HyperParameterTuningJobArn"], ARN + "hyper-parameter-tuning-job/random")
        self.assertEqual(job["TrainingJobStatusCounters"],
                         {"Completed": 4, "InProgress": 0, "RetryableError": 0, "NonRetryableError": 0, "Stopped": 0})
        self.assertEqual(job["ObjectiveStatusCounters"], {"Succeeded": 4, "Pending": 0, "Failed": 0})
        jobs = sagemaker.list_training_jobs_for_hyper_parameter_tuning_job(
            HyperParameterTuningJobName="Random", SortBy="FinalObjectiveMetricValue", SortOrder="Ascending")["TrainingJobSummaries"]
        self.assertEqual(len(jobs), 4)
        values = [j["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] for j in jobs]
        self.assertEqual(values, sorted(values))
        self.assertEqual(jobs[0]["TrainingJobName"], job["BestTrainingJob"]["TrainingJobName"])
        for one in jobs:
            self.assertRegex(one["TrainingJobName"], r"^Random-00[1-4]-[0-9a-f]{8}$")
            self.assertEqual(set(one["TunedHyperParameters"]), {"eta", "max_depth"})
        trained = sagemaker.describe_training_job(TrainingJobName=jobs[0]["TrainingJobName"])
        self.assertEqual(trained["TuningJobArn"], job["HyperParameterTuningJobArn"])
        self.assertEqual(trained["HyperParameters"]["_tuning_objective_metric"], "validation:rmse")
        listed = sagemaker.list_hyper_parameter_tuning_jobs(NameContains="random")["HyperParameterTuningJobSummaries"]
        self.assertEqual(listed[0]["Strategy"], "Random")

    def test_every_point_of_a_grid(self):
        job = self.run_job("Grid", Strategy="Grid", ResourceLimits={"MaxParallelTrainingJobs": 4}, ParameterRanges={
            "CategoricalParameterRanges": [{"Name": "max_depth", "Values": ["1", "4"]}, {"Name": "eta", "Values": ["0.1", "0.5"]}]})
        self.assertEqual(job["TrainingJobStatusCounters"]["Completed"], 4)

    def test_it_is_stopped_with_its_training_jobs(self):
        request = self.request("Stops")
        request["TrainingJobDefinition"] = {**script_job("while :; do sleep 0.05; done")}
        request["TrainingJobDefinition"]["AlgorithmSpecification"] = {
            "TrainingImage": XGBOOST, "TrainingInputMode": "File"}
        request["TrainingJobDefinition"]["StaticHyperParameters"] = {"objective": "reg:squarederror", "num_round": "100000"}
        sagemaker.create_hyper_parameter_tuning_job(**request)
        eventually(lambda: sagemaker.list_training_jobs_for_hyper_parameter_tuning_job(
            HyperParameterTuningJobName="Stops")["TrainingJobSummaries"], "a training job")
        sagemaker.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName="Stops")
        job = eventually(lambda: (j := sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName="Stops"))
                         ["HyperParameterTuningJobStatus"] == "Stopped" and j, "the tuning job has stopped")
        self.assertEqual(job["TrainingJobStatusCounters"]["InProgress"], 0)

    def test_refusals(self):
        create = sagemaker.create_hyper_parameter_tuning_job
        for strategy in ("Bayesian", "Hyperband"):
            self.assertEqual(refusal(create, **self.request("No", Strategy=strategy)), (
                "ValidationException", f"The strategy {strategy} is not supported, use Random or Grid."))
        code, sentence = refusal(create, **self.request("No"), WarmStartConfig={
            "ParentHyperParameterTuningJobs": [{"HyperParameterTuningJobName": "x"}], "WarmStartType": "TransferLearning"})
        self.assertEqual((code, sentence), ("ValidationException", "WarmStartConfig is not supported."))
        self.assertEqual(refusal(sagemaker.describe_hyper_parameter_tuning_job, HyperParameterTuningJobName="none")[0], "ResourceNotFound")


class Registry(unittest.TestCase):
    def test_lineage_from_an_approved_version_to_its_data(self):
        train("Line")
        sagemaker.create_model_package_group(ModelPackageGroupName="lines")
        arn = sagemaker.create_model_package(ModelPackageGroupName="lines", InferenceSpecification={"Containers": [
            {"Image": XGBOOST, "ModelDataUrl": "s3://lab/models/Line/output/model.tar.gz"}],
            "SupportedContentTypes": ["text/csv"], "SupportedResponseMIMETypes": ["text/csv"]})["ModelPackageArn"]
        sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved", CustomerMetadataProperties={"hop": "citra"})
        self.assertEqual(sagemaker.describe_model_package(ModelPackageName=arn)["CustomerMetadataProperties"], {"hop": "citra"})
        artifact = sagemaker.list_artifacts(SourceUri=arn)["ArtifactSummaries"][0]["ArtifactArn"]
        found = sagemaker.query_lineage(StartArns=[artifact], Direction="Ascendants")
        self.assertEqual({v["Type"] for v in found["Vertices"]}, {"Model", "SageMakerTrainingJob", "DataSet", "Image"})
        self.assertTrue(found["Edges"])
        data = [v["Arn"] for v in found["Vertices"] if v["Type"] == "DataSet"]
        source = sagemaker.describe_artifact(ArtifactArn=data[0])["Source"]
        etag = s3.head_object(Bucket="lab", Key="train/rows.csv")["ETag"].strip('"')
        self.assertEqual(source, {"SourceUri": "s3://lab/train/", "SourceTypes": [{"SourceIdType": "S3ETag", "Value": etag}]})
        down = sagemaker.query_lineage(StartArns=[ARN + "experiment-trial-component/line-aws-training-job"], Direction="Descendants")
        self.assertIn("Approval", {v["Type"] for v in down["Vertices"]})

    def test_cards(self):
        sagemaker.create_model_card(ModelCardName="Card", Content='{"model_overview": {}}', ModelCardStatus="Draft")
        sagemaker.update_model_card(ModelCardName="Card", ModelCardStatus="Approved")
        card = sagemaker.describe_model_card(ModelCardName="Card")
        self.assertEqual((card["ModelCardVersion"], card["ModelCardStatus"]), (2, "Approved"))
        self.assertEqual(len(sagemaker.list_model_card_versions(ModelCardName="Card")["ModelCardVersionSummaryList"]), 2)
        self.assertEqual(refusal(sagemaker.create_model_card, ModelCardName="card", Content="{}", ModelCardStatus="Draft")[0], "ConflictException")
        sagemaker.delete_model_card(ModelCardName="Card")
        self.assertEqual(refusal(sagemaker.describe_model_card, ModelCardName="Card")[0], "ResourceNotFound")


def processes_with(mark):
    """Those whose environment holds the mark."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                if mark.encode() in file.read():
                    found.append(int(pid))
        except OSError:
            continue
    return found


class Crash(unittest.TestCase):
    def test_zz_a_killed_engine_leaves_no_program_and_every_job_ends(self):
        mark = f"MARK={os.getpid()}-{time.monotonic_ns()}"
        name, value = mark.split("=")
        wait = "trap '' TERM; sleep 600 & sleep 600"
        sagemaker_now = engine.client("sagemaker")
        for i in range(2):
            sagemaker_now.create_training_job(TrainingJobName=f"Crash{i}", **script_job(wait), Environment={name: value})
        spot = script_job("if [ -e checkpoints/half ]; then exit 0; fi; echo x > checkpoints/half; while :; do sleep 0.05; done")
        spot["StoppingCondition"]["MaxWaitTimeInSeconds"] = 600
        sagemaker_now.create_training_job(TrainingJobName="CrashSpot", EnableManagedSpotTraining=True,
                                          CheckpointConfig={"S3Uri": "s3://lab/crash"}, **spot)
        eventually(lambda: len(processes_with(mark)) >= 2, "the programs run")
        engine.kill()
        eventually(lambda: not processes_with(mark), "no program is left")
        engine.start("--no-deploy")
        clients()
        for i in range(2):
            job = sagemaker.describe_training_job(TrainingJobName=f"Crash{i}")
            self.assertEqual(job["TrainingJobStatus"], "Failed")
            self.assertIn("InternalServerError", job["FailureReason"])
        eventually(lambda: keys("crash/"), "the spot job's checkpoint")
        engine.kill()
        engine.start("--no-deploy")
        clients()
        job = eventually(lambda: (j := sagemaker.describe_training_job(TrainingJobName="CrashSpot"))["TrainingJobStatus"] == "Completed" and j,
                         "the spot job goes on from its checkpoint")
        self.assertIn("Interrupted", [t["Status"] for t in job["SecondaryStatusTransitions"]])


if __name__ == "__main__":
    unittest.main()
