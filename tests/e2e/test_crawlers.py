"""Crawlers through boto3: from files in S3 to rows of Athena; and Glue and Athena as awswrangler uses them."""
import bz2
import csv
import gzip
import io
import json
import unittest

import beer


class Crawlers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = beer.Engine(roles=("crawl",)).__enter__()
        cls.addClassCleanup(cls.engine.__exit__)
        cls.s3, cls.glue, cls.athena, cls.logs = map(cls.engine.client, ("s3", "glue", "athena", "logs"))
        cls.s3.create_bucket(Bucket="lake")
        cls.s3.create_bucket(Bucket="results")

    def put(self, key, body):
        self.s3.put_object(Bucket="lake", Key=key, Body=body)

    def crawl(self, name, path, **more):
        self.glue.create_crawler(Name=name, Role="crawl", DatabaseName="found",
                                 Targets={"S3Targets": [{"Path": path}]}, **more)
        return self.again(name)

    def again(self, name):
        self.glue.start_crawler(Name=name)
        crawler = beer.eventually(
            lambda: (lambda c: c if c["State"] == "READY" else None)(self.glue.get_crawler(Name=name)["Crawler"]), name)
        self.assertEqual(crawler["LastCrawl"]["Status"], "SUCCEEDED", crawler)
        return crawler

    def start(self, sql):
        return self.athena.start_query_execution(
            QueryString=sql, QueryExecutionContext={"Database": "found"},
            ResultConfiguration={"OutputLocation": "s3://results/q/"})["QueryExecutionId"]

    def done(self, query):
        def over():
            execution = self.athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
            return execution if execution["Status"]["State"] in ("SUCCEEDED", "FAILED", "CANCELLED") else None
        execution = beer.eventually(over, query)
        self.assertEqual(execution["Status"]["State"], "SUCCEEDED", execution["Status"])
        return execution

    def rows(self, sql):
        query = self.start(sql)
        self.done(query)
        found = self.athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]
        return [[cell.get("VarCharValue") for cell in row["Data"]] for row in found[1:]]

    def test_what_is_crawled_can_be_queried_at_once(self):
        self.put("all/csv/day=1/a.csv", "id,name,abv\n1,Buzz,4.5\n2,Trashy,4\n")
        self.put("all/csv/day=2/a.csv.gz", gzip.compress(b"id,name,abv\n3,Punk,5.6\n"))
        self.put("all/json/a.json", '{"id":1,"malt":{"kg":[1,2.5]}}\n{"id":5000000000,"malt":null}\n')
        self.put("all/quoted/a.csv", 'style;text\n1;"a; b"\n2;"say ""hi"""\n')
        self.put("all/noise/noise.bin", b"\x00\x01\x02")
        self.crawl("all", "s3://lake/all/")
        self.assertLessEqual({"csv", "json", "quoted"},
                             {t["Name"] for t in self.glue.get_tables(DatabaseName="found")["TableList"]})
        self.assertEqual(self.rows("SELECT day, count(*), sum(abv) FROM csv GROUP BY day ORDER BY day"),
                         [["1", "2", "8.5"], ["2", "1", "5.6"]])
        self.assertEqual(self.rows("SELECT id, malt.kg[2] FROM json ORDER BY id"), [["1", "2.5"], ["5000000000", None]])
        self.assertEqual(self.rows("SELECT style, text FROM quoted ORDER BY style"), [["1", "a; b"], ["2", 'say "hi"']])
        lines = [e["message"] for e in self.logs.get_log_events(
            logGroupName="/aws-glue/crawlers", logStreamName="all")["events"]]
        self.assertTrue(any("WARN : s3://lake/all/noise/noise.bin is left out" in line for line in lines), lines)
        crawls = self.glue.list_crawls(CrawlerName="all")["Crawls"]
        self.assertEqual([c["State"] for c in crawls], ["COMPLETED"])

    def test_bzip2_is_understood_by_the_crawler(self):
        self.put("packed/a.json.bz2", bz2.compress(b'{"a":1}\n' * 10))
        self.crawl("packed", "s3://lake/packed/")
        table = self.glue.get_table(DatabaseName="found", Name="packed")["Table"]
        self.assertEqual(table["Parameters"]["compressionType"], "bzip2")

    def test_one_line_of_a_hundred_mebibytes_is_left_out(self):
        self.put("huge/a.csv", b"x" * (100 << 20))
        self.put("huge/b.json", '{"a":1}')
        self.crawl("huge", "s3://lake/huge/")
        columns = self.glue.get_table(DatabaseName="found", Name="huge")["Table"]["StorageDescriptor"]["Columns"]
        self.assertEqual([(c["Name"], c["Type"]) for c in columns], [("a", "int")])
        self.s3.delete_object(Bucket="lake", Key="huge/a.csv")

    def test_a_killed_engine_leaves_no_crawler_running(self):
        with beer.Engine(roles=("crawl",)) as engine:
            s3, glue = engine.client("s3"), engine.client("glue")
            s3.create_bucket(Bucket="lake")
            for i in range(50):
                s3.put_object(Bucket="lake", Key=f"many/{i}.json", Body='{"a":1}')
            glue.create_crawler(Name="many", Role="crawl", DatabaseName="found",
                                Targets={"S3Targets": [{"Path": "s3://lake/many/"}]})
            glue.start_crawler(Name="many")
            engine.kill()
            engine.start()
            glue = engine.client("glue")
            crawler = glue.get_crawler(Name="many")["Crawler"]
            self.assertEqual(crawler["State"], "READY")
            self.assertIn(crawler["LastCrawl"]["Status"], ("FAILED", "SUCCEEDED"))
            glue.start_crawler(Name="many")
            beer.eventually(lambda: glue.get_crawler(Name="many")["Crawler"]["State"] == "READY", "it runs again")

    def test_partitions_are_found_by_expressions_segments_and_pages(self):
        keys = [{"Name": "year", "Type": "int"}, {"Name": "day", "Type": "date"}, {"Name": "hop", "Type": "string"}]
        columns = [{"Name": "id", "Type": "bigint"}]
        self.glue.create_database(DatabaseInput={"Name": "wrangled"})
        where = {"DatabaseName": "wrangled", "TableName": "t"}
        self.glue.create_table(DatabaseName="wrangled", TableInput={
            "Name": "t", "PartitionKeys": keys, "TableType": "EXTERNAL_TABLE",
            "StorageDescriptor": {"Columns": columns, "Location": "s3://lake/t/"}})
        values = [[str(year), f"{year}-0{month}-01", hop]
                  for year in (9, 2025, 2026) for month in (1, 2) for hop in ("Citra", "Ella's")]
        entry = lambda v: {"Values": v, "StorageDescriptor": {"Columns": columns, "Location": "s3://lake/t/" + "/".join(v)}}
        answer = self.glue.batch_create_partition(**where, PartitionInputList=[entry(v) for v in values])
        self.assertEqual(answer.get("Errors", []), [])
        again = self.glue.batch_create_partition(**where, PartitionInputList=[entry(values[0]), entry(["1", "2"])])
        self.assertEqual([e["ErrorDetail"]["ErrorCode"] for e in again["Errors"]],
                         ["AlreadyExistsException", "InvalidInputException"])

        def found(expression, **more):
            pages = self.glue.get_paginator("get_partitions").paginate(
                **where, Expression=expression, PaginationConfig={"PageSize": 2}, **more)
            return sorted(tuple(p["Values"]) for page in pages for p in page["Partitions"])

        def wanted(rule):
            return sorted(tuple(v) for v in values if rule(int(v[0]), v[1], v[2]))

        for expression, rule in {
            "year = 2025": lambda y, d, h: y == 2025,
            "year > 100": lambda y, d, h: y > 100,  # by number, not by text
            "year <> 9 AND hop = 'Citra'": lambda y, d, h: y != 9 and h == "Citra",
            "NOT (year >= 2025)": lambda y, d, h: y < 2025,
            "hop = 'Ella''s' OR year <= 9": lambda y, d, h: h == "Ella's" or y <= 9,
            "year IN (9, 2026)": lambda y, d, h: y in (9, 2026),
            "year NOT IN (9, 2026)": lambda y, d, h: y not in (9, 2026),
            "year BETWEEN 10 AND 2025": lambda y, d, h: 10 <= y <= 2025,
            "hop LIKE 'C%'": lambda y, d, h: h.startswith("C"),
            "hop NOT LIKE 'C_tra'": lambda y, d, h: h != "Citra",
            "day > '2025-01-15' AND day < '2026-02-01'": lambda y, d, h: "2025-01-15" < d < "2026-02-01",
        }.items():
            self.assertEqual(found(expression), wanted(rule), expression)
        with self.assertRaises(self.glue.exceptions.InvalidInputException):
            self.glue.get_partitions(**where, Expression="year === 1")
        parts = [found("", Segment={"SegmentNumber": n, "TotalSegments": 3}) for n in range(3)]
        self.assertEqual(sorted(sum(parts, [])), sorted(map(tuple, values)))
        slim = self.glue.get_partitions(**where, ExcludeColumnSchema=True)["Partitions"][0]
        self.assertNotIn("Columns", slim["StorageDescriptor"])

        got = self.glue.batch_get_partition(**where, PartitionsToGet=[{"Values": values[0]}, {"Values": ["1", "2", "3"]}])
        self.assertEqual([p["Values"] for p in got["Partitions"]], [values[0]])
        moved = self.glue.batch_update_partition(**where, Entries=[
            {"PartitionValueList": values[0], "PartitionInput": entry(["10", "2020-01-01", "Citra"])},
            {"PartitionValueList": ["1", "2", "3"], "PartitionInput": entry(["1", "2", "3"])}])
        self.assertEqual([e["ErrorDetail"]["ErrorCode"] for e in moved["Errors"]], ["EntityNotFoundException"])
        gone = self.glue.batch_delete_partition(
            **where, PartitionsToDelete=[{"Values": values[0]}, {"Values": ["10", "2020-01-01", "Citra"]}])
        self.assertEqual([e["PartitionValues"] for e in gone["Errors"]], [values[0]])

    def test_a_result_is_read_from_s3_by_its_types(self):
        self.put("typed/a.json", "".join(
            json.dumps({"id": i, "abv": i / 2, "name": f"beer, {i}" if i % 3 else None, "ok": i % 2 == 0}) + "\n"
            for i in range(2500)))
        self.crawl("typed", "s3://lake/typed/")
        query = self.start("SELECT id, abv, name, ok FROM typed ORDER BY id")
        execution = self.done(query)
        bucket, key = execution["ResultConfiguration"]["OutputLocation"].removeprefix("s3://").split("/", 1)
        body = self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        pages = self.athena.get_paginator("get_query_results").paginate(QueryExecutionId=query)
        info, paged = None, []
        for page in pages:
            info = info or page["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
            paged += page["ResultSet"]["Rows"]
        self.assertEqual([c["Type"] for c in info], ["integer", "double", "varchar", "boolean"])
        self.assertEqual(len(paged), 2501)
        rows = list(csv.reader(io.StringIO(body.decode())))
        self.assertEqual(len(rows), 2501)
        self.assertEqual(rows[2], ["1", "0.5", "beer, 1", "false"])
        try:
            import pandas
        except ImportError:
            print("pandas is not installed: its part of the test is left out")
            return
        dtypes = {"integer": "Int64", "double": "float64", "varchar": "string", "boolean": "boolean"}
        frame = pandas.read_csv(io.BytesIO(body), dtype={c["Name"]: dtypes[c["Type"]] for c in info},
                                keep_default_na=False, na_values=[""])
        self.assertEqual(int(frame["id"].sum()), sum(range(2500)))
        self.assertEqual(int(frame["name"].isna().sum()), 834)


if __name__ == "__main__":
    unittest.main()
