"""Endpoints, their configurations and models: every status, ARN, header and refusal, on a program that serves by its model."""
import json
import unittest

from botocore.exceptions import ClientError, WaiterError

from scripted import ARN, IMAGE, ROLE, SERVING, Engine, hours, model_archive, paged, refused, when
from beer import eventually


def setUpModule():
    global engine, s3, sagemaker, runtime
    engine = Engine("--no-deploy", program=SERVING).__enter__()
    s3, sagemaker, runtime = (engine.client(name) for name in ("s3", "sagemaker", "sagemaker-runtime"))
    s3.create_bucket(Bucket="lab")
    for name, model in (("good", {"name": "good"}), ("other", {"name": "other"}), ("bad", {"dies": True})):
        s3.put_object(Bucket="lab", Key=f"models/{name}.tar.gz", Body=model_archive(model))
        make_model(name.capitalize(), name)
        config(name.capitalize(), All=name.capitalize())


def tearDownModule():
    engine.__exit__()


def make_model(name, data, **container):
    return sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={
        "Image": IMAGE, "ModelDataUrl": f"s3://lab/models/{data}.tar.gz", "Environment": {"HOP": "citra"}, **container})["ModelArn"]


def variant(name, model, **more):
    return {"VariantName": name, "ModelName": model, "InitialInstanceCount": 1, "InstanceType": "ml.m5.large", **more}


def config(name, **models):
    return sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[
        variant(v, model) for v, model in models.items()])["EndpointConfigArn"]


def deploy(name, config, status="InService"):
    arn = sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)["EndpointArn"]
    assert arn == f"{ARN}endpoint/{name.lower()}", arn
    return when(sagemaker.describe_endpoint, "EndpointStatus", status, EndpointName=name)


def ask(endpoint, body=b"x", **more):
    answer = runtime.invoke_endpoint(EndpointName=endpoint, Body=body, **more)
    return json.loads(answer["Body"].read()), answer


