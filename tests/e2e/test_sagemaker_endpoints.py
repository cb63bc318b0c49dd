"""Endpoints between their states, moved step by step, serverless, captured and asynchronous: by boto3."""
import json
import pathlib
import threading
import unittest

from beer import eventually
from scripted import ARN, IMAGE, ROLE, SERVING, Engine, model_archive, refused, when


def setUpModule():
    global engine, s3, sagemaker, runtime, folder
    engine = Engine("--no-deploy", program=SERVING).__enter__()
    s3, sagemaker, runtime = (engine.client(name) for name in ("s3", "sagemaker", "sagemaker-runtime"))
    folder = pathlib.Path(engine.folder)
    s3.create_bucket(Bucket="lab")
    for name, model in (("Good", {"name": "good"}), ("Other", {"name": "other"}), ("Slow", {"slow": str(folder / "ready")}), ("Once", {"dies_by": str(folder / "gone")})):
        s3.put_object(Bucket="lab", Key=f"models/{name}.tar.gz", Body=model_archive(model))
        sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE, "ModelDataUrl": f"s3://lab/models/{name}.tar.gz"})


def tearDownModule():
    engine.__exit__()


def config(name, model, serverless=None, **more):
    place = {"ServerlessConfig": serverless} if serverless else {"InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    return sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[{"VariantName": "All", "ModelName": model, **place}], **more)


def deploy(name, status="InService"):
    arn = sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)["EndpointArn"]
    assert arn == f"{ARN}endpoint/{name.lower()}", arn
    return state(name, status)


def state(name, *statuses):
    return when(sagemaker.describe_endpoint, "EndpointStatus", *statuses, EndpointName=name)


def ask(name, body=b"x", **more):
    return json.loads(runtime.invoke_endpoint(EndpointName=name, Body=body, **more)["Body"].read())


def objects(prefix):
    return [o["Key"] for o in s3.list_objects_v2(Bucket="lab", Prefix=prefix).get("Contents", [])]


def text(uri):
    key = uri.removeprefix("s3://lab/")
    eventually(lambda: objects(key), uri)
    return s3.get_object(Bucket="lab", Key=key)["Body"].read().decode()


class States(unittest.TestCase):
    def test_deleting_until_the_last_request_is_answered(self):
        config("Busy", "Good"), deploy("Busy")
        answers, client = [], engine.client("sagemaker-runtime")
        asking = threading.Thread(target=lambda: answers.append(json.loads(client.invoke_endpoint(EndpointName="Busy", Body=f"wait {folder}/go".encode())["Body"].read())))
        asking.start()
        eventually(lambda: sagemaker.describe_endpoint(EndpointName="Busy")["EndpointStatus"] == "InService" and asking.is_alive(), "a request under way")
        ask("Busy")
        sagemaker.delete_endpoint(EndpointName="Busy")
        found = refused(sagemaker.describe_endpoint, EndpointName="Busy")[0] if answers else sagemaker.describe_endpoint(EndpointName="Busy")["EndpointStatus"]
        self.assertEqual(found, "Deleting")
        self.assertEqual(refused(runtime.invoke_endpoint, EndpointName="Busy", Body=b"x")[::2], ("ValidationError", 400))
        self.assertIn("in-progress", refused(sagemaker.update_endpoint, EndpointName="Busy", EndpointConfigName="Busy")[1])
        self.assertEqual([e["EndpointStatus"] for e in sagemaker.list_endpoints(StatusEquals="Deleting")["Endpoints"]], ["Deleting"])
        (folder / "go").touch()
        asking.join()
        self.assertEqual(answers[0]["model"], {"name": "good"})
        sagemaker.get_waiter("endpoint_deleted").wait(EndpointName="Busy", WaiterConfig={"Delay": 1})

    def test_out_of_service_while_the_process_cannot_be_started(self):
        config("Once", "Once"), deploy("Once")
        (folder / "gone").touch()
        self.assertEqual(refused(runtime.invoke_endpoint, EndpointName="Once", Body=b"die")[::2], ("ServiceUnavailable", 503))
        about = state("Once", "OutOfService")
        self.assertIn("no hops in the model", about["FailureReason"])
        self.assertEqual(refused(runtime.invoke_endpoint, EndpointName="Once", Body=b"x")[0], "ServiceUnavailable")
        (folder / "gone").unlink()
        self.assertNotIn("FailureReason", state("Once", "InService"))


