// The same bytes of model.tar.gz, wherever, on however many processors and in whatever order of
// input files it was made.
#include "pipelines/test_beers.h"
#include "test_places.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace pipelines {
namespace {

using testing::Root;

/// Runs beer-pipeline in the folders of `root`, on the first processor alone if told to.
void run(const Root& root, const char* command, bool one_processor) {
  const pid_t child = fork();
  if (child == 0) {
    setenv("SM_ML_ROOT", root.path().c_str(), 1);
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(0, &set);
    if (one_processor && sched_setaffinity(0, sizeof set, &set) != 0) _exit(126);
    if (!freopen("/dev/null", "w", stdout)) _exit(126);
    execl(BEER_BIN_DIR "/beer-pipeline", "beer-pipeline", command, nullptr);
    _exit(127);
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << command;
}

/// model.tar.gz, preprocessed and trained from files of these rows.
std::string model_of(const std::vector<std::string>& files, bool one_processor,
                     const std::string& hyperparameters = "{}") {
  const Root root;
  const Folders folders = root.folders();
  for (std::size_t i = 0; i < files.size(); ++i) {
    write_file(folders.processing("input") / (std::to_string(i) + ".json"), files[i]);
  }
  testing::set_hyperparameters(root, hyperparameters);
  run(root, "preprocess", one_processor);
  testing::copy_folder(folders.processing("train"), folders.channel("train"));
  testing::copy_folder(folders.processing("rows"), folders.channel("rows"));
  run(root, "train", one_processor);
  testing::pack_folder(folders.model(), root.path() / "model.tar.gz");
  return read_file(root.path() / "model.tar.gz");
}

TEST(ModelBytes, AreTheSameInTwoFoldersAndOnOneProcessor) {
  const std::vector<std::string> files{testing::simulated_rows(250)};
  const std::string bytes = model_of(files, false);
  EXPECT_TRUE(bytes == model_of(files, false));
  EXPECT_TRUE(bytes == model_of(files, true));
}

TEST(ModelBytes, AreTheSameWhateverTheOrderOfTheInputFiles) {
  const std::string first = testing::simulated_rows(200);
  const std::string second = testing::simulated_rows(150, 4);  // the same ids, other beers
  EXPECT_TRUE(model_of({first, second}, false) == model_of({second, first, second}, false));
}

TEST(ModelBytes, AreTheSameOfManyRowsWhoseSplitsAreSearchedByHistogram) {
  const std::vector<std::string> files{testing::simulated_rows(5'000)};
  const std::string few = R"({"num_round":"20","validation_rows":"2000"})";
  EXPECT_TRUE(model_of(files, false, few) == model_of(files, true, few));
}

TEST(ModelBytes, AreOthersOfAnotherSeed) {
  const std::vector<std::string> files{testing::simulated_rows(200)};
  EXPECT_FALSE(model_of(files, false) == model_of(files, false, R"({"seed":"8"})"));
}

}  // namespace
}  // namespace pipelines
