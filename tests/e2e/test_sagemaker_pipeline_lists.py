"""Pipelines: callbacks' tokens, requests' tokens, the SDK's upsert, lists in pages, and every refusal."""
import unittest
import uuid

from scripted import ARN, ROLE, Engine, Pipelines, hours, paged, refused
from beer import eventually
from steps import script


def setUpModule():
    global engine, s3, sagemaker, make, start, ended, steps
    engine = Engine("--no-deploy").__enter__()
    s3, sagemaker = engine.client("s3"), engine.client("sagemaker")
    pipelines = Pipelines(sagemaker)
    make, start, ended, steps = pipelines.make, pipelines.start, pipelines.ended, pipelines.steps
    s3.create_bucket(Bucket="lake")
    s3.put_object(Bucket="lake", Key="in/a", Body=b"one beer")


def tearDownModule():
    engine.__exit__()


class Callbacks(unittest.TestCase):
    def test_a_token_is_answered_once(self):
        make("Calls", {"Name": "Ask", "Type": "Callback", "Arguments": {"a": 1}, "OutputParameters": [{"OutputName": "v", "OutputType": "Integer"}]})
        arn = start("Calls")
        token = eventually(lambda: steps(arn).get("Ask", {}).get("Metadata", {}).get("Callback", {}).get("CallbackToken"), "a token")
        self.assertRegex(token, "^[a-zA-Z0-9]{10}$")
        send = sagemaker.send_pipeline_execution_step_success
        self.assertEqual(refused(send, CallbackToken=token)[0], "ValidationException")  # the output is missing
        answer = dict(CallbackToken=token, OutputParameters=[{"Name": "v", "Value": "7"}])
        self.assertEqual(send(**answer)["PipelineExecutionArn"], arn)
        self.assertEqual(send(**answer)["PipelineExecutionArn"], arn)
        self.assertEqual(refused(sagemaker.send_pipeline_execution_step_failure, CallbackToken=token, FailureReason="x")[::2], ("ConflictException", 400))
        ended(arn)
        self.assertEqual(steps(arn)["Ask"]["Metadata"]["Callback"], {"CallbackToken": token, "OutputParameters": [{"Name": "v", "Value": "7"}]})
        for call in (send, sagemaker.send_pipeline_execution_step_failure):
            self.assertEqual(refused(call, CallbackToken="0123456789")[::2], ("ResourceNotFound", 400))
            self.assertRegex(refused(call, CallbackToken="01234-6789")[1], "callbackToken.*satisfy constraint")


class Refusals(unittest.TestCase):
    def test_pipelines_and_executions_that_arent_there(self):
        execution = ARN + "pipeline/none/execution/aaaaaaaaaaaa"
        for operation, member, value in (
                ("describe_pipeline", "PipelineName", "none"), ("update_pipeline", "PipelineName", "none"), ("delete_pipeline", "PipelineName", "none"),
                ("start_pipeline_execution", "PipelineName", "none"), ("list_pipeline_executions", "PipelineName", "none"),
                ("list_pipeline_versions", "PipelineName", "none"), *((name, "PipelineExecutionArn", execution) for name in (
                    "describe_pipeline_execution", "stop_pipeline_execution", "retry_pipeline_execution", "update_pipeline_execution",
                    "list_pipeline_execution_steps", "describe_pipeline_definition_for_execution", "list_pipeline_parameters_for_execution"))):
            with self.subTest(operation):
                code, sentence, status = refused(getattr(sagemaker, operation), **{member: value})
                self.assertEqual((code, status), ("ResourceNotFound", 400))
                self.assertRegex(sentence, f"^Pipeline( execution)? '{ARN}pipeline/none.*' does not exist")

    def test_upsert_as_the_sdk_does_it(self):
        request = dict(PipelineName="Upserted", PipelineDefinition=Pipelines.document(script("One", "true")), RoleArn=ROLE,
                       Tags=[{"Key": "team", "Value": "hops"}])
        for round_ in (1, 2):
            try:
                sagemaker.create_pipeline(**request)
                self.assertEqual(round_, 1)
            except sagemaker.exceptions.ClientError as error:
                self.assertEqual(error.response["Error"]["Code"], "ValidationException")
                self.assertIn("already exists", error.response["Error"]["Message"])
                update = {k: v for k, v in request.items() if k != "Tags"}
                self.assertEqual(sagemaker.update_pipeline(**update)["PipelineArn"], ARN + "pipeline/upserted")
                old = sagemaker.list_tags(ResourceArn=ARN + "pipeline/upserted")["Tags"]
                sagemaker.add_tags(ResourceArn=ARN + "pipeline/upserted", Tags=old + [{"Key": "more", "Value": "malt"}])
        self.assertEqual({t["Key"]: t["Value"] for t in sagemaker.list_tags(ResourceArn=ARN + "pipeline/upserted")["Tags"]},
                         {"team": "hops", "more": "malt"})

    def test_a_token_stands_for_one_request(self):
        make("Tokens", script("One", "true"))
        token = uuid.uuid4().hex
        arn = start("Tokens", ClientRequestToken=token)
        self.assertEqual(start("Tokens", ClientRequestToken=token), arn)
        self.assertEqual(refused(sagemaker.start_pipeline_execution, PipelineName="Tokens", ClientRequestToken=token,
                                 PipelineExecutionDescription="another")[::2], ("ConflictException", 400))
        ended(arn)

    def test_values_that_the_model_forbids(self):
        for member, value, sentence in (("PipelineName", "under_score", "satisfy regular expression pattern"), ("PipelineName", "x" * 257, "less than or equal to 256|regular"),
                                        ("PipelineDefinition", "x" * 1048577, "less than or equal to 1048576"),
                                        ("ParallelismConfiguration", {"MaxParallelExecutionSteps": 0}, "greater than or equal to 1")):
            request = {"PipelineName": "Good", "PipelineDefinition": "{}", "RoleArn": ROLE, "ClientRequestToken": "t" * 32, member: value}
            with self.subTest(member):
                raw = engine.client("sagemaker", checked=False)
                code, message, _ = refused(raw.create_pipeline, **request)
                self.assertEqual(code, "ValidationException")
                self.assertRegex(message, f"validation error detected.*{sentence}")
        self.assertEqual(refused(sagemaker.create_pipeline, PipelineName="Neither", RoleArn=ROLE)[0], "ValidationException")


