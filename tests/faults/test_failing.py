"""Calls to the disk that fail under a working engine: the n-th write, sync, rename or whatever it is, once or for a while. The
engine tells of it, acknowledges nothing it doesn't keep, goes on when the disk does; after a restart, or a power cut, nothing
is lost and nothing doubled.

As test_power.py, with BEER_FAULT_RUNS (12) runs; one by hand:  python3 test_failing.py SEED
"""
import errno

import lake
import test_kill
import test_power
from test_kill import Seeded
from wire import Refused, Wire

KINDS = ("", "", "W", "S", "S", "WS", "CML", "R", "TUD")  # letters of disk::Kind; "": any
CODES = (errno.ENOSPC, errno.EIO, errno.EDQUOT)


class Run(test_power.Run):
    def putters(self):
        made = super().putters()
        for putter in made:
            putter.tolerated = ("Exceeded", ": 500 ", ": 503 ")
        return made

    def harm(self):
        kinds, stays = self.random.choice(KINDS), self.random.random() < 0.3
        power = self.engine.power
        power.fail(self.random.randint(1, 40), self.random.choice(CODES), stays, kinds)
        self.wait(0.1, 0.3)
        power.work()
        self.did.append(f"{kinds or 'any'}{'*' if stays else ''}:{power.control.failed}")
        if self.engine.process.poll() is not None:
            raise AssertionError(f"the engine ended: {self.engine.process.returncode}")
        Wire(self.engine.url, self.engine.variables).call("kinesis", "ListShards", StreamName="beers")
        if not stays:
            lake.beer.eventually(self.takes_records, "records to be taken again", 20)
        if self.random.random() < 0.5:
            self.again()

    def takes_records(self):
        """A call that failed once stops nothing for long."""
        self.tried = getattr(self, "tried", 80_000_000) + 1
        data = lake.json.dumps({"id": self.tried, "kind": "ok", "pad": ""}).encode() + b"\n"
        self.put.sent["stream"][self.tried] = "ok"
        try:
            Wire(self.engine.url, self.engine.variables).call("kinesis", "PutRecord", StreamName="beers", PartitionKey="again",
                                                              Data=lake.base64.b64encode(data).decode())
        except Refused:
            return False
        self.put.acknowledged["stream"][self.tried] = "ok"
        return True

    def again(self):
        """A restart: by a power cut, or in good order."""
        if self.random.random() < 0.5:
            self.did.append("power")
            self.engine.kill()
        else:
            self.did.append("stop")
            self.engine.url = None
            code = self.engine.stop()
            if code != 0:
                raise AssertionError(f"stopping gave {code}")
        self.engine.launch(self.speed())

    def compare(self):
        self.again()  # what is kept is what the next start finds
        return super().compare()


class FailingCalls(Seeded):
    def test_nothing_acknowledged_is_lost(self):
        self.all_of(Run, 12)


if __name__ == "__main__":
    test_kill.main(Run)
