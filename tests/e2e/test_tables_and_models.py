"""Glue, Athena and SageMaker as a demanding user of unmodified clients meets them."""
import base64
import functools
import gzip
import io
import json
import os
import subprocess
import tarfile
import unittest
import zipfile

from botocore.exceptions import ClientError, WaiterError

import beer
import scripted
from beer import eventually

ACCOUNT = "123456789012"
IMAGE = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/beer-pipeline:latest"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/models"
TEXT_INPUT = "org.apache.hadoop.mapred.TextInputFormat"
TEXT_OUTPUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
JSON_SERDE = "org.openx.data.jsonserde.JsonSerDe"
# As an image, `script TEXT` runs TEXT in the folder that is /opt/ml to a job; all else is the real program.
PROGRAM = """#!/bin/sh
[ "$1" = script ] || exec {real} "$@"
cd "${{SM_ML_ROOT:-/opt/ml}}" && shift && exec sh -c "$@"
"""
Engine = functools.partial(scripted.Engine, program=PROGRAM.format(real=beer.BIN / "beer-pipeline"))


def setUpModule():
    global engine, s3, glue, athena, sagemaker, runtime, functions
    engine = Engine("--no-deploy").__enter__()
    s3, glue, athena, sagemaker, runtime, functions = (
        engine.client(name) for name in ("s3", "glue", "athena", "sagemaker", "sagemaker-runtime", "lambda"))
    for bucket in ("lake", "results", "models"):
        s3.create_bucket(Bucket=bucket)


def tearDownModule():
    engine.__exit__()


def refusal(call, **members):
    """The code and the sentence a call is refused with."""
    try:
        call(**members)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    raise AssertionError("the call was not refused")


def put(bucket, key, body):
    s3.put_object(Bucket=bucket, Key=key, Body=body)


def get(bucket, key):
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read()


class Tables(unittest.TestCase):
    def storage(self, location):
        return {"Columns": [{"Name": "a", "Type": "int"}], "Location": location, "InputFormat": TEXT_INPUT,
                "OutputFormat": TEXT_OUTPUT, "SerdeInfo": {"SerializationLibrary": JSON_SERDE}}

    def table(self, name, **more):
        return {"Name": name, "TableType": "EXTERNAL_TABLE", "StorageDescriptor": self.storage("s3://lake/t/"),
                "PartitionKeys": [{"Name": "day", "Type": "string"}, {"Name": "n", "Type": "int"}], **more}

    def database(self, name):
        glue.create_database(DatabaseInput={"Name": name, "Description": "of a test", "Parameters": {"k": "v"}})
        return name

    def test_databases_are_kept_found_in_any_case_paged_and_refused_twice(self):
        self.database("Kept_One")
        self.database("kept_two")
        found = glue.get_database(Name="KEPT_ONE")["Database"]
        self.assertEqual((found["Name"], found["Description"], found["Parameters"]),
                         ("kept_one", "of a test", {"k": "v"}))
        pages = list(glue.get_paginator("get_databases").paginate(PaginationConfig={"PageSize": 1}))
        names = [d["Name"] for page in pages for d in page["DatabaseList"]]
        self.assertTrue(set(names) >= {"kept_one", "kept_two"}, names)
        self.assertTrue(all(len(page["DatabaseList"]) <= 1 for page in pages))
        with self.assertRaises(glue.exceptions.AlreadyExistsException):
            self.database("kept_ONE")
        glue.delete_database(Name="kept_two")
        with self.assertRaises(glue.exceptions.EntityNotFoundException):
            glue.get_database(Name="kept_two")

    def test_a_table_keeps_its_versions_and_takes_its_partitions_along(self):
        database = self.database("versions")
        glue.create_table(DatabaseName=database, TableInput=self.table("T1"))
        with self.assertRaises(glue.exceptions.AlreadyExistsException):
            glue.create_table(DatabaseName=database, TableInput=self.table("t1"))
        with self.assertRaises(glue.exceptions.EntityNotFoundException):
            glue.create_table(DatabaseName="nowhere", TableInput=self.table("t1"))
        glue.update_table(DatabaseName=database, TableInput=self.table("t1", Description="second"))
        versions = glue.get_table_versions(DatabaseName=database, TableName="t1")["TableVersions"]
        self.assertEqual([v["Table"].get("Description") for v in versions], ["second", None])
        glue.create_partition(DatabaseName=database, TableName="t1", PartitionInput={"Values": ["x", "1"]})
        answer = glue.batch_delete_table(DatabaseName=database, TablesToDelete=["t1", "t2"])
        self.assertEqual([(e["TableName"], e["ErrorDetail"]["ErrorCode"]) for e in answer["Errors"]],
                         [("t2", "EntityNotFoundException")])
        glue.create_table(DatabaseName=database, TableInput=self.table("t1"))
        self.assertEqual(glue.get_partitions(DatabaseName=database, TableName="t1")["Partitions"], [])

    def test_tables_are_paged_and_filtered_by_expression(self):
        database = self.database("paged")
        for name in ("apple", "avocado", "banana"):
            glue.create_table(DatabaseName=database, TableInput=self.table(name))
        paginator = glue.get_paginator("get_tables")
        pages = list(paginator.paginate(DatabaseName=database, PaginationConfig={"PageSize": 2}))
        self.assertEqual([[t["Name"] for t in page["TableList"]] for page in pages], [["apple", "avocado"], ["banana"]])
        chosen = paginator.paginate(DatabaseName=database, Expression="a.*").build_full_result()["TableList"]
        self.assertEqual([t["Name"] for t in chosen], ["apple", "avocado"])

    def test_partitions_are_created_in_batches_and_found_by_expression(self):
        place = {"DatabaseName": self.database("parts"), "TableName": "t"}
        glue.create_table(DatabaseName="parts", TableInput=self.table("t"))
        answer = glue.batch_create_partition(**place, PartitionInputList=[
            {"Values": [f"2024-01-{1 + n // 3:02}", str(n)], "StorageDescriptor": self.storage(f"s3://lake/t/{n}/")}
            for n in [*range(30), 7]])
        self.assertEqual([(e["PartitionValues"], e["ErrorDetail"]["ErrorCode"]) for e in answer["Errors"]],
                         [(["2024-01-03", "7"], "AlreadyExistsException")])
        paginator = glue.get_paginator("get_partitions")

        def numbers(expression):
            pages = paginator.paginate(**place, Expression=expression, PaginationConfig={"PageSize": 4})
            return sorted(int(p["Values"][1]) for page in pages for p in page["Partitions"])

        for expression, expected in (
                ("", list(range(30))), ("day = '2024-01-02'", [3, 4, 5]), ("DAY='2024-01-02' AND n > 4", [5]),
                ("n >= 9 and n < 12", [9, 10, 11]), ("n in (3, 10)", [3, 10]), ("n between 2 and 3", [2, 3]),
                ("day like '2024-01-0%' and n < 2", [0, 1]), ("not (n > 2)", [0, 1, 2]), ("n <> 1 and n != 0 and n<4", [2, 3]),
                ("(day='2024-01-01' or day='2024-01-10') and n > 0", [1, 2, 27, 28, 29]),
                ("day >= '2024-01-10' and n not in (27)", [28, 29])):
            with self.subTest(expression):
                self.assertEqual(numbers(expression), expected)
        with self.assertRaises(glue.exceptions.InvalidInputException):
            numbers("day = ")
        with self.assertRaises(glue.exceptions.InvalidInputException):
            glue.create_partition(**place, PartitionInput={"Values": ["only one"]})
        both = glue.batch_get_partition(**place, PartitionsToGet=[{"Values": ["2024-01-01", "1"]}, {"Values": ["no", "1"]}])
        self.assertEqual([p["StorageDescriptor"]["Location"] for p in both["Partitions"]], ["s3://lake/t/1/"])
        glue.update_partition(**place, PartitionValueList=["2024-01-01", "1"], PartitionInput={"Values": ["2024-01-01", "100"]})
        glue.delete_partition(**place, PartitionValues=["2024-01-01", "100"])
        with self.assertRaises(glue.exceptions.EntityNotFoundException):
            glue.get_partition(**place, PartitionValues=["2024-01-01", "1"])

    def test_the_aws_cli_reads_the_catalog(self):
        self.database("from_cli")
        glue.create_table(DatabaseName="from_cli", TableInput=self.table("t"))
        self.assertEqual(engine.aws("glue", "get-table", "--database-name", "from_cli", "--name", "t")["Table"]["Name"], "t")
        names = engine.aws("glue", "get-tables", "--database-name", "from_cli", "--query", "TableList[].Name")
        self.assertEqual(names, ["t"])


