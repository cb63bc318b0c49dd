// GZIP of a whole body.
#include "engine/services/firehose/gzip.h"

#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <vector>

namespace engine::firehose {

std::string gzip(std::string_view bytes) {
  // ISA-L counts in 32 bits; a buffer of 128 MiB is far below.
  if (bytes.size() > (1u << 31)) throw std::length_error("too much to compress at once");
  std::vector<std::uint8_t> level_buffer(ISAL_DEF_LVL1_DEFAULT);
  isal_zstream stream;
  isal_deflate_init(&stream);
  stream.gzip_flag = IGZIP_GZIP;
  stream.level = 1;
  stream.level_buf = level_buffer.data();
  stream.level_buf_size = static_cast<std::uint32_t>(level_buffer.size());
  stream.end_of_stream = 1;
  stream.flush = NO_FLUSH;
  stream.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<std::uint32_t>(bytes.size());

  std::string out;
  do {
    const std::size_t done = out.size();
    out.resize(done + std::max<std::size_t>(bytes.size() / 4, 4096));
    stream.next_out = reinterpret_cast<std::uint8_t*>(out.data() + done);
    stream.avail_out = static_cast<std::uint32_t>(out.size() - done);
    if (isal_deflate(&stream) != COMP_OK) throw std::runtime_error("gzip failed");
    out.resize(out.size() - stream.avail_out);
  } while (stream.internal_state.state != ZSTATE_END);
  return out;
}

std::optional<std::string> gunzip(std::string_view compressed, std::size_t limit) {
  constexpr std::size_t kStep = 64 << 10;
  const auto state = std::make_unique<inflate_state>();
  isal_inflate_init(state.get());
  state->crc_flag = ISAL_GZIP;
  state->next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(compressed.data()));
  state->avail_in = static_cast<std::uint32_t>(compressed.size());
  std::string out;
  while (state->block_state != ISAL_BLOCK_FINISH) {
    const std::size_t done = out.size();
    out.resize(done + std::max(done, kStep));
    state->next_out = reinterpret_cast<std::uint8_t*>(out.data() + done);
    state->avail_out = static_cast<std::uint32_t>(out.size() - done);
    const int result = isal_inflate(state.get());
    out.resize(out.size() - state->avail_out);
    const bool stuck = out.size() == done && state->block_state != ISAL_BLOCK_FINISH;
    if (result != ISAL_DECOMP_OK || stuck || out.size() > limit) return std::nullopt;
  }
  return out;
}

}  // namespace engine::firehose
