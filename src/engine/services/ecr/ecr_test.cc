// Repositories, their documents and the records of images.
#include "engine/services/ecr/operations.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <random>

namespace engine::ecr {
namespace {

constexpr const char* kArn = "arn:aws:ecr:us-east-1:123456789012:repository/beer/train";

class EcrTest : public testing::Test {
 protected:
  EcrTest() {
    api::CreateRepositoryInput input;
    input.repositoryName = "beer/train";
    input.tags = {{{"project", "beer"}}};
    made_ = run(create_repository, input).repository.value();
  }
  ~EcrTest() override { std::filesystem::remove_all(folder_); }

  template <class Output, class Input>
  Output run(Output (*operation)(Ecr&, Call&, const Input&), const Input& input) {
    Call call{request_, "request"};
    return operation(ecr_, call, input);
  }
  template <class Output, class Input>
  std::string error(Output (*operation)(Ecr&, Call&, const Input&), const Input& input) {
    try {
      run(operation, input);
      return {};
    } catch (const AwsError& error) {
      return error.code;
    }
  }
  template <class Input>
  static Input of_repository() {
    Input input;
    input.repositoryName = "beer/train";
    return input;
  }
  static api::PutImageInput image(const std::string& manifest, const std::string& tag) {
    auto input = of_repository<api::PutImageInput>();
    input.imageManifest = manifest;
    if (!tag.empty()) input.imageTag = tag;
    return input;
  }

