"""The gate by the `beer` command: a new model against the approved one, and the sentence that says why, both ways."""
import json
import unittest

import beer
from beer import eventually

REFUSED = 3
WORSE = ("--set", "FeatureSet=mission", "--set", "NumRound=1", "--set", "MetricThreshold=100")


class Gate(unittest.TestCase):
    def beer(self, *arguments, code=0):
        done = self.engine.beer(*arguments)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout

    def gate(self, *arguments, code=0):
        return next(line for line in self.beer("train", *arguments, code=code).splitlines() if line.startswith("gate "))

    def last_steps(self):
        sagemaker = self.engine.client("sagemaker")
        name = "mlops-beer"
        arn = sagemaker.list_pipeline_executions(PipelineName=name, SortBy="CreationTime", SortOrder="Descending")[
            "PipelineExecutionSummaries"][0]["PipelineExecutionArn"]
        return {step["StepName"]: step for step in sagemaker.list_pipeline_execution_steps(
            PipelineExecutionArn=arn)["PipelineExecutionSteps"]}

    def crowned(self):
        """What the rule that trains by the clock would tell the pipeline."""
        events = self.engine.client("events")
        [target] = events.list_targets_by_rule(Rule="mlops-beer-retraining")["Targets"]
        return {one["Name"]: one["Value"] for one in target.get(
            "SageMakerPipelineParameters", {}).get("PipelineParameterList", [])}

    def test_a_model_has_to_stand_up_to_the_approved_one(self):
        with beer.Engine("--speed", "300") as self.engine:
            sagemaker = self.engine.client("sagemaker")
            self.beer("ingest", "--beers", "300", "--source", "simulated")
            count = lambda: json.loads(self.engine.beer(
                "query", "--json", "SELECT count(distinct id) AS n FROM cleaned").stdout or "[]")
            eventually(lambda: (count() or [{"n": 0}])[0]["n"] >= 200, "200 beers in Athena", 90)

            # Nobody to compare with: a poor model passes a lax threshold, and becomes the champion.
            self.assertRegex(self.gate(*WORSE), r"^gate passed: MAE [\d.]+ is at most 100; no champion is approved yet")
            self.assertEqual(self.crowned(), {})
            self.beer("approve")
            self.assertEqual(self.crowned()["ChampionVersion"], "1")

            # A better one passes, and the execution, the job and the registry say so.
            sentence = self.gate().removeprefix("gate passed: ")
            self.assertRegex(sentence, r"^MAE [\d.]+ is at most 15 and is [\d.]+ lower than champion version 1's \(95 % interval "
                                       r"-[\d.]+ to -?[\d.]+, tolerated to 1\) on \d+ beers neither has learnt from\.$")
            steps = self.last_steps()
            job = sagemaker.describe_processing_job(
                ProcessingJobName=steps["Evaluate"]["Metadata"]["ProcessingJob"]["Arn"].rsplit("/", 1)[1])
            self.assertEqual(job["ExitMessage"], sentence)
            package = sagemaker.describe_model_package(ModelPackageName=steps["Register"]["Metadata"]["RegisterModel"]["Arn"])
            self.assertEqual(package["ModelPackageDescription"], sentence)
            judged = package["CustomerMetadataProperties"]
            self.assertNotEqual(judged["judged_model"], package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"])
            self.assertRegex(judged["judged_model_sha256"], "^[0-9a-f]{64}$")
            self.beer("approve")
            self.assertEqual(self.crowned()["ChampionModel"], judged["judged_model"])

            # A worse one is refused with the sentence, wherever one looks.
            sentence = self.gate(*WORSE, code=REFUSED).removeprefix("gate refused: ")
            self.assertRegex(sentence, r"^MAE [\d.]+ is [\d.]+ higher than champion version 2's \(95 % interval [\d.]+ to ")
            reject = self.last_steps()["Reject"]
            self.assertTrue(reject["FailureReason"].endswith(sentence), reject)
            self.assertEqual(reject["Metadata"]["Fail"]["ErrorMessage"], reject["FailureReason"])
            self.assertEqual(len(self.beer("models").splitlines()), 4, "two versions")


if __name__ == "__main__":
    unittest.main()
