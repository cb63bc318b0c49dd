// Destinations as they are asked for, described and changed: one form of them all, ExtendedS3.
#pragma once

#include "engine/models/firehose.h"

namespace engine::firehose {

api::ExtendedS3DestinationDescription describe(const api::ExtendedS3DestinationConfiguration& from);
api::ExtendedS3DestinationDescription describe(const api::S3DestinationConfiguration& from);

/// What an older client reads of it.
api::S3DestinationDescription to_s3(const api::ExtendedS3DestinationDescription& from);

/// Members that are present replace the old ones.
void update(api::ExtendedS3DestinationDescription& to,
            const api::ExtendedS3DestinationUpdate& from);
void update(api::ExtendedS3DestinationDescription& to, const api::S3DestinationUpdate& from);

}  // namespace engine::firehose
