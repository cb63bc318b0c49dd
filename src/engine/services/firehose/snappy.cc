// Snappy in its two containers.
//
//   frames  ff 06 00 00 "sNaPpY", then chunks of at most 65,536 bytes:
//           kind (00 compressed, 01 as it is), length (3, little endian, of what follows),
//           masked CRC-32C of the chunk's own bytes (4, little endian), data
//   blocks  length of the block (4, big endian), length of what follows (4, big endian), data
#include "engine/services/firehose/snappy.h"

#include "lib/base/digest.h"

#include <snappy.h>

#include <algorithm>
#include <cstdint>

namespace engine::firehose {
namespace {

constexpr std::size_t kChunk = 64 << 10;
constexpr std::string_view kFrameHeader{"\xff\x06\x00\x00sNaPpY", 10};
constexpr char kCompressed = 0, kAsItIs = 1;

void append_little(std::uint32_t value, int bytes, std::string& out) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
}
void append_big(std::uint32_t value, std::string& out) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

/// The format's way to keep a checksum of bytes that hold checksums apart.
std::uint32_t masked(std::uint32_t crc) {
  constexpr std::uint32_t kDelta = 0xa282ead8;
  return ((crc >> 15) | (crc << 17)) + kDelta;
}

void append_frame(std::string_view chunk, std::string& packed, std::string& out) {
  constexpr std::uint32_t kCrcBytes = 4;
  snappy::Compress(chunk.data(), chunk.size(), &packed);
  const bool worth_it = packed.size() < chunk.size();
  const std::string_view data = worth_it ? packed : chunk;
  out += worth_it ? kCompressed : kAsItIs;
  append_little(static_cast<std::uint32_t>(data.size()) + kCrcBytes, 3, out);
  append_little(masked(base::crc32c(chunk)), kCrcBytes, out);
  out += data;
}

}  // namespace

std::string snappy_frames(std::string_view bytes) {
  std::string out(kFrameHeader), packed;
  for (std::size_t at = 0; at < bytes.size(); at += kChunk) {
    append_frame(bytes.substr(at, kChunk), packed, out);
  }
  return out;
}

std::string snappy_blocks(std::string_view bytes) {
  std::string out, packed;
  for (std::size_t at = 0; at < bytes.size(); at += kChunk) {
    const std::string_view chunk = bytes.substr(at, kChunk);
    snappy::Compress(chunk.data(), chunk.size(), &packed);
    append_big(static_cast<std::uint32_t>(chunk.size()), out);
    append_big(static_cast<std::uint32_t>(packed.size()), out);
    out += packed;
  }
  return out;
}

}  // namespace engine::firehose
