// Where a registered model comes from: the training job, and the data it read.
#pragma once

#include "cli/session.h"

#include <string>
#include <vector>

namespace cli {

/// A data set that a training job read.
struct DataSet {
  std::string uri;
  std::string digest;  ///< of its objects when they were read; "" where it isn't known
};

/// By the lineage that the service keeps; none where it keeps none.
std::vector<DataSet> data_of_model(Session& session, const std::string& model_data_url);

/// The digest of what stands at an S3 URI now, made as the lineage's is: the ETag of a single
/// object, else the MD5 over the lines "<ETag> <key>". "" when nothing stands there.
std::string digest_now(Session& session, const std::string& uri);

/// "s3://bucket/some/key" as its two parts. Throws std::runtime_error.
struct Place {
  std::string bucket, key;
};
Place place_of(const std::string& uri);

}  // namespace cli
