"""The container image as SageMaker uses it: unpacked into a root of its own, /opt/ml filled, the program run."""
import hashlib
import io
import json
import os
import pathlib
import re
import shutil
import signal
import ssl
import subprocess
import sys
import tarfile
import tempfile
import unittest
import urllib.error
import urllib.request

import roots
from image import Image

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import beer

ARN = "arn:aws:sagemaker:us-east-1:123456789012"
RESOURCES = {"current_host": "algo-1", "hosts": ["algo-1"], "network_interface_name": "eth0",
             "current_instance_type": "ml.m5.large", "current_group_name": "homogeneousCluster"}


def write_image(path, **environment):
    subprocess.run([beer.SOURCE / "src/pipelines/container/image.sh", beer.BIN.parent, path], check=True,
                   capture_output=True, env={**os.environ, **environment})


class Definition:
    """The pipeline that is deployed, its references resolved as SageMaker does when it starts a step."""

    def __init__(self, folder):
        done = beer.run("package", "--output", folder, cwd=beer.SOURCE)
        assert done.returncode == 0, done.stderr
        self.json = json.loads(pathlib.Path(folder, "pipeline.json.tftpl").read_text())
        self.parameters = {p["Name"]: p["DefaultValue"] for p in self.json["Parameters"]}

    def arguments(self, step):
        (found,) = [s["Arguments"] for s in self.json["Steps"] if s["Name"] == step]
        return self.resolve(found)

    def resolve(self, value):
        if isinstance(value, list):
            return [self.resolve(v) for v in value]
        if not isinstance(value, dict):
            return value
        if list(value) == ["Get"]:
            kind, _, name = value["Get"].partition(".")
            return self.parameters[name] if kind == "Parameters" else value["Get"]
        if list(value) == ["Std:Join"]:
            parts = self.resolve(value["Std:Join"]["Values"])
            return value["Std:Join"]["On"].join(part if isinstance(part, str) else f"{part:g}" for part in parts)
        return {k: self.resolve(v) for k, v in value.items()}


class Job:
    """A container of the image with an /opt/ml as SageMaker lays it out. A context, as its root is."""

    def __init__(self, image):
        self.image = image
        self.root = roots.Root(image.folder)

    def __enter__(self):
        self.root.__enter__()
        return self

    def __exit__(self, *error):
        self.root.__exit__(*error)

    def file(self, path):
        return self.root.file("/opt/ml/" + path)

    def read(self, path):
        return self.file(path).read_bytes()

    def put(self, path, content):
        self.root.write("/opt/ml/" + path, content if isinstance(content, bytes) else json.dumps(content))

    def put_folder(self, path, folder):
        shutil.copytree(folder, self.file(path), dirs_exist_ok=True)

    def environment(self, **more):
        return {**dict(v.split("=", 1) for v in self.image.config["Env"]), "AWS_REGION": "us-east-1", **more}

    def processing(self, arguments):
        """Runs a processing step: the entry point of its definition, the configuration files of the contract."""
        app = arguments["AppSpecification"]
        self.put("config/processingjobconfig.json",
                 {**arguments, "ProcessingJobName": "job", "ProcessingJobArn": f"{ARN}:processing-job/job", "Environment": {}})
        self.put("config/resourceconfig.json", RESOURCES)
        for output in arguments["ProcessingOutputConfig"]["Outputs"]:
            folder = output["S3Output"]["LocalPath"]
            assert folder.startswith("/opt/ml/processing/")
            self.root.file(folder).mkdir(parents=True, exist_ok=True)
        return self.root.run(*app["ContainerEntrypoint"], *app["ContainerArguments"],
                             env=self.environment(PROCESSING_JOB_NAME="job"))

    def prepare_training(self, hyperparameters, channels):
        """Channels: what describes one, and the folder of its files."""
        self.put("input/config/hyperparameters.json", hyperparameters)
        self.put("input/config/resourceconfig.json", RESOURCES)
        self.put("input/config/inputdataconfig.json", {
            channel["ChannelName"]: {"ContentType": channel["ContentType"], "TrainingInputMode": "File",
                                     "S3DistributionType": "FullyReplicated", "RecordWrapperType": "None"}
            for channel, _ in channels})
        for channel, folder in channels:
            self.put_folder(f"input/data/{channel['ChannelName']}", folder)
        for folder in ("model", "output/data", "checkpoints"):
            self.file(folder).mkdir(parents=True, exist_ok=True)

    def training_environment(self):
        return self.environment(TRAINING_JOB_NAME="job", TRAINING_JOB_ARN=f"{ARN}:training-job/job")

    def train(self):
        return self.root.run(*self.image.config["Entrypoint"], "train", env=self.training_environment())

    def serve(self):
        """Starts serving on a free port; gives the program and its URL."""
        program = self.root.start(*self.image.config["Entrypoint"], "serve",
                                  env=self.environment(SAGEMAKER_BIND_TO_PORT="0"))
        line = program.stdout.readline()
        match = re.fullmatch(r"serving http://[0-9.]+:(\d+)\n", line)
        assert match, line
        return program, f"http://127.0.0.1:{match[1]}"


