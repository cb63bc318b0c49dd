"""The power goes under a working engine, again and again, on a disk that forgets what wasn't synced: every record that was
acknowledged is in every place it belongs to exactly once, every object has the bytes of its last acknowledged put.

As test_kill.py, with BEER_FAULT_RUNS (16) runs; one by hand:  python3 test_power.py SEED
"""
import contextlib
import hashlib
import os
import random
import subprocess
import tempfile
import threading

import lake
import test_kill
from power import Power
from test_kill import UNKNOWN, Seeded
from wire import Refused, Wire


class Engine(test_kill.Engine):
    """An engine on a disk that forgets; kill() is the power going."""

    def __init__(self, data, seed):
        super().__init__(data)
        self.power, self.unseen = Power(self.folder, data, seed), []

    def launch(self, speed):
        self.more = self.power.on()
        super().launch(speed)

    def kill(self):
        self.url = None
        if self.power.chance.random() < 0.5:
            self.power.fail(self.power.chance.randint(1, 60))  # in the midst of what it does
            try:
                self.process.wait(0.5)
            except subprocess.TimeoutExpired:
                pass  # it had nothing more to do
        self.power.cut(self.process)
        self.process.stdout.close()
        self.unseen += self.power.lose()

    def stillborn(self, speed, _):
        """The power goes at one of the first changes of a start."""
        self.more = self.power.on()
        self.power.fail(self.power.chance.randint(1, 120))
        try:
            self.start("--no-deploy", "--speed", str(speed))
        except AssertionError:
            self.process.wait()
        self.kill()


class ObjectPutter(threading.Thread):
    """Puts, overwrites and deletes objects; knows for each key what may be there."""

    def __init__(self, engine, seed):
        super().__init__()
        self.engine, self.random, self.leave = engine, random.Random(seed), threading.Event()
        self.may_be = {}  # key: bytes (or None for no object) that may be found; one when the last call was answered

    def run(self):
        wire, count = None, 0
        while not self.leave.is_set():
            url = self.engine.url
            if url is None:
                self.leave.wait(0.005)
                continue
            if wire is None or wire.url != url:
                wire = Wire(url, self.engine.variables)
            key, count = f"objects/{self.random.randint(1, 20)}/of{'/the' * self.random.randint(0, 2)}", count + 1
            content = None if self.random.random() < 0.2 else self.content(count)
            self.may_be[key] = [*self.may_be.get(key, [None]), content]
            try:
                wire.object("DELETE" if content is None else "PUT", lake.BUCKET, key, content or b"")
                self.may_be[key] = [content]
            except UNKNOWN:
                wire = None
            except Refused:
                pass  # by a disk that failed: it may be done, or not
            self.leave.wait(self.random.choice((0, 0.005, 0.02)))

    def content(self, count):
        return hashlib.sha256(f"{count}".encode()).digest() * self.random.choice((1, 40, 4000, 60_000))

    def wrong(self):
        wire = Wire(self.engine.url, self.engine.variables)
        told = []
        for key, contents in self.may_be.items():
            found = wire.object("GET", lake.BUCKET, key)
            if found not in contents:
                told.append(f"{key}: {None if found is None else len(found)} bytes, expected {[c and len(c) for c in contents]}")
        return told


class Run(test_kill.Run):
    shards = (1, 3, 12, 40)  # a put to twelve syncs the whole disk, to forty a journal

    def make_engine(self, data):
        return Engine(data, self.seed)

    def putters(self):
        self.objects = ObjectPutter(self.engine, self.seed)
        return [*super().putters(), self.objects]

    def compare(self):
        wrong = super().compare() + self.objects.wrong()
        self.engine.kill()  # once more, after all has been delivered
        self.engine.launch(self.speed())
        self.did.append("lost: " + ",".join(self.engine.power.lost))
        wrong += [f"past the disk: {path}" for path in self.engine.unseen]
        return wrong + self.objects.wrong() + self.differences(lake.Lake(self.engine))


class Liar(Run):
    """The disk forgets what it said it has."""

    patience = 2

    def make_engine(self, data):
        engine = super().make_engine(data)
        engine.power.lies, engine.power.modes = True, ("nothing",)
        return engine

    def harm(self):
        self.engine.kill()
        self.engine.launch(self.speed())


class PowerCuts(Seeded):
    def test_nothing_acknowledged_is_forgotten(self):
        self.all_of(Run, 16)

    def test_a_disk_that_lies_is_found_out(self):
        """What makes the other test worth something."""
        with test_kill.templates(Liar) as made:
            run = Liar(1, made[1])
            try:
                wrong = run.go()
            finally:
                run.end(keep=False)
        self.assertTrue([sentence for sentence in wrong if "lost" in sentence], wrong)

    def test_a_first_start_may_end_anywhere(self):
        for nth in range(1, 45):
            with self.subTest(nth), tempfile.TemporaryDirectory(prefix="beer-power-") as folder:
                engine = Engine(os.path.join(folder, "data"), nth)
                engine.more = engine.power.on()
                engine.power.fail(nth)
                try:
                    with contextlib.suppress(AssertionError):  # it didn't get ready
                        engine.start("--no-deploy")
                    engine.kill()
                    self.assertEqual(engine.unseen, [])
                    engine.launch(60)
                    lake.client(engine, "s3").create_bucket(Bucket=lake.BUCKET)
                finally:
                    engine.stop()
                    engine.log.close()

    def test_a_system_that_was_made_is_there(self):
        for mode in ("nothing", "some", "prefix"):
            with self.subTest(mode), tempfile.TemporaryDirectory(prefix="beer-power-") as folder:
                engine = Engine(os.path.join(folder, "data"), mode)
                engine.power.modes = (mode,)
                try:
                    engine.launch(60)
                    lake.make_system(engine, 1)
                    engine.power.cut(engine.process)
                    engine.process.stdout.close()
                    self.assertEqual(engine.power.lose(), [])
                    engine.launch(60)
                    self.one_of_each(engine)
                finally:
                    engine.stop()
                    engine.log.close()

    def one_of_each(self, engine):
        wire, found = Wire(engine.url, engine.variables), lake.Lake(engine)
        kinds = dict(enumerate(("ok", "drop", "fail")))
        for number, kind in kinds.items():
            data = lake.base64.b64encode(lake.json.dumps({"id": number, "kind": kind, "pad": ""}).encode() + b"\n").decode()
            wire.call("kinesis", "PutRecord", StreamName="beers", PartitionKey="1", Data=data)
            wire.call("firehose", "PutRecord", DeliveryStreamName="direct", Record={"Data": data})
        for place in ("raw", "backup", "direct"):
            lake.beer.eventually(lambda: found.count(place).keys() >= kinds.keys(), f"all in {place}", 20)
        self.assertEqual(found.query() + found.count("errors"), {0: 1, 2: 1})
        failed = [lake.json.loads(row) for key in found.keys("errors/")
                  for row in found.s3.get_object(Bucket=lake.BUCKET, Key=key)["Body"].read().splitlines()]
        self.assertEqual([row["errorMessage"] for row in failed], ["The Lambda function was successfully invoked but it returned an error result."])


if __name__ == "__main__":
    test_kill.main(Run)
