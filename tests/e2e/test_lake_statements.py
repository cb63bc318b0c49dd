"""Statements of Athena that change the lake and the catalog, through boto3: tables from queries, inserts, unloads,
views, prepared statements, projected partitions."""
import json
import unittest

import beer

RESULTS = "s3://results/out/"


class LakeStatements(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = cls.enterClassContext(beer.Engine("--no-deploy"))
        cls.s3, cls.glue, cls.athena = (cls.engine.client(name) for name in ("s3", "glue", "athena"))
        for bucket in ("lake", "results"):
            cls.s3.create_bucket(Bucket=bucket)
        cls.glue.create_database(DatabaseInput={"Name": "brewery"})

    def execution(self, sql, **more):
        query = self.athena.start_query_execution(
            QueryString=sql, QueryExecutionContext={"Database": "brewery"},
            ResultConfiguration={"OutputLocation": RESULTS}, **more)["QueryExecutionId"]

        def over():
            found = self.athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
            return found if found["Status"]["State"] not in ("QUEUED", "RUNNING") else None
        return beer.eventually(over, sql)

    def run_well(self, sql, **more):
        found = self.execution(sql, **more)
        self.assertEqual(found["Status"]["State"], "SUCCEEDED", found["Status"])
        return found

    def failure(self, sql):
        found = self.execution(sql)
        self.assertEqual(found["Status"]["State"], "FAILED", sql)
        return found["Status"]["StateChangeReason"]

    def rows(self, sql, **more):
        found = self.run_well(sql, **more)
        result = self.athena.get_query_results(QueryExecutionId=found["QueryExecutionId"])["ResultSet"]
        rows = [tuple(cell.get("VarCharValue") for cell in row["Data"]) for row in result["Rows"]]
        return rows[1:] if found["StatementType"] == "DML" else rows

    def object_text(self, uri):
        bucket, key = uri.removeprefix("s3://").split("/", 1)
        return self.s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()

    def keys(self, prefix):
        return [found["Key"] for found in self.s3.list_objects_v2(Bucket="lake", Prefix=prefix).get("Contents", [])]

    def test_a_table_from_a_query_then_inserted_into(self):
        made = self.run_well(
            "CREATE TABLE made WITH (format = 'PARQUET', partitioned_by = ARRAY['style'], "
            "external_location = 's3://lake/made/') AS SELECT * FROM (VALUES (1, 4.5e0, 'ale'), (2, 6e0, 'ipa')) "
            "AS t(id, abv, style)")
        self.assertEqual((made["StatementType"], made["SubstatementType"]), ("DDL", "CREATE_TABLE_AS_SELECT"))
        manifest = self.object_text(made["Statistics"]["DataManifestLocation"]).split()
        self.assertEqual([uri.removeprefix("s3://lake/") for uri in manifest], self.keys("made/"))
        table = self.glue.get_table(DatabaseName="brewery", Name="made")["Table"]
        self.assertEqual([c["Type"] for c in table["StorageDescriptor"]["Columns"]], ["int", "double"])
        inserted = self.run_well("INSERT INTO made VALUES (3, 5e0, 'stout'), (4, 5.5e0, 'ipa')")
        results = self.athena.get_query_results(QueryExecutionId=inserted["QueryExecutionId"])
        self.assertEqual(results["UpdateCount"], 2)
        self.assertEqual(results["ResultSet"]["Rows"], [])
        partitions = self.glue.get_partitions(DatabaseName="brewery", TableName="made", Expression="style > 'b'")
        self.assertEqual([p["Values"] for p in partitions["Partitions"]], [["ipa"], ["stout"]])
        self.assertEqual(self.rows("SELECT style, count(*) FROM made GROUP BY 1 ORDER BY 1"),
                         [("ale", "1"), ("ipa", "2"), ("stout", "1")])
        pruned = self.run_well("SELECT * FROM made WHERE style = 'stout'")
        stages = self.athena.get_query_runtime_statistics(QueryExecutionId=pruned["QueryExecutionId"])
        plan = stages["QueryRuntimeStatistics"]["OutputStage"]["QueryStagePlan"]
        self.assertEqual(plan["Identifier"], "files = 1")
        sizes = {o["Key"]: o["Size"] for o in self.s3.list_objects_v2(Bucket="lake", Prefix="made/")["Contents"]}
        self.assertEqual(pruned["Statistics"]["DataScannedInBytes"],
                         sum(size for key, size in sizes.items() if "style=stout" in key))

    def test_what_fails_leaves_nothing(self):
        reason = self.failure("CREATE TABLE broken WITH (external_location = 's3://lake/broken/') AS "
                              "SELECT CAST(x AS INTEGER) AS x FROM (VALUES '1', 'no') AS t(x)")
        self.assertIn("INVALID_CAST_ARGUMENT", reason)
        self.assertEqual(self.keys("broken/"), [])
        with self.assertRaises(self.glue.exceptions.EntityNotFoundException):
            self.glue.get_table(DatabaseName="brewery", Name="broken")

    def test_unload_writes_json_lines(self):
        found = self.run_well("UNLOAD (SELECT 1 AS id, 'a\"b' AS name) TO 's3://lake/unloaded/' "
                              "WITH (format = 'JSON', compression = 'NONE')")
        uri, = self.object_text(found["Statistics"]["DataManifestLocation"]).split()
        self.assertEqual(json.loads(self.object_text(uri)), {"id": 1, "name": 'a"b'})
        self.assertIn("HIVE_PATH_ALREADY_EXISTS",
                      self.failure("UNLOAD (SELECT 1 AS id) TO 's3://lake/unloaded/' WITH (format = 'JSON')"))
        self.assertIn("INVALID_PROPERTY", self.failure("UNLOAD (SELECT 1 AS id) TO '/tmp/unloaded/'"))

    def test_views_over_views(self):
        self.run_well("CREATE VIEW one AS SELECT n FROM (VALUES 1, 2, 3) AS t(n)")
        self.run_well("CREATE OR REPLACE VIEW two AS SELECT n * 10 AS m FROM one WHERE n > 1")
        self.assertEqual(self.rows("SELECT m FROM two ORDER BY m"), [("20",), ("30",)])
        self.assertEqual(self.rows("SHOW VIEWS LIKE 't*'"), [("two",)])
        view = self.glue.get_table(DatabaseName="brewery", Name="two")["Table"]
        self.assertEqual(view["TableType"], "VIRTUAL_VIEW")
        self.assertTrue(view["ViewOriginalText"].startswith("/* Presto View: "))
        self.assertIn("VIEW_IS_RECURSIVE", self.failure("CREATE OR REPLACE VIEW one AS SELECT m AS n FROM two"))
        self.run_well("DROP VIEW one")
        self.assertIn("INVALID_VIEW", self.failure("SELECT * FROM two"))

    def test_prepared_statements_of_the_api_and_of_sql(self):
        self.athena.create_prepared_statement(StatementName="sum2", WorkGroup="primary",
                                              QueryStatement="SELECT ? || ? AS t")
        self.assertEqual(self.rows("EXECUTE sum2 USING 'a', 'b'"), [("ab",)])
        self.assertEqual(self.rows("EXECUTE sum2", ExecutionParameters=["'c'", "'d'"]), [("cd",)])
        self.run_well("PREPARE other FROM SELECT ? + 1 AS n")
        self.assertEqual(self.athena.get_prepared_statement(StatementName="other", WorkGroup="primary")
                         ["PreparedStatement"]["QueryStatement"], "SELECT ? + 1 AS n")
        self.assertEqual(self.rows("EXECUTE other USING 41"), [("42",)])
        self.run_well("DEALLOCATE PREPARE other")
        with self.assertRaises(self.athena.exceptions.InvalidRequestException):
            self.athena.start_query_execution(QueryString="EXECUTE other USING 41",
                                              ResultConfiguration={"OutputLocation": RESULTS})

    def test_projected_partitions_need_no_registration(self):
        for day in ("2025-12-31", "2026-01-01"):
            self.s3.put_object(Bucket="lake", Key=f"days/{day}/a.json", Body=json.dumps({"day_id": day}).encode())
        self.run_well(
            "CREATE EXTERNAL TABLE days (day_id string) PARTITIONED BY (day string) ROW FORMAT SERDE "
            "'org.openx.data.jsonserde.JsonSerDe' LOCATION 's3://lake/days/' TBLPROPERTIES ("
            "'projection.enabled' = 'true', 'projection.day.type' = 'date', 'projection.day.format' = 'yyyy-MM-dd', "
            "'projection.day.range' = '2025-01-01,NOW', 'storage.location.template' = 's3://lake/days/${day}')")
        self.assertEqual(self.rows("SELECT day_id FROM days WHERE day > '2025-12-31'"), [("2026-01-01",)])
        self.assertEqual(self.rows("SELECT count(*) FROM days"), [("2",)])
        self.assertEqual(self.rows("SELECT column_name FROM information_schema.columns WHERE table_name = 'days'"),
                         [("day_id",), ("day",)])


if __name__ == "__main__":
    unittest.main()
