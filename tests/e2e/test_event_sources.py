"""Lambda's event source mappings from Kinesis and asynchronous destinations, as boto3 uses them."""
import base64
import collections
import json
import os
import socket
import threading
import unittest

from botocore.exceptions import BotoCoreError, ClientError

import beer
from beer import eventually
from test_functions_and_rules import ROLE, package


class Source(unittest.TestCase):
    """An engine, a stream `beers`, and a function `reader` that notes each event it is given."""

    def engine(self, *arguments, shards=2):
        engine = beer.Engine("--no-deploy", *arguments, roles=(ROLE,))
        engine.__enter__()
        self.addCleanup(engine.__exit__)
        self.received = os.path.join(engine.folder, "received")
        engine.client("kinesis").create_stream(StreamName="beers", ShardCount=shards)
        self.stream = engine.client("kinesis").describe_stream_summary(StreamName="beers")["StreamDescriptionSummary"]["StreamARN"]
        self.function(engine, "reader")
        return engine

    def function(self, engine, name):
        lambda_ = engine.client("lambda")
        lambda_.create_function(FunctionName=name, Role=ROLE, Runtime="provided.al2023", Handler="bootstrap", Timeout=60,
                                Code={"ZipFile": package()}, Environment={"Variables": {"RECEIVED": self.received}})
        lambda_.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 5})

    def events(self):
        if not os.path.exists(self.received):
            return []
        with open(self.received) as lines:  # the last may still be on its way
            return [json.loads(line) for line in lines if line.endswith("\n")]

    def records(self):
        """Each record the function was told of, in the order it was: (shard, sequence number, data)."""
        return [(*record["eventID"].split(":"), base64.b64decode(record["kinesis"]["data"]).decode())
                for event in self.events() for record in event.get("Records", [])]

    def enabled(self, lambda_, uuid):
        eventually(lambda: lambda_.get_event_source_mapping(UUID=uuid)["State"] == "Enabled", "the mapping is enabled")


