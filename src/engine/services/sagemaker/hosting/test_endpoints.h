// Endpoints behind which the test model serves: it answers with its model's text and the request's.
#pragma once

#include "engine/services/sagemaker/jobs/archive.h"
#include "engine/services/sagemaker/testing.h"
#include "test_places.h"

#include <filesystem>
#include <thread>

namespace engine::sagemaker {

struct Endpoints : testing::Test {
  explicit Endpoints(Settings settings = {.create_wait = std::chrono::seconds(60)},
                     const base::Clock& clock = base::system_clock())
      : bench(std::move(settings), clock) {
    bench.programs["image"] = BEER_BIN_DIR "/sagemaker_test_model";
  }

  void make_model(const std::string& name, const std::string& model_text) {
    const std::string folder = bench.folder.path() + "/" + name;
    std::filesystem::create_directories(folder);
    io::write_file(folder + "/model.txt", model_text);
    pack_folder(folder, folder + ".tar.gz");
    bench.put("models/" + name, io::read_file(folder + ".tar.gz"));
    create_model(*bench.sagemaker, bench.call,
                 {.ModelName = name,
                  .PrimaryContainer = api::ContainerDefinition{
                      .Image = "image", .ModelDataUrl = "s3://lake/models/" + name}});
  }
  /// One of a single variant.
  api::CreateEndpointConfigInput config(const std::string& name) {
    return {.EndpointConfigName = name,
            .ProductionVariants = {{.VariantName = "AllTraffic",
                                    .ModelName = name,
                                    .InitialInstanceCount = 1,
                                    .InstanceType = "ml.m5.large",
                                    .InitialVariantWeight = 1.0}}};
  }
  void make_config(const std::string& name, const std::string& model_text) {
    make_model(name, model_text);
    create_endpoint_config(*bench.sagemaker, bench.call, config(name));
  }
  void make_endpoint(const std::string& config) {
    create_endpoint(*bench.sagemaker, bench.call,
                    {.EndpointName = "Ibu", .EndpointConfigName = config});
  }
  api::DescribeEndpointOutput about() {
    return describe_endpoint(*bench.sagemaker, bench.call, {.EndpointName = "Ibu"});
  }
  /// Waits, in real time, until the endpoint has that status.
  void wait_for_status(const std::string& status) {
    while (about().EndpointStatus != status) std::this_thread::yield();
  }
  sagemaker_runtime::api::InvokeEndpointOutput invoke(const std::string& body) {
    return invoke_endpoint(*bench.sagemaker, bench.call,
                           {.EndpointName = "Ibu", .Body = body, .Accept = "text/csv"});
  }

  Bench bench;
};

}  // namespace engine::sagemaker
