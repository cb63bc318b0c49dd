"""boto3 and the aws CLI, unmodified, against the engine."""
import gzip
import hashlib
import io
import json
import os
import time
import unittest
import urllib.error
import urllib.request
import zipfile

from botocore.exceptions import ClientError

import beer
from beer import eventually


class Clients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = beer.Engine("--speed", "60", "--no-deploy").__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.engine.__exit__()

    def test_objects_go_in_and_come_out(self):
        s3 = self.engine.client("s3")
        s3.create_bucket(Bucket="objects")
        body = os.urandom(70_000)
        s3.put_object(Bucket="objects", Key="a/b c/ü+.bin", Body=body, Metadata={"who": "ana"}, ContentType="x/y")
        got = s3.get_object(Bucket="objects", Key="a/b c/ü+.bin")
        self.assertEqual(got["Body"].read(), body)
        self.assertEqual(got["Metadata"], {"who": "ana"})
        self.assertEqual(got["ContentType"], "x/y")
        part = s3.get_object(Bucket="objects", Key="a/b c/ü+.bin", Range="bytes=10-19")
        self.assertEqual(part["Body"].read(), body[10:20])
        self.assertEqual(part["ContentRange"], "bytes 10-19/70000")
        listed = s3.list_objects_v2(Bucket="objects", Delimiter="/")
        self.assertEqual([p["Prefix"] for p in listed["CommonPrefixes"]], ["a/"])
        url = s3.generate_presigned_url("get_object", Params={"Bucket": "objects", "Key": "a/b c/ü+.bin"})
        self.assertEqual(urllib.request.urlopen(url).read(), body)

    def test_a_multipart_upload_of_20_mib_arrives_whole(self):
        from boto3.s3.transfer import TransferConfig
        s3 = self.engine.client("s3")
        s3.create_bucket(Bucket="large")
        body = os.urandom(20 << 20)
        config = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20, max_concurrency=4)
        s3.upload_fileobj(io.BytesIO(body), "large", "twenty", Config=config)
        head = s3.head_object(Bucket="large", Key="twenty")
        self.assertEqual(head["ContentLength"], len(body))
        self.assertTrue(head["ETag"].endswith('-4"'), head["ETag"])
        digest = hashlib.sha256(s3.get_object(Bucket="large", Key="twenty")["Body"].read()).digest()
        self.assertEqual(digest, hashlib.sha256(body).digest())

    def test_records_of_two_shards_arrive_through_a_firehose_and_in_athena(self):
        kinesis, firehose, s3 = (self.engine.client(name) for name in ("kinesis", "firehose", "s3"))
        glue, athena = (self.engine.client(name) for name in ("glue", "athena"))
        kinesis.create_stream(StreamName="numbers", ShardCount=2)
        kinesis.get_waiter("stream_exists").wait(StreamName="numbers")
        stream = kinesis.describe_stream_summary(StreamName="numbers")["StreamDescriptionSummary"]
        role = self.engine.make_role("delivery")
        s3.create_bucket(Bucket="numbers")
        firehose.create_delivery_stream(
            DeliveryStreamName="numbers", DeliveryStreamType="KinesisStreamAsSource",
            KinesisStreamSourceConfiguration={"KinesisStreamARN": stream["StreamARN"], "RoleARN": role},
            ExtendedS3DestinationConfiguration={
                "RoleARN": role, "BucketARN": "arn:aws:s3:::numbers", "Prefix": "in/", "ErrorOutputPrefix": "errors/",
                "CompressionFormat": "GZIP", "BufferingHints": {"IntervalInSeconds": 60, "SizeInMBs": 1}})
        for start in range(0, 1000, 500):
            answer = kinesis.put_records(StreamName="numbers", Records=[
                {"Data": json.dumps({"n": n, "text": f"number {n}"}).encode() + b"\n", "PartitionKey": f"key-{n}"}
                for n in range(start, start + 500)])
            self.assertEqual(answer["FailedRecordCount"], 0)

        seen = {}
        for shard in kinesis.list_shards(StreamName="numbers")["Shards"]:
            place = kinesis.get_shard_iterator(StreamName="numbers", ShardId=shard["ShardId"],
                                               ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
            records = []
            while True:
                page = kinesis.get_records(ShardIterator=place)
                if not page["Records"]:
                    break
                records += page["Records"]
                place = page["NextShardIterator"]
            numbers = [int(r["SequenceNumber"]) for r in records]
            self.assertEqual(numbers, sorted(set(numbers)))
            seen[shard["ShardId"]] = [json.loads(r["Data"])["n"] for r in records]
        self.assertEqual(sorted(sum(seen.values(), [])), list(range(1000)))
        self.assertTrue(all(seen.values()), "both shards hold records")

        def delivered():
            lines = []
            for item in s3.list_objects_v2(Bucket="numbers", Prefix="in/").get("Contents", []):
                body = s3.get_object(Bucket="numbers", Key=item["Key"])["Body"].read()
                lines += gzip.decompress(body).splitlines()
            return [json.loads(line)["n"] for line in lines] if len(lines) >= 1000 else None

        self.assertEqual(sorted(eventually(delivered, "1,000 records in the bucket")), list(range(1000)))

        glue.create_database(DatabaseInput={"Name": "numbers"})
        glue.create_table(DatabaseName="numbers", TableInput={
            "Name": "numbers", "TableType": "EXTERNAL_TABLE", "Parameters": {"classification": "json"},
            "StorageDescriptor": {
                "Location": "s3://numbers/in/", "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
                "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
                "SerdeInfo": {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe"},
                "Columns": [{"Name": "n", "Type": "bigint"}, {"Name": "text", "Type": "string"}]}})
        s3.create_bucket(Bucket="results")
        query = athena.start_query_execution(
            QueryString="SELECT count(*) AS c, sum(n) AS s, max(text) AS t FROM numbers",
            QueryExecutionContext={"Database": "numbers"},
            ResultConfiguration={"OutputLocation": "s3://results/"})["QueryExecutionId"]

        def finished():
            status = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
            return status if status["State"] in ("SUCCEEDED", "FAILED") else None

        status = eventually(finished, "the query to end")
        self.assertEqual(status["State"], "SUCCEEDED", status)
        result = athena.get_query_results(QueryExecutionId=query)["ResultSet"]
        self.assertEqual([c["Type"] for c in result["ResultSetMetadata"]["ColumnInfo"]], ["bigint", "bigint", "varchar"])
        values = [[cell.get("VarCharValue") for cell in row["Data"]] for row in result["Rows"]]
        self.assertEqual(values, [["c", "s", "t"], ["1000", "499500", "number 999"]])
        csv = s3.get_object(Bucket="results", Key=f"{query}.csv")["Body"].read().decode()
        self.assertEqual(csv, '"c","s","t"\n"1000","499500","number 999"\n')

    def test_the_aws_cli_speaks_to_it(self):
        self.assertEqual(self.engine.aws("sts", "get-caller-identity")["Account"], "123456789012")
        self.engine.aws("s3", "mb", "s3://from-cli")
        path = os.path.join(self.engine.folder, "hello.txt")
        with open(path, "w") as file:
            file.write("hello")
        self.engine.aws("s3", "cp", path, "s3://from-cli/x/hello.txt")
        self.assertIn("hello.txt", self.engine.aws("s3", "ls", "s3://from-cli/x/"))
        self.assertEqual(self.engine.aws("s3", "cp", "s3://from-cli/x/hello.txt", "-"), "hello")
        self.engine.aws("kinesis", "create-stream", "--stream-name", "cli", "--shard-count", "1")
        self.assertIn("cli", self.engine.aws("kinesis", "list-streams")["StreamNames"])

    def test_a_wrong_secret_gets_each_services_own_error(self):
        for service, call, code in (
                ("s3", lambda c: c.list_buckets(), "SignatureDoesNotMatch"),
                ("kinesis", lambda c: c.list_streams(), "InvalidSignatureException"),
                ("lambda", lambda c: c.list_functions(), "InvalidSignatureException"),
                ("iam", lambda c: c.list_roles(), "SignatureDoesNotMatch")):
            with self.subTest(service), self.assertRaises(ClientError) as caught:
                call(self.engine.client(service, aws_secret_access_key="wrong"))
            self.assertEqual(caught.exception.response["Error"]["Code"], code)

    def test_an_unknown_key_gets_each_services_own_error(self):
        for service, call, code in (
                ("s3", lambda c: c.list_buckets(), "InvalidAccessKeyId"),
                ("kinesis", lambda c: c.list_streams(), "UnrecognizedClientException"),
                ("sts", lambda c: c.get_caller_identity(), "InvalidClientTokenId")):
            with self.subTest(service), self.assertRaises(ClientError) as caught:
                call(self.engine.client(service, aws_access_key_id="AKIAUNKNOWN"))
            self.assertEqual(caught.exception.response["Error"]["Code"], code)

    def test_nothing_is_served_unsigned_but_health(self):
        self.assertEqual(json.load(urllib.request.urlopen(self.engine.url + "/_engine/health"))["status"], "ok")
        for path in ("/", "/objects", "/objects/key", "/_engine/reset", "/2015-03-31/functions"):
            with self.subTest(path), self.assertRaises(urllib.error.HTTPError) as caught:
                urllib.request.urlopen(self.engine.url + path)
            self.assertGreaterEqual(caught.exception.code, 400)
            caught.exception.close()


class Function(unittest.TestCase):
    """A function packed by hand, as a user would, runs in here."""

    def test_fn_extraction_of_the_build_is_a_package_lambda_takes(self):
        with beer.Engine("--no-deploy", roles=("r",)) as engine:
            package = io.BytesIO()
            with zipfile.ZipFile(package, "w") as archive:
                archive.write(beer.BIN / "fn_extraction", "bootstrap")
            functions, kinesis = engine.client("lambda"), engine.client("kinesis")
            kinesis.create_stream(StreamName="s", ShardCount=1)
            functions.create_function(
                FunctionName="f", Runtime="provided.al2023", Role="arn:aws:iam::123456789012:role/r", Handler="bootstrap",
                Code={"ZipFile": package.getvalue()}, Timeout=5,
                Environment={"Variables": {"SOURCE_URL": "http://127.0.0.1:9/v2", "STREAM_NAME": "s", "SOURCE_ATTEMPTS": "1"}})
            functions.get_waiter("function_active_v2").wait(FunctionName="f")
            answer = functions.invoke(FunctionName="f", Payload=b"{}", LogType="Tail")
            # Nobody listens at port 9: the function says so, by name.
            self.assertEqual(answer.get("FunctionError"), "Unhandled")
            self.assertIn("127.0.0.1:9", json.load(answer["Payload"])["errorMessage"])
            logs = engine.client("logs")
            # The function's log comes after its answer, the group before its first line.
            eventually(lambda: logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/f")["logGroups"], "the log group")
            eventually(lambda: logs.filter_log_events(logGroupName="/aws/lambda/f", filterPattern="REPORT")["events"],
                       "the report line in the logs")


if __name__ == "__main__":
    unittest.main(verbosity=1)