class Queries(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        glue.create_database(DatabaseInput={"Name": "sql"})

    def start(self, statement, **more):
        more = {"ResultConfiguration": {"OutputLocation": "s3://results/q/"}, **more}
        return athena.start_query_execution(QueryString=statement, QueryExecutionContext={"Database": "sql"},
                                            **more)["QueryExecutionId"]

    def ended(self, query):
        def check():
            execution = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
            return execution if execution["Status"]["State"] in ("SUCCEEDED", "FAILED", "CANCELLED") else None
        return eventually(check, "the query to end")

    def run_query(self, statement):
        query = self.start(statement)
        status = self.ended(query)["Status"]
        self.assertEqual(status["State"], "SUCCEEDED", f"{statement}: {status.get('StateChangeReason')}")
        return query

    def result(self, statement):
        return athena.get_query_results(QueryExecutionId=self.run_query(statement))["ResultSet"]

    def rows(self, statement):
        """Without the header that SELECT has and SHOW hasn't."""
        rows = [[cell.get("VarCharValue") for cell in row["Data"]] for row in self.result(statement)["Rows"]]
        return rows if statement.split()[0].upper() in ("SHOW", "DESCRIBE", "MSCK") else rows[1:]

    def reason(self, statement):
        """Why a statement fails, be it refused at once or later."""
        try:
            status = self.ended(self.start(statement))["Status"]
        except athena.exceptions.InvalidRequestException as error:
            return error.response["Error"]["Message"]
        self.assertEqual(status["State"], "FAILED", statement)
        return status["StateChangeReason"]

    def test_results_have_types_and_the_csv_tells_null_from_empty(self):
        query = self.run_query("""SELECT 1 AS i, BIGINT '2' AS b, 1.5e0 AS d, CAST('2.50' AS decimal(5,2)) AS p, true AS t,
            DATE '2024-01-02' AS day, TIMESTAMP '2024-01-02 03:04:05' AS at, ARRAY[1, 2] AS list, MAP(ARRAY['k'], ARRAY[1]) AS m,
            CAST(ROW(1, 'x') AS ROW(a integer, b varchar)) AS r, CAST(NULL AS varchar) AS nothing, '' AS empty, 'a "q"' AS q""")
        result = athena.get_query_results(QueryExecutionId=query)["ResultSet"]
        self.assertEqual([c["Type"] for c in result["ResultSetMetadata"]["ColumnInfo"]],
                         ["integer", "bigint", "double", "decimal", "boolean", "date", "timestamp", "array", "map", "row",
                          "varchar", "varchar", "varchar"])
        decimal = result["ResultSetMetadata"]["ColumnInfo"][3]
        self.assertEqual((decimal["Precision"], decimal["Scale"]), (5, 2))
        self.assertEqual([cell.get("VarCharValue") for cell in result["Rows"][1]["Data"]],
                         ["1", "2", "1.5", "2.50", "true", "2024-01-02", "2024-01-02 03:04:05.000", "[1, 2]", "{k=1}",
                          "{a=1, b=x}", None, "", 'a "q"'])
        output = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["ResultConfiguration"]["OutputLocation"]
        self.assertEqual(output, f"s3://results/q/{query}.csv")
        self.assertTrue(get("results", f"q/{query}.csv").endswith(b',"{a=1, b=x}",,"","a ""q"""\n'))
        s3.head_object(Bucket="results", Key=f"q/{query}.csv.metadata")

    def test_results_are_paged(self):
        query = self.run_query("SELECT n FROM UNNEST(sequence(1, 2500)) AS t(n) ORDER BY n")
        pages = list(athena.get_paginator("get_query_results").paginate(QueryExecutionId=query))
        self.assertEqual([len(page["ResultSet"]["Rows"]) for page in pages], [1000, 1000, 501])
        values = [row["Data"][0]["VarCharValue"] for page in pages for row in page["ResultSet"]["Rows"]]
        self.assertEqual(values, ["n"] + [str(n) for n in range(1, 2501)])
        with self.assertRaises(athena.exceptions.InvalidRequestException):
            athena.get_query_results(QueryExecutionId=query, NextToken="not one")

    def test_a_workgroup_decides_where_results_go_and_lists_its_queries(self):
        athena.create_work_group(Name="team", Tags=[{"Key": "k", "Value": "v"}], Configuration={
            "ResultConfiguration": {"OutputLocation": "s3://results/team/"}, "EnforceWorkGroupConfiguration": True})
        self.assertEqual(refusal(athena.create_work_group, Name="team")[0], "InvalidRequestException")
        token = "a" * 40
        query = self.start("SELECT 1", WorkGroup="team", ClientRequestToken=token)
        self.assertEqual(self.start("SELECT 1", WorkGroup="team", ClientRequestToken=token), query)
        self.assertEqual(self.ended(query)["ResultConfiguration"]["OutputLocation"], f"s3://results/team/{query}.csv")
        self.assertEqual(athena.list_query_executions(WorkGroup="team")["QueryExecutionIds"], [query])
        got = athena.batch_get_query_execution(QueryExecutionIds=[query, "00000000-0000-0000-0000-000000000000"])
        self.assertEqual((len(got["QueryExecutions"]), len(got["UnprocessedQueryExecutionIds"])), (1, 1))
        self.assertIn("team", engine.aws("athena", "list-work-groups", "--query", "WorkGroups[].Name"))
        athena.delete_work_group(WorkGroup="team", RecursiveDeleteOption=True)
        self.assertIn("not found", refusal(athena.get_work_group, WorkGroup="team")[1])

    def test_a_running_query_is_stopped(self):
        query = self.start("SELECT count(*) FROM UNNEST(sequence(1, 30000)) a(x) CROSS JOIN UNNEST(sequence(1, 30000)) b(y) "
                           "CROSS JOIN UNNEST(sequence(1, 1000)) c(z) WHERE x + y + z = -1")
        self.assertIn("not yet finished", refusal(athena.get_query_results, QueryExecutionId=query)[1])
        athena.stop_query_execution(QueryExecutionId=query)
        self.assertEqual(self.ended(query)["Status"]["State"], "CANCELLED")

    def test_what_fails_says_why_and_where(self):
        for statement, words in (
                ("SELECT * FROM nowhere", "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.sql.nowhere' does not exist"),
                ("SELECT * FROM nobody.t", "SCHEMA_NOT_FOUND: line 1:15"), ("SELECT a\nFROM (SELECT 1 b)", "COLUMN_NOT_FOUND: line 1:8"),
                ("SELECT 1,\n nofunction(2)", "FUNCTION_NOT_FOUND: line 2:2"), ("SELECT FROM WHERE", "SYNTAX_ERROR: line 1:"),
                ("SELECT CAST('x' AS integer)", "INVALID_CAST_ARGUMENT"), ("SELEC 1", "mismatched input 'SELEC'"),
                ("DROP TABLE nowhere", "Table not found"), ("DROP DATABASE nowhere", "does not exist"),
                ("CREATE TABLE x WITH (format = 'ORC') AS SELECT 1 AS a", "NOT_SUPPORTED"),
                ("CREATE EXTERNAL TABLE d (a int, A string) LOCATION 's3://lake/d/'", "Duplicate column name: a")):
            with self.subTest(statement):
                self.assertIn(words, self.reason(statement))
        self.assertIn("output location", refusal(athena.start_query_execution, QueryString="SELECT 1")[1])
        self.assertEqual(refusal(athena.get_query_execution, QueryExecutionId="no")[0], "InvalidRequestException")

    def test_no_query_reaches_this_machine(self):
        secret = os.path.join(engine.folder, "secret.csv")
        with open(secret, "w") as file:
            file.write("do not read\n")
        made = os.path.join(engine.folder, "made")
        for statement in (
                f"SELECT * FROM read_csv('{secret}')", f"SELECT * FROM read_text('{secret}')", f"SELECT * FROM '{secret}'",
                f'SELECT * FROM "{secret}"', f"SELECT * FROM glob('{engine.folder}/*')", f"COPY (SELECT 1) TO '{made}'",
                f"SELECT (SELECT content FROM read_blob('{secret}'))", f"WITH a AS (FROM read_csv('{secret}')) SELECT * FROM a",
                f"ATTACH '{made}'", "INSTALL httpfs", "LOAD httpfs", "PRAGMA database_list", "SET memory_limit = '9GB'",
                f"EXPORT DATABASE '{made}'", "SELECT getenv('HOME')", "SELECT current_setting('data_directory')",
                "SELECT * FROM duckdb_settings()", "SELECT * FROM query('SELECT 1')", "CALL pragma_version()",
                f"EXPLAIN ANALYZE SELECT * FROM read_csv('{secret}')", "SELECT 1; SELECT 2", "CREATE MACRO f() AS 1",
                f"CREATE EXTERNAL TABLE h (a string) LOCATION '{engine.folder}/'",
                f"CREATE EXTERNAL TABLE h (a string) LOCATION 'file://{engine.folder}/'"):
            with self.subTest(statement):
                self.assertNotIn("do not read", self.reason(statement))
        self.assertFalse(os.path.exists(made))

    def test_json_is_read_by_partition_and_only_the_partition_asked_for(self):
        put("lake", "json/day=2024-01-01/a.json",
            b'{"id":1,"Name":"a","tags":["x","y"],"m":{"k":1},"s":{"a":1,"b":"z"}}\n{"id":2,"Name":null}\n')
        put("lake", "json/day=2024-01-02/a.json.gz", gzip.compress(b'{"id":3,"Name":""}'))
        put("lake", "json/day=2024-01-03/a.json", b'{"id":"broken"}\n')
        put("lake", "json/day=2024-01-02/_SUCCESS", b"no data")
        self.run_query(f"""CREATE EXTERNAL TABLE IF NOT EXISTS j (id int COMMENT 'number', name string, tags array<string>,
            m map<string,int>, s struct<a:int,b:string>) PARTITIONED BY (day string)
            ROW FORMAT SERDE '{JSON_SERDE}' LOCATION 's3://lake/json/'""")
        self.assertEqual(self.rows("SELECT count(*) FROM j"), [["0"]])
        self.assertEqual(len(self.rows("MSCK REPAIR TABLE j")), 3)
        self.assertEqual(self.rows("SHOW PARTITIONS j"), [["day=2024-01-01"], ["day=2024-01-02"], ["day=2024-01-03"]])
        self.assertEqual(self.rows("SELECT id, name, tags[1], m['k'], s.b FROM j WHERE day = '2024-01-01' ORDER BY id"),
                         [["1", "a", "x", "1", "z"], ["2", None, None, None, None]])
        self.assertEqual(self.reason("SELECT * FROM j"),
                         'HIVE_BAD_DATA: Error Parsing a column in the table: For input string: "broken"')
        for name in ("j", "sql.j", '"sql"."j"', "AwsDataCatalog.sql.j", '"awsdatacatalog"."sql"."j"', "J"):
            with self.subTest(name):
                self.assertEqual(self.rows(f"SELECT id, day, name FROM {name} WHERE day = '2024-01-02'"),
                                 [["3", "2024-01-02", ""]])
        self.run_query("ALTER TABLE j DROP PARTITION (day = '2024-01-03')")
        self.assertEqual(self.rows("SELECT count(*), count(name) FROM j"), [["3", "2"]])
        self.run_query("ALTER TABLE j ADD IF NOT EXISTS PARTITION (day = '2024-01-09') LOCATION 's3://lake/json/day=2024-01-01/'")
        self.assertEqual(self.rows("SELECT count(*) FROM j WHERE day = '2024-01-09'"), [["2"]])
        self.assertEqual(len(glue.get_partitions(DatabaseName="sql", TableName="j", Expression="day > '2024-01-01'")["Partitions"]), 2)
        self.assertEqual(self.rows("SHOW COLUMNS IN j")[0], ["id"])
        self.assertEqual(self.rows("DESCRIBE j")[0][0].split("\t")[0].strip(), "id")
        self.assertIn("  `id` int COMMENT 'number',", [row[0] for row in self.rows("SHOW CREATE TABLE j")])
        self.assertIn(["j"], self.rows("SHOW TABLES IN sql"))
        self.run_query("DROP TABLE j")
        self.assertNotIn(["j"], self.rows("SHOW TABLES"))
        self.assertEqual(s3.list_objects_v2(Bucket="lake", Prefix="json/")["KeyCount"], 4)

    def test_csv_is_read_by_its_serde(self):
        put("lake", "csv/a.csv", b'id,name,price,ok\n1,"ana, b",1.5,true\n2,,,false\n')
        put("lake", "tsv/a.tsv", b"1\tana\n2\t\\N\n3\t\n")
        self.run_query("""CREATE EXTERNAL TABLE c (id int, name string, price double, ok boolean)
            ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde' LOCATION 's3://lake/csv/'
            TBLPROPERTIES ('skip.header.line.count'='1')""")
        self.assertEqual(self.rows("SELECT * FROM c ORDER BY id"), [["1", "ana, b", "1.5", "true"], ["2", "", None, "false"]])
        put("lake", "csv/b.csv", b'id,name,price,ok\n3,c,x,false\n')
        self.assertEqual(self.reason("SELECT * FROM c"), 'HIVE_BAD_DATA: Error parsing field value for field 2: For input string: "x"')
        self.run_query("""CREATE EXTERNAL TABLE `t` (`id` int, `name` string) ROW FORMAT DELIMITED
            FIELDS TERMINATED BY '\\t' STORED AS TEXTFILE LOCATION 's3://lake/tsv/';""")
        self.assertEqual(self.rows("SELECT * FROM t ORDER BY id"), [["1", "ana"], ["2", None], ["3", ""]])
        self.run_query("CREATE EXTERNAL TABLE gone (id int) LOCATION 's3://lake/never/'")
        self.assertEqual(self.rows("SELECT * FROM gone"), [])

    def test_trinos_sql_is_understood(self):
        for expression, expected in (
                ("date_parse('2024-03-01 10:11:12', '%Y-%m-%d %H:%i:%s')", "2024-03-01 10:11:12.000"),
                ("date_format(TIMESTAMP '2024-03-01 10:11:12', '%Y/%m/%d %H:%i')", "2024/03/01 10:11"),
                ("from_iso8601_timestamp('2024-03-01T10:11:12Z')", "2024-03-01 10:11:12.000 UTC"),
                ("date_trunc('month', TIMESTAMP '2024-05-06 01:02:03')", "2024-05-01 00:00:00.000"),
                ("date_diff('day', DATE '2024-01-01', DATE '2024-02-01')", "31"),
                ("element_at(ARRAY[1, 2], 2)", "2"), ("element_at(MAP(ARRAY['a'], ARRAY[1]), 'z')", None),
                ("cardinality(ARRAY[1, 2, 3])", "3"), ("json_extract_scalar('{\"a\":{\"b\":[1,2]}}', '$.a.b[1]')", "2"),
                ("try_cast('x' AS integer)", None), ("regexp_like('hello', 'h.l')", "true"),
                ("regexp_extract('ab12', '([a-z]+)([0-9]+)', 2)", "12"), ("regexp_replace('a1b2', '[0-9]', '_')", "a_b_"),
                ("regexp_split('a1b2c', '[0-9]')", "[a, b, c]"), ("split('a,b', ',')[2]", "b"),
                ("sequence(1, 9, 4)", "[1, 5, 9]"), ("row(1, 'x')", "{field0=1, field1=x}"), ("X'0aff'", "0a ff"),
                ("typeof(1)", "integer"), ("try(1 / 0)", None)):
            with self.subTest(expression):
                self.assertEqual(self.rows(f"SELECT {expression}"), [[expected]])
        for statement, expected in (
                ("SELECT x, n FROM UNNEST(ARRAY['a', 'b']) WITH ORDINALITY AS t(x, n) ORDER BY n", [["a", "1"], ["b", "2"]]),
                ("SELECT id, x FROM (VALUES (1, ARRAY['p', 'q'])) t(id, xs) CROSS JOIN UNNEST(xs) AS u(x) ORDER BY x",
                 [["1", "p"], ["1", "q"]]),
                ("SELECT approx_distinct(x), max_by(x, -x), approx_percentile(x, 0.5) FROM (VALUES 1, 2, 3) t(x)", [["3", "1", "2"]]),
                ("SELECT a, sum(c) FROM (VALUES (1, 3), (2, 4)) t(a, c) GROUP BY GROUPING SETS ((a), ()) ORDER BY a",
                 [["1", "3"], ["2", "4"], [None, "7"]]),
                ("SELECT sum(x) OVER (ORDER BY x ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM (VALUES 1, 2, 3) t(x)",
                 [["1"], ["3"], ["5"]])):
            with self.subTest(statement):
                self.assertEqual(self.rows(statement), expected)

    def test_parameters_fill_question_marks(self):
        query = self.start("SELECT ? || '?' AS a, ? + 1 AS b", ExecutionParameters=["'x'", "2"])
        self.ended(query)
        rows = athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]
        self.assertEqual([cell["VarCharValue"] for cell in rows[1]["Data"]], ["x?", "3"])


