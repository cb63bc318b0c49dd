"""Processing and training jobs: every status with its way there, what a program finds in /opt/ml, every refusal."""
import io
import json
import os
import re
import tarfile
import unittest
import uuid
from datetime import datetime, timezone

from botocore.exceptions import WaiterError

from scripted import (ARN, HANG, Engine, channel, hours, paged, processing, processing_input, processing_outputs, refused,
                      training, when)


def setUpModule():
    global engine, s3, sagemaker, logs
    engine = Engine("--no-deploy").__enter__()
    s3, sagemaker, logs = (engine.client(name) for name in ("s3", "sagemaker", "logs"))
    s3.create_bucket(Bucket="lab")
    put("in/a.csv", "1,2\n"), put("in/b.csv", "3,4\n")


def tearDownModule():
    engine.__exit__()


def put(key, body):
    s3.put_object(Bucket="lab", Key=key, Body=body)


def keys(prefix):
    return [o["Key"] for o in s3.list_objects_v2(Bucket="lab", Prefix=prefix).get("Contents", [])]


def files_of(key):
    """The files in an archive of the lake, by name."""
    with tarfile.open(fileobj=io.BytesIO(s3.get_object(Bucket="lab", Key=key)["Body"].read())) as tar:
        return {m.name: tar.extractfile(m).read() for m in tar if m.isfile()}


def train(name, script, *status, **more):
    arn = sagemaker.create_training_job(**training(name, script, **more))["TrainingJobArn"]
    assert arn == f"{ARN}training-job/{name.lower()}", arn
    return when(sagemaker.describe_training_job, "TrainingJobStatus", *(status or ["Completed"]), TrainingJobName=name)


def process(name, script, *status, **more):
    arn = sagemaker.create_processing_job(**processing(name, script, **more))["ProcessingJobArn"]
    assert arn == f"{ARN}processing-job/{name.lower()}", arn
    return when(sagemaker.describe_processing_job, "ProcessingJobStatus", *(status or ["Completed"]), ProcessingJobName=name)


def transitions(job):
    return [step["Status"] for step in job["SecondaryStatusTransitions"]]


