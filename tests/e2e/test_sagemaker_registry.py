"""The registry, lineage, model cards and tags: numbers, states, tokens, filters, refusals."""
import json
import re
import unittest
import uuid

from scripted import ARN, IMAGE, ROLE, Engine, channel, hours, paged, processing, refused, training, when
from steps import script


def setUpModule():
    global engine, s3, sagemaker
    engine = Engine("--no-deploy").__enter__()
    s3, sagemaker = engine.client("s3"), engine.client("sagemaker")
    s3.create_bucket(Bucket="lab")
    s3.put_object(Bucket="lab", Key="in/a.csv", Body=b"1,2\n")


def tearDownModule():
    engine.__exit__()


def group(name, **more):
    return sagemaker.create_model_package_group(ModelPackageGroupName=name, **more)["ModelPackageGroupArn"]


SPECIFICATION = {"Containers": [{"Image": IMAGE, "ModelDataUrl": "s3://lab/m.tar.gz"}], "SupportedContentTypes": ["text/csv"],
                 "SupportedResponseMIMETypes": ["text/csv"]}


def package(group_name, **more):
    return sagemaker.create_model_package(ModelPackageGroupName=group_name, InferenceSpecification=SPECIFICATION, **more)["ModelPackageArn"]


def about(arn):
    return sagemaker.describe_model_package(ModelPackageName=arn)


