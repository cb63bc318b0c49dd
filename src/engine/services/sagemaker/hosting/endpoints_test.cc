// Endpoints with a real serving process behind each.
#include "engine/services/sagemaker/hosting/test_endpoints.h"

namespace engine::sagemaker {
namespace {

using testing::HasSubstr;

TEST_F(Endpoints, ServeTheModelTheyWereGiven) {
  make_config("one", "first");
  make_endpoint("one");
  const auto endpoint = about();
  EXPECT_EQ(endpoint.EndpointStatus, "InService") << endpoint.FailureReason.value_or("");
  EXPECT_EQ(endpoint.ProductionVariants->at(0).DeployedImages->at(0).SpecifiedImage, "image");
  bench.wait_for_event({"Endpoint State Change", "IN_SERVICE"});
  const auto answer = invoke("a beer");
  EXPECT_EQ(answer.Body, "first:a beer");
  EXPECT_EQ(answer.ContentType, "text/csv");
  EXPECT_EQ(answer.InvokedProductionVariant, "AllTraffic");
}

TEST_F(Endpoints, TellWhatTheModelRefused) {
  make_config("one", "first");
  make_endpoint("one");
  try {
    invoke("refuse");
    FAIL();
  } catch (const AwsError& error) {
    EXPECT_EQ(error.code, "ModelError");
    EXPECT_EQ(error.status, 424);
    EXPECT_STREQ(error.what(),
                 "Received client error (415) from primary with message \"not my type\".");
    EXPECT_EQ(error.extra.at(0).second, "415");
  }
  EXPECT_THAT(bench.refusal(
                  [&] { invoke_endpoint(*bench.sagemaker, bench.call, {.EndpointName = "None"}); }),
              HasSubstr("ValidationError: Endpoint None of account 123456789012 not found."));
}

TEST_F(Endpoints, MoveToANewModelWithoutAGap) {
  make_config("one", "first");
  make_config("two", "second");
  make_endpoint("one");
  update_endpoint(*bench.sagemaker, bench.call,
                  {.EndpointName = "Ibu", .EndpointConfigName = "two"});
  EXPECT_EQ(about().EndpointConfigName, "two");
  EXPECT_EQ(invoke("x").Body, "second:x");
}

TEST_F(Endpoints, StayWithTheOldModelWhenTheNewOneIsBroken) {
  make_config("one", "first");
  make_config("bad", "broken");
  make_endpoint("one");
  update_endpoint(*bench.sagemaker, bench.call,
                  {.EndpointName = "Ibu", .EndpointConfigName = "bad"});
  EXPECT_EQ(about().EndpointStatus, "InService");
  EXPECT_EQ(about().EndpointConfigName, "one");
  EXPECT_THAT(*about().FailureReason, HasSubstr("the model is broken"));
  EXPECT_EQ(invoke("x").Body, "first:x");
}

TEST_F(Endpoints, FailWithAReason) {
  make_config("bad", "broken");
  make_endpoint("bad");
  EXPECT_EQ(about().EndpointStatus, "Failed");
  EXPECT_THAT(*about().FailureReason, HasSubstr("AllTraffic did not pass the ping health check"));
  EXPECT_THAT(bench.refusal([&] { invoke("x"); }), HasSubstr("ServiceUnavailable"));
}

TEST_F(Endpoints, AreStartedAgainWithTheEngine) {
  make_config("one", "first");
  make_endpoint("one");
  bench.events.clear();
  bench.restart();
  bench.wait_for_event({"Endpoint State Change", "IN_SERVICE"});
  EXPECT_EQ(invoke("x").Body, "first:x");
}

TEST_F(Endpoints, StartAProcessThatDiedAgain) {
  make_config("one", "first");
  make_endpoint("one");
  EXPECT_NE(bench.refusal([&] { invoke("die"); }), "");
  std::string answer;
  while (answer.empty()) {
    try {
      answer = invoke("x").Body;
    } catch (const AwsError&) {
      std::this_thread::yield();
    }
  }
  EXPECT_EQ(answer, "first:x");
}

TEST_F(Endpoints, AreGoneWhenDeleted) {
  make_config("one", "first");
  make_endpoint("one");
  delete_endpoint(*bench.sagemaker, bench.call, {.EndpointName = "Ibu"});
  EXPECT_THAT(bench.refusal([&] { about(); }),
              HasSubstr("ValidationException: Could not find endpoint"));
  EXPECT_THAT(bench.refusal([&] { invoke("x"); }), HasSubstr("ValidationError"));
}

TEST_F(Endpoints, ServeAPackageOfTheRegistry) {
  make_config("one", "first");
  create_model_package_group(*bench.sagemaker, bench.call, {.ModelPackageGroupName = "Ibu"});
  const auto package = create_model_package(
      *bench.sagemaker, bench.call,
      {.ModelPackageGroupName = "Ibu",
       .InferenceSpecification = api::InferenceSpecification{
           .Containers = {{.Image = "image", .ModelDataUrl = "s3://lake/models/one"}}}});
  create_model(
      *bench.sagemaker, bench.call,
      {.ModelName = "packaged",
       .PrimaryContainer = api::ContainerDefinition{.ModelPackageName = package.ModelPackageArn}});
  create_endpoint_config(*bench.sagemaker, bench.call,
                         {.EndpointConfigName = "packaged",
                          .ProductionVariants = {{.VariantName = "v", .ModelName = "packaged"}}});
  make_endpoint("packaged");
  EXPECT_EQ(about().EndpointStatus, "InService") << about().FailureReason.value_or("");
  EXPECT_EQ(invoke("x").Body, "first:x");
}

TEST_F(Endpoints, NeedModelsAndConfigurationsThatExist) {
  EXPECT_THAT(bench.refusal([&] { make_endpoint("none"); }),
              HasSubstr("Could not find endpoint configuration"));
  EXPECT_THAT(bench.refusal([&] {
    create_endpoint_config(
        *bench.sagemaker, bench.call,
        {.EndpointConfigName = "c", .ProductionVariants = {{.VariantName = "v"}}});
  }),
              HasSubstr("Could not find model"));
}

TEST_F(Endpoints, AndNotebooksCanBeTagged) {
  const auto made = create_notebook_instance(*bench.sagemaker, bench.call,
                                             {.NotebookInstanceName = "n",
                                              .InstanceType = "ml.t3.medium",
                                              .Tags = std::vector<api::Tag>{{"a", "1"}}});
  add_tags(*bench.sagemaker, bench.call,
           {.ResourceArn = *made.NotebookInstanceArn, .Tags = {{"b", "2"}}});
  delete_tags(*bench.sagemaker, bench.call,
              {.ResourceArn = *made.NotebookInstanceArn, .TagKeys = {"a"}});
  const auto tags =
      list_tags(*bench.sagemaker, bench.call, {.ResourceArn = *made.NotebookInstanceArn});
  ASSERT_EQ(tags.Tags->size(), 1u);
  EXPECT_EQ(tags.Tags->at(0).Key, "b");
  stop_notebook_instance(*bench.sagemaker, bench.call, {.NotebookInstanceName = "n"});
  delete_notebook_instance(*bench.sagemaker, bench.call, {.NotebookInstanceName = "n"});
  EXPECT_THAT(bench.refusal([&] {
    describe_notebook_instance(*bench.sagemaker, bench.call, {.NotebookInstanceName = "n"});
  }),
              HasSubstr("RecordNotFound"));
}

}  // namespace
}  // namespace engine::sagemaker
