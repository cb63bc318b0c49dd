"""Bad input gets one clear sentence and a non-zero exit, and nothing is damaged."""
import os
import pathlib
import socket
import subprocess
import tempfile
import unittest

import beer


class Refusals(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="beer-refusals-")
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)

    def refused(self, *arguments, code=1):
        done = beer.run(*arguments, cwd=self.folder.name, timeout=30)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        self.assertEqual(len(lines), 1, done.stderr)
        return lines[0]

    def test_a_spec_with_an_unknown_key(self):
        spec = (beer.SOURCE / "beer.yaml").read_text()
        (self.path / "beer.yaml").write_text(spec + "\nshedule: rate(1 minute)\n")
        sentence = self.refused("run", "--spec", self.path / "beer.yaml", "--data", self.path / "d", code=2)
        self.assertIn("shedule", sentence)
        self.assertFalse((self.path / "d").exists())

    def test_a_port_in_use(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            sentence = self.refused("up", "--data", self.path / "d", "--listen", f"127.0.0.1:{port}")
        self.assertIn(str(port), sentence)
        self.assertIn("in use", sentence)

    def test_other_machines_without_encryption(self):
        sentence = self.refused("up", "--data", self.path / "d", "--listen", "0.0.0.0:0", code=2)
        self.assertIn("--plain-http", sentence)

    def test_a_data_folder_of_another_version(self):
        (self.path / "d").mkdir()
        (self.path / "d" / "version").write_text("99\n")
        sentence = self.refused("up", "--data", self.path / "d", "--listen", "127.0.0.1:0")
        self.assertIn("version 99", sentence)

    def test_a_folder_that_is_not_ours(self):
        (self.path / "d").mkdir()
        (self.path / "d" / "thesis.txt").write_text("years of work")
        sentence = self.refused("up", "--data", self.path / "d", "--listen", "127.0.0.1:0")
        self.assertIn("not an engine's data folder", sentence)
        self.assertEqual(os.listdir(self.path / "d"), ["thesis.txt"])

    def test_a_data_folder_in_use(self):
        with beer.Engine("--no-deploy") as engine:
            sentence = self.refused("up", "--data", engine.data, "--listen", "127.0.0.1:0")
        self.assertIn("another engine", sentence)

    def test_a_full_disk(self):
        mount = self.path / "small"
        mount.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", mount], capture_output=True)
        if done.returncode:
            self.skipTest("no tmpfs can be mounted here")
        self.addCleanup(subprocess.run, ["umount", mount])
        done = beer.run("run", "--beers", "200", "--data", mount / "d", cwd=self.folder.name, timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, "(?i)no space left|disk is full|full")

    def test_a_library_that_is_missing_fails_the_query_and_not_the_engine(self):
        with beer.Engine("--no-deploy", BEER_DUCKDB_LIBRARY="/nonexistent/libduckdb.so") as engine:
            engine.client("s3").create_bucket(Bucket="results")
            athena = engine.client("athena")
            query = athena.start_query_execution(
                QueryString="SELECT 1", ResultConfiguration={"OutputLocation": "s3://results/"})["QueryExecutionId"]
            status = lambda: athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
            beer.eventually(lambda: status()["State"] == "FAILED", "the query to fail")
            self.assertIn("DuckDB's library was not found", status()["StateChangeReason"])
            self.assertEqual(engine.stop(), 0)

    def test_an_unknown_command(self):
        self.assertEqual(beer.run("brew").returncode, 2)


if __name__ == "__main__":
    unittest.main(verbosity=1)
