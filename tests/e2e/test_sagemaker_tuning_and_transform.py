"""Tuning and transform jobs: every status, counter, list and refusal, on a program that does as it is told."""
import json
import pathlib
import unittest

from botocore.exceptions import WaiterError

from scripted import ARN, IMAGE, ROLE, SERVING, Engine, hours, model_archive, paged, refused, when
from beer import eventually


def setUpModule():
    global engine, s3, sagemaker
    engine = Engine("--no-deploy", program=SERVING).__enter__()
    s3, sagemaker = engine.client("s3"), engine.client("sagemaker")
    s3.create_bucket(Bucket="lab")
    s3.put_object(Bucket="lab", Key="models/good.tar.gz", Body=model_archive({"name": "good"}))
    sagemaker.create_model(ModelName="Good", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE, "ModelDataUrl": "s3://lab/models/good.tar.gz"})


def tearDownModule():
    engine.__exit__()


def put(key, body):
    s3.put_object(Bucket="lab", Key=key, Body=body)


def transform(name, prefix, **more):
    return {"TransformJobName": name, "ModelName": "Good", "TransformOutput": {"S3OutputPath": f"s3://lab/out/{name}"},
            "TransformInput": {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://lab/{prefix}"}}, "ContentType": "text/csv"},
            "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1}, **more}


def transformed(name, prefix, *status, **more):
    arn = sagemaker.create_transform_job(**transform(name, prefix, **more))["TransformJobArn"]
    assert arn == f"{ARN}transform-job/{name.lower()}", arn
    return when(sagemaker.describe_transform_job, "TransformJobStatus", *(status or ["Completed"]), TransformJobName=name)


class Transforms(unittest.TestCase):
    def test_completed_with_an_output_beside_each_input(self):
        put("score/a.csv", "1,2"), put("score/deep/b.csv", "3,4")
        job = transformed("Completes", "score/", MaxConcurrentTransforms=2, MaxPayloadInMB=1, Environment={"FLAVOUR": "malt"},
                          ModelClientConfig={"InvocationsTimeoutInSeconds": 5, "InvocationsMaxRetries": 1})
        self.assertLessEqual(job["CreationTime"], job["TransformStartTime"])
        self.assertLessEqual(job["TransformStartTime"], job["TransformEndTime"])
        self.assertNotIn("FailureReason", job)
        found = [o["Key"] for o in s3.list_objects_v2(Bucket="lab", Prefix="out/Completes/")["Contents"]]
        self.assertEqual(found, ["out/Completes/a.csv.out", "out/Completes/deep/b.csv.out"])
        told = json.loads(s3.get_object(Bucket="lab", Key=found[0])["Body"].read())
        self.assertEqual((told["path"], told["body"], told["headers"]["content-type"]), ("/invocations", "1,2", "text/csv"))
        self.assertEqual([told["env"][n] for n in ("SAGEMAKER_BATCH", "FLAVOUR")], ["True", "malt"])
        sagemaker.get_waiter("transform_job_completed_or_stopped").wait(TransformJobName="Completes", WaiterConfig={"MaxAttempts": 1})

    def test_in_progress_then_stopping_then_stopped(self):
        go = pathlib.Path(engine.folder) / "go"
        put("slow/a.csv", f"wait {go}")
        sagemaker.create_transform_job(**transform("Stops", "slow/"))
        self.assertEqual(sagemaker.describe_transform_job(TransformJobName="Stops")["TransformJobStatus"], "InProgress")
        sagemaker.stop_transform_job(TransformJobName="Stops")
        self.assertIn(sagemaker.describe_transform_job(TransformJobName="Stops")["TransformJobStatus"], ("Stopping", "Stopped"))
        go.write_text("")
        when(sagemaker.describe_transform_job, "TransformJobStatus", "Stopped", TransformJobName="Stops")
        sagemaker.get_waiter("transform_job_completed_or_stopped").wait(TransformJobName="Stops", WaiterConfig={"MaxAttempts": 1})

    def test_failed_for_a_record_the_data_or_the_program(self):
        put("refused/a.csv", "415"), put("broken/a.csv", "500"), put("deadly/a.csv", "die")
        for name, prefix, reason in (("Refused", "refused/", "^ClientError: See job logs for more information$"), ("Broken", "broken/", "Error: "),
                                     ("Deadly", "deadly/", "Error: "), ("Empty", "nothing/", "No S3 objects found|ClientError")):
            with self.subTest(name):
                job = transformed(name, prefix, "Failed", ModelClientConfig={"InvocationsTimeoutInSeconds": 5, "InvocationsMaxRetries": 0})
                self.assertRegex(job["FailureReason"], reason)
        with self.assertRaisesRegex(WaiterError, "terminal failure"):
            sagemaker.get_waiter("transform_job_completed_or_stopped").wait(TransformJobName="Refused", WaiterConfig={"MaxAttempts": 1})

    def test_refusals_and_lists(self):
        put("score/a.csv", "1,2")
        for letter in "bac":
            transformed(f"List-{letter}", "score/a.csv")
        code, sentence, status = refused(sagemaker.create_transform_job, **transform("list-A", "score/"))
        self.assertEqual((code, status), ("ResourceInUse", 400))
        self.assertEqual(refused(sagemaker.create_transform_job, **transform("x", "score/", ModelName="none"))[:2],
                         ("ValidationException", f'Could not find model "{ARN}model/none".'))
        self.assertEqual(refused(sagemaker.stop_transform_job, TransformJobName="List-a")[1],
                         "The request was rejected because the transform job is in status Completed.")
        names = lambda **more: [j["TransformJobName"] for j in paged(sagemaker, "list_transform_jobs", "TransformJobSummaries", NameContains="list-", **more)[0]]
        self.assertEqual(names(), ["List-c", "List-a", "List-b"])
        self.assertEqual(names(SortOrder="Ascending"), ["List-b", "List-a", "List-c"])
        self.assertEqual(names(SortBy="Name", SortOrder="Ascending"), ["List-a", "List-b", "List-c"])
        self.assertEqual(names(StatusEquals="Failed"), [])
        self.assertEqual(len(names(CreationTimeAfter=hours(-1), LastModifiedTimeBefore=hours(1))), 3)
        self.assertEqual(names(CreationTimeAfter=hours(1)) + names(LastModifiedTimeBefore=hours(-1)), [])
        one = sagemaker.list_transform_jobs(NameContains="list-", MaxResults=1)["TransformJobSummaries"]
        self.assertEqual(set(one[0]), {"TransformJobName", "TransformJobArn", "CreationTime", "TransformEndTime", "LastModifiedTime", "TransformJobStatus"})


def tuning(name, static=(), **config):
    return {"HyperParameterTuningJobName": name, "HyperParameterTuningJobConfig": {
        "Strategy": "Grid", "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "loss"},
        "ResourceLimits": {"MaxParallelTrainingJobs": 2},
        "ParameterRanges": {"CategoricalParameterRanges": [{"Name": "x", "Values": ["3", "1", "2"]}]}, **config},
        "TrainingJobDefinition": {"StaticHyperParameters": dict(static), "AlgorithmSpecification": {
            "TrainingImage": IMAGE, "TrainingInputMode": "File", "MetricDefinitions": [{"Name": "loss", "Regex": "loss=([0-9.]+)"}]},
            "RoleArn": ROLE, "OutputDataConfig": {"S3OutputPath": "s3://lab/tuned"}, "StoppingCondition": {"MaxRuntimeInSeconds": 60},
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}}}


def tuned(name, *status, **more):
    arn = sagemaker.create_hyper_parameter_tuning_job(**tuning(name, **more))["HyperParameterTuningJobArn"]
    assert arn == f"{ARN}hyper-parameter-tuning-job/{name.lower()}", arn
    return when(sagemaker.describe_hyper_parameter_tuning_job, "HyperParameterTuningJobStatus", *(status or ["Completed"]), HyperParameterTuningJobName=name)


class Tunings(unittest.TestCase):
    def jobs(self, name, **more):
        return paged(sagemaker, "list_training_jobs_for_hyper_parameter_tuning_job", "TrainingJobSummaries", HyperParameterTuningJobName=name, **more)[0]

    def test_completed_with_the_best_of_its_training_jobs(self):
        job = tuned("Completes")
        self.assertEqual(job["TrainingJobStatusCounters"], {"Completed": 3, "InProgress": 0, "RetryableError": 0, "NonRetryableError": 0, "Stopped": 0})
        self.assertEqual(job["ObjectiveStatusCounters"], {"Succeeded": 3, "Pending": 0, "Failed": 0})
        self.assertLessEqual(job["CreationTime"], job["HyperParameterTuningEndTime"])
        best = job["BestTrainingJob"]
        self.assertEqual((best["TunedHyperParameters"], best["FinalHyperParameterTuningJobObjectiveMetric"]["Value"], best["ObjectiveStatus"],
                          best["TrainingJobStatus"]), ({"x": "1"}, 1.0, "Succeeded", "Completed"))
        value = lambda j: j["FinalHyperParameterTuningJobObjectiveMetric"]["Value"]
        by = lambda **more: [value(j) for j in self.jobs("Completes", **more)]
        self.assertEqual(by(SortBy="FinalObjectiveMetricValue", SortOrder="Ascending"), [1, 2, 3])
        self.assertEqual(by(SortBy="FinalObjectiveMetricValue", SortOrder="Descending"), [3, 2, 1])
        self.assertEqual(self.jobs("Completes", StatusEquals="Failed"), [])
        trained = sagemaker.describe_training_job(TrainingJobName=best["TrainingJobName"])
        self.assertEqual((trained["TuningJobArn"], trained["HyperParameters"]["x"]), (job["HyperParameterTuningJobArn"], "1"))
        self.assertRegex(best["TrainingJobName"], r"^Completes-00[1-3]-[0-9a-f]{8}$")

    def test_in_progress_then_stopping_then_stopped(self):
        sagemaker.create_hyper_parameter_tuning_job(**tuning("Stops", {"waits": "1"}))
        eventually(lambda: self.jobs("Stops"), "a training job")
        job = sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName="Stops")
        self.assertEqual(job["HyperParameterTuningJobStatus"], "InProgress")
        sagemaker.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName="Stops")
        self.assertIn(sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName="Stops")["HyperParameterTuningJobStatus"], ("Stopping", "Stopped"))
        job = when(sagemaker.describe_hyper_parameter_tuning_job, "HyperParameterTuningJobStatus", "Stopped", HyperParameterTuningJobName="Stops")
        self.assertEqual(job["TrainingJobStatusCounters"]["InProgress"], 0)
        self.assertTrue(all(j["TrainingJobStatus"] == "Stopped" for j in self.jobs("Stops")))

    def test_failed_when_no_training_job_succeeds(self):
        job = tuned("Fails", "Failed", static={"exits": "1"})
        self.assertTrue(job["FailureReason"])
        self.assertEqual((job["TrainingJobStatusCounters"]["Completed"], "BestTrainingJob" in job), (0, False))
        self.assertTrue(all(j["TrainingJobStatus"] == "Failed" and j["FailureReason"] for j in self.jobs("Fails")))

    def test_refusals_and_lists(self):
        for name in ("List-b", "List-a"):
            tuned(name, ParameterRanges={"CategoricalParameterRanges": [{"Name": "x", "Values": ["1"]}]})
        create = sagemaker.create_hyper_parameter_tuning_job
        self.assertEqual(refused(create, **tuning("LIST-a"))[::2], ("ResourceInUse", 400))
        for call in (sagemaker.describe_hyper_parameter_tuning_job, sagemaker.stop_hyper_parameter_tuning_job, sagemaker.list_training_jobs_for_hyper_parameter_tuning_job):
            self.assertEqual(refused(call, HyperParameterTuningJobName="none")[::2], ("ResourceNotFound", 400))
        self.assertIn("in status Completed", refused(sagemaker.stop_hyper_parameter_tuning_job, HyperParameterTuningJobName="List-a")[1])
        self.assertRegex(refused(create, **tuning("x" * 33))[1], "'hyperParameterTuningJobName' failed to satisfy constraint")
        self.assertEqual(refused(create, **tuning("x", HyperParameterTuningJobObjective={"Type": "Minimize", "MetricName": "none"}))[0], "ValidationException")
        names = lambda **more: [j["HyperParameterTuningJobName"] for j in paged(
            sagemaker, "list_hyper_parameter_tuning_jobs", "HyperParameterTuningJobSummaries", NameContains="list-", **more)[0]]
        self.assertEqual(names(), ["List-a", "List-b"], "by name, unless asked otherwise")
        self.assertEqual(names(SortBy="CreationTime", SortOrder="Descending"), ["List-a", "List-b"])
        self.assertEqual(names(SortBy="CreationTime", SortOrder="Ascending"), ["List-b", "List-a"])
        self.assertEqual(names(SortBy="Name", SortOrder="Descending"), ["List-b", "List-a"])


if __name__ == "__main__":
    unittest.main()
