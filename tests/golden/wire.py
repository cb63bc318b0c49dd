"""Signed requests over a real socket, without a client's help: what goes out is what a scene says."""
import base64
import hashlib
import http.client
import urllib.parse

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.eventstream

JSON = {"1.0": "application/x-amz-json-1.0", "1.1": "application/x-amz-json-1.1"}


class Wire:
    """Requests to one service, on one connection that is kept."""

    def __init__(self, url, key, secret, region, model):
        self.address = urllib.parse.urlsplit(url).netloc
        self.model = model
        signer = botocore.auth.S3SigV4Auth if model.service_name == "s3" else botocore.auth.SigV4Auth
        self.signer = signer(botocore.credentials.Credentials(key, secret), model.signing_name, region)
        self.connection = http.client.HTTPConnection(self.address, timeout=20)

    def ask(self, operation, method, target, headers, body):
        """The status, the headers by lower-case names and the body of the answer."""
        headers = {**self.protocol_headers(operation), **headers}
        if self.model.protocol == "query" or headers.get("content-type", "").startswith("application/x-www-form"):
            pairs = [("Action", operation), ("Version", self.model.api_version)]
            pairs += [tuple(line.partition("=")[::2]) for line in body.splitlines()]
            body = urllib.parse.urlencode(pairs)
        data = body.encode()
        # What a client adds by itself where the service insists on a digest of the body.
        if operation == "DeleteObjects":
            headers["content-md5"] = base64.b64encode(hashlib.md5(data).digest()).decode()
        path, _, query = target.partition("?")
        request = botocore.awsrequest.AWSRequest(
            method, f"http://{self.address}{path}", headers, data,
            params={k: v for k, v in urllib.parse.parse_qsl(query, keep_blank_values=True)})
        request.context["payload_signing_enabled"] = True
        self.signer.add_auth(request)
        prepared = request.prepare()
        url = urllib.parse.urlsplit(prepared.url)
        sent = {k: v if isinstance(v, str) else v.decode() for k, v in prepared.headers.items()}
        sent["Content-Length"] = str(len(data))
        self.connection.request(method, url.path + ("?" + url.query if url.query else ""), data, sent)
        answer = self.connection.getresponse()
        found = {k.lower(): v for k, v in answer.getheaders()}
        if found.get("content-type") == "application/vnd.amazon.eventstream":
            return answer.status, found, self.first_events(answer)
        return answer.status, found, answer.read().decode("utf-8", "surrogateescape")

    def protocol_headers(self, operation):
        meta = self.model.metadata
        if self.model.protocol == "json":
            return {"content-type": JSON[meta["jsonVersion"]], "x-amz-target": f"{meta['targetPrefix']}.{operation}"}
        if self.model.protocol == "query" or self.model.service_name == "cloudwatch":
            return {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
        return {}

    def first_events(self, answer):
        """The first two messages of a stream that stays open, one a line; the connection is of no use afterwards."""
        buffer, lines = botocore.eventstream.EventStreamBuffer(), []
        while len(lines) < 2:
            buffer.add_data(answer.read1(65536))
            lines += [f"{m.headers[':event-type']} {m.payload.decode()}" for m in buffer]
        answer.close()
        self.connection.close()
        return "\n".join(lines[:2])
