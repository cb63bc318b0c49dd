"""SageMaker's own XGBoost image 1.7-1: in the pipeline by a setting, and as AWS's users call it."""
import contextlib
import io
import json
import math
import os
import random
import re
import tarfile
import tempfile
import unittest

from botocore.exceptions import ClientError, WaiterError

import beer

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
ROLE = "arn:aws:iam::123456789012:role/models"
# What AWS's own examples give for the abalone data.
HYPERPARAMETERS = {"max_depth": "5", "eta": "0.2", "gamma": "4", "min_child_weight": "6", "subsample": "0.7",
                   "verbosity": "0", "objective": "reg:squarederror", "num_round": "50"}
COLUMNS = 8


def setUpModule():
    global engine, s3, sagemaker, runtime
    engine = beer.Engine("--no-deploy", roles=(ROLE,)).__enter__()
    s3, sagemaker, runtime = (engine.client(name) for name in ("s3", "sagemaker", "sagemaker-runtime"))
    s3.create_bucket(Bucket="abalone")


def tearDownModule():
    engine.__exit__()


def shells(seed, count):
    """Rows of an age and eight measures, as the abalone data has them."""
    chance = random.Random(seed)
    rows = []
    for _ in range(count):
        size = chance.uniform(0.1, 0.8)
        measures = [chance.choice((1.0, 2.0, 3.0))] + [round(size * k * chance.uniform(0.9, 1.1), 4)
                                                       for k in (1, 0.8, 0.3, 1.6, 0.7, 0.35, 0.45)]
        rows.append((max(1, round(20 * math.sqrt(size) - 3 + chance.gauss(0, 0.8))), measures))
    return rows


def libsvm(rows):
    return "".join(f"{age} " + " ".join(f"{i + 1}:{m}" for i, m in enumerate(measures)) + "\n" for age, measures in rows)


def csv(rows, labels=True):
    return "".join(",".join(map(str, ([age] if labels else []) + measures)) + "\n" for age, measures in rows)


def channel(name, key, content_type):
    return {"ChannelName": name, "ContentType": content_type, "CompressionType": "None", "DataSource": {"S3DataSource": {
        "S3DataType": "S3Prefix", "S3Uri": f"s3://abalone/{key}", "S3DataDistributionType": "FullyReplicated"}}}


def start(name, channels, image=IMAGE, **more):
    sagemaker.create_training_job(
        TrainingJobName=name, AlgorithmSpecification={"TrainingImage": image, "TrainingInputMode": "File", "MetricDefinitions": [
            {"Name": "validation:rmse", "Regex": r".*\[[0-9]+\].*validation-rmse:(\S+)"}]},
        RoleArn=ROLE, InputDataConfig=channels, OutputDataConfig={"S3OutputPath": "s3://abalone/models"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
        StoppingCondition={"MaxRuntimeInSeconds": 600}, HyperParameters={**HYPERPARAMETERS, **more})


def train(name, channels, **more):
    start(name, channels, **more)
    return ended(name)


def ended(name):
    with contextlib.suppress(WaiterError):  # the job's description says how it ended
        sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName=name, WaiterConfig={"Delay": 1})
    return sagemaker.describe_training_job(TrainingJobName=name)


def put(key, text):
    s3.put_object(Bucket="abalone", Key=key, Body=text.encode())


