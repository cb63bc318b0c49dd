"""kill -9 of the engine while pipeline executions run, again and again: every execution that was acknowledged ends in the
state it has to end in, each of its steps is told once and rightly, and what it had to leave is there exactly once.

BEER_FAULT_KILLS kills (50) from BEER_FAULT_SEED (1) on.   One by hand:  python3 test_executions.py SEED
"""
import contextlib
import json
import os
import pathlib
import random
import shutil
import sys
import tempfile
import threading
import time
import unittest
import unittest.mock

from botocore.exceptions import BotoCoreError, ClientError

from lake import beer
from steps import IMAGE, PROGRAM, ROLE, get, script

KILLS_AT_ONCE = 10  # of one engine's data folder
PATIENCE = 120


def output_of(step, output):
    return get(f"Steps.{step}.ProcessingOutputConfig.Outputs['{output}'].S3Output.S3Uri")


def definition():
    """Four side by side, one that needs them all, a callback, and a condition that registers a model or fails."""
    pause = "sleep 0.0$(( $$ % 5 ))"
    parts = [script(f"Part{i}", f"{pause}; echo {i} > processing/out{i}/x", outputs=[f"out{i}"]) for i in range(4)]
    join = script("Join", f"{pause}; cat processing/in*/x | wc -l > processing/sum/n; echo '{{\"n\": 4}}' > processing/sum/n.json",
                  inputs=[(f"in{i}", output_of(f"Part{i}", f"out{i}")) for i in range(4)], outputs=["sum"],
                  PropertyFiles=[{"PropertyFileName": "Sum", "OutputName": "sum", "FilePath": "n.json"}])
    wait = {"Name": "Wait", "Type": "Callback", "DependsOn": ["Join"], "Arguments": {}}
    register = {"Name": "Register", "Type": "RegisterModel", "Arguments": {
        "ModelPackageGroupName": "killed", "MetadataProperties": {"GeneratedBy": get("Execution.PipelineExecutionArn")},
        "InferenceSpecification": {"Containers": [{"Image": IMAGE, "ModelDataUrl": "s3://lake/m"}],
                                   "SupportedContentTypes": ["text/csv"], "SupportedResponseMIMETypes": ["text/csv"]}}}
    check = {"Name": "Check", "Type": "Condition", "DependsOn": ["Wait"], "Arguments": {
        "Conditions": [{"Type": "LessThanOrEqualTo",
                        "LeftValue": {"Std:JsonGet": {"PropertyFile": get("Steps.Join.PropertyFiles.Sum"), "Path": "n"}},
                        "RightValue": get("Parameters.Limit")}],
        "IfSteps": [register], "ElseSteps": [{"Name": "Reject", "Type": "Fail", "Arguments": {"ErrorMessage": "too many"}}]}}
    return json.dumps({"Version": "2020-12-01", "Parameters": [{"Name": "Limit", "Type": "Integer"}],
                       "Steps": [*parts, join, wait, check]})


class Engine(beer.Engine):
    """An engine that is killed and started again on the same data; its image runs PROGRAM."""

    def __enter__(self):
        self.programs = tempfile.mkdtemp(prefix="beer-faults-programs-")
        shutil.copy(beer.BEER, self.programs)
        for name in ("job_runner", "fn_extraction", "fn_transformation"):
            os.symlink(beer.BIN / name, os.path.join(self.programs, name))
        os.symlink(beer.BIN.parent / "lib" / "libduckdb.so", os.path.join(self.programs, "libduckdb.so"))
        program = pathlib.Path(self.programs, "beer-pipeline")
        program.write_text(PROGRAM)
        program.chmod(0o755)
        return super().__enter__()

    def start(self, *arguments):
        with unittest.mock.patch.object(beer, "BEER", os.path.join(self.programs, "beer")):
            super().start("--spec", str(beer.SOURCE / "beer.yaml"), "--no-deploy")

    def __exit__(self, *_):
        super().__exit__()
        shutil.rmtree(self.programs)


class Starter(threading.Thread):
    """Starts executions and answers callbacks as long as there is an engine, until told to end."""

    def __init__(self, engine, seed):
        super().__init__()
        self.engine, self.random = engine, random.Random(seed)
        self.acknowledged = {}  # ARN → whether its gate lets it pass
        self.ending = threading.Event()
        self.clients = {}  # by the engine's URL: making one takes longer than many an engine lives

    def client(self):
        if self.engine.url not in self.clients:
            self.clients[self.engine.url] = self.engine.client("sagemaker", attempts=1)
        return self.clients[self.engine.url]

    def begin(self, passes):
        arn = self.client().start_pipeline_execution(PipelineName="Killed", PipelineParameters=[
            {"Name": "Limit", "Value": "4" if passes else "3"}])["PipelineExecutionArn"]
        self.acknowledged[arn] = passes

    def run(self):
        while not self.ending.is_set():
            with contextlib.suppress(BotoCoreError, ClientError, OSError, KeyError):
                client = self.client()
                if len(self.acknowledged) < 30 and self.random.random() < 0.4:
                    self.begin(self.random.random() < 0.5)
                for arn in list(self.acknowledged)[-8:]:
                    answer_callback(client, arn)
            time.sleep(0.01)


