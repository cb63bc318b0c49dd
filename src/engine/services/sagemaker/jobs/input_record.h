// Which objects a job read, with their digests as they were then.
#pragma once

#include "engine/services/sagemaker/jobs/data.h"
#include "engine/services/sagemaker/state.h"

#include <string>
#include <utility>
#include <vector>

namespace engine::sagemaker {

/// One input of a job.
struct RecordedInput {
  std::string name;  ///< of the channel or the input
  std::string uri;
  std::vector<std::pair<std::string, std::string>> objects = {};  ///< key → ETag, by key
};

RecordedInput record_of(const std::string& name, const std::string& uri,
                        const std::vector<InputObject>& objects);
/// What stands at the URI now; no objects when nothing does.
RecordedInput record_of(const SageMaker::Impl& state, const std::string& name,
                        const std::string& uri);

/// Adds the record of a job's inputs to a transaction.
void add_record(storage::Batch& batch, const std::string& job_arn,
                const std::vector<RecordedInput>& inputs);
/// None for a job that has read nothing yet.
std::vector<RecordedInput> recorded_inputs(const SageMaker::Impl& state,
                                           const std::string& job_arn);

/// One digest over all of an input: the ETag of a single object, else the MD5 over the lines
/// "<ETag> <key>". "" when there is no object.
std::string digest_of(const RecordedInput& input);

}  // namespace engine::sagemaker
