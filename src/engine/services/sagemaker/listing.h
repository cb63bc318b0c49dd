// What SageMaker's lists share: filters by name, time and status, an order, pages.
#pragma once

#include "engine/services/paging.h"
#include "engine/services/sagemaker/errors.h"
#include "lib/base/clock.h"
#include "lib/base/encoding.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

namespace engine::sagemaker {

/// A line of a list, and what lists are filtered and sorted by.
template <class Summary>
struct Listed {
  Summary summary;
  std::string name;
  base::Timestamp created, modified;
  std::string status;
};

template <class Input, class Summary>
bool passes(const Input& input, const Listed<Summary>& item) {
  const auto lower = [](const auto& text) { return base::to_lower(text); };
  if constexpr (requires { input.NameContains; }) {
    if (input.NameContains &&
        lower(item.name).find(lower(*input.NameContains)) == std::string::npos) {
      return false;
    }
  }
  if constexpr (requires { input.CreationTimeAfter; }) {
    if (input.CreationTimeAfter && item.created < *input.CreationTimeAfter) return false;
    if (input.CreationTimeBefore && item.created > *input.CreationTimeBefore) return false;
  }
  if constexpr (requires { input.CreatedAfter; }) {
    if (input.CreatedAfter && item.created < *input.CreatedAfter) return false;
    if (input.CreatedBefore && item.created > *input.CreatedBefore) return false;
  }
  if constexpr (requires { input.LastModifiedTimeAfter; }) {
    if (input.LastModifiedTimeAfter && item.modified < *input.LastModifiedTimeAfter) return false;
    if (input.LastModifiedTimeBefore && item.modified > *input.LastModifiedTimeBefore) return false;
  }
  if constexpr (requires { input.StatusEquals; }) {
    if (input.StatusEquals && item.status != *input.StatusEquals) return false;
  }
  return true;
}

/// The page of `all` that `input` asks for: by SortBy (Name, Status or a time; creation by default)
/// and SortOrder (`order_unasked` by default, else newest first, names from A).
template <class Input, class Summary>
Page<Summary> list_page(const Input& input, std::vector<Listed<Summary>> all,
                        const char* order_unasked = nullptr) {
  std::erase_if(all, [&](const auto& item) { return !passes(input, item); });
  const std::string by = input.SortBy.value_or("CreationTime");
  std::sort(all.begin(), all.end(), [&](const auto& a, const auto& b) {
    if (by == "Name" || by == "PipelineExecutionArn") return a.name < b.name;
    if (by == "Status") return std::tie(a.status, a.name) < std::tie(b.status, b.name);
    if (by == "LastModifiedTime")
      return std::tie(a.modified, a.name) < std::tie(b.modified, b.name);
    return std::tie(a.created, a.name) < std::tie(b.created, b.name);
  });
  const std::string order = input.SortOrder.value_or(
      order_unasked ? order_unasked : by == "Name" ? "Ascending" : "Descending");
  if (order == "Descending") std::reverse(all.begin(), all.end());
  std::vector<Summary> lines;
  lines.reserve(all.size());
  for (auto& item : all) lines.push_back(std::move(item.summary));
  return page_of(std::move(lines), input.NextToken, input.MaxResults, 100, bad_token());
}

}  // namespace engine::sagemaker
