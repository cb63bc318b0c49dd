"""Users, roles and temporary keys: who may do what, as boto3 meets it."""
import json
import unittest
import urllib.error
import urllib.request

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

import beer

ACCOUNT = "123456789012"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}]})


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": effect, "Action": action, "Resource": resource} for effect, action, resource in statements]})


class Access(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = beer.Engine("--no-deploy").__enter__()
        cls.iam, cls.sts, cls.s3, cls.kinesis = (cls.engine.client(name) for name in ("iam", "sts", "s3", "kinesis"))
        cls.kinesis.create_stream(StreamName="beers", ShardCount=1)
        cls.kinesis.create_stream(StreamName="wine", ShardCount=1)
        cls.s3.create_bucket(Bucket="lake")
        cls.s3.put_object(Bucket="lake", Key="ana/1", Body=b"x")
        cls.s3.put_object(Bucket="lake", Key="bea/1", Body=b"x")

    @classmethod
    def tearDownClass(cls):
        cls.engine.__exit__()

    def user(self, name, *statements):
        """A user's keys, as a client takes them."""
        self.iam.create_user(UserName=name)
        if statements:
            self.iam.put_user_policy(UserName=name, PolicyName="access", PolicyDocument=policy(*statements))
        return self.keys(self.iam.create_access_key(UserName=name)["AccessKey"])

    @staticmethod
    def keys(made):
        return {"aws_access_key_id": made["AccessKeyId"], "aws_secret_access_key": made["SecretAccessKey"],
                **({"aws_session_token": made["SessionToken"]} if "SessionToken" in made else {})}

    def client(self, service, keys):
        return self.engine.client(service, attempts=1, **keys)

    def refusal(self, call, **members):
        with self.assertRaises(ClientError) as raised:
            call(**members)
        answer = raised.exception.response
        return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"]

    def test_a_user_may_do_what_its_policies_say_and_nothing_else(self):
        keys = self.user("ana", ("Allow", "kinesis:PutRecord*", f"arn:aws:kinesis:*:{ACCOUNT}:stream/beers"),
                         ("Allow", "s3:GetObject", "arn:aws:s3:::lake/${aws:username}/*"))
        kinesis, s3 = self.client("kinesis", keys), self.client("s3", keys)
        self.assertEqual(self.client("sts", keys).get_caller_identity()["Arn"], f"arn:aws:iam::{ACCOUNT}:user/ana")
        kinesis.put_record(StreamName="beers", PartitionKey="k", Data=b"x")
        self.assertEqual(self.refusal(kinesis.put_record, StreamName="wine", PartitionKey="k", Data=b"x"), (
            400, "AccessDeniedException",
            f"User: arn:aws:iam::{ACCOUNT}:user/ana is not authorized to perform: kinesis:PutRecord on resource: "
            f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/wine because no identity-based policy allows the kinesis:PutRecord action"))
        self.assertEqual(s3.get_object(Bucket="lake", Key="ana/1")["Body"].read(), b"x")
        self.assertEqual(self.refusal(s3.get_object, Bucket="lake", Key="bea/1")[:2], (403, "AccessDenied"))
        self.assertEqual(self.refusal(s3.list_objects_v2, Bucket="lake")[:2], (403, "AccessDenied"))
        self.assertEqual(self.refusal(self.client("iam", keys).create_user, UserName="eve")[:2], (403, "AccessDenied"))
        self.assertEqual(self.refusal(self.client("lambda", keys).list_functions)[:2], (403, "AccessDeniedException"))

    def test_a_deny_wins_and_a_boundary_bounds(self):
        keys = self.user("dan", ("Allow", "*", "*"), ("Deny", "kinesis:DeleteStream", "*"))
        kinesis = self.client("kinesis", keys)
        kinesis.describe_stream_summary(StreamName="beers")
        self.assertIn("with an explicit deny in an identity-based policy", self.refusal(kinesis.delete_stream, StreamName="beers")[2])
        bound = self.iam.create_policy(PolicyName="bound", PolicyDocument=policy(("Allow", "s3:*", "*")))["Policy"]["Arn"]
        self.iam.create_user(UserName="bob", PermissionsBoundary=bound)
        self.iam.put_user_policy(UserName="bob", PolicyName="all", PolicyDocument=policy(("Allow", "*", "*")))
        keys = self.keys(self.iam.create_access_key(UserName="bob")["AccessKey"])
        self.client("s3", keys).list_buckets()
        self.assertIn("because no permissions boundary allows", self.refusal(self.client("kinesis", keys).list_streams)[2])

    def test_a_key_that_is_switched_off_or_deleted_is_nobodys(self):
        keys = self.user("cai", ("Allow", "*", "*"))
        of_key = {"UserName": "cai", "AccessKeyId": keys["aws_access_key_id"]}
        sts = self.client("sts", keys)
        sts.get_caller_identity()
        self.iam.update_access_key(**of_key, Status="Inactive")
        self.assertEqual(self.refusal(sts.get_caller_identity)[:2], (403, "InvalidClientTokenId"))
        self.iam.update_access_key(**of_key, Status="Active")
        sts.get_caller_identity()
        self.iam.delete_access_key(**of_key)
        self.assertEqual(self.refusal(self.client("s3", keys).list_buckets)[:2], (403, "InvalidAccessKeyId"))

    def test_a_role_is_assumed_and_its_session_bounded(self):
        role = self.iam.create_role(RoleName="reader", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        self.iam.put_role_policy(RoleName="reader", PolicyName="read", PolicyDocument=policy(("Allow", "s3:*", "*"), ("Allow", "kinesis:*", "*")))
        keys = self.user("fay")
        self.assertEqual(self.refusal(self.client("sts", keys).assume_role, RoleArn=role, RoleSessionName="one"),
                         (403, "AccessDenied", f"User: arn:aws:iam::{ACCOUNT}:user/fay is not authorized to perform: sts:AssumeRole on resource: {role}"))
        self.iam.put_user_policy(UserName="fay", PolicyName="assume", PolicyDocument=policy(("Allow", "sts:AssumeRole", role)))
        made = self.client("sts", keys).assume_role(RoleArn=role, RoleSessionName="monday", Policy=policy(("Allow", "s3:ListBucket", "*")))
        self.assertEqual(made["AssumedRoleUser"]["Arn"], f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/monday")
        session = self.keys(made["Credentials"])
        self.assertEqual(self.client("sts", session).get_caller_identity()["UserId"], made["AssumedRoleUser"]["AssumedRoleId"])
        self.client("s3", session).list_objects_v2(Bucket="lake")
        self.assertIn("because no session policy allows", self.refusal(self.client("kinesis", session).list_streams)[2])
        without_token = {name: value for name, value in session.items() if name != "aws_session_token"}
        self.assertEqual(self.refusal(self.client("sts", without_token).get_caller_identity)[:2], (403, "InvalidClientTokenId"))
        presigned = self.client("s3", session).generate_presigned_url("list_objects_v2", Params={"Bucket": "lake"})
        self.assertIn(b"ana/1", urllib.request.urlopen(presigned).read())

    def test_a_session_outlives_the_engine_that_made_it(self):
        role = self.iam.create_role(RoleName="lasting", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        self.iam.put_role_policy(RoleName="lasting", PolicyName="read", PolicyDocument=policy(("Allow", "s3:List*", "*")))
        session = self.keys(self.sts.assume_role(RoleArn=role, RoleSessionName="one")["Credentials"])
        with beer.Engine("--no-deploy") as other:
            with self.assertRaises(ClientError):
                other.client("s3", attempts=1, **session).list_buckets()
        self.engine.kill()
        self.engine.start("--no-deploy")
        type(self).iam, type(self).sts, type(self).s3, type(self).kinesis = (
            self.engine.client(name) for name in ("iam", "sts", "s3", "kinesis"))
        self.client("s3", session).list_objects_v2(Bucket="lake")

    def test_policies_are_simulated(self):
        self.user("gil", ("Allow", "s3:GetObject", "arn:aws:s3:::lake/*"), ("Deny", "s3:*", "arn:aws:s3:::lake/secret/*"))
        told = self.iam.simulate_principal_policy(
            PolicySourceArn=f"arn:aws:iam::{ACCOUNT}:user/gil", ActionNames=["s3:GetObject", "s3:PutObject"],
            ResourceArns=["arn:aws:s3:::lake/a", "arn:aws:s3:::lake/secret/a"])["EvaluationResults"]
        self.assertEqual({(one["EvalActionName"], one["EvalResourceName"][18:]): one["EvalDecision"] for one in told}, {
            ("s3:GetObject", "a"): "allowed", ("s3:GetObject", "secret/a"): "explicitDeny",
            ("s3:PutObject", "a"): "implicitDeny", ("s3:PutObject", "secret/a"): "explicitDeny"})

    def test_the_engines_own_pages_are_the_roots(self):
        keys = self.user("hal", ("Allow", "*", "*"))
        request = AWSRequest("POST", self.engine.url + "/_engine/console/session", data=b"")
        SigV4Auth(Credentials(keys["aws_access_key_id"], keys["aws_secret_access_key"]), "engine", "us-east-1").add_auth(request)
        with self.assertRaises(urllib.error.HTTPError) as raised:
            urllib.request.urlopen(urllib.request.Request(request.url, b"", dict(request.headers), method="POST"))
        self.assertEqual(raised.exception.code, 403)
        raised.exception.close()

    def test_what_is_missing_is_only_logged_when_asked(self):
        with beer.Engine("--no-deploy", "--iam", "log") as engine:
            iam = engine.client("iam")
            iam.create_user(UserName="ana")
            keys = self.keys(iam.create_access_key(UserName="ana")["AccessKey"])
            engine.client("s3", **keys).list_buckets()
            engine.log.flush()
            with open(engine.log.name) as log:
                self.assertIn(f"arn:aws:iam::{ACCOUNT}:user/ana lacks a statement that allows s3:ListAllMyBuckets on *", log.read())

    def fetch(self, path, method="GET", body=None, **headers):
        """What a client without keys gets: status and body."""
        try:
            with urllib.request.urlopen(urllib.request.Request(self.engine.url + path, body, headers, method=method)) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read()

    @staticmethod
    def statement(effect, principal, action, resource, **more):
        return json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": effect, "Principal": principal, "Action": action, "Resource": resource, **more}]})

    def test_a_bucket_policy_gives_and_denies(self):
        keys, other = self.user("ida"), self.user("jan", ("Allow", "s3:*", "*"))
        self.s3.create_bucket(Bucket="shared")
        self.s3.put_object(Bucket="shared", Key="a", Body=b"x")
        self.assertEqual(self.refusal(self.client("s3", keys).get_object, Bucket="shared", Key="a")[:2], (403, "AccessDenied"))
        self.s3.put_bucket_policy(Bucket="shared", Policy=self.statement(
            "Allow", {"AWS": f"arn:aws:iam::{ACCOUNT}:user/ida"}, "s3:GetObject", "arn:aws:s3:::shared/*"))
        self.assertEqual(self.client("s3", keys).get_object(Bucket="shared", Key="a")["Body"].read(), b"x")
        self.assertEqual(self.fetch("/shared/a")[0], 403)
        self.s3.put_bucket_policy(Bucket="shared", Policy=self.statement(
            "Deny", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "s3:*", ["arn:aws:s3:::shared", "arn:aws:s3:::shared/*"]))
        self.assertEqual(self.refusal(self.client("s3", other).get_object, Bucket="shared", Key="a"), (
            403, "AccessDenied", f"User: arn:aws:iam::{ACCOUNT}:user/jan is not authorized to perform: s3:GetObject on resource: "
            '"arn:aws:s3:::shared/a" with an explicit deny in a resource-based policy'))

    def test_a_public_bucket_answers_the_unsigned_and_no_other_does(self):
        self.s3.create_bucket(Bucket="open")
        self.s3.put_object(Bucket="open", Key="beer.txt", Body=b"cheers")
        self.assertEqual(self.fetch("/open/beer.txt")[0], 403)
        self.s3.delete_public_access_block(Bucket="open")
        public = self.statement("Allow", "*", "s3:GetObject", "arn:aws:s3:::open/*")
        self.s3.put_bucket_policy(Bucket="open", Policy=public)
        self.assertEqual(self.fetch("/open/beer.txt"), (200, b"cheers"))
        self.assertIn(b"<Code>AccessDenied</Code><Message>Access Denied</Message>", self.fetch("/open/beer.txt", "PUT", b"water")[1])
        self.assertEqual(self.fetch("/open")[0], 403)
        self.assertEqual(self.fetch("/")[0], 403)
        blocked = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
        self.s3.put_public_access_block(Bucket="open", PublicAccessBlockConfiguration=blocked)
        self.assertEqual(self.fetch("/open/beer.txt")[0], 403)
        self.assertIn("prevented by the BlockPublicPolicy setting", self.refusal(self.s3.put_bucket_policy, Bucket="open", Policy=public)[2])

    def test_a_bucket_policy_must_be_one_of_that_bucket(self):
        self.s3.create_bucket(Bucket="strict")
        for wrong, why in ((self.statement("Allow", "*", "s3:GetObject", "arn:aws:s3:::other/*"), "Policy has invalid resource"),
                           (policy(("Allow", "s3:*", "arn:aws:s3:::strict")), "Missing required field Principal")):
            self.assertEqual(self.refusal(self.s3.put_bucket_policy, Bucket="strict", Policy=wrong), (400, "MalformedPolicy", why))


if __name__ == "__main__":
    unittest.main()
