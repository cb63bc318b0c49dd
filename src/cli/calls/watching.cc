// The watching job's inputs fetched, its program run, its findings told.
#include "cli/calls/watching.h"

#include "cli/calls/champion.h"
#include "cli/calls/lineage.h"
#include "cli/output/table.h"
#include "cli/programs.h"
#include "engine/jobs/process.h"
#include "lib/io/file.h"
#include "lib/io/temporary_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <utility>
#include <vector>

namespace cli {
namespace {

namespace fs = std::filesystem;

/// The objects at a URI below a folder, as SageMaker lays them out for a job.
void fetch(Session& session, const std::string& uri, const fs::path& folder) {
  const Place place = place_of(uri);
  aws::S3 s3 = session.s3();
  for (const aws::S3::Object& object : s3.list_objects(place.bucket, place.key)) {
    std::string name = object.key.substr(place.key.size());
    if (name.empty()) name = "/" + object.key.substr(object.key.rfind('/') + 1);
    const fs::path path = folder / name.substr(name.starts_with('/') ? 1 : 0);
    if (name.ends_with('/') || path.lexically_relative(folder).native().starts_with("..")) continue;
    fs::create_directories(path.parent_path());
    std::ofstream file(path, std::ios::binary);
    s3.get_object(place.bucket, object.key).body.for_each_piece([&](std::string_view piece) {
      file.write(piece.data(), static_cast<std::streamsize>(piece.size()));
    });
    if (!file.flush()) throw std::runtime_error(fmt::format("{} can't be written", path.string()));
  }
}

void run_watch(const Session& session, const std::string& folder, const std::string& version) {
  const Spec::Watching& watching = session.spec().watching;
  std::vector<std::string> said;
  const engine::jobs::Process process(
      {.program = program("beer-pipeline"),
       .args = {"watch", "--version", version, "--window", std::to_string(watching.window),
                "--minimum", std::to_string(watching.minimum), "--psi",
                fmt::format("{}", watching.psi)},
       .environment = {{"SM_ML_ROOT", folder}},
       .ml_root = folder,
       .on_output = [&](std::vector<std::string> lines) {
         for (auto& line : lines) said.push_back(std::move(line));
       }});
  const auto exit = process.wait();
  if (!exit.ok()) {
    throw std::runtime_error(said.empty() ? "the watching program ended with " + exit.text()
                                          : said.back());
  }
}

double real(const json::value& from, const char* path) { return number(from, path); }

bool flag(const json::value& from, const char* path) {
  const json::value* const found = find(from, path);
  return found != nullptr && found->is_bool() && found->as_bool();
}

std::string verdict(const json::value& feature) {
  std::vector<std::string> words;
  if (flag(feature, "drifted")) words.emplace_back("DRIFTED");
  if (flag(feature, "missing_breach")) words.emplace_back("MISSING");
  if (flag(feature, "range_breach")) words.emplace_back("OUT OF RANGE");
  return words.empty() ? "ok" : fmt::format("{}", fmt::join(words, ", "));
}

void add_row(Table& table, const json::value& feature) {
  table.add({text(feature, "feature"), fmt::format("{:.3f}", real(feature, "psi")),
             fmt::format("{:.3f}", real(feature, "ks")),
             fmt::format("{:.1f} %", 100 * real(feature, "missing_then")),
             fmt::format("{:.1f} %", 100 * real(feature, "missing_now")),
             fmt::format("{:.1f} %", 100 * real(feature, "outside")), verdict(feature)});
}

std::string errors_text(const json::value& drift) {
  std::string out = fmt::format("error      {:.1f} IBU on average, {:.1f} at training: {}\n",
                                real(drift, "error.now"), real(drift, "error.then"),
                                flag(drift, "error.grown") ? "GROWN" : "ok");
  if (find(drift, "error.coverage_now") != nullptr) {
    out += fmt::format("intervals  hold {:.0f} %, {:.0f} % at training\n",
                       100 * real(drift, "error.coverage_now"),
                       100 * real(drift, "error.coverage_then"));
  }
  return out;
}

}  // namespace

json::value watch_now(Session& session) {
  const auto champion = find_champion(session);
  if (!champion) {
    throw std::runtime_error("no model is approved, so there is none to watch: `beer approve`");
  }
  const auto parameters = watching_parameters(champion);
  if (!parameters) {
    throw std::runtime_error(fmt::format(
        "version {} wasn't registered by the pipeline: it doesn't tell what it was trained on",
        champion->version));
  }
  const io::TemporaryFolder folder;
  const fs::path inputs = fs::path(folder.path()) / "processing";
  fs::create_directories(inputs / "input");
  fetch(session, session.system().table_location(), inputs / "input");
  fetch(session, champion->model, inputs / "model");
  fetch(session, champion->baseline + "/", inputs / "baseline");
  fetch(session, champion->judged_rows + "/", inputs / "rows");
  fetch(session, champion->evaluation + "/", inputs / "evaluation");
  run_watch(session, folder.path(), std::to_string(champion->version));
  return json::parse(io::read_file((inputs / "drift" / "drift.json").string()));
}

std::vector<std::string> executions_of(Session& session, const std::string& pipeline,
                                       const std::string& status) {
  const json::value page = session.aws().json(
      "sagemaker", "SageMaker.ListPipelineExecutions",
      json::object{
          {"PipelineName", pipeline}, {"SortBy", "CreationTime"}, {"SortOrder", "Descending"}});
  std::vector<std::string> arns;
  for (const json::value& execution : list(page, "PipelineExecutionSummaries")) {
    if (!status.empty() && text(execution, "PipelineExecutionStatus") != status) continue;
    arns.push_back(text(execution, "PipelineExecutionArn"));
  }
  return arns;
}

json::value read_drift(Session& session, const std::string& execution_arn) {
  const std::string key = fmt::format("watching/{}/drift/drift.json",
                                      execution_arn.substr(execution_arn.rfind('/') + 1));
  return json::parse(session.s3().get_object(session.system().models_bucket(), key).body.string());
}

std::string drift_text(const json::value& drift, std::size_t most) {
  std::string out;
  const std::string model = text(drift, "model");
  if (find(drift, "features") != nullptr) {
    Table table({"feature", "PSI", "KS", "missing then", "now", "out of range", ""});
    std::vector<json::value> features;
    for (const json::value& one : list(drift, "features")) features.push_back(one);
    std::stable_partition(features.begin(), features.end(),
                          [](const json::value& one) { return verdict(one) != "ok"; });
    for (const json::value& one : features) {
      if (table.rows() == most) break;
      add_row(table, one);
    }
    json::object prediction = find(drift, "prediction")->as_object();
    prediction["feature"] = "(prediction)";
    add_row(table, prediction);
    out += table.to_text();
    if (features.size() > most) {
      out += fmt::format("and {} features that moved less: --all\n", features.size() - most);
    }
    out += "\n" + errors_text(drift);
  }
  return out + fmt::format("version {}: {}\n", model, text(drift, "reason"));
}

}  // namespace cli
