"""What the Terraform tests share: Terraform over architecture/ in a folder of its own, and copies of the system."""
import functools
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import beer  # noqa: E402

ARCHITECTURE = beer.SOURCE / "architecture"


@functools.lru_cache
def mirror():
    """The offline mirror of the providers, or "" when this machine has none."""
    if not shutil.which("terraform"):
        return ""
    return subprocess.run([beer.SOURCE / "tools" / "terraform_mirror.sh"], capture_output=True, text=True).stdout.strip()


def needs_terraform(case):
    return unittest.skipUnless(mirror(), "needs the program terraform and a mirror of its AWS provider")(case)


def system(**changes):
    """The text of beer.yaml with pieces replaced: each key is a piece, written as a regular expression in `changes`."""
    text = (beer.SOURCE / "beer.yaml").read_text()
    for piece, other in changes.items():
        text, count = re.subn(piece, other, text)
        assert count, f"beer.yaml has no {piece}"
    return text


def copy_of_system(name):
    """Another system: every name of it begins with `name`."""
    text = (beer.SOURCE / "beer.yaml").read_text()
    text = re.sub(r"\b(mlops-beer|beer-pipeline|beer-ibu)\b(?!/)", rf"{name}-\1", text)
    return re.sub(r"\b(mlops_beer|fn_extraction|fn_transformation)\b", rf"{name}_\1", text)


class Terraform:
    """Terraform over architecture/ with a state, a beer.yaml and packages of its own, all below `folder`."""

    def __init__(self, folder, environment, source_url, text=None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.work = self.folder / "architecture"
        self.work.mkdir()
        for file in ARCHITECTURE.glob("*.tf"):
            os.symlink(file, self.work / file.name)
        self.variables = {"source_url": source_url, "system_file": str(self.folder / "beer.yaml"),
                          "package_folder": str(self.folder / "package")}
        self.environment = {**environment, "TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1", "GOGC": "400"}
        self.environment.pop("TF_CLI_CONFIG_FILE", None)
        self.seconds = {}
        self.system(text or system())
        self("init", f"-plugin-dir={mirror()}")

    def system(self, text):
        """From now on the system is this beer.yaml's."""
        file = self.folder / "beer.yaml"
        file.write_text(text)
        done = beer.run("package", "--spec", file, "--output", self.folder / "package")
        assert done.returncode == 0, done.stderr

    def __call__(self, command, *arguments, expect=(0,)):
        """Runs `terraform COMMAND`; gives its output and exit code. How long it took is added up in `seconds`."""
        if command in ("plan", "apply", "destroy", "import"):
            arguments = (*(f"-var={name}={value}" for name, value in self.variables.items()), *arguments)
        began = time.monotonic()
        done = subprocess.run(["terraform", *command.split(), "-no-color", *arguments], cwd=self.work, env=self.environment,
                              capture_output=True, text=True, timeout=600)
        self.seconds[command] = self.seconds.get(command, 0) + time.monotonic() - began
        output = done.stdout + done.stderr
        if done.returncode not in expect:
            raise AssertionError(f"terraform {command} ended with {done.returncode}:\n{output}")
        return output, done.returncode

    def apply(self):
        output, _ = self("apply", "-auto-approve")
        return {verb: int(count) for count, verb in re.findall(r"(\d+) (imported|added|changed|destroyed)", output)}

    def destroy(self):
        output, _ = self("destroy", "-auto-approve")
        return int(re.search(r"Destroy complete! Resources: (\d+) destroyed", output)[1])

    def changes(self):
        """What a plan would still do: "" when nothing."""
        output, code = self("plan", "-detailed-exitcode", expect=(0, 2))
        return output if code else ""

    def output(self):
        text, _ = self("output", "-json")
        return {name: one["value"] for name, one in json.loads(text).items()}

    def state(self):
        """The managed resources of the state: (address, type, attributes)."""
        text, _ = self("state pull")
        for resource in json.loads(text)["resources"]:
            if resource["mode"] != "managed":
                continue
            for instance in resource["instances"]:
                key = instance.get("index_key")
                index = "" if key is None else f"[{json.dumps(key)}]"
                yield f'{resource["type"]}.{resource["name"]}{index}', resource["type"], instance["attributes"]


class Brewery:
    """`beer punkapi` in the background."""

    def __enter__(self):
        self.process = subprocess.Popen([beer.BEER, "punkapi", "--port", "0"], env=beer.clean_environment(),
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        found = None
        for line in self.process.stdout:
            found = re.search(r"http://[0-9.:]+", line)
            if found:
                break
        assert found, "the brewery did not start"
        self.url = found[0] + "/v2"
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)
        self.process.stdout.close()
