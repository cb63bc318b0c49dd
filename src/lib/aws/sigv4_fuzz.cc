// What a request says of its signature: read, or refused in words; and nobody's secret fits it.
#include "lib/aws/sigv4.h"
#include "lib/base/fuzz.h"

FUZZ(bytes) {
  http::Request request;
  request.target = base::fuzz::take_line(bytes);
  while (!bytes.empty()) {
    const std::string_view line = base::fuzz::take_line(bytes);
    const auto colon = line.find(':');
    if (colon != std::string_view::npos)
      request.headers.add(std::string(line.substr(0, colon)), std::string(line.substr(colon + 1)));
  }
  try {
    const aws::SignatureClaim claim = aws::read_claim(request);
    const std::string hash =
        claim.payload_hash.empty() ? std::string(aws::kUnsignedPayload) : claim.payload_hash;
    const std::string canonical = aws::canonical_request(request, claim, hash);
    base::fuzz::hold(canonical.starts_with(request.method + "\n"),
                     "the canonical request begins with its method");
    base::fuzz::hold(!aws::verify(request, claim, "nobody's secret", hash), "nobody's secret fits");
  } catch (const aws::MalformedSignature&) {
  }
}
