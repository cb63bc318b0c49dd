// `beer predict --file`: a line for each beer of a file, in the file's order.
#include "beer/beer.h"
#include "beer/json_text.h"
#include "cli/calls/beer_lines.h"
#include "cli/calls/predictor.h"
#include "cli/commands/commands.h"
#include "cli/errors.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <future>
#include <iostream>
#include <limits>
#include <stdexcept>

namespace cli {
namespace {

// One request's share. Verified: InvokeEndpoint takes at most 6 MB.
constexpr std::size_t kBatchBeers = 500, kBatchBytes = 4 << 20;
constexpr std::size_t kLongestLine = kBatchBytes;

/// A line of the file and what it turned out to be.
struct Entry {
  std::size_t line = 0;
  std::string text;
  std::int64_t id = 0;
  std::string name;
  std::string error;  ///< why it is no beer; empty when it is one
};

Entry understand(BeerLine line) {
  Entry entry{.line = line.line, .text = std::move(line.text)};
  if (entry.text.size() > kLongestLine) {
    entry.error = fmt::format("The beer is longer than {} MiB.", kLongestLine >> 20);
    return entry;
  }
  beer::ParseResult parsed = beer::parse_beer(entry.text);
  if (parsed) {
    entry.id = parsed.beer->id;
    entry.name = std::move(parsed.beer->name);
  } else {
    entry.error = std::move(parsed.reason);
  }
  return entry;
}

struct Counts {
  std::size_t beers = 0;
  std::size_t errors = 0;
};

/// What is printed, a line for each entry.
class Report {
 public:
  explicit Report(bool json) : json_(json) {}

  void add(const Entry& entry, const BeerPrediction& prediction) {
    json_ ? add_json(entry, prediction) : add_text(entry, prediction);
    out_ += '\n';
  }
  void add_error(const Entry& entry) {
    if (json_) {
      out_ += fmt::format("{{\"line\":{},\"error\":", entry.line);
      beer::append_json_string(out_, entry.error);
      out_ += "}\n";
    } else {
      out_ += fmt::format("line {}: {}\n", entry.line, entry.error);
    }
  }
  void print() {
    if (std::fwrite(out_.data(), 1, out_.size(), stdout) != out_.size() ||
        std::fflush(stdout) != 0) {
      throw std::runtime_error("standard output can't be written");
    }
    out_.clear();
  }

 private:
  void add_json(const Entry& entry, const BeerPrediction& prediction) {
    constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
    out_ += fmt::format("{{\"id\":{},\"name\":", entry.id);
    beer::append_json_string(out_, entry.name);
    out_ += ",\"ibu\":";
    beer::append_json_number(out_, prediction.ibu);
    out_ += ",\"low\":";
    beer::append_json_number(out_, prediction.interval ? prediction.interval->first : kNone);
    out_ += ",\"high\":";
    beer::append_json_number(out_, prediction.interval ? prediction.interval->second : kNone);
    out_ += ",\"flags\":[";
    for (std::size_t i = 0; i < prediction.flags.size(); ++i) {
      if (i > 0) out_ += ',';
      beer::append_json_string(out_, prediction.flags[i]);
    }
    out_ += "]}";
  }
  void add_text(const Entry& entry, const BeerPrediction& prediction) {
    out_ +=
        fmt::format("{}: {:.1f} IBU, {}", entry.name, prediction.ibu, interval_text(prediction, 1));
    if (!prediction.flags.empty()) {
      out_ += fmt::format(" ({})", fmt::join(prediction.flags, ", "));
    }
  }

  bool json_;
  std::string out_;
};

/// The next entries that go into one request.
std::vector<Entry> next_batch(BeerLines& lines) {
  std::vector<Entry> batch;
  for (std::size_t bytes = 0; batch.size() < kBatchBeers && bytes < kBatchBytes / 2;) {
    auto line = lines.next();
    if (!line) break;
    batch.push_back(understand(std::move(*line)));
    if (batch.back().error.empty()) bytes += batch.back().text.size();
  }
  return batch;
}

std::string request_of(const std::vector<Entry>& batch) {
  std::string beers = "[";
  for (const Entry& entry : batch) {
    if (!entry.error.empty()) continue;
    if (beers.size() > 1) beers += ',';
    beers += entry.text;
  }
  return beers + "]";
}

/// A batch that is being asked for while the next one is read.
struct Asked {
  std::vector<Entry> batch;
  std::future<std::vector<BeerPrediction>> answers;
};

Asked ask(Predictor& predictor, std::vector<Entry> batch) {
  std::string beers = request_of(batch);
  if (beers.size() <= 2) return {std::move(batch), {}};  // nothing but errors
  auto answers = std::async(std::launch::async, [&predictor, beers = std::move(beers)] {
    return predictor.predict(beers, false);
  });
  return {std::move(batch), std::move(answers)};
}

/// Prints all lines of a batch once it has been answered.
void print_batch(Asked asked, Report& report, Counts& counts) {
  std::vector<BeerPrediction> predictions;
  if (asked.answers.valid()) predictions = asked.answers.get();
  std::size_t next = 0;
  for (const Entry& entry : asked.batch) {
    if (!entry.error.empty()) {
      report.add_error(entry);
      ++counts.errors;
      continue;
    }
    if (next == predictions.size()) {
      throw std::runtime_error("what predicts answered for fewer beers than it was asked for");
    }
    report.add(entry, predictions[next++]);
    ++counts.beers;
  }
  report.print();
}

Counts predict_stream(const PredictOptions& options, std::istream& stream) {
  BeerLines lines(stream);
  Report report(options.json);
  Counts counts;
  const auto predictor = find_predictor(options.common, options.model);
  Asked asked = ask(*predictor, next_batch(lines));
  while (!asked.batch.empty()) {
    std::vector<Entry> next = next_batch(lines);
    print_batch(std::move(asked), report, counts);
    asked = ask(*predictor, std::move(next));
  }
  return counts;
}

Counts predict_named(const PredictOptions& options) {
  if (options.file == "-") {
    std::ios::sync_with_stdio(false);
    return predict_stream(options, std::cin);
  }
  std::ifstream stream(options.file, std::ios::binary);
  if (!stream || std::filesystem::is_directory(options.file)) {
    throw UsageError(fmt::format("{}: can't be read", options.file));
  }
  return predict_stream(options, stream);
}

}  // namespace

int predict_file(const PredictOptions& options) {
  const Counts counts = predict_named(options);
  if (counts.errors > 0) {
    fmt::print(stderr, "beer: {} of {} lines are no beer, each with its reason in its place\n",
               counts.errors, counts.beers + counts.errors);
  }
  const bool all_wrong = counts.errors > 0 && counts.beers == 0;
  return all_wrong || (options.strict && counts.errors > 0) ? kFailed : kOk;
}

}  // namespace cli