def processing(name, script, **more):
    """A CreateProcessingJob that reads s3://models/in/ and leaves what `script` writes to out."""
    return {"ProcessingJobName": name, "RoleArn": ROLE,
            "AppSpecification": {"ImageUri": IMAGE, "ContainerEntrypoint": ["/opt/program/x", "script"],
                                 "ContainerArguments": [script]},
            "ProcessingResources": {"ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}},
            "ProcessingInputs": [{"InputName": "in", "S3Input": {
                "S3Uri": "s3://models/in/", "LocalPath": "/opt/ml/processing/in", "S3DataType": "S3Prefix", "S3InputMode": "File"}}],
            "ProcessingOutputConfig": {"Outputs": [{"OutputName": "out", "S3Output": {
                "S3Uri": f"s3://models/out/{name}", "LocalPath": "/opt/ml/processing/out", "S3UploadMode": "EndOfJob"}}]}, **more}


def training(name, script, **more):
    return {"TrainingJobName": name, "RoleArn": ROLE, "HyperParameters": {"depth": "4"},
            "AlgorithmSpecification": {
                "TrainingImage": IMAGE, "TrainingInputMode": "File", "ContainerEntrypoint": ["/opt/program/x", "script"],
                "ContainerArguments": [script], "MetricDefinitions": [{"Name": "validation:mae", "Regex": "mae=(\\S+)"}]},
            "InputDataConfig": [{"ChannelName": "train", "ContentType": "text/csv", "DataSource": {"S3DataSource": {
                "S3DataType": "S3Prefix", "S3Uri": "s3://models/in/"}}}],
            "OutputDataConfig": {"S3OutputPath": "s3://models/trained"},
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
            "StoppingCondition": {"MaxRuntimeInSeconds": 60}, **more}


def members_of(key):
    """The files of a .tar.gz among the models, by name."""
    with tarfile.open(fileobj=io.BytesIO(get("models", key))) as archive:
        return {m.name: archive.extractfile(m).read() for m in archive.getmembers() if m.isfile()}


class Jobs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        put("models", "in/a.csv", b"1,2\n")
        put("models", "in/sub/b.csv", b"3,4\n")

    def process(self, name, script, **more):
        sagemaker.create_processing_job(**processing(name, script, **more))
        return self.processed(name)

    def processed(self, name):
        def check():
            job = sagemaker.describe_processing_job(ProcessingJobName=name)
            return job if job["ProcessingJobStatus"] not in ("InProgress", "Stopping") else None
        return eventually(check, f"the job {name} to end")

    def test_a_processing_job_finds_its_inputs_and_leaves_its_outputs(self):
        arn = sagemaker.create_processing_job(**processing(
            "Adds", "cat config/*.json > processing/out/config; cd processing; cat in/a.csv in/sub/b.csv > out/all;"
            "mkdir -p out/deep ../output; echo $FLAVOUR > out/deep/env; echo well done > ../output/message",
            Environment={"FLAVOUR": "hops and malt"}))["ProcessingJobArn"]
        self.assertEqual(arn, f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:processing-job/adds")
        sagemaker.get_waiter("processing_job_completed_or_stopped").wait(ProcessingJobName="Adds")
        job = sagemaker.describe_processing_job(ProcessingJobName="Adds")
        self.assertEqual((job["ProcessingJobStatus"], job["ExitMessage"]), ("Completed", "well done"))
        self.assertLessEqual(job["CreationTime"], job["ProcessingStartTime"])
        self.assertEqual(get("models", "out/Adds/all"), b"1,2\n3,4\n")
        self.assertEqual(get("models", "out/Adds/deep/env"), b"hops and malt\n")
        self.assertIn(arn.encode(), get("models", "out/Adds/config"))
        code, sentence = refusal(sagemaker.create_processing_job, **processing("adds", "true"))
        self.assertEqual((code, "already exists" in sentence), ("ResourceInUse", True))

    def test_a_job_that_fails_says_why(self):
        self.assertEqual(self.process("exits", "echo no malt >&2; exit 7")["FailureReason"], "AlgorithmError: no malt, exit code: 7")
        said = self.process("says", "mkdir -p output; echo the mash is cold > output/message; exit 1")
        self.assertEqual((said["ProcessingJobStatus"], said["ExitMessage"]), ("Failed", "the mash is cold"))
        nowhere = {"InputName": "in", "S3Input": {"S3Uri": "s3://models/none/", "LocalPath": "/opt/ml/processing/in",
                                                  "S3DataType": "S3Prefix", "S3InputMode": "File"}}
        self.assertIn("s3://models/none/", self.process("empty", "true", ProcessingInputs=[nowhere])["FailureReason"])
        unknown = {"ImageUri": "elsewhere/image:1"}
        self.assertIn("elsewhere/image:1", self.process("image", "true", AppSpecification=unknown)["FailureReason"])
        with self.assertRaises(WaiterError):
            sagemaker.get_waiter("processing_job_completed_or_stopped").wait(ProcessingJobName="image")
        listed = sagemaker.list_processing_jobs(StatusEquals="Failed", SortBy="Name", SortOrder="Ascending", NameContains="x")
        self.assertEqual([j["ProcessingJobName"] for j in listed["ProcessingJobSummaries"]], ["exits"])
        nowhere["S3Input"]["LocalPath"] = "/etc"
        self.assertEqual(refusal(sagemaker.create_processing_job, **processing("etc", "true", ProcessingInputs=[nowhere]))[0],
                         "ValidationException")
        self.assertEqual(refusal(sagemaker.describe_processing_job, ProcessingJobName="nobody")[0], "ValidationException")

    def test_a_job_is_stopped_by_hand_and_by_its_limit(self):
        sagemaker.create_processing_job(**processing("endless", "sleep 600"))
        self.assertEqual(sagemaker.describe_processing_job(ProcessingJobName="endless")["ProcessingJobStatus"], "InProgress")
        sagemaker.stop_processing_job(ProcessingJobName="endless")
        self.assertEqual(self.processed("endless")["ProcessingJobStatus"], "Stopped")
        job = self.process("limited", "sleep 600", StoppingCondition={"MaxRuntimeInSeconds": 1})
        self.assertIn("MaxRuntimeInSeconds", job["FailureReason"])

    def test_a_training_job_leaves_a_model(self):
        sagemaker.create_training_job(**training(
            "Brews", "cp input/config/*.json model/; cat input/data/train/a.csv > model/weights; mkdir -p output/data;"
            "echo notes > output/data/notes; echo mae=9.5; echo mae=8.25"))
        sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName="Brews")
        job = sagemaker.describe_training_job(TrainingJobName="Brews")
        self.assertEqual((job["TrainingJobStatus"], job["SecondaryStatus"]), ("Completed", "Completed"))
        self.assertEqual([t["Status"] for t in job["SecondaryStatusTransitions"]],
                         ["Starting", "Downloading", "Training", "Uploading", "Completed"])
        self.assertEqual(job["ModelArtifacts"]["S3ModelArtifacts"], "s3://models/trained/Brews/output/model.tar.gz")
        self.assertEqual([(m["MetricName"], m["Value"]) for m in job["FinalMetricDataList"]], [("validation:mae", 8.25)])
        model = members_of("trained/Brews/output/model.tar.gz")
        self.assertEqual(json.loads(model["hyperparameters.json"]), {"depth": "4"})
        self.assertEqual(json.loads(model["resourceconfig.json"])["hosts"], ["algo-1"])
        self.assertEqual(json.loads(model["inputdataconfig.json"])["train"]["ContentType"], "text/csv")
        self.assertEqual(model["weights"], b"1,2\n")
        self.assertEqual(members_of("trained/Brews/output/output.tar.gz"), {"notes": b"notes\n"})
        logs = engine.client("logs")
        stream = logs.describe_log_streams(logGroupName="/aws/sagemaker/TrainingJobs",
                                           logStreamNamePrefix="Brews/")["logStreams"][0]["logStreamName"]
        events = logs.get_log_events(logGroupName="/aws/sagemaker/TrainingJobs", logStreamName=stream, startFromHead=True)
        self.assertEqual([e["message"] for e in events["events"]], ["mae=9.5", "mae=8.25"])
        self.assertEqual(refusal(sagemaker.create_training_job, **training("brews", "true"))[0], "ResourceInUse")

    def test_a_training_job_that_fails_gives_its_failure_file(self):
        sagemaker.create_training_job(**training("spoils", "echo wild yeast > output/failure; exit 1"))
        with self.assertRaises(WaiterError):
            sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName="spoils")
        job = sagemaker.describe_training_job(TrainingJobName="spoils")
        self.assertEqual((job["SecondaryStatus"], job["FailureReason"]), ("Failed", "AlgorithmError: wild yeast, exit code: 1"))

    def test_a_training_job_is_stopped(self):
        sagemaker.create_training_job(**training("rests", "sleep 600"))
        sagemaker.stop_training_job(TrainingJobName="rests")
        job = eventually(lambda: (lambda j: j if j["TrainingJobStatus"] == "Stopped" else None)(
            sagemaker.describe_training_job(TrainingJobName="rests")), "the job to stop")
        self.assertEqual(job["SecondaryStatus"], "Stopped")
        names = [j["TrainingJobName"] for page in sagemaker.get_paginator("list_training_jobs").paginate(
            NameContains="rest", PaginationConfig={"PageSize": 1}) for j in page["TrainingJobSummaries"]]
        self.assertEqual(names, ["rests"])


