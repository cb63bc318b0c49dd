"""An engine whose image beer-pipeline runs scripts, and what tests of SageMaker say to it."""
import io
import json
import os
import pathlib
import shutil
import tarfile
import tempfile
import unittest.mock
from datetime import datetime, timedelta, timezone

from botocore.exceptions import ClientError

import beer
from beer import eventually
from steps import ACCOUNT, IMAGE, PROGRAM, ROLE

ARN = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:"
HANG = "while :; do sleep 0.02; done"
# The same as PROGRAM, and it trains, by its hyperparameters, and serves: what its model.json says, and how the body of a
# request asks it to.
SERVING = """#!/usr/bin/env python3
import http.server, json, os, sys, time
root = os.environ.get("SM_ML_ROOT", "/opt/ml")
if sys.argv[1] == "script":
    os.chdir(root)
    os.execv("/bin/sh", ["sh", "-c", sys.argv[2]])
if sys.argv[1] == "train":
    told = json.load(open(root + "/input/config/hyperparameters.json"))
    print("loss=" + told.get("x", "0"), flush=True)
    while "waits" in told: time.sleep(0.02)
    sys.exit(int(told.get("exits", 0)))
place = os.path.join(root, "model", "model.json")
model = json.load(open(place)) if os.path.exists(place) else {}
if model.get("dies") or os.path.exists(model.get("dies_by", "")): sys.exit("no hops in the model")
class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items(): self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body))); self.end_headers(); self.wfile.write(body)
    def do_GET(self): self.answer(404 if self.path != "/ping" else 503 if "slow" in model and not os.path.exists(model["slow"]) else 200)
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if body == "die": os._exit(1)
        while body.startswith("wait") and not os.path.exists(body.split()[1]): time.sleep(0.02)
        if body.isdigit(): return self.answer(int(body), b"so it is")
        about = {"model": model, "path": self.path, "body": body, "env": dict(os.environ), "headers": {k.lower(): v for k, v in self.headers.items()}}
        self.answer(200, json.dumps(about).encode(), Content_Type="application/json", X_Amzn_SageMaker_Custom_Attributes="c=d",
                    X_Amzn_SageMaker_New_Session_Id="s1", X_Amzn_SageMaker_Closed_Session_Id="s0")
    def log_message(self, *_): print(self.path, flush=True)
http.server.ThreadingHTTPServer((os.environ["SM_BIND_ADDRESS"], int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
"""


class Engine(beer.Engine):
    """An engine whose image beer-pipeline is `program`: the command stands in a folder of its own, beside it."""

    def __init__(self, *arguments, program=PROGRAM, roles=(ROLE,), **environment):
        super().__init__(*arguments, roles=roles, **environment)
        self.program = program

    def __enter__(self):
        self.programs = tempfile.mkdtemp(prefix="beer-e2e-programs-")
        shutil.copy(beer.BEER, self.programs)
        for name in ("job_runner", "fn_extraction", "fn_transformation"):
            os.symlink(beer.BIN / name, os.path.join(self.programs, name))
        os.symlink(beer.BIN.parent / "lib" / "libduckdb.so", os.path.join(self.programs, "libduckdb.so"))
        path = os.path.join(self.programs, "beer-pipeline")
        pathlib.Path(path).write_text(self.program)
        os.chmod(path, 0o755)
        return super().__enter__()

    def start(self, *arguments):
        with unittest.mock.patch.object(beer, "BEER", os.path.join(self.programs, "beer")):
            super().start("--spec", str(beer.SOURCE / "beer.yaml"), *arguments)

    def __exit__(self, *_):
        super().__exit__()
        shutil.rmtree(self.programs)

    def job_folder(self, job, file=None):
        """What is /opt/ml to a job under way, "training-NAME"; once `file` is there, if one is named."""
        folder = pathlib.Path(self.data) / "jobs" / job
        if file:
            eventually((folder / file).exists, f"{job} has written {file}")
        return folder