class Updates(unittest.TestCase):
    def routing(self, kind, wait=1, **size):
        return {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": {"Type": kind, "WaitIntervalInSeconds": wait, **size}}}

    def test_a_canary_then_all(self):
        config("Canary", "Good"), config("Canary-2", "Other"), deploy("Canary")
        how = self.routing("CANARY", 2, CanarySize={"Type": "CAPACITY_PERCENT", "Value": 50})
        sagemaker.update_endpoint(EndpointName="Canary", EndpointConfigName="Canary-2", DeploymentConfig=how)
        pending = sagemaker.describe_endpoint(EndpointName="Canary")
        self.assertEqual((pending["EndpointStatus"], pending["EndpointConfigName"], pending["PendingDeploymentSummary"]["EndpointConfigName"]), ("Updating", "Canary", "Canary-2"))
        [variant] = pending["PendingDeploymentSummary"]["ProductionVariants"]
        self.assertIn(variant["VariantStatus"][0]["Status"], ("Creating", "ActivatingTraffic", "Baking"))
        about = state("Canary", "InService")
        self.assertEqual((about["EndpointConfigName"], about["LastDeploymentConfig"]), ("Canary-2", how))
        self.assertEqual(ask("Canary")["model"], {"name": "other"})

    def test_an_alarm_rolls_back(self):
        cloudwatch = engine.client("cloudwatch")
        cloudwatch.put_metric_alarm(AlarmName="sour", MetricName="m", Namespace="n", Period=60, EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanThreshold", Statistic="Sum")
        config("Sour", "Good"), config("Sour-2", "Other"), deploy("Sour")
        how = {**self.routing("ALL_AT_ONCE", 30), "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "sour"}]}}
        sagemaker.update_endpoint(EndpointName="Sour", EndpointConfigName="Sour-2", DeploymentConfig=how)
        eventually(lambda: ask("Sour")["model"] == {"name": "other"}, "the traffic has moved")
        cloudwatch.set_alarm_state(AlarmName="sour", StateValue="ALARM", StateReason="tastes so")
        about = state("Sour", "InService")
        self.assertIn('"sour" is in ALARM state', about["FailureReason"])
        self.assertEqual((about["EndpointConfigName"], ask("Sour")["model"]), ("Sour", {"name": "good"}))

    def test_refusals(self):
        config("Kept", "Good"), deploy("Kept")
        for how, told in ((self.routing("CANARY", CanarySize={"Type": "CAPACITY_PERCENT", "Value": 80}), "CanarySize must be"), (self.routing("LINEAR"), "needs a LinearStepSize"),
                          ({"RollingUpdatePolicy": {"MaximumBatchSize": {"Type": "INSTANCE_COUNT", "Value": 1}, "WaitIntervalInSeconds": 1}}, "not supported"),
                          ({"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "none"}]}}, "does not exist")):
            code, sentence, _ = refused(sagemaker.update_endpoint, EndpointName="Kept", EndpointConfigName="Kept", DeploymentConfig=how)
            self.assertEqual(code, "ValidationException")
            self.assertIn(told, sentence)
        self.assertEqual(sagemaker.describe_endpoint(EndpointName="Kept")["EndpointStatus"], "InService")


class Serverless(unittest.TestCase):
    def test_not_ready_while_it_is_provisioned(self):
        (folder / "ready").unlink(missing_ok=True)
        config("Slow", "Slow", serverless={"MemorySizeInMB": 1024, "MaxConcurrency": 2})
        sagemaker.create_endpoint(EndpointName="Slow", EndpointConfigName="Slow")
        self.assertEqual(refused(runtime.invoke_endpoint, EndpointName="Slow", Body=b"x")[::2], ("ModelNotReadyException", 429))
        (folder / "ready").touch()
        [variant] = state("Slow", "InService")["ProductionVariants"]
        self.assertEqual(variant["CurrentServerlessConfig"], {"MemorySizeInMB": 1024, "MaxConcurrency": 2})
        self.assertEqual(ask("Slow")["body"], "x")


class Captured(unittest.TestCase):
    def test_lines_by_variant_and_hour(self):
        config("Seen", "Good", DataCaptureConfig={
            "EnableCapture": True, "InitialSamplingPercentage": 100, "DestinationS3Uri": "s3://lab/captured", "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
            "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"], "JsonContentTypes": ["application/json"]}})
        self.assertEqual(deploy("Seen")["DataCaptureConfig"], {
            "EnableCapture": True, "CaptureStatus": "Started", "CurrentSamplingPercentage": 100, "DestinationS3Uri": "s3://lab/captured", "KmsKeyId": ""})
        for number in range(3):
            ask("Seen", f"{number},2".encode(), ContentType="text/csv", InferenceId=f"i{number}")
        sagemaker.delete_endpoint(EndpointName="Seen")
        keys = eventually(lambda: objects("captured/Seen/"), "a file")
        lines = [json.loads(line) for key in keys for line in text("s3://lab/" + key).splitlines()]
        for key in keys:
            self.assertRegex(key, r"^captured/Seen/All/\d{4}/\d\d/\d\d/\d\d/\d\d-\d\d-\d{3}-[0-9a-f-]{36}\.jsonl$")
        self.assertEqual([line["captureData"]["endpointInput"] for line in lines],
                         [{"observedContentType": "text/csv", "mode": "INPUT", "data": f"{n},2", "encoding": "CSV"} for n in range(3)])
        self.assertEqual({(o["observedContentType"], o["mode"], o["encoding"]) for o in (line["captureData"]["endpointOutput"] for line in lines)}, {("application/json", "OUTPUT", "JSON")})
        self.assertEqual([line["eventMetadata"]["inferenceId"] for line in lines], ["i0", "i1", "i2"])
        self.assertEqual({(*sorted(line), *sorted(line["eventMetadata"]), line["eventVersion"]) for line in lines},
                         {("captureData", "eventMetadata", "eventVersion", "eventId", "inferenceId", "inferenceTime", "0")})


class Asynchronous(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        config("Later", "Good", AsyncInferenceConfig={"OutputConfig": {"S3OutputPath": "s3://lab/answers", "S3FailurePath": "s3://lab/failures"}, "ClientConfig": {"MaxConcurrentInvocationsPerInstance": 2}})
        deploy("Later")

    def test_answers_and_failures_are_objects(self):
        s3.put_object(Bucket="lab", Key="in/beer", Body=b"1,2")
        answer = runtime.invoke_endpoint_async(EndpointName="Later", InputLocation="s3://lab/in/beer", ContentType="text/csv", InferenceId="mine", CustomAttributes="a=b")
        self.assertEqual((answer["ResponseMetadata"]["HTTPStatusCode"], answer["InferenceId"]), (202, "mine"))
        self.assertRegex(answer["OutputLocation"], r"^s3://lab/answers/[0-9a-f-]{36}\.out$")
        self.assertRegex(answer["FailureLocation"], r"^s3://lab/failures/[0-9a-f-]{36}-error\.out$")
        told = json.loads(text(answer["OutputLocation"]))
        self.assertEqual((told["body"], told["headers"]["content-type"], told["headers"]["x-amzn-sagemaker-custom-attributes"], told["headers"]["x-amzn-sagemaker-inference-id"]), ("1,2", "text/csv", "a=b", "mine"))
        s3.put_object(Bucket="lab", Key="in/bad", Body=b"500")
        for key, said in (("bad", 'server error (500) from primary with message "so it is"'), ("none", "")):
            self.assertIn(said, text(runtime.invoke_endpoint_async(EndpointName="Later", InputLocation=f"s3://lab/in/{key}")["FailureLocation"]))

    def test_refusals(self):
        for name in ("Nowhere", "Unasked"):
            if name == "Unasked":
                config(name, "Good"), deploy(name)
            self.assertEqual(refused(runtime.invoke_endpoint_async, EndpointName=name, InputLocation="s3://lab/in/beer")[::2], ("ValidationError", 400))
        self.assertEqual(refused(runtime.invoke_endpoint, EndpointName="Later", Body=b"x")[::2], ("ValidationError", 400))
        topics = {"OutputConfig": {"S3OutputPath": "s3://lab/a", "NotificationConfig": {"SuccessTopic": "arn:aws:sns:us-east-1:123456789012:t"}}}
        self.assertIn("no SNS", refused(config, name="Told", model="Good", AsyncInferenceConfig=topics)[1])
        for more in ({"ShadowProductionVariants": [{"VariantName": "s", "ModelName": "Good", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}]},):
            self.assertIn("not supported", refused(config, name="Shadow", model="Good", **more)[1])


class Restarted(unittest.TestCase):
    def test_an_endpoint_is_updated_by_the_system_until_it_serves_again(self):
        (folder / "ready").touch()
        config("Back", "Slow"), deploy("Back")
        engine.kill()
        (folder / "ready").unlink()
        engine.start("--no-deploy")
        global sagemaker, runtime, s3
        s3, sagemaker, runtime = (engine.client(name) for name in ("s3", "sagemaker", "sagemaker-runtime"))
        self.assertEqual(sagemaker.describe_endpoint(EndpointName="Back")["EndpointStatus"], "SystemUpdating")
        self.assertEqual(refused(runtime.invoke_endpoint, EndpointName="Back", Body=b"x")[::2], ("ServiceUnavailable", 503))
        (folder / "ready").touch()
        state("Back", "InService")
        self.assertEqual(ask("Back")["body"], "x")


if __name__ == "__main__":
    unittest.main()
