"""The notebooks, executed by Debian's nbconvert against a live engine. They run in Debian's own Python, whichever this one is."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import beer  # noqa: E402

NOTEBOOKS = sorted((beer.SOURCE / "notebooks").glob("*.ipynb"))
PYTHON = "/usr/bin/python3"
NEEDED = "boto3, ipykernel, matplotlib, nbconvert, pandas"


def setUpModule():
    missing = subprocess.run([PYTHON, "-c", f"import {NEEDED}"], capture_output=True, text=True)
    if missing.returncode:
        raise unittest.SkipTest(f"Debian's Python lacks one of {NEEDED}: tools/setup.sh notebooks brings them")
    global engine
    engine = beer.Engine("--no-deploy")
    engine.__enter__()
    engine.stop()
    done = beer.run("run", "--data", engine.data, "--beers", 400)
    assert done.returncode == 0, done.stdout + done.stderr
    engine.start()


def tearDownModule():
    engine.__exit__()


def cells(notebook):
    return [one for one in json.loads(notebook.read_text())["cells"] if one["cell_type"] == "code"]


def executed(name):
    """The notebook's code cells after it ran from top to bottom; a cell that raises fails the test with its traceback."""
    folder = tempfile.mkdtemp(dir=engine.folder)
    environment = {**engine.environment(), "HOME": engine.folder, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    done = subprocess.run([PYTHON, "-m", "nbconvert", "--to", "notebook", "--execute", "--output-dir", folder, str(beer.SOURCE / "notebooks" / name)],
                          env=environment, capture_output=True, text=True, timeout=240)
    if done.returncode:
        raise AssertionError(done.stderr[-4000:])
    return cells(pathlib.Path(folder, name))


def texts(code_cells):
    """What the cells printed or ended with, in order."""
    return ["".join("".join(out.get("text", out.get("data", {}).get("text/plain", ""))) for out in one["outputs"]) for one in code_cells]


def pictures(code_cells):
    return sum("image/png" in out.get("data", {}) for one in code_cells for out in one["outputs"])


class Notebooks(unittest.TestCase):
    def test_are_kept_without_outputs(self):
        self.assertEqual(len(NOTEBOOKS), 3)
        for notebook in NOTEBOOKS:
            for one in cells(notebook):
                self.assertEqual((one["outputs"], one["execution_count"]), ([], None), notebook.name)

    def test_speak_english_and_portuguese_in_every_cell_of_text(self):
        for notebook in NOTEBOOKS:
            for one in json.loads(notebook.read_text())["cells"]:
                if one["cell_type"] == "markdown":
                    self.assertIn("\n> **", "\n" + "".join(one["source"]), notebook.name)

    def test_import_no_more_than_boto3_pandas_and_matplotlib(self):
        allowed = {"boto3", "botocore", "pandas", "matplotlib"} | set(sys.stdlib_module_names)
        for notebook in NOTEBOOKS:
            for one in cells(notebook):
                for line in "".join(one["source"]).splitlines():
                    words = line.split()
                    if words[:1] in (["import"], ["from"]):
                        self.assertIn(words[1].split(".")[0], allowed, notebook.name)

    def test_explore_every_beer_of_the_lake(self):
        done = executed("01_explore_beers.ipynb")
        self.assertGreaterEqual(pictures(done), 2)
        rows = json.loads(engine.beer("query", "SELECT label, count(*) AS n FROM cleaned GROUP BY label", "--json").stdout)
        self.assertGreaterEqual(len(rows), 3)
        for row in rows:
            self.assertRegex(texts(done)[2], rf"{row['label']} +{row['n']}\b")

    def test_train_through_the_gate_and_then_compare_and_ask_what_was_registered(self):
        before = engine.client("sagemaker").list_model_packages(ModelPackageGroupName="beer-ibu")["ModelPackageSummaryList"]
        trained = executed("02_train_and_gate.ipynb")
        self.assertIn("champion: version 1", "".join(texts(trained)))
        self.assertIn("Succeeded", "".join(texts(trained)))
        after = engine.client("sagemaker").list_model_packages(ModelPackageGroupName="beer-ibu")["ModelPackageSummaryList"]
        self.assertEqual(len(after), len(before) + 1)

        served = executed("03_registry_and_serving.ipynb")
        self.assertGreaterEqual(pictures(served), 4)
        self.assertIn("InService", "".join(texts(served)))
        for version in (1, 2):
            self.assertRegex("".join(texts(served)), rf"(?m)^{version} +\w+")


if __name__ == "__main__":
    unittest.main()
