"""The life of the system under Terraform on a fresh engine: apply, nothing to do, a change, import, destroy; and it runs."""
import json
import pathlib
import subprocess
import tempfile
import unittest

import terraform
from terraform import Brewery, Terraform, beer

# Actions for which AWS knows no ARN: nothing else may be allowed on "*".
WITHOUT_ARN = {"ecr:GetAuthorizationToken", "cloudwatch:PutMetricData"}

# Import IDs that aren't the resource's own id.
IMPORT_IDS = {
    "aws_cloudwatch_event_target": lambda a: f'{a["rule"]}/{a["target_id"]}',
    "aws_lambda_permission": lambda a: f'{a["function_name"]}/{a["statement_id"]}',
    "aws_kinesis_stream": lambda a: a["name"],
    "aws_cloudwatch_log_stream": lambda a: f'{a["log_group_name"]}:{a["name"]}',
}


@terraform.needs_terraform
class Configuration(unittest.TestCase):
    def test_is_formatted(self):
        done = subprocess.run(["terraform", "fmt", "-check", "-diff", terraform.ARCHITECTURE], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_makes_sense_without_a_warning(self):
        with tempfile.TemporaryDirectory() as folder:
            one = Terraform(folder, beer.clean_environment(), "http://127.0.0.1:1/v2")
            verdict = json.loads(one("validate", "-json")[0])
        self.assertEqual((verdict["valid"], verdict["error_count"], verdict["warning_count"]), (True, 0, 0), verdict)


@terraform.needs_terraform
class Life(unittest.TestCase):
    def setUp(self):
        self.brewery = self.enterContext(Brewery())
        self.engine = self.enterContext(beer.Engine("--no-deploy"))

    def terraform(self, name="one", text=None):
        return Terraform(pathlib.Path(self.engine.folder) / name, self.engine.environment(), self.brewery.url, text)

    def things(self):
        """Everything that lives on the engine, by kind."""
        client = self.engine.client
        iam = client("iam")
        return {
            "buckets": [b["Name"] for b in client("s3").list_buckets()["Buckets"]],
            "streams": client("kinesis").list_streams()["StreamNames"],
            "deliveries": client("firehose").list_delivery_streams()["DeliveryStreamNames"],
            "functions": [f["FunctionName"] for f in client("lambda").list_functions()["Functions"]],
            "rules": [r["Name"] for r in client("events").list_rules()["Rules"]],
            "log groups": [g["logGroupName"] for g in client("logs").describe_log_groups()["logGroups"]],
            "databases": [d["Name"] for d in client("glue").get_databases()["DatabaseList"]],
            "workgroups": [w["Name"] for w in client("athena").list_work_groups()["WorkGroups"] if w["Name"] != "primary"],
            "repositories": [r["repositoryName"] for r in client("ecr").describe_repositories()["repositories"]],
            "pipelines": [p["PipelineName"] for p in client("sagemaker").list_pipelines()["PipelineSummaries"]],
            "groups": client("sagemaker").list_model_package_groups()["ModelPackageGroupSummaryList"],
            "notebooks": client("sagemaker").list_notebook_instances()["NotebookInstances"],
            "endpoints": client("sagemaker").list_endpoints()["Endpoints"],
            "roles": [r["RoleName"] for r in iam.list_roles()["Roles"]],
            "alarms": [a["AlarmName"] for a in client("cloudwatch").describe_alarms()["MetricAlarms"]],
        }

    def assert_least_privilege(self):
        iam = self.engine.client("iam")
        roles = [r["RoleName"] for r in iam.list_roles()["Roles"]]
        self.assertGreaterEqual(len(roles), 6)
        for role in roles:
            self.assertEqual(iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"], [], role)
            for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
                for statement in iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]["Statement"]:
                    self.assertFalse([a for a in statement["Action"] if "*" in a], role)
                    if "*" in statement["Resource"]:
                        self.assertLessEqual(set(statement["Action"]), WITHOUT_ARN, role)

    def test_from_apply_to_destroy(self):
        before = self.things()
        one = self.terraform()
        done = one.apply()
        self.assertGreater(done["added"], 50)
        self.assertEqual(one.changes(), "", "a plan right after the apply")
        self.assert_least_privilege()

        one.system(terraform.system(**{
            r"\n  project: mlops-beer\n": "\n  project: mlops-beer\n  team: brewers\n",
            r"buffer_seconds: 60": "buffer_seconds: 90",
            r"memory_mb: 128": "memory_mb: 192",
            r"rate\(5 minutes\)": "rate(4 minutes)",
            r'num_round: "200"': 'num_round: "150"',
        }))
        done = one.apply()
        self.assertEqual((done["added"], done["destroyed"]), (0, 0))
        self.assertGreater(done["changed"], 20)
        self.assertEqual(one.changes(), "", "a plan right after the change")
        client = self.engine.client
        self.assertEqual(client("lambda").get_function_configuration(FunctionName="fn_extraction")["MemorySize"], 192)
        self.assertEqual(client("events").describe_rule(Name="mlops-beer-extraction")["ScheduleExpression"], "rate(4 minutes)")
        delivery = client("firehose").describe_delivery_stream(DeliveryStreamName="mlops-beer-raw")["DeliveryStreamDescription"]
        self.assertEqual(delivery["Destinations"][0]["ExtendedS3DestinationDescription"]["BufferingHints"]["IntervalInSeconds"], 90)
        definition = json.loads(client("sagemaker").describe_pipeline(PipelineName="mlops-beer")["PipelineDefinition"])
        self.assertEqual({p["Name"]: p.get("DefaultValue") for p in definition["Parameters"]}["NumRound"], "150")
        self.assertIn({"Key": "team", "Value": "brewers"}, client("iam").list_role_tags(RoleName="mlops-beer-pipeline")["Tags"])

        one.destroy()
        self.assertEqual(self.things(), before, "what destroy leaves")
        print("\nseconds: " + ", ".join(f"{k} {v:.1f}" for k, v in one.seconds.items() if k != "init"),
              f'together {sum(v for k, v in one.seconds.items() if k in ("apply", "plan", "destroy")):.1f}')

    def test_what_is_there_can_be_imported(self):
        one = self.terraform()
        made = one.apply()["added"]
        other = self.terraform("other")
        blocks = [f'import {{\n  to = {address}\n  id = {json.dumps(IMPORT_IDS.get(kind, lambda a: a["id"])(attributes))}\n}}\n'
                  for address, kind, attributes in one.state()]
        imports = other.work / "imports.tf"
        imports.write_text("\n".join(blocks))
        done = other.apply()
        self.assertEqual((done["imported"], done["added"], done["destroyed"]), (made, 0, 0))
        imports.unlink()
        self.assertEqual(other.changes(), "", "a plan after the import")
        self.assertEqual(one.changes(), "", "the first state's plan")
        other.destroy()

    def test_serving_and_notebook_are_off_and_can_be_turned_on(self):
        one = self.terraform()
        one.apply()
        self.assertEqual(self.things()["notebooks"], [])
        one.variables["notebook"] = "true"
        self.assertGreaterEqual(one.apply()["added"], 4)
        self.assertEqual(one.changes(), "")
        notebook = self.engine.client("sagemaker").describe_notebook_instance(NotebookInstanceName="mlops-beer")
        self.assertEqual(notebook["NotebookInstanceStatus"], "InService")
        one.variables["notebook"] = "false"
        self.assertGreaterEqual(one.apply()["destroyed"], 4)
        one.destroy()


@terraform.needs_terraform
class Flow(unittest.TestCase):
    """Beers flow through what Terraform made; the retraining rule trains; a registered model is served by Terraform."""

    def test_runs_from_the_rule_to_a_prediction(self):
        with Brewery() as brewery, beer.Engine("--no-deploy", "--speed", "300") as engine:
            text = terraform.system(**{r"cron\(0 3 \? \* MON \*\)": "rate(2 hours)"})
            one = Terraform(pathlib.Path(engine.folder) / "one", engine.environment(), brewery.url, text)
            one.apply()
            s3, sagemaker = engine.client("s3"), engine.client("sagemaker")
            account = engine.client("sts").get_caller_identity()["Account"]

            def objects(bucket, prefix):
                return s3.list_objects_v2(Bucket=f"mlops-beer-{bucket}-{account}", Prefix=prefix).get("Contents", [])
            beer.eventually(lambda: objects("raw", "beers/"), "the rule's beers in raw")
            beer.eventually(lambda: objects("cleaned", "beers/day="), "the rule's beers in cleaned")

            done = engine.beer("ingest", "--source", brewery.url, "--beers", "300", "--spec", one.folder / "beer.yaml")
            self.assertEqual(done.returncode, 0, done.stderr)
            package = beer.eventually(lambda: sagemaker.list_model_packages(
                ModelPackageGroupName="beer-ibu")["ModelPackageSummaryList"], "a model that the retraining rule registered", 180)
            arn = package[-1]["ModelPackageArn"]
            sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")

            rows = engine.beer("query", "SELECT count(*) AS beers, count(DISTINCT day) AS days FROM cleaned", "--json")
            self.assertEqual(rows.returncode, 0, rows.stderr)
            self.assertGreater(int(json.loads(rows.stdout)[0]["beers"]), 300)

            one.variables["endpoint_model"] = arn
            self.assertEqual(one.apply()["added"], 3)
            self.assertEqual(one.output()["endpoint"], "beer-ibu")
            answer = engine.client("sagemaker-runtime").invoke_endpoint(
                EndpointName="beer-ibu", ContentType="application/json", Body=json.dumps({
                    "id": 1, "name": "Trial", "abv": 6.2, "target_og": 1058, "target_fg": 1012, "ebc": 15, "srm": 8, "ph": 4.4,
                    "attenuation_level": 79}))
            self.assertIn("ibu", answer["Body"].read().decode())
            self.assertEqual(one.changes(), "")

            # As make terraform-destroy: what runs have made goes first.
            self.assertEqual(engine.beer("destroy", "--only-models", "--spec", one.folder / "beer.yaml").returncode, 0)
            one.destroy()
            self.assertEqual(s3.list_buckets()["Buckets"], [])


if __name__ == "__main__":
    unittest.main()