class Packages(unittest.TestCase):
    def test_a_group_and_its_first_version_with_their_defaults(self):
        self.assertEqual(group("Hops-and-Malt", ModelPackageGroupDescription="beers"), ARN + "model-package-group/hops-and-malt")
        found = sagemaker.describe_model_package_group(ModelPackageGroupName="Hops-and-Malt")
        self.assertEqual((found["ModelPackageGroupName"], found["ModelPackageGroupStatus"], found["ModelPackageGroupDescription"]),
                         ("Hops-and-Malt", "Completed", "beers"))
        self.assertIn("CreatedBy", found)
        arn = package("Hops-and-Malt")
        self.assertEqual(arn, ARN + "model-package/hops-and-malt/1")
        found = about(arn)
        self.assertEqual((found["ModelPackageGroupName"], found["ModelPackageVersion"], found["ModelPackageStatus"], found["ModelApprovalStatus"]),
                         ("Hops-and-Malt", 1, "Completed", "PendingManualApproval"))
        self.assertEqual(found["ModelPackageStatusDetails"]["ValidationStatuses"], [])
        self.assertEqual(found["InferenceSpecification"], SPECIFICATION)
        self.assertEqual(about(arn.replace("hops", "HOPS"))["ModelPackageArn"], arn)

    def test_versions_count_up_and_are_never_given_again(self):
        group("Counted")
        arns = [package("Counted") for _ in range(3)]
        self.assertEqual([a.rsplit("/", 1)[1] for a in arns], ["1", "2", "3"])
        for arn in arns:
            sagemaker.delete_model_package(ModelPackageName=arn)
        self.assertTrue(package("Counted").endswith("/4"))
        code, _, status = refused(sagemaker.delete_model_package_group, ModelPackageGroupName="Counted")
        self.assertEqual((code, status), ("ConflictException", 400))
        sagemaker.delete_model_package(ModelPackageName=ARN + "model-package/counted/4")
        sagemaker.delete_model_package_group(ModelPackageGroupName="Counted")
        self.assertEqual(refused(sagemaker.delete_model_package_group, ModelPackageGroupName="Counted")[0], "ValidationException")

    def test_everything_said_of_a_version_is_kept(self):
        group("Kept")
        source = lambda key: {"ContentType": "application/json", "S3Uri": f"s3://lab/{key}.json"}
        said = dict(ModelPackageDescription="d", ModelApprovalStatus="Rejected", Domain="MACHINE_LEARNING", Task="REGRESSION", SamplePayloadUrl="s3://lab/p.tar.gz",
                    MetadataProperties={"CommitId": "c", "Repository": "r", "GeneratedBy": "g", "ProjectId": "p"}, CustomerMetadataProperties={"hop": "citra"},
                    ModelMetrics={"ModelQuality": {"Statistics": source("q"), "Constraints": source("qc")}, "ModelDataQuality": {"Statistics": source("d")},
                                  "Bias": {"Report": source("b")}, "Explainability": {"Report": source("e")}},
                    DriftCheckBaselines={"ModelQuality": {"Statistics": source("s")}}, ModelLifeCycle={"Stage": "Test", "StageStatus": "Open"},
                    SkipModelValidation="None")
        found = about(package("Kept", **said))
        for name, value in said.items():
            self.assertEqual(found[name], value, name)

    def test_approval_goes_both_ways_and_metadata_changes(self):
        group("Approved")
        arn = package("Approved", CustomerMetadataProperties={"a": "1", "b": "2"})
        for status in ("Approved", "Rejected", "Approved"):
            answer = sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus=status, ApprovalDescription=f"is {status}")
            self.assertEqual(answer["ModelPackageArn"], arn)
            found = about(arn)
            self.assertEqual((found["ModelApprovalStatus"], found["ApprovalDescription"]), (status, f"is {status}"))
        self.assertGreater(found["LastModifiedTime"], found["CreationTime"])
        sagemaker.update_model_package(ModelPackageArn=arn, CustomerMetadataProperties={"c": "3"}, CustomerMetadataPropertiesToRemove=["a"],
                                       ModelLifeCycle={"Stage": "Production", "StageStatus": "Live"}, SourceUri="s3://lab/source")
        found = about(arn)
        self.assertEqual((found["CustomerMetadataProperties"], found["ModelLifeCycle"]["Stage"], found["SourceUri"]), ({"b": "2", "c": "3"}, "Production", "s3://lab/source"))

    def test_unversioned_packages(self):
        arn = sagemaker.create_model_package(ModelPackageName="Alone", InferenceSpecification=SPECIFICATION)["ModelPackageArn"]
        self.assertEqual(arn, ARN + "model-package/alone")
        self.assertEqual(about("Alone")["ModelPackageName"], "Alone")
        for absent in ("ModelPackageVersion", "ModelPackageGroupName"):
            self.assertNotIn(absent, about(arn))
        self.assertIn("already exists", refused(sagemaker.create_model_package, ModelPackageName="alone", InferenceSpecification=SPECIFICATION)[1])
        self.assertEqual([p["ModelPackageName"] for p in sagemaker.list_model_packages()["ModelPackageSummaryList"]], ["Alone"])

    def test_a_token_makes_one_version(self):
        group("Once")
        token = uuid.uuid4().hex
        arns = {package("Once", ClientToken=token) for _ in range(3)}
        self.assertEqual(arns, {ARN + "model-package/once/1"})
        self.assertEqual(refused(package, group_name="Once", ClientToken=token, ModelApprovalStatus="Approved")[::2], ("ConflictException", 400))

    def test_a_pipeline_makes_a_missing_group(self):
        register = {"Name": "Register-RegisterModel", "Type": "RegisterModel", "Arguments": {
            "ModelPackageGroupName": "MadeByStep", "InferenceSpecification": SPECIFICATION, "SkipModelValidation": "None",
            "ModelMetrics": {"Bias": {}, "Explainability": {}}, "ModelApprovalStatus": "PendingManualApproval"}}
        sagemaker.create_pipeline(PipelineName="Registers", RoleArn=ROLE, PipelineDefinition=json.dumps(
            {"Version": "2020-12-01", "Steps": [register, {"Name": "Make-CreateModel", "Type": "Model", "Arguments": {
                "ExecutionRoleArn": ROLE, "PrimaryContainer": {"Image": IMAGE, "ModelDataUrl": "s3://lab/m.tar.gz"}}}]}))
        arn = sagemaker.start_pipeline_execution(PipelineName="Registers")["PipelineExecutionArn"]
        when(sagemaker.describe_pipeline_execution, "PipelineExecutionStatus", "Succeeded", PipelineExecutionArn=arn)
        steps = {s["StepName"]: s["Metadata"] for s in sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn)["PipelineExecutionSteps"]}
        self.assertEqual(steps["Register-RegisterModel"], {"RegisterModel": {"Arn": ARN + "model-package/madebystep/1"}})
        self.assertRegex(steps["Make-CreateModel"]["Model"]["Arn"], f"^{ARN}model/pipelines-{arn[-12:]}-make-createmodel-[a-z0-9]{{10}}$")
        self.assertEqual(sagemaker.describe_model_package_group(ModelPackageGroupName="MadeByStep")["ModelPackageGroupName"], "MadeByStep")

    def test_refusals(self):
        self.assertEqual(refused(sagemaker.describe_model_package, ModelPackageName=ARN + "model-package/none/1"),
                         ("ValidationException", f'Could not find model package "{ARN}model-package/none/1".', 400))
        for call in (sagemaker.update_model_package, ):
            self.assertEqual(refused(call, ModelPackageArn=ARN + "model-package/none/1", ModelApprovalStatus="Approved")[0], "ValidationException")
        gone = f"ModelPackageGroup {ARN}model-package-group/none does not exist."
        for call in (sagemaker.describe_model_package_group, sagemaker.delete_model_package_group):
            self.assertEqual(refused(call, ModelPackageGroupName="none"), ("ValidationException", gone, 400))
        self.assertEqual(refused(package, group_name="none")[1], gone)
        group("There")
        self.assertEqual(refused(group, name="there"), ("ValidationException", f"Model Package Group already exists: {ARN}model-package-group/there", 400))
        both = dict(ModelPackageName="x", ModelPackageGroupName="There", InferenceSpecification=SPECIFICATION)
        self.assertEqual(refused(sagemaker.create_model_package, **both)[0], "ValidationException")
        self.assertRegex(refused(group, name="a_b")[1], "'modelPackageGroupName' failed to satisfy constraint")
        self.assertRegex(refused(package, group_name="There", ModelApprovalStatus="Maybe")[1], "enum value set: .*PendingManualApproval")

    def test_lists(self):
        for letter in "bac":
            group(f"List-{letter}")
        names = lambda **more: [g["ModelPackageGroupName"] for g in paged(
            sagemaker, "list_model_package_groups", "ModelPackageGroupSummaryList", NameContains="list-", **more)[0]]
        self.assertEqual(names(SortBy="Name", SortOrder="Ascending"), ["List-a", "List-b", "List-c"])
        self.assertEqual(names(SortBy="CreationTime", SortOrder="Ascending"), ["List-b", "List-a", "List-c"])
        arns = [package("List-a", ModelApprovalStatus=s) for s in ("Approved", "Rejected", "Approved")]
        listed = lambda **more: [p["ModelPackageArn"] for p in paged(sagemaker, "list_model_packages", "ModelPackageSummaryList", ModelPackageGroupName="List-a", **more)[0]]
        self.assertEqual(listed(SortBy="CreationTime", SortOrder="Descending"), arns[::-1])
        self.assertEqual(listed(SortBy="CreationTime"), arns[::-1], "the newest first: what deployments look for")
        self.assertEqual(listed(ModelApprovalStatus="Approved", SortOrder="Ascending"), [arns[0], arns[2]])
        self.assertEqual(listed(CreationTimeAfter=hours(-1), CreationTimeBefore=hours(1)), arns[::-1])
        self.assertEqual(listed(CreationTimeAfter=hours(1)) + listed(CreationTimeBefore=hours(-1)), [])
        one = sagemaker.list_model_packages(ModelPackageGroupName=ARN + "model-package-group/list-a", MaxResults=1)
        self.assertEqual(set(one["ModelPackageSummaryList"][0]), {"ModelPackageGroupName", "ModelPackageVersion", "ModelPackageArn", "ModelPackageName",
                                                                  "CreationTime", "ModelPackageStatus", "ModelApprovalStatus"})
        self.assertIn("NextToken", one)
        self.assertNotIn("NextToken", sagemaker.list_model_packages(ModelPackageGroupName="List-a"))