def reference(path):
    return {"Get": path}


def joined(on, *values):
    return {"Std:Join": {"On": on, "Values": list(values)}}


def step(name, script, inputs=(), outputs=(), properties=(), more=(), after=()):
    """A Processing step; `more` are arguments behind the script, its $0, $1, …"""
    request = processing("x", script)
    del request["ProcessingJobName"]
    request["AppSpecification"]["ContainerArguments"] += more
    request["ProcessingInputs"] = [{"InputName": n, "AppManaged": False, "S3Input": {
        "S3Uri": uri, "LocalPath": f"/opt/ml/processing/{n}", "S3DataType": "S3Prefix", "S3InputMode": "File"}} for n, uri in inputs]
    request["ProcessingOutputConfig"]["Outputs"] = [{"OutputName": n, "AppManaged": False, "S3Output": {
        "S3Uri": uri, "LocalPath": f"/opt/ml/processing/{n}", "S3UploadMode": "EndOfJob"}} for n, uri in outputs]
    made = {"Name": name, "Type": "Processing", "Arguments": request}
    if properties:
        made["PropertyFiles"] = [{"PropertyFileName": n, "OutputName": o, "FilePath": f} for n, o, f in properties]
    if after:
        made["DependsOn"] = list(after)
    return made


def definition(*steps, parameters=()):
    return json.dumps({"Version": "2020-12-01", "Metadata": {}, "Parameters": list(parameters), "Steps": list(steps),
                       "PipelineExperimentConfig": {"ExperimentName": reference("Execution.PipelineName"),
                                                    "TrialName": reference("Execution.PipelineExecutionId")}})