def steps_of(client, arn):
    return client.list_pipeline_execution_steps(PipelineExecutionArn=arn, SortOrder="Ascending")["PipelineExecutionSteps"]


def answer_callback(client, arn):
    for step in steps_of(client, arn):
        token = step.get("Metadata", {}).get("Callback", {}).get("CallbackToken")
        if token and step["StepStatus"] == "Executing":
            client.send_pipeline_execution_step_success(CallbackToken=token)


def check(client, s3, arn, passes):
    """Everything that is wrong with an execution that has ended."""
    wrong = []
    about = client.describe_pipeline_execution(PipelineExecutionArn=arn)
    wanted = "Succeeded" if passes else "Failed"
    if about["PipelineExecutionStatus"] != wanted:
        wrong.append(f"is {about['PipelineExecutionStatus']}: {about.get('FailureReason')}")
    steps = steps_of(client, arn)
    names = sorted(step["StepName"] for step in steps)
    last = "Register" if passes else "Reject"
    if names != sorted(["Part0", "Part1", "Part2", "Part3", "Join", "Wait", "Check", last]):
        wrong.append(f"has the steps {names}")
    for step in steps:
        ends = "Failed" if step["StepName"] == "Reject" else "Succeeded"
        if step["StepStatus"] != ends or "EndTime" not in step:
            wrong.append(f"{step['StepName']} is {step['StepStatus']}: {step.get('FailureReason')}")
    run = arn.rsplit("/", 1)[1]
    found = s3.list_objects_v2(Bucket="lake", Prefix=run + "/")
    if found["KeyCount"] != 6:
        wrong.append(f"left {[o['Key'] for o in found.get('Contents', [])]}")
    return wrong


def run(seed, kills):
    """That many kills of one engine; everything that was wrong in the end, and how much there was."""
    choose = random.Random(seed)
    wrong = []
    with Engine(roles=(ROLE,)) as engine:
        engine.client("s3").create_bucket(Bucket="lake")
        engine.client("sagemaker").create_pipeline(PipelineName="Killed", PipelineDefinition=definition(), RoleArn=ROLE)
        starter = Starter(engine, seed)
        starter.start()
        try:
            for number in range(kills):
                starter.begin(number % 2 == 0)  # so that there is always one to be killed
                time.sleep(choose.uniform(0.05, 0.9))
                engine.kill()
                engine.start()
        finally:
            starter.ending.set()
            starter.join()
        client, s3 = engine.client("sagemaker"), engine.client("s3")
        for arn in starter.acknowledged:
            def over():
                answer_callback(client, arn)
                status = client.describe_pipeline_execution(PipelineExecutionArn=arn)["PipelineExecutionStatus"]
                return status not in ("Executing", "Stopping")
            try:
                beer.eventually(over, f"{arn} has ended", PATIENCE)
                wrong += [f"{arn} {what}" for what in check(client, s3, arn, starter.acknowledged[arn])]
            except AssertionError as error:
                wrong.append(f"{error}; {steps_of(client, arn)}")
        packages = [p for page in client.get_paginator("list_model_packages").paginate(ModelPackageGroupName="killed")
                    for p in page["ModelPackageSummaryList"]] if any(starter.acknowledged.values()) else []
        makers = [client.describe_model_package(ModelPackageName=p["ModelPackageArn"])["MetadataProperties"]["GeneratedBy"]
                  for p in packages]
        expected = [arn for arn, passes in starter.acknowledged.items() if passes]
        # One that was started but not acknowledged may have registered a model, too; once.
        if len(set(makers)) != len(makers) or not set(expected) <= set(makers):
            wrong.append(f"models registered by {makers}, expected {expected}")
        return wrong, len(starter.acknowledged)


class Kills(unittest.TestCase):
    def test_executions_end_rightly_however_often_the_engine_is_killed(self):
        kills, first = (int(os.environ.get(name, value)) for name, value in
                        (("BEER_FAULT_KILLS", "50"), ("BEER_FAULT_SEED", "1")))
        wrong, executions = [], 0
        for seed in range(first, first + -(-kills // KILLS_AT_ONCE)):
            found, count = run(seed, min(kills, KILLS_AT_ONCE))
            wrong += [f"seed {seed}: {what}" for what in found]
            executions += count
        print(f"{kills} kills, {executions} executions")
        self.assertEqual(wrong, [])
        self.assertGreaterEqual(executions, kills)


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1].isdigit():
        print(*run(int(sys.argv[1]), KILLS_AT_ONCE), sep="\n")
    else:
        unittest.main()
