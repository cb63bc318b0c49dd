// What the data-quality rules found in the beers of an execution: quality.json.
#pragma once

#include "pipelines/preprocess/cleaned_rows.h"
#include "pipelines/table.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>

namespace pipelines {

struct Findings {
  std::size_t beers = 0;                       ///< different ones
  std::map<std::string, std::size_t> labels;   ///< beers by label: "ok", "missing", …
  std::map<std::string, std::size_t> by_rule;  ///< beers that the rule caught
};
/// How often a beer came tells nothing of it, so it isn't counted. `latest` are the rows that
/// count, see latest_by_id().
Findings count_findings(const CleanedRows& cleaned, std::span<const std::uint32_t> latest);

/// As JSON:
///   beers, labels  as above
///   findings  of each rule that caught a beer: rule, checks, action, reason, beers; the most
///             frequent first
///   missing   of each feature that rows lack: feature, share; the most often missing first
/// `train` are the rows of `table` that are learnt from.
std::string quality_json(const Findings& findings, const Table& table,
                         std::span<const std::uint32_t> train);

}  // namespace pipelines
