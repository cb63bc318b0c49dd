"""The functions' zips as Amazon Linux meets them: in a root without a single library."""
import base64
import hashlib
import json
import pathlib
import ssl
import stat
import subprocess
import sys
import tempfile
import unittest
import zipfile

import roots
from lambda_runtime import Runtime, Server

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import beer

PACKAGES = beer.BIN.parent / "package"
FUNCTIONS = ["fn_extraction", "fn_transformation"]
KEYS = {"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "s", "AWS_REGION": "us-east-1"}


def bootstrap(function):
    with zipfile.ZipFile(PACKAGES / f"{function}.zip") as package:
        return package.read("bootstrap")


class Packages(unittest.TestCase):
    def test_a_zip_is_small_and_holds_one_executable_without_a_time(self):
        for function in FUNCTIONS:
            with self.subTest(function), zipfile.ZipFile(PACKAGES / f"{function}.zip") as package:
                self.assertLess((PACKAGES / f"{function}.zip").stat().st_size, 15_000_000)
                (entry,) = package.infolist()
                self.assertEqual(entry.filename, "bootstrap")
                self.assertEqual(entry.external_attr >> 16, stat.S_IFREG | 0o755)
                self.assertEqual(entry.compress_type, zipfile.ZIP_DEFLATED)
                self.assertEqual(entry.date_time, (1980, 1, 1, 0, 0, 0))

    def test_a_bootstrap_asks_for_no_loader_and_no_library_and_names_no_folder_of_its_build(self):
        for function in FUNCTIONS:
            with self.subTest(function), tempfile.NamedTemporaryFile() as file:
                program = bootstrap(function)
                file.write(program)
                file.flush()
                headers = subprocess.run(["readelf", "-lW", file.name], capture_output=True, text=True, check=True).stdout
                self.assertNotRegex(headers, "INTERP|DYNAMIC")
                self.assertNotIn(str(beer.SOURCE).encode(), program)

    def test_beer_package_gives_the_built_zips_and_a_template_of_its_own_spec(self):
        with tempfile.TemporaryDirectory() as folder:
            text = (beer.SOURCE / "beer.yaml").read_text()
            spec = pathlib.Path(folder, "other.yaml")
            spec.write_text(text.replace("repository: beer-pipeline", "repository: another-image"))
            for arguments in ((), ("--spec", spec)):
                done = beer.run("package", "--output", pathlib.Path(folder, "out"), *arguments, cwd=beer.SOURCE)
                self.assertEqual(done.returncode, 0, done.stderr)
                image = "another-image" if arguments else "beer-pipeline"
                template = pathlib.Path(folder, "out", "pipeline.json.tftpl").read_text()
                self.assertIn(f"${{account_id}}.dkr.ecr.${{region}}.amazonaws.com/{image}:", template)
                json.loads(template)
            for function in FUNCTIONS:
                self.assertEqual(pathlib.Path(folder, "out", f"{function}.zip").read_bytes(),
                                 (PACKAGES / f"{function}.zip").read_bytes())

    def test_the_engine_runs_exactly_these_zips(self):
        with beer.Engine() as engine:
            for function in FUNCTIONS:
                code = engine.client("lambda").get_function(FunctionName=function)["Configuration"]
                zip_file = (PACKAGES / f"{function}.zip").read_bytes()
                self.assertEqual(code["CodeSha256"], base64.b64encode(hashlib.sha256(zip_file).digest()).decode())
                self.assertEqual(code["CodeSize"], len(zip_file))


@unittest.skipUnless(roots.WAY, roots.REFUSED)
class InAnEmptyRoot(unittest.TestCase):
    def call(self, function, event, environment, files=()):
        """What the function answers to the event, in a root that holds it and these files alone."""
        with roots.Root() as root, Runtime(json.dumps(event).encode()) as runtime:
            root.write("/var/task/bootstrap", bootstrap(function), 0o755)
            for path, content in files:
                root.write(path, content)
            root.start("/var/task/bootstrap", env={"AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{runtime.port}", **environment})
            return runtime.outcome()

    def test_the_transformation_makes_a_row_of_a_beer(self):
        data = base64.b64encode(b'{"id":192,"name":"Punk IPA","abv":6.0,"ibu":60.0}').decode()
        kind, answer = self.call("fn_transformation", {"records": [
            {"recordId": "r", "approximateArrivalTimestamp": 1767225600000, "data": data}]}, {})
        self.assertEqual(kind, "response", answer)
        (record,) = json.loads(answer)["records"]
        self.assertEqual((record["recordId"], record["result"]), ("r", "Ok"))
        row = json.loads(base64.b64decode(record["data"]))
        self.assertEqual((row["id"], row["name"], row["ibu"]), (192, "Punk IPA", 60.0))

    def extract(self, scheme, tls=None, files=()):
        """Runs the extraction against a source and a stream behind a name that only the root knows."""
        stream = []

        def world(_, path, body):
            if path == "/v2/beers/random":
                return 200, {"Content-Type": "application/json"}, b'[{"id":5}]'
            stream.extend(base64.b64decode(r["Data"]) for r in json.loads(body)["Records"])
            return 200, {}, b'{"FailedRecordCount":0,"Records":[{"SequenceNumber":"1","ShardId":"s"}]}'

        with Server(world, tls) as server:
            place = f"{scheme}://beers.test:{server.port}"
            kind, answer = self.call("fn_extraction", {}, {
                **KEYS, "SOURCE_URL": f"{place}/v2", "STREAM_NAME": "beers", "AWS_ENDPOINT_URL": place,
                "SOURCE_ATTEMPTS": "1"}, [("/etc/hosts", "127.0.0.1 beers.test\n"), *files])
        self.assertEqual(kind, "response", answer)
        self.assertEqual(json.loads(answer), {"records": 1, "stream": "beers"})
        self.assertEqual(stream, [b'{"id":5}\n'])

    def test_the_extraction_takes_a_beer_to_the_stream(self):
        self.extract("http")

    def test_the_extraction_trusts_the_certificates_where_amazon_linux_keeps_them(self):
        with tempfile.TemporaryDirectory() as folder:
            key, certificate = pathlib.Path(folder, "key"), pathlib.Path(folder, "certificate")
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                            "-keyout", key, "-out", certificate, "-subj", "/CN=beers.test", "-addext",
                            "subjectAltName=DNS:beers.test", "-days", "2"], check=True, capture_output=True)
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.load_cert_chain(certificate, key)
            self.extract("https", tls, [("/etc/pki/tls/certs/ca-bundle.crt", certificate.read_bytes())])


if __name__ == "__main__":
    unittest.main()
