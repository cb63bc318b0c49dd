// The rules of notebook instances and their lifecycle configurations.
#include "engine/services/sagemaker/testing.h"

namespace engine::sagemaker {
namespace {

using testing::HasSubstr;

struct Notebooks : testing::Test {
  Bench bench;

  void create_lifecycle() {
    create_notebook_instance_lifecycle_config(
        *bench.sagemaker, bench.call,
        {.NotebookInstanceLifecycleConfigName = "Clone",
         .OnCreate = std::vector<api::NotebookInstanceLifecycleHook>{{.Content = "Z2l0"}}});
  }
  void create(std::optional<std::string> lifecycle = std::nullopt) {
    create_notebook_instance(*bench.sagemaker, bench.call,
                             {.NotebookInstanceName = "Lab",
                              .InstanceType = "ml.t3.medium",
                              .RoleArn = "arn:aws:iam::123456789012:role/lab",
                              .LifecycleConfigName = lifecycle});
  }
  api::DescribeNotebookInstanceOutput lab() {
    return describe_notebook_instance(*bench.sagemaker, bench.call,
                                      {.NotebookInstanceName = "Lab"});
  }
  void stop() {
    stop_notebook_instance(*bench.sagemaker, bench.call, {.NotebookInstanceName = "Lab"});
  }
  void update(api::UpdateNotebookInstanceInput input) {
    input.NotebookInstanceName = "Lab";
    update_notebook_instance(*bench.sagemaker, bench.call, input);
  }
};

TEST_F(Notebooks, StopBeforeTheyAreChangedOrDeleted) {
  create();
  EXPECT_EQ(lab().NotebookInstanceStatus, "InService");
  EXPECT_THAT(bench.refusal([&] { update({.InstanceType = "ml.t3.large"}); }),
              HasSubstr("Unable to transition to (Updating)"));
  stop();
  update({.InstanceType = "ml.t3.large"});
  EXPECT_EQ(lab().InstanceType, "ml.t3.large");
  start_notebook_instance(*bench.sagemaker, bench.call, {.NotebookInstanceName = "Lab"});
  const auto remove = [&] {
    delete_notebook_instance(*bench.sagemaker, bench.call, {.NotebookInstanceName = "Lab"});
  };
  EXPECT_THAT(bench.refusal(remove), HasSubstr("Unable to transition to (Deleting)"));
  stop();
  EXPECT_THAT(bench.refusal([&] { stop(); }), HasSubstr("not in ([InService])"));
  remove();
  EXPECT_THAT(bench.refusal([&] { lab(); }), HasSubstr("RecordNotFound"));
}

TEST_F(Notebooks, KeepTheLifecycleConfigurationTheyUse) {
  EXPECT_THAT(bench.refusal([&] { create("Clone"); }), HasSubstr("Unable to find"));
  create_lifecycle();
  create("Clone");
  const auto remove = [&] {
    delete_notebook_instance_lifecycle_config(*bench.sagemaker, bench.call,
                                              {.NotebookInstanceLifecycleConfigName = "Clone"});
  };
  EXPECT_THAT(bench.refusal(remove), HasSubstr("uses the lifecycle configuration"));
  stop();
  update({.DisassociateLifecycleConfig = true});
  EXPECT_EQ(lab().NotebookInstanceLifecycleConfigName, std::nullopt);
  remove();
}

TEST_F(Notebooks, GiveAScriptBackAsItCame) {
  create_lifecycle();
  const auto clone = [&] {
    return describe_notebook_instance_lifecycle_config(
        *bench.sagemaker, bench.call, {.NotebookInstanceLifecycleConfigName = "Clone"});
  };
  EXPECT_EQ(clone().OnCreate->front().Content, "Z2l0");
  update_notebook_instance_lifecycle_config(
      *bench.sagemaker, bench.call,
      {.NotebookInstanceLifecycleConfigName = "Clone",
       .OnStart = std::vector<api::NotebookInstanceLifecycleHook>{{.Content = "cHVsbA=="}}});
  EXPECT_EQ(clone().OnCreate, std::nullopt);
  EXPECT_EQ(clone().OnStart->front().Content, "cHVsbA==");
}

TEST_F(Notebooks, AreListedByName) {
  create();
  const auto listed = [&](const char* part) {
    return list_notebook_instances(*bench.sagemaker, bench.call, {.NameContains = part})
        .NotebookInstances->size();
  };
  EXPECT_EQ(listed("la"), 1u);
  EXPECT_EQ(listed("xx"), 0u);
}

}  // namespace
}  // namespace engine::sagemaker
