// The report job.
#include "pipelines/report/report.h"

#include "pipelines/evaluate/breakdown.h"
#include "pipelines/evaluate/evaluate.h"
#include "pipelines/report/lesson.h"
#include "pipelines/report/quality_table.h"
#include "pipelines/report/repeats.h"
#include "pipelines/train/train.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace pipelines {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

/// What is asked of the model, and what it does.
struct Bar {
  std::string what;
  std::string asked;
  std::string measured;
  bool held;
};

Bar at_most(std::string what, double limit, double value, double deviation) {
  return {std::move(what), fmt::format("at most {:.1f}", limit),
          fmt::format("{:.2f} ± {:.2f}", value, deviation), value <= limit};
}

std::vector<Bar> bars_of(const Repeats& recipe, const Repeats& mission, std::size_t rows) {
  const double mae = recipe.mean(&Repeat::mae);
  const double six = mission.mean(&Repeat::mae);
  const double covered = recipe.mean(&Repeat::coverage);
  const double strong = recipe.mean(&Repeat::strong_coverage);
  const bool leaks =
      too_good(FeatureSet::kRecipe, rows, mae) || too_good(FeatureSet::kMission, rows, six);
  return {at_most("MAE with recipe features", 11.2, mae, recipe.deviation(&Repeat::mae)),
          at_most("RMSE with recipe features", 15.2, recipe.mean(&Repeat::rmse),
                  recipe.deviation(&Repeat::rmse)),
          at_most("MAE with the mission's six fields", 15.6, six, mission.deviation(&Repeat::mae)),
          {"beers that their 90 % interval holds", "88 to 92 %",
           fmt::format("{:.1f} %", 100 * covered), covered >= 0.88 && covered <= 0.92},
          at_most("mean width of an interval", 50, recipe.mean(&Repeat::mean_width),
                  recipe.deviation(&Repeat::mean_width)),
          {"the same above 65 IBU", "at least 82 %", fmt::format("{:.1f} %", 100 * strong),
           strong >= 0.82},
          {"no leak", "MAE from 8.5, from 11.3", fmt::format("{:.2f}, {:.2f}", mae, six), !leaks}};
}

std::string bars_text(const std::vector<Bar>& bars) {
  std::string text;
  for (const Bar& bar : bars) {
    text += fmt::format("{:<6} {:<40} {:>16}   asked: {}\n", bar.held ? "held" : "MISSED", bar.what,
                        bar.measured, bar.asked);
  }
  return text;
}

/// The groups of all repeats as one: a beer counts once a repeat.
std::vector<Group> pooled(const Beers& beers, const Repeats& repeats,
                          std::vector<Group> (*by)(const Table&, std::span<const Prediction>)) {
  std::vector<std::uint32_t> again;
  std::vector<Prediction> predictions;
  for (const auto& one : repeats.predictions) {
    for (std::uint32_t row = 0; row < one.size(); ++row) again.push_back(row);
    predictions.insert(predictions.end(), one.begin(), one.end());
  }
  auto groups = by(beers.table.pick_rows(again), predictions);
  for (Group& group : groups) group.rows /= repeats.predictions.size();
  return groups;
}

std::string groups_text(const std::vector<Group>& groups) {
  std::string text = "| group | beers | mean IBU | bias | MAE | covered | width |\n";
  text += "|---|---|---|---|---|---|---|\n";
  for (const Group& group : groups) {
    text += fmt::format("| {} | {} | {:.1f} | {:+.1f} | {:.1f} | {:.0f} % | {:.0f} |\n", group.name,
                        group.rows, group.mean_label, group.bias, group.mae, 100 * group.coverage,
                        group.mean_width);
  }
  return text;
}

struct CurvePoint {
  std::size_t beers;
  double recipe;
  double mission;
};

std::vector<CurvePoint> learning_curve(const Beers& beers, const Hyperparameters& recipe,
                                       const Hyperparameters& mission,
                                       const ReportOptions& options) {
  std::vector<CurvePoint> curve;
  const std::size_t all = beers.table.rows() * static_cast<std::size_t>(options.folds - 1) /
                          static_cast<std::size_t>(options.folds);
  for (const std::size_t count :
       {std::size_t{50}, std::size_t{100}, std::size_t{150}, std::size_t{200}, all}) {
    if (count > all) break;
    const auto error = [&](const Hyperparameters& hyperparameters) {
      return repeat(beers, hyperparameters, options.curve_repeats, options.folds, count, false)
          .mean(&Repeat::mae);
    };
    curve.push_back({count, error(recipe), error(mission)});
  }
  return curve;
}

