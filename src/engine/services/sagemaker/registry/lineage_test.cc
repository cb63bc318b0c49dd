// Lineage and model cards.
#include "engine/services/sagemaker/jobs/test_requests.h"
#include "engine/services/sagemaker/testing.h"

#include <algorithm>

namespace engine::sagemaker {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

struct Lineage : testing::Test {
  Bench bench{{.create_wait = 60s}};

  /// A job, its model's package, and what they stand for.
  Lineage() {
    bench.put("in/beer.csv", "ibu\n40\n");
    bench.program("image", "echo m > $root/model/m");
    create_training_job(*bench.sagemaker, bench.call, training("Learn", "image"));
    create_model_package_group(*bench.sagemaker, bench.call, {.ModelPackageGroupName = "Ibu"});
    api::CreateModelPackageInput package{.ModelPackageGroupName = "Ibu"};
    package.ModelApprovalStatus = "Approved";
    package.InferenceSpecification.emplace().Containers = {
        {.Image = "image", .ModelDataUrl = "s3://lake/models/Learn/output/model.tar.gz"}};
    create_model_package(*bench.sagemaker, bench.call, package);
  }

  std::vector<std::string> types(const api::QueryLineageRequest& request) {
    std::vector<std::string> all;
    const auto answer = query_lineage(*bench.sagemaker, bench.call, request);
    for (const auto& vertex : *answer.Vertices) {
      all.push_back(*vertex.LineageType + " " + *vertex.Type);
    }
    return all;
  }

