"""The system under the fault tests, and what of it is in the lake: every path from a put to an object.

  stream "beers" ─┬─ delivery "raw"      GZIP                                        raw/
                  └─ delivery "cleaned"  function, Parquet, failures, source backup  cleaned/ errors/ backup/
  delivery "direct"  records put to itself, plain                                    direct/
"""
import base64
import collections
import contextlib
import csv
import gzip
import io
import json
import os
import pathlib
import stat
import sys
import zipfile

import boto3
from botocore.config import Config

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import beer  # noqa: E402

BUCKET = "lake"
COLUMNS = [{"Name": "id", "Type": "bigint"}, {"Name": "kind", "Type": "string"}, {"Name": "pad", "Type": "string"}]

# The function does what a record's kind says, so that a run knows where each record belongs.
FUNCTION = """#!%s -IS
import base64, http.client, json, os
host, wait = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"]), 0
api = "/2018-06-01/runtime/invocation/"
results = {"drop": "Dropped", "fail": "ProcessingFailed"}
while True:
    host.request("GET", api + "next")
    asked = host.getresponse()
    event = json.load(asked)
    answers = [{"recordId": r["recordId"], "data": r["data"],
                "result": results.get(json.loads(base64.b64decode(r["data"]))["kind"], "Ok")} for r in event["records"]]
    host.request("POST", api + asked.headers["Lambda-Runtime-Aws-Request-Id"] + "/response",
                 json.dumps({"records": answers}))
    host.getresponse().read()
""" % sys.executable


def client(engine, service):
    """boto3 without tries of its own."""
    return boto3.session.Session().client(
        service, endpoint_url=engine.url, region_name=engine.variables["AWS_REGION"],
        aws_access_key_id=engine.variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=engine.variables["AWS_SECRET_ACCESS_KEY"],
        config=Config(retries={"total_max_attempts": 1}))


def package(program):
    """A function's zip with that text as its bootstrap."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = (stat.S_IFREG | 0o755) << 16
        made.writestr(entry, program)
    return archive.getvalue()


ROLE = "arn:aws:iam::123456789012:role/faults"


def role_of(engine):
    """The one role of these tests, made when it is missing."""
    iam = client(engine, "iam")
    if all(role["Arn"] != ROLE for role in iam.list_roles()["Roles"]):
        engine.make_role(ROLE)
    return ROLE


def make_function(engine, name, program, timeout=900):
    functions = client(engine, "lambda")
    arn = functions.create_function(
        FunctionName=name, Runtime="provided.al2023", Handler="bootstrap", Timeout=timeout,
        Role=role_of(engine), Code={"ZipFile": package(program)})["FunctionArn"]
    beer.eventually(lambda: functions.get_function_configuration(FunctionName=name)["State"] == "Active", "the function")
    return arn


def through(function, *parameters):
    """A ProcessingConfiguration."""
    return {"Enabled": True, "Processors": [{"Type": "Lambda", "Parameters": [
        {"ParameterName": n, "ParameterValue": str(v)} for n, v in [("LambdaArn", function), *parameters]]}]}


def make_delivery(engine, name, prefix, stream=None, interval=1, size=1, **destination):
    role = role_of(engine)
    source = {"DeliveryStreamType": "DirectPut"} if stream is None else {
        "DeliveryStreamType": "KinesisStreamAsSource",
        "KinesisStreamSourceConfiguration": {"KinesisStreamARN": stream, "RoleARN": role}}
    client(engine, "firehose").create_delivery_stream(
        DeliveryStreamName=name, **source, ExtendedS3DestinationConfiguration={
            "RoleARN": role, "BucketARN": f"arn:aws:s3:::{BUCKET}", "Prefix": prefix,
            "BufferingHints": {"IntervalInSeconds": interval, "SizeInMBs": size}, **destination})


def make_table(engine):
    glue = client(engine, "glue")
    glue.create_database(DatabaseInput={"Name": "lake"})
    glue.create_table(DatabaseName="lake", TableInput={
        "Name": "cleaned", "TableType": "EXTERNAL_TABLE", "Parameters": {"classification": "parquet"},
        "StorageDescriptor": {
            "Location": f"s3://{BUCKET}/cleaned/", "Columns": COLUMNS,
            "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
            "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
            "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"}}})


def make_system(engine, shards):
    """All of the picture above on an empty engine."""
    client(engine, "s3").create_bucket(Bucket=BUCKET)
    kinesis = client(engine, "kinesis")
    kinesis.create_stream(StreamName="beers", ShardCount=shards)
    stream = kinesis.describe_stream_summary(StreamName="beers")["StreamDescriptionSummary"]["StreamARN"]
    make_table(engine)
    function = make_function(engine, "pass", FUNCTION)
    make_delivery(engine, "raw", "raw/", stream, CompressionFormat="GZIP")
    make_delivery(engine, "direct", "direct/")
    make_delivery(
        engine, "cleaned", "cleaned/", stream, size=64, ErrorOutputPrefix="errors/!{firehose:error-output-type}/",
        ProcessingConfiguration=through(function, ("BufferIntervalInSeconds", 1)),
        S3BackupMode="Enabled",
        S3BackupConfiguration={"RoleARN": ROLE, "Prefix": "backup/",
                               "BucketARN": f"arn:aws:s3:::{BUCKET}", "CompressionFormat": "UNCOMPRESSED"},
        DataFormatConversionConfiguration={
            "Enabled": True, "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": {}}},
            "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}},
            "SchemaConfiguration": {"DatabaseName": "lake", "TableName": "cleaned", "Region": "us-east-1",
                                    "RoleARN": ROLE, "VersionId": "LATEST"}})


def functions_of(engine):
    """Process ids of the functions that run for that engine."""
    found = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.readlink(folder / "cwd").startswith(engine.data):
                if int(folder.name) != engine.process.pid:
                    found.append(int(folder.name))
    return found


class Lake:
    """How often each record is in each place: `count(place)` by id. Reads every object once."""

    def __init__(self, engine):
        self.engine = engine
        self.s3 = client(engine, "s3")
        self.seen, self.counts = set(), collections.defaultdict(collections.Counter)

    def keys(self, prefix):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
        return [item["Key"] for page in pages for item in page.get("Contents", [])]

    def count(self, place):
        for key in self.keys(place + "/"):
            if key in self.seen:
                continue
            body = self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
            self.counts[place].update(row["id"] for row in rows_of(place, body))
            self.seen.add(key)
        return self.counts[place]

    def query(self):
        """Ids in the Parquet files, as Athena tells them."""
        if not self.keys("cleaned/"):
            return collections.Counter()
        athena = client(self.engine, "athena")
        started = athena.start_query_execution(
            QueryString="SELECT id FROM cleaned", QueryExecutionContext={"Database": "lake"},
            ResultConfiguration={"OutputLocation": f"s3://{BUCKET}/results/"})["QueryExecutionId"]

        def ended():
            status = athena.get_query_execution(QueryExecutionId=started)["QueryExecution"]["Status"]
            return status if status["State"] in ("SUCCEEDED", "FAILED") else None

        status = beer.eventually(ended, "the query to end")
        if status["State"] == "FAILED":
            raise AssertionError(status)
        text = self.s3.get_object(Bucket=BUCKET, Key=f"results/{started}.csv")["Body"].read().decode()
        return collections.Counter(int(row["id"]) for row in csv.DictReader(io.StringIO(text)))


def rows_of(place, body):
    if place == "raw":
        body = gzip.decompress(body)
    rows = [json.loads(line) for line in body.splitlines()]
    return [json.loads(base64.b64decode(row["rawData"])) for row in rows] if place == "errors" else rows
