"""What the engine tells of itself: Prometheus' text, CloudWatch's metrics of endpoints and streams, JSON lines with request ids."""
import datetime
import json
import os
import re
import unittest
import urllib.error
import urllib.request

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from scripted import IMAGE, ROLE, SERVING, Engine, model_archive, when

SAMPLE = re.compile(r'^([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\]|\\.)*",?)*)\})? ([-+0-9.e]+|\+Inf|NaN)$')


def samples(text):
    """The text as its format has it: {(name, labels): value}."""
    found, typed = {}, set()
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            typed.add(line.split()[2])
        if line.startswith("#"):
            continue
        name, labels, value = SAMPLE.match(line).groups()
        assert name in typed or name.rsplit("_", 1)[0] in typed, line
        found[name, frozenset(re.findall(r'([a-z]+)="((?:[^"\\]|\\.)*)"', labels or ""))] = float(value)
    return found


class Metrics(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        engine = Engine("--no-deploy", "--log", "info", "--log-json", program=SERVING)
        cls.engine = engine.__enter__()
        cls.addClassCleanup(engine.__exit__)

    def scrape(self):
        url = self.engine.url + "/_engine/metrics"
        request = AWSRequest(method="GET", url=url)
        keys = Credentials(self.engine.variables["AWS_ACCESS_KEY_ID"], self.engine.variables["AWS_SECRET_ACCESS_KEY"])
        SigV4Auth(keys, "execute-api", "us-east-1").add_auth(request)
        with urllib.request.urlopen(urllib.request.Request(url, headers=dict(request.headers))) as answer:
            self.assertEqual(answer.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
            return samples(answer.read().decode())

    def measured(self, namespace, metric, statistic, **dimensions):
        now = datetime.datetime.now(datetime.timezone.utc)
        points = self.engine.client("cloudwatch").get_metric_statistics(
            Namespace=namespace, MetricName=metric, Period=3600, Statistics=[statistic],
            StartTime=now - datetime.timedelta(hours=2), EndTime=now + datetime.timedelta(hours=1),
            Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()])["Datapoints"]
        return sum(point[statistic] for point in points), {point["Unit"] for point in points}

    def test_streams_endpoints_and_requests_are_told_to_prometheus_and_cloudwatch(self):
        s3, sagemaker, runtime, kinesis = (
            self.engine.client(name) for name in ("s3", "sagemaker", "sagemaker-runtime", "kinesis"))
        s3.create_bucket(Bucket="lab")
        s3.put_object(Bucket="lab", Key="m.tar.gz", Body=model_archive({"name": "good"}))
        sagemaker.create_model(ModelName="M", ExecutionRoleArn=ROLE, PrimaryContainer={
            "Image": IMAGE, "ModelDataUrl": "s3://lab/m.tar.gz"})
        sagemaker.create_endpoint_config(EndpointConfigName="C", ProductionVariants=[
            {"VariantName": "Blue", "ModelName": "M", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}])
        sagemaker.create_endpoint(EndpointName="beers", EndpointConfigName="C")
        when(sagemaker.describe_endpoint, "EndpointStatus", "InService", EndpointName="beers")
        runtime.invoke_endpoint(EndpointName="beers", Body=b"x")
        for status in (b"404", b"500"):
            with self.assertRaises(ClientError):
                runtime.invoke_endpoint(EndpointName="beers", Body=status)
        variant = {"EndpointName": "beers", "VariantName": "Blue"}
        invocations, units = self.measured("AWS/SageMaker", "Invocations", "Sum", **variant)
        self.assertGreaterEqual(invocations, 3)  # boto3 sends a 500 again
        self.assertEqual(units, {"None"})
        self.assertEqual(self.measured("AWS/SageMaker", "Invocation4XXErrors", "Sum", **variant)[0], 1)
        self.assertGreaterEqual(self.measured("AWS/SageMaker", "Invocation5XXErrors", "Sum", **variant)[0], 1)
        self.assertEqual(self.measured("AWS/SageMaker", "Invocation4XXErrors", "SampleCount", **variant)[0], invocations)
        for metric in ("ModelLatency", "OverheadLatency"):
            latency, units = self.measured("AWS/SageMaker", metric, "Maximum", **variant)
            self.assertGreater(latency, 0)
            self.assertEqual(units, {"Microseconds"})

        kinesis.create_stream(StreamName="s", ShardCount=1)
        kinesis.get_waiter("stream_exists").wait(StreamName="s", WaiterConfig={"Delay": 1})
        kinesis.put_records(StreamName="s", Records=[{"Data": b"12345678", "PartitionKey": "k"}] * 25)
        stream = {"StreamName": "s"}
        self.assertEqual(self.measured("AWS/Kinesis", "PutRecords.SuccessfulRecords", "Sum", **stream)[0], 25)
        self.assertEqual(self.measured("AWS/Kinesis", "PutRecords.Success", "Average", **stream)[0], 1)
        self.assertEqual(self.measured("AWS/Kinesis", "PutRecords.Latency", "SampleCount", **stream), (1, {"Milliseconds"}))

        told = self.scrape()
        at = lambda name, **labels: told[name, frozenset(labels.items())]
        self.assertEqual(at("beer_stream_records_total", stream="s"), 25)
        self.assertEqual(at("beer_endpoint_invocations_total", endpoint="beers", variant="Blue"), invocations)
        self.assertEqual(at("beer_endpoint_model_seconds_count", endpoint="beers", variant="Blue"), invocations)
        self.assertEqual(at("beer_requests_total", service="kinesis", operation="PutRecords", status="200"), 1)
        self.assertEqual(at("beer_request_duration_seconds_bucket", service="kinesis", operation="PutRecords", le="+Inf"), 1)
        self.assertGreater(at("process_resident_memory_bytes"), 10 << 20)
        self.assertGreater(self.scrape()["process_cpu_seconds_total", frozenset()], 0)

        with self.assertRaises(urllib.error.HTTPError) as unsigned:
            urllib.request.urlopen(self.engine.url + "/_engine/metrics")
        self.assertEqual(unsigned.exception.code, 403)
        with open(os.path.join(self.engine.folder, "stderr")) as log:
            lines = [json.loads(line) for line in log if line.startswith("{")]
        [line] = [line for line in lines if "PutRecords" in line["text"]]
        self.assertRegex(line["request_id"], r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
        self.assertRegex(line["text"], r"^kinesis PutRecords: 200 in [0-9.]+ ms$")
        self.assertEqual((line["level"], line["part"]), ("info", "gateway"))


if __name__ == "__main__":
    unittest.main()
