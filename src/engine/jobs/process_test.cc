// Programs are shell scripts: small, everywhere, and they do what a job does.
#include "engine/jobs/process.h"

#include "engine/jobs/control_groups.h"
#include "lib/io/file.h"
#include "lib/io/temporary_folder.h"
#include "test_places.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <future>

namespace engine::jobs {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

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

constexpr const char* kHungry = "x=$(head -c 200000000 /dev/zero | tr '\\0' x); echo ${#x}";
/// Starts children until none more can be; each sleeps, so they all stand side by side.
constexpr const char* kForkBomb = R"(
  i=0; while [ $i -lt 60 ]; do sleep 60 & i=$((i+1)); done 2>/dev/null; echo never)";

TEST(Process, IsHeldToItsMemoryWithoutAControlGroup) {
  Job job;
  auto spec = job.spec(kHungry);
  spec.limits.memory_bytes = 64 << 20;
  spec.group_folders.emplace();
  const Exit exit = Process(std::move(spec)).wait();
  EXPECT_FALSE(exit.ok());
  EXPECT_FALSE(exit.out_of_memory);
}

TEST(Process, FallsBackToItsOwnLimitsWhereAGroupTakesNone) {
  Job job;
  io::TemporaryFolder no_groups;
  auto spec = job.spec(kHungry);
  spec.limits.memory_bytes = 64 << 20;
  spec.group_folders = {no_groups.path()};
  EXPECT_FALSE(Process(std::move(spec)).wait().ok());
  EXPECT_TRUE(std::filesystem::is_empty(no_groups.path()));
}

/// The groups this machine lets us make, or a skipped test that says what they can't do.
struct ControlGroup : testing::Test {
  const ControlGroups& groups = control_groups();
  std::size_t count() const {
    std::size_t found = 0;
    for (const std::string& folder : groups.folders) {
      for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        found += entry.path().filename().string().starts_with("beer-job-") ? 1 : 0;
      }
    }
    return found;
  }
};

TEST_F(ControlGroup, HoldsTheMemoryOfAProgram) {
  if (!groups.memory) GTEST_SKIP() << "no control group for memory may be made here";
  Job job;
  auto spec = job.spec(kHungry);
  spec.limits.memory_bytes = 24 << 20;
  const Exit exit = Process(std::move(spec)).wait();
  EXPECT_FALSE(exit.ok());
  EXPECT_TRUE(exit.out_of_memory);
}

TEST_F(ControlGroup, HoldsAForkBomb) {
  if (!groups.processes) GTEST_SKIP() << "no control group for processes may be made here";
  Job job;
  auto spec = job.spec(kForkBomb);
  spec.limits.processes = 20;
  const auto started = std::chrono::steady_clock::now();
  Process process(std::move(spec));
  EXPECT_FALSE(process.wait().ok());
  EXPECT_THAT(job.lines, Not(Contains("never")));
  EXPECT_LT(std::chrono::steady_clock::now() - started, 50s);
}

TEST_F(ControlGroup, IsGoneWithItsProgram) {
  if (groups.folders.empty()) GTEST_SKIP() << "no control group may be made here";
  const std::size_t before = count();
  Job job;
  auto spec = job.spec("echo up; exec sleep 100");
  spec.limits = {.memory_bytes = 64 << 20, .processes = 50};
  {
    Process process(std::move(spec));
    job.first();
    EXPECT_EQ(count(), before + groups.folders.size());
  }
  EXPECT_EQ(count(), before);
}

TEST_F(ControlGroup, LetsNobodyEscapeWhereThereAreNoNamespaces) {
  if (groups.folders.empty()) GTEST_SKIP() << "no control group may be made here";
  Job job;
  // A session of its own is another process group, which no signal to the program's reaches.
  auto spec = job.spec("setsid sh -c 'echo $$; exec sleep 100' & wait");
  spec.environment["SM_ML_ROOT"] = "plain";
  spec.limits.processes = 50;
  pid_t escaped = 0;
  {
    Process process(std::move(spec));
    escaped = std::stoi(job.first());
    EXPECT_TRUE(alive(escaped));
  }
  while (alive(escaped)) std::this_thread::yield();
}

TEST(Process, KeepsSoMuchOutputAndNoMore) {
  Job job;
  auto spec = job.spec("yes 123456789 | head -100000; echo last");
  spec.limits.output_bytes = 1000;
  EXPECT_TRUE(Process(std::move(spec)).wait().ok());
  ASSERT_EQ(job.lines.size(), 101u);
  EXPECT_EQ(job.lines[99], "123456789");
  EXPECT_EQ(job.lines[100], "[more than 1000 bytes of output in an hour: the rest is not kept]");
}

TEST(Process, IsHeldToTheSizeOfAFile) {
  Job job;
  auto spec = job.spec("exec head -c 3000000 /dev/zero > ${SM_ML_ROOT:-/opt/ml}/large");
  spec.limits.file_bytes = 1 << 20;
  EXPECT_EQ(Process(std::move(spec)).wait().signal, SIGXFSZ);
  EXPECT_EQ(std::filesystem::file_size(job.folder.path() + "/large"), 1u << 20);
}

/// Whether this machine lets us have a namespace; without, a program finds SM_ML_ROOT.
bool has_namespaces() {
  Job job;
  Process(job.spec("echo ${SM_ML_ROOT:-none}")).wait();
  return job.lines == std::vector<std::string>{"none"};
}

TEST(Process, HasAnOptMlThatNobodyElseSees) {
  if (!has_namespaces()) GTEST_SKIP() << "no mount namespace may be made here";
  Job job, other;
  EXPECT_TRUE(Process(job.spec("echo mine > /opt/ml/file; cat /opt/ml/file")).wait().ok());
  EXPECT_THAT(job.lines, ElementsAre("mine"));
  EXPECT_TRUE(Process(other.spec("test ! -e /opt/ml/file")).wait().ok());
  EXPECT_FALSE(std::filesystem::exists("/opt/ml/file"));
}

TEST(Process, FindsTheNamesOfItsHosts) {
  if (!has_namespaces()) GTEST_SKIP() << "no mount namespace may be made here";
  Job job;
  const io::TemporaryFolder beside;
  io::write_file(beside.path() + "/hosts", "127.64.0.2 algo-2\n");
  auto spec = job.spec("getent hosts algo-2");
  spec.hosts = beside.path() + "/hosts";
  EXPECT_TRUE(Process(std::move(spec)).wait().ok());
  EXPECT_THAT(job.lines, ElementsAre(AllOf(HasSubstr("127.64.0.2"), HasSubstr("algo-2"))));
}

}  // namespace
}  // namespace engine::jobs