class Mappings(Source):
    def test_the_life_of_a_mapping(self):
        engine = self.engine()
        lambda_, kinesis = engine.client("lambda"), engine.client("kinesis")
        made = lambda_.create_event_source_mapping(EventSourceArn=self.stream, FunctionName="reader", BatchSize=10,
                                                   StartingPosition="TRIM_HORIZON", Tags={"team": "beer"})
        self.assertEqual((made["State"], made["ResponseMetadata"]["HTTPStatusCode"]), ("Creating", 202))
        uuid = made["UUID"]
        self.enabled(lambda_, uuid)
        self.assertEqual(lambda_.list_tags(Resource=made["EventSourceMappingArn"])["Tags"], {"team": "beer"})
        put = kinesis.put_record(StreamName="beers", PartitionKey="k", Data=b"IPA")
        eventually(lambda: self.records() == [(put["ShardId"], put["SequenceNumber"], "IPA")], "the record is seen")
        eventually(lambda: lambda_.get_event_source_mapping(UUID=uuid)["LastProcessingResult"] == "OK", "it went well")

        self.assertEqual(lambda_.update_event_source_mapping(UUID=uuid, Enabled=False)["State"], "Disabling")
        eventually(lambda: lambda_.get_event_source_mapping(UUID=uuid)["State"] == "Disabled", "the mapping is disabled")
        kinesis.put_record(StreamName="beers", PartitionKey="k", Data=b"Bock")
        lambda_.update_event_source_mapping(UUID=uuid, Enabled=True, BatchSize=20)
        self.enabled(lambda_, uuid)
        eventually(lambda: [data for _, _, data in self.records()] == ["IPA", "Bock"], "the mapping goes on where it was")

        found = lambda_.list_event_source_mappings(FunctionName="reader", EventSourceArn=self.stream)["EventSourceMappings"]
        self.assertEqual([(m["UUID"], m["BatchSize"]) for m in found], [(uuid, 20)])
        with self.assertRaises(lambda_.exceptions.ResourceConflictException):
            lambda_.create_event_source_mapping(EventSourceArn=self.stream, FunctionName="reader", StartingPosition="LATEST")
        with self.assertRaises(lambda_.exceptions.InvalidParameterValueException):
            lambda_.create_event_source_mapping(EventSourceArn="arn:aws:sqs:us-east-1:123456789012:q", FunctionName="reader")
        self.assertEqual(lambda_.delete_event_source_mapping(UUID=uuid)["State"], "Deleting")
        eventually(lambda: not lambda_.list_event_source_mappings()["EventSourceMappings"], "the mapping is gone")
        with self.assertRaises(lambda_.exceptions.ResourceNotFoundException):
            lambda_.get_event_source_mapping(UUID=uuid)

    def test_a_bad_record_is_split_off_and_lies_in_the_bucket(self):
        engine = self.engine("--speed", "60", shards=1)
        lambda_, kinesis, s3 = engine.client("lambda"), engine.client("kinesis"), engine.client("s3")
        s3.create_bucket(Bucket="failed")
        kinesis.put_records(StreamName="beers", Records=[
            {"PartitionKey": "k", "Data": data} for data in ("a", "b", "bad", "d")])
        uuid = lambda_.create_event_source_mapping(
            EventSourceArn=self.stream, FunctionName="reader", StartingPosition="TRIM_HORIZON", MaximumRetryAttempts=1,
            BisectBatchOnFunctionError=True, DestinationConfig={"OnFailure": {"Destination": "arn:aws:s3:::failed"}})["UUID"]
        eventually(lambda: "d" in [e["Records"][0] and base64.b64decode(e["Records"][0]["kinesis"]["data"]).decode()
                                   for e in self.events()], "what is behind the bad record is seen")
        keys = [o["Key"] for o in s3.list_objects_v2(Bucket="failed")["Contents"]]
        self.assertEqual(len(keys), 1)
        self.assertTrue(keys[0].startswith(f"aws/lambda/{uuid}/shardId-000000000000/"), keys)
        told = json.loads(s3.get_object(Bucket="failed", Key=keys[0])["Body"].read())
        self.assertEqual(told["requestContext"]["condition"], "RetryAttemptsExhausted")
        self.assertEqual(told["KinesisBatchInfo"]["batchSize"], 1)
        data = json.loads(told["payload"])["Records"][0]["kinesis"]["data"]
        self.assertEqual(base64.b64decode(data), b"bad")

    def test_nothing_is_lost_or_out_of_order_over_kill_9(self):
        engine = self.engine(shards=3)
        lambda_ = engine.client("lambda")
        uuid = lambda_.create_event_source_mapping(EventSourceArn=self.stream, FunctionName="reader", BatchSize=7,
                                                   StartingPosition="TRIM_HORIZON", ParallelizationFactor=2)["UUID"]
        acknowledged, number = {}, iter(range(1_000_000))  # (shard, sequence number) → (key, data)

        def feed(kinesis, rounds):
            for _ in range(rounds):
                sent = [(f"key-{n % 11}", f"beer {n}") for n in (next(number) for _ in range(20))]
                try:
                    answer = kinesis.put_records(StreamName="beers", Records=[
                        {"PartitionKey": key, "Data": data} for key, data in sent])
                except (BotoCoreError, ClientError):
                    return
                for one, placed in zip(sent, answer["Records"]):
                    acknowledged[placed["ShardId"], placed["SequenceNumber"]] = one

        for _ in range(3):
            seen = len(self.records())
            feeder = threading.Thread(target=feed, args=(engine.client("kinesis"), 1000))
            feeder.start()
            eventually(lambda: len(self.records()) > seen + 60, "the function is at work")
            engine.kill()
            feeder.join()
            engine.start("--no-deploy")
        kinesis = engine.client("kinesis")
        kinesis.update_shard_count(StreamName="beers", TargetShardCount=6, ScalingType="UNIFORM_SCALING")
        eventually(lambda: kinesis.describe_stream_summary(StreamName="beers")["StreamDescriptionSummary"]["StreamStatus"] == "ACTIVE", "resharded")
        feed(kinesis, 10)
        self.enabled(engine.client("lambda"), uuid)
        eventually(lambda: acknowledged.keys() <= {(shard, place) for shard, place, _ in self.records()},
                   "every acknowledged record is seen")

        first_seen = collections.OrderedDict()
        for shard, place, data in self.records():
            self.assertEqual(first_seen.setdefault((shard, place), data), data)
        for place, (_, data) in acknowledged.items():
            self.assertEqual(first_seen[place], data)
        # The numbers in the data grow with time: each key's records come in that order, over all shards.
        keys = collections.defaultdict(list)
        for data in first_seen.values():
            n = int(data.split()[1])
            keys[f"key-{n % 11}"].append(n)
        for key, numbers in keys.items():
            self.assertEqual(numbers, sorted(numbers), key)

    def test_an_engine_whose_port_is_taken_ends_though_records_wait(self):
        engine = self.engine(shards=1)
        engine.client("lambda").create_event_source_mapping(EventSourceArn=self.stream, FunctionName="reader",
                                                            StartingPosition="TRIM_HORIZON")
        engine.client("kinesis").put_record(StreamName="beers", PartitionKey="k", Data=b"bad")
        eventually(lambda: self.records(), "the record is seen, and will be again")
        engine.kill()
        with socket.create_server(("127.0.0.1", 0)) as taken:
            ended = beer.run("up", "--no-deploy", "--data", engine.data, "--listen", f"127.0.0.1:{taken.getsockname()[1]}", timeout=60)
        self.assertNotEqual(ended.returncode, 0)
        self.assertIn("in use", ended.stderr)
        engine.start("--no-deploy")
        seen = len(self.records())
        eventually(lambda: len(self.records()) > seen, "the record is seen again")


