"""Transformations that hang, crash, lie about record ids or answer too much: what they spoil is in the error prefix with
the reason, whole, and the records behind it are delivered."""
import base64
import json
import sys
import unittest

import lake
from lake import beer

# Takes the first record's word for what to do with the whole batch.
FUNCTION = """#!%s -IS
import base64, http.client, json, os, time
host = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
api = "/2018-06-01/runtime/invocation/"
while True:
    host.request("GET", api + "next")
    asked = host.getresponse()
    event = json.load(asked)
    answers = [{"recordId": r["recordId"], "data": r["data"], "result": "Ok"} for r in event["records"]]
    mode = json.loads(base64.b64decode(event["records"][0]["data"]))["kind"]
    if mode == "hang": time.sleep(1000)
    if mode == "crash": os._exit(3)
    if mode == "strangers": answers = [{**a, "recordId": a["recordId"] + "9"} for a in answers]
    if mode == "twice": answers += answers
    if mode == "more": answers += [{"recordId": "stranger-%%d" %% n, "data": "", "result": "Ok"} for n in range(1000)]
    if mode == "swapped": answers.reverse()
    if mode == "none": answers = []
    body = json.dumps({"records": answers})
    if mode == "huge": body += " " * (7 << 20)
    if mode == "vast": body = json.dumps({"records": answers, "pad": "x" * (6 * 1000 * 1000)})
    if mode == "nonsense": body = "beer"
    if mode == "answers-twice":
        for _ in range(2):
            host.request("POST", api + asked.headers["Lambda-Runtime-Aws-Request-Id"] + "/response", body)
            host.getresponse().read()
        continue
    host.request("POST", api + asked.headers["Lambda-Runtime-Aws-Request-Id"] + "/response", body)
    try:
        host.getresponse().read()
    except OSError:
        os._exit(1)
""" % sys.executable

SPOILED = {  # mode: (code, attempts)
    "hang": ("Lambda.FunctionTimedOut", 2),
    "crash": ("Lambda.FunctionError", 2),
    "strangers": ("Lambda.MissingRecordId", 1),
    "none": ("Lambda.MissingRecordId", 1),
    "twice": ("Lambda.DuplicatedRecordId", 1),
    "huge": ("Lambda.FunctionError", 2),
    "nonsense": ("Lambda.JsonProcessingException", 1),
}
HARMLESS = ("more", "swapped", "vast", "answers-twice")
BATCH = 20


class Misbehaviour(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.engine = beer.Engine("--no-deploy", "--speed", "20").__enter__()
        self.addCleanup(self.engine.__exit__)
        lake.client(self.engine, "s3").create_bucket(Bucket=lake.BUCKET)
        function = lake.make_function(self.engine, "odd", FUNCTION, timeout=2)
        lake.make_delivery(self.engine, "odd", "cleaned/", ErrorOutputPrefix="errors/!{firehose:error-output-type}/", ProcessingConfiguration=lake.through(
            function, ("BufferIntervalInSeconds", 1), ("NumberOfRetries", 1)))
        self.firehose = lake.client(self.engine, "firehose")
        self.lake, self.next_id = lake.Lake(self.engine), 0

    def put(self, mode):
        """A batch of its own for the function; gives its ids."""
        ids = range(self.next_id, self.next_id + BATCH)
        self.next_id += BATCH
        records = [{"Data": json.dumps({"id": i, "kind": mode}).encode() + b"\n"} for i in ids]
        self.assertEqual(self.firehose.put_record_batch(DeliveryStreamName="odd", Records=records)["FailedPutCount"], 0)
        return list(ids)

    def arrived(self, place, ids):
        beer.eventually(lambda: self.lake.count(place).keys() >= set(ids), f"{ids} in {place}", 30)

    def envelopes(self):
        rows = []
        for key in self.lake.keys("errors/"):
            self.assertTrue(key.startswith("errors/processing-failed/"), key)
            rows += map(json.loads, self.lake.s3.get_object(Bucket=lake.BUCKET, Key=key)["Body"].read().splitlines())
        return {json.loads(base64.b64decode(row["rawData"]))["id"]: row for row in rows}

    def test_what_is_spoiled_is_told_and_what_follows_arrives(self):
        expected, good = {}, []
        for mode, told in SPOILED.items():
            ids = self.put(mode)
            self.arrived("errors", ids)
            expected.update(dict.fromkeys(ids, told))
            good += self.put("fine")
            self.arrived("cleaned", good)
        for mode in HARMLESS:
            good += self.put(mode)
            self.arrived("cleaned", good)
        good += self.put("fine")
        self.arrived("cleaned", good)
        self.assertEqual({i: (row["errorCode"], row["attemptsMade"]) for i, row in self.envelopes().items()}, expected)
        self.assertEqual(dict(self.lake.count("cleaned")), dict.fromkeys(good, 1))
        self.assertEqual(dict(self.lake.count("errors")), dict.fromkeys(expected, 1))

    def test_a_function_that_is_gone_spoils_its_batch_alone(self):
        functions = lake.client(self.engine, "lambda")
        functions.delete_function(FunctionName="odd")
        lost = self.put("fine")
        self.arrived("errors", lost)
        self.assertEqual({row["errorCode"] for row in self.envelopes().values()}, {"Lambda.ResourceNotFound"})
        lake.make_function(self.engine, "odd", FUNCTION)
        good = self.put("fine")
        self.arrived("cleaned", good)
        self.assertEqual(dict(self.lake.count("cleaned")), dict.fromkeys(good, 1))

    def test_the_engine_stops_while_a_function_hangs_and_the_batch_is_not_lost(self):
        ids = self.put("hang")
        beer.eventually(lambda: lake.functions_of(self.engine), "the function to be started for it")
        self.assertEqual(self.engine.stop(), 0)
        self.assertEqual(lake.functions_of(self.engine), [])
        self.engine.start("--no-deploy", "--speed", "20")
        self.lake = lake.Lake(self.engine)
        self.arrived("errors", ids)
        self.assertEqual(dict(self.lake.count("errors")), dict.fromkeys(ids, 1))


if __name__ == "__main__":
    unittest.main(verbosity=1)
