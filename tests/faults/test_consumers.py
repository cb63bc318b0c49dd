"""kill -9 under what reads the stream: a delivery that divides records by a jq query, a function by an event source mapping,
and consumers by SubscribeToShard. Each acknowledged record is

  in the object of its own partition, exactly once;
  seen by the function at least once, a shard's batches each the one before again or the one that follows: none skipped;
  seen by the consumer of its shard exactly once, in order, going on by sequence number where the connection broke.

As test_kill.py, with BEER_FAULT_RUNS (12) runs; one by hand:  python3 test_consumers.py SEED
"""
import collections
import contextlib
import os
import sys
import threading

import lake
import test_kill
from lake import beer, json
from test_kill import UNKNOWN, Putter, Seeded, differences
from wire import Refused, Wire

# Writes down what it is given before it answers, beside the data folder.
READER = """#!%s -IS
import base64, http.client, json, os
host = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
api = "/2018-06-01/runtime/invocation/"
seen = os.open(os.getcwd().split("/data/")[0] + "/seen", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
while True:
    host.request("GET", api + "next")
    asked = host.getresponse()
    records = json.load(asked)["Records"]
    batch = [[int(r["kinesis"]["sequenceNumber"]), json.loads(base64.b64decode(r["kinesis"]["data"]))["id"]] for r in records]
    os.write(seen, json.dumps([records[0]["eventID"].split(":")[0], batch]).encode() + b"\\n")
    host.request("POST", api + asked.headers["Lambda-Runtime-Aws-Request-Id"] + "/response", "{}")
    host.getresponse().read()
""" % sys.executable


def make_system(engine, shards):
    lake.client(engine, "s3").create_bucket(Bucket=lake.BUCKET)
    kinesis = lake.client(engine, "kinesis")
    kinesis.create_stream(StreamName="beers", ShardCount=shards)
    stream = kinesis.describe_stream_summary(StreamName="beers")["StreamDescriptionSummary"]["StreamARN"]
    kinesis.register_stream_consumer(StreamARN=stream, ConsumerName="follower")
    lake.make_function(engine, "reader", READER)
    lake.client(engine, "lambda").create_event_source_mapping(
        EventSourceArn=stream, FunctionName="reader", BatchSize=50, StartingPosition="TRIM_HORIZON")
    query = [{"ParameterName": n, "ParameterValue": v} for n, v in (
        ("MetadataExtractionQuery", "{kind: .kind, part: (.id % 3)}"), ("JsonParsingEngine", "JQ-1.6"))]
    lake.make_delivery(
        engine, "parts", "parts/!{partitionKeyFromQuery:kind}/!{partitionKeyFromQuery:part}/", stream, size=64,
        ErrorOutputPrefix="errors/", DynamicPartitioningConfiguration={"Enabled": True},
        ProcessingConfiguration={"Enabled": True, "Processors": [{"Type": "MetadataExtraction", "Parameters": query}]})


