"""A clock that jumps: days ahead, then back to where it was. Records keep their order, none is lost, none doubled, and
what waits for a time in the future that isn't one any more is delivered all the same."""
import json
import unittest

import lake
from lake import beer
from wire import Wire

FAST = 40_000  # times; a second is half a day
SLOW = 60


class Clock(unittest.TestCase):
    def put(self, engine, first):
        records = [{"Data": lake.base64.b64encode(json.dumps({"id": i, "kind": "ok", "pad": ""}).encode() + b"\n").decode(),
                    "PartitionKey": str(i)} for i in range(first, first + 50)]
        wire = Wire(engine.url, engine.variables)
        self.assertEqual(wire.call("kinesis", "PutRecords", StreamName="beers", Records=records)["FailedRecordCount"], 0)
        self.assertEqual(wire.call("firehose", "PutRecordBatch", DeliveryStreamName="direct", Records=[
            {"Data": r["Data"]} for r in records])["FailedPutCount"], 0)
        return range(first, first + 50)

    def arrived(self, found, ids):
        for place in ("raw", "backup", "direct"):
            beer.eventually(lambda: found.count(place).keys() >= set(ids), f"all in {place}", 30)
            self.assertEqual({i: n for i, n in found.count(place).items() if n > 1}, {}, place)

    def sequence(self, engine):
        """Arrival times of everything on the stream, in its order."""
        kinesis = lake.client(engine, "kinesis")
        shard = kinesis.list_shards(StreamName="beers")["Shards"][0]["ShardId"]
        iterator, times, ids = kinesis.get_shard_iterator(StreamName="beers", ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"], [], []
        while True:
            answer = kinesis.get_records(ShardIterator=iterator)
            times += [r["ApproximateArrivalTimestamp"] for r in answer["Records"]]
            ids += [json.loads(r["Data"])["id"] for r in answer["Records"]]
            if not answer["Records"] and not answer["MillisBehindLatest"]:
                return times, ids
            iterator = answer["NextShardIterator"]

    def test_ahead_and_back_again(self):
        with beer.Engine("--no-deploy", "--speed", str(SLOW)) as engine:
            lake.make_system(engine, 1)
            lake.client(engine, "kinesis").increase_stream_retention_period(StreamName="beers", RetentionPeriodHours=8760)
            ids = list(self.put(engine, 0))
            self.arrived(lake.Lake(engine), ids)
            for number, speed in enumerate((FAST, SLOW, FAST, SLOW), 1):
                ids += self.put(engine, number * 1000)  # what waits when the clock jumps
                engine.kill()
                engine.start("--no-deploy", "--speed", str(speed))
                ids += self.put(engine, number * 1000 + 500)
                self.arrived(lake.Lake(engine), ids)
            times, found = self.sequence(engine)
            self.assertEqual(found, ids)
            self.assertEqual(times, sorted(times))
            counts = lake.Lake(engine).query() + lake.Lake(engine).count("errors")
            self.assertEqual(dict(counts), dict.fromkeys(ids, 1))


if __name__ == "__main__":
    unittest.main(verbosity=1)
