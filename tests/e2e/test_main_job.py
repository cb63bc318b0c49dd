"""The main job from nothing to a prediction, as a new user runs it."""
import json
import tempfile
import unittest

import beer


class MainJob(unittest.TestCase):
    def job(self, *arguments, code=0):
        with tempfile.TemporaryDirectory(prefix="beer-run-") as folder:
            done = beer.run("run", "--json", "--data", folder + "/data", *arguments, cwd=folder)
            self.assertEqual(done.returncode, code, done.stderr[-3000:])
            return json.loads(done.stdout)

    def check_counts(self, result):
        self.assertEqual(result["raw_records"], result["beers_ingested"])
        self.assertEqual(result["cleaned_records"] + result["rejected_records"], result["raw_records"])
        self.assertEqual(result["athena_rows"], result["cleaned_records"])

    def test_simulated_beers_end_in_a_prediction(self):
        result = self.job("--beers", "400")
        self.check_counts(result)
        self.assertEqual(result["beers_ingested"], 400)
        self.assertEqual(result["pipeline"]["status"], "Succeeded")
        self.assertTrue(result["gate"]["passed"], result["gate"])
        self.assertIn("model-package/", result["model_package_arn"])
        self.assertLess(result["metrics"]["mae"], result["metrics"]["baseline_mae"])
        low, high = result["prediction"]["interval"]
        self.assertLessEqual(low, result["prediction"]["ibu"])
        self.assertLessEqual(result["prediction"]["ibu"], high)
        self.assertIn("total", result["seconds"])

    def test_the_real_catalogue_beats_the_mean(self):
        if not beer.CATALOGUE.exists():
            self.skipTest(f"the catalogue is not here: {beer.CATALOGUE}")
        result = self.job("--source", str(beer.CATALOGUE))
        self.check_counts(result)
        self.assertEqual(result["beers_ingested"], 311)
        self.assertLess(result["metrics"]["mae"], result["metrics"]["baseline_mae"])

    def test_a_broken_beer_goes_whole_to_the_error_prefix(self):
        with tempfile.TemporaryDirectory(prefix="beer-run-") as folder:
            good = beer.run("punkapi", "--beers", "150", "--seed", "3").stdout.strip().splitlines()
            self.assertEqual(len(good), 150)
            with open(folder + "/beers.jsonl", "w") as file:
                file.write("\n".join(good[:75] + ['{"name": "no id"}', "{not json"] + good[75:]) + "\n")
            result = self.job("--source", folder + "/beers.jsonl")
            self.check_counts(result)
            self.assertEqual(result["rejected_records"], 2)


if __name__ == "__main__":
    unittest.main(verbosity=1)