class Lineage(unittest.TestCase):
    def test_associations_of_every_type_and_both_directions(self):
        arns = [sagemaker.create_artifact(ArtifactName=f"a{i}", ArtifactType="DataSet", Source={"SourceUri": f"s3://lab/{i}"})["ArtifactArn"] for i in range(6)]
        for arn in arns:
            self.assertRegex(arn, f"^{ARN}artifact/[0-9a-f]{{32}}$")
        for i, kind in enumerate(("ContributedTo", "AssociatedWith", "DerivedFrom", "Produced", "SameAs")):
            sagemaker.add_association(SourceArn=arns[i], DestinationArn=arns[i + 1], AssociationType=kind)
        down = sagemaker.query_lineage(StartArns=[arns[0]], Direction="Descendants")
        self.assertEqual({v["Arn"] for v in down["Vertices"]}, set(arns[1:]))
        self.assertEqual({e["AssociationType"] for e in down["Edges"]}, {"ContributedTo", "AssociatedWith", "DerivedFrom", "Produced", "SameAs"})
        self.assertEqual({(v["Type"], v["LineageType"]) for v in down["Vertices"]}, {("DataSet", "Artifact")})
        self.assertEqual({v["Arn"] for v in sagemaker.query_lineage(StartArns=[arns[3]], Direction="Ascendants")["Vertices"]}, set(arns[:3]))
        self.assertEqual(len(sagemaker.query_lineage(StartArns=[arns[3]], Direction="Both", MaxDepth=1)["Vertices"]), 2)
        first = sagemaker.query_lineage(StartArns=[arns[0]], MaxResults=2)
        rest = sagemaker.query_lineage(StartArns=[arns[0]], MaxResults=10, NextToken=first["NextToken"])
        self.assertEqual({v["Arn"] for v in first["Vertices"] + rest["Vertices"]}, set(arns[1:]))
        self.assertEqual(refused(sagemaker.query_lineage, StartArns=[ARN + "artifact/none"])[::2], ("ResourceNotFound", 400))
        sagemaker.delete_association(SourceArn=arns[0], DestinationArn=arns[1])
        self.assertEqual(sagemaker.query_lineage(StartArns=[arns[0]], Direction="Descendants")["Vertices"], [])

    def test_actions_contexts_and_what_jobs_leave(self):
        self.assertEqual(sagemaker.create_action(ActionName="Taste", ActionType="Approval", Source={"SourceUri": "s3://lab/x"})["ActionArn"], ARN + "action/taste")
        self.assertEqual(sagemaker.create_context(ContextName="Brewery", ContextType="Place", Source={"SourceUri": "s3://lab/y"})["ContextArn"], ARN + "context/brewery")
        self.assertEqual([a["ActionName"] for a in paged(sagemaker, "list_actions", "ActionSummaries", ActionType="Approval")[0]], ["Taste"])
        self.assertEqual([c["ContextName"] for c in paged(sagemaker, "list_contexts", "ContextSummaries", ContextType="Place")[0]], ["Brewery"])
        sagemaker.create_training_job(**training("Line", "echo m > model/m", InputDataConfig=[channel("train", "s3://lab/in/")]))
        when(sagemaker.describe_training_job, "TrainingJobStatus", "Completed", TrainingJobName="Line")
        component = ARN + "experiment-trial-component/line-aws-training-job"
        up = sagemaker.query_lineage(StartArns=[component], Direction="Ascendants")["Vertices"]
        self.assertEqual({v["Type"] for v in up}, {"DataSet", "Image"})
        down = sagemaker.query_lineage(StartArns=[component], Direction="Descendants")
        self.assertIn("Model", {v["Type"] for v in down["Vertices"]})
        for call, member in ((sagemaker.describe_action, "ActionName"), (sagemaker.describe_context, "ContextName"), (sagemaker.delete_action, "ActionName")):
            self.assertEqual(refused(call, **{member: "none"})[0], "ResourceNotFound")


