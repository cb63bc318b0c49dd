"""Kinesis as its real clients meet it: what a shard takes and gives in a second, and enhanced fan-out."""
import threading
import time
import unittest

import beer
from botocore.exceptions import ClientError


def records(count, size=10):
    return [{"Data": b"x" * size, "PartitionKey": str(n)} for n in range(count)]


class Limits(unittest.TestCase):
    """On a clock as fast as ours."""

    @classmethod
    def setUpClass(cls):
        cls.engine = beer.Engine().__enter__()
        cls.addClassCleanup(cls.engine.__exit__)
        cls.kinesis = cls.engine.client("kinesis")

    def make(self, name, **options):
        self.kinesis.create_stream(StreamName=name, **(options or {"ShardCount": 1}))

    def test_a_shard_takes_a_mebibyte_and_says_which_records_it_did_not(self):
        self.make("bytes")
        answer = self.kinesis.put_records(StreamName="bytes", Records=records(40, 50_000))
        failed = [r for r in answer["Records"] if "ErrorCode" in r]
        self.assertEqual(answer["FailedRecordCount"], len(failed))
        self.assertEqual(len(failed), 20)  # 20 of 50,000 bytes and their keys in 1,048,576
        self.assertEqual({r["ErrorCode"] for r in failed}, {"ProvisionedThroughputExceededException"})
        self.assertRegex(failed[0]["ErrorMessage"], "^Rate exceeded for shard shardId-000000000000 in stream bytes under account")

    def test_an_on_demand_stream_is_not_limited(self):
        self.make("demand", StreamModeDetails={"StreamMode": "ON_DEMAND"})
        self.assertEqual(self.kinesis.put_records(StreamName="demand", Records=records(40, 100_000))["FailedRecordCount"], 0)

    def test_a_reader_who_asks_too_often_is_told_so(self):
        self.make("reads")
        place = self.kinesis.get_shard_iterator(StreamName="reads", ShardId="shardId-000000000000", ShardIteratorType="LATEST")["ShardIterator"]
        once = self.engine.client("kinesis", attempts=1)
        refused = 0
        for _ in range(60):  # all but a few of a second's worth
            try:
                once.get_records(ShardIterator=place)
            except ClientError as error:
                self.assertEqual(error.response["Error"]["Code"], "ProvisionedThroughputExceededException")
                refused += 1
        self.assertGreater(refused, 0)

    def test_ingest_loses_no_beer_to_a_busy_stream(self):
        count = 2_500  # more than two seconds take
        file = self.engine.folder + "/beers.json"
        with open(file, "w") as lines:
            lines.write(beer.run("punkapi", "--beers", count, "--seed", "9").stdout)
        done = self.engine.beer("ingest", "--source", file)
        self.assertEqual(done.returncode, 0, done.stderr)
        stream = self.kinesis.list_streams()["StreamNames"]
        name = next(n for n in stream if n not in ("bytes", "demand", "reads"))
        place = self.kinesis.get_shard_iterator(StreamName=name, ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
        read = []

        def all_of_them():
            nonlocal place
            try:
                page = self.kinesis.get_records(ShardIterator=place)
            except ClientError as error:
                self.assertEqual(error.response["Error"]["Code"], "ProvisionedThroughputExceededException")
                return False
            place = page["NextShardIterator"]
            read.extend(r["Data"] for r in page["Records"])
            return page["MillisBehindLatest"] == 0

        beer.eventually(all_of_them, "all of the stream is read")
        with open(file, "rb") as lines:
            self.assertEqual(sorted(read), sorted(lines.read().splitlines(True)))


class FanOut(unittest.TestCase):
    """boto3 reads the event stream: its frames, their checksums and what they carry."""

    @classmethod
    def setUpClass(cls):
        cls.engine = beer.Engine("--no-deploy").__enter__()
        cls.addClassCleanup(cls.engine.__exit__)
        cls.kinesis = cls.engine.client("kinesis", attempts=1)

    def consumer(self, name):
        self.kinesis.create_stream(StreamName=name, ShardCount=1)
        arn = self.kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"]
        return self.kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="reader")["Consumer"]["ConsumerARN"]

    def subscribe(self, consumer, **position):
        return self.kinesis.subscribe_to_shard(ConsumerARN=consumer, ShardId="shardId-000000000000",
                                               StartingPosition=position or {"Type": "LATEST"})["EventStream"]

    def put(self, stream, *all_data):
        self.kinesis.put_records(StreamName=stream, Records=[{"Data": data, "PartitionKey": "k"} for data in all_data])

    @staticmethod
    def read(stream, count):
        """So many records, and the last event."""
        data = []
        for event in stream:
            event = event["SubscribeToShardEvent"]
            data += [record["Data"] for record in event["Records"]]
            if len(data) >= count:
                return data, event
        raise AssertionError(f"the stream ended after {data}")

    def test_pushes_what_is_put_while_it_listens(self):
        consumer = self.consumer("push")
        self.put("push", b"before")
        stream = self.subscribe(consumer)
        began = time.monotonic()
        self.put("push", b"1", b"2")
        data, event = self.read(stream, 2)
        self.assertEqual(data, [b"1", b"2"])
        self.assertEqual(event["MillisBehindLatest"], 0)
        self.assertEqual(event["ContinuationSequenceNumber"], event["Records"][-1]["SequenceNumber"])
        self.put("push", b"3")
        self.assertEqual(self.read(stream, 1)[0], [b"3"])
        self.assertLess(time.monotonic() - began, 60)
        stream.close()

    def test_reads_a_backlog_of_many_events(self):
        consumer = self.consumer("backlog")
        expected = [bytes([n]) * 20_000 for n in range(50)]
        self.put("backlog", *expected)  # 1,000,000 bytes: a second's share
        stream = self.subscribe(consumer, Type="TRIM_HORIZON")
        self.assertEqual(self.read(stream, 50)[0], expected)
        stream.close()

    def test_one_subscription_for_a_consumer_and_a_shard(self):
        consumer = self.consumer("single")
        first = self.subscribe(consumer)
        with self.assertRaises(ClientError) as refused:
            self.subscribe(consumer)
        self.assertEqual(refused.exception.response["Error"]["Code"], "ResourceInUseException")
        time_of_first = time.monotonic()

        def second():
            try:
                return self.subscribe(consumer)
            except ClientError:
                return None

        second = beer.eventually(second, "the second subscription takes over")
        self.assertGreater(time.monotonic() - time_of_first, 1)
        with self.assertRaisesRegex(Exception, "ResourceInUseException"):
            for _ in first:
                pass
        self.put("single", b"x")
        self.assertEqual(self.read(second, 1)[0], [b"x"])
        second.close()

    def test_a_split_shard_ends_with_its_children(self):
        consumer = self.consumer("parent")
        stream = self.subscribe(consumer)
        self.put("parent", b"last")
        self.kinesis.split_shard(StreamName="parent", ShardToSplit="shardId-000000000000", NewStartingHashKey=str(1 << 127))
        events = [event["SubscribeToShardEvent"] for event in stream]  # to its end
        self.assertEqual([r["Data"] for event in events for r in event["Records"]], [b"last"])
        self.assertEqual([child["ShardId"] for child in events[-1]["ChildShards"]], ["shardId-000000000001", "shardId-000000000002"])
        self.assertNotIn("ContinuationSequenceNumber", events[-1])

    def test_hundreds_of_listeners_leave_room_for_others(self):
        """More than the server has workers."""
        consumers = [self.consumer(f"crowd-{n}") for n in range(15)]
        arns = [c.split("/consumer/")[0] for c in consumers]
        for arn in arns:
            consumers += [self.kinesis.register_stream_consumer(StreamARN=arn, ConsumerName=f"more-{n}")["Consumer"]["ConsumerARN"] for n in range(19)]
        streams = []
        for consumer in consumers:
            client = self.kinesis if len(streams) % 10 else self.engine.client("kinesis", attempts=1)
            streams.append(client.subscribe_to_shard(ConsumerARN=consumer, ShardId="shardId-000000000000", StartingPosition={"Type": "LATEST"})["EventStream"])
        self.assertEqual(len(streams), 300)
        for n in range(15):
            self.put(f"crowd-{n}", b"all")
        for stream in streams:
            self.assertEqual(self.read(stream, 1)[0], [b"all"])
        for stream in streams:
            stream.close()

    def test_the_engine_stops_under_a_listener(self):
        with beer.Engine("--no-deploy") as engine:
            kinesis = engine.client("kinesis")
            kinesis.create_stream(StreamName="s", ShardCount=1)
            arn = kinesis.describe_stream_summary(StreamName="s")["StreamDescriptionSummary"]["StreamARN"]
            consumer = kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="c")["Consumer"]["ConsumerARN"]
            stream = kinesis.subscribe_to_shard(ConsumerARN=consumer, ShardId="shardId-000000000000", StartingPosition={"Type": "LATEST"})["EventStream"]
            ended = threading.Event()

            def listen():
                try:
                    for _ in stream:
                        pass
                except Exception:  # noqa: the connection breaks off
                    pass
                ended.set()

            threading.Thread(target=listen, daemon=True).start()
            self.assertEqual(engine.stop(), 0)
            self.assertTrue(ended.wait(30))


