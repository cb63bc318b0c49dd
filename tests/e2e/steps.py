"""Steps of pipelines that run a script, for tests."""

ACCOUNT = "123456789012"
IMAGE = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/beer-pipeline:latest"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/models"
# As an image, the program runs its words as a script in the folder that is /opt/ml to a job.
PROGRAM = """#!/bin/sh
cd "${SM_ML_ROOT:-/opt/ml}" && exec sh -c "$2"
"""


def get(path):
    return {"Get": path}


def script(name, text, inputs=(), outputs=(), **more):
    """A processing step that runs `text`; its outputs lie below the execution's own prefix."""
    below = lambda output: {"Std:Join": {"On": "/", "Values": ["s3://lake", get("Execution.PipelineExecutionId"), output]}}
    return {"Name": name, "Type": "Processing", "Arguments": {
        "ProcessingResources": {"ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}},
        "AppSpecification": {"ImageUri": IMAGE, "ContainerEntrypoint": ["/opt/program/beer-pipeline", "script", text]},
        "RoleArn": ROLE,
        "ProcessingInputs": [{"InputName": key, "S3Input": {
            "S3Uri": uri, "LocalPath": f"/opt/ml/processing/{key}", "S3DataType": "S3Prefix", "S3InputMode": "File"}}
            for key, uri in inputs],
        "ProcessingOutputConfig": {"Outputs": [{"OutputName": key, "S3Output": {
            "S3Uri": below(key), "LocalPath": f"/opt/ml/processing/{key}", "S3UploadMode": "EndOfJob"}}
            for key in outputs]}}, **more}
