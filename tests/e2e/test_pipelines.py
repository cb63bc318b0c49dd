"""Pipelines as boto3 meets them: refusals that name everything, every step type, versions, tokens, the cache and its
explanation."""
import io
import json
import stat
import unittest
import uuid
import zipfile

from botocore.exceptions import ClientError

import beer
from beer import eventually
from scripted import Engine
from steps import ACCOUNT, ROLE, get, script

FIXTURES = beer.SOURCE / "src/engine/services/sagemaker/pipelines/fixtures"
FUNCTION = """#!/usr/bin/env python3
import json, os, urllib.request
api = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
while True:
    event = urllib.request.urlopen(api + "next")
    payload = json.loads(event.read())
    answer = json.dumps({"doubled": 2 * payload["n"]}).encode()
    urllib.request.urlopen(api + event.headers["Lambda-Runtime-Aws-Request-Id"] + "/response", answer).read()
"""


def setUpModule():
    global engine, s3, sagemaker
    engine = Engine("--no-deploy").__enter__()
    s3, sagemaker = engine.client("s3"), engine.client("sagemaker")
    s3.create_bucket(Bucket="lake")
    s3.put_object(Bucket="lake", Key="in/a", Body=b"one beer")


def tearDownModule():
    engine.__exit__()


def document(*steps, parameters=()):
    return json.dumps({"Version": "2020-12-01", "Parameters": list(parameters), "Steps": list(steps)})


def make(name, *steps, parameters=()):
    return sagemaker.create_pipeline(PipelineName=name, PipelineDefinition=document(*steps, parameters=parameters),
                                     RoleArn=ROLE)["PipelineArn"]


def start(name, **more):
    return sagemaker.start_pipeline_execution(PipelineName=name, **more)["PipelineExecutionArn"]


def ended(arn, status="Succeeded"):
    about = eventually(lambda: (lambda a: a["PipelineExecutionStatus"] not in ("Executing", "Stopping") and a)(
        sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)), f"{arn} has ended")
    assert about["PipelineExecutionStatus"] == status, (about, steps(arn))
    return about


def run(name, status="Succeeded", **more):
    arn = start(name, **more)
    ended(arn, status)
    return arn


def steps(arn, order="Ascending"):
    found = sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn, SortOrder=order)
    return {step["StepName"]: step for step in found["PipelineExecutionSteps"]}


def refusal(call, **members):
    try:
        call(**members)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    raise AssertionError("the call was not refused")


