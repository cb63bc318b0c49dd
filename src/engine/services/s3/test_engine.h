// A catalog, a store and S3 over a temporary folder, for the tests of this folder.
#pragma once

#include "engine/services/s3/operations.h"
#include "engine/services/s3/s3.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <random>
#include <string>

namespace engine::s3 {

class S3Test : public testing::Test {
 protected:
  S3Test() { open(); }
  ~S3Test() override {
    close();
    std::filesystem::remove_all(folder_);
  }

  void open() {
    catalog_.emplace(folder_);
    store_.emplace(*catalog_, folder_ + "/lake", folder_ + "/scratch");
    context_.emplace(Context{*catalog_, clock_, ids_});
    context_->data = folder_ + "/data";
    context_->region = region_;
    s3_.emplace(*context_, *store_);
  }
  void close() {
    s3_.reset();
    context_.reset();
    store_.reset();
    catalog_.reset();
  }
  /// As after a restart of the engine.
  void reopen() {
    close();
    open();
  }

  /// A call with that request; the last one's status and headers stay in `call_`.
  template <class Output, class Input>
  Output run(Output (*operation)(S3&, Call&, const Input&), const Input& input) {
    call_.emplace(Call{request_, "request-1"});
    call_->now = clock_.now();
    call_->body = request_.body;
    return operation(*s3_, *call_, input);
  }
  /// The code of the error the operation ends with, "" without one.
  template <class Output, class Input>
  std::string error(Output (*operation)(S3&, Call&, const Input&), const Input& input) {
    return error_of([&] { run(operation, input); });
  }
  template <class F>
  std::string error_of(F&& use) {
    try {
      use();
      return {};
    } catch (const AwsError& error) {
      status_ = error.status;
      return error.code;
    }
  }

  void make_bucket(const std::string& name = "lake") { s3_->create_bucket(name); }

  /// PutObject of a text, by the operation.
  api::PutObjectOutput put(const std::string& key, std::string text,
                           const std::string& bucket = "lake") {
    api::PutObjectInput input;
    input.Bucket = bucket;
    input.Key = key;
    input.Body = http::Body(std::move(text));
    return run(put_object, input);
  }
  api::GetObjectOutput get(const std::string& key, std::optional<std::string> range = {}) {
    api::GetObjectInput input;
    input.Bucket = "lake";
    input.Key = key;
    input.Range = std::move(range);
    return run(get_object, input);
  }
  std::string text(const std::string& key) { return get(key).Body->string(); }

  std::string folder_ = (std::filesystem::temp_directory_path() /
                         ("s3_test_" + std::to_string(std::random_device{}()))).string();
  std::string region_ = "us-east-1";
  base::ManualClock clock_;
  base::Ids ids_{7};
  http::Request request_;
  std::optional<storage::Catalog> catalog_;
  std::optional<storage::ObjectStore> store_;
  std::optional<Context> context_;
  std::optional<S3> s3_;
  std::optional<Call> call_;
  int status_ = 0;
};

}  // namespace engine::s3
