"""kill -9 of the engine while SageMaker's jobs run, again and again: no program outlives it, every job that was ever seen ends,
what says Completed has its outputs, and what doesn't has none.

BEER_JOB_KILLS kills (50), BEER_FAULT_SEED (1).
"""
import concurrent.futures
import contextlib
import os
import random
import time
import unittest

from lake import beer
import test_tables_and_models as tables

ROLE = "arn:aws:iam::123456789012:role/models"
XGBOOST = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
ENDED = {"Completed", "Failed", "Stopped"}
KILLS = int(os.environ.get("BEER_JOB_KILLS", "50"))


def processes_with(mark):
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/environ", "rb") as file:
            if mark.encode() in file.read():
                found.append(int(pid))
    return found


class Lab:
    """An engine, the jobs that were asked for, and how they are asked for."""

    def __init__(self, engine, chance):
        self.engine, self.chance = engine, chance
        self.mark = f"mark-{os.getpid()}-{time.monotonic_ns()}"
        self.count = 0

    def training(self, script, **more):
        return {"AlgorithmSpecification": {"TrainingImage": tables.IMAGE, "TrainingInputMode": "File",
                                           "ContainerEntrypoint": ["/program", "script"], "ContainerArguments": [script]},
                "RoleArn": ROLE, "OutputDataConfig": {"S3OutputPath": "s3://lab/models"},
                "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": self.chance.choice((1, 1, 2)), "VolumeSizeInGB": 1},
                "StoppingCondition": {"MaxRuntimeInSeconds": 600, **more.pop("stopping", {})},
                "Environment": {"BEER_MARK": self.mark}, **more}

    def requests(self):
        """One round's jobs, as functions of a client."""
        self.count += 1
        n, pause = self.count, round(self.chance.uniform(0, 0.4), 2)
        script = f"sleep {pause} & wait; echo m > model/m"
        spot = f"echo x > checkpoints/x; sleep {pause}; echo m > model/m"
        definition = self.training("")
        definition["AlgorithmSpecification"] = {"TrainingImage": XGBOOST, "TrainingInputMode": "File"}
        definition["StaticHyperParameters"] = {"objective": "reg:squarederror", "num_round": "3"}
        definition["InputDataConfig"] = [{"ChannelName": "train", "ContentType": "text/csv", "DataSource": {
            "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://lab/rows/"}}}]
        return [
            lambda c: c.create_training_job(TrainingJobName=f"plain{n}", **self.training(script)),
            lambda c: c.create_training_job(
                TrainingJobName=f"spot{n}", EnableManagedSpotTraining=True,
                CheckpointConfig={"S3Uri": f"s3://lab/checkpoints/{n}"},
                **self.training(spot, stopping={"MaxWaitTimeInSeconds": 600})),
            lambda c: c.create_processing_job(
                ProcessingJobName=f"processing{n}", RoleArn=ROLE, Environment={"BEER_MARK": self.mark},
                AppSpecification={"ImageUri": tables.IMAGE, "ContainerEntrypoint": ["/program", "script"],
                                  "ContainerArguments": [f"sleep {pause}; echo o > processing/out/o"]},
                ProcessingResources={"ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}},
                ProcessingOutputConfig={"Outputs": [{"OutputName": "out", "S3Output": {
                    "S3Uri": f"s3://lab/out/{n}", "LocalPath": "/opt/ml/processing/out", "S3UploadMode": "EndOfJob"}}]}),
            lambda c: n % 5 == 0 and c.create_hyper_parameter_tuning_job(
                HyperParameterTuningJobName=f"tuning{n}",
                HyperParameterTuningJobConfig={
                    "Strategy": "Random", "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "train:rmse"},
                    "ResourceLimits": {"MaxNumberOfTrainingJobs": 6, "MaxParallelTrainingJobs": 2},
                    "ParameterRanges": {"IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "1", "MaxValue": "20"}]}},
                TrainingJobDefinition=definition)]

    def ask(self, pool):
        client = self.engine.client("sagemaker", attempts=1)

        def quietly(request):
            with contextlib.suppress(Exception):  # the engine may be gone before it answers
                request(client)
        return [pool.submit(quietly, request) for request in self.requests()]


def pages(call, member):
    token = {}
    while True:
        page = call(MaxResults=100, **token)
        yield from page[member]
        if "NextToken" not in page:
            return
        token = {"NextToken": page["NextToken"]}


class Jobs(unittest.TestCase):
    def test_jobs_end_and_leave_nothing_behind(self):
        chance = random.Random(int(os.environ.get("BEER_FAULT_SEED", "1")))
        with tables.Engine("--no-deploy") as engine, concurrent.futures.ThreadPoolExecutor(8) as pool:
            engine.client("s3").create_bucket(Bucket="lab")
            engine.client("s3").put_object(Bucket="lab", Key="rows/a.csv", Body="1,2,3\n2,3,4\n3,4,6\n" * 10)
            lab = Lab(engine, chance)
            for _ in range(KILLS):
                asked = lab.ask(pool)
                time.sleep(chance.uniform(0, 0.8))
                engine.kill()
                concurrent.futures.wait(asked)
                beer.eventually(lambda: not processes_with(lab.mark), "no program outlives its engine", 20)
                engine.start("--no-deploy")
            self.check_ends(engine)
            self.assertEqual(processes_with(lab.mark), [])
            folder = os.path.join(engine.data, "jobs")
            self.assertFalse(os.path.isdir(folder) and os.listdir(folder))

    def check_ends(self, engine):
        sagemaker, s3 = engine.client("sagemaker"), engine.client("s3")

        def statuses():
            return {**{("training", j["TrainingJobName"]): j["TrainingJobStatus"]
                       for j in pages(sagemaker.list_training_jobs, "TrainingJobSummaries")},
                    **{("processing", j["ProcessingJobName"]): j["ProcessingJobStatus"]
                       for j in pages(sagemaker.list_processing_jobs, "ProcessingJobSummaries")},
                    **{("tuning", j["HyperParameterTuningJobName"]): j["HyperParameterTuningJobStatus"]
                       for j in pages(sagemaker.list_hyper_parameter_tuning_jobs, "HyperParameterTuningJobSummaries")}}
        jobs = beer.eventually(lambda: (s := statuses()) and set(s.values()) <= ENDED and s, "every job has ended", 120)
        self.assertGreater(len(jobs), KILLS)
        keys = {o["Key"] for o in pages_of_objects(s3, "lab")}
        for (kind, name), status in jobs.items():
            if kind == "training":
                self.assertEqual(f"models/{name}/output/model.tar.gz" in keys, status == "Completed", (name, status))
                if name.startswith("spot"):
                    self.assertEqual(status, "Completed", sagemaker.describe_training_job(TrainingJobName=name))
            if kind == "processing":
                self.assertEqual(f"out/{name.removeprefix('processing')}/o" in keys, status == "Completed", (name, status))
            if kind == "tuning":
                counters = sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)["TrainingJobStatusCounters"]
                self.assertEqual(counters["InProgress"], 0)


def pages_of_objects(s3, bucket):
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        yield from page.get("Contents", [])


if __name__ == "__main__":
    unittest.main()
