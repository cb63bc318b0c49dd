"""`beer predict --file`: many beers, a line for each, with whatever model can be reached."""
import glob
import json
import os
import subprocess
import tempfile
import unittest

import beer

KEYS = ["id", "name", "ibu", "low", "high", "flags"]


class PredictFile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix="beer-predict-")
        cls.folder = cls.temporary.name
        done = beer.run("run", "--beers", "300", "--json", cwd=cls.folder)
        assert done.returncode == 0, done.stderr[-3000:]
        cls.beers = beer.run("punkapi", "--beers", "40", "--seed", "5").stdout.strip().splitlines()
        cls.file = os.path.join(cls.folder, "beers.jsonl")
        with open(cls.file, "w") as file:
            file.write("\n".join(cls.beers) + "\n")

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def predict(self, *arguments, code=0, **more):
        """In the shell where `beer run` has just ended: no engine runs, no variable points anywhere."""
        done = subprocess.run([beer.BEER, "predict", *arguments], cwd=self.folder, env=beer.clean_environment(),
                              capture_output=True, text=True, timeout=120, **more)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def lines(self, *arguments, **more):
        return [json.loads(line) for line in self.predict(*arguments, "--json", **more).stdout.splitlines()]

    def test_a_line_for_each_beer_in_its_order(self):
        answers = self.lines("--file", self.file)
        self.assertEqual([a["id"] for a in answers], [json.loads(b)["id"] for b in self.beers])
        self.assertEqual([a["name"] for a in answers], [json.loads(b)["name"] for b in self.beers])
        for answer in answers:
            self.assertEqual(list(answer), KEYS)
            self.assertLessEqual(0, answer["low"])
            self.assertLessEqual(answer["low"], answer["ibu"])
            self.assertLessEqual(answer["ibu"], answer["high"])
            self.assertLessEqual(answer["high"], 100)
            self.assertIsInstance(answer["flags"], list)

    def test_an_array_and_standard_input_are_the_same(self):
        expected = self.lines("--file", self.file)
        array = os.path.join(self.folder, "beers.json")
        with open(array, "w") as file:
            file.write("[" + ",\n".join(self.beers) + "]")
        self.assertEqual(self.lines("--file", array), expected)
        with open(self.file) as file:
            self.assertEqual(self.lines("--file", "-", stdin=file), expected)

    def test_a_bad_line_is_told_of_in_its_place_and_ends_nothing(self):
        text = "\n".join([self.beers[0], "{not json", "", '{"name":"no id"}', "7", self.beers[1]])
        answers = self.lines("--file", "-", input=text)
        self.assertEqual([a.get("line") for a in answers], [None, 2, 4, 5, None])
        for answer in answers[1:4]:
            self.assertEqual(list(answer), ["line", "error"])
        self.assertIn("no id", answers[2]["error"])
        good = self.lines("--file", self.file)
        self.assertEqual([answers[0], answers[4]], good[:2])
        self.predict("--file", "-", "--strict", input=text, code=1)
        self.predict("--file", "-", input="{not json\n", code=1)
        self.assertEqual(self.predict("--file", "-", input="").stdout, "")

    def test_a_repaired_beer_is_flagged(self):
        one = json.loads(self.beers[0])
        one["target_fg"], one["target_og"], one["ph"] = 1060, 1010, 79
        flags = self.lines("--file", "-", input=json.dumps(one))[0]["flags"]
        self.assertIn("gravities_swapped", flags)
        self.assertIn("ph_impossible", flags)

    def test_a_model_by_its_file_or_version_needs_no_endpoint(self):
        expected = self.lines("--file", self.file)
        self.assertEqual(self.lines("--file", self.file, "--model", "1"), expected)
        # A run trains twice, for its evaluation and for the registry: one of the two is version 1.
        archives = glob.glob(f"{self.folder}/.beer/runs/*/buckets/*/**/model.tar.gz", recursive=True)
        with tempfile.TemporaryDirectory() as elsewhere:
            answers = [beer.run("predict", "--model", archive, "--file", self.file, "--json", cwd=elsewhere).stdout
                       for archive in archives]
        self.assertIn(expected, [[json.loads(line) for line in answer.splitlines()] for answer in answers])

    def test_an_engine_that_runs_is_asked(self):
        run = glob.glob(f"{self.folder}/.beer/runs/*")[0]
        expected = self.lines("--file", self.file)
        up = subprocess.Popen([beer.BEER, "up", "--data", run, "--listen", "127.0.0.1:0", "--no-deploy"], text=True,
                              cwd=self.folder, env=beer.clean_environment(), stdout=subprocess.PIPE)
        try:
            for line in up.stdout:
                if line.startswith("ready "):
                    break
            beer.eventually(lambda: self.lines("--file", self.file, "--data", run) == expected, "the same predictions", 30)
        finally:
            up.terminate()
            up.wait(30)
            up.stdout.close()

    def test_what_cannot_be_asked_is_said(self):
        self.predict("--file", "/no/such/file", code=2)
        self.predict("--model", "no-model.tar.gz", "--file", self.file, code=2)
        self.predict("--file", self.file, self.beers[0], code=2)
        with tempfile.TemporaryDirectory() as empty:
            done = beer.run("predict", "--file", self.file, cwd=empty)
        self.assertEqual(done.returncode, 1)
        self.assertIn("beer up", done.stderr)

    def test_tastes_drift_where_they_are_told_to(self):
        still = beer.run("punkapi", "--beers", "600").stdout
        self.assertEqual(beer.run("punkapi", "--beers", "600", "--drift", "0").stdout, still)
        moved = beer.run("punkapi", "--beers", "600", "--drift", "3").stdout
        self.assertNotEqual(moved, still)
        self.assertEqual(len(moved.splitlines()), 600)
        self.assertEqual(beer.run("punkapi", "--beers", "600", "--drift", "3").stdout, moved)


if __name__ == "__main__":
    unittest.main(verbosity=1)