class TrainingStatuses(unittest.TestCase):
    def test_completed_by_way_of_every_secondary_status_and_its_times(self):
        job = train("Completes", "echo m > model/m; echo x > output/data/x", InputDataConfig=[channel("train", "s3://lab/in/")])
        self.assertEqual((job["SecondaryStatus"], transitions(job)),
                         ("Completed", ["Starting", "Downloading", "Training", "Uploading", "Completed"]))
        for step, after in zip(job["SecondaryStatusTransitions"], job["SecondaryStatusTransitions"][1:]):
            self.assertEqual(step["EndTime"], after["StartTime"])
            self.assertTrue(step["StatusMessage"])
        self.assertLessEqual(job["CreationTime"], job["TrainingStartTime"])
        self.assertLessEqual(job["TrainingStartTime"], job["TrainingEndTime"])
        self.assertEqual(job["TrainingEndTime"], job["LastModifiedTime"])
        self.assertLess(abs((datetime.now(timezone.utc) - job["CreationTime"]).total_seconds()), 60)
        self.assertEqual((job["TrainingTimeInSeconds"], job["BillableTimeInSeconds"]), (1, 1))
        self.assertEqual(job["StoppingCondition"], {"MaxRuntimeInSeconds": 60})
        self.assertEqual(job["ModelArtifacts"], {"S3ModelArtifacts": "s3://lab/models/Completes/output/model.tar.gz"})
        self.assertEqual(keys("models/Completes/"), ["models/Completes/output/model.tar.gz", "models/Completes/output/output.tar.gz"])
        sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName="Completes", WaiterConfig={"MaxAttempts": 1})

    def test_what_wasnt_said_has_aws_defaults_or_is_absent(self):
        request = training("Defaults", "true")
        del request["StoppingCondition"]
        sagemaker.create_training_job(**request)
        job = sagemaker.describe_training_job(TrainingJobName="Defaults")
        self.assertEqual(job["StoppingCondition"], {"MaxRuntimeInSeconds": 86400})
        for absent in ("FailureReason", "InputDataConfig", "HyperParameters", "FinalMetricDataList", "TuningJobArn", "VpcConfig"):
            self.assertNotIn(absent, job)

    def test_in_progress_then_stopping_then_stopped_with_what_there_is(self):
        script = "echo half > model/m; trap 'while [ ! -e go ]; do sleep 0.02; done; exit 0' TERM; " + HANG
        sagemaker.create_training_job(**training("Stops", script))
        job = when(sagemaker.describe_training_job, "SecondaryStatus", "Training", TrainingJobName="Stops")
        self.assertEqual(job["TrainingJobStatus"], "InProgress")
        self.assertNotIn("TrainingEndTime", job)
        self.assertEqual(sagemaker.list_training_jobs(StatusEquals="InProgress")["TrainingJobSummaries"][0]["TrainingJobName"], "Stops")
        self.assertEqual(sagemaker.stop_training_job(TrainingJobName="Stops")["ResponseMetadata"]["HTTPStatusCode"], 200)
        job = sagemaker.describe_training_job(TrainingJobName="Stops")
        self.assertEqual((job["TrainingJobStatus"], job["SecondaryStatus"]), ("Stopping", "Stopping"))
        sagemaker.stop_training_job(TrainingJobName="Stops")  # again changes nothing
        (engine.job_folder("training-Stops") / "go").write_text("")
        job = when(sagemaker.describe_training_job, "TrainingJobStatus", "Stopped", TrainingJobName="Stops")
        self.assertEqual(transitions(job), ["Starting", "Downloading", "Training", "Stopping", "Uploading", "Stopped"])
        self.assertEqual(files_of("models/Stops/output/model.tar.gz"), {"m": b"half\n"})
        sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName="Stops", WaiterConfig={"MaxAttempts": 1})

    def test_stopped_when_it_exceeds_its_runtime(self):
        job = train("Exceeds", HANG, "Stopped", StoppingCondition={"MaxRuntimeInSeconds": 1})
        self.assertEqual((job["SecondaryStatus"], transitions(job)[-1]), ("MaxRuntimeExceeded", "MaxRuntimeExceeded"))

    def test_failed_by_its_program_its_data_or_its_image(self):
        for name, script, more, reason in (
                ("ByFile", "printf 'no hops' > output/failure; exit 3", {}, "AlgorithmError: no hops, exit code: 3"),
                ("ByLog", "echo 'no yeast' >&2; exit 9", {}, "AlgorithmError: no yeast, exit code: 9"),
                ("ByData", "true", {"InputDataConfig": [channel("train", "s3://lab/none/")]},
                 'ClientError: .*No S3 objects found under S3 URL "s3://lab/none/"'),
                ("ByBucket", "true", {"InputDataConfig": [channel("train", "s3://nowhere/x")]}, "ClientError: .*NoSuchBucket"),
                ("ByImage", "true", {"AlgorithmSpecification": {"TrainingImage": "far.away/image:1", "TrainingInputMode": "File"}},
                 "far.away/image:1")):
            with self.subTest(name):
                job = train(name, script, "Failed", **more)
                self.assertEqual((job["SecondaryStatus"], transitions(job)[-1]), ("Failed", "Failed"))
                self.assertRegex(job["FailureReason"], reason)
                self.assertEqual(job["ModelArtifacts"], {"S3ModelArtifacts": ""})
        with self.assertRaisesRegex(WaiterError, "terminal failure"):
            sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName="ByFile", WaiterConfig={"MaxAttempts": 1})

    def test_a_reason_has_at_most_1024_characters(self):
        job = train("Long", "head -c 5000 /dev/zero | tr '\\0' x > output/failure; exit 1", "Failed")
        self.assertLessEqual(len(job["FailureReason"]), 1024)
        self.assertRegex(job["FailureReason"], "^AlgorithmError: x{700,}")


