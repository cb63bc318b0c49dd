"""CloudWatch as boto3 and the aws CLI use it: three protocols, metrics of the flow, alarms that go off."""
import datetime
import io
import json
import unittest
import zipfile

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

import beer
from beer import eventually

PROTOCOLS = ("smithy-rpc-v2-cbor", "json", "query")
ROLE = "arn:aws:iam::123456789012:role/function"
ERRORS = {"Namespace": "AWS/Lambda", "MetricName": "Errors", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1,
          "Threshold": 0, "ComparisonOperator": "GreaterThanThreshold"}


def speaking(engine, protocol):
    """A client that speaks this protocol, whichever it would choose by itself."""
    session = botocore.session.get_session()
    loader = session.get_component("data_loader")
    load = loader.load_service_model

    def load_service_model(*arguments, **options):
        model = load(*arguments, **options)
        if model.get("metadata", {}).get("serviceId") == "CloudWatch":
            model = {**model, "metadata": {**model["metadata"], "protocols": [protocol], "protocol": protocol}}
        return model

    loader.load_service_model = load_service_model
    return boto3.session.Session(botocore_session=session).client(
        "cloudwatch", endpoint_url=engine.variables["AWS_ENDPOINT_URL"], region_name=engine.variables["AWS_REGION"],
        aws_access_key_id=engine.variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=engine.variables["AWS_SECRET_ACCESS_KEY"], config=Config(retries={"max_attempts": 1}))


def package():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o100755 << 16
        archive.writestr(entry, (beer.BIN / "lambda_test_bootstrap").read_bytes())
    return out.getvalue()


def now():
    return datetime.datetime.now(datetime.timezone.utc)


