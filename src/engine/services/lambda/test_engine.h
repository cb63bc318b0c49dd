// What the tests of this folder stand on: a Lambda over a folder of its own, and packages to give
// it.
#pragma once

#include "engine/services/lambda/errors.h"
#include "engine/services/lambda/operations.h"
#include "engine/services/lambda/state.h"
#include "lib/base/guarded.h"
#include "lib/io/temporary_folder.h"
#include "test_places.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zip.h>

#include <fstream>
#include <future>
#include <iterator>
#include <optional>

namespace engine::lambda {

inline std::string file_content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A zip of these names and contents, as bytes.
inline std::string zip_of(const std::map<std::string, std::string>& files) {
  io::TemporaryFolder folder;
  const std::string path = folder.path() + "/package.zip";
  int error = 0;
  zip_t* archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_EXCL, &error);
  for (const auto& [name, content] : files) {
    zip_source_t* source = zip_source_buffer(archive, content.data(), content.size(), 0);
    const zip_int64_t index = zip_file_add(archive, name.c_str(), source, ZIP_FL_ENC_UTF_8);
    zip_set_file_compression(archive, static_cast<zip_uint64_t>(index), ZIP_CM_STORE, 0);
  }
  zip_close(archive);
  return file_content(path);
}

/// A package of test_bootstrap, with a file beside it that says its version.
inline std::string test_package(const std::string& version = "1") {
  static const std::string program = file_content(BEER_BIN_DIR "/lambda_test_bootstrap");
  return zip_of({{"bootstrap", program}, {"version.txt", version}});
}

class LambdaTest : public ::testing::Test {
 protected:
  LambdaTest() {
    std::filesystem::create_directories(folder.path() + "/jobs");
    start();
  }
  ~LambdaTest() override { stop(); }

  void start() {
    catalog.emplace(folder.path());
    store.emplace(*catalog, folder.path() + "/lake", folder.path() + "/scratch");
    context.emplace(Context{*catalog, clock, ids});
    context->data = folder.path();
    s3.emplace(*context, *store);
    logs.emplace(*context);
    kinesis.emplace(*context);
    lambda.emplace(
        *context, *s3, *logs, *kinesis,
        [] {
          return Callback{"http://127.0.0.1:4566", "AKIA", "secret"};
        },
        [this](std::string_view source, std::string_view type, std::string_view detail,
               const std::vector<std::string>& resources) {
          events.with([&](auto& all) {
            all.push_back({std::string(source), std::string(type), std::string(detail), resources});
          });
        },
        BEER_BIN_DIR "/job_runner");
  }
  void stop() {
    if (lambda) lambda->stop();
    lambda.reset();
    kinesis.reset();
    logs.reset();
    s3.reset();
    context.reset();
    store.reset();
    catalog.reset();
  }

  template <class Output, class Input>
  Output run(Output (*operation)(Lambda&, Call&, const Input&),
             const std::type_identity_t<Input>& input) {
    return operation(*lambda, call, input);
  }
  /// The code of the error the operation ends with, "" without one.
  template <class F>
  static std::string code_of(F&& use) {
    try {
      use();
      return {};
    } catch (const AwsError& error) {
      return error.code;
    }
  }

  static api::CreateFunctionInput function(const std::string& name,
                                           std::string zip = test_package()) {
    api::CreateFunctionInput input;
    input.FunctionName = name;
    input.Runtime = "provided.al2023";
    input.Role = "arn:aws:iam::123456789012:role/r";
    input.Handler = "bootstrap";
    input.Code.ZipFile = std::move(zip);
    input.MemorySize = 512;
    input.Timeout = 60;
    return input;
  }
  void make(const std::string& name = "f") { run(create_function, function(name)); }

  InvokeResult invoke(const std::string& payload, const std::string& name = "f") {
    return lambda->invoke(name, payload);
  }
  /// How many invocations this process has served, this one included.
  std::string count(const std::string& name = "f") {
    return invoke(R"({"mode":"count"})", name).payload;
  }

  io::TemporaryFolder folder;
  base::ManualClock clock;
  base::Ids ids;
  std::optional<storage::Catalog> catalog;
  std::optional<storage::ObjectStore> store;
  std::optional<Context> context;
  std::optional<s3::S3> s3;
  std::optional<logs::Logs> logs;
  std::optional<kinesis::Kinesis> kinesis;
  struct BusEvent {
    std::string source, type, detail;
    std::vector<std::string> resources;
  };
  base::Guarded<std::vector<BusEvent>> events;  ///< what the event bus was told
  std::optional<Lambda> lambda;
  http::Request request;
  Call call{.request = request};
};

}  // namespace engine::lambda