class Endpoints(unittest.TestCase):
    def test_in_service_with_arns_weights_and_images(self):
        about = deploy("First", "Good")
        self.assertEqual((about["EndpointName"], about["EndpointConfigName"]), ("First", "Good"))
        [found] = about["ProductionVariants"]
        self.assertEqual((found["VariantName"], found["CurrentWeight"], found["DesiredWeight"], found["CurrentInstanceCount"],
                          found["DesiredInstanceCount"]), ("All", 1.0, 1.0, 1, 1))
        self.assertEqual([(i["SpecifiedImage"], i["ResolvedImage"]) for i in found["DeployedImages"]], [(IMAGE, IMAGE)])
        self.assertGreaterEqual(about["LastModifiedTime"], about["CreationTime"])
        for absent in ("FailureReason", "PendingDeploymentSummary", "LastDeploymentConfig"):
            self.assertNotIn(absent, about)
        sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="First", WaiterConfig={"MaxAttempts": 1})
        self.assertEqual(sagemaker.describe_model(ModelName="GOOD")["ModelArn"], ARN + "model/good")
        self.assertEqual(sagemaker.describe_endpoint_config(EndpointConfigName="good")["EndpointConfigArn"], ARN + "endpoint-config/good")

    def test_failed_with_its_reason_and_no_service(self):
        about = deploy("Broken", "Bad", "Failed")
        self.assertRegex(about["FailureReason"], "^The primary container for production variant All did not pass the ping health check: .*no hops in the model")
        with self.assertRaisesRegex(WaiterError, "terminal failure"):
            sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="Broken", WaiterConfig={"MaxAttempts": 1})
        self.assertEqual(refused(runtime.invoke_endpoint, EndpointName="Broken", Body=b"x")[::2], ("ServiceUnavailable", 503))
        sagemaker.update_endpoint(EndpointName="Broken", EndpointConfigName="Good")
        when(sagemaker.describe_endpoint, "EndpointStatus", "InService", EndpointName="Broken")

    def test_updated_or_rolled_back_and_deleted(self):
        deploy("Changes", "Good")
        deployment = {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}}}
        self.assertEqual(sagemaker.update_endpoint(EndpointName="Changes", EndpointConfigName="Other", DeploymentConfig=deployment)["EndpointArn"], ARN + "endpoint/changes")
        about = when(sagemaker.describe_endpoint, "EndpointStatus", "InService", EndpointName="Changes")
        self.assertEqual((about["EndpointConfigName"], about["LastDeploymentConfig"]), ("Other", deployment))
        self.assertEqual(ask("Changes")[0]["model"], {"name": "other"})
        sagemaker.update_endpoint(EndpointName="Changes", EndpointConfigName="Bad")
        about = when(sagemaker.describe_endpoint, "EndpointStatus", "InService", EndpointName="Changes")
        self.assertEqual(about["EndpointConfigName"], "Other")
        self.assertIn("no hops in the model", about["FailureReason"])
        self.assertEqual(ask("Changes")[0]["model"], {"name": "other"})
        self.assertEqual(sagemaker.delete_endpoint(EndpointName="Changes")["ResponseMetadata"]["HTTPStatusCode"], 200)
        sagemaker.get_waiter("endpoint_deleted").wait(EndpointName="Changes", WaiterConfig={"MaxAttempts": 1})
        with self.assertRaisesRegex(WaiterError, "ValidationException"):
            sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="Changes", WaiterConfig={"MaxAttempts": 1})

    def test_a_rollback_with_nothing_to_go_back_to(self):
        s3.put_object(Bucket="lab", Key="models/lost.tar.gz", Body=model_archive({"name": "lost"}))
        make_model("Lost", "lost"), config("Lost", All="Lost"), deploy("Lost", "Lost")
        s3.delete_object(Bucket="lab", Key="models/lost.tar.gz")
        with self.assertRaises(ClientError):
            ask("Lost", b"die")
        sagemaker.update_endpoint(EndpointName="Lost", EndpointConfigName="Bad")
        about = when(sagemaker.describe_endpoint, "EndpointStatus", "UpdateRollbackFailed", EndpointName="Lost")
        self.assertIn("no hops in the model", about["FailureReason"])
        self.assertEqual(refused(runtime.invoke_endpoint, EndpointName="Lost", Body=b"x")[::2], ("ServiceUnavailable", 503))
        sagemaker.update_endpoint(EndpointName="Lost", EndpointConfigName="Good")
        when(sagemaker.describe_endpoint, "EndpointStatus", "InService", EndpointName="Lost")

    def test_weights_move_the_traffic(self):
        config("Both", A="Good", B="Other")
        deploy("Weighted", "Both")
        shift = sagemaker.update_endpoint_weights_and_capacities
        for weights, served in (((1, 0), "good"), ((0, 1), "other")):
            arn = shift(EndpointName="Weighted", DesiredWeightsAndCapacities=[
                {"VariantName": name, "DesiredWeight": weight, "DesiredInstanceCount": 2} for name, weight in zip("AB", weights)])["EndpointArn"]
            self.assertEqual(arn, ARN + "endpoint/weighted")
            about = when(sagemaker.describe_endpoint, "EndpointStatus", "InService", EndpointName="Weighted")
            self.assertEqual([v["CurrentWeight"] for v in about["ProductionVariants"]], list(weights))
            self.assertEqual({ask("Weighted")[0]["model"]["name"] for _ in range(5)}, {served})
        found, answer = ask("Weighted", TargetVariant="A")
        self.assertEqual((found["model"], answer["InvokedProductionVariant"]), ({"name": "good"}, "A"))
        self.assertEqual(refused(runtime.invoke_endpoint, EndpointName="Weighted", Body=b"x", TargetVariant="C")[::2], ("ValidationError", 400))
        self.assertEqual(refused(shift, EndpointName="Weighted", DesiredWeightsAndCapacities=[{"VariantName": "C", "DesiredWeight": 1}])[0], "ValidationException")
        sagemaker.update_endpoint(EndpointName="Weighted", EndpointConfigName="Both", RetainAllVariantProperties=True)
        about = when(sagemaker.describe_endpoint, "EndpointStatus", "InService", EndpointName="Weighted")
        self.assertEqual([v["CurrentWeight"] for v in about["ProductionVariants"]], [0, 1])
        sagemaker.update_endpoint(EndpointName="Weighted", EndpointConfigName="Both")
        about = when(sagemaker.describe_endpoint, "EndpointStatus", "InService", EndpointName="Weighted")
        self.assertEqual([v["CurrentWeight"] for v in about["ProductionVariants"]], [1, 1])


