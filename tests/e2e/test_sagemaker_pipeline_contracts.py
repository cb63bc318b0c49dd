"""Pipelines: every status of an execution and its steps, ARNs, defaults, references, conditions."""
import re
import unittest

from scripted import ARN, HANG, ROLE, Engine, Pipelines, refused
from beer import eventually
from steps import get, script


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


def waiting(name, **more):
    """A step that begins to run and goes on until it is told to end by the file `go` in its folder."""
    return script(name, f"echo x > on; trap 'while [ ! -e go ]; do sleep 0.02; done; exit 0' TERM; {HANG}", **more)


def job_of(arn, step):
    """The folder of that step's job, once its program runs."""
    job = eventually(lambda: steps(arn).get(step, {}).get("Metadata", {}).get("ProcessingJob", {}).get("Arn"), f"{step} has a job")
    name = sagemaker.describe_processing_job(ProcessingJobName=job.rsplit("/", 1)[1])["ProcessingJobName"]
    return name, engine.job_folder("processing-" + name, "on")


class Executions(unittest.TestCase):
    def test_arns_names_and_what_is_set_when_nothing_is_said(self):
        arn = make("Mixed-Case", script("One-Step_with-a-long-name-indeed", "true"))
        self.assertEqual(arn, ARN + "pipeline/mixed-case")
        execution = start("Mixed-Case")
        self.assertRegex(execution, f"^{re.escape(arn)}/execution/[a-z0-9]{{12}}$")
        about = ended(execution)
        self.assertRegex(about["PipelineExecutionDisplayName"], r"^execution-\d{13}$")
        self.assertEqual((about["PipelineArn"], about["PipelineVersionId"]), (arn, 1))
        self.assertEqual(about["PipelineExperimentConfig"], {"ExperimentName": "Mixed-Case", "TrialName": execution.rsplit("/", 1)[1]})
        for absent in ("FailureReason", "SelectiveExecutionConfig", "ParallelismConfiguration", "PipelineExecutionDescription"):
            self.assertNotIn(absent, about)
        [step] = steps(execution).values()
        self.assertEqual((step["StepStatus"], step["AttemptCount"]), ("Succeeded", 0))
        self.assertLessEqual(step["StartTime"], step["EndTime"])
        job = step["Metadata"]["ProcessingJob"]["Arn"]
        self.assertRegex(job, f"^{ARN}processing-job/pipelines-{execution[-12:]}-one-step-with-a-long-[a-z0-9]{{10}}$")
        name = sagemaker.describe_processing_job(ProcessingJobName=job.rsplit("/", 1)[1])["ProcessingJobName"]
        self.assertRegex(name, f"^pipelines-{execution[-12:]}-One-Step-with-a-long-.{{10}}$")
        self.assertLessEqual(len(name), 63)
        # An ARN or a name is compared without regard to case.
        self.assertEqual(sagemaker.describe_pipeline(PipelineName="MIXED-case")["PipelineName"], "Mixed-Case")
        upper = execution.replace("mixed-case", "Mixed-Case")
        self.assertEqual(sagemaker.describe_pipeline_execution(PipelineExecutionArn=upper)["PipelineExecutionArn"], execution)
        self.assertEqual(sagemaker.describe_pipeline(PipelineName=arn)["PipelineArn"], arn)

    def test_executing_stopping_stopped_and_retried(self):
        make("Stops", waiting("Waits"), script("Never", "true", DependsOn=["Waits"]))
        arn = start("Stops")
        _, folder = job_of(arn, "Waits")
        self.assertEqual(sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)["PipelineExecutionStatus"], "Executing")
        self.assertEqual(steps(arn)["Waits"]["StepStatus"], "Executing")
        self.assertNotIn("EndTime", steps(arn)["Waits"])
        for wrong in (sagemaker.retry_pipeline_execution, ):
            self.assertEqual(refused(wrong, PipelineExecutionArn=arn)[::2], ("ConflictException", 400))
        self.assertEqual(refused(sagemaker.delete_pipeline, PipelineName="Stops")[0], "ConflictException")
        self.assertEqual(sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)["PipelineExecutionArn"], arn)
        self.assertEqual(sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)["PipelineExecutionStatus"], "Stopping")
        self.assertEqual(steps(arn)["Waits"]["StepStatus"], "Stopping")
        (folder / "go").write_text("")
        ended(arn, "Stopped")
        self.assertEqual({n: s["StepStatus"] for n, s in steps(arn).items()}, {"Waits": "Stopped"})
        sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)  # again changes nothing
        sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn)
        _, folder = job_of(arn, "Waits")
        self.assertEqual(steps(arn)["Waits"]["AttemptCount"], 1)
        sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)
        (folder / "go").write_text("")
        ended(arn, "Stopped")

    def test_failed_by_a_fail_step_with_its_message(self):
        make("Fails", {"Name": "Check", "Type": "Condition", "Arguments": {
            "Conditions": [{"Type": "GreaterThan", "LeftValue": get("Parameters.Mse"), "RightValue": 3.0}],
            "IfSteps": [{"Name": "Reject", "Type": "Fail", "Arguments": {"ErrorMessage": {"Std:Join": {
                "On": " ", "Values": ["Execution failed due to MSE >", 3.0]}}}}],
            "ElseSteps": [script("Accept", "true")]}}, parameters=[{"Name": "Mse", "Type": "Float", "DefaultValue": 4.5}])
        arn = start("Fails")
        about = ended(arn, "Failed")
        self.assertRegex(about["FailureReason"], "^Step failure: One or multiple steps failed")
        self.assertIn("Execution failed due to MSE > 3.0", about["FailureReason"])
        found = steps(arn)
        self.assertEqual(list(found), ["Check", "Reject"], "a step of the other branch never appears")
        self.assertEqual((found["Check"]["StepStatus"], found["Check"]["Metadata"]), ("Succeeded", {"Condition": {"Outcome": "True"}}))
        self.assertEqual((found["Reject"]["StepStatus"], found["Reject"]["FailureReason"]), ("Failed", "Execution failed due to MSE > 3.0"))
        self.assertEqual(found["Reject"]["Metadata"], {"Fail": {"ErrorMessage": "Execution failed due to MSE > 3.0"}})
        [summary] = sagemaker.list_pipeline_executions(PipelineName="Fails")["PipelineExecutionSummaries"]
        self.assertEqual((summary["PipelineExecutionStatus"], summary["PipelineExecutionFailureReason"]), ("Failed", about["FailureReason"]))
        self.assertEqual(refused(sagemaker.stop_pipeline_execution, PipelineExecutionArn=arn)[0], "ConflictException")
        passed = start("Fails", PipelineParameters=[{"Name": "Mse", "Value": "1"}])
        ended(passed)
        self.assertEqual(list(steps(passed)), ["Check", "Accept"])
        self.assertEqual(list(steps(passed, "Descending")), ["Accept", "Check"])
        default = sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=passed)["PipelineExecutionSteps"]
        self.assertEqual([s["StepName"] for s in default], ["Accept", "Check"], "the newest first")

    def test_what_is_said_is_kept_and_can_be_changed(self):
        make("Says", script("One", "true", DisplayName="The one", Description="does nothing"), PipelineDisplayName="Shown",
             PipelineDescription="about", ParallelismConfiguration={"MaxParallelExecutionSteps": 3},
             parameters=[{"Name": "P", "Type": "String", "DefaultValue": "x"}])
        about = sagemaker.describe_pipeline(PipelineName="Says")
        self.assertEqual((about["PipelineDisplayName"], about["PipelineDescription"], about["RoleArn"], about["PipelineStatus"]),
                         ("Shown", "about", ROLE, "Active"))
        self.assertEqual(about["CreationTime"], about["LastModifiedTime"])
        self.assertNotIn("LastRunTime", about)
        arn = start("Says", PipelineExecutionDisplayName="mine", PipelineExecutionDescription="first", ParallelismConfiguration={"MaxParallelExecutionSteps": 1})
        found = ended(arn)
        self.assertEqual((found["PipelineExecutionDisplayName"], found["PipelineExecutionDescription"], found["ParallelismConfiguration"]),
                         ("mine", "first", {"MaxParallelExecutionSteps": 1}))
        self.assertEqual((steps(arn)["One"]["StepDisplayName"], steps(arn)["One"]["StepDescription"]), ("The one", "does nothing"))
        sagemaker.update_pipeline_execution(PipelineExecutionArn=arn, PipelineExecutionDescription="second")
        self.assertEqual(sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)["PipelineExecutionDescription"], "second")
        self.assertEqual(sagemaker.describe_pipeline(PipelineName="Says")["LastRunTime"], found["CreationTime"])
        told = sagemaker.describe_pipeline_definition_for_execution(PipelineExecutionArn=arn)
        self.assertEqual((told["PipelineDefinition"], told["CreationTime"]), (about["PipelineDefinition"], found["CreationTime"]))
        sagemaker.update_pipeline(PipelineName="Says", PipelineDescription="changed")
        later = sagemaker.describe_pipeline(PipelineName="Says")
        self.assertEqual((later["PipelineDescription"], later["PipelineDefinition"]), ("changed", about["PipelineDefinition"]))
        self.assertGreater(later["LastModifiedTime"], later["CreationTime"])
        self.assertEqual(sagemaker.delete_pipeline(PipelineName="Says")["PipelineArn"], later["PipelineArn"])
        self.assertEqual(refused(sagemaker.describe_pipeline_execution, PipelineExecutionArn=arn)[0], "ResourceNotFound")


