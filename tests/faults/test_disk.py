"""A disk that fills up: puts are refused with an error, nothing acknowledged is lost, and it goes on when there is room."""
import json
import os
import subprocess
import tempfile
import unittest

import lake
from lake import beer
from wire import Refused, Wire

SIZE = "24m"


class Disk(beer.Engine):
    """An engine on a small tmpfs."""

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="beer-disk-")
        self.small = os.path.join(self.folder, "small")
        os.mkdir(self.small)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", self.small], capture_output=True)
        if mounted.returncode:
            os.rmdir(self.small)
            os.rmdir(self.folder)
            raise unittest.SkipTest("no tmpfs can be mounted here")
        self.data = os.path.join(self.small, "data")
        self.log = open(os.path.join(self.folder, "stderr"), "w+")
        self.start(*self.arguments)
        return self

    def __exit__(self, *_):
        self.stop()
        subprocess.run(["umount", self.small], check=True)
        super().__exit__()

    def fill(self):
        """Leaves not a byte."""
        with open(os.path.join(self.small, "filler"), "wb", buffering=0) as filler:
            try:
                while filler.write(bytes(4096)):
                    pass
            except OSError:
                pass

    def free(self):
        os.unlink(os.path.join(self.small, "filler"))


class FullDisk(unittest.TestCase):
    def put(self, wire, first):
        """Ids that were taken, of a hundred; none when the call was refused."""
        records = [{"Data": lake.base64.b64encode(json.dumps({"id": i, "kind": "ok"}).encode() + b"\n").decode(),
                    "PartitionKey": str(i)} for i in range(first, first + 100)]
        try:
            answer = wire.call("kinesis", "PutRecords", StreamName="beers", Records=records)
        except Refused:
            return []
        return [first + i for i, told in enumerate(answer["Records"]) if not told.get("ErrorCode")]

    def test_puts_are_refused_and_go_on_when_there_is_room(self):
        with Disk("--no-deploy", "--speed", "60") as engine:
            lake.client(engine, "s3").create_bucket(Bucket=lake.BUCKET)
            kinesis = lake.client(engine, "kinesis")
            kinesis.create_stream(StreamName="beers", ShardCount=2)
            stream = kinesis.describe_stream_summary(StreamName="beers")["StreamDescriptionSummary"]["StreamARN"]
            lake.make_delivery(engine, "raw", "raw/", stream, CompressionFormat="GZIP")
            wire = Wire(engine.url, engine.variables)
            taken = self.put(wire, 0)
            self.assertEqual(len(taken), 100)
            engine.fill()
            first, refused = 100, 0
            while refused < 5 and first < 1_000_000:  # what was preallocated may hold some more
                more = self.put(wire, first)
                taken += more
                refused += not more
                first += 100
            self.assertEqual(refused, 5)
            engine.free()
            again = beer.eventually(lambda: self.put(wire, 2_000_000 + len(taken)), "room to be used")
            taken += again
            found = lake.Lake(engine)
            beer.eventually(lambda: found.count("raw").keys() >= set(taken), "all to arrive", 30)
            self.assertEqual({i: n for i, n in found.count("raw").items() if n > 1}, {})
            engine.kill()
            engine.start("--no-deploy", "--speed", "60")
            last = self.put(Wire(engine.url, engine.variables), 3_000_000)
            self.assertEqual(len(last), 100)
            found = lake.Lake(engine)
            beer.eventually(lambda: found.count("raw").keys() >= set(taken + last), "all to be there after a crash", 30)
            self.assertEqual({i: n for i, n in found.count("raw").items() if n > 1}, {})


if __name__ == "__main__":
    unittest.main(verbosity=1)
