// Trees of control groups as files: v1, v2, and those that can't be had.
#include "engine/jobs/control_groups.h"

#include "lib/io/file.h"
#include "lib/io/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

namespace engine::jobs {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Trees : testing::Test {
  io::TemporaryFolder folder;
  const std::string mount = folder.path() + "/cgroup";
  const std::string membership = folder.path() + "/membership";

  void put(const std::string& path, const std::string& text) {
    const std::filesystem::path file = mount + "/" + path;
    std::filesystem::create_directories(file.parent_path());
    io::write_file(file.string(), text);
  }
  ControlGroups found(const std::string& text) {
    io::write_file(membership, text);
    return find_control_groups(membership, mount);
  }
  std::string read(const std::string& path) { return io::read_file(mount + "/" + path); }
};

TEST_F(Trees, OfV1AreOneForEachController) {
  std::filesystem::create_directories(mount + "/memory/user");
  std::filesystem::create_directories(mount + "/pids");
  const auto groups = found("8:pids:/\n4:memory:/user\n1:cpu,cpuacct:/\n0::/\n");
  EXPECT_THAT(groups.folders, ElementsAre(mount + "/pids/", mount + "/memory/user"));
  EXPECT_TRUE(groups.memory);
  EXPECT_TRUE(groups.processes);
  EXPECT_THAT(groups.text(), HasSubstr("memory by a control group, processes by a control group"));
}

TEST_F(Trees, OfV2AreOne) {
  put("user/cgroup.controllers", "cpu memory pids\n");
  put("user/cgroup.subtree_control", "memory pids\n");
  const auto groups = found("0::/user\n");
  EXPECT_THAT(groups.folders, ElementsAre(mount + "/user"));
  EXPECT_TRUE(groups.memory && groups.processes);
}

TEST_F(Trees, OfV2AreThoseAboveWhereTheirOwnPassesNothingOn) {
  put("cgroup.controllers", "memory pids\n");
  put("cgroup.subtree_control", "memory pids\n");
  put("user/session/cgroup.controllers", "cpu\n");
  put("user/session/cgroup.subtree_control", "");
  EXPECT_THAT(found("0::/user/session\n").folders, ElementsAre(mount));
}

TEST_F(Trees, OfV2AreAskedToPassTheControllersOn) {
  put("user/cgroup.controllers", "memory pids\n");
  put("user/cgroup.subtree_control", "");
  put("user/cgroup.procs", std::to_string(::getpid()) + "\n1\n");
  found("0::/user\n");
  EXPECT_THAT(read("user/cgroup.subtree_control"), HasSubstr("+memory +pids"));
}

TEST_F(Trees, ThatAreNotThereAreNone) {
  EXPECT_THAT(found("0::/user\n").folders, IsEmpty());
  const auto groups = found("4:memory:/user\n");
  EXPECT_FALSE(groups.memory);
  EXPECT_THAT(groups.text(), HasSubstr("doesn't hold root"));
  EXPECT_THAT(find_control_groups("/nowhere", mount).folders, IsEmpty());
}

}  // namespace
}  // namespace engine::jobs
