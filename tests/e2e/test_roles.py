"""The system's own roles under enforcement: each statement of their policies is needed, and its loss is told by name.

The policies are those that `beer deploy` writes; tests/terraform/test_same_system.py holds them to be Terraform's. The flow runs
once from the rule to a prediction. What it asked for in each role stands at /_engine/roles; each statement is taken away in turn,
and IAM's simulator is asked which of it that forbids. The main ones are taken away for true."""
import json
import unittest
import urllib.error
import urllib.parse
import urllib.request

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

import beer
import scripted
from beer import eventually
from steps import IMAGE, ROLE

ACCOUNT = "123456789012"
ROLES = ("extraction", "transformation", "delivery", "pipeline", "serving", "retraining")
# What conditions ask of these deeds; the record has no facts.
FACTS = {"cloudwatch:PutMetricData": ("cloudwatch:namespace", "/aws/sagemaker/TrainingJobs"),
         "iam:PassRole": ("iam:PassedToService", "sagemaker.amazonaws.com")}
# Statements that nothing here asks for, by their actions: AWS publishes what the instances of an endpoint do, we have none.
UNASKED = {"serving": [["cloudwatch:PutMetricData"]]}


def actions(statement):
    return statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]


class Roles(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.engine = beer.Engine("--speed", "300").__enter__()
        cls.addClassCleanup(cls.engine.__exit__)
        cls.iam, cls.s3, cls.lambda_, cls.sagemaker, cls.events = (
            cls.engine.client(name) for name in ("iam", "s3", "lambda", "sagemaker", "events"))
        cls.bucket = lambda name: f"mlops-beer-{name}-{ACCOUNT}"
        cls.run_flow()

    @classmethod
    def run_beer(cls, *arguments, code=0):
        done = cls.engine.beer(*arguments)
        assert done.returncode == code, f"beer {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout

    @classmethod
    def run_flow(cls):
        """The rule fires, beers arrive, a model is trained, approved, served and asked."""
        eventually(lambda: cls.keys("raw") and cls.keys("cleaned"), "the rule's beers in raw and cleaned", 120)
        cls.run_beer("ingest", "--beers", "300", "--source", "simulated")
        count = lambda: json.loads(cls.engine.beer("query", "--json", "SELECT count(distinct id) AS n FROM cleaned").stdout or "[]")
        eventually(lambda: (count() or [{"n": 0}])[0]["n"] >= 200, "200 beers in Athena", 120)
        cls.run_beer("train")
        cls.run_beer("approve")
        cls.run_beer("promote")
        # A record that is no beer is told of in the deliveries' log; an alarm has the rule start a training.
        cls.engine.client("kinesis").put_record(StreamName="mlops-beer", Data=b"no beer", PartitionKey="k")
        eventually(lambda: cls.keys("cleaned", "errors/"), "the record that is no beer among the errors", 60)
        cls.engine.client("cloudwatch").set_alarm_state(AlarmName="mlops-beer-drift", StateValue="ALARM", StateReason="a test")
        executions = lambda: cls.sagemaker.list_pipeline_executions(PipelineName="mlops-beer")["PipelineExecutionSummaries"]
        eventually(lambda: len(executions()) == 2 and all(e["PipelineExecutionStatus"] != "Executing" for e in executions()),
                   "the rule's training to end", 120)

    @classmethod
    def keys(cls, bucket, prefix=""):
        listed = cls.s3.list_objects_v2(Bucket=f"mlops-beer-{bucket}-{ACCOUNT}", Prefix=prefix)
        return [one["Key"] for one in listed.get("Contents", [])]

    def deeds(self):
        request = AWSRequest("GET", self.engine.url + "/_engine/roles")
        told = self.engine.variables
        SigV4Auth(Credentials(told["AWS_ACCESS_KEY_ID"], told["AWS_SECRET_ACCESS_KEY"]), "iam", "us-east-1").add_auth(request)
        with urllib.request.urlopen(urllib.request.Request(request.url, headers=dict(request.headers))) as answer:
            return json.load(answer)

    def policy(self, role):
        return self.iam.get_role_policy(RoleName=f"mlops-beer-{role}", PolicyName="access")["PolicyDocument"]

    def put_policy(self, role, document):
        self.iam.put_role_policy(RoleName=f"mlops-beer-{role}", PolicyName="access", PolicyDocument=json.dumps(document))

    def without(self, role, action, resource=""):
        """Takes the statement away that has the action, on a resource whose ARN has that in it; back when the test ends."""
        whole = self.policy(role)
        rest = [s for s in whole["Statement"] if not (action in actions(s) and any(resource in r for r in s["Resource"]))]
        self.assertEqual(len(rest), len(whole["Statement"]) - 1)
        self.put_policy(role, {**whole, "Statement": rest})
        self.addCleanup(self.put_policy, role, whole)

    def forbidden(self, document, asked):
        """Which of (action, resource) a policy does not allow."""
        found = []
        for action, resource in asked:
            context = [{"ContextKeyName": FACTS[action][0], "ContextKeyValues": [FACTS[action][1]], "ContextKeyType": "string"}] if action in FACTS else []
            [result] = self.iam.simulate_custom_policy(PolicyInputList=[json.dumps(document)], ActionNames=[action],
                                                       ResourceArns=[resource], ContextEntries=context)["EvaluationResults"]
            if result["EvalDecision"] != "allowed":
                found.append(action)
        return found

    def engine_log(self):
        with open(self.engine.log.name) as log:
            return log.read()

    def test_1_each_statement_is_needed(self):
        deeds = self.deeds()
        self.assertEqual([d for d in deeds if not d["Allowed"]], [], "the flow passes under enforce")
        removed, noticed, unasked = 0, 0, {}
        for role in ROLES:
            asked = sorted({(d["Action"], d["Resource"]) for d in deeds if d["Role"].endswith(f"role/mlops-beer-{role}")})
            whole = self.policy(role)
            self.assertEqual(self.forbidden(whole, asked), [], role)
            for statement in whole["Statement"]:
                removed += 1
                missing = self.forbidden({**whole, "Statement": [s for s in whole["Statement"] if s is not statement] or [
                    {"Effect": "Deny", "Action": "none:*", "Resource": "*"}]}, asked)
                if missing:
                    noticed += 1
                    self.assertLessEqual(set(missing), set(actions(statement)), f"{role} is refused what the statement allowed")
                else:
                    unasked.setdefault(role, []).append(actions(statement))
        print(f"\nstatements removed: {removed}, noticed: {noticed}; nobody asks for {unasked}")
        self.assertEqual(unasked, UNASKED)

    def test_2_a_delivery_that_may_not_write_keeps_its_records_and_says_why(self):
        self.without("delivery", "s3:PutObject", "raw")
        before = len(self.keys("raw", "beers/"))
        logs = self.engine.client("logs")
        group = next(g["logGroupName"] for g in logs.describe_log_groups()["logGroups"] if "firehose" in g["logGroupName"])
        line = eventually(lambda: [e["message"] for e in logs.filter_log_events(logGroupName=group)["events"] if "S3.AccessDenied" in e["message"]],
                          "a line in the error log", 60)[0]
        self.assertIn("not authorized to perform: s3:PutObject on resource: arn:aws:s3:::mlops-beer-raw", line)
        self.assertIn("lacks a statement that allows s3:PutObject", self.engine_log())
        self.doCleanups()
        eventually(lambda: len(self.keys("raw", "beers/")) > before, "what waited to be delivered", 60)

    def test_3_a_function_that_may_not_be_asked_fails_its_records(self):
        before = set(self.keys("cleaned", "errors/processing-failed/"))
        self.without("delivery", "lambda:InvokeFunction")
        [key, *_] = eventually(lambda: set(self.keys("cleaned", "errors/processing-failed/")) - before, "failed records", 90)
        envelope = json.loads(self.s3.get_object(Bucket=f"mlops-beer-cleaned-{ACCOUNT}", Key=key)["Body"].read().splitlines()[0])
        self.assertEqual(envelope["errorCode"], "Lambda.InvokeAccessDenied")
        self.assertIn("lambda:InvokeFunction", envelope["errorMessage"])

    def test_4_a_function_has_the_keys_of_its_role(self):
        self.without("extraction", "kinesis:PutRecords")
        answer = eventually(lambda: (a := self.lambda_.invoke(FunctionName="fn_extraction", Payload=b"{}")).get("FunctionError") and a, "a failure", 30)
        self.assertIn("kinesis:PutRecord", answer["Payload"].read().decode())

    def test_5_a_rule_that_no_functions_policy_lets_in_calls_nobody(self):
        statement = json.loads(self.lambda_.get_policy(FunctionName="fn_extraction")["Policy"])["Statement"][0]
        self.lambda_.remove_permission(FunctionName="fn_extraction", StatementId=statement["Sid"])
        said = "events.amazonaws.com is not authorized to perform: lambda:InvokeFunction"
        eventually(lambda: said in self.engine_log(), "the rule to be refused", 60)
        self.lambda_.add_permission(FunctionName="fn_extraction", StatementId=statement["Sid"], Action="lambda:InvokeFunction",
                                    Principal="events.amazonaws.com", SourceArn=statement["Condition"]["ArnLike"]["AWS:SourceArn"])

    def test_6_a_job_that_may_not_read_fails_and_says_why(self):
        self.without("pipeline", "s3:GetObject", "cleaned")
        done = self.engine.beer("train")
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertRegex(done.stdout + done.stderr, r"not authorized to perform: s3:(ListBucket|GetObject) on resource: arn:aws:s3:::mlops-beer-cleaned")

    def test_7_a_pipeline_that_may_not_make_jobs_says_which(self):
        self.without("pipeline", "sagemaker:CreateProcessingJob")
        done = self.engine.beer("train")
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("not authorized to perform: sagemaker:CreateProcessingJob", done.stdout + done.stderr)

    def test_8_a_role_that_is_not_there_is_refused_when_it_is_handed_over(self):
        nobody = f"arn:aws:iam::{ACCOUNT}:role/nobody"
        refusals = {
            "Firehose is unable to assume role": lambda: self.engine.client("firehose").create_delivery_stream(
                DeliveryStreamName="n", ExtendedS3DestinationConfiguration={"RoleARN": nobody, "BucketARN": "arn:aws:s3:::b"}),
            "cannot be assumed by Lambda": lambda: self.lambda_.create_function(
                FunctionName="n", Role=nobody, Runtime="provided.al2023", Handler="b", Code={"ZipFile": b"z"}),
            "allows principal 'sagemaker.amazonaws.com'": lambda: self.sagemaker.create_model(
                ModelName="n", ExecutionRoleArn=nobody, PrimaryContainer={"Image": "i"}),
            "Please verify role's TrustPolicy": lambda: self.engine.client("glue").create_crawler(
                Name="n", Role="nobody", DatabaseName="d", Targets={"S3Targets": [{"Path": "s3://b/"}]}),
            "cannot be assumed by principal 'events.amazonaws.com'": lambda: self.events.put_targets(
                Rule="mlops-beer-retraining", Targets=[{"Id": "n", "RoleArn": nobody, "Arn": f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:pipeline/n"}])}
        for sentence, call in refusals.items():
            with self.assertRaises(Exception) as refused:
                call()
            self.assertIn(sentence, str(refused.exception))


class Keys(unittest.TestCase):
    """What programs are given to call with: keys of their role's session, and new ones before those are over."""

    @classmethod
    def setUpClass(cls):
        cls.engine = cls.enterClassContext(scripted.Engine("--no-deploy", program=scripted.SERVING))
        cls.s3, cls.sagemaker = cls.engine.client("s3"), cls.engine.client("sagemaker")
        cls.s3.create_bucket(Bucket="lab")

    def caller(self, keys):
        return self.engine.client("sts", **keys).get_caller_identity()["Arn"]

    def test_a_job_signs_as_its_role(self):
        self.sagemaker.create_processing_job(
            ProcessingJobName="keys", RoleArn=ROLE, AppSpecification={"ImageUri": IMAGE, "ContainerEntrypoint": [
                "/opt/program/beer-pipeline", "script", "env > processing/out/env"]},
            ProcessingResources={"ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}},
            ProcessingOutputConfig={"Outputs": [{"OutputName": "out", "S3Output": {
                "S3Uri": "s3://lab/keys", "LocalPath": "/opt/ml/processing/out", "S3UploadMode": "EndOfJob"}}]})
        scripted.when(self.sagemaker.describe_processing_job, "ProcessingJobStatus", "Completed", ProcessingJobName="keys")
        text = self.s3.get_object(Bucket="lab", Key="keys/env")["Body"].read().decode()
        told = dict(line.split("=", 1) for line in text.splitlines() if line.startswith("AWS_"))
        self.assertEqual(self.caller({name.lower(): told[name.upper()] for name in (
            "aws_access_key_id", "aws_secret_access_key", "aws_session_token")}), f"arn:aws:sts::{ACCOUNT}:assumed-role/models/SageMaker")

    def test_an_endpoint_asks_for_its_keys_and_for_the_next(self):
        self.s3.put_object(Bucket="lab", Key="model.tar.gz", Body=scripted.model_archive({"name": "m"}))
        self.sagemaker.create_model(ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE, "ModelDataUrl": "s3://lab/model.tar.gz"})
        self.sagemaker.create_endpoint_config(EndpointConfigName="m", ProductionVariants=[
            {"VariantName": "All", "ModelName": "m", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}])
        self.sagemaker.create_endpoint(EndpointName="m", EndpointConfigName="m")
        scripted.when(self.sagemaker.describe_endpoint, "EndpointStatus", "InService", EndpointName="m")
        told = json.loads(self.engine.client("sagemaker-runtime").invoke_endpoint(EndpointName="m", Body=b"x")["Body"].read())["env"]
        self.assertNotIn("AWS_SECRET_ACCESS_KEY", told)
        url = told["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
        made = [json.load(urllib.request.urlopen(url)) for _ in range(2)]
        self.assertNotEqual(made[0]["AccessKeyId"], made[1]["AccessKeyId"])
        keys = {"aws_access_key_id": made[1]["AccessKeyId"], "aws_secret_access_key": made[1]["SecretAccessKey"],
                "aws_session_token": made[1]["Token"]}
        self.assertEqual(self.caller(keys), f"arn:aws:sts::{ACCOUNT}:assumed-role/models/SageMaker")
        # A token that signs requests travels with them: it must not be good for new keys.
        query = urllib.parse.urlencode({"id": keys["aws_access_key_id"], "token": keys["aws_session_token"]})
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{self.engine.url}/_engine/credentials?{query}")
        self.assertEqual(refused.exception.code, 403)
        refused.exception.close()


if __name__ == "__main__":
    unittest.main()
