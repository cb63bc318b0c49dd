"""Lambda, EventBridge, CloudWatch Logs, IAM, STS and ECR as boto3 and the aws CLI use them."""
import base64
import hashlib
import io
import json
import os
import stat
import time
import unittest
import zipfile

from botocore.exceptions import ClientError

import beer
from beer import eventually

ROLE = "arn:aws:iam::123456789012:role/function"
DOCUMENT = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
NOBODY = {"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}]}
ACCESS = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lake/*"}]})
NOTHING = {"Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}


def package(bootstrap=None, **files):
    """A deployment package; without a script the bootstrap is the engine's own test function."""
    if bootstrap is None:
        bootstrap = (beer.BIN / "lambda_test_bootstrap").read_bytes()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = (stat.S_IFREG | 0o755) << 16
        archive.writestr(entry, bootstrap)
        for name, text in files.items():
            archive.writestr(name.replace("_", "."), text)
    return out.getvalue()


def code_of(error):
    return error.exception.response["Error"]["Code"]


class WithEngine(unittest.TestCase):
    """An engine for the class, sixty times as fast as the clock on the wall."""

    @classmethod
    def setUpClass(cls):
        engine = beer.Engine("--no-deploy", "--speed", "60", roles=(ROLE,))
        cls.engine = engine.__enter__()
        cls.addClassCleanup(engine.__exit__)

    def client(self, service):
        return self.engine.client(service)


class Functions(WithEngine):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lambda_ = cls.engine.client("lambda")
        cls.zip = package()

    def make(self, name, code=None, **settings):
        made = self.lambda_.create_function(**{
            "FunctionName": name, "Role": ROLE, "Runtime": "provided.al2023", "Handler": "bootstrap",
            "Code": {"ZipFile": code or self.zip}, **settings})
        self.lambda_.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 1})
        return made

    def call(self, name, event=None, **more):
        answer = self.lambda_.invoke(FunctionName=name, Payload=json.dumps(event if event is not None else {}), **more)
        text = answer["Payload"].read()
        return answer, json.loads(text) if text else None

    def logged(self, name, pattern=""):
        logs = self.client("logs")
        try:
            return [e["message"] for e in
                    logs.filter_log_events(logGroupName=f"/aws/lambda/{name}", filterPattern=pattern)["events"]]
        except logs.exceptions.ResourceNotFoundException:
            return []

    def test_a_function_from_an_inline_zip_tells_all_that_was_set(self):
        made = self.make("inline", Description="d", Timeout=7, MemorySize=256, Tags={"team": "beer"},
                         Environment={"Variables": {"STREAM": "beers"}}, Architectures=["x86_64"],
                         EphemeralStorage={"Size": 512}, TracingConfig={"Mode": "PassThrough"})
        self.assertEqual(made["CodeSha256"], base64.b64encode(hashlib.sha256(self.zip).digest()).decode())
        self.assertEqual(made["CodeSize"], len(self.zip))
        self.assertEqual(made["ResponseMetadata"]["HTTPStatusCode"], 201)
        got = self.lambda_.get_function(FunctionName="inline")
        self.assertEqual(got["Tags"], {"team": "beer"})
        configuration = got["Configuration"]
        for name, value in (("Timeout", 7), ("MemorySize", 256), ("Description", "d"), ("Version", "$LATEST"),
                            ("State", "Active"), ("LastUpdateStatus", "Successful"), ("Role", ROLE),
                            ("Environment", {"Variables": {"STREAM": "beers"}}), ("PackageType", "Zip"),
                            ("FunctionArn", "arn:aws:lambda:us-east-1:123456789012:function:inline")):
            self.assertEqual(configuration[name], value, name)
        again = self.lambda_.get_function_configuration(FunctionName=configuration["FunctionArn"])
        again.pop("ResponseMetadata")
        self.assertEqual(again, configuration)

    def test_a_function_from_a_bucket_runs_the_package_that_lies_there(self):
        s3 = self.client("s3")
        s3.create_bucket(Bucket="packages")
        s3.put_object(Bucket="packages", Key="v1.zip", Body=package(version_txt="one"))
        s3.put_object(Bucket="packages", Key="v2.zip", Body=package(version_txt="two"))
        self.make("stored", code=None, Code={"S3Bucket": "packages", "S3Key": "v1.zip"})
        self.assertEqual(self.call("stored", {"mode": "file"})[1], "one")
        self.lambda_.update_function_code(FunctionName="stored", S3Bucket="packages", S3Key="v2.zip")
        self.lambda_.get_waiter("function_updated_v2").wait(FunctionName="stored", WaiterConfig={"Delay": 1, "MaxAttempts": 1})
        self.assertEqual(self.call("stored", {"mode": "file"})[1], "two")
        with self.assertRaises(self.lambda_.exceptions.InvalidParameterValueException):
            self.lambda_.update_function_code(FunctionName="stored", S3Bucket="packages", S3Key="none.zip")
        with self.assertRaises(self.lambda_.exceptions.InvalidParameterValueException):
            self.make("unzippable", code=b"not a zip")

    def test_an_invocation_answers_with_the_payload_and_the_tail_of_its_log(self):
        self.make("echo")
        answer, value = self.call("echo", {"name": "Punk IPA", "ü": [1, 2.5, None]})
        self.assertEqual(value, {"name": "Punk IPA", "ü": [1, 2.5, None]})
        self.assertEqual((answer["StatusCode"], answer["ExecutedVersion"]), (200, "$LATEST"))
        self.assertNotIn("FunctionError", answer)
        self.assertNotIn("LogResult", answer)
        answer, _ = self.call("echo", {"mode": "log", "text": "brewing\n"}, LogType="Tail")
        tail = base64.b64decode(answer["LogResult"]).decode()
        self.assertRegex(tail, r"(?s)START RequestId: \S+ Version: \$LATEST\nbrewing\nEND RequestId: .*REPORT RequestId: "
                               r"\S+\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB")
        self.assertIn("brewing", eventually(lambda: self.logged("echo", "brewing"), "the line in CloudWatch Logs"))
        streams = self.client("logs").describe_log_streams(logGroupName="/aws/lambda/echo")["logStreams"]
        self.assertRegex(streams[0]["logStreamName"], r"^\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}$")

    def test_the_request_id_in_the_log_is_the_one_the_caller_got(self):
        self.make("request-id")
        answer, _ = self.call("request-id", LogType="Tail")
        self.assertIn(answer["ResponseMetadata"]["RequestId"], base64.b64decode(answer["LogResult"]).decode())

    def test_a_dry_run_checks_and_runs_nothing(self):
        self.make("dry")
        self.assertEqual(self.call("dry", InvocationType="DryRun")[0]["StatusCode"], 204)
        self.assertEqual(self.logged("dry"), [])
        with self.assertRaises(self.lambda_.exceptions.ResourceNotFoundException):
            self.call("never-made", InvocationType="DryRun")

    def test_an_event_is_queued_and_run_later(self):
        self.make("queued")
        answer, value = self.call("queued", {"mode": "log", "text": "from the queue\n"}, InvocationType="Event")
        self.assertEqual((answer["StatusCode"], value), (202, None))
        eventually(lambda: self.logged("queued", '"from the queue"'), "the queued event to run")
        with self.assertRaises(self.lambda_.exceptions.ResourceNotFoundException):
            self.call("never-made", InvocationType="Event")

    def test_a_failing_event_is_tried_three_times(self):
        self.make("failing")
        self.call("failing", {"mode": "fail"}, InvocationType="Event")
        eventually(lambda: len(self.logged("failing", "START")) == 3, "three attempts")
        self.lambda_.put_function_event_invoke_config(FunctionName="failing", MaximumRetryAttempts=0)
        self.assertEqual(self.lambda_.get_function_event_invoke_config(FunctionName="failing")["MaximumRetryAttempts"], 0)
        self.lambda_.delete_function_event_invoke_config(FunctionName="failing")
        with self.assertRaises(self.lambda_.exceptions.ResourceNotFoundException):
            self.lambda_.get_function_event_invoke_config(FunctionName="failing")

    def test_a_function_that_fails_is_an_answer_and_says_so(self):
        self.make("wrong", Timeout=1)
        answer, value = self.call("wrong", {"mode": "fail"})
        self.assertEqual((answer["StatusCode"], answer["FunctionError"]), (200, "Unhandled"))
        self.assertEqual((value["errorType"], value["errorMessage"]), ("FlatBeer", "no bubbles"))
        answer, value = self.call("wrong", {"mode": "crash"})
        self.assertEqual((answer["FunctionError"], value["errorType"]), ("Unhandled", "Runtime.ExitError"))
        answer, value = self.call("wrong", {"mode": "hang"})
        self.assertEqual(value["errorType"], "Sandbox.Timedout")
        self.assertRegex(value["errorMessage"], r"Task timed out after 1\.00 seconds")
        self.assertEqual(self.call("wrong", {"fresh": True})[1], {"fresh": True})

    def test_a_bootstrap_that_is_a_script_runs_and_its_end_is_told(self):
        self.make("script", code=package("#!/bin/sh\necho hello from $AWS_LAMBDA_FUNCTION_NAME\nexit 7\n"))
        answer, value = self.call("script", LogType="Tail")
        self.assertEqual(value["errorType"], "Runtime.ExitError")
        self.assertIn("exit status 7", value["errorMessage"])
        self.assertIn("hello from script", base64.b64decode(answer["LogResult"]).decode())
        self.make("nothing", code=package("#!/no/such/interpreter\n"))
        self.assertEqual(self.call("nothing")[0]["FunctionError"], "Unhandled")

    def test_settings_reach_the_process(self):
        self.make("settings", MemorySize=192, Handler="my.handler", Environment={"Variables": {"HOPS": "citra"}})
        found = self.call("settings", {"mode": "environment"})[1]
        for name, value in (("HOPS", "citra"), ("AWS_LAMBDA_FUNCTION_NAME", "settings"), ("_HANDLER", "my.handler"),
                            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "192"), ("AWS_REGION", "us-east-1"),
                            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")):
            self.assertEqual(found.get(name), value, name)
        changed = self.lambda_.update_function_configuration(
            FunctionName="settings", Timeout=9, MemorySize=256, Description="new",
            Environment={"Variables": {"HOPS": "mosaic"}})
        self.assertEqual((changed["Timeout"], changed["MemorySize"], changed["Description"]), (9, 256, "new"))
        self.lambda_.get_waiter("function_updated_v2").wait(FunctionName="settings", WaiterConfig={"Delay": 1, "MaxAttempts": 1})
        self.assertEqual(self.call("settings", {"mode": "environment"})[1]["HOPS"], "mosaic")
        self.lambda_.update_function_configuration(FunctionName="settings", Environment={"Variables": {}})
        self.assertNotIn("HOPS", self.call("settings", {"mode": "environment"})[1])
        for wrong in ({"Timeout": 901}, {"MemorySize": 40_000}, {"Environment": {"Variables": {"AWS_REGION": "x"}}}):
            with self.subTest(wrong), self.assertRaises(ClientError) as caught:
                self.lambda_.update_function_configuration(FunctionName="settings", **wrong)
            self.assertIn(code_of(caught), ("ValidationException", "InvalidParameterValueException"))
        with self.assertRaises(self.lambda_.exceptions.PreconditionFailedException):
            self.lambda_.update_function_configuration(FunctionName="settings", Timeout=3, RevisionId="old")

    def test_a_function_cannot_take_more_memory_than_its_limit(self):
        self.make("hungry", Timeout=5, MemorySize=128,
                  code=package("#!/bin/sh\nx=aaaaaaaaaaaaaaaa\nwhile :; do x=$x$x; done\n"))
        answer, value = self.call("hungry")
        self.assertEqual((answer["FunctionError"], value["errorType"]), ("Unhandled", "Runtime.ExitError"))

    def test_reserved_concurrency_holds_calls_back(self):
        self.make("reserved")
        put = self.lambda_.put_function_concurrency(FunctionName="reserved", ReservedConcurrentExecutions=0)
        self.assertEqual(put["ReservedConcurrentExecutions"], 0)
        self.assertEqual(self.lambda_.get_function_concurrency(FunctionName="reserved")["ReservedConcurrentExecutions"], 0)
        with self.assertRaises(self.lambda_.exceptions.TooManyRequestsException) as caught:
            self.call("reserved")
        self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], 429)
        self.assertEqual(caught.exception.response.get("Reason"), "ReservedFunctionConcurrentInvocationLimitExceeded")
        self.assertEqual(self.lambda_.get_function(FunctionName="reserved")["Concurrency"],
                         {"ReservedConcurrentExecutions": 0})
        self.lambda_.delete_function_concurrency(FunctionName="reserved")
        self.assertEqual(self.call("reserved", {"now": 1})[1], {"now": 1})
        self.assertNotIn("ReservedConcurrentExecutions", self.lambda_.get_function_concurrency(FunctionName="reserved"))

    def test_versions_stay_as_they_were_and_aliases_point_to_them(self):
        first = self.make("versioned", code=package(version_txt="one"), Publish=True)
        self.assertEqual(first["Version"], "1")
        self.lambda_.update_function_code(FunctionName="versioned", ZipFile=package(version_txt="two"))
        second = self.lambda_.publish_version(FunctionName="versioned", Description="second")
        self.assertEqual((second["Version"], second["Description"]), ("2", "second"))
        self.assertTrue(second["FunctionArn"].endswith(":function:versioned:2"))
        self.lambda_.update_function_code(FunctionName="versioned", ZipFile=package(version_txt="three"))
        alias = self.lambda_.create_alias(FunctionName="versioned", Name="live", FunctionVersion="1", Description="x")
        self.assertTrue(alias["AliasArn"].endswith(":function:versioned:live"))
        for qualifier, text, version in (("1", "one", "1"), ("2", "two", "2"), ("$LATEST", "three", "$LATEST"),
                                         ("live", "one", "1")):
            answer, value = self.call("versioned", {"mode": "file"}, Qualifier=qualifier)
            self.assertEqual((value, answer["ExecutedVersion"]), (text, version))
        self.lambda_.update_alias(FunctionName="versioned", Name="live", FunctionVersion="2")
        self.assertEqual(self.call(alias["AliasArn"], {"mode": "file"})[1], "two")
        self.assertEqual(self.lambda_.get_alias(FunctionName="versioned", Name="live")["FunctionVersion"], "2")
        for page_size in (1, 2, 50):
            pages = self.lambda_.get_paginator("list_versions_by_function").paginate(
                FunctionName="versioned", PaginationConfig={"PageSize": page_size})
            pages = [[v["Version"] for v in page["Versions"]] for page in pages]
            self.assertEqual(sum(pages, []), ["$LATEST", "1", "2"])
            self.assertLessEqual(max(map(len, pages)), page_size)
        self.lambda_.create_alias(FunctionName="versioned", Name="old", FunctionVersion="1")
        pages = self.lambda_.get_paginator("list_aliases").paginate(FunctionName="versioned", PaginationConfig={"PageSize": 1})
        pages = [[a["Name"] for a in page["Aliases"]] for page in pages]
        self.assertEqual(pages, [["live"], ["old"]])
        self.assertEqual([a["Name"] for a in self.lambda_.list_aliases(FunctionName="versioned", FunctionVersion="1")["Aliases"]],
                         ["old"])
        with self.assertRaises(self.lambda_.exceptions.ResourceConflictException):
            self.lambda_.create_alias(FunctionName="versioned", Name="live", FunctionVersion="1")
        with self.assertRaises(self.lambda_.exceptions.ResourceNotFoundException):
            self.lambda_.create_alias(FunctionName="versioned", Name="late", FunctionVersion="9")
        with self.assertRaises(self.lambda_.exceptions.ResourceConflictException):
            self.lambda_.delete_function(FunctionName="versioned", Qualifier="1")  # an alias points there
        self.lambda_.delete_alias(FunctionName="versioned", Name="old")
        self.lambda_.delete_function(FunctionName="versioned", Qualifier="1")
        with self.assertRaises(self.lambda_.exceptions.ResourceNotFoundException):
            self.call("versioned", Qualifier="1")

    def test_permissions_are_kept_as_a_policy(self):
        self.make("permitted")
        with self.assertRaises(self.lambda_.exceptions.ResourceNotFoundException):
            self.lambda_.get_policy(FunctionName="permitted")
        asked = dict(FunctionName="permitted", StatementId="rule", Action="lambda:InvokeFunction",
                     Principal="events.amazonaws.com", SourceArn="arn:aws:events:us-east-1:123456789012:rule/every")
        statement = json.loads(self.lambda_.add_permission(**asked)["Statement"])
        self.assertEqual(statement["Principal"], {"Service": "events.amazonaws.com"})
        self.assertEqual(json.loads(self.lambda_.get_policy(FunctionName="permitted")["Policy"])["Statement"], [statement])
        with self.assertRaises(self.lambda_.exceptions.ResourceConflictException):
            self.lambda_.add_permission(**asked)
        self.lambda_.remove_permission(FunctionName="permitted", StatementId="rule")
        with self.assertRaises(self.lambda_.exceptions.ResourceNotFoundException):
            self.lambda_.remove_permission(FunctionName="permitted", StatementId="rule")

    def test_tags_of_a_function_come_and_go(self):
        arn = self.make("tagged")["FunctionArn"]
        self.lambda_.tag_resource(Resource=arn, Tags={"a": "1", "b": "2"})
        self.lambda_.untag_resource(Resource=arn, TagKeys=["a"])
        self.assertEqual(self.lambda_.list_tags(Resource=arn)["Tags"], {"b": "2"})

    def test_functions_are_listed_in_pages_and_can_be_deleted(self):
        for name in ("page-a", "page-b", "page-c"):
            self.make(name, code=package("#!/bin/sh\nexit 1\n"))
        pages = list(self.lambda_.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 2}))
        names = [f["FunctionName"] for page in pages for f in page["Functions"]]
        self.assertEqual(names, sorted(set(names)))
        self.assertLessEqual({"page-a", "page-b", "page-c"}, set(names))
        with self.assertRaises(self.lambda_.exceptions.ResourceConflictException):
            self.make("page-a")
        self.lambda_.delete_function(FunctionName="page-a")
        for use in (lambda: self.lambda_.get_function(FunctionName="page-a"),
                    lambda: self.lambda_.delete_function(FunctionName="page-a"),
                    lambda: self.call("page-a")):
            with self.assertRaises(self.lambda_.exceptions.ResourceNotFoundException):
                use()

    def test_what_cannot_be_a_function_or_an_event_is_refused(self):
        refused = self.lambda_.exceptions.InvalidParameterValueException
        with self.assertRaises(refused):
            self.make("python", Runtime="python3.12")
        with self.assertRaises(refused):
            self.lambda_.create_function(FunctionName="handless", Role=ROLE, Runtime="provided.al2023",
                                         Code={"ZipFile": self.zip})
        with self.assertRaises(ClientError) as caught:
            self.make("bad name!")
        self.assertEqual(code_of(caught), "ValidationException")
        self.make("json-only")
        with self.assertRaises(self.lambda_.exceptions.InvalidRequestContentException):
            self.lambda_.invoke(FunctionName="json-only", Payload=b"{not json")
        with self.assertRaises(self.lambda_.exceptions.RequestTooLargeException):
            self.lambda_.invoke(FunctionName="json-only", Payload=b'"' + b"x" * 6_291_460 + b'"')

    def test_the_aws_cli_invokes_a_function(self):
        path = os.path.join(self.engine.folder, "cli.zip")
        with open(path, "wb") as file:
            file.write(self.zip)
        self.engine.aws("lambda", "create-function", "--function-name", "cli", "--role", ROLE, "--runtime",
                        "provided.al2023", "--handler", "bootstrap", "--zip-file", f"fileb://{path}")
        self.engine.aws("lambda", "wait", "function-active-v2", "--function-name", "cli")
        out = os.path.join(self.engine.folder, "cli.json")
        told = self.engine.aws("lambda", "invoke", "--function-name", "cli", "--payload", '{"pint": 1}',
                               "--log-type", "Tail", out)
        self.assertEqual(told["StatusCode"], 200)
        with open(out) as file:
            self.assertEqual(json.load(file), {"pint": 1})


class Rules(WithEngine):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.events, cls.lambda_ = cls.engine.client("events"), cls.engine.client("lambda")
        cls.arn = cls.lambda_.create_function(
            FunctionName="told", Role=ROLE, Runtime="provided.al2023", Handler="bootstrap",
            Code={"ZipFile": package()})["FunctionArn"]
        cls.engine.let_rules_call("told")

    def told(self, text):
        logs = self.client("logs")
        try:
            found = logs.filter_log_events(logGroupName="/aws/lambda/told", filterPattern=f'"{text}"')["events"]
        except logs.exceptions.ResourceNotFoundException:
            return 0
        return len(found)

    def target(self, text, **more):
        return {"Id": "f", "Arn": self.arn, "Input": json.dumps({"mode": "log", "text": text + "\n"}), **more}

    def test_a_rate_and_a_cron_fire_their_function_until_they_are_disabled(self):
        for name, expression in (("by-rate", "rate(1 minute)"), ("by-cron", "cron(* * * * ? *)")):
            self.events.put_rule(Name=name, ScheduleExpression=expression, Description="d")
            put = self.events.put_targets(Rule=name, Targets=[self.target(f"fired {name}")])
            self.assertEqual(put["FailedEntryCount"], 0)
        for name in ("by-rate", "by-cron"):
            eventually(lambda: self.told(f"fired {name}") >= 2, f"{name} to fire twice", 20)
            self.events.disable_rule(Name=name)
            self.assertEqual(self.events.describe_rule(Name=name)["State"], "DISABLED")
        self.events.put_rule(Name="later", ScheduleExpression="rate(1 minute)")
        self.events.put_targets(Rule="later", Targets=[self.target("fired later")])
        before = self.told("fired by-rate")
        eventually(lambda: self.told("fired later") >= 2, "another rule to fire")
        self.assertLessEqual(self.told("fired by-rate"), before + 1)
        self.events.enable_rule(Name="by-rate")
        eventually(lambda: self.told("fired by-rate") >= before + 2, "the rule to fire again")
        self.events.disable_rule(Name="by-rate")
        self.events.disable_rule(Name="later")

    def test_a_scheduled_event_has_the_form_of_aws(self):
        self.lambda_.create_function(FunctionName="shown", Role=ROLE, Runtime="provided.al2023", Handler="b",
                                     Code={"ZipFile": package()})
        rule = self.events.put_rule(Name="shown", ScheduleExpression="rate(1 minute)")["RuleArn"]
        self.events.put_targets(Rule="shown", Targets=[{
            "Id": "1", "Arn": self.arn, "InputTransformer": {
                "InputPathsMap": {"source": "$.source", "type": "$.detail-type", "arn": "$.resources[0]"},
                "InputTemplate": '{"mode": "log", "text": "<source>|<type>|<arn>\\n"}'}}])
        eventually(lambda: self.told(f"aws.events|Scheduled Event|{rule}"), "the transformed event")
        self.events.disable_rule(Name="shown")

    def test_an_event_that_matches_a_pattern_reaches_its_target(self):
        self.events.put_rule(Name="strong", EventPattern=json.dumps(
            {"source": ["brewery"], "detail": {"abv": [{"numeric": [">", 6]}], "style": [{"prefix": "IPA"}]}}))
        self.events.put_targets(Rule="strong", Targets=[
            {"Id": "1", "Arn": self.arn, "InputPath": "$.detail"}])
        entries = [{"Source": "brewery", "DetailType": "Brewed", "Detail": json.dumps(
            {"abv": abv, "style": style, "mode": "log", "text": f"pattern {abv} {style}\n"})}
            for abv, style in ((7.2, "IPA, double"), (4.5, "IPA"), (9, "Stout"))]
        answer = self.events.put_events(Entries=entries + [{"Source": "brewery", "DetailType": "x", "Detail": "no json"}])
        self.assertEqual(answer["FailedEntryCount"], 1)
        self.assertEqual(answer["Entries"][3]["ErrorCode"], "MalformedDetail")
        self.assertTrue(all(entry["EventId"] for entry in answer["Entries"][:3]))
        eventually(lambda: self.told("pattern 7.2"), "the event that matches")
        self.assertEqual(self.told("pattern"), 1)
        event = {"id": "1", "account": "1", "source": "brewery", "time": "2025-01-01T00:00:00Z", "region": "r",
                 "resources": [], "detail-type": "x", "detail": {"abv": 5}}
        for pattern, result in (({"detail": {"abv": [5]}}, True), ({"detail": {"abv": [6]}}, False),
                                ({"source": [{"anything-but": "x"}]}, True), ({"detail": {"ibu": [{"exists": False}]}}, True)):
            tried = self.events.test_event_pattern(EventPattern=json.dumps(pattern), Event=json.dumps(event))
            self.assertEqual(tried["Result"], result, pattern)
        for wrong in ("{", '{"source": "x"}', "[]"):
            with self.assertRaises(self.events.exceptions.InvalidEventPatternException):
                self.events.put_rule(Name="wrong", EventPattern=wrong)

    def test_rules_and_targets_are_told_as_they_were_set(self):
        arn = self.events.put_rule(Name="kept", ScheduleExpression="rate(7 days)", State="DISABLED", Description="seven",
                                   Tags=[{"Key": "a", "Value": "1"}])["RuleArn"]
        got = self.events.describe_rule(Name="kept")
        self.assertEqual((got["Arn"], got["ScheduleExpression"], got["State"], got["Description"], got["EventBusName"]),
                         (arn, "rate(7 days)", "DISABLED", "seven", "default"))
        targets = [{"Id": "one", "Arn": self.arn, "Input": "{}"},
                   {"Id": "two", "Arn": "arn:aws:sagemaker:us-east-1:123456789012:pipeline/train", "RoleArn": ROLE,
                    "SageMakerPipelineParameters": {"PipelineParameterList": [{"Name": "n", "Value": "1"}]},
                    "RetryPolicy": {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 60}}]
        self.events.put_targets(Rule="kept", Targets=targets)
        self.assertEqual(self.events.list_targets_by_rule(Rule="kept")["Targets"], targets)
        self.assertIn("kept", self.events.list_rule_names_by_target(TargetArn=self.arn)["RuleNames"])
        self.events.tag_resource(ResourceARN=arn, Tags=[{"Key": "b", "Value": "2"}])
        self.events.untag_resource(ResourceARN=arn, TagKeys=["a"])
        self.assertEqual(self.events.list_tags_for_resource(ResourceARN=arn)["Tags"], [{"Key": "b", "Value": "2"}])
        with self.assertRaises(ClientError) as caught:
            self.events.delete_rule(Name="kept")
        self.assertEqual(code_of(caught), "ValidationException")
        removed = self.events.remove_targets(Rule="kept", Ids=["one", "two", "three"])
        self.assertEqual([e["TargetId"] for e in removed["FailedEntries"]], ["three"])
        self.events.delete_rule(Name="kept")
        self.events.delete_rule(Name="kept")
        missing = self.events.exceptions.ResourceNotFoundException
        for use in (lambda: self.events.describe_rule(Name="kept"), lambda: self.events.enable_rule(Name="kept"),
                    lambda: self.events.disable_rule(Name="kept"), lambda: self.events.list_targets_by_rule(Rule="kept"),
                    lambda: self.events.put_targets(Rule="kept", Targets=targets[:1]),
                    lambda: self.events.remove_targets(Rule="kept", Ids=["one"]),
                    lambda: self.events.describe_event_bus(Name="other"),
                    lambda: self.events.list_tags_for_resource(ResourceARN=arn)):
            with self.assertRaises(missing):
                use()

    def test_rules_are_listed_in_pages(self):
        for n in range(5):
            self.events.put_rule(Name=f"listed-{n}", ScheduleExpression="rate(1 day)")
        pages = self.events.get_paginator("list_rules").paginate(NamePrefix="listed-", PaginationConfig={"PageSize": 2})
        pages = [[r["Name"] for r in page["Rules"]] for page in pages]
        self.assertEqual(pages, [["listed-0", "listed-1"], ["listed-2", "listed-3"], ["listed-4"]])
        self.assertIn("default", [bus["Name"] for bus in self.events.list_event_buses()["EventBuses"]])
        with self.assertRaises(ClientError) as caught:
            self.events.list_rules(NextToken="nonsense")
        self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], 400)

    def test_schedules_that_cannot_be_read_are_refused(self):
        for wrong in ("rate(1 minutes)", "rate(2 minute)", "rate(0 minutes)", "rate(5)", "cron(* * * * * *)",
                      "cron(61 * * * ? *)", "cron(* * * * ?)", "every day", "at(2030-01-01T00:00:00)"):
            with self.subTest(wrong), self.assertRaises(ClientError) as caught:
                self.events.put_rule(Name="wrong", ScheduleExpression=wrong)
            self.assertEqual(code_of(caught), "ValidationException")
        with self.assertRaises(ClientError):
            self.events.put_rule(Name="neither")
        with self.assertRaises(self.events.exceptions.LimitExceededException):
            self.events.put_rule(Name="many", ScheduleExpression="rate(1 day)")
            self.events.put_targets(Rule="many", Targets=[{"Id": str(n), "Arn": self.arn} for n in range(6)])


class Logs(WithEngine):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.logs = cls.engine.client("logs")

    def fill(self, group, count, streams=("s",)):
        self.logs.create_log_group(logGroupName=group)
        now = int(time.time() * 1000)
        for stream in streams:
            self.logs.create_log_stream(logGroupName=group, logStreamName=stream)
            self.logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[
                {"timestamp": now + n, "message": f"{stream} line {n}"} for n in range(count)])
        return now

    def refuses(self, use):
        with self.assertRaises(self.logs.exceptions.InvalidParameterException):
            use()

    def test_groups_keep_their_retention_and_tags(self):
        self.logs.create_log_group(logGroupName="/kept/g", tags={"a": "1"})
        with self.assertRaises(self.logs.exceptions.ResourceAlreadyExistsException):
            self.logs.create_log_group(logGroupName="/kept/g")
        self.logs.put_retention_policy(logGroupName="/kept/g", retentionInDays=14)
        group = self.logs.describe_log_groups(logGroupNamePrefix="/kept/")["logGroups"][0]
        self.assertEqual((group["retentionInDays"], group["storedBytes"], group["metricFilterCount"]), (14, 0, 0))
        self.assertEqual(group["arn"], "arn:aws:logs:us-east-1:123456789012:log-group:/kept/g:*")
        arn = group["logGroupArn"]
        self.logs.tag_resource(resourceArn=arn, tags={"b": "2"})
        self.logs.untag_resource(resourceArn=arn, tagKeys=["a"])
        self.assertEqual(self.logs.list_tags_for_resource(resourceArn=arn)["tags"], {"b": "2"})
        self.assertEqual(self.logs.list_tags_log_group(logGroupName="/kept/g")["tags"], {"b": "2"})
        self.logs.delete_retention_policy(logGroupName="/kept/g")
        group = self.logs.describe_log_groups(logGroupNamePrefix="/kept/")["logGroups"][0]
        self.assertNotIn("retentionInDays", group)
        self.refuses(lambda: self.logs.put_retention_policy(logGroupName="/kept/g", retentionInDays=2))
        self.logs.delete_log_group(logGroupName="/kept/g")
        missing = self.logs.exceptions.ResourceNotFoundException
        for use in (lambda: self.logs.delete_log_group(logGroupName="/kept/g"),
                    lambda: self.logs.put_retention_policy(logGroupName="/kept/g", retentionInDays=1),
                    lambda: self.logs.delete_retention_policy(logGroupName="/kept/g"),
                    lambda: self.logs.create_log_stream(logGroupName="/kept/g", logStreamName="s"),
                    lambda: self.logs.describe_log_streams(logGroupName="/kept/g"),
                    lambda: self.logs.filter_log_events(logGroupName="/kept/g"),
                    lambda: self.logs.get_log_events(logGroupName="/kept/g", logStreamName="s"),
                    lambda: self.logs.list_tags_for_resource(resourceArn=arn)):
            with self.assertRaises(missing):
                use()

    def test_groups_and_streams_are_listed_in_pages(self):
        for n in range(5):
            self.logs.create_log_group(logGroupName=f"/pages/{n}")
            self.logs.create_log_stream(logGroupName="/pages/0", logStreamName=f"stream-{n}")
        pages = self.logs.get_paginator("describe_log_groups").paginate(
            logGroupNamePrefix="/pages/", PaginationConfig={"PageSize": 2})
        pages = [[g["logGroupName"] for g in page["logGroups"]] for page in pages]
        self.assertEqual(pages, [["/pages/0", "/pages/1"], ["/pages/2", "/pages/3"], ["/pages/4"]])
        pages = self.logs.get_paginator("describe_log_streams").paginate(
            logGroupName="/pages/0", PaginationConfig={"PageSize": 2})
        pages = [[s["logStreamName"] for s in page["logStreams"]] for page in pages]
        self.assertEqual(pages, [["stream-0", "stream-1"], ["stream-2", "stream-3"], ["stream-4"]])
        found = self.logs.describe_log_groups(logGroupNamePattern="ages/3")["logGroups"]
        self.assertEqual([g["logGroupName"] for g in found], ["/pages/3"])
        arn = found[0]["logGroupArn"].replace("/3", "/0")
        self.assertEqual(len(self.logs.describe_log_streams(logGroupIdentifier=arn)["logStreams"]), 5)
        self.refuses(lambda: self.logs.describe_log_streams(
            logGroupName="/pages/0", logStreamNamePrefix="s", orderBy="LastEventTime"))

    def test_events_are_read_back_in_pages_both_ways(self):
        now = self.fill("/read", 25)
        read, token = [], None
        while True:
            page = self.logs.get_log_events(logGroupName="/read", logStreamName="s", startFromHead=True, limit=10,
                                            **({"nextToken": token} if token else {}))
            read += page["events"]
            if page["nextForwardToken"] == token:
                break
            token = page["nextForwardToken"]
        self.assertEqual([e["message"] for e in read], [f"s line {n}" for n in range(25)])
        self.assertEqual([e["timestamp"] for e in read], [now + n for n in range(25)])
        tail = self.logs.get_log_events(logGroupName="/read", logStreamName="s", limit=2)
        self.assertEqual([e["message"] for e in tail["events"]], ["s line 23", "s line 24"])
        before = self.logs.get_log_events(logGroupName="/read", logStreamName="s", limit=2, nextToken=tail["nextBackwardToken"])
        self.assertEqual([e["message"] for e in before["events"]], ["s line 21", "s line 22"])
        part = self.logs.get_log_events(logGroupName="/read", logStreamName="s", startTime=now + 3, endTime=now + 5)
        self.assertEqual([e["message"] for e in part["events"]], ["s line 3", "s line 4"])

    def test_events_are_filtered_over_streams_in_pages(self):
        now = self.fill("/filter", 20, ("a", "b"))
        pages = list(self.logs.get_paginator("filter_log_events").paginate(
            logGroupName="/filter", filterPattern='"line 1" -13', PaginationConfig={"PageSize": 7}))
        found = [e for page in pages for e in page["events"]]
        self.assertEqual(len(found), 20)
        self.assertEqual(len({e["eventId"] for e in found}), 20)
        self.assertEqual([e["timestamp"] for e in found], sorted(e["timestamp"] for e in found))
        only = self.logs.filter_log_events(logGroupName="/filter", logStreamNames=["b"], startTime=now + 18)["events"]
        self.assertEqual([e["message"] for e in only], ["b line 18", "b line 19"])
        only = self.logs.filter_log_events(logGroupName="/filter", logStreamNamePrefix="a", endTime=now)["events"]
        self.assertEqual([e["message"] for e in only], ["a line 0"])
        with self.assertRaises(self.logs.exceptions.ResourceNotFoundException):
            self.logs.filter_log_events(logGroupName="/filter", logStreamNames=["missing"])
        self.refuses(lambda: self.logs.filter_log_events(
            logGroupName="/filter", logStreamNames=["a"], logStreamNamePrefix="a"))

    def test_tokens_that_are_not_ours_are_refused(self):
        self.fill("/tokens", 3)
        for token in ("nonsense", "-1", "7x", "99999999999999999999999", "f/zz", "1/2"):
            with self.subTest(token):
                self.refuses(lambda: self.logs.filter_log_events(logGroupName="/tokens", nextToken=token))
                self.refuses(lambda: self.logs.describe_log_streams(logGroupName="/tokens", nextToken=token))
                self.refuses(lambda: self.logs.describe_log_groups(nextToken=token))
                self.refuses(lambda: self.logs.get_log_events(logGroupName="/tokens", logStreamName="s", nextToken=token))

    def test_events_that_cannot_be_taken_are_refused(self):
        self.fill("/put", 1)
        now = int(time.time() * 1000)
        put = lambda *events, stream="s": self.logs.put_log_events(
            logGroupName="/put", logStreamName=stream, logEvents=[{"timestamp": t, "message": m} for t, m in events])
        self.refuses(lambda: put((now, "b"), (now - 1, "a")))
        self.refuses(lambda: put((now - 25 * 3_600_000, "a"), (now, "b")))
        self.refuses(lambda: put(*((now, "x" * 200_000) for _ in range(6))))
        with self.assertRaises(self.logs.exceptions.ResourceNotFoundException):
            put((now, "a"), stream="missing")
        with self.assertRaises(self.logs.exceptions.ResourceAlreadyExistsException):
            self.logs.create_log_stream(logGroupName="/put", logStreamName="s")
        self.logs.delete_log_stream(logGroupName="/put", logStreamName="s")
        with self.assertRaises(self.logs.exceptions.ResourceNotFoundException):
            self.logs.delete_log_stream(logGroupName="/put", logStreamName="s")

    def test_the_aws_cli_reads_a_group(self):
        self.fill("/cli", 3)
        told = self.engine.aws("logs", "filter-log-events", "--log-group-name", "/cli", "--page-size", "2")
        self.assertEqual([e["message"] for e in told["events"]], [f"s line {n}" for n in range(3)])
        told = self.engine.aws("logs", "get-log-events", "--log-group-name", "/cli", "--log-stream-name", "s")
        self.assertEqual(len(told["events"]), 3)


class Identities(WithEngine):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.iam = cls.engine.client("iam")

    def test_a_role_is_kept_with_its_document_and_tags(self):
        made = self.iam.create_role(RoleName="brewer", Path="/beer/", AssumeRolePolicyDocument=DOCUMENT, Description="d",
                                    MaxSessionDuration=7200, Tags=[{"Key": "a", "Value": "1"}])["Role"]
        self.iam.get_waiter("role_exists").wait(RoleName="brewer", WaiterConfig={"Delay": 1, "MaxAttempts": 1})
        got = self.iam.get_role(RoleName="brewer")["Role"]
        self.assertEqual(got["Arn"], "arn:aws:iam::123456789012:role/beer/brewer")
        self.assertEqual(got["RoleId"], made["RoleId"])
        self.assertEqual(got["AssumeRolePolicyDocument"], json.loads(DOCUMENT))
        self.assertEqual((got["MaxSessionDuration"], got["Description"]), (7200, "d"))
        self.iam.tag_role(RoleName="brewer", Tags=[{"Key": "b", "Value": "2"}])
        self.iam.untag_role(RoleName="brewer", TagKeys=["a"])
        self.assertEqual(self.iam.list_role_tags(RoleName="brewer")["Tags"], [{"Key": "b", "Value": "2"}])
        self.iam.update_role(RoleName="brewer", Description="new")
        self.iam.update_assume_role_policy(RoleName="brewer", PolicyDocument=json.dumps(NOBODY))
        got = self.iam.get_role(RoleName="brewer")["Role"]
        self.assertEqual((got["Description"], got["AssumeRolePolicyDocument"]), ("new", NOBODY))
        with self.assertRaises(self.iam.exceptions.EntityAlreadyExistsException):
            self.iam.create_role(RoleName="brewer", AssumeRolePolicyDocument=DOCUMENT)
        with self.assertRaises(self.iam.exceptions.MalformedPolicyDocumentException):
            self.iam.create_role(RoleName="other", AssumeRolePolicyDocument="no json")
        self.iam.delete_role(RoleName="brewer")
        for use in (lambda: self.iam.get_role(RoleName="brewer"), lambda: self.iam.delete_role(RoleName="brewer"),
                    lambda: self.iam.tag_role(RoleName="brewer", Tags=[{"Key": "b", "Value": "2"}])):
            with self.assertRaises(self.iam.exceptions.NoSuchEntityException):
                use()

    def test_inline_policies_belong_to_their_role(self):
        self.iam.create_role(RoleName="inline", AssumeRolePolicyDocument=DOCUMENT)
        for name in ("one", "two", "three"):
            self.iam.put_role_policy(RoleName="inline", PolicyName=name, PolicyDocument=ACCESS)
        self.assertEqual(self.iam.get_role_policy(RoleName="inline", PolicyName="one")["PolicyDocument"], json.loads(ACCESS))
        pages = self.iam.get_paginator("list_role_policies").paginate(RoleName="inline", PaginationConfig={"PageSize": 2})
        self.assertEqual([page["PolicyNames"] for page in pages], [["one", "three"], ["two"]])
        with self.assertRaises(self.iam.exceptions.DeleteConflictException):
            self.iam.delete_role(RoleName="inline")
        for name in ("one", "two", "three"):
            self.iam.delete_role_policy(RoleName="inline", PolicyName=name)
        with self.assertRaises(self.iam.exceptions.NoSuchEntityException):
            self.iam.get_role_policy(RoleName="inline", PolicyName="one")
        self.assertEqual(self.iam.list_instance_profiles_for_role(RoleName="inline")["InstanceProfiles"], [])
        self.iam.delete_role(RoleName="inline")

    def test_a_managed_policy_has_versions_and_is_attached(self):
        arn = self.iam.create_policy(PolicyName="lake", PolicyDocument=ACCESS, Description="d",
                                     Tags=[{"Key": "a", "Value": "1"}])["Policy"]["Arn"]
        self.iam.get_waiter("policy_exists").wait(PolicyArn=arn, WaiterConfig={"Delay": 1, "MaxAttempts": 1})
        self.assertEqual(arn, "arn:aws:iam::123456789012:policy/lake")
        second = self.iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(NOTHING), SetAsDefault=True)
        self.assertEqual(second["PolicyVersion"]["VersionId"], "v2")
        self.assertEqual(self.iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"], "v2")
        got = self.iam.get_policy_version(PolicyArn=arn, VersionId="v2")["PolicyVersion"]
        self.assertEqual((got["Document"], got["IsDefaultVersion"]), (NOTHING, True))
        self.assertEqual(self.iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"],
                         json.loads(ACCESS))
        pages = self.iam.get_paginator("list_policy_versions").paginate(PolicyArn=arn, PaginationConfig={"PageSize": 1})
        self.assertEqual([v["VersionId"] for page in pages for v in page["Versions"]], ["v2", "v1"])
        with self.assertRaises(self.iam.exceptions.DeleteConflictException):
            self.iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
        with self.assertRaises(self.iam.exceptions.EntityAlreadyExistsException):
            self.iam.create_policy(PolicyName="lake", PolicyDocument=ACCESS)
        self.iam.tag_policy(PolicyArn=arn, Tags=[{"Key": "b", "Value": "2"}])
        self.iam.untag_policy(PolicyArn=arn, TagKeys=["a"])
        self.assertEqual(self.iam.list_policy_tags(PolicyArn=arn)["Tags"], [{"Key": "b", "Value": "2"}])

        self.iam.create_role(RoleName="attached", AssumeRolePolicyDocument=DOCUMENT)
        managed = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
        for policy in (arn, managed, arn):
            self.iam.attach_role_policy(RoleName="attached", PolicyArn=policy)
        pages = self.iam.get_paginator("list_attached_role_policies").paginate(
            RoleName="attached", PaginationConfig={"PageSize": 1})
        self.assertEqual({p["PolicyArn"] for page in pages for p in page["AttachedPolicies"]}, {arn, managed})
        self.assertEqual(self.iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"], 1)
        self.assertEqual([r["RoleName"] for r in self.iam.list_entities_for_policy(PolicyArn=arn)["PolicyRoles"]], ["attached"])
        for use in (lambda: self.iam.delete_role(RoleName="attached"), lambda: self.iam.delete_policy(PolicyArn=arn)):
            with self.assertRaises(self.iam.exceptions.DeleteConflictException):
                use()
        for policy in (arn, managed):
            self.iam.detach_role_policy(RoleName="attached", PolicyArn=policy)
        with self.assertRaises(self.iam.exceptions.NoSuchEntityException):
            self.iam.detach_role_policy(RoleName="attached", PolicyArn=arn)
        self.iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
        self.iam.delete_policy(PolicyArn=arn)
        with self.assertRaises(self.iam.exceptions.NoSuchEntityException):
            self.iam.get_policy(PolicyArn=arn)
        with self.assertRaises(self.iam.exceptions.NoSuchEntityException):
            self.iam.attach_role_policy(RoleName="attached", PolicyArn=arn)

    def test_roles_and_policies_are_listed_in_pages(self):
        for n in range(5):
            self.iam.create_role(RoleName=f"listed-{n}", Path="/listed/", AssumeRolePolicyDocument=DOCUMENT)
            self.iam.create_policy(PolicyName=f"listed-{n}", Path="/listed/", PolicyDocument=ACCESS)
        pages = self.iam.get_paginator("list_roles").paginate(PathPrefix="/listed/", PaginationConfig={"PageSize": 2})
        self.assertEqual([[r["RoleName"] for r in page["Roles"]] for page in pages],
                         [["listed-0", "listed-1"], ["listed-2", "listed-3"], ["listed-4"]])
        pages = self.iam.get_paginator("list_policies").paginate(
            Scope="Local", PathPrefix="/listed/", PaginationConfig={"PageSize": 2})
        self.assertEqual([len(page["Policies"]) for page in pages], [2, 2, 1])
        names = {p["PolicyName"] for page in self.iam.get_paginator("list_policies").paginate(Scope="AWS")
                 for p in page["Policies"]}
        self.assertIn("AWSLambdaBasicExecutionRole", names)

    def test_the_caller_is_told_who_it_is(self):
        told = self.client("sts").get_caller_identity()
        self.assertEqual((told["Account"], told["Arn"]), ("123456789012", "arn:aws:iam::123456789012:root"))


class Repositories(WithEngine):
    def test_repositories_are_made_listed_and_deleted(self):
        ecr = self.client("ecr")
        made = ecr.create_repository(repositoryName="beer/pipeline", imageTagMutability="IMMUTABLE",
                                     imageScanningConfiguration={"scanOnPush": True},
                                     tags=[{"Key": "a", "Value": "1"}])["repository"]
        self.assertEqual(made["repositoryUri"], "123456789012.dkr.ecr.us-east-1.amazonaws.com/beer/pipeline")
        self.assertEqual(ecr.describe_repositories(repositoryNames=["beer/pipeline"])["repositories"], [made])
        arn = made["repositoryArn"]
        ecr.tag_resource(resourceArn=arn, tags=[{"Key": "b", "Value": "2"}])
        ecr.untag_resource(resourceArn=arn, tagKeys=["a"])
        self.assertEqual(ecr.list_tags_for_resource(resourceArn=arn)["tags"], [{"Key": "b", "Value": "2"}])
        with self.assertRaises(ecr.exceptions.RepositoryAlreadyExistsException):
            ecr.create_repository(repositoryName="beer/pipeline")
        for n in range(3):
            ecr.create_repository(repositoryName=f"pages/{n}")
        pages = ecr.get_paginator("describe_repositories").paginate(PaginationConfig={"PageSize": 2})
        self.assertEqual([[r["repositoryName"] for r in page["repositories"]] for page in pages],
                         [["beer/pipeline", "pages/0"], ["pages/1", "pages/2"]])
        token = ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
        self.assertTrue(base64.b64decode(token).startswith(b"AWS:"))
        policy = json.dumps({"rules": [{"rulePriority": 1, "selection": {
            "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 5}, "action": {"type": "expire"}}]})
        with self.assertRaises(ecr.exceptions.LifecyclePolicyNotFoundException):
            ecr.get_lifecycle_policy(repositoryName="beer/pipeline")
        ecr.put_lifecycle_policy(repositoryName="beer/pipeline", lifecyclePolicyText=policy)
        self.assertEqual(json.loads(ecr.get_lifecycle_policy(repositoryName="beer/pipeline")["lifecyclePolicyText"]),
                         json.loads(policy))
        ecr.delete_lifecycle_policy(repositoryName="beer/pipeline")
        with self.assertRaises(ecr.exceptions.RepositoryPolicyNotFoundException):
            ecr.get_repository_policy(repositoryName="beer/pipeline")
        manifest = json.dumps({"schemaVersion": 2})
        ecr.put_image(repositoryName="beer/pipeline", imageManifest=manifest, imageTag="1")
        self.assertEqual([i["imageTag"] for i in ecr.list_images(repositoryName="beer/pipeline")["imageIds"]], ["1"])
        with self.assertRaises(ecr.exceptions.ImageTagAlreadyExistsException):
            ecr.put_image(repositoryName="beer/pipeline", imageManifest=json.dumps({"schemaVersion": 2, "x": 1}), imageTag="1")
        with self.assertRaises(ecr.exceptions.RepositoryNotEmptyException):
            ecr.delete_repository(repositoryName="beer/pipeline")
        ecr.delete_repository(repositoryName="beer/pipeline", force=True)
        for use in (lambda: ecr.describe_repositories(repositoryNames=["beer/pipeline"]),
                    lambda: ecr.delete_repository(repositoryName="beer/pipeline"),
                    lambda: ecr.list_images(repositoryName="beer/pipeline")):
            with self.assertRaises(ecr.exceptions.RepositoryNotFoundException):
                use()


if __name__ == "__main__":
    unittest.main()
