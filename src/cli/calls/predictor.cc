// The endpoint as it stands, or a model unpacked and served beside the command.
#include "cli/calls/predictor.h"

#include "cli/calls/lineage.h"
#include "cli/calls/registry.h"
#include "cli/deploy/steps.h"
#include "cli/errors.h"
#include "cli/last_engine.h"
#include "cli/programs.h"
#include "engine/jobs/process.h"
#include "engine/services/sagemaker/jobs/archive.h"
#include "lib/http/client.h"
#include "lib/io/temporary_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace cli {
namespace {

namespace fs = std::filesystem;

class EndpointPredictor : public Predictor {
 public:
  explicit EndpointPredictor(Reached reached) : reached_(std::move(reached)) {
    if (reached_.engine) wait_until_served();
  }
  std::vector<BeerPrediction> predict(const std::string& beers, bool explain) override {
    return cli::predict(*reached_.session, beers, explain);
  }

 private:
  /// The endpoint of an engine that has just been opened starts its process first.
  void wait_until_served() {
    Session& session = *reached_.session;
    const std::string& name = session.spec().endpoint.name;
    const auto served = [&] {
      const auto state = find_endpoint_state(session);
      if (!state || state->status == "Failed" || state->status == "OutOfService") {
        throw std::runtime_error(fmt::format(
            "no model serves at the endpoint {}{}: let one by `beer promote`, or name one by "
            "--model",
            name, state ? fmt::format(", it is {} ({})", state->status, state->failure) : ""));
      }
      return state->status == "InService";
    };
    wait_until("endpoint " + name, served);
  }

  Reached reached_;
};

/// What a program writes, read as it comes.
class Pipe {
 public:
  Pipe() {
    if (::pipe2(ends_, O_CLOEXEC) != 0) {
      throw std::system_error(errno, std::generic_category(), "pipe");
    }
  }
  ~Pipe() {
    ::close(ends_[0]);
    close_writing();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int writing() const { return ends_[1]; }
  void close_writing() {
    if (ends_[1] >= 0) ::close(std::exchange(ends_[1], -1));
  }
  /// Up to the next end of line; nothing once nobody writes any more.
  std::optional<std::string> line() {
    std::string text;
    for (char letter = 0; ::read(ends_[0], &letter, 1) == 1;) {
      if (letter == '\n') return text;
      text += letter;
    }
    return text.empty() ? std::nullopt : std::optional(text);
  }

 private:
  int ends_[2] = {-1, -1};
};

/// The serving program on a port of its own, with the model in its /opt/ml/model.
class ModelPredictor : public Predictor {
 public:
  explicit ModelPredictor(const std::string& archive) {
    engine::sagemaker::unpack_into(archive, folder_.path() + "/model");
    Pipe output;
    process_.emplace(
        engine::jobs::ProcessSpec{.program = program("beer-pipeline"),
                                  .args = {"serve"},
                                  .environment = {{"SAGEMAKER_BIND_TO_PORT", "0"},
                                                  {"SM_BIND_ADDRESS", "127.0.0.1"},
                                                  {"SM_ML_ROOT", folder_.path()}},
                                  .ml_root = folder_.path(),
                                  .output = output.writing()});
    output.close_writing();
    url_ = read_url(output, archive);
  }

  std::vector<BeerPrediction> predict(const std::string& beers, bool explain) override {
    http::Headers headers{{"Content-Type", "application/json"}, {"Accept", "application/json"}};
    if (explain) headers.add("X-Amzn-SageMaker-Enable-Explanations", "`true`");
    const http::Response answer = client_.send(url_, {"POST", "/", std::move(headers), beers});
    const std::string body = answer.body.string();
    if (answer.status != 200) throw std::runtime_error(fmt::format("the model answered: {}", body));
    return read_predictions(body);
  }

 private:
  /// It says where it serves in its first line; any other is why it doesn't.
  static http::Url read_url(Pipe& output, const std::string& archive) {
    constexpr std::string_view kServing = "serving ";
    std::string last;
    while (auto line = output.line()) {
      last = std::move(*line);
      if (!last.starts_with(kServing)) continue;
      return http::parse_url(last.substr(kServing.size()) + "/invocations");
    }
    throw std::runtime_error(fmt::format("{}: {}", archive, last));
  }

  io::TemporaryFolder folder_;
  std::optional<engine::jobs::Process> process_;
  http::Url url_;
  http::Client client_;
};

/// The number of a version; nothing for what is no number.
std::optional<int> version_number(const std::string& model) {
  const bool digits = std::all_of(model.begin(), model.end(),
                                  [](char letter) { return letter >= '0' && letter <= '9'; });
  if (!digits || model.size() > 6) return std::nullopt;
  return std::stoi(model);
}

/// Fetches the model that a version of the registry stands for.
void download(Session& session, int version, const fs::path& file) {
  const ModelPackage chosen = choose_package(session, version, "");
  const Place model = place_of(describe_package(session, chosen.arn).model_url);
  std::ofstream(file, std::ios::binary)
      << session.s3().get_object(model.bucket, model.key).body.string();
}

std::unique_ptr<Predictor> serve_version(const Common& common, int version) {
  const io::TemporaryFolder folder;
  const std::string archive = folder.path() + "/model.tar.gz";
  const Reached reached = reach_system(common);
  download(*reached.session, version, archive);
  return std::make_unique<ModelPredictor>(archive);
}

}  // namespace

std::unique_ptr<Predictor> find_predictor(const Common& common, const std::string& model) {
  if (model.empty()) return std::make_unique<EndpointPredictor>(reach_system(common));
  if (fs::is_regular_file(model)) return std::make_unique<ModelPredictor>(model);
  if (const auto version = version_number(model)) return serve_version(common, *version);
  throw UsageError(fmt::format(
      "--model {}: neither a model.tar.gz that is there nor the number of a version", model));
}

}  // namespace cli