class Definitions(unittest.TestCase):
    def test_a_bad_definition_is_refused_for_all_that_is_wrong_with_it(self):
        for path in sorted((FIXTURES / "refused").glob("*.json")):
            text = path.read_text()
            code, message = refusal(sagemaker.create_pipeline, PipelineName="Bad", PipelineDefinition=text, RoleArn=ROLE)
            self.assertEqual(code, "ValidationException", path.name)
            self.assertRegex(message, r"^Unable to parse pipeline definition\. \d+ problems: \(1\) ")
            for sentence in json.loads(text)["Metadata"]["Expect"]:
                self.assertIn(sentence, message, path.name)
        self.assertNotIn("Bad", [p["PipelineName"] for p in sagemaker.list_pipelines()["PipelineSummaries"]])

    def test_what_the_sdk_writes_is_taken_also_from_s3(self):
        for path in sorted((FIXTURES / "accepted").glob("*.json")):
            s3.put_object(Bucket="lake", Key=f"definitions/{path.name}", Body=path.read_bytes())
            name = path.stem.replace("_", "-")
            sagemaker.create_pipeline(PipelineName=name, RoleArn=ROLE, PipelineDefinitionS3Location={
                "Bucket": "lake", "ObjectKey": f"definitions/{path.name}"})
            about = sagemaker.describe_pipeline(PipelineName=name)
            self.assertEqual(about["PipelineDefinition"], path.read_text())
            self.assertEqual(about["PipelineStatus"], "Active")
        self.assertEqual(refusal(sagemaker.create_pipeline, PipelineName="None", RoleArn=ROLE, PipelineDefinitionS3Location={
            "Bucket": "lake", "ObjectKey": "nothing"})[0], "ValidationException")

    def test_the_linter_says_the_same_without_an_engine(self):
        good = beer.run("lint", FIXTURES / "accepted" / "abalone.json")
        self.assertEqual(good.returncode, 0, good.stdout + good.stderr)
        self.assertIn("a good definition of 8 steps", good.stdout)
        bad = beer.run("lint", "--json", FIXTURES / "refused" / "references.json")
        self.assertEqual(bad.returncode, 1)
        told = json.loads(bad.stdout)
        self.assertFalse(told["good"])
        self.assertIn({"where": 'Step "B"', "what": 'there is no step "Gone".'}, told["errors"])
        self.assertEqual(beer.run("lint", "no such file").returncode, 2)
        self.assertEqual(beer.run("lint").returncode, 2)

    def test_upsert_meets_the_sentence_it_looks_for_and_each_update_is_a_version(self):
        arn = make("Upserted", script("One", "true"))
        self.assertEqual(arn, f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:pipeline/upserted")
        code, message = refusal(make, name="Upserted")
        self.assertEqual(code, "ValidationException")
        self.assertIn("already exists", message)
        updated = sagemaker.update_pipeline(PipelineName="Upserted", PipelineDefinition=document(script("Two", "true")))
        self.assertEqual(updated["PipelineVersionId"], 2)
        sagemaker.update_pipeline_version(PipelineArn=arn, PipelineVersionId=1, PipelineVersionDisplayName="first")
        listed = sagemaker.list_pipeline_versions(PipelineName="Upserted")["PipelineVersionSummaries"]
        self.assertEqual([v["PipelineVersionId"] for v in listed], [2, 1])
        self.assertEqual(listed[1]["PipelineVersionDisplayName"], "first")
        old = run("Upserted", PipelineVersionId=1)
        self.assertEqual(list(steps(old)), ["One"])
        self.assertEqual(sagemaker.describe_pipeline_execution(PipelineExecutionArn=old)["PipelineVersionId"], 1)
        self.assertEqual(list(steps(run("Upserted"))), ["Two"])
        self.assertEqual(refusal(sagemaker.describe_pipeline, PipelineName="Upserted", PipelineVersionId=9)[0],
                         "ResourceNotFound")

    def test_a_token_makes_a_request_idempotent(self):
        token = str(uuid.uuid4())
        request = dict(PipelineName="Once", PipelineDefinition=document(script("One", "true")), RoleArn=ROLE,
                       ClientRequestToken=token)
        first = sagemaker.create_pipeline(**request)
        self.assertEqual(sagemaker.create_pipeline(**request)["PipelineArn"], first["PipelineArn"])
        self.assertEqual(refusal(sagemaker.create_pipeline, **{**request, "PipelineDescription": "x"})[0],
                         "ConflictException")
        arns = {start("Once", ClientRequestToken=token) for _ in range(3)}
        self.assertEqual(len(arns), 1)
        ended(arns.pop())


class Executions(unittest.TestCase):
    def test_parameters_have_types_defaults_and_allowed_values(self):
        make("Parameters", script("Say", {"Std:Join": {"On": "", "Values": ["test ", get("Parameters.N"), " = 7"]}}),
             parameters=[{"Name": "N", "Type": "Integer"}, {"Name": "Colour", "Type": "String", "DefaultValue": "amber",
                                                            "EnumValues": ["amber", "black"]}])
        value = lambda name, text: {"PipelineParameters": [{"Name": name, "Value": text}]}
        for given, sentence in ((value("N", "many"), "not of type Integer"), (value("Hops", "3"), 'no parameter "Hops"'),
                                ({}, '"N" has no default value'),
                                ({"PipelineParameters": [{"Name": "N", "Value": "7"}, {"Name": "Colour", "Value": "red"}]},
                                 "EnumValues")):
            code, message = refusal(sagemaker.start_pipeline_execution, PipelineName="Parameters", **given)
            self.assertEqual(code, "ValidationException")
            self.assertIn(sentence, message)
        arn = run("Parameters", **value("N", "7"))
        self.assertEqual(sagemaker.list_pipeline_parameters_for_execution(PipelineExecutionArn=arn)["PipelineParameters"],
                         [{"Name": "N", "Value": "7"}, {"Name": "Colour", "Value": "amber"}])
        run("Parameters", "Failed", **value("N", "8"))

    def test_a_function_answers_and_a_callback_waits_for_its_token(self):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            entry = zipfile.ZipInfo("bootstrap")
            entry.external_attr = (stat.S_IFREG | 0o755) << 16
            archive.writestr(entry, FUNCTION)
        function = engine.client("lambda").create_function(
            FunctionName="double", Role=ROLE, Runtime="provided.al2023", Handler="bootstrap",
            Code={"ZipFile": out.getvalue()})["FunctionArn"]
        make("Asking",
             {"Name": "Double", "Type": "Lambda", "FunctionArn": function, "Arguments": {"n": 21},
              "OutputParameters": [{"OutputName": "doubled", "OutputType": "Integer"}]},
             {"Name": "Wait", "Type": "Callback", "DependsOn": ["Double"], "Arguments": {},
              "OutputParameters": [{"OutputName": "verdict", "OutputType": "String"}]},
             {"Name": "Judge", "Type": "Condition", "Arguments": {"Conditions": [
                 {"Type": "Equals", "LeftValue": get("Steps.Double.OutputParameters['doubled']"), "RightValue": 42},
                 {"Type": "Not", "Expression": {"Type": "In", "QueryValue": get("Steps.Wait.OutputParameters['verdict']"),
                                                "Values": ["bad", "worse"]}}]}})
        arn = start("Asking")
        token = eventually(lambda: steps(arn).get("Wait", {}).get("Metadata", {}).get("Callback", {}).get("CallbackToken"),
                           "the callback has a token")
        self.assertRegex(token, r"^[a-zA-Z0-9]{10}$")
        done = sagemaker.send_pipeline_execution_step_success(
            CallbackToken=token, OutputParameters=[{"Name": "verdict", "Value": "good"}])
        self.assertEqual(done["PipelineExecutionArn"], arn)
        ended(arn)
        found = steps(arn)
        self.assertEqual(found["Double"]["Metadata"]["Lambda"],
                         {"Arn": function, "OutputParameters": [{"Name": "doubled", "Value": "42"}]})
        self.assertEqual(found["Judge"]["Metadata"]["Condition"], {"Outcome": "True"})
        self.assertEqual(refusal(sagemaker.send_pipeline_execution_step_failure, CallbackToken="0123456789")[0],
                         "ResourceNotFound")

        arn = start("Asking")
        token = eventually(lambda: steps(arn).get("Wait", {}).get("Metadata", {}).get("Callback", {}).get("CallbackToken"),
                           "the callback has a token")
        sagemaker.send_pipeline_execution_step_failure(CallbackToken=token, FailureReason="too sour")
        about = ended(arn, "Failed")
        self.assertIn("Step failure: One or multiple steps failed.", about["FailureReason"])
        self.assertEqual(steps(arn)["Wait"]["FailureReason"], "too sour")

    def test_a_stopped_execution_is_retried_from_where_it_was(self):
        make("Stopped", script("First", "true"),
             script("Wait", "while [ ! -e processing/in/go ]; do sleep 0.02; done",
                    inputs=[("in", "s3://lake/gate")], DependsOn=["First"]))
        s3.put_object(Bucket="lake", Key="gate/closed", Body=b"")
        arn = start("Stopped")
        eventually(lambda: steps(arn).get("Wait", {}).get("StepStatus") == "Executing", "the second step runs")
        self.assertEqual([s["StepName"] for s in sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn)[
            "PipelineExecutionSteps"]], ["Wait", "First"], "the newest first")
        sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)
        ended(arn, "Stopped")
        self.assertEqual(steps(arn)["Wait"]["StepStatus"], "Stopped")
        s3.put_object(Bucket="lake", Key="gate/go", Body=b"")
        sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn)
        ended(arn)
        found = steps(arn)
        self.assertEqual((found["First"]["AttemptCount"], found["Wait"]["AttemptCount"]), (0, 1))
        self.assertEqual(refusal(sagemaker.retry_pipeline_execution, PipelineExecutionArn=arn)[0], "ConflictException")
        renamed = sagemaker.update_pipeline_execution(PipelineExecutionArn=arn, PipelineExecutionDisplayName="late")
        self.assertEqual(renamed["PipelineExecutionArn"], arn)
        self.assertEqual(sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)["PipelineExecutionDisplayName"],
                         "late")

    def test_selected_steps_run_on_what_an_earlier_execution_made(self):
        make("Selected", script("First", "echo beer > processing/out/x", outputs=["out"]),
             script("Second", "grep beer processing/in/x", inputs=[
                 ("in", get("Steps.First.ProcessingOutputConfig.Outputs['out'].S3Output.S3Uri"))]))
        source = run("Selected")
        arn = run("Selected", SelectiveExecutionConfig={
            "SourcePipelineExecutionArn": source, "SelectedSteps": [{"StepName": "Second"}]})
        self.assertEqual(steps(arn)["First"]["SelectiveExecutionResult"], {"SourcePipelineExecutionArn": source})
        code, message = refusal(start, name="Selected", SelectiveExecutionConfig={"SelectedSteps": [{"StepName": "Second"}]})
        self.assertEqual(code, "ValidationException")
        self.assertIn('needs "First"', message)

    def test_a_failing_step_is_told_in_the_execution(self):
        make("Failing", script("Break", "echo no more hops > output/message; exit 3"),
             {"Name": "Never", "Type": "Fail", "DependsOn": ["Break"], "Arguments": {"ErrorMessage": "never"}})
        arn = run("Failing", "Failed")
        self.assertEqual(list(steps(arn)), ["Break"])
        self.assertIn("no more hops", steps(arn)["Break"]["FailureReason"])