  std::string folder_ = (std::filesystem::temp_directory_path() /
                         ("ecr_test_" + std::to_string(std::random_device{}()))).string();
  base::ManualClock clock_;
  base::Ids ids_{3};
  storage::Catalog catalog_{folder_};
  Context context_{catalog_, clock_, ids_};
  Ecr ecr_{context_};
  http::Request request_;
  api::Repository made_;
};

using Repositories = EcrTest;

TEST_F(Repositories, ComeBackAsTheyWereMade) {
  EXPECT_EQ(made_.repositoryArn, kArn);
  EXPECT_EQ(made_.repositoryUri, "123456789012.dkr.ecr.us-east-1.amazonaws.com/beer/train");
  EXPECT_EQ(made_.imageTagMutability, "MUTABLE");
  EXPECT_EQ(made_.encryptionConfiguration->encryptionType, "AES256");
  const auto listed = run(describe_repositories, api::DescribeRepositoriesInput{});
  ASSERT_EQ(listed.repositories->size(), 1u);
  EXPECT_EQ(listed.repositories->at(0).createdAt, clock_.now());
  api::DescribeRepositoriesInput none;
  none.repositoryNames = {{"none"}};
  EXPECT_EQ(error(describe_repositories, none), "RepositoryNotFoundException");
  EXPECT_EQ(error(create_repository, of_repository<api::CreateRepositoryInput>()),
            "RepositoryAlreadyExistsException");
}

TEST_F(Repositories, AreListedInPages) {
  for (const char* name : {"a", "z"}) {
    api::CreateRepositoryInput input;
    input.repositoryName = name;
    run(create_repository, input);
  }
  api::DescribeRepositoriesInput input;
  input.maxResults = 2;
  auto output = run(describe_repositories, input);
  EXPECT_EQ(output.repositories->at(0).repositoryName, "a");
  input.nextToken = output.nextToken;
  output = run(describe_repositories, input);
  ASSERT_EQ(output.repositories->size(), 1u);
  EXPECT_EQ(output.repositories->at(0).repositoryName, "z");
  EXPECT_FALSE(output.nextToken);
}

TEST_F(Repositories, HavePoliciesThatComeBackAsSent) {
  EXPECT_EQ(error(get_repository_policy, of_repository<api::GetRepositoryPolicyInput>()),
            "RepositoryPolicyNotFoundException");
  auto policy = of_repository<api::SetRepositoryPolicyInput>();
  policy.policyText = "{ \"Version\" : \"2008-10-17\" }";
  run(set_repository_policy, policy);
  EXPECT_EQ(run(get_repository_policy, of_repository<api::GetRepositoryPolicyInput>()).policyText,
            policy.policyText);
  run(delete_repository_policy, of_repository<api::DeleteRepositoryPolicyInput>());
  EXPECT_EQ(error(get_repository_policy, of_repository<api::GetRepositoryPolicyInput>()),
            "RepositoryPolicyNotFoundException");

  EXPECT_EQ(error(get_lifecycle_policy, of_repository<api::GetLifecyclePolicyInput>()),
            "LifecyclePolicyNotFoundException");
  auto lifecycle = of_repository<api::PutLifecyclePolicyInput>();
  lifecycle.lifecyclePolicyText = "{\"rules\": []}";
  run(put_lifecycle_policy, lifecycle);
  EXPECT_EQ(run(get_lifecycle_policy, of_repository<api::GetLifecyclePolicyInput>()).lifecyclePolicyText,
            lifecycle.lifecyclePolicyText);
  lifecycle.lifecyclePolicyText = "rules";
  EXPECT_EQ(error(put_lifecycle_policy, lifecycle), "InvalidParameterException");
  run(delete_lifecycle_policy, of_repository<api::DeleteLifecyclePolicyInput>());
  EXPECT_EQ(error(delete_lifecycle_policy, of_repository<api::DeleteLifecyclePolicyInput>()),
            "LifecyclePolicyNotFoundException");
}

TEST_F(Repositories, HaveTags) {
  run(tag_resource, api::TagResourceInput{.resourceArn = kArn, .tags = {{"project", "more beer"}, {"b", "2"}}});
  run(untag_resource, api::UntagResourceInput{.resourceArn = kArn, .tagKeys = {"b"}});
  const auto tags = run(list_tags_for_resource, api::ListTagsForResourceInput{.resourceArn = kArn}).tags;
  ASSERT_EQ(tags->size(), 1u);
  EXPECT_EQ(tags->at(0).Value, "more beer");
  EXPECT_EQ(error(list_tags_for_resource, api::ListTagsForResourceInput{.resourceArn = "nonsense"}),
            "InvalidParameterException");
}

TEST_F(Repositories, GoWithTheirImagesOnlyByForce) {
  run(put_image, image("{}", "latest"));
  auto input = of_repository<api::DeleteRepositoryInput>();
  EXPECT_EQ(error(delete_repository, input), "RepositoryNotEmptyException");
  input.force = true;
  EXPECT_EQ(error(delete_repository, input), "");
  EXPECT_EQ(error(list_images, of_repository<api::ListImagesInput>()), "RepositoryNotFoundException");
  EXPECT_EQ(catalog_.count("ecr/manifests"), 0u);
}

using Images = EcrTest;

TEST_F(Images, AreFoundByDigestAndTag) {
  const std::string manifest = R"({"mediaType":"m","config":{"size":10},"layers":[{"size":5},{"size":7}]})";
  const auto put = run(put_image, image(manifest, "v1")).image;
  EXPECT_TRUE(put->imageId->imageDigest->starts_with("sha256:"));
  auto input = of_repository<api::BatchGetImageInput>();
  input.imageIds = {{.imageTag = "v1"}, {.imageTag = "v2"}, {.imageDigest = put->imageId->imageDigest}};
  const auto got = run(batch_get_image, input);
  ASSERT_EQ(got.images->size(), 2u);
  EXPECT_EQ(got.images->at(0).imageManifest, manifest);
  ASSERT_EQ(got.failures->size(), 1u);
  EXPECT_EQ(got.failures->at(0).failureCode, "ImageNotFound");
  const auto described = run(describe_images, of_repository<api::DescribeImagesInput>());
  EXPECT_EQ(described.imageDetails->at(0).imageSizeInBytes, 22);
  EXPECT_EQ(described.imageDetails->at(0).imageManifestMediaType, "m");
  auto missing = of_repository<api::DescribeImagesInput>();
  missing.imageIds = {{{.imageTag = "v2"}}};
  EXPECT_EQ(error(describe_images, missing), "ImageNotFoundException");
}

TEST_F(Images, HandTheirTagOnUnlessItIsImmutable) {
  run(put_image, image("{\"a\":1}", "latest"));
  EXPECT_EQ(error(put_image, image("{\"a\":1}", "latest")), "ImageAlreadyExistsException");
  run(put_image, image("{\"a\":2}", "latest"));
  auto list = of_repository<api::ListImagesInput>();
  list.filter = {.tagStatus = "UNTAGGED", .imageStatus = {}};
  EXPECT_EQ(run(list_images, list).imageIds->size(), 1u);
  list.filter.reset();
  EXPECT_EQ(run(list_images, list).imageIds->size(), 2u);

  auto mutability = of_repository<api::PutImageTagMutabilityInput>();
  mutability.imageTagMutability = "IMMUTABLE";
  run(put_image_tag_mutability, mutability);
  EXPECT_EQ(error(put_image, image("{\"a\":3}", "latest")), "ImageTagAlreadyExistsException");
  EXPECT_EQ(error(put_image, image("nonsense", "x")), "InvalidParameterException");
  auto wrong = image("{}", "x");
  wrong.imageDigest = "sha256:00";
  EXPECT_EQ(error(put_image, wrong), "ImageDigestDoesNotMatchException");
}

TEST_F(EcrTest, GivesATokenOfAwssForm) {
  const auto data = run(get_authorization_token, api::GetAuthorizationTokenInput{}).authorizationData;
  EXPECT_EQ(data->at(0).proxyEndpoint, "https://123456789012.dkr.ecr.us-east-1.amazonaws.com");
  EXPECT_EQ(data->at(0).expiresAt, clock_.now() + std::chrono::hours(12));
}

}  // namespace
}  // namespace engine::ecr
