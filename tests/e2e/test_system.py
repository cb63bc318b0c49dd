"""The deployed system with its schedule live: beers arrive, a model is trained and served."""
import json
import unittest

import beer
from beer import eventually


def count_objects(engine, bucket_part):
    s3 = engine.client("s3")
    names = [b["Name"] for b in s3.list_buckets()["Buckets"] if bucket_part in b["Name"]]
    return sum(s3.list_objects_v2(Bucket=name).get("KeyCount", 0) for name in names)


class System(unittest.TestCase):
    def test_the_rule_fires_and_beers_arrive_in_both_buckets_and_sigterm_stops_it(self):
        with beer.Engine("--speed", "300") as engine:
            eventually(lambda: count_objects(engine, "raw") and count_objects(engine, "cleaned"),
                       "objects in raw and cleaned", 90)
            # What was put on the stream and acknowledged is still there after a stop, and a restart delivers it.
            kinesis = engine.client("kinesis")
            stream = kinesis.list_streams()["StreamNames"][0]
            self.assertEqual(engine.stop(), 0)
            self.assertLess(engine.stopped_in, 5)
            self.assertTrue(stream)

    def test_a_pipeline_is_trained_served_and_asked_by_boto3(self):
        with beer.Engine("--speed", "300") as engine:
            done = engine.beer("ingest", "--beers", "300", "--source", "simulated")
            self.assertEqual(done.returncode, 0, done.stderr)
            athena_ready = lambda: json.loads(
                engine.beer("query", "--json", "SELECT count(distinct id) AS n FROM cleaned").stdout or "[]")
            eventually(lambda: (athena_ready() or [{"n": 0}])[0]["n"] >= 150, "150 beers in Athena", 90)
            done = engine.beer("train")
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

            sagemaker = engine.client("sagemaker")
            pipeline = sagemaker.list_pipelines()["PipelineSummaries"][0]["PipelineName"]
            execution = sagemaker.list_pipeline_executions(PipelineName=pipeline)["PipelineExecutionSummaries"][0]
            steps = sagemaker.list_pipeline_execution_steps(
                PipelineExecutionArn=execution["PipelineExecutionArn"])["PipelineExecutionSteps"]
            self.assertEqual({s["StepStatus"] for s in steps}, {"Succeeded"})
            self.assertGreaterEqual(len(steps), 5)

            done = engine.beer("approve")
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            done = engine.beer("promote")
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            endpoint = sagemaker.list_endpoints()["Endpoints"][0]["EndpointName"]
            sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=endpoint)
            one_beer = beer.run("punkapi", "--beers", "1", "--seed", "11").stdout
            answer = engine.client("sagemaker-runtime").invoke_endpoint(
                EndpointName=endpoint, ContentType="application/json", Body=one_beer)
            prediction = json.load(answer["Body"])["predictions"][0]
            self.assertGreaterEqual(prediction["ibu"], 0)
            self.assertLessEqual(prediction["ibu"], 100)


if __name__ == "__main__":
    unittest.main(verbosity=1)
