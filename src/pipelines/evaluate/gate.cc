// The gate: what holds, what doesn't, and the sentence that says so.
#include "pipelines/evaluate/gate.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <cctype>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace pipelines {
namespace {

namespace json = boost::json;

std::vector<std::string> parts_of(const std::string& path) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t dot = 0; dot != path.npos; begin = dot + 1) {
    dot = path.find('.', begin);
    parts.push_back(path.substr(begin, dot - begin));
  }
  return parts;
}

double value_at(const json::object& report, const std::string& path) {
  std::string pointer;
  for (const std::string& part : parts_of(path)) pointer += "/" + part;
  const json::value whole(report);
  boost::system::error_code error;
  const auto* found = whole.find_pointer(pointer, error);
  if (!found || !found->is_number()) {
    throw std::runtime_error(fmt::format(
        "The evaluation has no number at {}, where the gate's MetricPath looks.", path));
  }
  return found->to_number<double>();
}

/// Of this model's own errors, the one that the path names.
std::optional<ErrorMember> named_error(const std::string& path) {
  const auto parts = parts_of(path);
  const bool own = parts[0] == "regression_metrics" || parts[0] == "confidence";
  return own && parts.size() > 1 ? find_error(parts[1]) : std::nullopt;
}

/// "MAE", "R2", or the path itself of what is no error.
std::string title_of(const std::string& path) {
  if (!named_error(path)) return path;
  std::string title = parts_of(path)[1];
  for (char& letter : title) {
    letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  }
  return title;
}

bool grows(const std::string& path) {
  if (const auto member = named_error(path)) return more_is_better(*member);
  return parts_of(path).back() == "coverage";
}

/// With as many digits as its size is worth, and a plain 0 for one that rounds to it.
std::string short_text(double value) {
  const std::string text = fmt::format("{:.{}f}", value, std::abs(value) < 1 ? 2 : 1);
  return text == "-0.00" ? "0.00" : text;
}

/// A sentence out of clauses, those that refuse first; `passed` when none does.
class Verdict {
 public:
  void hold(bool holds, const std::string& clause) { (holds ? held_ : refused_).push_back(clause); }
  void note(const std::string& clause) { notes_.push_back(clause); }
  bool passed() const { return refused_.empty(); }
  std::string sentence(const std::string& subject) const {
    std::string text =
        fmt::format("{} {}", subject, fmt::join(passed() ? held_ : refused_, " and "));
    for (const std::string& note : notes_) text += "; " + note;
    return text + ".";
  }

 private:
  std::vector<std::string> held_, refused_, notes_;
};

/// "is 0.4 lower than champion version 3's (95 % interval -0.9 to 0.1, at most 1 is tolerated) …".
std::string against(const ChampionReport& champion, const GateOptions& options) {
  const PairedDifference& found = *champion.difference;
  const char* const of = named_error(options.metric_path) ? "is" : "its MAE is";
  const std::string differs =
      found.difference == 0 ? "equal to"
                            : fmt::format("{} {} than", short_text(std::abs(found.difference)),
                                          found.difference < 0 ? "lower" : "higher");
  const std::string sign = more_is_better(compared_error(options)) ? "-" : "";
  return fmt::format(
      "{} {} champion version {}'s (95 % interval {} to {}, tolerated to {}{:g}) on {} beers "
      "neither has learnt from",
      of, differs, champion.version, short_text(found.low), short_text(found.high), sign,
      options.tolerance, champion.shared_rows);
}

const char* bound(bool held, bool more) {
  if (held) return more ? "at least" : "at most";
  return more ? "below" : "above";
}

bool within_tolerance(const PairedDifference& found, const GateOptions& options) {
  return more_is_better(compared_error(options)) ? found.low >= -options.tolerance
                                                 : found.high <= options.tolerance;
}

json::value champion_json(const ChampionReport& champion) {
  if (champion.version.empty()) return nullptr;
  json::object told{{"version", champion.version},
                    {"rows", champion.shared_rows},
                    {"families", champion.shared_families}};
  if (champion.model_digest) told["model_sha256"] = *champion.model_digest;
  if (!champion.difference) {
    told["why_not"] = champion.why_not;
    return told;
  }
  const PairedDifference& found = *champion.difference;
  told["challenger"] = found.challenger;
  told["champion"] = found.champion;
  told["difference"] = found.difference;
  told["low"] = found.low;
  told["high"] = found.high;
  told["resamples"] = found.resamples;
  return told;
}

/// What a threshold of MAE can't see: answering nothing but the mean, and a leak.
void check_sanity(const json::object& report, Verdict& verdict) {
  const double mae = value_at(report, "regression_metrics.mae.value");
  const double mean = value_at(report, "baseline_mae");
  if (mae >= mean) {
    verdict.hold(false,
                 fmt::format("(of {} in MAE) isn't below the {} of always answering the mean",
                             short_text(mae), short_text(mean)));
  }
  const json::value& alarm = report.at("leak_alarm");
  if (alarm.is_bool() && alarm.as_bool()) {
    verdict.hold(false,
                 "is too good to be true: something that was judged on was trained on (the leak "
                 "alarm is up)");
  }
}

}  // namespace

ErrorMember compared_error(const GateOptions& options) {
  return named_error(options.metric_path).value_or(&Errors::mae);
}

json::object judge_gate(const json::object& report, const ChampionReport& champion,
                        const GateOptions& options) {
  const double value = value_at(report, options.metric_path);
  const bool more = grows(options.metric_path);
  const bool held = more ? value >= options.threshold : value <= options.threshold;
  Verdict verdict;
  verdict.hold(held, fmt::format("is {} {:g}", bound(held, more), options.threshold));
  check_sanity(report, verdict);
  if (champion.difference) {
    verdict.hold(within_tolerance(*champion.difference, options), against(champion, options));
  } else {
    verdict.note(champion.why_not + ", so the threshold alone decides");
  }
  const std::string subject =
      fmt::format("{} {}", title_of(options.metric_path), short_text(value));
  return {{"passed", verdict.passed()},         {"reason", verdict.sentence(subject)},
          {"metric", options.metric_path},      {"value", value},
          {"threshold", options.threshold},     {"tolerance", options.tolerance},
          {"champion", champion_json(champion)}};
}

}  // namespace pipelines