class Follower(threading.Thread):
    """A registered consumer of one shard: what it sees, as (sequence number, id)."""

    def __init__(self, engine, consumer, shard, leave):
        super().__init__(daemon=True)
        self.engine, self.consumer, self.shard, self.leave = engine, consumer, shard, leave
        self.seen, self.position, self.ended = [], {"Type": "TRIM_HORIZON"}, False

    def run(self):
        while not self.leave.is_set() and not self.ended:
            if self.engine.url is None:
                self.leave.wait(0.005)
                continue
            # boto3 has errors of many families for a connection that broke.
            with contextlib.suppress(Exception):
                self.follow(lake.client(self.engine, "kinesis"))
            self.leave.wait(0.01)

    def follow(self, kinesis):
        answer = kinesis.subscribe_to_shard(ConsumerARN=self.consumer, ShardId=self.shard, StartingPosition=self.position)
        for event in answer["EventStream"]:
            event = event["SubscribeToShardEvent"]
            self.seen += [(int(r["SequenceNumber"]), json.loads(r["Data"])["id"]) for r in event["Records"]]
            self.ended = bool(event.get("ChildShards"))
            if self.ended or self.leave.is_set():
                return
            self.position = {"Type": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": event["ContinuationSequenceNumber"]}


class Followers(threading.Thread):
    """One for each shard there is."""

    def __init__(self, engine):
        super().__init__()
        self.engine, self.leave, self.by_shard, self.consumer = engine, threading.Event(), {}, None
        self.over = threading.Event()

    def run(self):
        while not self.leave.wait(0.05):
            self.find()

    def find(self):
        url = self.engine.url
        if url is None:
            return
        with contextlib.suppress(Refused, *UNKNOWN):
            wire = Wire(url, self.engine.variables)
            if self.consumer is None:
                stream = wire.call("kinesis", "DescribeStreamSummary", StreamName="beers")["StreamDescriptionSummary"]["StreamARN"]
                self.consumer = wire.call("kinesis", "ListStreamConsumers", StreamARN=stream)["Consumers"][0]["ConsumerARN"]
            for shard in wire.call("kinesis", "ListShards", StreamName="beers")["Shards"]:
                if shard["ShardId"] not in self.by_shard:
                    follower = Follower(self.engine, self.consumer, shard["ShardId"], self.over)
                    self.by_shard[shard["ShardId"]] = follower
                    follower.start()


class Run(test_kill.Run):
    make_system = staticmethod(make_system)

    def putters(self):
        self.followers = Followers(self.engine)
        return [*(Putter(self.engine, n, self.seed, self.put) for n in range(3)), self.followers]

    def places(self):
        return {"parts": self.put.acknowledged["stream"]}

    def differences(self, found):
        known, sent = self.put.acknowledged["stream"], self.put.sent["stream"]
        wrong = differences("parts", found.count("parts"), known, sent) + self.misplaced(found)
        wrong += [f"error: {key}" for key in found.keys("errors/")]
        self.followers.find()
        stream = {shard: self.everything(shard) for shard in self.followers.by_shard}
        wrong += differences("the stream", collections.Counter(i for s in stream.values() for _, i in s), known, sent)
        return wrong + self.wrong_of_the_function(stream) + self.wrong_of_the_consumers(stream)

    def misplaced(self, found):
        wrong = []
        for key in found.keys("parts/"):
            _, kind, part, _ = key.split("/")
            rows = lake.rows_of("parts", found.s3.get_object(Bucket=lake.BUCKET, Key=key)["Body"].read())
            wrong += [f"{key}: {row}" for row in rows if (row["kind"], row["id"] % 3) != (kind, int(part))]
        return wrong

    def everything(self, shard):
        """A shard's records in their order."""
        wire, records = Wire(self.engine.url, self.engine.variables), []
        at = wire.call("kinesis", "GetShardIterator", StreamName="beers", ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
        while at:
            try:
                answer = wire.call("kinesis", "GetRecords", ShardIterator=at)
            except Refused as refused:
                if "Exceeded" not in str(refused):
                    raise
                continue
            records += [(int(r["SequenceNumber"]), json.loads(lake.base64.b64decode(r["Data"]))["id"]) for r in answer["Records"]]
            at = answer.get("NextShardIterator")
            if not answer["Records"] and not answer["MillisBehindLatest"]:
                break
        return records

    def batches(self):
        """What the function was given: by shard, lists of (sequence number, id)."""
        given = collections.defaultdict(list)
        with contextlib.suppress(FileNotFoundError), open(os.path.join(self.folder, "seen")) as file:
            for line in file:
                if line.endswith("]\n"):  # else it was killed in the midst of the line
                    shard, batch = json.loads(line)
                    given[shard].append([tuple(record) for record in batch])
        return given

    def wrong_of_the_function(self, stream):
        def complete():
            seen = {i for batches in self.batches().values() for batch in batches for _, i in batch}
            return seen >= {i for records in stream.values() for _, i in records}

        wrong = []
        with contextlib.suppress(AssertionError):
            beer.eventually(complete, "the function to see everything", self.patience)
        for shard, batches in self.batches().items():
            place, first, end = {record: n for n, record in enumerate(stream[shard])}, 0, 0
            for batch in batches:
                at = [place.get(record) for record in batch]
                if at != list(range(at[0], at[0] + len(at))):
                    wrong.append(f"function: {shard}: not a piece of the shard: {batch[:3]}")
                if at[0] not in (first, end):
                    wrong.append(f"function: {shard}: from {first} to {end}, then from {at[0]}")
                first, end = at[0], at[0] + len(at)
            if end != len(stream[shard]):
                wrong.append(f"function: {shard}: {end} of {len(stream[shard])}")
        return wrong

    def wrong_of_the_consumers(self, stream):
        followers = self.followers.by_shard
        with contextlib.suppress(AssertionError):
            beer.eventually(lambda: all(len(followers[s].seen) >= len(stream[s]) for s in stream), "the consumers to see everything", self.patience)
        self.followers.over.set()
        return [f"consumer: {shard}: {len(followers[shard].seen)} of {len(records)}, or out of order"
                for shard, records in stream.items() if followers[shard].seen != records]


class Consumers(Seeded):
    def test_each_record_is_seen(self):
        self.all_of(Run, 12)


if __name__ == "__main__":
    test_kill.main(Run)
