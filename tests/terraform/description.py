"""All that an endpoint says of what it holds: every resource, found by List and told by Describe or Get.

Left out is only what two makings of one thing can't share: times, ids, version ids and ETags, and what an alarm
sees at the moment. Documents (policies, the pipeline's definition) are compared as what they say, not as text.
"""
import datetime
import functools
import json

from botocore.exceptions import ClientError

VOLATILE = {
    "ResponseMetadata", "NextToken", "Marker", "RoleId", "NamedQueryId", "RevisionId", "VersionId", "ETag",
    "StreamId", "LastModified", "creationTime", "createdAt", "uploadSequenceToken", "StateValue", "StateReason", "StateReasonData",
}
DOCUMENTS = {"PipelineDefinition", "Policy", "lifecyclePolicyText", "policyText"}
UNORDERED = {"Parameters"}  # of a processor of Firehose


def stable(value, key=""):
    """The value without what differs from making to making and without what is empty; documents parsed."""
    if isinstance(value, dict):
        told = {k: stable(v, k) for k, v in value.items()
                if k not in VOLATILE and not isinstance(v, datetime.datetime)}
        return {k: v for k, v in told.items() if v not in (None, "", [], {})}
    if isinstance(value, list):
        listed = [stable(one) for one in value]
        return sorted(listed, key=json.dumps) if key in UNORDERED else listed
    if key in DOCUMENTS and isinstance(value, str):
        return json.loads(value)
    return value


def tags(listed, key="Key", value="Value"):
    """A list of tags as what it means: a map."""
    return {tag[key]: tag[value] for tag in listed}


def pages(client, operation, result, **arguments):
    """The elements of all pages."""
    if client.can_paginate(operation):
        return [one for page in client.get_paginator(operation).paginate(**arguments) for one in page[result]]
    return getattr(client, operation)(**arguments)[result]


def or_nothing(call):
    """What the call gives; None when it says there is none."""
    try:
        return call()
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404 or "NotFound" in error.response["Error"]["Code"]:
            return None
        raise


def streams(client):
    kinesis = client("kinesis")
    for name in pages(kinesis, "list_streams", "StreamNames"):
        shards = [shard["HashKeyRange"] for shard in kinesis.list_shards(StreamName=name)["Shards"]]
        yield f"stream {name}", {**kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"],
                                 "shards": shards,
                                 "tags": tags(kinesis.list_tags_for_stream(StreamName=name)["Tags"])}


def deliveries(client):
    firehose = client("firehose")
    for name in firehose.list_delivery_streams()["DeliveryStreamNames"]:
        told = firehose.describe_delivery_stream(DeliveryStreamName=name)["DeliveryStreamDescription"]
        yield f"delivery {name}", {**told, "tags": tags(firehose.list_tags_for_delivery_stream(DeliveryStreamName=name)["Tags"])}


def functions(client):
    functions = client("lambda")
    for function in pages(functions, "list_functions", "Functions"):
        name = function["FunctionName"]
        told = functions.get_function(FunctionName=name)
        yield f"function {name}", {
            "configuration": told["Configuration"],
            "concurrency": told.get("Concurrency"),
            "policy": or_nothing(lambda: functions.get_policy(FunctionName=name)),
            "versions": pages(functions, "list_versions_by_function", "Versions", FunctionName=name),
            "aliases": pages(functions, "list_aliases", "Aliases", FunctionName=name),
            "tags": functions.list_tags(Resource=function["FunctionArn"])["Tags"],
        }


def rules(client):
    events = client("events")
    for rule in pages(events, "list_rules", "Rules"):
        yield f"rule {rule['Name']}", {
            **events.describe_rule(Name=rule["Name"]),
            "targets": pages(events, "list_targets_by_rule", "Targets", Rule=rule["Name"]),
            "tags": tags(events.list_tags_for_resource(ResourceARN=rule["Arn"])["Tags"]),
        }


def logs(client):
    logs = client("logs")
    for group in pages(logs, "describe_log_groups", "logGroups"):
        name = group["logGroupName"]
        yield f"log group {name}", {
            **group,
            "streams": [stream for stream in pages(logs, "describe_log_streams", "logStreams", logGroupName=name)
                        if "[$LATEST]" not in stream["logStreamName"]],  # those are made by a function that runs
            "tags": logs.list_tags_for_resource(resourceArn=group["arn"].removesuffix(":*"))["tags"],
        }


def by_id(lifecycle):
    """The order of lifecycle rules says nothing."""
    if lifecycle:
        lifecycle["Rules"].sort(key=lambda rule: rule.get("ID", ""))
    return lifecycle


def buckets(client):
    s3 = client("s3")
    asked = {
        "location": s3.get_bucket_location, "versioning": s3.get_bucket_versioning,
        "encryption": s3.get_bucket_encryption, "policy": s3.get_bucket_policy, "acl": s3.get_bucket_acl,
        "ownership": s3.get_bucket_ownership_controls, "public access": s3.get_public_access_block,
        "cors": s3.get_bucket_cors, "notifications": s3.get_bucket_notification_configuration,
        "acceleration": s3.get_bucket_accelerate_configuration, "logging": s3.get_bucket_logging,
        "payment": s3.get_bucket_request_payment, "website": s3.get_bucket_website,
        "replication": s3.get_bucket_replication, "locks": s3.get_object_lock_configuration,
    }
    for bucket in s3.list_buckets()["Buckets"]:
        name = bucket["Name"]
        told = {what: or_nothing(lambda ask=ask: ask(Bucket=name)) for what, ask in asked.items()}
        yield f"bucket {name}", {
            **told,
            "lifecycle": by_id(or_nothing(lambda: s3.get_bucket_lifecycle_configuration(Bucket=name))),
            "tags": tags((or_nothing(lambda: s3.get_bucket_tagging(Bucket=name)) or {"TagSet": []})["TagSet"]),
        }


