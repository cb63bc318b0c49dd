"""Kinesis as its real clients meet it: what a shard takes and gives in a second."""
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