def gated():
    """Preprocess, train, evaluate, and a gate that registers or rejects."""
    request = training("x", "cp input/config/hyperparameters.json model/; cp input/data/train/a.csv model/")
    del request["TrainingJobName"]
    request["HyperParameters"] = {"max_depth": joined("", reference("Parameters.MaxDepth"))}
    request["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"] = reference(
        "Steps.Preprocess.ProcessingOutputConfig.Outputs['train'].S3Output.S3Uri")
    run = reference("Execution.PipelineExecutionId")
    register = {"Name": "Register-RegisterModel", "Type": "RegisterModel", "Arguments": {
        "ModelPackageGroupName": "Gated", "ModelApprovalStatus": reference("Parameters.Approval"), "SkipModelValidation": "None",
        "ModelMetrics": {"ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": joined(
            "/", reference("Steps.Evaluate.ProcessingOutputConfig.Outputs['evaluation'].S3Output.S3Uri"), "evaluation.json")}},
            "Bias": {}, "Explainability": {}},
        "MetadataProperties": {"GeneratedBy": reference("Execution.PipelineExecutionArn")},
        "InferenceSpecification": {"SupportedContentTypes": ["text/csv"], "SupportedResponseMIMETypes": ["text/csv"], "Containers": [
            {"Image": IMAGE, "Environment": {}, "ModelDataUrl": reference("Steps.Train.ModelArtifacts.S3ModelArtifacts")}]}}}
    reject = {"Name": "Reject", "Type": "Fail", "Arguments": {
        "ErrorMessage": joined(" ", "rejected: MAE above", reference("Parameters.Threshold"))}}
    return definition(
        step("Preprocess", "cp processing/in/a.csv processing/train/", [("in", "s3://models/in/")],
             [("train", joined("/", "s3://models", run, "train"))]),
        {"Name": "Train", "Type": "Training", "Arguments": request},
        step("Evaluate", 'cd processing; tar xzf model/model.tar.gz -O hyperparameters.json > evaluation/used.json;'
             'echo "{\\"regression_metrics\\":{\\"mae\\":{\\"value\\":$0}}}" > evaluation/evaluation.json',
             [("model", reference("Steps.Train.ModelArtifacts.S3ModelArtifacts"))],
             [("evaluation", joined("/", "s3://models", run, "evaluation"))],
             [("Report", "evaluation", "evaluation.json")], [reference("Parameters.Score")]),
        {"Name": "Check", "Type": "Condition", "Arguments": {
            "Conditions": [{"Type": "LessThanOrEqualTo", "RightValue": reference("Parameters.Threshold"), "LeftValue": {
                "Std:JsonGet": {"PropertyFile": reference("Steps.Evaluate.PropertyFiles.Report"),
                                "Path": "regression_metrics.mae.value"}}}],
            "IfSteps": [register], "ElseSteps": [reject]}},
        parameters=[{"Name": "Approval", "Type": "String", "DefaultValue": "PendingManualApproval"},
                    {"Name": "MaxDepth", "Type": "Integer", "DefaultValue": 4},
                    {"Name": "Threshold", "Type": "Float", "DefaultValue": 12.0},
                    {"Name": "Score", "Type": "String", "DefaultValue": "9.4"}])


