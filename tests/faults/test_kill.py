"""kill -9 of the engine, its functions or both at random moments under load, again and again: every record that was
acknowledged is in every place it belongs to exactly once, and one that was not at most once.

BEER_FAULT_RUNS seeded runs (200) from BEER_FAULT_SEED (1) on, as many at once as there are processors.
One by hand:  python3 test_kill.py SEED
"""
import concurrent.futures
import contextlib
import dataclasses
import http.client
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
import unittest

import lake
from lake import beer
from wire import Refused, Wire

UNKNOWN = (OSError, http.client.HTTPException)  # nobody can say whether the call was done
SPEEDS = (20, 60, 300)  # of the engine's clock; each start draws one, so the clock also jumps back
PUTTERS = (("PutRecords", "stream"), ("PutRecords", "stream"), ("PutRecord", "stream"), ("PutRecordBatch", "direct"))


class Engine(beer.Engine):
    """An engine that dies while a run goes on. `url` is None while there is none."""

    url = None

    def __init__(self, data):
        super().__init__()
        self.folder, self.data = os.path.dirname(data), data
        self.log = open(os.path.join(self.folder, "stderr"), "a+")

    def launch(self, speed):
        self.start("--no-deploy", "--speed", str(speed))

    def stillborn(self, speed, seconds):
        """Starts it and kills it that soon, be it ready or not."""
        with contextlib.suppress(AssertionError):
            timer = threading.Timer(seconds, lambda: os.kill(self.process.pid, signal.SIGKILL))
            starting = threading.Thread(target=self._start_or_die, args=(speed,))
            before = getattr(self, "process", None)
            starting.start()
            while getattr(self, "process", None) is before:
                time.sleep(0.001)
            timer.start()
            starting.join()
            timer.join()
            self.process.wait()
        self.url = None

    def _start_or_die(self, speed):
        with contextlib.suppress(AssertionError):
            self.launch(speed)

    def kill(self):
        self.url = None
        super().kill()


@dataclasses.dataclass
class Put:
    """What the load knows of its records, by place and id."""
    sent: dict = dataclasses.field(default_factory=lambda: {"stream": {}, "direct": {}})
    acknowledged: dict = dataclasses.field(default_factory=lambda: {"stream": {}, "direct": {}})


class Putter(threading.Thread):
    """Puts records until told to stop, none of them twice."""

    tolerated = ("Exceeded",)  # refusals that are no fault

    def __init__(self, engine, number, seed, put):
        super().__init__()
        (self.operation, self.place), self.engine, self.put = PUTTERS[number], engine, put
        self.random, self.next_id = random.Random(seed * 100 + number), number * 10_000_000
        self.leave, self.wire = threading.Event(), None

    def run(self):
        while not self.leave.is_set():
            url = self.engine.url
            if url is None:
                self.leave.wait(0.005)
                continue
            if self.wire is None or self.wire.url != url:
                self.wire = Wire(url, self.engine.variables)
            records = [self.record() for _ in range(self.size())]
            self.put.sent[self.place].update(records)
            try:
                kept = self.call(records)
            except UNKNOWN:
                self.wire = None
            except Refused as refused:
                if not any(words in str(refused) for words in self.tolerated):
                    raise
            else:
                self.put.acknowledged[self.place].update(kept)
            self.leave.wait(self.random.choice((0, 0, 0.01, 0.03)))

    def size(self):
        return 1 if self.operation == "PutRecord" else self.random.choice((1, 10, 100))

    def record(self):
        self.next_id += 1
        kind = self.random.choices(("ok", "drop", "fail"), (20, 1, 1))[0]
        return self.next_id, kind

    def bytes_of(self, record):
        pad = "x" * (record[0] * 7919 % 600)
        return lake.base64.b64encode(json.dumps({"id": record[0], "kind": record[1], "pad": pad}).encode() + b"\n").decode()

    def call(self, records):
        """Gives what was acknowledged."""
        if self.operation == "PutRecord":
            self.wire.call("kinesis", "PutRecord", StreamName="beers", Data=self.bytes_of(records[0]), PartitionKey=str(records[0][0]))
            return records
        if self.operation == "PutRecords":
            answer = self.wire.call("kinesis", "PutRecords", StreamName="beers", Records=[
                {"Data": self.bytes_of(r), "PartitionKey": str(r[0])} for r in records])
            return [r for r, told in zip(records, answer["Records"]) if not told.get("ErrorCode")]
        answer = self.wire.call("firehose", "PutRecordBatch", DeliveryStreamName="direct",
                                Records=[{"Data": self.bytes_of(r)} for r in records])
        return [r for r, told in zip(records, answer["RequestResponses"]) if not told.get("ErrorCode")]