def cbor(value):
    """The little of CBOR that a request needs, as RFC 8949 has it."""
    def head(major, size):
        return bytes([major << 5 | size]) if size < 24 else bytes([major << 5 | 24, size])
    if isinstance(value, int):
        return head(0, value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    return head(5, len(value)) + b"".join(cbor(k) + cbor(v) for k, v in value.items())


class Cbor(unittest.TestCase):
    """Bodies as the Java SDK sends them, on the wire of the engine."""

    def ask(self, engine, operation, **members):
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials
        from botocore.httpsession import URLLib3Session
        request = AWSRequest("POST", engine.url + "/", data=cbor(members), headers={
            "Content-Type": "application/x-amz-cbor-1.1", "X-Amz-Target": "Kinesis_20131202." + operation})
        keys = Credentials(engine.variables["AWS_ACCESS_KEY_ID"], engine.variables["AWS_SECRET_ACCESS_KEY"])
        SigV4Auth(keys, "kinesis", engine.variables["AWS_REGION"]).add_auth(request)
        answer = URLLib3Session().send(request.prepare())
        self.assertEqual(answer.headers["Content-Type"], "application/x-amz-cbor-1.1")
        return answer.status_code, answer.content

    def test_a_record_goes_in_as_cbor_and_comes_out_of_both(self):
        with beer.Engine("--no-deploy") as engine:
            kinesis = engine.client("kinesis")
            self.assertEqual(self.ask(engine, "CreateStream", StreamName="beers", ShardCount=1)[0], 200)
            status, body = self.ask(engine, "PutRecord", StreamName="beers", PartitionKey="k", Data=b"\x00\xff ale")
            self.assertEqual(status, 200)
            self.assertIn(cbor("ShardId") + cbor("shardId-000000000000"), body)
            place = kinesis.get_shard_iterator(StreamName="beers", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
            record = kinesis.get_records(ShardIterator=place)["Records"][0]
            self.assertEqual(record["Data"], b"\x00\xff ale")
            status, body = self.ask(engine, "GetRecords", ShardIterator=place)
            self.assertEqual(status, 200)
            self.assertIn(cbor("Data") + cbor(b"\x00\xff ale"), body)
            milliseconds = round(record["ApproximateArrivalTimestamp"].timestamp() * 1000)
            self.assertIn(cbor("ApproximateArrivalTimestamp") + b"\xc1\x1b" + milliseconds.to_bytes(8, "big"), body)
            status, body = self.ask(engine, "DescribeStreamSummary", StreamName="nobody")
            self.assertEqual(status, 400)
            self.assertIn(cbor("__type") + cbor("ResourceNotFoundException"), body)


class WithoutLimits(unittest.TestCase):
    def test_a_shard_takes_and_gives_what_comes(self):
        with beer.Engine("--no-deploy", "--no-kinesis-limits") as engine:
            kinesis = engine.client("kinesis")
            kinesis.create_stream(StreamName="beers", ShardCount=1)
            for _ in range(3):
                self.assertEqual(kinesis.put_records(StreamName="beers", Records=records(500, 10_000))["FailedRecordCount"], 0)
            place = kinesis.get_shard_iterator(StreamName="beers", ShardId="shardId-000000000000", ShardIteratorType="LATEST")["ShardIterator"]
            for _ in range(20):
                kinesis.get_records(ShardIterator=place)


if __name__ == "__main__":
    unittest.main()