class Lists(unittest.TestCase):
    def test_pipelines_their_executions_versions_steps_and_parameters_come_in_pages(self):
        for name in ("List-b", "List-a", "List-c"):
            make(name, *(script(f"S{i}", "true") for i in range(2)), {"Name": "Last", "Type": "Condition", "DependsOn": ["S0", "S1"], "Arguments": {
                "Conditions": [{"Type": "Equals", "LeftValue": 1, "RightValue": 1}]}},
                parameters=[{"Name": f"P{i}", "Type": "String", "DefaultValue": "x"} for i in range(3)])
        names = lambda **more: [p["PipelineName"] for p in paged(sagemaker, "list_pipelines", "PipelineSummaries", PipelineNamePrefix="List", **more)[0]]
        self.assertEqual(names(), ["List-c", "List-a", "List-b"])
        self.assertEqual(names(SortOrder="Ascending"), ["List-b", "List-a", "List-c"])
        self.assertEqual(names(SortBy="Name", SortOrder="Ascending"), ["List-a", "List-b", "List-c"])
        self.assertEqual(names(SortBy="Name", SortOrder="Descending"), ["List-c", "List-b", "List-a"])
        for between, number in (({"CreatedAfter": hours(-1)}, 3), ({"CreatedAfter": hours(1)}, 0), ({"CreatedBefore": hours(-1)}, 0), ({"CreatedBefore": hours(1)}, 3)):
            self.assertEqual(len(names(**between)), number, between)
        arns = [start("List-a") for _ in range(3)]
        for arn in arns:
            ended(arn)
        listed, pages = paged(sagemaker, "list_pipeline_executions", "PipelineExecutionSummaries", PipelineName="List-a")
        self.assertEqual(([e["PipelineExecutionArn"] for e in listed], pages), (arns[::-1], 2))
        self.assertEqual(set(listed[0]), {"PipelineExecutionArn", "StartTime", "PipelineExecutionStatus", "PipelineExecutionDisplayName"})
        by_arn = sagemaker.list_pipeline_executions(PipelineName="List-a", SortBy="PipelineExecutionArn", SortOrder="Ascending")
        self.assertEqual([e["PipelineExecutionArn"] for e in by_arn["PipelineExecutionSummaries"]], sorted(arns))
        [summary] = sagemaker.list_pipelines(PipelineNamePrefix="List-a")["PipelineSummaries"]
        self.assertEqual(summary["LastExecutionTime"], listed[0]["StartTime"])
        found, pages = paged(sagemaker, "list_pipeline_execution_steps", "PipelineExecutionSteps", PipelineExecutionArn=arns[0])
        self.assertEqual((found[0]["StepName"], len(found), pages), ("Last", 3, 2))
        found, pages = paged(sagemaker, "list_pipeline_parameters_for_execution", "PipelineParameters", PipelineExecutionArn=arns[0])
        self.assertEqual(([p["Name"] for p in found], pages), (["P0", "P1", "P2"], 2))
        for text in ("a", "b"):
            sagemaker.update_pipeline(PipelineName="List-a", PipelineDescription=text)
        found, pages = paged(sagemaker, "list_pipeline_versions", "PipelineVersionSummaries", PipelineName="List-a")
        self.assertEqual(([v["PipelineVersionId"] for v in found], pages), ([3, 2, 1], 2))
        self.assertEqual(found[2]["LastExecutionPipelineExecutionArn"], arns[2])
        self.assertEqual(refused(sagemaker.list_pipelines, NextToken="nonsense")[0], "ValidationException")


if __name__ == "__main__":
    unittest.main()
