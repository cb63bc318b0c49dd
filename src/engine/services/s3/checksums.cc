// The digests S3 knows of a body.
#include "engine/services/s3/checksums.h"

#include "engine/services/s3/errors.h"
#include "lib/base/digest.h"
#include "lib/base/encoding.h"

#include <future>

namespace engine::s3 {
namespace {

std::size_t checksum_size(std::string_view algorithm) {
  if (algorithm == "SHA1") return 20;
  if (algorithm == "SHA256") return 32;
  return algorithm == "CRC64NVME" ? 8 : 4;
}

/// Takes what `wanted` says of the body, the first of them on a thread of its own.
void digest_side_by_side(const http::Body& body, const std::vector<std::string>& wanted,
                         http::Body::Digests& found) {
  const auto take = [&body](std::string_view algorithm) {
    const auto checksum = base::make_checksum(algorithm);
    body.for_each_piece([&](std::string_view piece) { checksum->update(piece); });
    return checksum->finish();
  };
  std::future<std::string> first = std::async(std::launch::async, take, wanted.front());
  for (const auto& algorithm : wanted) {
    if (algorithm != wanted.front()) found[algorithm] = take(algorithm);
  }
  found[wanted.front()] = first.get();
}

}  // namespace

bool is_checksum_algorithm(std::string_view algorithm) {
  return algorithm == "CRC32" || algorithm == "CRC32C" || algorithm == "CRC64NVME" ||
         algorithm == "SHA1" || algorithm == "SHA256";
}

std::string to_upper(std::string text) {
  for (char& c : text) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return text;
}

std::unique_ptr<base::Checksum> make_checksum(std::string_view algorithm) {
  if (is_checksum_algorithm(algorithm)) return base::make_checksum(algorithm);
  throw invalid_request("Checksum algorithm provided is unsupported. Please try again with any of the "
                        "valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
}

struct Digester::State {
  base::Digest md5{base::Digest::Kind::kMd5};
  std::map<std::string, std::unique_ptr<base::Checksum>> checksums;
};

Digester::Digester(const std::vector<std::string>& algorithms) : state_(std::make_unique<State>()) {
  for (const auto& algorithm : algorithms) {
    state_->checksums.emplace(algorithm, make_checksum(algorithm));
  }
}
Digester::~Digester() = default;

void Digester::update(std::string_view bytes) {
  state_->md5.update(bytes);
  for (auto& [algorithm, checksum] : state_->checksums) checksum->update(bytes);
}

Digests Digester::finish() {
  Digests found{state_->md5.finish(), {}};
  for (auto& [algorithm, checksum] : state_->checksums) {
    found.checksums.emplace(algorithm, base::to_base64(checksum->finish()));
  }
  return found;
}

Digests digest(const http::Body& body, const std::vector<std::string>& algorithms) {
  // Worth a thread: MD5 takes longer than all the others together.
  constexpr std::uint64_t kLarge = 1 << 20;
  for (const auto& algorithm : algorithms) make_checksum(algorithm);  // or throws
  http::Body::Digests raw;
  std::vector<std::string> missing;
  const auto want = [&](const std::string& algorithm) {
    const std::string* known = body.find_digest(algorithm);
    if (known != nullptr) raw[algorithm] = *known;
    if (known == nullptr) missing.push_back(algorithm);
  };
  want("MD5");
  for (const auto& algorithm : algorithms) want(algorithm);
  if (body.size() < kLarge && !missing.empty()) {
    Digester digester(algorithms);
    body.for_each_piece([&](std::string_view piece) { digester.update(piece); });
    return digester.finish();
  }
  if (!missing.empty()) digest_side_by_side(body, missing, raw);
  Digests found{raw.at("MD5"), {}};
  for (const auto& algorithm : algorithms) {
    found.checksums.emplace(algorithm, base::to_base64(raw.at(algorithm)));
  }
  return found;
}

void verify(const Digests& found, const Checksums& given, const std::optional<std::string>& md5) {
  if (md5) {
    const auto raw = base::from_base64(*md5);
    if (!raw || raw->size() != 16) throw invalid_digest();
    if (*raw != found.md5) throw bad_md5();
  }
  for (const auto& [algorithm, value] : given) {
    const auto raw = base::from_base64(value);
    if (!raw || raw->size() != checksum_size(algorithm)) {
      throw invalid_checksum("x-amz-checksum-" + base::to_lower(algorithm));
    }
    if (found.checksums.at(algorithm) != value) throw bad_checksum(algorithm);
  }
}

std::vector<std::string> wanted_algorithms(const Checksums& given,
                                           const std::optional<std::string>& named) {
  std::vector<std::string> wanted;
  for (const auto& [algorithm, value] : given) wanted.push_back(algorithm);
  if (named && !given.contains(*named)) wanted.push_back(*named);
  if (wanted.empty()) wanted.emplace_back("CRC64NVME");
  return wanted;
}

std::vector<std::string> digests_of_upload(const http::Request& request) {
  constexpr std::string_view kPrefix = "x-amz-checksum-";
  if (request.method != "PUT" || request.headers.has("x-amz-copy-source")) return {};
  const std::string_view signed_hash = request.headers.get("x-amz-content-sha256");
  // What is digested there is not the object yet, but its chunks.
  if (signed_hash.starts_with("STREAMING-")) return {};
  std::vector<std::string> wanted{"MD5"};
  const bool is_hash = signed_hash.size() == 64;
  if (is_hash) wanted.emplace_back("SHA256");
  std::string named(request.headers.get("x-amz-sdk-checksum-algorithm"));
  for (const auto& [name, value] : request.headers) {
    const std::string lower = base::to_lower(name);
    if (lower.starts_with(kPrefix)) named = to_upper(lower.substr(kPrefix.size()));
  }
  if (!is_checksum_algorithm(named)) named = "CRC64NVME";
  if (named != "SHA256" || !is_hash) wanted.push_back(named);
  return wanted;
}

}  // namespace engine::s3
