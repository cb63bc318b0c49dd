"""Drift: `beer drift` on demand, and a change of taste that is noticed and answered by a new model without a hand."""
import json
import shutil
import unittest

import beer


class Drift(unittest.TestCase):
    def test_a_change_of_taste_is_noticed_and_ends_in_a_new_version(self):
        with beer.Engine() as engine:
            self.check_nothing_to_watch(engine)
            engine.kill()
            shutil.rmtree(engine.data)
            done = beer.run("run", "--drift", "--json", "--data", engine.data, timeout=120)
            self.assertEqual(done.returncode, 0, done.stderr)
            drift = json.loads(done.stdout)["drift"]
            self.assertLessEqual(drift["noticed_after_beers"], 300)
            self.assertGreaterEqual(drift["drifted_features"], 3)
            self.assertIn("year", drift["features"])
            self.assertGreater(drift["error_at_training"], 0)
            self.assertGreater(drift["error_on_new_beers"], 0)
            self.assertTrue(drift["gate"]["passed"])
            self.assertEqual(drift["version"], 2)
            engine.start("--no-deploy")
            self.check_what_is_left(engine)

    def check_nothing_to_watch(self, engine):
        done = engine.beer("drift")
        self.assertEqual(done.returncode, 1)
        self.assertIn("no model is approved", done.stderr)
        self.assertEqual(engine.client("events").describe_rule(Name="mlops-beer-watching")["State"], "DISABLED")
        done = beer.run("run", "--drift", "--source", "http://127.0.0.1:1/v2")
        self.assertEqual(done.returncode, 2, done.stderr)

    def check_what_is_left(self, engine):
        alarm = engine.client("cloudwatch").describe_alarms(AlarmNames=["mlops-beer-drift"])["MetricAlarms"][0]
        self.assertEqual(alarm["StateValue"], "ALARM", "no data is no other state")
        metrics = engine.client("cloudwatch").list_metrics(Namespace="/aws/sagemaker/mlops-beer")["Metrics"]
        self.assertLessEqual({"Breached", "DriftedFeatures", "LargestPsi", "PredictionPsi", "MeanAbsoluteError",
                              "MeanAbsoluteErrorAtTraining", "BeersLookedAt"}, {m["MetricName"] for m in metrics})
        self.assertEqual(metrics[0]["Dimensions"], [{"Name": "ModelPackageGroup", "Value": "beer-ibu"}])
        executions = engine.client("sagemaker").list_pipeline_executions(PipelineName="mlops-beer")["PipelineExecutionSummaries"]
        self.assertEqual(len(executions), 2, "the alarm starts one training, not one a look")

        done = engine.beer("drift")
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"year +\d+\.\d+ .*DRIFTED")
        found = json.loads(engine.beer("drift", "--json").stdout)
        self.assertEqual((found["model"], found["breached"]), ("1", True))
        every = engine.beer("drift", "--all").stdout.splitlines()
        self.assertGreater(len(every), len(done.stdout.splitlines()) + 30)
        self.assertTrue(any("mash_minutes" in line and line.endswith("ok") for line in every))

        # The new model knows the new taste, and nothing has come since.
        engine.beer("approve", "2")
        done = engine.beer("drift")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("fewest that tell", done.stdout)
        rule = engine.client("events").list_targets_by_rule(Rule="mlops-beer-watching")["Targets"][0]
        told = {p["Name"]: p["Value"] for p in rule["SageMakerPipelineParameters"]["PipelineParameterList"]}
        self.assertEqual(told["ModelVersion"], "2")


if __name__ == "__main__":
    unittest.main()
