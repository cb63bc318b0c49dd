// Who sends this request? SigV4 by header, by presigned URL, and chunk by chunk; for S3 also presigned
// URLs of the version before.
#pragma once

#include "engine/gateway/keys.h"
#include "engine/protocol/operation.h"

#include <string>

namespace engine {

struct Caller {
  std::string access_key_id;
  Identity who;
  http::Body body;        ///< decoded from aws-chunked
  http::Headers trailers; ///< of an aws-chunked body
};

/// A request to S3 without any signature is nobody's (Kind::kAnonymous): buckets may allow it.
/// Else verifies the request's signature as `service` does; `now` is the wall clock, whatever speed the
/// engine's own clock runs at. Throws the AwsError that this service gives for what is wrong.
Caller authenticate(const http::Request& request, const ServiceDefinition& service, const KeyStore& keys,
                    Timestamp now, const std::string& spool_dir);

}  // namespace engine
