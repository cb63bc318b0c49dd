"""AWS's abalone pipeline, its definition as AWS's SDK writes it: unmodified but for what its two script steps run, which
are Python as there, without the packages. It trains with either of SageMaker's XGBoost images."""
import json
import math
import os
import random
import tarfile
import tempfile
import unittest

import beer

DEFINITION = beer.SOURCE / "src/engine/services/sagemaker/pipelines/fixtures/accepted/abalone.json"
BUCKET = "sagemaker-us-east-1-123456789012"
ROLE = "arn:aws:iam::123456789012:role/service-role/some-role"
SCRIPTS = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"

PREPROCESS = """
import argparse, os
parser = argparse.ArgumentParser()
parser.add_argument("--input-data", required=True)
name = parser.parse_args().input_data.rsplit("/", 1)[1]
rows = []
for line in open("/opt/ml/processing/input/" + name):
    sex, *measures, rings = line.strip().split(",")
    rows.append(",".join([rings, *measures, *("1" if sex == one else "0" for one in "MFI")]))
for part, begin, end in (("train", 0, 0.7), ("validation", 0.7, 0.85), ("test", 0.85, 1)):
    os.makedirs(f"/opt/ml/processing/{part}", exist_ok=True)
    with open(f"/opt/ml/processing/{part}/{part}.csv", "w") as file:
        file.writelines(row + "\\n" for row in rows[int(begin * len(rows)):int(end * len(rows))])
"""
# Where AWS's script loads the model with the package, this one asks the server of it.
EVALUATION = """
import json, os, socket, subprocess, tarfile, tempfile, time, urllib.request
with tempfile.TemporaryDirectory() as root, socket.socket() as probe:
    with tarfile.open("/opt/ml/processing/model/model.tar.gz") as archive:
        archive.extractall(root + "/model")
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
    probe.close()
    server = subprocess.Popen(["PROGRAM", "xgboost", "serve"], env={**os.environ, "SM_ML_ROOT": root, "SAGEMAKER_BIND_TO_PORT": str(port)})
    rows = [line.strip().split(",", 1) for line in open("/opt/ml/processing/test/test.csv")]
    while True:
        try:
            request = urllib.request.Request(f"http://127.0.0.1:{port}/invocations", "\\n".join(r[1] for r in rows).encode(), {"Content-Type": "text/csv"})
            answer = urllib.request.urlopen(request).read().decode()
            break
        except urllib.error.HTTPError:
            raise
        except OSError:
            assert server.poll() is None
            time.sleep(0.01)
    server.terminate()
    server.wait()
errors = [float(value) - float(rings) for value, (rings, _) in zip(answer.split(), rows, strict=True)]
mse = sum(e * e for e in errors) / len(errors)
os.makedirs("/opt/ml/processing/evaluation", exist_ok=True)
with open("/opt/ml/processing/evaluation/evaluation.json", "w") as file:
    json.dump({"regression_metrics": {"mse": {"value": mse, "standard_deviation": "NaN"}}}, file)
"""


def shell(chance):
    """A row as the abalone data has it: sex, seven measures, rings."""
    size = chance.uniform(0.1, 0.8)
    measures = [round(size * k * chance.uniform(0.95, 1.05), 4) for k in (1, 0.8, 0.3, 1.6, 0.7, 0.35, 0.45)]
    return [chance.choice("MFI"), *measures, max(1, round(20 * math.sqrt(size) - 3 + chance.gauss(0, 0.8)))]


def setUpModule():
    global engine, s3, sagemaker, folder
    folder = tempfile.TemporaryDirectory(prefix="beer-abalone-")
    spec = os.path.join(folder.name, "beer.yaml")
    text = (beer.SOURCE / "beer.yaml").read_text()
    assert "images: {}" in text
    with open(spec, "w") as file:
        file.write(text.replace("images: {}", "images: {sagemaker-scikit-learn: python3 -B}"))
    engine = beer.Engine("--no-deploy", "--spec", spec, roles=(ROLE,)).__enter__()
    s3, sagemaker = engine.client("s3"), engine.client("sagemaker")
    s3.create_bucket(Bucket=BUCKET)
    chance = random.Random(5)
    rows = [shell(chance) for _ in range(1200)]
    put("abalone/abalone-dataset.csv", "".join(",".join(map(str, row)) + "\n" for row in rows))
    put("abalone/abalone-dataset-batch.csv", "".join(
        ",".join(map(str, row[1:8])) + "," + ",".join("1" if row[0] == one else "0" for one in "MFI") + "\n" for row in rows[:20]))
    put("code/preprocess.py", PREPROCESS)
    put("code/evaluation.py", EVALUATION.replace("PROGRAM", str(beer.BIN / "beer-pipeline")))