class TrainingContainer(unittest.TestCase):
    def test_what_a_program_finds(self):
        job = train("Finds", "cp input/config/*.json model/; env > model/env; find input/data -type f > model/found; pwd > model/pwd",
                    InputDataConfig=[channel("train", "s3://lab/in/"), {**channel("fast", "s3://lab/in/a.csv"), "InputMode": "FastFile"}],
                    HyperParameters={"max_depth": "4", "eta": "0.1"}, Environment={"FLAVOUR": "hops"})
        found = files_of("models/Finds/output/model.tar.gz")
        self.assertEqual(json.loads(found["hyperparameters.json"]), {"max_depth": "4", "eta": "0.1"})
        self.assertEqual(json.loads(found["inputdataconfig.json"])["train"], {
            "ContentType": "text/csv", "TrainingInputMode": "File", "S3DistributionType": "FullyReplicated", "RecordWrapperType": "None"})
        resources = json.loads(found["resourceconfig.json"])
        self.assertEqual((resources["current_host"], resources["hosts"]), ("algo-1", ["algo-1"]))
        self.assertTrue(os.path.exists("/sys/class/net/" + resources["network_interface_name"]))
        self.assertEqual(resources["current_instance_type"], "ml.m5.large")
        environment = dict(line.split("=", 1) for line in found["env"].decode().splitlines() if "=" in line)
        self.assertEqual((environment["TRAINING_JOB_NAME"], environment["TRAINING_JOB_ARN"], environment["FLAVOUR"]),
                         ("Finds", job["TrainingJobArn"], "hops"))
        self.assertEqual(sorted(found["found"].decode().split()),
                         ["input/data/fast/a.csv", "input/data/train/a.csv", "input/data/train/b.csv"])

    def test_metrics_come_from_the_log_the_last_value_counts(self):
        request = training("Metrics", "echo '[0] mae:9.5'; echo '[1] mae:8.25'")
        request["AlgorithmSpecification"]["MetricDefinitions"] = [{"Name": "mae", "Regex": "mae:([0-9.]+)"}]
        sagemaker.create_training_job(**request)
        job = sagemaker.describe_training_job(TrainingJobName="Metrics")
        [metric] = job["FinalMetricDataList"]
        self.assertEqual((metric["MetricName"], metric["Value"]), ("mae", 8.25))
        self.assertLess(abs((metric["Timestamp"] - job["CreationTime"]).total_seconds()), 60)

    def test_its_log_is_a_stream_of_its_group(self):
        train("Logs", "echo one; echo two >&2")
        [stream] = logs.describe_log_streams(logGroupName="/aws/sagemaker/TrainingJobs", logStreamNamePrefix="Logs/")["logStreams"]
        self.assertRegex(stream["logStreamName"], r"^Logs/algo-1-\d{13}$")
        events = logs.get_log_events(logGroupName="/aws/sagemaker/TrainingJobs", logStreamName=stream["logStreamName"], startFromHead=True)
        self.assertEqual(sorted(e["message"] for e in events["events"]), ["one", "two"])


class ProcessingStatuses(unittest.TestCase):
    def test_completed_with_its_message_and_its_files(self):
        job = process("Completes", "cp config/*.json processing/out/; ln -s a processing/out/link; echo a > processing/out/a;"
                      "head -c 3000 /dev/zero | tr '\\0' y > output/message; env > processing/out/env; echo said",
                      ProcessingInputs=[processing_input("in", "s3://lab/in/")], Environment={"FLAVOUR": "malt"},
                      ProcessingOutputConfig=processing_outputs(out="s3://lab/out/p"))
        self.assertNotIn("FailureReason", job)
        self.assertLessEqual(job["CreationTime"], job["ProcessingStartTime"])
        self.assertLessEqual(job["ProcessingStartTime"], job["ProcessingEndTime"])
        self.assertRegex(job["ExitMessage"], "^y{1000,1024}$")
        self.assertEqual(keys("out/p/"), [f"out/p/{n}" for n in ("a", "env", "processingjobconfig.json", "resourceconfig.json")])
        config = json.loads(s3.get_object(Bucket="lab", Key="out/p/processingjobconfig.json")["Body"].read())
        self.assertEqual((config["ProcessingJobArn"], config["ProcessingJobName"], config["Environment"]),
                         (job["ProcessingJobArn"], "Completes", {"FLAVOUR": "malt"}))
        sagemaker.get_waiter("processing_job_completed_or_stopped").wait(ProcessingJobName="Completes", WaiterConfig={"MaxAttempts": 1})
        [stream] = logs.describe_log_streams(logGroupName="/aws/sagemaker/ProcessingJobs", logStreamNamePrefix="Completes/")["logStreams"]
        self.assertRegex(stream["logStreamName"], r"^Completes/algo-1-\d{13}$")

    def test_in_progress_then_stopping_then_stopped(self):
        sagemaker.create_processing_job(**processing("Stops", f"trap 'while [ ! -e go ]; do sleep 0.02; done; exit 0' TERM; echo x > on; {HANG}"))
        job = sagemaker.describe_processing_job(ProcessingJobName="Stops")
        self.assertEqual(job["ProcessingJobStatus"], "InProgress")
        folder = engine.job_folder("processing-Stops", "on")
        sagemaker.stop_processing_job(ProcessingJobName="Stops")
        self.assertEqual(sagemaker.describe_processing_job(ProcessingJobName="Stops")["ProcessingJobStatus"], "Stopping")
        (folder / "go").write_text("")
        when(sagemaker.describe_processing_job, "ProcessingJobStatus", "Stopped", ProcessingJobName="Stops")
        sagemaker.get_waiter("processing_job_completed_or_stopped").wait(ProcessingJobName="Stops", WaiterConfig={"MaxAttempts": 1})

    def test_failed_and_stopped_for_a_reason(self):
        job = process("Fails", "echo 'cold mash' > output/message; exit 7", "Failed")
        self.assertEqual((job["ExitMessage"].strip(), job["FailureReason"]), ("cold mash", "AlgorithmError: cold mash, exit code: 7"))
        with self.assertRaisesRegex(WaiterError, "terminal failure"):
            sagemaker.get_waiter("processing_job_completed_or_stopped").wait(ProcessingJobName="Fails", WaiterConfig={"MaxAttempts": 1})
        job = process("Late", HANG, "Stopped", StoppingCondition={"MaxRuntimeInSeconds": 1})
        self.assertIn("MaxRuntimeInSeconds (1)", job["FailureReason"])


