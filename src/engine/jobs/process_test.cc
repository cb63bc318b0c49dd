// Programs are shell scripts: small, everywhere, and they do what a job does.
#include "engine/jobs/process.h"

#include "lib/io/file.h"
#include "lib/io/temporary_folder.h"
#include "test_places.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <future>

namespace engine::jobs {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

struct Job {
  io::TemporaryFolder folder;
  std::mutex mutex;
  std::vector<std::string> lines;
  std::promise<std::string> first_line;

  ProcessSpec spec(const std::string& script) {
    ProcessSpec spec{.program = "sh", .args = {"-c", script}};
    spec.ml_root = folder.path();
    spec.runner = BEER_BIN_DIR "/job_runner";
    spec.on_output = [this](std::vector<std::string> batch) {
      std::lock_guard lock(mutex);
      if (lines.empty() && !batch.empty()) first_line.set_value(batch.front());
      lines.insert(lines.end(), batch.begin(), batch.end());
    };
    return spec;
  }
  std::string first() { return first_line.get_future().get(); }
};

/// Gone, or dead and only not yet waited for by its new parent.
bool alive(pid_t pid) {
  try {
    return io::read_file("/proc/" + std::to_string(pid) + "/stat").find(") Z ") ==
           std::string::npos;
  } catch (const std::system_error&) {
    return false;
  }
}

TEST(Process, SeesItsFolderAsOptMl) {
  Job job;
  io::write_file(job.folder.path() + "/in", "beer");
  Process process(job.spec("root=${SM_ML_ROOT:-/opt/ml}; cat $root/in > $root/out; echo done"));
  EXPECT_TRUE(process.wait().ok());
  EXPECT_EQ(io::read_file(job.folder.path() + "/out"), "beer");
  EXPECT_THAT(job.lines, ElementsAre("done"));
}

TEST(Process, FindsItsFolderInAVariableWhenNamespacesAreNotWanted) {
  Job job;
  auto spec = job.spec("echo $SM_ML_ROOT");
  spec.environment["SM_ML_ROOT"] = "asked";
  EXPECT_TRUE(Process(std::move(spec)).wait().ok());
  EXPECT_THAT(job.lines, ElementsAre(job.folder.path()));
}

TEST(Process, InheritsNothingButThePath) {
  ::setenv("BEER_SECRET", "1", 1);
  Job job;
  auto spec = job.spec("env | grep -v -e ^PWD -e ^SHLVL -e ^_= -e ^SM_ML_ROOT -e ^OLDPWD | sort");
  spec.environment["ONE"] = "1";
  EXPECT_TRUE(Process(std::move(spec)).wait().ok());
  ASSERT_EQ(job.lines.size(), 2u);
  EXPECT_EQ(job.lines[0], "ONE=1");
  EXPECT_THAT(job.lines[1], HasSubstr("PATH="));
}

TEST(Process, HasOnlyItsThreeDescriptors) {
  Job job;
  EXPECT_TRUE(Process(job.spec("ls /proc/$$/fd 2>/dev/null || ls /proc/self/fd")).wait().ok());
  for (const std::string& fd : job.lines) EXPECT_LE(std::stoi(fd), 3);  // 3: what ls itself opens
}

TEST(Process, TellsExitCodesAndSignals) {
  Job job;
  EXPECT_EQ(Process(job.spec("exit 7")).wait().code, 7);
  EXPECT_EQ(Process(job.spec("kill -SEGV $$")).wait().signal, SIGSEGV);
  EXPECT_EQ(Exit{.code = 7}.text(), "exit code 7");
  EXPECT_THAT(Exit{.signal = 9}.text(), HasSubstr("signal 9"));
}

TEST(Process, SaysWhichProgramCantBeRun) {
  Job job;
  auto spec = job.spec("");
  spec.program = "/nowhere/program";
  EXPECT_EQ(Process(std::move(spec)).wait().code, 127);
  ASSERT_FALSE(job.lines.empty());
  EXPECT_THAT(job.lines[0], HasSubstr("/nowhere/program"));
}

TEST(Process, IsStoppedBySigtermWhenItListens) {
  Job job;
  Process process(job.spec("trap 'echo bye; exit 3' TERM; echo up; while :; do sleep 0.01; done"));
  EXPECT_EQ(job.first(), "up");
  EXPECT_EQ(process.stop(20s).code, 3);
  EXPECT_EQ(job.lines.back(), "bye");
}

TEST(Process, DiesOfSigtermWithoutAHandler) {
  Job job;
  Process process(job.spec("echo up; exec sleep 100"));
  job.first();
  EXPECT_EQ(process.stop(20s).signal, SIGTERM);
}

TEST(Process, IsKilledWhenItDoesNotListen) {
  Job job;
  Process process(job.spec("trap '' TERM; echo up; while :; do sleep 0.01; done"));
  job.first();
  EXPECT_FALSE(process.wait_for(1ms));
  EXPECT_EQ(process.stop(10ms).code, 137);
}

TEST(Process, GoesWithItsObjectAndTakesItsChildrenAlong) {
  Job job;
  auto spec = job.spec("sleep 100 & echo $!; wait");
  spec.environment["SM_ML_ROOT"] = "plain";  // so that the number is the one we see, too
  pid_t child = 0;
  {
    Process process(std::move(spec));
    child = std::stoi(job.first());
    EXPECT_TRUE(alive(child));
  }
  while (alive(child)) std::this_thread::yield();
}

TEST(Process, LeavesNoOrphanWhenTheEngineIsKilled) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t engine = ::fork();
  if (engine == 0) {
    Job job;
    auto spec = job.spec("echo $$; exec sleep 100");
    spec.environment["SM_ML_ROOT"] = "plain";
    Process process(std::move(spec));
    const std::string number = job.first() + "\n";
    (void)!::write(ends[1], number.data(), number.size());
    process.wait();
    ::_exit(0);
  }
  char number[32] = {};
  ASSERT_GT(::read(ends[0], number, sizeof number - 1), 0);
  ::kill(engine, SIGKILL);
  ::waitpid(engine, nullptr, 0);
  while (alive(std::stoi(number))) std::this_thread::yield();
}

TEST(Process, CutsLongLinesAndKeepsTheLastUnfinishedOne) {
  Job job;
  EXPECT_TRUE(
      Process(job.spec("head -c 100000 /dev/zero | tr '\\0' x; echo; printf end")).wait().ok());
  ASSERT_EQ(job.lines.size(), 3u);
  EXPECT_GE(job.lines[0].size(), 64u << 10);
  EXPECT_EQ(job.lines[0].size() + job.lines[1].size(), 100'000u);
  EXPECT_EQ(job.lines[2], "end");
}

TEST(Process, IsHeldToItsMemory) {
  Job job;
  auto spec = job.spec("x=$(head -c 200000000 /dev/zero | tr '\\0' x); echo ${#x}");
  spec.limits.memory_bytes = 64 << 20;
  EXPECT_FALSE(Process(std::move(spec)).wait().ok());
}

}  // namespace
}  // namespace engine::jobs