def serve(name, artifact, image=IMAGE):
    """An endpoint of that name on SageMaker's image, in service."""
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": image, "ModelDataUrl": artifact})
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[
        {"VariantName": "AllTraffic", "ModelName": name, "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name, WaiterConfig={"Delay": 1})


def ask(name, body, content_type="text/csv", **more):
    return runtime.invoke_endpoint(EndpointName=name, Body=body, ContentType=content_type, **more)["Body"].read().decode()


class Abalone(unittest.TestCase):
    def test_libsvm_trains_and_an_endpoint_predicts(self):
        held_out = shells(2, 60)
        put("libsvm/train/part-0", libsvm(shells(1, 300)))
        put("libsvm/train/part-1", libsvm(shells(3, 100)))
        put("libsvm/validation/all", libsvm(held_out))
        job = train("abalone-libsvm", [channel("train", "libsvm/train", "text/libsvm"),
                                       channel("validation", "libsvm/validation", "text/libsvm")])
        self.assertEqual(job["TrainingJobStatus"], "Completed", job.get("FailureReason"))
        self.assertEqual([m["MetricName"] for m in job["FinalMetricDataList"]], ["validation:rmse"])
        self.assertLess(job["FinalMetricDataList"][0]["Value"], 1.5)
        artifact = job["ModelArtifacts"]["S3ModelArtifacts"]
        archive = s3.get_object(Bucket="abalone", Key=artifact.split("/", 3)[3])["Body"].read()
        with tarfile.open(fileobj=io.BytesIO(archive)) as members:
            self.assertEqual([m.name for m in members if m.isfile()], ["xgboost-model"])
        self.lines_in_the_log("abalone-libsvm")
        serve("abalone", artifact)
        answers = ask("abalone", libsvm(held_out), "text/libsvm").split("\n")
        self.assertEqual(answers.pop(), "")
        ages = [float(a) for a in answers]
        error = math.sqrt(sum((a - age) ** 2 for a, (age, _) in zip(ages, held_out, strict=True)) / len(ages))
        self.assertAlmostEqual(error, job["FinalMetricDataList"][0]["Value"], places=3)
        one = json.loads(ask("abalone", libsvm(held_out[:1]), "text/x-libsvm", Accept="application/json"))
        self.assertAlmostEqual(one["predictions"][0]["score"], ages[0], places=3)
        with self.assertRaises(ClientError) as refused:
            ask("abalone", "{}", "application/json")
        self.assertEqual(refused.exception.response["OriginalStatusCode"], 415)
        with self.assertRaises(ClientError) as refused:
            ask("abalone", "1,2,3")
        self.assertEqual(refused.exception.response["OriginalStatusCode"], 400)

    def lines_in_the_log(self, job):
        logs = engine.client("logs")
        group = "/aws/sagemaker/TrainingJobs"
        stream = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=job + "/")["logStreams"][0]["logStreamName"]
        events = logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True)["events"]
        rounds = [e["message"] for e in events if re.match(r"\[\d+\]\ttrain-rmse:\d+\.\d{5}\tvalidation-rmse:\d+\.\d{5}$", e["message"])]
        self.assertEqual(len(rounds), 50)

    def test_csv_trains_with_early_stopping_and_weights(self):
        weighted = "".join(line.replace(",", ",1,", 1) + "\n" for line in csv(shells(1, 300)).splitlines())
        put("weighted/train/a.csv", weighted)
        put("weighted/validation/a.csv", "".join(line.replace(",", ",1,", 1) + "\n" for line in csv(shells(2, 80)).splitlines()))
        job = train("abalone-csv", [channel("train", "weighted/train", "text/csv"), channel("validation", "weighted/validation", "csv")],
                    image="783357654285.dkr.ecr.ap-southeast-2.amazonaws.com/sagemaker-xgboost:1.7-1", csv_weights="1",
                    early_stopping_rounds="3", eval_metric="mae,rmse", num_round="500", eta="0.5")
        self.assertEqual(job["TrainingJobStatus"], "Completed", job.get("FailureReason"))
        serve("abalone-csv", job["ModelArtifacts"]["S3ModelArtifacts"])
        scores = ask("abalone-csv", csv(shells(2, 2), labels=False)).splitlines()
        self.assertEqual(len(scores), 2)

    def test_parquet_trains_and_serves_on_3_0_5_and_recordio_is_refused(self):
        # Athena writes Parquet, the label first.
        engine.client("glue").create_database(DatabaseInput={"Name": "abalone"})
        engine.client("athena").start_query_execution(
            QueryString="CREATE TABLE shells WITH (format='PARQUET', external_location='s3://abalone/parquet/') AS SELECT * FROM (VALUES "
                        + ", ".join(f"({age}, {', '.join(map(str, measures))})" for age, measures in shells(1, 120))
                        + ") AS t(age, " + ", ".join(f"m{i}" for i in range(COLUMNS)) + ")",
            QueryExecutionContext={"Database": "abalone"}, ResultConfiguration={"OutputLocation": "s3://abalone/queries/"})
        beer.eventually(lambda: s3.list_objects_v2(Bucket="abalone", Prefix="parquet/").get("Contents"), "Parquet")
        newer = IMAGE.replace("1.7-1", "3.0-5")
        self.assertNotEqual(newer, IMAGE)
        job = train("abalone-parquet", [channel("train", "parquet/", "application/x-parquet")], image=newer)
        self.assertEqual(job["TrainingJobStatus"], "Completed", job.get("FailureReason"))
        serve("abalone-newer", job["ModelArtifacts"]["S3ModelArtifacts"], newer)
        self.assertEqual(len(ask("abalone-newer", csv(shells(2, 3), labels=False)).splitlines()), 3)
        put("newer/a", libsvm(shells(1, 120)))
        job = train("abalone-newer-libsvm", [channel("train", "newer/", "text/libsvm")], image=newer, num_round="5")
        serve("abalone-newer-libsvm", job["ModelArtifacts"]["S3ModelArtifacts"], newer)
        self.assertEqual(len(ask("abalone-newer-libsvm", libsvm(shells(2, 3)), "text/libsvm").splitlines()), 3)
        job = train("abalone-recordio", [channel("train", "parquet/", "application/x-recordio-protobuf")])
        self.assertIn("application/x-recordio-protobuf is not an accepted ContentType", job["FailureReason"])

    def test_a_stopped_job_keeps_the_booster_it_has_when_told_to(self):
        put("stopped/a.csv", csv(shells(1, 2000)))
        endless = {"num_round": "1000000", "max_depth": "2"}
        for name, more in (("kept", {"save_model_on_termination": "true"}), ("dropped", {})):
            start("abalone-" + name, [channel("train", "stopped", "text/csv")], **endless, **more)
            beer.eventually(lambda n=name: sagemaker.describe_training_job(TrainingJobName="abalone-" + n)["SecondaryStatus"]
                            == "Training", "the job to train")
            sagemaker.stop_training_job(TrainingJobName="abalone-" + name)
            job = ended("abalone-" + name)
            self.assertEqual(job["TrainingJobStatus"], "Stopped")
            key = job["ModelArtifacts"]["S3ModelArtifacts"].split("/", 3)[3]
            archive = s3.get_object(Bucket="abalone", Key=key)["Body"].read()
            with tarfile.open(fileobj=io.BytesIO(archive)) as members:
                self.assertEqual([m.name for m in members if m.isfile()], ["xgboost-model"] if more else [])

    def test_mistakes_are_the_users_and_said_in_a_sentence(self):
        put("few/a.csv", csv(shells(1, 20)))
        few = [channel("train", "few", "text/csv")]
        for name, more, sentence in (("range", {"eta": "2"}, "UserError: Hyperparameter eta: 2 is not in [0, 1]"),
                                     ("unknown", {"bags": "3"}, "UserError: Extraneous hyperparameter found: bags"),
                                     ("folds", {"_kfold": "5"}, "UserError: Hyperparameter _kfold")):
            job = train("abalone-" + name, few, **more)
            self.assertEqual(job["TrainingJobStatus"], "Failed")
            self.assertIn(sentence, job["FailureReason"])
        job = train("abalone-form", [channel("train", "few", "text/libsvm")])
        self.assertIn("a.csv, line 1: expected LIBSVM", job["FailureReason"])


