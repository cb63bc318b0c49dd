// The aws-chunked content encoding: a body in signed pieces, with trailing headers.
// Source: "Signature calculations: transferring payload in multiple chunks", Amazon S3 API reference.
#pragma once

#include "lib/aws/sigv4.h"
#include "lib/http/message.h"

#include <optional>
#include <string>

namespace engine {

struct DecodedBody {
  http::Body body;
  http::Headers trailers;  ///< x-amz-checksum-…
};

/// How the chunks of one request are signed; nothing for STREAMING-UNSIGNED-PAYLOAD-TRAILER.
struct ChunkKey {
  std::string signing_key;
  aws::SignatureClaim claim;
};

/// Decodes a whole body. What doesn't fit into memory goes to a file in `spool_dir`. Throws AwsError:
/// InvalidChunkSizeError, IncompleteBody, SignatureDoesNotMatch.
DecodedBody decode_chunked(const http::Body& body, const std::optional<ChunkKey>& key,
                           std::optional<std::uint64_t> decoded_length, const std::string& spool_dir);

}  // namespace engine
