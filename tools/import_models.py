#!/usr/bin/env python3
"""Trims AWS's API models to facts (names, types, constraints, bindings) and writes them to
src/engine/models/<service>.json, for the operations listed in operations.txt there.

A developer runs it when an operation is added; the build reads only what it wrote. It needs botocore,
whose data folder holds the models. No documentation text is taken over.
"""
import gzip
import json
import pathlib
import sys

import botocore

HERE = pathlib.Path(__file__).resolve().parent.parent / "src" / "engine" / "models"
DATA = pathlib.Path(botocore.__file__).parent / "data"

SHAPE_FACTS = ("type", "required", "min", "max", "pattern", "enum", "sensitive", "flattened",
               "streaming", "payload", "timestampFormat", "locationName", "box", "eventstream",
               "xmlNamespace", "error", "exception")
MEMBER_FACTS = ("shape", "location", "locationName", "flattened", "xmlAttribute", "timestampFormat",
                "streaming", "idempotencyToken", "xmlNamespace")

# The root elements of S3's answers, which the models do not name.
S3_ROOTS = {
    "ListBuckets": "ListAllMyBucketsResult", "ListObjects": "ListBucketResult",
    "ListObjectsV2": "ListBucketResult", "ListObjectVersions": "ListVersionsResult",
    "CreateMultipartUpload": "InitiateMultipartUploadResult",
    "CompleteMultipartUpload": "CompleteMultipartUploadResult", "ListParts": "ListPartsResult",
    "ListMultipartUploads": "ListMultipartUploadsResult", "DeleteObjects": "DeleteResult",
    "GetBucketLocation": "LocationConstraint", "GetObjectAttributes": "GetObjectAttributesResponse",
    "GetBucketVersioning": "VersioningConfiguration", "GetBucketTagging": "Tagging",
    "GetObjectTagging": "Tagging", "GetBucketAcl": "AccessControlPolicy",
    "GetObjectAcl": "AccessControlPolicy", "GetBucketCors": "CORSConfiguration",
    "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
    "GetBucketLogging": "BucketLoggingStatus", "GetBucketWebsite": "WebsiteConfiguration",
    "GetBucketRequestPayment": "RequestPaymentConfiguration",
    "GetBucketAccelerateConfiguration": "AccelerateConfiguration",
    "GetBucketNotificationConfiguration": "NotificationConfiguration",
}


# Members left out: the state of a change by Glue's asynchronous view engines holds a whole Table again,
# and a struct can't hold itself.
OMITTED = {("Table", "Status")}


def wanted():
    services = {}
    for line in (HERE / "operations.txt").read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        head, names = line.split(":")
        ours, theirs = head.split()
        services.setdefault((ours, theirs), []).extend(names.split())
    return services


def load(name):
    for path in sorted((DATA / name).glob("*/service-2.json*"), reverse=True):
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path) as file:
            return json.load(file)
    sys.exit(f"botocore has no model of {name}")


# Required by the model and yet absent at times: the number at a shard's end.
NOT_REQUIRED = {("SubscribeToShardEvent", "ContinuationSequenceNumber")}


def events(model, name):
    """The structures that an event stream of the structure `name` carries, errors left out."""
    shapes = model["shapes"]
    for reference in shapes[name].get("members", {}).values():
        union = shapes[reference["shape"]]
        if union.get("eventstream"):
            yield from (m["shape"] for m in union["members"].values() if not shapes[m["shape"]].get("exception"))


def only(facts, source):
    return {key: source[key] for key in facts if key in source}


def reachable(model, names):
    found, queue = {}, list(names)
    while queue:
        name = queue.pop()
        if name in found:
            continue
        source = model["shapes"][name]
        shape = only(SHAPE_FACTS, source)
        if "members" in source:
            shape["members"] = {}
            for member, reference in source["members"].items():
                if model["shapes"][reference["shape"]].get("eventstream") or reference.get("eventstream"):
                    continue
                if (name, member) in OMITTED:
                    continue
                shape["members"][member] = only(MEMBER_FACTS, reference)
                queue.append(reference["shape"])
        for part in ("member", "key", "value"):
            if part in source:
                shape[part] = only(MEMBER_FACTS, source[part])
                queue.append(source[part]["shape"])
        if "required" in shape and "members" in shape:
            shape["required"] = [m for m in shape["required"] if m in shape["members"] and (name, m) not in NOT_REQUIRED]
        found[name] = shape
    return found


def routes(model):
    """Method, path and needed parameters of every operation of a REST service, ours or not, so that
    an operation we lack is recognised and named instead of being taken for another."""
    found = {}
    for name, operation in sorted(model["operations"].items()):
        shape = model["shapes"].get(operation.get("input", {}).get("shape"), {})
        needs = {"querystring": [], "header": []}
        for member in shape.get("required", []):
            reference = shape["members"][member]
            if reference.get("location") in needs:
                needs[reference["location"]].append(reference["locationName"])
        found[name] = {"method": operation["http"]["method"],
                       "requestUri": operation["http"]["requestUri"],
                       "query": needs["querystring"], "headers": needs["header"]}
    return found


def main():
    for (ours, theirs), names in wanted().items():
        model = load(theirs)
        operations, roots = {}, set()
        for name in sorted(set(names)):
            source = model["operations"].get(name) or sys.exit(f"{theirs} has no operation {name}")
            operation = {"http": only(("method", "requestUri", "responseCode"), source["http"])}
            for side in ("input", "output"):
                if side in source:
                    operation[side] = only(("shape", "resultWrapper", "locationName", "xmlNamespace"),
                                           source[side])
                    roots.add(source[side]["shape"])
                    roots.update(events(model, source[side]["shape"]))
            if ours == "s3" and name in S3_ROOTS:
                operation["output"]["root"] = S3_ROOTS[name]
            operations[name] = operation
        metadata = only(("protocol", "targetPrefix", "apiVersion", "jsonVersion", "xmlNamespace"),
                        model["metadata"])
        result = {"metadata": metadata, "operations": operations,
                  "shapes": dict(sorted(reachable(model, sorted(roots)).items()))}
        if metadata.get("protocol", "").startswith("rest"):
            result["routes"] = routes(model)
        text = json.dumps(result, indent=0, separators=(",", ":"))
        (HERE / f"{ours}.json").write_text(text + "\n")
        print(f"{ours}: {len(operations)} operations, {len(result['shapes'])} shapes")


if __name__ == "__main__":
    main()