def catalog(client):
    glue = client("glue")

    def tags_of(resource):
        return glue.get_tags(ResourceArn=f"arn:aws:glue:{glue.meta.region_name}:{account(client)}:{resource}")["Tags"]

    for database in pages(glue, "get_databases", "DatabaseList"):
        name = database["Name"]
        yield f"database {name}", {**database, "tags": tags_of(f"database/{name}")}
        for table in pages(glue, "get_tables", "TableList", DatabaseName=name):
            yield f"table {name}.{table['Name']}", {
                **table,
                "partitions": pages(glue, "get_partitions", "Partitions", DatabaseName=name, TableName=table["Name"]),
            }
    yield "crawlers", pages(glue, "get_crawlers", "Crawlers")


def workgroups(client):
    athena = client("athena")
    for group in athena.list_work_groups()["WorkGroups"]:
        name = group["Name"]
        ids = pages(athena, "list_named_queries", "NamedQueryIds", WorkGroup=name)
        queries = athena.batch_get_named_query(NamedQueryIds=ids)["NamedQueries"] if ids else []
        arn = f"arn:aws:athena:{athena.meta.region_name}:{account(client)}:workgroup/{name}"
        yield f"workgroup {name}", {
            **athena.get_work_group(WorkGroup=name)["WorkGroup"],
            "queries": sorted(queries, key=lambda query: query["Name"]),
            "tags": tags(athena.list_tags_for_resource(ResourceARN=arn)["Tags"]),
        }


def repositories(client):
    ecr = client("ecr")
    for repository in pages(ecr, "describe_repositories", "repositories"):
        name = repository["repositoryName"]
        yield f"repository {name}", {
            **repository,
            "lifecycle": or_nothing(lambda: ecr.get_lifecycle_policy(repositoryName=name)),
            "policy": or_nothing(lambda: ecr.get_repository_policy(repositoryName=name)),
            "images": pages(ecr, "list_images", "imageIds", repositoryName=name),
            "tags": tags(ecr.list_tags_for_resource(resourceArn=repository["repositoryArn"])["tags"]),
        }


def models(client):
    sagemaker = client("sagemaker")

    def told(describe, arn, **name):
        return {**describe(**name), "tags": tags(sagemaker.list_tags(ResourceArn=arn)["Tags"])}

    for group in pages(sagemaker, "list_model_package_groups", "ModelPackageGroupSummaryList"):
        name = group["ModelPackageGroupName"]
        yield f"model package group {name}", told(
            sagemaker.describe_model_package_group, group["ModelPackageGroupArn"], ModelPackageGroupName=name)
    for pipeline in pages(sagemaker, "list_pipelines", "PipelineSummaries"):
        name = pipeline["PipelineName"]
        yield f"pipeline {name}", told(sagemaker.describe_pipeline, pipeline["PipelineArn"], PipelineName=name)
    for operation, result in [("list_models", "Models"), ("list_endpoint_configs", "EndpointConfigs"),
                              ("list_endpoints", "Endpoints")]:
        yield operation, pages(sagemaker, operation, result)


def roles(client):
    iam = client("iam")
    for role in pages(iam, "list_roles", "Roles"):
        name = role["RoleName"]
        policies = pages(iam, "list_role_policies", "PolicyNames", RoleName=name)
        told = iam.get_role(RoleName=name)["Role"]
        told.pop("Tags", None)  # told below, as a map
        yield f"role {name}", {
            **told,
            "policies": {policy: iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
                         for policy in policies},
            "attached": pages(iam, "list_attached_role_policies", "AttachedPolicies", RoleName=name),
            "tags": tags(iam.list_role_tags(RoleName=name)["Tags"]),
        }
    yield "policies", pages(iam, "list_policies", "Policies", Scope="Local")


def alarms(client):
    cloudwatch = client("cloudwatch")
    for alarm in pages(cloudwatch, "describe_alarms", "MetricAlarms"):
        arn = alarm["AlarmArn"]
        yield f"alarm {alarm['AlarmName']}", {
            **alarm, "tags": tags(cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"])}


def account(client):
    return client("sts").get_caller_identity()["Account"]


PARTS = [streams, deliveries, functions, rules, logs, buckets, catalog, workgroups, repositories, models, roles, alarms]


def describe(client):
    """Everything, by its kind and name. `client("s3")` gives a boto3 client."""
    once = functools.cache(client)
    return {name: stable(told) for part in PARTS for name, told in part(once)}


def differences(left, right, path=""):
    """A line for each place where the two say something else."""
    if isinstance(left, dict) and isinstance(right, dict):
        found = []
        for key in sorted(left.keys() | right.keys()):
            where = f"{path} > {key}" if path else key
            if key not in left or key not in right:
                side, value = ("right", right[key]) if key in right else ("left", left[key])
                found.append(f"{where}: only {side}: {json.dumps(value, default=str)[:300]}")
            else:
                found += differences(left[key], right[key], where)
        return found
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        return [line for i, (one, other) in enumerate(zip(left, right)) for line in differences(one, other, f"{path}[{i}]")]
    return [] if left == right else [f"{path}: {json.dumps(left, default=str)} is not {json.dumps(right, default=str)}"]
