// Tokens: base64 of a digest of 16 bytes and the fields, each ended by a zero byte.
#include "engine/services/kinesis/token.h"

#include "lib/base/digest.h"
#include "lib/base/encoding.h"

namespace engine::kinesis {
namespace {
constexpr std::size_t kDigestSize = 16;
}

std::string TokenSeal::digest(std::string_view kind, std::string_view payload) const {
  std::string signed_text(kind);
  signed_text.append(1, '\0').append(payload);
  return base::hmac_sha256(key_, signed_text).substr(0, kDigestSize);
}

std::string TokenSeal::seal(std::string_view kind, const std::vector<std::string>& fields) const {
  std::string payload;
  for (const std::string& field : fields) payload.append(field).append(1, '\0');
  return base::to_base64(digest(kind, payload) + payload);
}

std::optional<std::vector<std::string>> TokenSeal::open(std::string_view kind,
                                                        std::string_view token) const {
  const auto bytes = base::from_base64(token);
  if (!bytes || bytes->size() < kDigestSize) return std::nullopt;
  std::string_view payload = *bytes;
  payload.remove_prefix(kDigestSize);
  if (!base::constant_time_equal(digest(kind, payload), bytes->substr(0, kDigestSize))) {
    return std::nullopt;
  }
  std::vector<std::string> fields;
  while (!payload.empty()) {
    const std::size_t end = payload.find('\0');
    fields.emplace_back(payload.substr(0, end));
    payload.remove_prefix(end + 1);
  }
  return fields;
}

}  // namespace engine::kinesis