class References(unittest.TestCase):
    def test_every_form_resolves(self):
        files = [{"PropertyFileName": "Report", "OutputName": "out", "FilePath": "report.json"}]
        say = lambda *values: {"Std:Join": {"On": "|", "Values": list(values)}}
        texts = [get(f"Parameters.{n}") for n in ("S", "I", "F", "B")] + [get(f"Execution.{n}") for n in (
            "PipelineName", "PipelineArn", "PipelineExecutionId", "PipelineExecutionArn", "StartDateTime", "CurrentDateTime")] + [
            get("Steps.Make.ProcessingOutputConfig.Outputs['out'].S3Output.S3Uri"), get('Steps.Make.ProcessingInputs["in"].S3Input.S3Uri'),
            get("Steps.Make.ProcessingOutputConfig.Outputs[0].OutputName"), get("Steps.Make.Environment['HOP']"),
            {"Std:JsonGet": {"PropertyFile": get("Steps.Make.PropertyFiles.Report"), "Path": "a['b'][1].c"}},
            {"Std:JsonGet": {"S3Uri": {"Std:Join": {"On": "/", "Values": [
                get("Steps.Make.ProcessingOutputConfig.Outputs['out'].S3Output.S3Uri"), "report.json"]}}, "Path": "x"}},
            {"Std:Join": {"Values": ["no", "glue"]}}]
        first = script("Make", "echo '{\"a\":{\"b\":[0,{\"c\":7.5}]},\"x\":\"y\"}' > processing/out/report.json",
                       inputs=[("in", "s3://lake/in/")], outputs=["out"], PropertyFiles=files)
        first["Arguments"]["Environment"] = {"HOP": "citra"}
        make("Forms", first, {"Name": "Tell", "Type": "Fail", "Arguments": {"ErrorMessage": say(*texts)}}, parameters=[
            {"Name": "S", "Type": "String", "DefaultValue": "s"}, {"Name": "I", "Type": "Integer", "DefaultValue": 4},
            {"Name": "F", "Type": "Float", "DefaultValue": 12.0}, {"Name": "B", "Type": "Boolean", "DefaultValue": True}])
        arn = start("Forms", PipelineParameters=[{"Name": "I", "Value": "5"}])
        ended(arn, "Failed")
        told = steps(arn)["Tell"]["FailureReason"].split("|")
        execution = arn.rsplit("/", 1)[1]
        self.assertEqual(told[:2] + told[4:8], ["s", "5", "Forms", arn.rsplit("/", 2)[0], execution, arn])
        self.assertEqual(float(told[2]), 12.0)
        self.assertEqual(told[3].lower(), "true")
        for moment in told[8:10]:
            self.assertRegex(moment, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
        self.assertEqual(told[10:], [f"s3://lake/{execution}/out", "s3://lake/in/", "out", "citra", "7.5", "y", "noglue"])
        given = sagemaker.list_pipeline_parameters_for_execution(PipelineExecutionArn=arn)["PipelineParameters"]
        self.assertEqual(given, [{"Name": "S", "Value": "s"}, {"Name": "I", "Value": "5"}, {"Name": "F", "Value": "12.0"}, {"Name": "B", "Value": "true"}])

    def test_every_condition_type(self):
        left = {"LeftValue": get("Parameters.N")}
        true = [{"Type": "Equals", **left, "RightValue": 4}, {"Type": "NotEquals", **left, "RightValue": 5},
                {"Type": "GreaterThan", **left, "RightValue": 3}, {"Type": "GreaterThanOrEqualTo", **left, "RightValue": 4},
                {"Type": "LessThan", **left, "RightValue": 4.5}, {"Type": "LessThanOrEqualTo", **left, "RightValue": 4},
                {"Type": "In", "QueryValue": get("Parameters.N"), "Values": [1, 4]}, {"Type": "In", "Value": get("Parameters.N"), "In": [4]},
                {"Type": "NotIn", "Value": get("Parameters.N"), "In": [5]}, {"Type": "Not", "Condition": {"Type": "Equals", **left, "RightValue": 1}},
                {"Type": "Or", "Conditions": [{"Type": "Equals", **left, "RightValue": 1}, {"Type": "Equals", **left, "RightValue": 4}]}]
        make("Conditions", *({"Name": f"C{i}", "Type": "Condition", "Arguments": {"Conditions": [c]}} for i, c in enumerate(true)),
             {"Name": "And", "Type": "Condition", "Arguments": {"Conditions": [true[0], {"Type": "Equals", **left, "RightValue": 9}]}},
             parameters=[{"Name": "N", "Type": "Integer", "DefaultValue": 4}])
        arn = start("Conditions")
        ended(arn)
        self.assertEqual({n: s["Metadata"]["Condition"]["Outcome"] for n, s in steps(arn).items()},
                         {**{f"C{i}": "True" for i in range(len(true))}, "And": "False"})

    def test_a_missing_file_or_path_fails_the_step(self):
        files = [{"PropertyFileName": "Report", "OutputName": "out", "FilePath": "report.json"}]
        read = {"Std:JsonGet": {"PropertyFile": get("Steps.Make.PropertyFiles.Report"), "Path": "a.b"}}
        for name, text, sentence in (("NoFile", "true", "can't be read"), ("NoJson", "echo { > processing/out/report.json", "is not JSON"),
                                     ("NoPath", "echo '{\"a\": 1}' > processing/out/report.json", "b")):
            make(name, script("Make", text, outputs=["out"], PropertyFiles=files), {"Name": "Check", "Type": "Condition", "Arguments": {
                "Conditions": [{"Type": "Equals", "LeftValue": read, "RightValue": 1}]}})
            arn = start(name)
            ended(arn, "Failed")
            self.assertEqual(steps(arn)["Check"]["StepStatus"], "Failed")
            self.assertIn(sentence, steps(arn)["Check"]["FailureReason"])


if __name__ == "__main__":
    unittest.main()