class Lists(unittest.TestCase):
    def test_by_name_time_and_status_in_pages(self):
        for kind, make in (("training", train), ("processing", process)):
            make("List-b", "true"), make("List-a", "exit 1", "Failed"), make("List-c", "true")
            name, status = f"{kind.capitalize()}JobName", f"{kind.capitalize()}JobStatus"
            list_all = lambda **more: paged(sagemaker, f"list_{kind}_jobs", f"{kind.capitalize()}JobSummaries", NameContains="LIST-", **more)
            names = lambda **more: [job[name] for job in list_all(**more)[0]]
            self.assertEqual(list_all()[1], 2)
            self.assertEqual(names(SortBy="CreationTime", SortOrder="Descending"), ["List-c", "List-a", "List-b"])
            self.assertEqual(names(SortBy="CreationTime", SortOrder="Ascending"), ["List-b", "List-a", "List-c"])
            self.assertEqual(names(SortBy="Name", SortOrder="Ascending"), ["List-a", "List-b", "List-c"])
            self.assertEqual(names(SortBy="Status", SortOrder="Descending"), ["List-a", "List-c", "List-b"])
            self.assertEqual((names(StatusEquals="Failed"), names(StatusEquals="Stopped")), (["List-a"], []))
            for empty in ({"CreationTimeAfter": hours(1)}, {"CreationTimeBefore": hours(-1)}, {"LastModifiedTimeAfter": hours(1)}, {"LastModifiedTimeBefore": hours(-1)}):
                self.assertEqual(names(**empty), [], empty)
            self.assertEqual(len(names(CreationTimeAfter=hours(-1), LastModifiedTimeBefore=hours(1))), 3)
            one = list_all(StatusEquals="Failed")[0][0]
            self.assertEqual(one[status], "Failed")
            self.assertLessEqual({name, f"{kind.capitalize()}JobArn", "CreationTime", "LastModifiedTime", status}, set(one))
            self.assertEqual(refused(getattr(sagemaker, f"list_{kind}_jobs"), NextToken="nonsense")[0], "ValidationException")
            self.assertRegex(refused(engine.client("sagemaker", checked=False).list_training_jobs, MaxResults=101)[1], "less than or equal to 100")