class Run:
    """One seeded run on a copy of a prepared data folder, which has what `make_system` makes."""

    make_system = staticmethod(lake.make_system)
    shards = (1, 3)  # of the stream, in turns
    patience = 20  # seconds until what hasn't arrived is called lost

    def __init__(self, seed, template):
        self.seed, self.random = seed, random.Random(seed)
        self.folder = tempfile.mkdtemp(prefix=f"beer-fault-{seed}-")
        data = os.path.join(self.folder, "data")
        shutil.copytree(template, data)
        self.engine, self.put, self.did = self.make_engine(data), Put(), []

    def make_engine(self, data):
        return Engine(data)

    def putters(self):
        return [Putter(self.engine, n, self.seed, self.put) for n in range(len(PUTTERS))]

    def go(self):
        self.engine.launch(self.speed())
        putters = self.putters()
        for putter in putters:
            putter.start()
        try:
            for _ in range(self.random.randint(1, 3)):
                self.wait(0.02, 0.3)
                self.harm()
            self.wait(0.02, 0.1)
        finally:
            for putter in putters:
                putter.leave.set()
            for putter in putters:
                putter.join()
        return self.compare()

    def speed(self):
        return self.random.choice(SPEEDS)

    def wait(self, least, most):
        time.sleep(self.random.uniform(least, most))

    def harm(self):
        what = self.random.choice(("engine", "engine", "functions", "both", "start", "reshard"))
        self.did.append(what)
        if what == "reshard":
            with contextlib.suppress(Refused):
                self.reshard()
            self.wait(0, 0.02)
        if what in ("functions", "both"):
            for process in lake.functions_of(self.engine):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            self.wait(0, 0.02)
        if what != "functions":
            self.engine.kill()
            if what == "start":
                self.engine.stillborn(self.speed(), self.random.uniform(0, 0.05))
            self.engine.launch(self.speed())

    def reshard(self):
        wire = Wire(self.engine.url, self.engine.variables)
        shards = [s for s in wire.call("kinesis", "ListShards", StreamName="beers")["Shards"]
                  if "EndingSequenceNumber" not in s["SequenceNumberRange"]]
        if len(shards) > 1 and self.random.random() < 0.5:
            shards.sort(key=lambda s: int(s["HashKeyRange"]["StartingHashKey"]))
            wire.call("kinesis", "MergeShards", StreamName="beers", ShardToMerge=shards[0]["ShardId"],
                      AdjacentShardToMerge=shards[1]["ShardId"])
        else:
            low, high = (int(shards[0]["HashKeyRange"][k]) for k in ("StartingHashKey", "EndingHashKey"))
            wire.call("kinesis", "SplitShard", StreamName="beers", ShardToSplit=shards[0]["ShardId"],
                      NewStartingHashKey=str((low + high) // 2))

    def compare(self):
        """What is wrong, as sentences; nothing when all is well."""
        found = lake.Lake(self.engine)
        self.mark_the_end()
        arrived = lambda: all(found.count(place).keys() >= known.keys() for place, known in self.places().items())
        with contextlib.suppress(AssertionError):
            beer.eventually(arrived, "everything acknowledged to arrive", self.patience)
        return self.differences(found)

    def places(self):
        """What is to be in places that hold every record."""
        stream, direct = self.put.acknowledged["stream"], self.put.acknowledged["direct"]
        return {"raw": stream, "backup": stream, "direct": direct}

    def differences(self, found):
        wrong, stream, places = [], self.put.acknowledged["stream"], self.places()
        for place, known in places.items():
            wrong += differences(place, found.count(place), known, self.put.sent["direct" if place == "direct" else "stream"])
        # A batch whose function was killed too often is in the errors, whole; nothing is in both.
        cleaned = found.query() + found.count("errors")
        wrong += differences("cleaned or errors", cleaned, {i: k for i, k in stream.items() if k != "drop"}, self.put.sent["stream"])
        return wrong

    def mark_the_end(self):
        """Last records of every shard: when they have arrived, all before them have."""
        wire = Wire(self.engine.url, self.engine.variables)
        shards = wire.call("kinesis", "ListShards", StreamName="beers")["Shards"]
        for n, shard in enumerate(s for s in shards if "EndingSequenceNumber" not in s["SequenceNumberRange"]):
            self.last(wire, "stream", n, "kinesis", "PutRecord", StreamName="beers", PartitionKey="last",
                      ExplicitHashKey=shard["HashKeyRange"]["StartingHashKey"])
        if "direct" in self.places():
            self.last(wire, "direct", 99, "firehose", "PutRecord", DeliveryStreamName="direct")

    def last(self, wire, place, number, service, operation, **members):
        record = lake.json.dumps({"id": 90_000_000 + number, "kind": "ok", "pad": ""}).encode() + b"\n"
        data = lake.base64.b64encode(record).decode()
        more = {"Data": data} if service == "kinesis" else {"Record": {"Data": data}}
        self.put.sent[place][90_000_000 + number] = "ok"

        def done():
            try:
                return wire.call(service, operation, **members, **more)
            except Refused as refused:
                if "Exceeded" not in str(refused):
                    raise

        beer.eventually(done, "the last record to be taken")
        self.put.acknowledged[place][90_000_000 + number] = "ok"

    def end(self, keep):
        began = time.monotonic()
        self.engine.stop()
        self.stopping = time.monotonic() - began
        self.engine.log.close()
        left = lake.functions_of(self.engine)
        if not keep:
            shutil.rmtree(self.folder)
        return [f"processes left behind: {left}"] if left else []


def differences(place, counts, acknowledged, sent):
    lost = sorted(acknowledged.keys() - counts.keys())
    doubled = sorted(i for i, n in counts.items() if n > 1)
    strange = sorted(counts.keys() - sent.keys())
    return [f"{place}: {len(ids)} {what}: {ids[:10]}"
            for what, ids in (("lost", lost), ("doubled", doubled), ("never put", strange)) if ids]


@contextlib.contextmanager
def templates(kind):
    """Data folders with the system of such runs, by number of shards."""
    with tempfile.TemporaryDirectory(prefix="beer-fault-templates-") as folder:
        made = {}
        for shards in kind.shards:
            made[shards] = os.path.join(folder, str(shards))
            with beer.Engine("--no-deploy") as engine:
                kind.make_system(engine, shards)
                engine.stop()
                shutil.copytree(engine.data, made[shards])
        yield made


def one(seed, made, kind=Run):
    """One run; its folder stays when something is wrong."""
    began = time.monotonic()
    run = kind(seed, made[kind.shards[seed % len(kind.shards)]])
    wrong = ["it did not come to an end"]
    try:
        wrong = run.go()
    finally:
        wrong += run.end(keep=bool(wrong))
        known = run.put.acknowledged
        print(f"seed {seed}: {' '.join(run.did)}; {len(known['stream'])} + {len(known['direct'])} acknowledged; "
              f"{time.monotonic() - began:.1f} s; {'; '.join(wrong) or 'ok'}" + (f"  {run.folder}" if wrong else ""), flush=True)
    return wrong


class Seeded(unittest.TestCase):
    """Many runs, BEER_FAULT_RUNS of them (or `runs`) from BEER_FAULT_SEED on."""

    def all_of(self, kind, runs):
        first, runs = (int(os.environ.get(f"BEER_FAULT_{k}", v)) for k, v in (("SEED", 1), ("RUNS", runs)))
        seeds = range(first, first + runs)
        with templates(kind) as made, concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
            bad = {seed: wrong for seed, wrong in zip(seeds, pool.map(one, seeds, [made] * runs, [kind] * runs)) if wrong}
        print(f"{runs - len(bad)} of {runs} runs without a lost or doubled record")
        self.assertEqual(bad, {})


class Kills(Seeded):
    def test_nothing_is_lost_or_doubled(self):
        self.all_of(Run, 200)


def main(kind):
    """The tests, or one run when a seed is given."""
    if len(sys.argv) == 2 and sys.argv[1].isdigit():
        with templates(kind) as made:
            sys.exit(bool(one(int(sys.argv[1]), made, kind)))
    unittest.main(verbosity=1)


if __name__ == "__main__":
    main(Run)
