"""`beer deploy` and Terraform make the same system from the same beer.yaml, new and after a change of it."""
import pathlib
import unittest

import terraform
from description import describe, differences
from terraform import Terraform, beer

SOURCE_URL = "http://127.0.0.1:1/v2"  # nobody is there: the functions are compared, not called

CHANGES = {
    r"tags:.*\n  project: mlops-beer": "tags:\n  project: other\n  team: cellar",
    r"rate\(5 minutes\)": "rate(10 minutes)",
    r"MON \*": "TUE *",
    r"retention_hours: 24": "retention_hours: 48",
    r"encryption: none": "encryption: kms",
    r"raw_infrequent: 90": "raw_infrequent: 60",
    r"old_versions: 90": "old_versions: 45",
    r"results: 30": "results: 10",
    r"log_retention_days: 14": "log_retention_days: 30",
    r"memory_mb: 256": "memory_mb: 512",
    r"attempts: 4": "attempts: 3",
    r"buffer_mib: 64": "buffer_mib: 128",
    r"results_prefix: results/": "results_prefix: answers/",
    r'partition_from: "2026-01-01"': 'partition_from: "2025-01-01"',
    r"mae_threshold: 15": "mae_threshold: 12",
    r"iterator_age_minutes: 10": "iterator_age_minutes: 20",
    r"function_errors: 1": "function_errors: 2",
}


class Differences(unittest.TestCase):
    def test_are_told_wherever_they_are(self):
        left = {"alarm a": {"Threshold": 10, "tags": {"k": "v"}}, "stream s": {"shards": [{"n": 1}, {"n": 2}]}, "gone": 1}
        right = {"alarm a": {"Threshold": 12, "tags": {}}, "stream s": {"shards": [{"n": 1}, {"n": 3}]}}
        self.assertEqual(differences(left, left), [])
        self.assertEqual(differences(left, right), [
            "alarm a > Threshold: 10 is not 12", 'alarm a > tags > k: only left: "v"', "gone: only left: 1",
            "stream s > shards[1] > n: 2 is not 3"])


@terraform.needs_terraform
class SameSystem(unittest.TestCase):
    def setUp(self):
        self.left, self.right = (self.enterContext(beer.Engine("--no-deploy")) for _ in range(2))
        self.spec = pathlib.Path(self.right.folder) / "beer.yaml"
        self.fresh = describe(self.right.client)

    def deploy(self, engine, text):
        """`beer deploy` of this beer.yaml; how many resources it changed."""
        self.spec.write_text(text)
        done = engine.beer("deploy", "--spec", self.spec, "--source", SOURCE_URL)
        self.assertEqual(done.returncode, 0, done.stderr)
        return int(done.stdout.split()[-2])

    def differences(self):
        return differences(describe(self.left.client), describe(self.right.client))

    def check_same(self):
        found = self.differences()
        self.assertEqual(found, [], "Terraform's, left, and beer deploy's, right, differ:\n" + "\n".join(found))

    def test_both_make_the_same_and_change_the_same(self):
        new, changed = terraform.system(), terraform.system(**CHANGES)
        one = Terraform(pathlib.Path(self.left.folder) / "one", self.left.environment(), SOURCE_URL, new)
        one.apply()
        self.assertGreater(self.deploy(self.right, new), 30)
        self.assertGreater(len(describe(self.left.client)), 35)
        self.check_same()
        as_new = describe(self.right.client)
        self.assertEqual(self.deploy(self.right, new), 0, "a second deploy")
        self.assertEqual(self.deploy(self.left, new), 0, "a deploy of what Terraform made")

        self.assertEqual(self.deploy(self.right, terraform.system(**{"freshness_minutes: 15": "freshness_minutes: 16"})), 2)
        told = [line.split(":")[0] for line in self.differences()]
        self.assertEqual(told, [f"alarm mlops-beer-freshness-{name} > {what}" for name in ("cleaned", "raw")
                                for what in ("AlarmDescription", "Threshold")])

        one.system(changed)
        one.apply()
        self.assertGreater(self.deploy(self.right, changed), 20)
        self.check_same()
        self.assertEqual(self.deploy(self.left, changed), 0, "a deploy of what Terraform changed")

        self.deploy(self.right, new)
        self.assertEqual(differences(as_new, describe(self.right.client)), [], "changed there and back")

        done = self.right.beer("destroy", "--spec", self.spec, "--with-data")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(differences(self.fresh, describe(self.right.client)), [], "what destroy left")


if __name__ == "__main__":
    unittest.main(verbosity=1)
