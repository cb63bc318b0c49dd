// A SageMaker with its own catalog, lake and programs, for tests.
#pragma once

#include "engine/services/sagemaker/errors.h"
#include "engine/services/sagemaker/operations.h"
#include "engine/services/sagemaker/state.h"
#include "lib/io/file.h"
#include "lib/io/temporary_folder.h"
#include "test_places.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <condition_variable>

namespace engine::sagemaker {

struct Bench {
  explicit Bench(Settings wanted = {}, const base::Clock& time = base::system_clock())
      : clock(time), settings(std::move(wanted)) {
    settings.runner = BEER_BIN_DIR "/job_runner";
    settings.answer_later = false;
    s3.create_bucket("lake");
    start();
  }

  /// A new engine over the same data, as after a crash of the old one.
  void restart() {
    sagemaker.reset();
    start();
    sagemaker->resume();
  }

  /// Puts a shell script behind the image of that name. `root` is its /opt/ml.
  void program(const std::string& image, const std::string& script) {
    const std::string path = folder.path() + "/" + image + ".sh";
    io::write_file(path, "#!/bin/sh\nset -e\nroot=${SM_ML_ROOT:-/opt/ml}\n" + script, 0755);
    programs[image] = path;
  }

  void put(const std::string& key, const std::string& bytes) {
    s3.put_object("lake", key, http::Body(bytes));
  }
  std::string get(const std::string& key) {
    const auto object = s3.find_object("lake", key);
    return object ? s3.body(*object).string() : "(nothing)";
  }

  /// Waits for an event of which the detail has all these words.
  void wait_for_event(const std::vector<std::string>& words) {
    std::unique_lock lock(mutex);
    const bool came = changed.wait_for(lock, std::chrono::seconds(60), [&] {
      return std::any_of(events.begin(), events.end(), [&](const std::string& event) {
        return std::all_of(words.begin(), words.end(), [&](const std::string& word) {
          return event.find(word) != std::string::npos;
        });
      });
    });
    ASSERT_TRUE(came) << "no event with " << testing::PrintToString(words);
  }

  /// The sentence an operation is refused with, "" when it isn't.
  template <class F>
  std::string refusal(F&& operation) {
    try {
      operation();
    } catch (const AwsError& error) {
      return error.code + ": " + error.what();
    }
    return "";
  }

  const base::Clock& clock;
  io::TemporaryFolder folder;
  base::Ids ids{7};
  storage::Catalog catalog{folder.path()};
  Context context{
      .catalog = catalog, .clock = clock, .ids = ids, .data = folder.path()};
  storage::ObjectStore store{catalog, folder.path() + "/buckets", folder.path() + "/scratch"};
  s3::S3 s3{context, store};
  logs::Logs logs{context};
  Settings settings;
  std::map<std::string, std::string> programs;
  std::map<std::string, std::vector<std::string>> words;  ///< told to a program first
  std::function<FunctionAnswer(std::string name, std::string payload)> function;  ///< any of Lambda
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> events;  ///< "detail-type {detail}"
  http::Request request;
  Call call{.request = request};
  std::unique_ptr<SageMaker> sagemaker;

 private:
  void start() {
    sagemaker = std::make_unique<SageMaker>(
        context, s3, logs,
        [this](std::string_view uri) -> std::optional<Program> {
          const auto found = programs.find(std::string(uri));
          if (found == programs.end()) return std::nullopt;
          return Program{found->second, words[found->first]};
        },
        [] {
          return Callback{"http://127.0.0.1:4566", "id", "secret"};
        },
        [this](std::string_view type, std::string detail, const std::vector<std::string>&) {
          std::lock_guard lock(mutex);
          events.push_back(std::string(type) + " " + detail);
          changed.notify_all();
        },
        settings,
        [this](std::string_view function, std::string_view payload) {
          if (!this->function) throw AwsError("ResourceNotFoundException", "Function not found");
          return this->function(std::string(function), std::string(payload));
        });
  }
};

}  // namespace engine::sagemaker
