// One serving process: a model unpacked into its own /opt/ml/model, on a port of its own.
#pragma once

#include "engine/services/sagemaker/hosting/models.h"
#include "engine/services/sagemaker/jobs/log.h"
#include "engine/services/sagemaker/jobs/program.h"
#include "lib/http/client.h"

#include <stop_token>

namespace engine::sagemaker {

/// What a serving process is called where it leaves something, and how long it may take to answer.
struct ServerPlace {
  std::string folder;  ///< below the folder of jobs
  std::string log_group, log_stream;
  std::chrono::milliseconds invocation_timeout;
};

/// Thread-safe once it is built. The process and its folder go with it.
class Server {
 public:
  /// Lays out the model and starts the program. Throws ClientError, AwsError.
  Server(SageMaker::Impl& state, const std::string& endpoint, const std::string& variant,
         ServedModel model);
  /// The same, for a model that serves no endpoint.
  Server(SageMaker::Impl& state, const ServerPlace& place, ServedModel model);
  ~Server();

  /// Waits until GET /ping is answered 200. Throws ClientError when the process ends before,
  /// `patience` is over, or `stop` is requested.
  void wait_until_healthy(std::chrono::milliseconds patience, std::stop_token stop);

  bool running() const { return process_->running(); }
  /// POSTs to /invocations. Throws http::ConnectionError, http::TimeoutError.
  http::Response invoke(http::Request request);
  /// The same with a time limit of its own, on a connection of its own.
  http::Response invoke(http::Request request, std::chrono::milliseconds timeout);
  /// GETs a path of the process. Throws the same.
  http::Response get(const std::string& target);

  const ServedModel& model() const { return model_; }
  const std::string& log_group() const { return log_.group(); }
  /// The last line its program wrote, once it has ended.
  const std::string& last_line() const { return log_.last_line(); }

 private:
  void lay_out_model() const;

  SageMaker::Impl& state_;
  const ServedModel model_;
  JobFolder folder_;
  JobLog log_;
  http::Url url_;
  http::Client client_;
  std::unique_ptr<jobs::Process> process_;
};

}  // namespace engine::sagemaker