class Protocols(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        engine = beer.Engine("--no-deploy")
        cls.engine = engine.__enter__()
        cls.addClassCleanup(engine.__exit__)

    def each(self):
        """The protocol's short name, a client that speaks it, and the requests it has sent."""
        for protocol in PROTOCOLS:
            client = speaking(self.engine, protocol)
            sent = []
            client.meta.events.register("before-send.*", lambda request, sent=sent, **_: sent.append(request) and None)
            yield protocol.split("-")[-1], client, sent

    def test_an_alarm_is_read_back_as_it_was_put(self):
        for name, client, sent in self.each():
            settings = {**ERRORS, "AlarmName": f"alarm-{name}", "AlarmDescription": "too many: ü", "Threshold": 0.5,
                        "Dimensions": [{"Name": "FunctionName", "Value": "f"}], "TreatMissingData": "notBreaching",
                        "DatapointsToAlarm": 1, "OKActions": ["arn:aws:sns:us-east-1:123456789012:t"], "ActionsEnabled": False}
            client.put_metric_alarm(**settings, Tags=[{"Key": "team", "Value": "beer"}])
            self.assertEqual("smithy-protocol" in sent[0].headers, name == "cbor")
            self.assertEqual("X-Amz-Target" in sent[0].headers, name == "json")
            alarm = client.describe_alarms(AlarmNames=[f"alarm-{name}"])["MetricAlarms"][0]
            self.assertEqual({key: alarm[key] for key in settings}, settings)
            self.assertEqual((alarm["AlarmActions"], alarm["StateValue"]), ([], "INSUFFICIENT_DATA"))
            self.assertIsInstance(alarm["StateUpdatedTimestamp"], datetime.datetime)
            arn = alarm["AlarmArn"]
            client.tag_resource(ResourceARN=arn, Tags=[{"Key": "cost", "Value": ""}])
            client.untag_resource(ResourceARN=arn, TagKeys=["team"])
            self.assertEqual(client.list_tags_for_resource(ResourceARN=arn)["Tags"], [{"Key": "cost", "Value": ""}])
            client.delete_alarms(AlarmNames=[f"alarm-{name}"])
            self.assertEqual(client.describe_alarms(AlarmNames=[f"alarm-{name}"])["MetricAlarms"], [])

    def test_an_alarm_over_metric_math_is_read_back_as_it_was_put(self):
        metric = {"Namespace": "AWS/Lambda", "MetricName": "Errors", "Dimensions": [{"Name": "FunctionName", "Value": "f"}]}
        queries = [{"Id": "e1", "Expression": "100 * m1 / m2", "Label": "rate", "ReturnData": True},
                   {"Id": "m1", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum", "Unit": "Count"}, "ReturnData": False},
                   {"Id": "m2", "MetricStat": {"Metric": {**metric, "MetricName": "Invocations"}, "Period": 60, "Stat": "Sum"},
                    "ReturnData": False}]
        for name, client, _ in self.each():
            client.put_metric_alarm(AlarmName=f"math-{name}", Metrics=queries, EvaluationPeriods=2, Threshold=10,
                                    ComparisonOperator="GreaterThanOrEqualToThreshold")
            self.assertEqual(client.describe_alarms(AlarmNamePrefix=f"math-{name}")["MetricAlarms"][0]["Metrics"], queries)

    def test_errors_have_the_codes_of_aws(self):
        for _, client, _ in self.each():
            with self.assertRaises(client.exceptions.ResourceNotFound):
                client.set_alarm_state(AlarmName="none", StateValue="OK", StateReason="x")
            with self.assertRaises(client.exceptions.ResourceNotFoundException):
                client.list_tags_for_resource(ResourceARN="arn:aws:cloudwatch:us-east-1:123456789012:alarm:none")
            with self.assertRaises(client.exceptions.InvalidParameterValueException) as caught:
                client.put_metric_data(Namespace="AWS/Lambda", MetricData=[{"MetricName": "m", "Value": 1}])
            self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], 400)
            with self.assertRaises(ClientError) as caught:
                client.put_metric_alarm(**{**ERRORS, "AlarmName": "x" * 256})
            self.assertEqual(caught.exception.response["Error"]["Code"], "ValidationError")
            self.assertIn("Member must have length less than or equal to 255", str(caught.exception))
            with self.assertRaises(ClientError) as caught:
                client.list_dashboards()
            self.assertIn(caught.exception.response["Error"]["Code"], ("UnknownOperationException", "InvalidAction"))

    def test_a_wrong_signature_is_refused(self):
        for _, client, _ in self.each():
            def spoil(request, **_):
                request.headers["Authorization"] = request.headers["Authorization"][:-4] + b"0000"

            client.meta.events.register("before-send.*", spoil)
            with self.assertRaises(ClientError) as caught:
                client.describe_alarms()
            self.assertIn(caught.exception.response["Error"]["Code"], ("InvalidSignatureException", "SignatureDoesNotMatch"))

    def test_values_come_back_by_statistics_and_by_math(self):
        for name, client, sent in self.each():
            start = now().replace(second=0, microsecond=0) - datetime.timedelta(minutes=10)
            minute = datetime.timedelta(minutes=1)
            style = [{"Name": "Style", "Value": "ipa"}]
            # Enough of it that the client compresses the request.
            client.put_metric_data(Namespace=f"Beer/{name}", MetricData=[
                {"MetricName": "Ibu", "Dimensions": style, "Value": value, "Unit": "Count", "Timestamp": start + i * minute}
                for i in range(5) for value in range(40)])
            self.assertEqual(sent[0].headers.get("Content-Encoding"), b"gzip")
            client.put_metric_data(Namespace=f"Beer/{name}", MetricData=[
                {"MetricName": "Abv", "Values": [1.5, 2.5], "Counts": [1, 3], "Timestamp": start},
                {"MetricName": "Abv", "Timestamp": start, "StatisticValues": {"SampleCount": 1, "Sum": 9, "Minimum": 9, "Maximum": 9}}])
            points = client.get_metric_statistics(
                Namespace=f"Beer/{name}", MetricName="Ibu", Dimensions=style, StartTime=start, EndTime=start + 5 * minute,
                Period=300, Statistics=["Sum", "Average", "Minimum", "Maximum", "SampleCount"])["Datapoints"]
            self.assertEqual(points, [{"Timestamp": start, "SampleCount": 200, "Average": 19.5, "Sum": 3900, "Minimum": 0,
                                       "Maximum": 39, "Unit": "Count"}])
            abv = {"Namespace": f"Beer/{name}", "MetricName": "Abv"}
            results = client.get_metric_data(StartTime=start, EndTime=start + minute, MetricDataQueries=[
                {"Id": "m1", "MetricStat": {"Metric": abv, "Period": 60, "Stat": "Sum"}},
                {"Id": "m2", "MetricStat": {"Metric": abv, "Period": 60, "Stat": "SampleCount"}, "ReturnData": False},
                {"Id": "mean", "Expression": "m1 / m2", "Label": "mean"}])["MetricDataResults"]
            self.assertEqual([(r["Id"], r["Label"], r["Values"], r["Timestamps"]) for r in results],
                             [("m1", "Abv", [18], [start]), ("mean", "mean", [3.6], [start])])
            listed = client.list_metrics(Namespace=f"Beer/{name}")["Metrics"]
            self.assertEqual(sorted(m["MetricName"] for m in listed), ["Abv", "Ibu"])
            self.assertEqual(client.list_metrics(Dimensions=[{"Name": "Style"}], Namespace=f"Beer/{name}")["Metrics"][0]["Dimensions"], style)

    def test_the_aws_cli_sets_a_state_and_reads_the_history(self):
        aws = self.engine.aws
        aws("cloudwatch", "put-metric-alarm", "--alarm-name", "cli", "--namespace", "Beer", "--metric-name", "Ibu", "--statistic",
            "Average", "--period", "60", "--evaluation-periods", "1", "--threshold", "100", "--comparison-operator", "LessThanThreshold")
        aws("cloudwatch", "set-alarm-state", "--alarm-name", "cli", "--state-value", "ALARM", "--state-reason", "by hand",
            "--state-reason-data", '{"who": "me"}')
        alarm = aws("cloudwatch", "describe-alarms", "--state-value", "ALARM")["MetricAlarms"][0]
        self.assertEqual((alarm["AlarmName"], alarm["StateReason"]), ("cli", "by hand"))
        items = aws("cloudwatch", "describe-alarm-history", "--alarm-name", "cli")["AlarmHistoryItems"]
        self.assertEqual([i["HistorySummary"] for i in items],
                         ["Alarm updated from INSUFFICIENT_DATA to ALARM", 'Alarm "cli" created'])
        self.assertEqual(json.loads(items[0]["HistoryData"])["newState"]["stateReasonData"], {"who": "me"})
        found = aws("cloudwatch", "describe-alarms-for-metric", "--namespace", "Beer", "--metric-name", "Ibu")
        self.assertEqual([a["AlarmName"] for a in found["MetricAlarms"]], ["cli"])