class Destinations(Source):
    def test_results_go_to_functions_rules_and_buckets(self):
        engine = self.engine("--speed", "60", shards=1)
        lambda_, s3, events = engine.client("lambda"), engine.client("s3"), engine.client("events")
        s3.create_bucket(Bucket="failed")
        lambda_.create_function(FunctionName="worker", Role=ROLE, Runtime="provided.al2023", Handler="bootstrap", Timeout=60,
                                Code={"ZipFile": package()})
        reader = lambda_.get_function(FunctionName="reader")["Configuration"]["FunctionArn"]
        worker = reader.replace(":reader", ":worker")
        for queue in ("arn:aws:sqs:us-east-1:123456789012:q", "arn:aws:sns:us-east-1:123456789012:t"):
            with self.assertRaises(lambda_.exceptions.InvalidParameterValueException):
                lambda_.put_function_event_invoke_config(
                    FunctionName="worker", DestinationConfig={"OnFailure": {"Destination": queue}})
            with self.assertRaises(lambda_.exceptions.InvalidParameterValueException):
                lambda_.update_function_configuration(FunctionName="worker", DeadLetterConfig={"TargetArn": queue})

        lambda_.put_function_event_invoke_config(FunctionName="worker", MaximumRetryAttempts=2, DestinationConfig={
            "OnSuccess": {"Destination": reader}, "OnFailure": {"Destination": "arn:aws:s3:::failed"}})
        lambda_.invoke(FunctionName="worker", InvocationType="Event", Payload=json.dumps({"beer": "IPA"}))
        eventually(lambda: self.events(), "the reader is told of the success")
        told = self.events()[0]
        self.assertEqual((told["requestContext"]["condition"], told["requestContext"]["functionArn"],
                          told["requestPayload"], told["responsePayload"]),
                         ("Success", worker + ":$LATEST", {"beer": "IPA"}, {"beer": "IPA"}))

        lambda_.invoke(FunctionName="worker", InvocationType="Event", Payload=json.dumps({"mode": "fail"}))
        found = eventually(lambda: s3.list_objects_v2(Bucket="failed").get("Contents"), "the bucket holds the failure")
        told = json.loads(s3.get_object(Bucket="failed", Key=found[0]["Key"])["Body"].read())
        self.assertEqual((told["requestContext"]["condition"], told["requestContext"]["approximateInvokeCount"],
                          told["responseContext"]["functionError"], told["responsePayload"]["errorType"]),
                         ("RetriesExhausted", 3, "Unhandled", "FlatBeer"))

        events.put_rule(Name="failures", EventPattern=json.dumps({
            "source": ["lambda"], "detail-type": ["Lambda Function Invocation Result - Failure"]}))
        engine.let_rules_call("reader", "failures")
        events.put_targets(Rule="failures", Targets=[{"Id": "reader", "Arn": reader}])
        lambda_.put_function_event_invoke_config(FunctionName="worker", MaximumRetryAttempts=0, DestinationConfig={
            "OnFailure": {"Destination": "arn:aws:events:us-east-1:123456789012:event-bus/default"}})
        lambda_.invoke(FunctionName="worker", InvocationType="Event", Payload=json.dumps({"mode": "crash"}))
        eventually(lambda: len(self.events()) > 1, "the rule tells the reader")
        event = self.events()[1]
        self.assertEqual((event["source"], event["detail"]["requestContext"]["condition"],
                          event["detail"]["responsePayload"]["errorType"]),
                         ("lambda", "RetriesExhausted", "Runtime.ExitError"))


if __name__ == "__main__":
    unittest.main()
