"""QualityCheck steps as the SageMaker SDK writes them, run by our stand-in for Model Monitor's image."""
import json
import random
import unittest

import beer
from beer import eventually

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/models"
IMAGE = "156813124566.dkr.ecr.us-east-1.amazonaws.com/sagemaker-model-monitor-analyzer"
INPUT = "/opt/ml/processing/input/baseline_dataset_input"


def check(name, kind, data, output, environment=None, **beside):
    return {"Name": name, "Type": "QualityCheck", "CheckType": kind, "ModelPackageGroupName": None, "SkipCheck": False,
            "FailOnViolation": True, "RegisterNewBaseline": False, "SuppliedBaselineStatistics": None,
            "SuppliedBaselineConstraints": None, **beside, "Arguments": {
                "ProcessingResources": {"ClusterConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 20}},
                "AppSpecification": {"ImageUri": IMAGE},
                "RoleArn": ROLE,
                "ProcessingInputs": [{"InputName": "baseline_dataset_input", "AppManaged": False, "S3Input": {
                    "S3Uri": data, "LocalPath": INPUT, "S3DataType": "S3Prefix", "S3InputMode": "File",
                    "S3DataDistributionType": "FullyReplicated", "S3CompressionType": "None"}}],
                "ProcessingOutputConfig": {"Outputs": [{"OutputName": "quality_check_output", "AppManaged": False, "S3Output": {
                    "S3Uri": output, "LocalPath": "/opt/ml/processing/output", "S3UploadMode": "EndOfJob"}}]},
                "Environment": {"output_path": "/opt/ml/processing/output", "publish_cloudwatch_metrics": "Disabled",
                                "dataset_format": json.dumps({"csv": {"header": True, "output_columns_position": "START"}}),
                                "dataset_source": INPUT, **(environment or {})}}}


def beers(seed, more=0.0):
    chance = random.Random(seed)
    return "abv,style\n" + "".join(
        f"{chance.gauss(5.5 + more, 1):.2f},{chance.choice(['ale', 'stout'])}\n" for _ in range(300))


class QualityChecks(unittest.TestCase):
    def run_steps(self, *steps):
        """The execution's status, and its steps by name."""
        self.sagemaker.create_pipeline(PipelineName=self.id().rsplit(".", 1)[1].replace("_", "-"), RoleArn=ROLE,
                                       PipelineDefinition=json.dumps({"Version": "2020-12-01", "Parameters": [], "Steps": steps}))
        arn = self.sagemaker.start_pipeline_execution(
            PipelineName=self.id().rsplit(".", 1)[1].replace("_", "-"))["PipelineExecutionArn"]
        about = lambda: self.sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)["PipelineExecutionStatus"]
        eventually(lambda: about() not in ("Executing", "Stopping"), "the execution ends")
        return about(), {step["StepName"]: step for step in self.sagemaker.list_pipeline_execution_steps(
            PipelineExecutionArn=arn)["PipelineExecutionSteps"]}

    def read(self, uri):
        bucket, key = uri.removeprefix("s3://").split("/", 1)
        return json.load(self.s3.get_object(Bucket=bucket, Key=key)["Body"])

    @classmethod
    def setUpClass(cls):
        cls.engine = beer.Engine("--no-deploy", roles=(ROLE,)).__enter__()
        cls.addClassCleanup(cls.engine.__exit__, None, None, None)
        cls.s3, cls.sagemaker = cls.engine.client("s3"), cls.engine.client("sagemaker")
        cls.s3.create_bucket(Bucket="lake")
        for name, text in (("before", beers(1)), ("alike", beers(2)), ("moved", beers(3, 2.0))):
            cls.s3.put_object(Bucket="lake", Key=f"{name}/beers.csv", Body=text.encode())

    def test_a_baseline_is_made_and_other_data_is_held_against_it(self):
        baseline = {"SuppliedBaselineStatistics": {"Get": "Steps.First.CalculatedBaselineStatistics"},
                    "SuppliedBaselineConstraints": {"Get": "Steps.First.CalculatedBaselineConstraints"}}
        status, steps = self.run_steps(
            check("First", "DATA_QUALITY", "s3://lake/before", "s3://lake/first", SkipCheck=True, RegisterNewBaseline=True),
            check("Alike", "DATA_QUALITY", "s3://lake/alike", "s3://lake/second", **baseline),
            check("Moved", "DATA_QUALITY", "s3://lake/moved", "s3://lake/third", **baseline))
        self.assertEqual(status, "Failed")
        self.assertEqual({name: step["StepStatus"] for name, step in steps.items()},
                         {"First": "Succeeded", "Alike": "Succeeded", "Moved": "Failed"})
        made = steps["First"]["Metadata"]["QualityCheck"]
        self.assertEqual(made["BaselineUsedForDriftCheckConstraints"], "s3://lake/first/constraints.json")
        self.assertEqual([f["inferred_type"] for f in self.read(made["CalculatedBaselineStatistics"])["features"]],
                         ["Fractional", "String"])
        self.assertNotIn("ViolationReport", steps["Alike"]["Metadata"]["QualityCheck"])
        moved = steps["Moved"]["Metadata"]["QualityCheck"]
        [violation] = self.read(moved["ViolationReport"])["violations"]
        self.assertEqual((violation["feature_name"], violation["constraint_check_type"]), ("abv", "baseline_drift_check"))
        self.assertIn(moved["ViolationReport"], steps["Moved"]["FailureReason"])
        job = self.sagemaker.describe_processing_job(ProcessingJobName=moved["CheckJobArn"].rsplit("/", 1)[1])
        self.assertEqual(job["ExitMessage"], "CompletedWithViolations: Job completed successfully with 1 violations.")

    def test_a_regression_is_judged_by_thresholds(self):
        self.s3.put_object(Bucket="lake", Key="quality/p.csv",
                           Body="prediction,truth\n" + "".join(f"{i + 3 * (-1) ** i},{i}\n" for i in range(100)))
        self.s3.put_object(Bucket="lake", Key="limits/constraints.json", Body=json.dumps({"regression_constraints": {
            "mae": {"threshold": 2.5, "comparison_operator": "GreaterThanThreshold"}}}))
        status, steps = self.run_steps(check(
            "Judge", "MODEL_QUALITY", "s3://lake/quality", "s3://lake/judged",
            {"analysis_type": "MODEL_QUALITY", "problem_type": "Regression", "inference_attribute": "prediction",
             "ground_truth_attribute": "truth"},
            SuppliedBaselineConstraints="s3://lake/limits/constraints.json", FailOnViolation=False))
        self.assertEqual(status, "Succeeded", steps)
        made = steps["Judge"]["Metadata"]["QualityCheck"]
        metrics = self.read(made["CalculatedBaselineStatistics"])["regression_metrics"]
        self.assertAlmostEqual(metrics["mae"]["value"], 3)
        self.assertEqual(metrics["mae"]["standard_deviation"], "NaN")
        self.assertEqual(self.read(made["ViolationReport"])["violations"], [{
            "constraint_check_type": "GreaterThanThreshold", "description": "Metric mae with 3 was GreaterThanThreshold '2.5'",
            "metric_name": "mae"}])


if __name__ == "__main__":
    unittest.main()