def tearDownModule():
    engine.__exit__()
    folder.cleanup()


def put(key, text):
    s3.put_object(Bucket=BUCKET, Key=key, Body=text.encode())


def definition(image_tag):
    document = json.loads(DEFINITION.read_text().replace("sagemaker-xgboost:1.7-1", "sagemaker-xgboost:" + image_tag))
    script_step = next(step for step in document["Steps"] if step["Name"] == "AbaloneEval")
    script_step["Arguments"]["AppSpecification"]["ImageUri"] = SCRIPTS
    return json.dumps(document)


def run(name, image_tag, **parameters):
    sagemaker.create_pipeline(PipelineName=name, PipelineDefinition=definition(image_tag), RoleArn=ROLE, ClientRequestToken=name.ljust(32, "-"))
    arn = sagemaker.start_pipeline_execution(
        PipelineName=name, PipelineParameters=[{"Name": k, "Value": v} for k, v in parameters.items()],
        ClientRequestToken=name.rjust(32, "-"))["PipelineExecutionArn"]
    beer.eventually(lambda: sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)["PipelineExecutionStatus"] != "Executing", name)
    return arn, {s["StepName"]: s for s in sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn)["PipelineExecutionSteps"]}


class AbalonePipeline(unittest.TestCase):
    def trains_with(self, image_tag, version, is_ubjson):
        arn, steps = run("AbalonePipeline-" + image_tag.replace(".", "-"), image_tag)
        self.assertEqual({name: s["StepStatus"] for name, s in steps.items()}, dict.fromkeys(
            ["AbaloneProcess", "AbaloneTrain", "AbaloneEval", "AbaloneMSECond", "AbaloneRegisterModel-RegisterModel",
             "AbaloneCreateModel-CreateModel", "AbaloneTransform"], "Succeeded"),
            [s.get("FailureReason") for s in steps.values()])
        job = sagemaker.describe_training_job(TrainingJobName=steps["AbaloneTrain"]["Metadata"]["TrainingJob"]["Arn"].rsplit("/", 1)[1])
        metrics = {m["MetricName"]: m["Value"] for m in job["FinalMetricDataList"]}
        self.assertLess(metrics["validation:rmse"], 1.5)
        package = sagemaker.describe_model_package(ModelPackageName=steps["AbaloneRegisterModel-RegisterModel"]["Metadata"]["RegisterModel"]["Arn"])
        self.assertEqual(package["ModelPackageVersion"], version)
        self.assertTrue(package["InferenceSpecification"]["Containers"][0]["Image"].endswith(":" + image_tag))
        report = json.loads(s3.get_object(Bucket=BUCKET, Key="script-abalone-eval/output/evaluation/evaluation.json")["Body"].read())
        self.assertLess(report["regression_metrics"]["mse"]["value"], 6.0)
        ages = s3.get_object(Bucket=BUCKET, Key="AbaloneTransform/abalone-dataset-batch.csv.out")["Body"].read().decode().split()
        self.assertEqual(len(ages), 20)
        with tempfile.TemporaryFile() as archive:
            archive.write(s3.get_object(Bucket=BUCKET, Key=job["ModelArtifacts"]["S3ModelArtifacts"].split("/", 3)[3])["Body"].read())
            archive.seek(0)
            with tarfile.open(fileobj=archive) as members:
                # UBJSON begins as an object does; the old binary form doesn't.
                self.assertEqual(members.extractfile("xgboost-model").read().startswith(b"{L"), is_ubjson)

    def test_1_trains_with_the_image_1_7(self):
        self.trains_with("1.7-1", 1, False)

    def test_2_trains_with_the_image_3_0(self):
        self.trains_with("3.0-5", 2, True)

    def test_3_fails_above_its_threshold(self):
        arn, steps = run("AbaloneStrict", "1.7-1", MseThreshold="0.001")
        self.assertEqual(steps["AbaloneMSEFail"]["FailureReason"], "Execution failed due to MSE > 0.001")
        self.assertEqual(sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)["PipelineExecutionStatus"], "Failed")

    def test_4_other_images_of_the_repository_are_refused_with_those_there_are(self):
        _, steps = run("AbaloneOld", "1.5-1")
        self.assertIn("No local program stands for the image \"683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.5-1\"; "
                      "there are sagemaker-xgboost:1.7-1, sagemaker-xgboost:3.0-5", steps["AbaloneTrain"]["FailureReason"])


if __name__ == "__main__":
    unittest.main()
