// Presigned URLs of S3's first signature version, which some SDKs still make by default.
// Source: "Signing and authenticating REST requests" (query string request authentication), Amazon
// S3 developer guide.
#pragma once

#include "lib/base/clock.h"
#include "lib/http/message.h"

#include <optional>
#include <string>
#include <string_view>

namespace engine {

/// ?AWSAccessKeyId=…&Signature=…&Expires=…
struct PresignedV2 {
  std::string access_key_id;
  std::string signature;  ///< base64
  std::string expires;    ///< epoch seconds, as it was signed
  std::string token;      ///< of a temporary key; "" without one
  std::optional<base::Timestamp> end() const;
};

/// Nothing when the request's query isn't of that kind.
std::optional<PresignedV2> read_presigned_v2(const http::Request& request);

/// True when the signature is the one `secret` gives. `bucket` is the one a virtual-host style
/// request names in its host, or empty.
bool verify_presigned_v2(const http::Request& request, const PresignedV2& claim,
                         std::string_view secret, std::string_view bucket);

}  // namespace engine