def refused(call, **members):
    """The code, the sentence and the HTTP status a call is refused with."""
    try:
        call(**members)
    except ClientError as error:
        about = error.response
        return about["Error"]["Code"], about["Error"]["Message"], about["ResponseMetadata"]["HTTPStatusCode"]
    raise AssertionError("the call was not refused")


def paged(client, operation, result, **members):
    """All items of a list, two by two, and how many pages they came in."""
    pages = list(client.get_paginator(operation).paginate(PaginationConfig={"PageSize": 2}, **members))
    return [item for page in pages for item in page[result]], len(pages)


def when(describe, member, *values, **key):
    """What `describe` gives once its `member` is one of `values`."""
    return eventually(lambda: (row := describe(**key)).get(member) in values and row, f"{member} of {key} is {values}", 30)


def hours(number):
    """That many hours from now."""
    return datetime.now(timezone.utc) + timedelta(hours=number)


def channel(name, uri, **source):
    return {"ChannelName": name, "ContentType": "text/csv", "DataSource": {"S3DataSource": {
        "S3DataType": "S3Prefix", "S3Uri": uri, **source}}}


def training(name, script, **more):
    return {"TrainingJobName": name, "RoleArn": ROLE, "AlgorithmSpecification": {
        "TrainingImage": IMAGE, "TrainingInputMode": "File", "ContainerEntrypoint": ["/program", "script"],
        "ContainerArguments": [script]}, "OutputDataConfig": {"S3OutputPath": "s3://lab/models"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60}, **more}


def processing(name, script, **more):
    return {"ProcessingJobName": name, "RoleArn": ROLE, "AppSpecification": {
        "ImageUri": IMAGE, "ContainerEntrypoint": ["/program", "script"], "ContainerArguments": [script]},
        "ProcessingResources": {"ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}}, **more}


def processing_input(name, uri, **more):
    return {"InputName": name, "S3Input": {"S3Uri": uri, "LocalPath": f"/opt/ml/processing/{name}",
                                           "S3DataType": "S3Prefix", "S3InputMode": "File", **more}}


def processing_outputs(**uris):
    return {"Outputs": [{"OutputName": name, "S3Output": {
        "S3Uri": uri, "LocalPath": f"/opt/ml/processing/{name}", "S3UploadMode": "EndOfJob"}} for name, uri in uris.items()]}


class Pipelines:
    """Pipelines made and run by one client."""

    def __init__(self, sagemaker):
        self.sagemaker = sagemaker

    @staticmethod
    def document(*steps, parameters=()):
        return json.dumps({"Version": "2020-12-01", "Parameters": list(parameters), "Steps": list(steps)})

    def make(self, name, *steps, parameters=(), **more):
        return self.sagemaker.create_pipeline(PipelineName=name, PipelineDefinition=self.document(*steps, parameters=parameters),
                                              RoleArn=ROLE, **more)["PipelineArn"]

    def start(self, name, **more):
        return self.sagemaker.start_pipeline_execution(PipelineName=name, **more)["PipelineExecutionArn"]

    def steps(self, arn, order="Ascending"):
        """The execution's steps by name."""
        found = self.sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn, SortOrder=order)
        return {step["StepName"]: step for step in found["PipelineExecutionSteps"]}

    def ended(self, arn, status="Succeeded"):
        about = when(self.sagemaker.describe_pipeline_execution, "PipelineExecutionStatus", "Succeeded", "Failed", "Stopped",
                     PipelineExecutionArn=arn)
        assert about["PipelineExecutionStatus"] == status, (about, self.steps(arn))
        return about


def model_archive(model):
    """A model.tar.gz for SERVING."""
    text = json.dumps(model).encode()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        entry = tarfile.TarInfo("model.json")
        entry.size = len(text)
        tar.addfile(entry, io.BytesIO(text))
    return out.getvalue()