class Cards(unittest.TestCase):
    def test_every_change_is_a_version_until_it_is_archived(self):
        arn = sagemaker.create_model_card(ModelCardName="Card", Content='{"model_overview":{}}', ModelCardStatus="Draft")["ModelCardArn"]
        self.assertEqual(arn, ARN + "model-card/card")
        for status in ("PendingReview", "Approved", "Archived"):
            sagemaker.update_model_card(ModelCardName="Card", ModelCardStatus=status)
        listed, pages = paged(sagemaker, "list_model_card_versions", "ModelCardVersionSummaryList", ModelCardName="Card")
        self.assertEqual(([(v["ModelCardVersion"], v["ModelCardStatus"]) for v in listed], pages),
                         ([(4, "Archived"), (3, "Approved"), (2, "PendingReview"), (1, "Draft")], 2))
        self.assertEqual(sagemaker.describe_model_card(ModelCardName="Card", ModelCardVersion=1)["ModelCardStatus"], "Draft")
        self.assertEqual(refused(sagemaker.update_model_card, ModelCardName="Card", ModelCardStatus="Draft")[::2], ("ConflictException", 400))
        self.assertEqual(refused(sagemaker.describe_model_card, ModelCardName="none")[::2], ("ResourceNotFound", 400))
        self.assertEqual(refused(sagemaker.create_model_card, ModelCardName="x", Content="[]", ModelCardStatus="Draft")[0], "ValidationException")