class Pipelines(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        put("models", "in/a.csv", b"1,2\n")

    def create(self, name, text):
        return sagemaker.create_pipeline(PipelineName=name, PipelineDefinition=text, RoleArn=ROLE)["PipelineArn"]

    def begin(self, name, **parameters):
        return sagemaker.start_pipeline_execution(PipelineName=name, PipelineParameters=[
            {"Name": n, "Value": v} for n, v in parameters.items()])["PipelineExecutionArn"]

    def ended(self, arn):
        def check():
            execution = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
            return execution if execution["PipelineExecutionStatus"] not in ("Executing", "Stopping") else None
        return eventually(check, "the execution to end")

    def steps(self, arn, **more):
        return sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn, **more)["PipelineExecutionSteps"]

    def test_a_pipeline_trains_gates_and_registers(self):
        self.create("Gated", gated())
        code, sentence = refusal(sagemaker.create_pipeline, PipelineName="Gated", PipelineDefinition=gated(), RoleArn=ROLE)
        self.assertEqual((code, "already exists" in sentence), ("ValidationException", True))
        passed = self.begin("Gated")
        execution = self.ended(passed)
        self.assertEqual(execution["PipelineExecutionStatus"], "Succeeded", execution.get("FailureReason"))
        run = passed.rsplit("/", 1)[1]
        self.assertEqual(execution["PipelineExperimentConfig"], {"ExperimentName": "Gated", "TrialName": run})
        names = ["Preprocess", "Train", "Evaluate", "Check", "Register-RegisterModel"]
        self.assertEqual([s["StepName"] for s in self.steps(passed)], names[::-1])
        steps = self.steps(passed, SortOrder="Ascending")
        self.assertEqual([(s["StepName"], s["StepStatus"]) for s in steps], [(n, "Succeeded") for n in names])
        package = steps[4]["Metadata"]["RegisterModel"]["Arn"]
        self.assertEqual(package, f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:model-package/gated/1")
        self.assertEqual(steps[3]["Metadata"]["Condition"]["Outcome"], "True")
        self.assertRegex(steps[0]["Metadata"]["ProcessingJob"]["Arn"], f"processing-job/pipelines-{run}-preprocess-[a-z0-9]{{10}}$")
        job = sagemaker.describe_training_job(TrainingJobName=steps[1]["Metadata"]["TrainingJob"]["Arn"].rsplit("/", 1)[1])
        self.assertEqual(job["HyperParameters"], {"max_depth": "4"})
        described = sagemaker.describe_model_package(ModelPackageName=package)
        self.assertEqual(described["MetadataProperties"]["GeneratedBy"], passed)
        self.assertEqual(described["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"],
                         f"s3://models/{run}/evaluation/evaluation.json")
        self.assertEqual(described["InferenceSpecification"]["Containers"][0]["ModelDataUrl"],
                         job["ModelArtifacts"]["S3ModelArtifacts"])

        rejected = self.begin("Gated", Score="50", MaxDepth="7")
        self.assertIn("rejected: MAE above 12.0", self.ended(rejected)["FailureReason"])
        newest = self.steps(rejected)[0]
        self.assertEqual((newest["StepName"], newest["StepStatus"], newest["FailureReason"], newest["Metadata"]["Fail"]),
                         ("Reject", "Failed", "rejected: MAE above 12.0", {"ErrorMessage": "rejected: MAE above 12.0"}))
        self.assertEqual(json.loads(get("models", rejected.rsplit("/", 1)[1] + "/evaluation/used.json")), {"max_depth": "7"})
        given = sagemaker.list_pipeline_parameters_for_execution(PipelineExecutionArn=rejected)["PipelineParameters"]
        self.assertEqual({p["Name"]: p["Value"] for p in given},
                         {"Approval": "PendingManualApproval", "MaxDepth": "7", "Threshold": "12.0", "Score": "50"})
        unreadable = self.begin("Gated", Score="}")
        self.assertIn("is not JSON", self.ended(unreadable)["FailureReason"])
        executions = [e["PipelineExecutionArn"] for page in sagemaker.get_paginator("list_pipeline_executions").paginate(
            PipelineName="Gated", PaginationConfig={"PageSize": 2}) for e in page["PipelineExecutionSummaries"]]
        self.assertEqual(executions, [unreadable, rejected, passed])
        for parameters in ({"Colour": "red"}, {"MaxDepth": "deep"}):
            with self.subTest(parameters), self.assertRaises(ClientError) as caught:
                self.begin("Gated", **parameters)
            self.assertEqual(caught.exception.response["Error"]["Code"], "ValidationException")

    def test_a_failing_step_fails_the_execution_and_can_be_retried(self):
        self.create("Fails", definition(step("A", "echo no water >&2; exit 3"), step("B", "true", after=["A"]), step("C", "true")))
        arn = self.begin("Fails")
        self.assertIn("no water", self.ended(arn)["FailureReason"])
        self.assertEqual({s["StepName"]: s["StepStatus"] for s in self.steps(arn)}, {"A": "Failed", "C": "Succeeded"})
        sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn)
        self.assertEqual(self.ended(arn)["PipelineExecutionStatus"], "Failed")
        self.assertEqual({s["StepName"]: s["AttemptCount"] for s in self.steps(arn)}, {"A": 1, "C": 0})

    def test_an_execution_is_stopped(self):
        self.create("Endless", definition(step("A", "sleep 600"), step("B", "true", after=["A"])))
        arn = self.begin("Endless")
        eventually(lambda: [s["StepStatus"] for s in self.steps(arn)] == ["Executing"], "the step to run")
        sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)
        self.assertEqual(self.ended(arn)["PipelineExecutionStatus"], "Stopped")
        self.assertEqual([(s["StepName"], s["StepStatus"]) for s in self.steps(arn)], [("A", "Stopped")])

    def test_a_wrong_definition_is_refused_when_it_is_made(self):
        output = reference("Steps.A.ProcessingOutputConfig.Outputs['none'].S3Output.S3Uri")
        for text, words in (
                ("{", "not JSON"), (definition(), "no steps"), (definition(step("A", "x"), step("A", "y")), '"A" is used twice'),
                (definition(step("A", "x", after=["B"]), step("B", "y", after=["A"])), "cycle"),
                (definition(step("A", reference("Parameters.None"))), 'no parameter "None"'),
                (definition({"Name": "A", "Type": "Magic", "Arguments": {}}), "Magic"),
                (definition(step("A", "x", outputs=[("some", "s3://models/o")]), step("B", "y", [("in", output)])), '"none"')):
            with self.subTest(words):
                code, sentence = refusal(sagemaker.create_pipeline, PipelineName="Wrong", PipelineDefinition=text, RoleArn=ROLE)
                self.assertEqual(code, "ValidationException")
                self.assertIn(words, sentence)
        with self.assertRaises(sagemaker.exceptions.ResourceNotFound):
            sagemaker.describe_pipeline(PipelineName="Wrong")

    def test_a_definition_may_come_from_s3_and_be_updated_and_deleted(self):
        put("models", "definition.json", definition(step("A", "true")).encode())
        sagemaker.create_pipeline(PipelineName="FromS3", RoleArn=ROLE,
                                  PipelineDefinitionS3Location={"Bucket": "models", "ObjectKey": "definition.json"})
        sagemaker.update_pipeline(PipelineName="FromS3", PipelineDefinition=definition(step("B", "true")), PipelineDescription="new")
        described = engine.aws("sagemaker", "describe-pipeline", "--pipeline-name", "FromS3")
        self.assertEqual(json.loads(described["PipelineDefinition"])["Steps"][0]["Name"], "B")
        self.assertEqual(described["PipelineDescription"], "new")
        sagemaker.delete_pipeline(PipelineName="FromS3")
        with self.assertRaises(sagemaker.exceptions.ResourceNotFound):
            self.begin("FromS3")


