"""Swaps of the beer model under load, over the wire: signed InvokeEndpoint requests while versions 1 and 2 take turns behind the endpoint.
Prints how many were answered and how many were not.

python3 bench/hosting/swaps_on_the_wire.py [SWAPS]   needs boto3; BEER_BIN_DIR says where `beer` is. Builds nothing.
"""
import collections
import json
import pathlib
import socket
import sys
import threading
import time
import urllib.parse

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests" / "e2e"))
import beer  # noqa: E402

CONNECTIONS, WANTED = 8, 2000  # requests a second


def signed(engine, body):
    """One request as it goes over the wire. Signed once: a signature is good for 15 minutes."""
    url = f"{engine.url}/endpoints/beer-ibu/invocations"
    request = AWSRequest("POST", url, data=body, headers={"Content-Type": "application/json"})
    keys = Credentials(engine.variables["AWS_ACCESS_KEY_ID"], engine.variables["AWS_SECRET_ACCESS_KEY"])
    SigV4Auth(keys, "sagemaker", engine.variables["AWS_REGION"]).add_auth(request)
    host = urllib.parse.urlsplit(url).netloc
    head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    return (f"POST /endpoints/beer-ibu/invocations HTTP/1.1\r\nHost: {host}\r\n{head}Content-Length: {len(body)}\r\n\r\n").encode() + body


def ask(address, request, until, answers):
    """Asks on one connection, evenly, until the time has come; counts what is answered."""
    pause, due = CONNECTIONS / WANTED, time.monotonic()
    with socket.create_connection(address) as connection, connection.makefile("rb") as lines:
        while not until.is_set():
            due += pause
            time.sleep(max(0, due - time.monotonic()))
            try:
                connection.sendall(request)
                status = int(lines.readline().split()[1])
                length = 0
                while (line := lines.readline().strip().lower()):
                    if line.startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                lines.read(length)
            except (OSError, IndexError, ValueError) as error:
                answers[repr(error)] += 1
                return
            answers[status] += 1


def main():
    swaps = int(sys.argv[1]) if len(sys.argv) > 1 else 6
    with beer.Engine("--no-deploy") as engine:
        engine.stop()
        done = beer.run("run", "--data", engine.data, "--drift")  # leaves version 1 serving, and registers version 2
        assert done.returncode == 0, done.stderr
        engine.start("--no-deploy")
        assert engine.beer("approve", "2").returncode == 0
        body = json.dumps(json.loads(beer.run("punkapi", "--beers", "1").stdout)).encode()
        address = (urllib.parse.urlsplit(engine.url).hostname, urllib.parse.urlsplit(engine.url).port)
        beer.eventually(lambda: engine.client("sagemaker").describe_endpoint(EndpointName="beer-ibu")["EndpointStatus"] == "InService", "the endpoint")
        until, answers, request = threading.Event(), [collections.Counter() for _ in range(CONNECTIONS)], signed(engine, body)
        threads = [threading.Thread(target=ask, args=(address, request, until, counter)) for counter in answers]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        for number in range(swaps):
            done = engine.beer("promote", str(2 - number % 2))
            assert done.returncode == 0, done.stdout + done.stderr
        until.set()
        for thread in threads:
            thread.join()
        took, total = time.monotonic() - began, sum(answers, collections.Counter())
        answered = total.pop(200, 0)
        print(f"{swaps} swaps of the beer model in {took:.1f} s, {answered / took:.0f} requests/s from {CONNECTIONS} connections")
        print(f"answered {answered}, dropped {sum(total.values())} {dict(total) or ''}")
        sys.exit(1 if total else 0)


if __name__ == "__main__":
    main()
