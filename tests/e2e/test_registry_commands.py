"""The registry by the `beer` command: who made a model from what, what served when, and whether it can be made again."""
import json
import os
import re
import tempfile
import unittest
from xml.etree import ElementTree

import beer
from beer import eventually


class RegistryCommands(unittest.TestCase):
    def beer(self, *arguments, code=0):
        done = self.engine.beer(*arguments)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout

    def train(self):
        self.beer("train")
        self.beer("approve")

    def check_report(self, sagemaker, execution):
        """The version's page is well-formed, and its numbers are those of evaluation.json."""
        group = sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"][0]["ModelPackageGroupName"]
        arn = sagemaker.list_model_packages(ModelPackageGroupName=group)["ModelPackageSummaryList"][0]["ModelPackageArn"]
        linked = sagemaker.describe_model_package(ModelPackageName=arn)["CustomerMetadataProperties"]["report"]
        bucket, key = linked.removeprefix("s3://").split("/", 1)
        s3 = self.engine.client("s3")
        page = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        with tempfile.TemporaryDirectory() as folder:
            for which in ("1", execution):
                path = os.path.join(folder, f"{which}.html")
                self.assertEqual(self.beer("report", which, "-o", path).strip(), path)
                with open(path, "rb") as file:
                    self.assertEqual(file.read(), page)
        self.assertIn("the execution didn't get as far", self.engine.beer("report", "arn:x/none").stderr)
        numbers = set()

        def collect(value):
            if isinstance(value, dict):
                value = list(value.values())
            if isinstance(value, list):
                for one in value:
                    collect(one)
            elif isinstance(value, (int, float)):
                numbers.add(float(value))

        collect(json.loads(s3.get_object(Bucket=bucket, Key=key.replace("report.html", "evaluation.json"))["Body"].read()))
        told = [float(one.get("value")) for one in ElementTree.fromstring(page.decode()).iter("data")]
        self.assertGreater(len(told), 100)
        self.assertEqual(set(told) - numbers, set())

    def test_versions_are_served_rolled_back_and_verified(self):
        with beer.Engine("--speed", "300") as self.engine:
            self.beer("ingest", "--beers", "300", "--source", "simulated")
            count = lambda: json.loads(self.engine.beer(
                "query", "--json", "SELECT count(distinct id) AS n FROM cleaned").stdout or "[]")
            eventually(lambda: (count() or [{"n": 0}])[0]["n"] >= 150, "150 beers in Athena", 90)
            self.train()
            self.beer("promote")
            sagemaker = self.engine.client("sagemaker")

            row = self.beer("models").splitlines()[-1]
            execution = sagemaker.list_pipeline_executions(
                PipelineName="mlops-beer"
            )["PipelineExecutionSummaries"][0]["PipelineExecutionArn"]
            self.assertIn(execution.rsplit("/", 1)[1], row)
            self.assertRegex(row, r"\b[0-9a-f]{8}\b.*yes")

            self.check_report(sagemaker, execution.rsplit("/", 1)[1])
            out = self.beer("verify", "1")
            self.assertIn("version 1 is reproducible", out)
            digests = re.findall(r"^(?:registered|again) +([0-9a-f]{64})", out, re.M)
            self.assertEqual(len(set(digests)), 1)

            # Two more versions of the same container, as a pipeline would register them.
            first = sagemaker.describe_model_package(ModelPackageName=sagemaker.list_model_packages(
                ModelPackageGroupName=sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"][0]["ModelPackageGroupName"]
            )["ModelPackageSummaryList"][0]["ModelPackageArn"])
            for _ in range(2):
                sagemaker.create_model_package(
                    ModelPackageGroupName=first["ModelPackageGroupName"], ModelApprovalStatus="Approved",
                    InferenceSpecification=first["InferenceSpecification"])
            self.beer("promote", "3")
            self.beer("promote", "2")
            self.assertIn("serves version 3 again, instead of 2", self.beer("rollback"))
            self.assertIn("serves version 1 again, instead of 3", self.beer("rollback"))
            self.assertEqual(self.engine.beer("rollback").returncode, 1)
            lines = [line.split() for line in self.beer("models", "--history").splitlines()[2:]]
            self.assertEqual([(line[1], line[2]) for line in lines],
                             [("promote", "1"), ("promote", "3"), ("promote", "2"), ("rollback", "3"), ("rollback", "1")])
            self.assertTrue(all(line[-1].startswith("arn:aws:") for line in lines))


if __name__ == "__main__":
    unittest.main()