class Invocations(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        deploy("Serves", "Good")

    def test_headers_go_there_and_back(self):
        found, answer = ask("Serves", b"1,2", ContentType="text/csv", Accept="application/json", CustomAttributes="a=b", InferenceId="i1", SessionId="s1",
                            TargetModel="m.tar.gz", EnableExplanations="`true`")
        self.assertEqual((found["path"], found["body"]), ("/invocations", "1,2"))
        sent = found["headers"]
        self.assertEqual([sent[n] for n in ("content-type", "accept")], ["text/csv", "application/json"])
        for name, value in (("custom-attributes", "a=b"), ("inference-id", "i1"), ("session-id", "s1"), ("target-model", "m.tar.gz")):
            self.assertEqual(sent["x-amzn-sagemaker-" + name], value)
        self.assertEqual((answer["ContentType"], answer["CustomAttributes"], answer["InvokedProductionVariant"], answer["NewSessionId"], answer["ClosedSessionId"]),
                         ("application/json", "c=d", "All", "s1", "s0"))
        self.assertEqual((found["env"]["HOP"], found["env"]["SAGEMAKER_BIND_TO_PORT"].isdigit()), ("citra", True))

    def test_errors_by_code_and_status(self):
        for status, whose in ((400, "client"), (415, "client"), (500, "server")):
            with self.assertRaises(runtime.exceptions.ModelError) as caught:
                ask("Serves", str(status).encode())
            told = caught.exception.response
            self.assertEqual(told["ResponseMetadata"]["HTTPStatusCode"], 424)
            self.assertEqual((told["OriginalStatusCode"], told["OriginalMessage"]), (status, "so it is"))
            self.assertIn("log-group:/aws/sagemaker/Endpoints/Serves", told["LogStreamArn"])
            self.assertEqual(told["Error"]["Message"], f'Received {whose} error ({status}) from primary with message "so it is".')
        code, sentence, status = refused(runtime.invoke_endpoint, EndpointName="nowhere", Body=b"x")
        self.assertEqual((code, status), ("ValidationError", 400))
        self.assertRegex(sentence, r"^Endpoint nowhere of account \d{12} not found\.$")
        self.assertEqual(refused(runtime.invoke_endpoint, EndpointName="Serves", Body=b"x" * 6291457)[2] // 100, 4)
        self.assertEqual(len(ask("Serves", b"x" * 6291456)[0]["body"]), 6291456)
        self.assertEqual(refused(runtime.invoke_endpoint, EndpointName="Serves", Body=b"x", InferenceId="x" * 65)[::2], ("ValidationError", 400))

    def test_its_log(self):
        ask("Serves")
        logs = engine.client("logs")
        [stream] = eventually(lambda: logs.describe_log_streams(logGroupName="/aws/sagemaker/Endpoints/Serves")["logStreams"], "a stream")
        self.assertRegex(stream["logStreamName"], "^All/i-[0-9a-f]{17}$")


class Refusals(unittest.TestCase):
    def test_what_isnt_there(self):
        for operation, member, kind in (
                ("describe_endpoint", "EndpointName", "endpoint"), ("delete_endpoint", "EndpointName", "endpoint"),
                ("describe_endpoint_config", "EndpointConfigName", "endpoint configuration"), ("delete_endpoint_config", "EndpointConfigName", "endpoint configuration"),
                ("describe_model", "ModelName", "model"), ("delete_model", "ModelName", "model")):
            place = kind.replace("configuration", "config").replace(" ", "-")
            self.assertEqual(refused(getattr(sagemaker, operation), **{member: "none"}),
                             ("ValidationException", f'Could not find {kind} "{ARN}{place}/none".', 400))
        gone = f'Could not find endpoint configuration "{ARN}endpoint-config/none".'
        self.assertEqual(refused(sagemaker.create_endpoint, EndpointName="x", EndpointConfigName="none")[1], gone)
        self.assertEqual(refused(sagemaker.create_endpoint_config, EndpointConfigName="x", ProductionVariants=[variant("v", "none")])[1],
                         f'Could not find model "{ARN}model/none".')
        deploy("Kept", "Good")
        self.assertEqual(refused(sagemaker.update_endpoint, EndpointName="Kept", EndpointConfigName="none")[1], gone)
        self.assertEqual(refused(sagemaker.update_endpoint, EndpointName="none", EndpointConfigName="Good")[0], "ValidationException")

    def test_what_is_there_already(self):
        deploy("Taken", "Good")
        for call, kind, place in ((lambda: make_model("good", "good"), "model", "model/good"),
                                  (lambda: config("GOOD", All="Good"), "endpoint configuration", "endpoint-config/good"),
                                  (lambda: deploy("taken", "Good"), "endpoint", "endpoint/taken")):
            self.assertEqual(refused(call), ("ValidationException", f'Cannot create already existing {kind} "{ARN}{place}".', 400))

    def test_what_cannot_be(self):
        two = [variant("v", "Good")] * 2
        self.assertIn("used twice", refused(sagemaker.create_endpoint_config, EndpointConfigName="x", ProductionVariants=two)[1])
        self.assertEqual(refused(sagemaker.create_model, ModelName="x", ExecutionRoleArn=ROLE)[0], "ValidationException")
        self.assertEqual(refused(sagemaker.create_model, ModelName="x", ExecutionRoleArn=ROLE, PrimaryContainer={
            "ModelPackageName": ARN + "model-package/none/1"})[1], f'Could not find model package "{ARN}model-package/none/1".')
        for name in ("under_score", "x" * 64):
            self.assertRegex(refused(sagemaker.create_endpoint, EndpointName=name, EndpointConfigName="Good")[1], "'endpointName' failed to satisfy constraint")
        capture = {"EnableCapture": True, "InitialSamplingPercentage": 101, "DestinationS3Uri": "s3://lab/c", "CaptureOptions": [{"CaptureMode": "Input"}]}
        raw = engine.client("sagemaker", checked=False)
        self.assertRegex(refused(raw.create_endpoint_config, EndpointConfigName="x", ProductionVariants=[variant("v", "Good")], DataCaptureConfig=capture)[1], "less than or equal to 100")


class Lists(unittest.TestCase):
    def test_by_name_time_and_status_in_pages(self):
        for letter in "bac":
            make_model(f"List-{letter}", "good"), config(f"List-{letter}", All="Good"), deploy(f"List-{letter}", "Good")
        for operation, result, member in (("list_models", "Models", "ModelName"), ("list_endpoints", "Endpoints", "EndpointName"),
                                          ("list_endpoint_configs", "EndpointConfigs", "EndpointConfigName")):
            names = lambda **more: [x[member] for x in paged(sagemaker, operation, result, NameContains="list-", **more)[0]]
            self.assertEqual(names(), ["List-c", "List-a", "List-b"])
            self.assertEqual(names(SortOrder="Ascending"), ["List-b", "List-a", "List-c"])
            self.assertEqual(names(SortBy="Name", SortOrder="Ascending"), ["List-a", "List-b", "List-c"])
            self.assertEqual(len(names(CreationTimeAfter=hours(-1), CreationTimeBefore=hours(1))), 3)
            self.assertEqual(names(CreationTimeAfter=hours(1)) + names(CreationTimeBefore=hours(-1)), [])
            self.assertEqual(paged(sagemaker, operation, result, NameContains="list-")[1], 2)
            self.assertEqual(refused(getattr(sagemaker, operation), NextToken="nonsense")[0], "ValidationException")
        listed = sagemaker.list_endpoints(StatusEquals="InService", NameContains="List-a")["Endpoints"]
        self.assertEqual(set(listed[0]), {"EndpointName", "EndpointArn", "CreationTime", "LastModifiedTime", "EndpointStatus"})
        self.assertEqual(sagemaker.list_endpoints(StatusEquals="Failed", NameContains="List-")["Endpoints"], [])
        for after, number in ((hours(-1), 3), (hours(1), 0)):
            self.assertEqual(len(sagemaker.list_endpoints(NameContains="List-", LastModifiedTimeAfter=after)["Endpoints"]), number)


if __name__ == "__main__":
    unittest.main()
