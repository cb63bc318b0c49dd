// A lake, a catalog and crawlers over it, for tests.
#pragma once

#include "engine/services/glue/crawlers/crawlers.h"
#include "engine/services/glue/operations.h"
#include "engine/services/logs/operations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

namespace engine::glue {

class CrawlerTest : public ::testing::Test {
 protected:
  CrawlerTest() {
    s3.create_bucket("lake");
    crawlers.emplace(context, glue, s3, logs, events());
  }
  ~CrawlerTest() override {
    crawlers.reset();
    std::filesystem::remove_all(folder);
  }

  CrawlerEvents events() {
    return [this](std::string_view type, std::string_view detail) {
      const std::lock_guard lock(told_mutex);
      told.push_back(std::string(type) + " " + std::string(detail));
    };
  }

  void put(std::string_view key, std::string text) {
    s3.put_object("lake", key, http::Body(std::move(text)));
  }

  api::CreateCrawlerInput input(std::string path = "s3://lake/") const {
    api::CreateCrawlerInput input{.Name = "c", .Role = "arn:aws:iam::1:role/crawl"};
    input.DatabaseName = "db";
    input.Targets.S3Targets = std::vector<api::S3Target>{{.Path = std::move(path)}};
    return input;
  }
  void create(const api::CreateCrawlerInput& input) { create_crawler(*crawlers, call, input); }

  // Crawls to the end, and gives the crawler as it is then.
  api::Crawler crawl(const std::string& name = "c") {
    crawlers->start(name);
    return wait(name);
  }
  api::Crawler wait(const std::string& name = "c") {
    for (;;) {
      auto crawler = crawlers->crawler(name);
      if (crawler.State == "READY") return crawler;
      std::this_thread::yield();
    }
  }

  // "beers(id bigint, name string) [year, month]"
  std::string described(const std::string& name) const {
    const api::Table table = glue.table("db", name);
    std::string text = name + "(";
    for (const api::Column& column : *table.StorageDescriptor->Columns) {
      text += (text.ends_with("(") ? "" : ", ") + column.Name + " " + column.Type.value_or("?");
    }
    text += ")";
    for (const api::Column& key : *table.PartitionKeys) text += " " + key.Name + ":" + *key.Type;
    return text;
  }
  std::vector<std::string> tables() const {
    std::vector<std::string> list;
    for (const auto& table : glue.tables("db")) list.push_back(described(table.Name));
    return list;
  }
  std::vector<std::string> partitions(const std::string& table) const {
    std::vector<std::string> list;
    for (const auto& partition : glue.partitions("db", table)) {
      std::string text;
      for (const auto& value : *partition.Values) text += (text.empty() ? "" : "/") + value;
      list.push_back(text);
    }
    return list;
  }
  std::string parameter(const std::string& table, const std::string& name) const {
    const auto parameters = *glue.table("db", table).Parameters;
    const auto found = parameters.find(name);
    return found == parameters.end() ? "(none)" : found->second;
  }
  std::string log_text() {
    logs::api::GetLogEventsInput input{.logGroupName = "/aws-glue/crawlers", .logStreamName = "c"};
    input.startFromHead = true;
    const auto page = logs::get_log_events(logs, call, input);
    std::string text;
    for (const auto& event : *page.events) {
      text += *event.message + "\n";
    }
    return text;
  }
  template <class F>
  static std::string code_of(F&& run) {
    try {
      run();
    } catch (const AwsError& error) {
      return error.code;
    }
    return "";
  }

  std::string folder =
      std::filesystem::temp_directory_path() / ("crawlers_test_" + base::Ids().hex(12));
  storage::Catalog catalog{(std::filesystem::create_directories(folder), folder)};
  storage::ObjectStore objects{catalog, folder + "/buckets", folder + "/scratch"};
  base::ManualClock clock;
  base::Ids ids{1};
  Context context{catalog, clock, ids, "123456789012", "us-east-1", folder};
  s3::S3 s3{context, objects};
  logs::Logs logs{context};
  Glue glue{context};
  std::mutex told_mutex;
  std::vector<std::string> told;
  std::optional<Crawlers> crawlers;
  http::Request request;
  Call call{request};
};

}  // namespace engine::glue
