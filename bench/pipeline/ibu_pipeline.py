"""The IBU pipeline on the real beers, from Start to its end, step by step; and again with nothing changed, out of the cache.

python3 bench/pipeline/ibu_pipeline.py [RUNS]   needs boto3 and the catalogue of BEER_DATA_DIR; builds nothing.
"""
import json
import pathlib
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests" / "e2e"))
import beer  # noqa: E402

SPEED = 300  # of the engine's clock, so that a delivery's minute passes; jobs run in real time
LIMIT, CACHED_LIMIT = 1500, 200  # milliseconds


def steps_in(steps):
    """Every step of a definition, those of branches included."""
    for step in steps:
        yield step
        for branch in ("IfSteps", "ElseSteps"):
            yield from steps_in(step["Arguments"].get(branch, []))


def deliver(engine):
    """The catalogue into the lake; waits until it grows no more."""
    told = engine.beer("ingest", "--source", beer.CATALOGUE).stdout
    s3, sagemaker = engine.client("s3"), engine.client("sagemaker")
    pipeline = sagemaker.describe_pipeline(PipelineName="mlops-beer")
    definition = json.loads(pipeline["PipelineDefinition"])
    uri = next(p["DefaultValue"] for p in definition["Parameters"] if p["Name"] == "CleanedDataUri")
    bucket, prefix = uri.removeprefix("s3://").split("/", 1)
    events = engine.client("events")
    for rule in events.list_rules()["Rules"]:
        events.disable_rule(Name=rule["Name"])
    seen = []
    beer.eventually(lambda: seen.append(s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["KeyCount"]) or
                    len(seen) > 10 and seen[-1] and seen[-1] == seen[-10], "the beers are delivered")
    return told.split(" are on")[0], pipeline, definition


def run(sagemaker, name, **parameters):
    """Milliseconds from Start to the end, and the steps."""
    began = time.monotonic()
    arn = sagemaker.start_pipeline_execution(PipelineName=name, PipelineParameters=[
        {"Name": key, "Value": value} for key, value in parameters.items()])["PipelineExecutionArn"]
    while True:
        about = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
        if about["PipelineExecutionStatus"] not in ("Executing", "Stopping"):
            break
        time.sleep(0.003)
    taken = 1000 * (time.monotonic() - began)
    if about["PipelineExecutionStatus"] != "Succeeded":
        raise SystemExit(f"the pipeline {about['PipelineExecutionStatus']}: {about.get('FailureReason')}")
    return taken, sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn, SortOrder="Ascending")[
        "PipelineExecutionSteps"]


def show(title, taken, steps, limit):
    print(f"{title:<34} {taken:8.0f} ms   < {limit}: {'held' if taken < limit else 'MISSED'}")
    for step in steps:
        span = 1000 * (step["EndTime"] - step["StartTime"]).total_seconds() / SPEED
        print(f"  {step['StepName']:<32} {span:8.0f} ms   {'from the cache' if 'CacheHitResult' in step else ''}")


def main():
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with beer.Engine("--speed", str(SPEED)) as engine:
        beers, pipeline, definition = deliver(engine)
        for step in steps_in(definition["Steps"]):
            if step["Type"] in ("Processing", "Training"):
                step["CacheConfig"] = {"Enabled": True, "ExpireAfter": "P30D"}
        sagemaker = engine.client("sagemaker")
        sagemaker.create_pipeline(PipelineName="bench", PipelineDefinition=json.dumps(definition), RoleArn=pipeline["RoleArn"])
        print(beers)
        # Another seed is another split, so nothing comes from the cache.
        fresh = [run(sagemaker, "bench", Seed=str(100 + i)) for i in range(runs)]
        again = [run(sagemaker, "bench", Seed="100") for _ in range(runs)]
        for title, all_of_them, limit in (("from Start to its end, median", fresh, LIMIT),
                                          ("the same with nothing changed", again, CACHED_LIMIT)):
            middle = statistics.median_low([taken for taken, _ in all_of_them])
            show(title, *next(one for one in all_of_them if one[0] == middle), limit)


if __name__ == "__main__":
    main()
