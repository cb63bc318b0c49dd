// The calls that put a model behind an endpoint.
#include "bench/serving/endpoint.h"

#include "pipelines/files.h"

#include <boost/json.hpp>

#include <chrono>
#include <stdexcept>
#include <thread>

namespace bench {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr const char* kRole = "arn:aws:iam::123456789012:role/bench";
constexpr const char* kImage = "123456789012.dkr.ecr.us-east-1.amazonaws.com/beer-pipeline:latest";
constexpr const char* kBucket = "bench-models";

}  // namespace

void make_endpoint(const aws::Config& config, const std::string& name, const fs::path& model) {
  aws::Client client(config);
  aws::S3 s3(client);
  s3.create_bucket(kBucket);
  for (const auto& file : fs::recursive_directory_iterator(model)) {
    if (!file.is_regular_file()) continue;
    s3.put_object(kBucket, name + "/" + fs::relative(file.path(), model).string(),
                  pipelines::read_file(file.path()));
  }
  const auto call = [&](const char* operation, const json::value& input) {
    return client.json("sagemaker", std::string("SageMaker.") + operation, input);
  };
  call("CreateModel", {{"ModelName", name},
                       {"ExecutionRoleArn", kRole},
                       {"PrimaryContainer",
                        {{"Image", kImage},
                         {"ModelDataSource",
                          {{"S3DataSource",
                            {{"S3Uri", std::string("s3://") + kBucket + "/" + name + "/"},
                             {"S3DataType", "S3Prefix"},
                             {"CompressionType", "None"}}}}}}}});
  const json::object variant{{"VariantName", "All"},
                             {"ModelName", name},
                             {"InitialInstanceCount", 1},
                             {"InstanceType", "ml.m5.large"}};
  call("CreateEndpointConfig",
       {{"EndpointConfigName", name}, {"ProductionVariants", json::array{variant}}});
  call("CreateEndpoint", {{"EndpointName", name}, {"EndpointConfigName", name}});
  for (;;) {
    const auto told = call("DescribeEndpoint", {{"EndpointName", name}});
    const auto& status = told.at("EndpointStatus").as_string();
    if (status == "InService") return;
    if (status != "Creating") throw std::runtime_error(json::serialize(told));
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

}  // namespace bench
