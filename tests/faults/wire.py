"""A small AWS client for the fault tests: one signed call, one try. A client that tries again on its own would
double records by itself."""
import http.client
import json
import urllib.parse

from botocore.auth import SigV4Auth
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

    def close(self):
        self.connection.close()

    __del__ = close