def outputs_of(uri):
    """Steps.Preprocess.….Outputs['train'].… → train; the place that stands for no champion is an output too."""
    named = re.search(r"Outputs\['(\w+)'\]", uri)
    return named[1] if named else uri.rstrip("/").rsplit("/", 1)[1]


def post(url, body, content_type, **headers):
    request = urllib.request.Request(url + "/invocations", body.encode(), {"Content-Type": content_type, **headers})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.headers["Content-Type"], refusal.read().decode()


class Unpacked:
    """The image on disk."""

    def __init__(self, file, folder):
        self.file, self.folder = file, folder
        with Image(file) as image:
            self.descriptor, self.manifest, self.config = image.descriptor, image.manifest, image.config["config"]
            self.platform = image.config["os"], image.config["architecture"]
            image.unpack(folder)


@unittest.skipUnless(roots.WAY, roots.REFUSED)
class ImageOfThePipeline(unittest.TestCase):
    """One run of the engine fills the lake; the image then does every step of the pipeline once more."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="beer-image-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.jobs = cls.enterClassContext if hasattr(cls, "enterClassContext") else cls.enter
        write_image(cls.folder / "image.tar")
        cls.image = Unpacked(cls.folder / "image.tar", cls.folder / "root")
        cls.definition = Definition(cls.folder / "package")
        done = beer.run("run", "--data", cls.folder / "engine", "--json", cwd=beer.SOURCE)
        assert done.returncode == 0, done.stderr
        cls.lake = next(cls.folder.glob("engine/buckets/*-cleaned-*"))
        (cls.models,) = [folder for folder in next(cls.folder.glob("engine/buckets/*-models-*")).iterdir()
                         if folder.name not in ("serving-log", "no_champion")]
        cls.preprocessed, cls.preprocess_end = cls.preprocess(cls.lake)
        cls.trained, cls.train_end = cls.train()

    @classmethod
    def enter(cls, context):
        entered = context.__enter__()
        cls.addClassCleanup(context.__exit__, None, None, None)
        return entered

    @classmethod
    def preprocess(cls, lake):
        job = cls.jobs(Job(cls.image))
        job.put_folder("processing/input", lake)
        return job, job.processing(cls.definition.arguments("Preprocess"))

    @classmethod
    def channels(cls):
        return [(channel, cls.preprocessed.file("processing/" + outputs_of(channel["DataSource"]["S3DataSource"]["S3Uri"])))
                for channel in cls.definition.arguments("Train")["InputDataConfig"]]

    @classmethod
    def train(cls):
        job = cls.jobs(Job(cls.image))
        job.prepare_training(cls.definition.arguments("Train")["HyperParameters"], cls.channels())
        return job, job.train()

    def packed_model(self):
        """model.tar.gz as SageMaker makes it of /opt/ml/model."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as tar:
            for file in self.trained.file("model").iterdir():
                tar.add(file, file.name)
        return packed.getvalue()

    # The image itself -----------------------------------------------------------------------------

    def test_it_is_what_a_registry_takes(self):
        self.assertEqual(self.image.manifest["mediaType"], self.image.descriptor["mediaType"])
        self.assertEqual(self.image.manifest["mediaType"], "application/vnd.oci.image.manifest.v1+json")
        self.assertEqual(self.image.platform[0], "linux")
        self.assertEqual(self.image.config["Entrypoint"], ["/opt/program/beer-pipeline"])
        self.assertEqual((self.image.folder / "tmp").stat().st_mode & 0o7777, 0o1777)

    def test_it_holds_no_shell_and_nothing_of_the_folder_it_was_built_in(self):
        self.assertFalse((self.image.folder / "bin").exists())
        program = (self.image.folder / "opt/program/beer-pipeline").read_bytes()
        self.assertNotIn(str(beer.SOURCE).encode(), program)

    def test_it_trusts_debians_authorities_and_no_others(self):
        bundle = self.image.folder / "etc/ssl/certs/ca-certificates.crt"
        trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        trusted.load_verify_locations(bundle)
        debians = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        for file in pathlib.Path("/usr/share/ca-certificates/mozilla").glob("*.crt"):
            debians.load_verify_locations(file)
        self.assertCountEqual(trusted.get_ca_certs(True), debians.get_ca_certs(True))
        self.assertGreater(len(trusted.get_ca_certs(True)), 100)

    def test_the_same_program_gives_the_same_image(self):
        again = self.folder / "again.tar"
        before = os.umask(0o077)
        try:
            write_image(again, TZ="Asia/Tokyo", LC_ALL="C.UTF-8")
        finally:
            os.umask(before)
        digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (self.image.file, again)]
        self.assertEqual(*digests)

    def test_the_dockerfile_says_the_same_of_it(self):
        dockerfile = (beer.SOURCE / "src/pipelines/container/Dockerfile").read_text()
        self.assertEqual(json.loads(re.search(r"^ENTRYPOINT (.*)$", dockerfile, re.M)[1]), self.image.config["Entrypoint"])
        self.assertEqual(re.search(r"^ENV (.*)$", dockerfile, re.M)[1].split(), self.image.config["Env"])
        self.assertEqual([f"{port}/tcp" for port in re.findall(r"^EXPOSE (\d+)$", dockerfile, re.M)],
                         list(self.image.config["ExposedPorts"]))
        self.assertEqual(dict([re.search(r"^LABEL (.*)$", dockerfile, re.M)[1].split("=")]), self.image.config["Labels"])

    # Processing -----------------------------------------------------------------------------------

    def test_preprocess_makes_of_the_lake_what_the_engine_made_of_it(self):
        self.assertEqual(self.preprocess_end[0], 0, self.preprocess_end[1])
        for path in ("train/train.csv", "test/test.csv", "rows/train_rows.csv", "rows/test_rows.csv", "rows/split.json",
                     "baseline/statistics.json"):
            with self.subTest(path):
                self.assertEqual(self.preprocessed.read("processing/" + path), (self.models / path).read_bytes())

    def test_preprocess_without_beers_ends_with_1_and_says_why_in_the_message(self):
        empty = self.folder / "empty"
        empty.mkdir()
        job, (code, said) = self.preprocess(empty)
        self.assertEqual(code, 1)
        message = job.read("output/message").decode()
        self.assertIn("at least 100 are needed", message)
        self.assertIn(message, said)
        self.assertLessEqual(len(message.encode()), 1024)

    def evaluate(self, job, model):
        for entry in self.definition.arguments("Evaluate")["ProcessingInputs"]:
            name, path = entry["InputName"], entry["S3Input"]["LocalPath"].removeprefix("/opt/ml/")
            if name == "model":
                job.put(path + "/model.tar.gz", model)
            else:
                job.put_folder(path, self.preprocessed.file("processing/" + outputs_of(entry["S3Input"]["S3Uri"])))
        return job.processing(self.definition.arguments("Evaluate"))

    def test_evaluate_judges_the_model_as_the_engine_did(self):
        with Job(self.image) as job:
            code, said = self.evaluate(job, self.packed_model())
            self.assertEqual(code, 0, said)
            report = json.loads(job.read("processing/evaluation/evaluation.json"))
            theirs = json.loads((self.models / "evaluation/evaluation.json").read_bytes())
            # The digest is the archive's, which Python packs otherwise than the engine.
            self.assertNotEqual(report.pop("model"), theirs.pop("model"))
            self.assertEqual(report, theirs)
            self.assertGreater(report["regression_metrics"]["mae"]["value"], 0)

    def test_evaluate_of_what_is_no_model_ends_with_1_and_a_message(self):
        with Job(self.image) as job:
            code, _ = self.evaluate(job, b"not a model")
            self.assertEqual(code, 1)
            self.assertGreater(len(job.read("output/message")), 10)

    # Training -------------------------------------------------------------------------------------

    def test_train_makes_the_same_model_as_under_the_engine(self):
        code, said = self.train_end
        self.assertEqual(code, 0, said)
        metrics = self.definition.arguments("Train")["AlgorithmSpecification"]["MetricDefinitions"]
        for metric in metrics:
            self.assertRegex(said, metric["Regex"])
        self.assertFalse(self.trained.file("output/failure").exists())
        (archive,) = self.models.glob("model/*/output/model.tar.gz")
        with tarfile.open(archive) as tar:
            for member in tar:
                if member.isfile():
                    self.assertEqual(self.trained.read("model/" + member.name), tar.extractfile(member).read(), member.name)

    def test_a_bad_hyperparameter_ends_with_1_and_stands_in_the_failure_file(self):
        for name, value in (("eta", "much"), ("max_depth", "-1"), ("colour", "red")):
            with self.subTest(name), Job(self.image) as job:
                job.prepare_training({"num_round": "10", name: value}, self.channels())
                code, _ = job.train()
                self.assertEqual(code, 1)
                failure = job.read("output/failure").decode()
                self.assertIn(name, failure)
                self.assertLessEqual(len(failure), 1024)
                self.assertEqual(list(job.file("model").iterdir()), [])

    def test_training_without_its_channel_says_which_file_is_missing(self):
        with Job(self.image) as job:
            job.prepare_training({"num_round": "10"}, [])
            self.assertEqual(job.train()[0], 1)
            self.assertIn("/opt/ml/input/data/train", job.read("output/failure").decode())

    def test_a_training_that_is_stopped_ends_at_once(self):
        with Job(self.image) as job:
            endless = {"num_round": "100000", "early_stopping_rounds": "100000", "folds": "2", "bags": "1"}
            job.prepare_training(endless, self.channels())
            program = job.root.start(*self.image.config["Entrypoint"], "train", env=job.training_environment())
            for line in program.stdout:
                if line.startswith("[3]"):
                    break
            program.tell(signal.SIGTERM)
            program.communicate(timeout=30)
            self.assertEqual(program.returncode, 128 + signal.SIGTERM)

    # Serving --------------------------------------------------------------------------------------

    def served(self):
        job = Job(self.image)
        job.__enter__()
        self.addCleanup(job.__exit__)
        job.put_folder("model", self.trained.file("model"))
        return job.serve()

    def test_serve_answers_as_the_contract_says_until_it_is_told_to_end(self):
        program, url = self.served()
        with urllib.request.urlopen(url + "/ping", timeout=2) as answer:
            self.assertEqual((answer.status, answer.read()), (200, b""))
        with urllib.request.urlopen(url + "/execution-parameters", timeout=2) as answer:
            self.assertIn("MaxPayloadInMB", json.load(answer))
        program.tell(signal.SIGTERM)
        rest, _ = program.communicate(timeout=30)
        self.assertEqual(program.returncode, 0, rest)

    def test_serve_predicts_beers_as_json_and_features_as_csv(self):
        _, url = self.served()
        beers = [json.loads(line) for line in beer.run("punkapi", "--beers", "2").stdout.splitlines()]
        status, kind, body = post(url, json.dumps(beers), "application/json")
        self.assertEqual((status, kind), (200, "application/json"), body)
        predictions = json.loads(body)["predictions"]
        for one in predictions:
            self.assertLessEqual(0, one["ibu"])
            self.assertLessEqual(one["interval"][0], one["ibu"])
        rows = self.preprocessed.read("processing/test/test.csv").decode().splitlines()[:3]
        features = "\n".join(row.partition(",")[2] for row in rows)
        status, kind, body = post(url, features, "text/csv")
        self.assertEqual((status, kind.partition(";")[0], len(body.split())), (200, "text/csv", 3), body)
        status, _, body = post(url, features, "text/csv", Accept="application/json")
        self.assertEqual(len(json.loads(body)["predictions"]), 3)

    def test_serve_refuses_what_it_cannot_read_with_the_status_of_the_contract(self):
        _, url = self.served()
        self.assertEqual(post(url, "<beer/>", "application/xml")[0], 415)
        self.assertEqual(post(url, "1,2", "text/csv")[0], 400)
        self.assertEqual(post(url, "{", "application/json")[0], 400)
        self.assertEqual(post(url, "{}", "application/json", Accept="image/png")[0], 406)
        self.assertEqual(post(url, "", "text/csv")[0], 204)

    def test_serve_without_a_model_ends_with_1(self):
        with Job(self.image) as job:
            job.file("model").mkdir(parents=True)
            code, said = job.root.run(*self.image.config["Entrypoint"], "serve",
                                      env=job.environment(SAGEMAKER_BIND_TO_PORT="0"))
            self.assertEqual(code, 1, said)


if __name__ == "__main__":
    unittest.main()
