// The judged beers one by one: what was predicted, what the label says.
#pragma once

#include "pipelines/model/model.h"
#include "pipelines/table.h"

#include <boost/json/fwd.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace pipelines {

/// At most `most` of the judged beers, evenly chosen in their order, each as
///   id, name     where `keys` tell them
///   style, ibu, prediction, error (prediction − ibu), and low, high of its interval, if any
boost::json::array judged_beers(const Table& rows, std::span<const RowKey> keys,
                                std::span<const Prediction> predictions, std::size_t most);

/// Those with the largest absolute error, the worst first, likewise.
boost::json::array worst_beers(const Table& rows, std::span<const RowKey> keys,
                               std::span<const Prediction> predictions, std::size_t most);

}  // namespace pipelines