class Tags(unittest.TestCase):
    def test_every_kind_of_resource_has_tags_until_it_is_gone(self):
        tags = [{"Key": "team", "Value": "hops"}]
        group("Tagged", Tags=tags), package("Tagged", Tags=tags)
        sagemaker.create_model(ModelName="Tagged", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE}, Tags=tags)
        sagemaker.create_endpoint_config(EndpointConfigName="Tagged", Tags=tags, ProductionVariants=[
            {"VariantName": "v", "ModelName": "Tagged", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}])
        sagemaker.create_training_job(**training("Tagged", "true", Tags=tags)), sagemaker.create_processing_job(**processing("Tagged", "true", Tags=tags))
        sagemaker.create_pipeline(PipelineName="Tagged", RoleArn=ROLE, Tags=tags, PipelineDefinition=json.dumps(
            {"Version": "2020-12-01", "Steps": [script("One", "true")]}))
        sagemaker.create_model_card(ModelCardName="Tagged", Content="{}", ModelCardStatus="Draft", Tags=tags)
        sagemaker.create_action(ActionName="Tagged", ActionType="a", Source={"SourceUri": "s3://lab/t"}, Tags=tags)
        for place in ("model-package-group/tagged", "model-package/tagged/1", "model/tagged", "endpoint-config/tagged", "training-job/tagged",
                      "processing-job/tagged", "pipeline/tagged", "model-card/tagged", "action/tagged"):
            with self.subTest(place):
                arn = ARN + place
                self.assertEqual(sagemaker.list_tags(ResourceArn=arn)["Tags"], tags)
                self.assertEqual(sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "team", "Value": "malt"}, {"Key": "b", "Value": ""}])["Tags"],
                                 [{"Key": "team", "Value": "malt"}, {"Key": "b", "Value": ""}])
                sagemaker.delete_tags(ResourceArn=arn, TagKeys=["team"])
                self.assertEqual([t["Key"] for t in sagemaker.list_tags(ResourceArn=arn)["Tags"]], ["b"])
        many = [{"Key": f"k{i}", "Value": "v"} for i in range(50)]
        self.assertEqual(refused(sagemaker.add_tags, ResourceArn=ARN + "model/tagged", Tags=many)[::2], ("ResourceLimitExceeded", 400))
        sagemaker.delete_model(ModelName="Tagged")
        for call, more in ((sagemaker.list_tags, {}), (sagemaker.add_tags, {"Tags": tags}), (sagemaker.delete_tags, {"TagKeys": ["b"]})):
            code, sentence, status = refused(call, ResourceArn=ARN + "model/tagged", **more)
            self.assertEqual((code, status), ("ValidationException", 400))
            self.assertIn("Could not find", sentence)
        sagemaker.create_model(ModelName="Tagged", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE})
        self.assertEqual(sagemaker.list_tags(ResourceArn=ARN + "model/tagged")["Tags"], [], "tags go with what had them")


if __name__ == "__main__":
    unittest.main()