def cleaned_beers(beers):
    """Beers through the transformation, invoked as Firehose does it: the rows of the table, as JSON lines."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        archive.writestr(entry, (beer.BIN / "fn_transformation").read_bytes())
    functions.create_function(FunctionName="clean", Runtime="provided.al2023", Handler="x", Role=ROLE,
                              Code={"ZipFile": package.getvalue()})
    event = {"invocationId": "1", "deliveryStreamArn": f"arn:aws:firehose:us-east-1:{ACCOUNT}:deliverystream/x", "region": "us-east-1",
             "records": [{"recordId": str(n), "approximateArrivalTimestamp": 1700000000000,
                          "data": base64.b64encode(line.encode()).decode()} for n, line in enumerate(beers)]}
    answer = json.load(functions.invoke(FunctionName="clean", Payload=json.dumps(event))["Payload"])
    return b"".join(base64.b64decode(r["data"]) for r in answer["records"] if r["result"] == "Ok")


class Registry(unittest.TestCase):
    """The project's own pipeline and model, from its definition to its predictions."""

    @classmethod
    def setUpClass(cls):
        cls.beers = beer.run("punkapi", "--beers", "300", "--seed", "11").stdout.splitlines()
        put("lake", "cleaned/beers.json", cleaned_beers(cls.beers))
        text = subprocess.run([beer.BIN / "beer-pipeline", "definition", "--cleaned-data-uri", "s3://lake/cleaned/", "--output-uri",
                               "s3://models", "--image-uri", IMAGE, "--role-arn", ROLE, "--model-package-group", "Beers"],
                              capture_output=True, text=True, check=True).stdout
        sagemaker.create_pipeline(PipelineName="Beers", PipelineDefinition=text, RoleArn=ROLE)
        pipelines = Pipelines()
        arn = pipelines.begin("Beers", NumRound="40", Bags="1", Folds="2", MetricThreshold="100")
        execution = pipelines.ended(arn)
        assert execution["PipelineExecutionStatus"] == "Succeeded", execution
        cls.run_id = arn.rsplit("/", 1)[1]
        cls.package = pipelines.steps(arn)[0]["Metadata"]["RegisterModel"]["Arn"]
        container = sagemaker.describe_model_package(ModelPackageName=cls.package)["InferenceSpecification"]["Containers"][0]
        cls.container = {"Image": container["Image"], "ModelDataUrl": container["ModelDataUrl"]}

    def invoke(self, endpoint, body, **more):
        answer = runtime.invoke_endpoint(EndpointName=endpoint, Body=body, **{"ContentType": "application/json", **more})
        self.assertEqual(answer["InvokedProductionVariant"], "All")
        return answer["Body"].read().decode()

    def config(self, name, model):
        sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[{
            "VariantName": "All", "ModelName": model, "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}])

    def model(self, name, **container):
        sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container or self.container)

    def test_packages_have_versions_and_an_approval(self):
        specification = {"Containers": [self.container], "SupportedContentTypes": ["text/csv"],
                         "SupportedResponseMIMETypes": ["text/csv"]}
        sagemaker.create_model_package_group(ModelPackageGroupName="Versions")
        self.assertIn("already exists", refusal(sagemaker.create_model_package_group, ModelPackageGroupName="versions")[1])
        made = [sagemaker.create_model_package(ModelPackageGroupName="Versions", InferenceSpecification=specification,
                                               ModelApprovalStatus="PendingManualApproval")["ModelPackageArn"] for _ in range(3)]
        self.assertEqual([arn.rsplit("/", 1)[1] for arn in made], ["1", "2", "3"])
        sagemaker.update_model_package(ModelPackageArn=made[1], ModelApprovalStatus="Approved", ApprovalDescription="tasted")
        approved = sagemaker.list_model_packages(ModelPackageGroupName="Versions", ModelApprovalStatus="Approved")
        self.assertEqual([p["ModelPackageVersion"] for p in approved["ModelPackageSummaryList"]], [2])
        self.assertEqual(sagemaker.describe_model_package(ModelPackageName=made[1])["ApprovalDescription"], "tasted")
        self.assertEqual(refusal(sagemaker.update_model_package, ModelPackageArn=made[1], ModelApprovalStatus="Perhaps")[0],
                         "ValidationException")
        sagemaker.delete_model_package(ModelPackageName=made[2])
        again = sagemaker.create_model_package(ModelPackageGroupName="Versions", InferenceSpecification=specification)
        self.assertTrue(again["ModelPackageArn"].endswith("/4"), "a version's number is never given again")
        with self.assertRaises(sagemaker.exceptions.ConflictException):
            sagemaker.delete_model_package_group(ModelPackageGroupName="Versions")
        pages = sagemaker.get_paginator("list_model_packages").paginate(
            ModelPackageGroupName="Versions", SortBy="CreationTime", SortOrder="Ascending", PaginationConfig={"PageSize": 2})
        self.assertEqual([p["ModelPackageVersion"] for page in pages for p in page["ModelPackageSummaryList"]], [1, 2, 4])

    def test_an_endpoint_predicts_from_a_beer_and_from_features(self):
        self.model("Serves", ModelPackageName=self.package)
        self.config("Serves", "Serves")
        sagemaker.create_endpoint(EndpointName="Serves", EndpointConfigName="Serves")
        sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="Serves")
        one = json.loads(self.invoke("Serves", self.beers[3]))["predictions"][0]
        self.assertTrue(one["interval"][0] <= one["ibu"] <= one["interval"][1], one)
        many = json.loads(self.invoke("Serves", f"[{self.beers[3]},{self.beers[4]}]"))["predictions"]
        self.assertEqual((len(many), many[0]), (2, one))
        self.assertEqual(json.loads(self.invoke("Serves", f'{{"instances":[{self.beers[3]}]}}'))["predictions"], [one])
        row = get("models", f"{self.run_id}/test/test.csv").decode().splitlines()[0].split(",", 1)[1]
        lines = self.invoke("Serves", f"{row}\n{row}", ContentType="text/csv").split()
        self.assertEqual((len(lines), lines[0]), (2, lines[1]))
        as_json = json.loads(self.invoke("Serves", row, ContentType="text/csv", Accept="application/json"))
        self.assertEqual(as_json["predictions"][0]["ibu"], float(lines[0]))
        with self.assertRaises(runtime.exceptions.ModelError) as caught:
            self.invoke("Serves", "1,2", ContentType="text/csv")
        self.assertEqual(caught.exception.response["OriginalStatusCode"], 400)
        self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], 424)
        with self.assertRaises(runtime.exceptions.ModelError) as caught:
            self.invoke("Serves", "x", ContentType="image/png")
        self.assertEqual(caught.exception.response["OriginalStatusCode"], 415)
        asked, answered = (os.path.join(engine.folder, name) for name in ("beer.json", "prediction.json"))
        with open(asked, "w") as file:
            file.write(self.beers[3])
        engine.aws("sagemaker-runtime", "invoke-endpoint", "--endpoint-name", "Serves", "--content-type", "application/json",
                   "--body", f"fileb://{asked}", answered)
        with open(answered) as file:
            self.assertEqual(json.load(file)["predictions"], [one])

    def test_an_endpoint_takes_every_shape_of_a_body_and_answers_as_is_accepted(self):
        self.model("Shapes")
        self.config("Shapes", "Shapes")
        sagemaker.create_endpoint(EndpointName="Shapes", EndpointConfigName="Shapes")
        sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="Shapes")
        beers = [json.loads(text) for text in self.beers[3:5]]
        expected = json.loads(self.invoke("Shapes", json.dumps(beers)))["predictions"]
        columns = list(dict.fromkeys(name for one in beers for name in one))
        split = {"columns": columns, "data": [[one.get(name) for name in columns] for one in beers]}
        for shape in ({"instances": beers}, {"dataframe_records": beers}, {"inputs": beers}, {"dataframe_split": split}):
            with self.subTest(*shape):
                self.assertEqual(json.loads(self.invoke("Shapes", json.dumps(shape)))["predictions"], expected)
        lines = "\n".join(self.beers[3:5])
        as_lines = self.invoke("Shapes", lines, ContentType="application/jsonlines")
        self.assertEqual([json.loads(line) for line in as_lines.splitlines()], expected)
        as_csv = self.invoke("Shapes", lines, ContentType="application/jsonlines", Accept="text/csv")
        self.assertEqual([float(line) for line in as_csv.splitlines()], [one["ibu"] for one in expected])
        named = {"abv": [4.5, 9], "ph": [4.4, None]}
        rows = [{"abv": 4.5, "ph": 4.4}, {"abv": 9}]
        self.assertEqual(self.invoke("Shapes", json.dumps({"inputs": named})), self.invoke("Shapes", json.dumps(rows)))
        self.assertEqual(self.invoke("Shapes", "ph,abv\n4.4,4.5\n,9\n", ContentType="text/csv", Accept="application/json"),
                         self.invoke("Shapes", json.dumps(rows)))
        told = json.loads(self.invoke("Shapes", self.beers[3], EnableExplanations="`true`"))["predictions"][0]
        total = told["expected"] + sum(one["ibu"] for one in told["contributions"])
        self.assertAlmostEqual(min(max(total, 0), 100), told["ibu"], delta=0.02)
        for body, why in (('{"dataframe_split":{"columns":["abv"]}}', "data"), ('{"instances":[{"name":"no id"}]}', "Beer 1"),
                          ('{"inputs":{"abv":[1],"hops":[2]}}', "hops"), ("[[1,2]]", "Row 1")):
            with self.subTest(body), self.assertRaises(runtime.exceptions.ModelError) as caught:
                self.invoke("Shapes", body)
            self.assertEqual(caught.exception.response["OriginalStatusCode"], 400)
            self.assertIn(why, caught.exception.response["OriginalMessage"])

    def test_a_batch_transform_predicts_lines_of_beers_and_whole_files(self):
        self.model("Batch")
        put("lake", "batch/lines/beers.jsonl", "\n".join(self.beers[:50]))
        put("lake", "batch/whole/beers.json", json.dumps({"instances": [json.loads(text) for text in self.beers[:50]]}))
        for kind, content, split in (("lines", "application/jsonlines", "Line"), ("whole", "application/json", "None")):
            sagemaker.create_transform_job(
                TransformJobName=f"Beers-{kind}", ModelName="Batch", BatchStrategy="MultiRecord",
                TransformInput={"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://lake/batch/{kind}/"}},
                                "ContentType": content, "SplitType": split},
                TransformOutput={"S3OutputPath": f"s3://models/batch/{kind}", "Accept": content,
                                 "AssembleWith": "Line" if split == "Line" else "None"},
                TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1})
            sagemaker.get_waiter("transform_job_completed_or_stopped").wait(TransformJobName=f"Beers-{kind}", WaiterConfig={"Delay": 1})
            self.assertEqual(sagemaker.describe_transform_job(TransformJobName=f"Beers-{kind}")["TransformJobStatus"], "Completed")
        by_line = [json.loads(line) for line in get("models", "batch/lines/beers.jsonl.out").decode().splitlines() if line]
        self.assertEqual(len(by_line), 50)
        self.assertEqual(by_line, json.loads(get("models", "batch/whole/beers.json.out"))["predictions"])
        self.assertTrue(all(one["interval"][0] <= one["ibu"] <= one["interval"][1] for one in by_line))

    def test_an_endpoint_is_updated_keeps_what_works_and_is_deleted(self):
        self.model("Old")
        self.model("New")
        self.model("Broken", Image=IMAGE, ModelDataUrl="s3://models/no/model.tar.gz")
        for name in ("Old", "New", "Broken"):
            self.config(name, name)
        sagemaker.create_endpoint(EndpointName="Changes", EndpointConfigName="Old")
        in_service = sagemaker.get_waiter("endpoint_in_service")
        in_service.wait(EndpointName="Changes")
        before = self.invoke("Changes", self.beers[0])
        sagemaker.update_endpoint(EndpointName="Changes", EndpointConfigName="New")
        in_service.wait(EndpointName="Changes")
        self.assertEqual(sagemaker.describe_endpoint(EndpointName="Changes")["EndpointConfigName"], "New")
        sagemaker.update_endpoint(EndpointName="Changes", EndpointConfigName="Broken")
        in_service.wait(EndpointName="Changes")
        kept = sagemaker.describe_endpoint(EndpointName="Changes")
        self.assertEqual(kept["EndpointConfigName"], "New")
        self.assertIn("s3://models/no/model.tar.gz", kept["FailureReason"])
        self.assertEqual(self.invoke("Changes", self.beers[0]), before)
        sagemaker.create_endpoint(EndpointName="Never", EndpointConfigName="Broken")
        with self.assertRaises(WaiterError):
            in_service.wait(EndpointName="Never")
        with self.assertRaises(runtime.exceptions.ServiceUnavailable):
            self.invoke("Never", self.beers[0])
        sagemaker.delete_endpoint(EndpointName="Changes")
        sagemaker.get_waiter("endpoint_deleted").wait(EndpointName="Changes")
        with self.assertRaises(runtime.exceptions.ValidationError):
            self.invoke("Changes", self.beers[0])

    def test_what_is_missing_or_there_already_is_told_as_waiters_and_sdks_expect(self):
        self.model("There")
        self.config("There", "There")
        for call, members in (
                (sagemaker.describe_model, {"ModelName": "none"}), (sagemaker.delete_model, {"ModelName": "none"}),
                (sagemaker.describe_endpoint_config, {"EndpointConfigName": "none"}),
                (sagemaker.describe_endpoint, {"EndpointName": "none"}), (sagemaker.delete_endpoint, {"EndpointName": "none"}),
                (sagemaker.create_endpoint, {"EndpointName": "none", "EndpointConfigName": "none"}),
                (sagemaker.describe_model_package, {"ModelPackageName": self.package[:-1] + "999"})):
            with self.subTest(call.__name__):
                code, sentence = refusal(call, **members)
                self.assertEqual((code, sentence[:14]), ("ValidationException", "Could not find"))
        code, sentence = refusal(sagemaker.describe_model_package_group, ModelPackageGroupName="none")
        self.assertEqual((code, sentence[-15:]), ("ValidationException", "does not exist."))
        for call in (self.model, lambda name: self.config(name, "There")):
            code, sentence = refusal(lambda: call("There"))
            self.assertEqual((code, "already existing" in sentence), ("ValidationException", True))


if __name__ == "__main__":
    unittest.main()
