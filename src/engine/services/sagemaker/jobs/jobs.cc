// What processing and training jobs share.
#include "engine/services/sagemaker/jobs/jobs.h"

namespace engine::sagemaker {

std::string algorithm_error(const RunResult& result, const std::string& written,
                            const JobLog& log) {
  const std::string end =
      result.exit.signal != 0 ? result.exit.text() : fmt::format("exit code: {}", result.exit.code);
  std::string why = written.empty() ? log.last_line() : written;
  if (why.empty()) why = "See the job's logs for more information";
  return fmt::format("AlgorithmError: {}, {}", shortened(std::move(why), 900), end);
}

JobEnd ended_by(const std::function<JobEnd()>& work) {
  try {
    return work();
  } catch (const ClientError& error) {
    return {.status = "Failed", .reason = fmt::format("ClientError: {}", error.what())};
  } catch (const AwsError& error) {
    return {.status = "Failed",
            .reason = fmt::format("ClientError: {}: {}", error.code, error.what())};
  } catch (const std::exception& error) {
    return {.status = "Failed", .reason = fmt::format("InternalServerError: {}", error.what())};
  }
}

std::string job_log_stream(const Context& context, std::string_view job, std::string_view host) {
  return fmt::format("{}/{}-{}", job, host, context.clock.now().time_since_epoch().count());
}

}  // namespace engine::sagemaker
