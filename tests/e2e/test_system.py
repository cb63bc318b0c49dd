"""The deployed system with its schedule live: beers arrive, a model is trained and served."""
import gzip
import json
import unittest
import urllib.request

import beer
from beer import eventually


def count_objects(engine, bucket_part):
    s3 = engine.client("s3")
    names = [b["Name"] for b in s3.list_buckets()["Buckets"] if bucket_part in b["Name"]]
    return sum(s3.list_objects_v2(Bucket=name).get("KeyCount", 0) for name in names)


def records_on_stream(engine):
    """Every record's sequence number and data, read from the beginning."""
    kinesis = engine.client("kinesis")
    stream = kinesis.list_streams()["StreamNames"][0]
    found = {}
    for shard in kinesis.list_shards(StreamName=stream)["Shards"]:
        place = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard["ShardId"],
                                           ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
        while True:
            page = kinesis.get_records(ShardIterator=place)
            if not page["Records"]:
                break
            found.update({r["SequenceNumber"]: r["Data"] for r in page["Records"]})
            place = page["NextShardIterator"]
    return found


def lines_in_raw(engine):
    s3 = engine.client("s3")
    bucket = next(b["Name"] for b in s3.list_buckets()["Buckets"] if "raw" in b["Name"])
    lines = []
    for item in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
        lines += gzip.decompress(s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()).splitlines(True)
    return lines


class System(unittest.TestCase):
    def test_the_rule_fires_and_beers_arrive_and_a_stop_loses_nothing(self):
        with beer.Engine("--speed", "300") as engine:
            eventually(lambda: count_objects(engine, "raw") and count_objects(engine, "cleaned"),
                       "objects in raw and cleaned", 90)
            self.assertEqual(engine.stop(), 0)
            self.assertLess(engine.stopped_in, 5)
            # Whatever had been acknowledged and not yet delivered is delivered after the restart, once.
            engine.start("--speed", "300", "--no-deploy")
            engine.client("events").disable_rule(Name=engine.client("events").list_rules()["Rules"][0]["Name"])
            on_stream = eventually(lambda: self.settled(engine), "the stream and the raw bucket to agree", 60)
            self.assertGreater(len(on_stream), 0)

    def settled(self, engine):
        on_stream = sorted(records_on_stream(engine).values())
        return on_stream if sorted(lines_in_raw(engine)) == on_stream else None

    def test_a_killed_engine_loses_nothing_and_doubles_nothing(self):
        with beer.Engine("--speed", "60") as engine:
            sent = []
            kinesis = engine.client("kinesis")
            stream = kinesis.list_streams()["StreamNames"][0]
            engine.client("events").disable_rule(Name=engine.client("events").list_rules()["Rules"][0]["Name"])
            beers = beer.run("punkapi", "--beers", "120", "--seed", "5").stdout.splitlines(True)
            for round_of in range(4):
                chunk = [line.encode() for line in beers[round_of * 30:round_of * 30 + 30]]
                answer = kinesis.put_records(StreamName=stream, Records=[
                    {"Data": data, "PartitionKey": str(n)} for n, data in enumerate(chunk)])
                self.assertEqual(answer["FailedRecordCount"], 0)
                sent += chunk
                engine.kill()
                engine.start("--speed", "60", "--no-deploy")
                kinesis = engine.client("kinesis")
            eventually(lambda: sorted(lines_in_raw(engine)) == sorted(sent), "what was acknowledged, exactly once", 90)

    def test_reset_empties_the_engine_when_it_was_allowed(self):
        import botocore.auth
        import botocore.awsrequest
        import botocore.credentials
        with beer.Engine("--allow-reset", "--no-deploy") as engine:
            engine.client("s3").create_bucket(Bucket="gone")
            request = botocore.awsrequest.AWSRequest("POST", engine.url + "/_engine/reset", data=b"")
            keys = botocore.credentials.Credentials(engine.variables["AWS_ACCESS_KEY_ID"],
                                                    engine.variables["AWS_SECRET_ACCESS_KEY"])
            botocore.auth.SigV4Auth(keys, "engine", "us-east-1").add_auth(request)
            answer = urllib.request.urlopen(urllib.request.Request(
                request.url, data=b"", headers=dict(request.headers), method="POST"))
            self.assertEqual(json.load(answer), {"status": "reset"})
            self.assertEqual(engine.client("s3").list_buckets()["Buckets"], [])
            engine.client("s3").create_bucket(Bucket="gone")

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
            pipeline = "mlops-beer"
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
            self.check_destroy(engine, sagemaker)

    def check_destroy(self, engine, sagemaker):
        """First what the runs made, then the system; nothing of either stays, old versions of models included."""
        done = engine.beer("destroy", "--only-models")
        self.assertEqual(done.returncode, 0, done.stderr)
        for operation, result in (("list_endpoints", "Endpoints"), ("list_endpoint_configs", "EndpointConfigs"),
                                  ("list_models", "Models")):
            self.assertEqual(getattr(sagemaker, operation)()[result], [])
        [group] = sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"]
        packages = sagemaker.list_model_packages(ModelPackageGroupName=group["ModelPackageGroupName"])
        self.assertEqual(packages["ModelPackageSummaryList"], [])
        self.assertEqual(len(sagemaker.list_pipelines()["PipelineSummaries"]), 2)
        models = next(b["Name"] for b in engine.client("s3").list_buckets()["Buckets"] if "models" in b["Name"])
        kept = engine.client("s3").list_objects_v2(Bucket=models)
        self.assertGreater(kept["KeyCount"], 0)
        engine.client("s3").delete_object(Bucket=models, Key=kept["Contents"][0]["Key"])  # leaves a mark and a version

        done = engine.beer("destroy")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"kept     bucket {models}", done.stdout)
        done = engine.beer("destroy", "--with-data")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(engine.client("s3").list_buckets()["Buckets"], [])
        self.assertEqual(engine.client("cloudwatch").describe_alarms()["MetricAlarms"], [])
        self.assertEqual(engine.client("events").list_rules()["Rules"], [])


if __name__ == "__main__":
    unittest.main(verbosity=1)
