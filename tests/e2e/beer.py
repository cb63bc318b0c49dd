"""What the end-to-end tests share: running the `beer` command, an engine in the background, boto3 on it."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

SOURCE = pathlib.Path(os.environ.get("BEER_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
BIN = pathlib.Path(os.environ.get("BEER_BIN_DIR", SOURCE / "build" / "bin"))
BEER = str(BIN / "beer")
DATA = pathlib.Path(os.environ.get("BEER_DATA_DIR", SOURCE.parent / "shared" / "data"))
CATALOGUE = DATA / "punk_api_beers.json"


def clean_environment(**more):
    """The environment without anything that points a client at AWS, or at another engine."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    return {**kept, "AWS_EC2_METADATA_DISABLED": "true", **more}


def run(*arguments, env=None, timeout=240, cwd=None):
    """Runs `beer ARGUMENTS` to its end."""
    return subprocess.run([BEER, *map(str, arguments)], env=env or clean_environment(), timeout=timeout,
                          capture_output=True, text=True, cwd=cwd)


def eventually(check, what, seconds=60):
    """Polls until `check` gives something true, and gives that."""
    end = time.monotonic() + seconds
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"still not true after {seconds} s: {what}")
        time.sleep(0.1)


class Engine:
    """`beer up` on a data folder of its own; gone with everything it made when the block ends. `roles` are made that
    every service may take on, and that may do everything."""

    def __init__(self, *arguments, roles=(), **environment):
        self.arguments = arguments
        self.roles = roles
        self.more = environment

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="beer-e2e-")
        self.data = os.path.join(self.folder, "data")
        self.log = open(os.path.join(self.folder, "stderr"), "w+")
        self.start(*self.arguments)
        for role in self.roles:
            self.make_role(role)
        return self

    def start(self, *arguments):
        """Starts `beer up` on the data folder and waits until it is ready."""
        self.process = subprocess.Popen(
            [BEER, "up", "--data", self.data, "--listen", "127.0.0.1:0", *arguments],
            env=clean_environment(**self.more), stdout=subprocess.PIPE, stderr=self.log, text=True, cwd=self.folder)
        for line in self.process.stdout:
            if line.startswith("ready "):
                self.url = line.split()[1]
                break
        else:
            self.log.seek(0)
            raise AssertionError("the engine did not start: " + self.log.read())
        exports = run("env", "--data", self.data).stdout
        self.variables = dict(re.findall(r"export (AWS_\w+)='?([^'\n]*)'?", exports))

    def __exit__(self, *_):
        self.stop()
        self.log.close()
        shutil.rmtree(self.folder)

    def stop(self):
        """SIGTERM, and the exit code; seconds it took are in `stopped_in`."""
        if self.process.poll() is None:
            began = time.monotonic()
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)
            self.stopped_in = time.monotonic() - began
        self.process.stdout.close()
        return self.process.returncode

    def kill(self):
        """kill -9, as a crash does it."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def environment(self):
        return clean_environment(**self.variables)

    def client(self, service, attempts=2, checked=True, **changes):
        """A client of boto3; one that is not `checked` sends what the model forbids, too."""
        import boto3
        from botocore.config import Config
        keys = {"aws_access_key_id": self.variables["AWS_ACCESS_KEY_ID"],
                "aws_secret_access_key": self.variables["AWS_SECRET_ACCESS_KEY"], **changes}
        return boto3.session.Session().client(
            service, endpoint_url=self.variables["AWS_ENDPOINT_URL"], region_name=self.variables["AWS_REGION"],
            config=Config(retries={"total_max_attempts": attempts}, parameter_validation=checked), **keys)

    def make_role(self, role, *statements):
        """A role by its name, or by an ARN with a path; without statements it may do everything. Gives its ARN."""
        path, _, name = role.rpartition(":role/")[2].rpartition("/")
        document = lambda *all: json.dumps({"Version": "2012-10-17", "Statement": list(all)})
        services = [f"{service}.amazonaws.com" for service in ("lambda", "firehose", "events", "sagemaker", "glue")]
        trust = {"Effect": "Allow", "Principal": {"Service": services}, "Action": "sts:AssumeRole"}
        iam = self.client("iam")
        made = iam.create_role(RoleName=name, Path=f"/{path}/" if path else "/", AssumeRolePolicyDocument=document(trust))
        iam.put_role_policy(RoleName=name, PolicyName="access", PolicyDocument=document(
            *(statements or [{"Effect": "Allow", "Action": "*", "Resource": "*"}])))
        return made["Role"]["Arn"]

    def let_rules_call(self, function, rule="*"):
        """The function's policy lets rules of EventBridge call it."""
        self.client("lambda").add_permission(
            FunctionName=function, StatementId="rules", Action="lambda:InvokeFunction", Principal="events.amazonaws.com",
            SourceArn=f"arn:aws:events:us-east-1:123456789012:rule/{rule}")

    def beer(self, *arguments, **options):
        return run(*arguments, env=self.environment(), cwd=self.folder, **options)

    def aws(self, *arguments):
        """The aws CLI; gives its JSON."""
        done = subprocess.run(["aws", "--endpoint-url", self.url, *arguments], env=self.environment(), capture_output=True, text=True, timeout=60)
        if done.returncode:
            raise AssertionError(f"aws {' '.join(arguments)}: {done.stderr}")
        return json.loads(done.stdout) if done.stdout.strip().startswith(("{", "[")) else done.stdout
