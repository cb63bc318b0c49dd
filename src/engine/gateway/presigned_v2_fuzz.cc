// S3's older presigned URLs, read and held against a secret.
#include "engine/gateway/presigned_v2.h"
#include "lib/base/fuzz.h"

FUZZ(bytes) {
  http::Request request;
  request.target = base::fuzz::take_line(bytes);
  request.headers.add("Host", std::string(base::fuzz::take_line(bytes)));
  const auto claim = engine::read_presigned_v2(request);
  if (!claim) return;
  claim->end();
  base::fuzz::hold(!engine::verify_presigned_v2(request, *claim, "nobody's secret", bytes),
                   "nobody's secret fits");
}