  const std::string package = "arn:aws:sagemaker:us-east-1:123456789012:model-package/ibu/1";
  const std::string job = "arn:aws:sagemaker:us-east-1:123456789012:training-job/learn";
};

TEST_F(Lineage, TellsWhatAModelIsMadeFromAndWhereItWent) {
  EXPECT_THAT(types({.StartArns = {{package}}, .Direction = "Ascendants"}),
              UnorderedElementsAre("Artifact Model", "TrialComponent SageMakerTrainingJob",
                                   "Artifact DataSet", "Artifact Image"));
  EXPECT_THAT(types({.StartArns = {{package}}, .Direction = "Ascendants", .MaxDepth = 1}),
              UnorderedElementsAre("Artifact Model"));
  EXPECT_THAT(types({.StartArns = {{job}}, .Direction = "Descendants"}),
              UnorderedElementsAre("Artifact Model", "Artifact Model", "Context ModelGroup",
                                   "Action Approval"));
  api::QueryLineageRequest filtered{.StartArns = {{package}}};
  filtered.Filters.emplace().Types = std::vector<std::string>{"DataSet"};
  EXPECT_THAT(types(filtered), UnorderedElementsAre("Artifact DataSet"));
  EXPECT_THAT(bench.refusal([&] { types({.StartArns = {{package + "1"}}}); }),
              HasSubstr("ResourceNotFound"));
}

TEST_F(Lineage, KeepsTheDigestOfTheDataThatWasRead) {
  const auto data = [&] {
    return list_artifacts(*bench.sagemaker, bench.call,
                          {.SourceUri = "s3://lake/in", .ArtifactType = "DataSet"})
        .ArtifactSummaries;
  };
  ASSERT_EQ(data()->size(), 1u);
  const auto before = data()->at(0);
  EXPECT_EQ(before.Source->SourceTypes->at(0).Value, bench.s3.object("lake", "in/beer.csv").etag);
  bench.put("in/beer.csv", "ibu\n41\n");
  EXPECT_EQ(data()->at(0).ArtifactArn, before.ArtifactArn) << "what the job read stays";
  create_training_job(*bench.sagemaker, bench.call, training("Again", "image"));
  EXPECT_EQ(data()->size(), 2u);
  const auto described =
      describe_artifact(*bench.sagemaker, bench.call, {.ArtifactArn = *before.ArtifactArn});
  EXPECT_EQ(described.Properties->at("in/beer.csv"), before.Source->SourceTypes->at(0).Value);
}

TEST_F(Lineage, LetsClientsChangeWhatTheyAdded) {
  using Properties = std::map<std::string, std::string>;
  auto& sagemaker = *bench.sagemaker;
  const auto made = create_artifact(
      sagemaker, bench.call,
      {.ArtifactName = "hops", .Source = {.SourceUri = "s3://lake/hops"}, .ArtifactType = "DataSet"});
  update_artifact(sagemaker, bench.call,
                  {.ArtifactArn = *made.ArtifactArn,
                   .ArtifactName = "more hops",
                   .Properties = Properties{{"crop", "2025"}, {"farm", "east"}}});
  update_artifact(sagemaker, bench.call,
                  {.ArtifactArn = *made.ArtifactArn,
                   .PropertiesToRemove = std::vector<std::string>{"farm"}});
  const auto artifact =
      describe_artifact(sagemaker, bench.call, {.ArtifactArn = *made.ArtifactArn});
  EXPECT_EQ(artifact.ArtifactName, "more hops");
  EXPECT_EQ(artifact.Properties, (Properties{{"crop", "2025"}}));

  create_action(sagemaker, bench.call,
                {.ActionName = "brew",
                 .Source = {.SourceUri = "s3://lake/brew"},
                 .ActionType = "Brewing",
                 .Status = "InProgress"});
  update_action(sagemaker, bench.call, {.ActionName = "Brew", .Status = "Completed"});
  EXPECT_EQ(describe_action(sagemaker, bench.call, {.ActionName = "brew"}).Status, "Completed");
  create_context(
      sagemaker, bench.call,
      {.ContextName = "pub", .Source = {.SourceUri = "s3://lake/pub"}, .ContextType = "Place"});
  update_context(sagemaker, bench.call, {.ContextName = "pub", .Description = "open"});
  EXPECT_EQ(describe_context(sagemaker, bench.call, {.ContextName = "pub"}).Description, "open");
  EXPECT_THAT(
      bench.refusal([&] { update_action(sagemaker, bench.call, {.ActionName = "none"}); }),
      HasSubstr("ResourceNotFound"));
}

TEST_F(Lineage, TakesWhatClientsAddToIt) {
  const auto made = create_artifact(*bench.sagemaker, bench.call,
                                    {.ArtifactName = "recipe",
                                     .Source = {.SourceUri = "s3://lake/recipes/1"},
                                     .ArtifactType = "Recipe"});
  add_association(
      *bench.sagemaker, bench.call,
      {.SourceArn = *made.ArtifactArn, .DestinationArn = job, .AssociationType = "ContributedTo"});
  EXPECT_THAT(types({.StartArns = {{package}}, .Direction = "Ascendants"}),
              testing::Contains("Artifact Recipe"));
  const auto found = list_associations(*bench.sagemaker, bench.call, {.SourceType = "Recipe"});
  ASSERT_EQ(found.AssociationSummaries->size(), 1u);
  EXPECT_EQ(found.AssociationSummaries->at(0).SourceName, "recipe");
  EXPECT_EQ(found.AssociationSummaries->at(0).DestinationType, "SageMakerTrainingJob");
  EXPECT_THAT(bench.refusal([&] {
    add_association(*bench.sagemaker, bench.call, {.SourceArn = "arn:none", .DestinationArn = job});
  }),
              HasSubstr("ResourceNotFound"));
  delete_artifact(*bench.sagemaker, bench.call, {.ArtifactArn = made.ArtifactArn});
  EXPECT_TRUE(list_associations(*bench.sagemaker, bench.call, {.SourceType = "Recipe"})
                  .AssociationSummaries->empty());
}

TEST(ModelCards, KeepEveryVersion) {
  Bench bench;
  auto& sagemaker = *bench.sagemaker;
  create_model_card(sagemaker, bench.call,
                    {.ModelCardName = "Ibu", .Content = R"({"a":1})", .ModelCardStatus = "Draft"});
  update_model_card(
      sagemaker, bench.call,
      {.ModelCardName = "Ibu", .Content = R"({"a":2})", .ModelCardStatus = "Approved"});
  const auto card = describe_model_card(sagemaker, bench.call, {.ModelCardName = "ibu"});
  EXPECT_EQ(card.ModelCardVersion, 2);
  EXPECT_EQ(card.Content, R"({"a":2})");
  EXPECT_EQ(card.ModelCardArn, "arn:aws:sagemaker:us-east-1:123456789012:model-card/ibu");
  EXPECT_EQ(
      describe_model_card(sagemaker, bench.call, {.ModelCardName = "Ibu", .ModelCardVersion = 1})
          .ModelCardStatus,
      "Draft");
  EXPECT_EQ(list_model_cards(sagemaker, bench.call, {}).ModelCardSummaries.size(), 1u);
  const auto versions = list_model_card_versions(sagemaker, bench.call, {.ModelCardName = "Ibu"});
  ASSERT_EQ(versions.ModelCardVersionSummaryList.size(), 2u);
  EXPECT_EQ(versions.ModelCardVersionSummaryList[0].ModelCardVersion, 2);
  const auto make = [&] {
    create_model_card(sagemaker, bench.call,
                      {.ModelCardName = "Ibu", .Content = "{}", .ModelCardStatus = "Draft"});
  };
  EXPECT_THAT(bench.refusal(make), HasSubstr("ConflictException"));
  delete_model_card(sagemaker, bench.call, {.ModelCardName = "Ibu"});
  EXPECT_THAT(
      bench.refusal([&] { describe_model_card(sagemaker, bench.call, {.ModelCardName = "Ibu"}); }),
      HasSubstr("ResourceNotFound"));
  EXPECT_EQ(bench.refusal(make), "");
}

}  // namespace
}  // namespace engine::sagemaker