/// Both sides of the split as one.
Beers all_beers(const Folders& folders) {
  const fs::path rows = folders.processing("rows");
  TrainingData data = read_training_data(folders.processing("train"), rows / "train_rows.csv");
  add_held_out(data, folders.processing("test"), rows / "test_rows.csv");
  return {std::move(data.table), std::move(data.families)};
}

json::object repeats_json(const Repeats& repeats) {
  json::object result;
  for (const auto& [name, member] :
       {std::pair("mae", &Repeat::mae), std::pair("rmse", &Repeat::rmse),
        std::pair("coverage", &Repeat::coverage), std::pair("mean_width", &Repeat::mean_width),
        std::pair("strong_coverage", &Repeat::strong_coverage)}) {
    json::array each;
    for (const Repeat& one : repeats.each) each.push_back(one.*member);
    result[name] = {{"mean", repeats.mean(member)},
                    {"standard_deviation", repeats.deviation(member)},
                    {"each", std::move(each)}};
  }
  return result;
}

}  // namespace

bool report(const Folders& folders, const ReportOptions& options, std::ostream& log) {
  const Beers beers = all_beers(folders);
  Hyperparameters recipe = parse_hyperparameters(
      fs::exists(folders.hyperparameters()) ? read_file(folders.hyperparameters()) : "{}");
  recipe.feature_set = FeatureSet::kRecipe;
  Hyperparameters mission = recipe;
  mission.feature_set = FeatureSet::kMission;

  const Repeats with_recipe = repeat(beers, recipe, options.repeats, options.folds);
  const Repeats with_six = repeat(beers, mission, options.repeats, options.folds);
  const auto bars = bars_of(with_recipe, with_six, beers.table.rows());
  log << fmt::format("{} beers, {} × {} grouped folds, nested; ± between repeats\n",
                     beers.table.rows(), options.repeats, options.folds)
      << bars_text(bars) << std::flush;

  std::string text =
      "# Whether the model is worth registering\n\n```\n" + bars_text(bars) + "```\n";
  json::object all{{"beers", beers.table.rows()},
                   {"repeats", options.repeats},
                   {"folds", options.folds},
                   {"recipe", repeats_json(with_recipe)},
                   {"mission", repeats_json(with_six)}};
  json::array bar_list;
  bool held = true;
  for (const Bar& bar : bars) {
    held = held && bar.held;
    bar_list.push_back(json::object{
        {"what", bar.what}, {"asked", bar.asked}, {"measured", bar.measured}, {"held", bar.held}});
  }
  all["bars"] = std::move(bar_list);

  for (const auto& [title, by] : {std::pair("strength", &by_strength),
                                  std::pair("predicted strength", &by_predicted_strength),
                                  std::pair("style", &by_style), std::pair("year", &by_year)}) {
    text += fmt::format("\n## By {}\n\n", title) + groups_text(pooled(beers, with_recipe, by));
  }

  if (options.curve_repeats > 0) {
    json::array points;
    text += "\n## Learning curve\n\n| beers learned from | MAE, recipe | MAE, six fields |\n";
    text += "|---|---|---|\n";
    for (const CurvePoint& point : learning_curve(beers, recipe, mission, options)) {
      text += fmt::format("| {} | {:.2f} | {:.2f} |\n", point.beers, point.recipe, point.mission);
      points.push_back(json::object{
          {"beers", point.beers}, {"recipe", point.recipe}, {"mission", point.mission}});
    }
    all["learning_curve"] = std::move(points);

    constexpr std::size_t kDrawsEach = 3;
    text += "\n## Three ways to part the same beers\n\n";
    text += "| fields | by row of the raw draws | by beer | by family |\n|---|---|---|---|\n";
    for (const Hyperparameters* each : {&mission, &recipe}) {
      const ThreeSplits splits =
          three_splits(beers, *each, kDrawsEach * beers.table.rows(), recipe.seed);
      text += fmt::format("| {} | {:.1f} (of {} draws) | {:.1f} | {:.1f} |\n",
                          to_string(each->feature_set), splits.by_row, splits.draws, splits.by_id,
                          splits.by_family);
      all[fmt::format("three_splits_{}", to_string(each->feature_set))] = {
          {"draws", splits.draws},
          {"by_row", splits.by_row},
          {"by_id", splits.by_id},
          {"by_family", splits.by_family}};
    }
    text +=
        "\nThe source repeats beers, and beers have relatives: only the last column says how a "
        "new recipe will be predicted.\n";
  }

  const QualityCounts quality = quality_counts(folders.processing("input"));
  if (quality.beers > 0) text += "\n## Data quality\n\n" + quality_table(quality);
  write_file(folders.processing("report") / "report.json", json::serialize(all) + "\n");
  write_file(folders.processing("report") / "report.md", text);
  return held;
}

}  // namespace pipelines