class Pipeline(unittest.TestCase):
    def run_with(self, *replaced):
        """`beer run` on a copy of beer.yaml; its JSON, and the evaluation report."""
        text = (beer.SOURCE / "beer.yaml").read_text()
        for piece, other in replaced:
            self.assertIn(piece, text)
            text = text.replace(piece, other)
        with tempfile.TemporaryDirectory(prefix="beer-xgboost-") as folder:
            spec = os.path.join(folder, "beer.yaml")
            with open(spec, "w") as file:
                file.write(text)
            source = ["--source", str(beer.CATALOGUE)] if beer.CATALOGUE.exists() else ["--beers", "400"]
            done = beer.run("run", "--json", "--spec", spec, "--data", folder + "/data", *source, cwd=folder)
            self.assertEqual(done.returncode, 0, done.stderr[-3000:])
            result = json.loads(done.stdout)
            execution = result["pipeline"]["execution_arn"].rsplit("/", 1)[1]
            models = os.path.join(folder, "data", "buckets", "mlops-beer-models-123456789012", execution)
            with open(os.path.join(models, "evaluation", "evaluation.json")) as file:
                evaluation = json.load(file)
            archive = next(os.path.join(at, "model.tar.gz") for at, _, files in os.walk(models) if "model.tar.gz" in files)
            with tarfile.open(archive) as members:
                files = sorted(m.name for m in members if m.isfile())
            return result, evaluation, files

    def test_a_setting_lets_it_train_and_the_gate_registers_its_model(self):
        result, evaluation, files = self.run_with(("trainer: ours ", "trainer: xgboost "))
        self.assertEqual(files, ["xgboost-model"])
        self.assertEqual(result["pipeline"]["status"], "Succeeded")
        self.assertTrue(result["gate"]["passed"], result["gate"])
        self.assertIn("model-package/", result["model_package_arn"])
        self.assertLess(result["metrics"]["mae"], result["metrics"]["baseline_mae"])
        self.assertIsNone(evaluation["interval"])
        self.assertIn("no intervals", evaluation["note"])
        # The endpoint is ours: it takes the beer itself, and says that it has no interval.
        self.assertIsNone(result["prediction"]["interval"])
        self.assertGreaterEqual(result["prediction"]["ibu"], 0)
        print(f"trained by SageMaker's XGBoost: MAE {result['metrics']['mae']:.2f} IBU, "
              f"always the mean {result['metrics']['baseline_mae']:.2f}")

    def test_without_it_all_is_as_before(self):
        result, evaluation, files = self.run_with()
        self.assertIn("beer/interval.json", files)
        self.assertNotIn("note", evaluation)
        self.assertEqual(len(result["prediction"]["interval"]), 2)
        if beer.CATALOGUE.exists():
            self.assertAlmostEqual(result["metrics"]["mae"], 11.99, places=2)

    def test_a_model_of_ours_is_served_by_sagemakers_image(self):
        with tempfile.TemporaryDirectory(prefix="beer-xgboost-") as folder:
            done = beer.run("run", "--json", "--beers", "200", "--data", folder + "/data", cwd=folder)
            self.assertEqual(done.returncode, 0, done.stderr[-3000:])
            execution = json.loads(done.stdout)["pipeline"]["execution_arn"].rsplit("/", 1)[1]
            models = os.path.join(folder, "data", "buckets", "mlops-beer-models-123456789012", execution)
            archive = next(os.path.join(at, "model.tar.gz") for at, _, files in os.walk(models) if "model.tar.gz" in files)
            with open(archive, "rb") as file:
                s3.put_object(Bucket="abalone", Key="ours/model.tar.gz", Body=file.read())
            with open(os.path.join(models, "test", "test.csv")) as file:
                rows = [line.strip().split(",", 1)[1] for line in file][:5]
        image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/beer-pipeline:latest"
        serve("theirs", "s3://abalone/ours/model.tar.gz")
        sagemaker.create_model(ModelName="ours", ExecutionRoleArn=ROLE, PrimaryContainer={
            "Image": image, "ModelDataUrl": "s3://abalone/ours/model.tar.gz"})
        sagemaker.create_endpoint_config(EndpointConfigName="ours", ProductionVariants=[
            {"VariantName": "AllTraffic", "ModelName": "ours", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}])
        sagemaker.create_endpoint(EndpointName="ours", EndpointConfigName="ours")
        sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="ours", WaiterConfig={"Delay": 1})
        body = "\n".join(rows)
        theirs = [min(100, max(0, float(x))) for x in ask("theirs", body).split()]
        ours = [float(x) for x in ask("ours", body).split()]
        self.assertEqual(len(theirs), 5)
        for a, b in zip(theirs, ours, strict=True):
            self.assertAlmostEqual(a, b, delta=0.0051)  # ours is rounded to a hundredth


if __name__ == "__main__":
    unittest.main(verbosity=1)