class Restart(unittest.TestCase):
    def test_what_was_acknowledged_survives_a_crash(self):
        with beer.Engine("--no-deploy") as engine:
            client = engine.client("cloudwatch")
            client.put_metric_alarm(**ERRORS, AlarmName="kept", TreatMissingData="ignore")
            client.set_alarm_state(AlarmName="kept", StateValue="OK", StateReason="before the crash")
            client.put_metric_data(Namespace="Beer", MetricData=[{"MetricName": "Ibu", "Value": 42}])
            engine.kill()
            engine.start("--no-deploy")
            client = engine.client("cloudwatch")
            self.assertEqual(client.describe_alarms()["MetricAlarms"][0]["StateReason"], "before the crash")
            points = client.get_metric_statistics(Namespace="Beer", MetricName="Ibu", Period=3600, Statistics=["Sum"],
                                                  StartTime=now() - datetime.timedelta(hours=1), EndTime=now() + datetime.timedelta(hours=1))
            self.assertEqual(sum(p["Sum"] for p in points["Datapoints"]), 42)


class Flow(unittest.TestCase):
    """An engine sixty times as fast as the clock on the wall: alarms are judged once a second."""

    @classmethod
    def setUpClass(cls):
        engine = beer.Engine("--no-deploy", "--speed", "60", roles=(ROLE,))
        cls.engine = engine.__enter__()
        cls.addClassCleanup(engine.__exit__)
        cls.cloudwatch = cls.engine.client("cloudwatch")
        cls.lambda_ = cls.engine.client("lambda")

    def make(self, name):
        self.lambda_.create_function(FunctionName=name, Role=ROLE, Runtime="provided.al2023", Handler="bootstrap",
                                     Code={"ZipFile": package()})
        self.lambda_.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 1})

    def call(self, name, **event):
        return self.lambda_.invoke(FunctionName=name, Payload=json.dumps(event))

    def measured(self, namespace, metric, statistic="Sum", **dimensions):
        """The statistic over all the engine has lived through; nothing when there are no values."""
        points = self.cloudwatch.get_metric_statistics(
            Namespace=namespace, MetricName=metric, Period=7 * 86400, Statistics=[statistic],
            StartTime=now() - datetime.timedelta(hours=1), EndTime=now() + datetime.timedelta(days=6),
            Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()])["Datapoints"]
        return points[0][statistic] if points else None

    def state(self, alarm):
        return self.cloudwatch.describe_alarms(AlarmNames=[alarm])["MetricAlarms"][0]["StateValue"]

    def test_an_alarm_goes_off_when_the_function_fails_and_a_rule_hears_of_it(self):
        self.make("fn_extraction")
        self.make("listener")
        events = self.engine.client("events")
        events.put_rule(Name="alarms", EventPattern=json.dumps(
            {"source": ["aws.cloudwatch"], "detail-type": ["CloudWatch Alarm State Change"],
             "detail": {"alarmName": ["extraction-errors"], "state": {"value": ["ALARM"]}}}))
        self.engine.let_rules_call("listener", "alarms")
        events.put_targets(Rule="alarms", Targets=[{
            "Id": "listener", "Arn": "arn:aws:lambda:us-east-1:123456789012:function:listener",
            "InputTransformer": {"InputPathsMap": {"name": "$.detail.alarmName", "was": "$.detail.previousState.value"},
                                 "InputTemplate": '{"mode": "log", "text": "heard of <name>, which was <was>\\n"}'}}])
        self.cloudwatch.put_metric_alarm(**{**ERRORS, "EvaluationPeriods": 1}, AlarmName="extraction-errors",
                                         Dimensions=[{"Name": "FunctionName", "Value": "fn_extraction"}],
                                         TreatMissingData="notBreaching")
        self.call("fn_extraction")
        eventually(lambda: self.state("extraction-errors") == "OK", "the alarm to be at ease")
        self.call("fn_extraction", mode="fail")
        eventually(lambda: self.state("extraction-errors") == "ALARM", "the alarm to go off")
        alarm = self.cloudwatch.describe_alarms(AlarmNames=["extraction-errors"])["MetricAlarms"][0]
        self.assertRegex(alarm["StateReason"], r"^Threshold Crossed: 1 out of the last 1 datapoints \[1\.0 \(.*\)\] was greater than "
                                               r"the threshold \(0\.0\) \(minimum 1 datapoint for OK -> ALARM transition\)\.$")
        logs = self.engine.client("logs")

        def heard():
            try:
                found = logs.filter_log_events(logGroupName="/aws/lambda/listener", filterPattern='"heard of"')["events"]
            except logs.exceptions.ResourceNotFoundException:
                return None
            return [event["message"].strip() for event in found]

        self.assertIn("heard of extraction-errors, which was OK", eventually(heard, "the rule's target to be told"))
        eventually(lambda: self.state("extraction-errors") == "OK", "the alarm to calm down")
        function = {"FunctionName": "fn_extraction"}
        self.assertEqual(self.measured("AWS/Lambda", "Invocations", **function), 2)
        self.assertEqual(self.measured("AWS/Lambda", "Errors", **function), 1)
        self.assertEqual(self.measured("AWS/Lambda", "Throttles", **function), 0)
        self.assertGreater(self.measured("AWS/Lambda", "Duration", "Maximum", **function), 0)

    def test_throttled_invocations_are_counted(self):
        self.make("busy")
        self.lambda_.put_function_concurrency(FunctionName="busy", ReservedConcurrentExecutions=0)
        with self.assertRaises(self.lambda_.exceptions.TooManyRequestsException):
            self.call("busy")
        self.assertGreaterEqual(self.measured("AWS/Lambda", "Throttles", FunctionName="busy"), 1)
        self.assertIsNone(self.measured("AWS/Lambda", "Invocations", FunctionName="busy"))

    def test_streams_and_deliveries_measure_themselves(self):
        kinesis, firehose, s3 = (self.engine.client(name) for name in ("kinesis", "firehose", "s3"))
        kinesis.create_stream(StreamName="beers", ShardCount=1)
        kinesis.get_waiter("stream_exists").wait(StreamName="beers", WaiterConfig={"Delay": 1})
        s3.create_bucket(Bucket="lake")
        self.make("clean")
        s3_settings = {"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::lake", "BufferingHints": {"IntervalInSeconds": 60, "SizeInMBs": 1}}
        arn = kinesis.describe_stream_summary(StreamName="beers")["StreamDescriptionSummary"]["StreamARN"]
        firehose.create_delivery_stream(
            DeliveryStreamName="raw", DeliveryStreamType="KinesisStreamAsSource", ExtendedS3DestinationConfiguration=s3_settings,
            KinesisStreamSourceConfiguration={"KinesisStreamARN": arn, "RoleARN": ROLE})
        kinesis.put_records(StreamName=arn.split("/")[-1], Records=[{"Data": b"12345678", "PartitionKey": str(i)} for i in range(25)])
        stream, delivery = {"StreamName": "beers"}, {"DeliveryStreamName": "raw"}
        self.assertEqual(self.measured("AWS/Kinesis", "IncomingRecords", **stream), 25)
        self.assertEqual(self.measured("AWS/Kinesis", "IncomingBytes", **stream), 200)
        eventually(lambda: self.measured("AWS/Firehose", "DeliveryToS3.Records", **delivery) == 25, "the delivery")
        self.assertEqual(self.measured("AWS/Firehose", "IncomingRecords", **delivery), 25)
        self.assertEqual(self.measured("AWS/Firehose", "DeliveryToS3.Success", "Average", **delivery), 1)
        eventually(lambda: self.measured("AWS/Firehose", "DeliveryToS3.DataFreshness", "Maximum", **delivery) is not None, "freshness")
        shard = kinesis.list_shards(StreamName="beers")["Shards"][0]["ShardId"]
        iterator = kinesis.get_shard_iterator(StreamName="beers", ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
        kinesis.get_records(ShardIterator=iterator, Limit=1)
        self.assertGreater(self.measured("AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds", "Maximum", **stream), 0)


if __name__ == "__main__":
    unittest.main()
