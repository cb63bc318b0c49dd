"""Ten copies of the system with names of their own, applied side by side on one engine."""
import concurrent.futures
import pathlib
import unittest

import terraform
from terraform import Brewery, Terraform, beer

COPIES = 10


@terraform.needs_terraform
class Copies(unittest.TestCase):
    def test_ten_at_once(self):
        with Brewery() as brewery, beer.Engine("--no-deploy") as engine, \
                concurrent.futures.ThreadPoolExecutor(COPIES) as pool:
            copies = [Terraform(pathlib.Path(engine.folder) / f"copy{i}", engine.environment(), brewery.url,
                                terraform.copy_of_system(f"copy{i}")) for i in range(COPIES)]
            applied = list(pool.map(lambda copy: copy.apply(), copies))
            self.assertEqual({done["added"] for done in applied}, {applied[0]["added"]})
            self.assertGreater(applied[0]["added"], 50)
            self.assertEqual(len(engine.client("kinesis").list_streams()["StreamNames"]), COPIES)
            self.assertEqual(set(pool.map(lambda copy: copy.changes(), copies[:2])), {""})
            list(pool.map(lambda copy: copy.destroy(), copies))
            self.assertEqual(engine.client("kinesis").list_streams()["StreamNames"], [])
            self.assertEqual(engine.client("s3").list_buckets()["Buckets"], [])


if __name__ == "__main__":
    unittest.main()