class Refusals(unittest.TestCase):
    def refuse(self, call, code, sentence, **members):
        found = refused(call, **members)
        self.assertEqual((found[0], found[2]), (code, 400), found)
        self.assertRegex(found[1], sentence)

    def test_names_that_are_taken_or_not_there(self):
        train("Taken", "true"), process("Taken", "true")
        unique = "^Job name must be unique within an AWS account and region, and a job with this name already exists .*{}$"
        self.refuse(sagemaker.create_training_job, "ResourceInUse", unique.format(re.escape(f"({ARN}training-job/taken)")), **training("TAKEN", "true"))
        self.refuse(sagemaker.create_processing_job, "ResourceInUse", unique.format(re.escape(f"({ARN}processing-job/taken)")), **processing("taken", "x"))
        for kind in ("training", "processing", "transform"):
            member = {f"{kind.capitalize()}JobName": "none"}
            for verb in ("describe", "stop"):
                self.refuse(getattr(sagemaker, f"{verb}_{kind}_job"), "ValidationException", r"^Requested resource not found\.$", **member)
            with self.assertRaisesRegex(WaiterError, "expected service error code: ValidationException"):
                sagemaker.get_waiter(f"{kind}_job_completed_or_stopped").wait(**member, WaiterConfig={"MaxAttempts": 1})

    def test_an_ended_job_is_not_stopped(self):
        train("Done", "true"), process("Done", "true")
        for kind in ("training", "processing"):
            self.refuse(getattr(sagemaker, f"stop_{kind}_job"), "ValidationException",
                        f"^The request was rejected because the {kind} job is in status Completed.$", **{f"{kind.capitalize()}JobName": "Done"})

    def test_names_and_values_that_the_model_forbids(self):
        pattern = (r"^1 validation error detected: Value '{}' at '{}' failed to satisfy constraint: Member must {}")
        for name in ("under_score", "-dash", "a b", "x" * 64):
            self.refuse(sagemaker.create_training_job, "ValidationException", pattern.format(
                name, "trainingJobName", "satisfy regular expression pattern|have length less than or equal to 63"), **training(name, "true"))
        self.refuse(sagemaker.create_processing_job, "ValidationException", pattern.format("a_b", "processingJobName", "satisfy regular"), **processing("a_b", "x"))
        many = {f"k{i}": "v" for i in range(101)}
        self.refuse(sagemaker.create_training_job, "ValidationException", "hyperParameters.*less than or equal to 100", **training("Many", "true", HyperParameters=many))
        self.refuse(sagemaker.create_training_job, "ValidationException", "less than or equal to 2500",
                    **training("Wide", "true", HyperParameters={"k": "v" * 2501}))
        wrong = training("Mode", "true")
        wrong["AlgorithmSpecification"]["TrainingInputMode"] = "Telepathy"
        self.refuse(sagemaker.create_training_job, "ValidationException", r"enum value set: \[.*File.*\]", **wrong)
        self.refuse(sagemaker.create_training_job, "ValidationException", "roleArn", **{**training("Role", "true"), "RoleArn": "arn:aws:s3:::models-are-no-roles"})

    def test_what_only_the_service_can_judge(self):
        train_, bad = sagemaker.create_training_job, "ValidationException"
        self.refuse(train_, bad, "MaxWaitTimeInSeconds", **training("Spot", "true", EnableManagedSpotTraining=True))
        self.refuse(train_, bad, "not allowed when EnableManagedSpotTraining is false",
                    **training("Wait", "true", StoppingCondition={"MaxRuntimeInSeconds": 1, "MaxWaitTimeInSeconds": 2}))
        self.refuse(train_, bad, "used twice", **training("Twice", "true", InputDataConfig=[channel("a", "s3://lab/in")] * 2))
        self.refuse(train_, bad, "S3 URI|s3Uri", **training("Uri", "true", InputDataConfig=[channel("a", "http://x")]))
        self.refuse(train_, "ResourceLimitExceeded", "100 instances", **training("Wide", "true", ResourceConfig={
            "InstanceType": "ml.m5.large", "InstanceCount": 100, "VolumeSizeInGB": 1}))
        for path in ("/etc", "/opt/ml/input", "/opt/ml/processing/../../x"):
            inputs = [processing_input("in", "s3://lab/in/", LocalPath=path)]
            self.refuse(sagemaker.create_processing_job, bad, "must be an absolute path that starts with", **processing("Path", "x", ProcessingInputs=inputs))

    def test_a_refused_job_leaves_nothing(self):
        name = "R" + uuid.uuid4().hex[:8]
        self.refuse(sagemaker.create_training_job, "ValidationException", "MaxWait", **training(name, "true", EnableManagedSpotTraining=True))
        self.assertEqual(sagemaker.list_training_jobs(NameContains=name)["TrainingJobSummaries"], [])


if __name__ == "__main__":
    unittest.main()
