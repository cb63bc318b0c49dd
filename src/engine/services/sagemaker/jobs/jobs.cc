// What processing and training jobs share.
#include "engine/services/sagemaker/jobs/jobs.h"

namespace engine::sagemaker {

std::string algorithm_error(const RunResult& result, const std::string& written,
                            const JobLog& log) {
  // Verified: AWS's sentence for a container that the kernel killed.
  if (result.exit.out_of_memory) {
    return "ClientError: Please use an instance type with more memory, or reduce the size of job "
           "data processed on an instance., exit code: 137";
  }
  // Deviation: our own sentence; on AWS the program is told that no space is left.
  if (result.how == Ended::kDiskFull) {
    return "ClientError: No space left on device: the job has written more than its volume holds. "
           "Please use a larger VolumeSizeInGB.";
  }
  const std::string end =
      result.exit.signal != 0 ? result.exit.text() : fmt::format("exit code: {}", result.exit.code);
  std::string why = written.empty() ? log.last_line() : written;
  if (why.empty()) why = "See the job's logs for more information";
  return fmt::format("AlgorithmError: {}, {}", shortened(std::move(why), 900), end);
}

RunLimits run_limits(const SageMaker::Impl& state, std::int64_t max_runtime_seconds,
                     std::optional<std::int64_t> volume_gb) {
  RunLimits limits{.runtime = std::chrono::seconds(max_runtime_seconds),
                   .grace = state.settings.stop_grace,
                   .disk_bytes = state.settings.disk_bytes};
  const auto most = state.settings.most_runtime;
  if (most.count() > 0) limits.runtime = std::min<std::chrono::milliseconds>(limits.runtime, most);
  if (volume_gb && *volume_gb > 0) {
    const auto volume = static_cast<std::uint64_t>(*volume_gb) << 30;
    limits.disk_bytes = limits.disk_bytes == 0 ? volume : std::min(volume, limits.disk_bytes);
  }
  return limits;
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
