#include "cli/spec.h"

#include "cli/errors.h"
#include "test_places.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace cli {
namespace {

std::string project_spec() {
  std::ifstream file(BEER_SOURCE_DIR "/beer.yaml");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// The project's own spec with one piece replaced.
std::string with(const std::string& piece, const std::string& other) {
  std::string text = project_spec();
  const auto at = text.find(piece);
  EXPECT_NE(at, std::string::npos) << piece;
  return text.replace(at, piece.size(), other);
}

std::string error_of(const std::string& text) {
  try {
    parse_spec(text, "beer.yaml");
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Spec, OfTheProjectIsReadWhole) {
  const Spec spec = parse_spec(project_spec(), "beer.yaml");
  EXPECT_EQ(spec.schedule.expression, "rate(5 minutes)");
  EXPECT_EQ(spec.stream.shards, 1);
  EXPECT_EQ(spec.functions.transformation.name, "fn_transformation");
  EXPECT_GE(spec.cleaned.buffer_mib, 64);  // AWS's least with a format conversion
  EXPECT_EQ(spec.training.hyperparameters.front().first, "feature_set");
  EXPECT_GT(spec.gate.mae_threshold, 0);
}

TEST(Spec, NamesAnUnknownKeyItsLineAndTheKnownOnes) {
  const std::string error = error_of(with("  shards: 1", "  sharts: 1\n  shards: 1"));
  EXPECT_NE(error.find("stream.sharts: no such key"), std::string::npos) << error;
  EXPECT_NE(error.find("shards"), std::string::npos) << error;
  EXPECT_EQ(error.find("beer.yaml:"), 0u) << error;
  EXPECT_EQ(error.find('\n'), std::string::npos) << error;
}

TEST(Spec, GivesTheLineOfAnUnknownKey) {
  EXPECT_EQ(error_of("project: x\nshedule: y\n").substr(0, 9), "beer.yaml");
  const std::string text = project_spec() + "shedule: rate(1 minute)\n";
  const auto line = std::count(text.begin(), text.end(), '\n');
  EXPECT_EQ(error_of(text).find("beer.yaml:" + std::to_string(line) + ": shedule"), 0u)
      << error_of(text);
}

TEST(Spec, RefusesATextWhereANumberIsNeeded) {
  const std::string error = error_of(with("shards: 1", "shards: many"));
  EXPECT_NE(error.find("stream.shards: is \"many\", which is not a whole number from 1 up"),
            std::string::npos)
      << error;
}

TEST(Spec, RefusesAWordThatIsNoneOfThoseKnown) {
  EXPECT_EQ(parse_spec(with("trainer: ours", "trainer: xgboost"), "x").training.trainer, "xgboost");
  const std::string error = error_of(with("trainer: ours", "trainer: theirs"));
  EXPECT_NE(error.find("training.trainer: is \"theirs\", which is none of ours, xgboost"),
            std::string::npos)
      << error;
}

TEST(Spec, RefusesAMappingWhereAValueIsNeeded) {
  const std::string error = error_of(with("rate(5 minutes)", "{rate: 5}"));
  EXPECT_NE(error.find("schedule.expression: must be a single value"), std::string::npos) << error;
}

TEST(Spec, RefusesAValueWhereAMappingIsNeeded) {
  EXPECT_NE(error_of("project: x\nsource: here\n").find("source: must be a mapping"),
            std::string::npos);
}

TEST(Spec, NamesAMissingKey) {
  const std::string error = error_of(with("  expression: rate(5 minutes)\n", ""));
  EXPECT_NE(error.find("schedule.expression: the key is missing"), std::string::npos) << error;
}

TEST(Spec, RefusesAKeyThatStandsTwice) {
  const std::string error = error_of(with("  shards: 1", "  shards: 1\n  shards: 1"));
  EXPECT_NE(error.find("stream.shards: the key stands here twice"), std::string::npos) << error;
}

TEST(Spec, SaysWhereAFileIsNotYaml) {
  const std::string error = error_of("project: [\n");
  EXPECT_NE(error.find("not YAML"), std::string::npos) << error;
}

TEST(Spec, RefusesAnEmptyFile) {
  EXPECT_NE(error_of("").find("must be a mapping of keys to values"), std::string::npos);
}

TEST(Spec, ThatIsNotThereIsAUsageError) {
  EXPECT_THROW(read_spec("/nowhere/beer.yaml"), UsageError);
}

}  // namespace
}  // namespace cli
