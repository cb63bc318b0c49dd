"""Every exchange of tests/golden/<service>/*.txt against one engine, and every operation in an exchange."""
import base64
import concurrent.futures
import datetime
import io
import json
import os
import pathlib
import re
import stat
import sys
import time
import unittest
import zipfile

import botocore.session

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import beer  # noqa: E402
import scripted  # noqa: E402

import model  # noqa: E402
import scene  # noqa: E402
import wire  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
# Roles that the scenes hand to services, which may do everything.
ROLES = ("firehose", "models", "crawler", "brew")
PATIENCE = 20
UPDATE = "GOLDEN_UPDATE" in os.environ
ONLY = os.environ.get("GOLDEN_ONLY", "")
# What the transport and every service add; `expected_everywhere` has what they must say.
ORDINARY = {"date", "content-length", "connection", "content-type", "x-amzn-requestid", "x-amz-request-id", "x-amz-id-2", "server",
            "transfer-encoding", "keep-alive", "x-amzn-errortype", "cache-control"}


def function_package():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = (stat.S_IFREG | 0o755) << 16
        archive.writestr(entry, (beer.BIN / "lambda_test_bootstrap").read_bytes())
    return base64.b64encode(out.getvalue()).decode()


def iso(time):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def implemented():
    """Operations by service, from the list the shapes are made from."""
    out = {}
    for line in (beer.SOURCE / "src/engine/models/operations.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            head, names = line.split(":", 1)
            out.setdefault(head.split()[1], set()).update(names.split())
    return out


def exceptions():
    """What needs no plain success or no error, with the reason: `service Operation success|error: reason`."""
    lines = (line for line in (HERE / "exceptions.txt").read_text().splitlines() if line and not line.startswith("#"))
    return {tuple(line.split(": ", 1)[0].split()): line.split(": ", 1)[1] for line in lines}


class Stage:
    """Plays the scenes of one service, one after the other."""

    def __init__(self, engine, service, files):
        self.service = service
        self.files = files
        self.failures = []
        self.seen = set()
        self.count = 0
        self.variables = engine.variables
        self.wires = {}
        self.known = {"account": "123456789012", "region": engine.variables["AWS_REGION"]}

    def play(self):
        for file in self.files:
            for exchange in scene.read(file.read_text()):
                self.count += 1
                place = f"{file.relative_to(HERE)}:{exchange.line} {exchange.operation}"
                try:
                    wrong = self.exchange(exchange)
                except Exception as error:  # one scene's mistake must not hide the others'
                    wrong = [f"{type(error).__name__}: {error}"]
                self.failures += [f"{place}: {sentence}" for sentence in wrong]
        for wires in self.wires.values():
            wires.connection.close()
        return self

    def wire(self, service):
        """The connection to a service; scenes may need a bucket or a stream of another one."""
        if service not in self.wires:
            told = self.variables
            self.wires[service] = wire.Wire(told["AWS_ENDPOINT_URL"], told["AWS_ACCESS_KEY_ID"], told["AWS_SECRET_ACCESS_KEY"],
                                            told["AWS_REGION"], botocore.session.get_session().get_service_model(service))
        return self.wires[service]

    def exchange(self, exchange):
        service = exchange.service or self.service
        connection = self.wire(service)
        operation = connection.model.operation_model(exchange.operation)
        now = datetime.datetime.now(datetime.timezone.utc)
        hour = datetime.timedelta(hours=1)
        self.known.update(now=int(now.timestamp()), now_millis=int(now.timestamp() * 1000), now_time=iso(now),
                          hour_ago=iso(now - hour), in_an_hour=iso(now + hour))
        if "{{function_zip}}" in exchange.body and "function_zip" not in self.known:
            self.known["function_zip"] = function_package()
        value = self.expected_json(exchange)
        wrong = model.of_request(operation, exchange) + model.of_answer(operation, exchange, value)
        fill = lambda text: scene.filled(text, self.known)
        end = time.monotonic() + PATIENCE
        while True:
            status, headers, body = connection.ask(exchange.operation, exchange.method, fill(exchange.target),
                                                  {k: fill(v) for k, v in exchange.headers.items()}, fill(exchange.body))
            captured = {}
            found = self.compare(exchange, operation, status, headers, body, captured)
            if not found or not exchange.patient or time.monotonic() > end:
                break
            time.sleep(0.02)
        self.known.update(captured)
        self.seen.add((service, exchange.operation, "success" if exchange.status < 300 else "error"))
        if found and UPDATE:
            shown = "\n".join(f"{k}: {v}" for k, v in headers.items() if k not in ORDINARY)
            print(f"--- {exchange.operation} line {exchange.line}\n< {status}\n{shown}\n{body}\n")
        return wrong + found

    def expected_json(self, exchange):
        text = exchange.answer
        return scene.json_value(scene.filled(text, self.known)) if text[:1] in ("{", "[") and not scene.PLACEHOLDER.match(text) else None

    def compare(self, exchange, operation, status, headers, body, captured):
        if status != exchange.status:
            return [f"the status is {status} instead of {exchange.status}: {body[:600]}"]
        out = self.expected_everywhere(operation, exchange, headers)
        expected = {k: scene.filled(v, self.known) for k, v in exchange.answer_headers.items()}
        for name, text in expected.items():
            out += scene.text_differences(text, headers[name], captured, name) if name in headers else [f"the header {name} is missing"]
        out += [f"the header {name} is too much: {headers[name]}" for name in headers.keys() - expected.keys() - ORDINARY]
        answer = scene.filled(exchange.answer, {**self.known, **captured})
        if (value := self.expected_json(exchange)) is not None:
            try:
                out += scene.differences(value, json.loads(body), captured)
            except json.JSONDecodeError:
                out.append(f"the body is no JSON: {body[:300]!r}")
        elif answer.startswith("<"):
            out += scene.text_differences(scene.xml_text(answer), scene.xml_text(re.sub(r"^<\?xml[^>]*\?>", "", body)), captured, "body")
        else:
            out += scene.text_differences(answer, body.strip(), captured, "body")
        return out

    def expected_everywhere(self, operation, exchange, headers):
        """The headers any answer of the service's protocol has."""
        out = []
        service = operation.service_model
        uuid = scene.KINDS["uuid"]
        if service.service_name == "s3":
            wanted = {"x-amz-request-id": r"\S{16,}", "x-amz-id-2": r"\S{16,}"}
        else:
            wanted = {"x-amzn-requestid": uuid}
        wanted["date"] = scene.KINDS["http_time"]
        if "content-type" not in exchange.answer_headers and exchange.answer and exchange.method != "HEAD":
            wanted["content-type"] = {"json": "application/x-amz-json-" + service.metadata.get("jsonVersion", "1.1").replace(".", r"\."),
                                      "query": "text/xml", "rest-json": "application/json", "rest-xml": "application/xml",
                                      }["query" if service.service_name == "cloudwatch" else service.protocol]
        for name, form in wanted.items():
            if not re.fullmatch(form, headers.get(name, "")):
                out.append(f"the header {name} is {headers.get(name)!r}, which has not the form {form}")
        if service.protocol == "rest-json" and exchange.status >= 400 and "x-amzn-errortype" not in exchange.answer_headers:
            out.append("a refusal of this protocol must name its x-amzn-errortype")
        return out


class Golden(unittest.TestCase):
    def test_every_exchange(self):
        files = {}
        for file in sorted(HERE.glob("*/*.txt")):
            if ONLY in str(file):
                files.setdefault(file.parent.name, []).append(file)
        with scripted.Engine("--no-deploy", program=scripted.SERVING, roles=()) as engine:
            stages = [Stage(engine, service, found) for service, found in files.items()]
            with concurrent.futures.ThreadPoolExecutor(len(stages)) as pool:
                # Those who make streams, buckets or roles for themselves must not show in the lists of these.
                group = lambda *services: [stage for stage in stages if stage.service in services]
                played = list(pool.map(Stage.play, group("iam")))
                for role in ROLES:
                    engine.make_role(role)
                played += pool.map(Stage.play, group("kinesis", "s3", "glue", "sagemaker"))
                played += pool.map(Stage.play, [stage for stage in stages if stage not in played])
        print("\n" + ", ".join(f"{stage.service} {stage.count}" for stage in played), "=", sum(stage.count for stage in played), "exchanges")
        failures = [sentence for stage in played for sentence in stage.failures]
        if not ONLY:
            failures += uncovered({case for stage in played for case in stage.seen})
        if failures:
            self.fail("\n" + "\n".join(failures))


def uncovered(seen):
    """Sentences on operations without an exchange, and on exceptions nobody needs."""
    excused = exceptions()
    wanted = {(service, name, kind) for service, names in implemented().items() for name in names for kind in ("success", "error")}
    return [f"no exchange shows {kind} of {service} {name}" for service, name, kind in sorted(wanted - seen - excused.keys())] + [
        f"exceptions.txt excuses {' '.join(case)}, which is not needed" for case in sorted(excused.keys() & seen | excused.keys() - wanted)]


if __name__ == "__main__":
    unittest.main()