class Cache(unittest.TestCase):
    def test_a_hit_needs_the_same_bytes_program_and_arguments_and_a_miss_is_explained(self):
        cached = {"CacheConfig": {"Enabled": True, "ExpireAfter": "30d"}}
        steps_of = lambda word: (
            script("First", f"echo {word} > processing/out/x", inputs=[("in", "s3://lake/in/")], outputs=["out"], **cached),
            script("Second", "true", inputs=[
                ("in", get("Steps.First.ProcessingOutputConfig.Outputs['out'].S3Output.S3Uri"))], **cached))
        make("Cached", *steps_of("mild"))
        first = run("Cached")
        self.assertNotIn("CacheHitResult", steps(first)["First"])
        second = run("Cached")
        for name in ("First", "Second"):
            self.assertEqual(steps(second)[name]["CacheHitResult"], {"SourcePipelineExecutionArn": first})
            self.assertEqual(steps(second)[name]["Metadata"], steps(first)[name]["Metadata"])
        sagemaker.update_pipeline(PipelineName="Cached", PipelineDefinition=document(*steps_of("wild")))
        third = run("Cached")
        told = engine.beer("explain", third, "--json")
        self.assertEqual(told.returncode, 0, told.stderr)
        explained = {step["Step"]: step for step in json.loads(told.stdout)["Steps"]}
        self.assertEqual(explained["First"]["Cache"], "Miss")
        change = explained["First"]["Changes"][0]
        self.assertEqual(change["What"], "AppSpecification.ContainerEntrypoint[2]")
        self.assertEqual((change["Before"], change["After"]),
                         ("echo mild > processing/out/x", "echo wild > processing/out/x"))
        s3.put_object(Bucket="lake", Key="in/b", Body=b"another beer")
        shown = engine.beer("explain", run("Cached"))
        self.assertRegex(shown.stdout, r"Inputs\.in 1 objects of 8 bytes, \w+ → 2 objects of 20 bytes, \w+")
        self.assertIn("Hit", engine.beer("explain", run("Cached")).stdout)
        self.assertEqual(engine.beer("explain", first.replace("cached", "none")).returncode, 1)


if __name__ == "__main__":
    unittest.main()
