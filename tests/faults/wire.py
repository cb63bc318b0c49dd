"""A small AWS client for the fault tests: one signed call, one try. A client that tries again on its own would
double records by itself."""
import http.client
import json
import urllib.parse

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

TARGETS = {"kinesis": ("Kinesis_20131202", "1.1"), "firehose": ("Firehose_20150804", "1.1")}


class Refused(Exception):
    """The engine answered, and not with 200."""


class Wire:
    """One keep-alive connection to the engine at `url`."""

    def __init__(self, url, variables):
        parts = urllib.parse.urlsplit(url)
        self.url = url
        self.region = variables["AWS_REGION"]
        self.keys = Credentials(variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"])
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)

    def call(self, service, operation, **members):
        """The answer as a dictionary. OSError or HTTPException: nobody knows whether it was done."""
        target, version = TARGETS[service]
        request = AWSRequest("POST", self.url + "/", data=json.dumps(members).encode(), headers={
            "X-Amz-Target": f"{target}.{operation}", "Content-Type": f"application/x-amz-json-{version}"})
        SigV4Auth(self.keys, service, self.region).add_auth(request)
        self.connection.request("POST", "/", request.data, dict(request.headers.items()))
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise Refused(f"{operation}: {answer.status} {body[:300]}")
        return json.loads(body) if body else {}

    def object(self, method, bucket, key, body=b""):
        """An object's bytes, or nothing when there is none. Raises as call() does."""
        request = AWSRequest(method, f"{self.url}/{bucket}/{key}", data=body, headers={"X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD"})
        S3SigV4Auth(self.keys, "s3", self.region).add_auth(request)
        self.connection.request(method, f"/{bucket}/{key}", body, dict(request.headers.items()))
        answer = self.connection.getresponse()
        found = answer.read()
        if answer.status == 404 and method == "GET":
            return None
        if answer.status // 100 != 2:
            raise Refused(f"{method} {key}: {answer.status} {found[:300]}")
        return found

    def close(self):
        self.connection.close()

    __del__ = close
