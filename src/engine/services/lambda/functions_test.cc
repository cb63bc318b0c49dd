// Functions as resources: packages, changes, versions, aliases, permissions, tags.
#include "engine/services/lambda/test_engine.h"

#include <boost/json.hpp>

namespace engine::lambda {
namespace {

using testing::HasSubstr;

using Functions = LambdaTest;
using Packages = LambdaTest;
using Versions = LambdaTest;

TEST_F(Functions, AreDescribedAsTerraformReadsThem) {
  auto input = function("f");
  input.Tags = {{{"project", "beer"}}};
  run(create_function, input);
  EXPECT_EQ(call.status, 201);
  const auto output = run(get_function, {.FunctionName = "f"});
  const auto& c = *output.Configuration;
  EXPECT_EQ(c.FunctionArn, "arn:aws:lambda:us-east-1:123456789012:function:f");
  EXPECT_EQ(c.State, "Active");
  EXPECT_EQ(c.LastUpdateStatus, "Successful");
  EXPECT_EQ(c.PackageType, "Zip");
  EXPECT_EQ(c.Version, "$LATEST");
  EXPECT_EQ(c.MemorySize, 512);
  EXPECT_EQ(output.Tags->at("project"), "beer");
  EXPECT_EQ(code_of([&] { make(); }), "ResourceConflictException");
}

TEST_F(Functions, GoWithAllThatBelongsToThem) {
  make();
  run(publish_version, {.FunctionName = "f"});
  run(delete_function, {.FunctionName = "f"});
  EXPECT_EQ(call.status, 204);
  EXPECT_EQ(code_of([&] { run(get_function, {.FunctionName = "f"}); }),
            "ResourceNotFoundException");
  EXPECT_FALSE(std::filesystem::exists(folder.path() + "/functions/f"));
  make();
  EXPECT_EQ(code_of([&] { invoke("{}", "f:1"); }), "ResourceNotFoundException");
}

TEST_F(Functions, AreListedInPages) {
  for (const char* name : {"a", "b", "c"}) make(name);
  api::ListFunctionsInput input;
  input.MaxItems = 2;
  auto page = run(list_functions, input);
  ASSERT_EQ(page.Functions->size(), 2u);
  input.Marker = page.NextMarker;
  page = run(list_functions, input);
  ASSERT_EQ(page.Functions->size(), 1u);
  EXPECT_EQ(page.Functions->at(0).FunctionName, "c");
  EXPECT_FALSE(page.NextMarker);
}

TEST_F(Functions, TakeANewPackageAtTheNextInvocation) {
  make();
  EXPECT_EQ(invoke(R"({"mode":"file"})").payload, "\"1\"");
  const auto before = run(get_function_configuration, {.FunctionName = "f"});
  api::UpdateFunctionCodeInput update;
  update.FunctionName = "f";
  update.ZipFile = test_package("2");
  const auto after = run(update_function_code, update);
  EXPECT_NE(after.CodeSha256, before.CodeSha256);
  EXPECT_NE(after.RevisionId, before.RevisionId);
  EXPECT_EQ(invoke(R"({"mode":"file"})").payload, "\"2\"");
}

TEST_F(Functions, TakeANewEnvironmentAtTheNextInvocation) {
  make();
  EXPECT_EQ(count(), "1");
  api::UpdateFunctionConfigurationInput update;
  update.FunctionName = "f";
  update.Environment.emplace().Variables = {{{"STYLE", "Stout"}}};
  run(update_function_configuration, update);
  EXPECT_THAT(invoke(R"({"mode":"environment"})").payload, HasSubstr("Stout"));
  EXPECT_EQ(count(), "2");
}

TEST_F(Functions, MayNotSetWhatTheRuntimeSets) {
  auto input = function("f");
  input.Environment.emplace().Variables = {{{"AWS_REGION", "moon"}}};
  EXPECT_EQ(code_of([&] { run(create_function, input); }), "InvalidParameterValueException");
}

TEST_F(Functions, ChangeOnlyFromTheRevisionTheCallerKnows) {
  make();
  api::UpdateFunctionConfigurationInput update;
  update.FunctionName = "f";
  update.RevisionId = "another";
  EXPECT_EQ(code_of([&] { run(update_function_configuration, update); }),
            "PreconditionFailedException");
}

TEST_F(Functions, KeepPermissionsAsAPolicy) {
  make();
  api::AddPermissionInput input;
  input.FunctionName = "f";
  input.StatementId = "events";
  input.Action = "lambda:InvokeFunction";
  input.Principal = "events.amazonaws.com";
  input.SourceArn = "arn:aws:events:us-east-1:123456789012:rule/every";
  run(add_permission, input);
  EXPECT_EQ(code_of([&] { run(add_permission, input); }), "ResourceConflictException");
  const auto policy = boost::json::parse(*run(get_policy, {.FunctionName = "f"}).Policy);
  const auto& statement = policy.at("Statement").at(0);
  EXPECT_EQ(statement.at("Principal").at("Service"), "events.amazonaws.com");
  EXPECT_EQ(statement.at("Condition").at("ArnLike").at("AWS:SourceArn").as_string(),
            *input.SourceArn);
  run(remove_permission, {.FunctionName = "f", .StatementId = "events"});
  EXPECT_EQ(code_of([&] { run(get_policy, {.FunctionName = "f"}); }), "ResourceNotFoundException");
}

TEST_F(Packages, MayNotLeadOutside) {
  for (const char* name : {"../evil", "a/../../evil", "/tmp/evil", "a\\..\\evil"}) {
    const std::string zip = zip_of({{"bootstrap", "#!/bin/sh\n"}, {name, "x"}});
    EXPECT_EQ(code_of([&] { run(create_function, function("f", zip)); }),
              "InvalidParameterValueException")
        << name;
  }
  EXPECT_FALSE(std::filesystem::exists(folder.path() + "/functions/evil"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() + "/functions/f/evil"));
  EXPECT_EQ(code_of([&] { run(get_function, {.FunctionName = "f"}); }),
            "ResourceNotFoundException");
}

TEST_F(Packages, MustBeAZipWithABootstrap) {
  EXPECT_EQ(code_of([&] { run(create_function, function("f", "not a zip")); }),
            "InvalidParameterValueException");
  EXPECT_EQ(code_of([&] {
              run(create_function, function("f", zip_of({{"main.py", "x"}})));
            }),
            "InvalidParameterValueException");
}

TEST_F(Packages, MayComeFromABucket) {
  s3->create_bucket("code");
  s3->put_object("code", "f.zip", http::Body(test_package("from S3")));
  auto input = function("f", {});
  input.Code.ZipFile.reset();
  input.Code.S3Bucket = "code";
  input.Code.S3Key = "f.zip";
  run(create_function, input);
  EXPECT_EQ(invoke(R"({"mode":"file"})").payload, "\"from S3\"");
  input.FunctionName = "g";
  input.Code.S3Key = "none.zip";
  EXPECT_EQ(code_of([&] { run(create_function, input); }), "InvalidParameterValueException");
}

TEST_F(Versions, KeepTheirCodeWhileTheFunctionGoesOn) {
  make();
  EXPECT_EQ(run(publish_version, {.FunctionName = "f"}).Version, "1");
  api::UpdateFunctionCodeInput update;
  update.FunctionName = "f";
  update.ZipFile = test_package("2");
  run(update_function_code, update);
  EXPECT_EQ(invoke(R"({"mode":"file"})", "f:1").payload, "\"1\"");
  EXPECT_EQ(invoke(R"({"mode":"file"})", "f").payload, "\"2\"");
}

TEST_F(Versions, AreNumberedOnceAndOnlyWhenSomethingChanged) {
  make();
  const auto publish = [&](const char* description) {
    api::PublishVersionInput input;
    input.FunctionName = "f";
    input.Description = description;
    return *run(publish_version, input).Version;
  };
  EXPECT_EQ(publish("a"), "1");
  EXPECT_EQ(publish("a"), "1");
  EXPECT_EQ(publish("b"), "2");
  run(delete_function, {.FunctionName = "f", .Qualifier = "2"});
  EXPECT_EQ(publish("b"), "3");
  EXPECT_EQ(run(list_versions_by_function, {.FunctionName = "f"}).Versions->size(), 3u);
}

TEST_F(Versions, AreListedInPagesLikeTheirAliases) {
  make();
  for (const char* description : {"a", "b"}) {
    run(publish_version, {.FunctionName = "f", .Description = description});
  }
  const auto page = run(list_versions_by_function, {.FunctionName = "f", .MaxItems = 2});
  ASSERT_EQ(page.Versions->size(), 2u);
  EXPECT_EQ(page.Versions->front().Version, "$LATEST");
  const auto last =
      run(list_versions_by_function, {.FunctionName = "f", .Marker = page.NextMarker, .MaxItems = 2});
  ASSERT_EQ(last.Versions->size(), 1u);
  EXPECT_EQ(last.Versions->front().Version, "2");
  EXPECT_FALSE(last.NextMarker);
  for (const char* name : {"live", "next"}) {
    run(create_alias, {.FunctionName = "f", .Name = name, .FunctionVersion = "1"});
  }
  const auto aliases = run(list_aliases, {.FunctionName = "f", .MaxItems = 1});
  EXPECT_EQ(aliases.Aliases->front().Name, "live");
  EXPECT_EQ(run(list_aliases, {.FunctionName = "f", .Marker = aliases.NextMarker}).Aliases->front().Name, "next");
  EXPECT_EQ(code_of([&] { run(list_aliases, {.FunctionName = "f", .Marker = "no token"}); }),
            "InvalidParameterValueException");
}

TEST_F(Versions, StayWhileAnAliasPointsToThem) {
  make();
  run(publish_version, {.FunctionName = "f"});
  run(create_alias, {.FunctionName = "f", .Name = "live", .FunctionVersion = "1"});
  EXPECT_EQ(code_of([&] { run(delete_function, {.FunctionName = "f", .Qualifier = "1"}); }),
            "ResourceConflictException");
  run(delete_alias, {.FunctionName = "f", .Name = "live"});
  run(delete_function, {.FunctionName = "f", .Qualifier = "1"});
}

TEST_F(Versions, HaveAliasesWithoutRoutingWhenNoWeightIsGiven) {
  make();
  run(publish_version, {.FunctionName = "f"});
  const auto made = run(create_alias, {.FunctionName = "f",
                                       .Name = "live",
                                       .FunctionVersion = "1",
                                       .RoutingConfig = api::AliasRoutingConfiguration{}});
  EXPECT_EQ(made.RoutingConfig, std::nullopt);
}

TEST_F(Versions, AreReachedByAliases) {
  make();
  run(publish_version, {.FunctionName = "f"});
  run(create_alias, {.FunctionName = "f", .Name = "live", .FunctionVersion = "1"});
  const auto result = lambda->invoke("f:live", R"({"mode":"file"})");
  EXPECT_EQ(result.payload, "\"1\"");
  EXPECT_EQ(result.executed_version, "1");
  EXPECT_EQ(code_of([&] { invoke("{}", "f:dead"); }), "ResourceNotFoundException");
}

}  // namespace
}  // namespace engine::lambda
