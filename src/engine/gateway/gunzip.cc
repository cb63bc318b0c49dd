// Bodies that clients compress.
#include "engine/gateway/gunzip.h"

#include "engine/protocol/error.h"

#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <memory>

namespace engine {

std::string gunzip(std::string_view compressed, std::size_t limit) {
  const auto state = std::make_unique<inflate_state>();
  isal_inflate_init(state.get());
  state->crc_flag = ISAL_GZIP;
  state->next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(compressed.data()));
  state->avail_in = static_cast<std::uint32_t>(compressed.size());
  std::string out;
  while (state->block_state != ISAL_BLOCK_FINISH) {
    const std::size_t done = out.size();
    // One byte past the limit tells what is too large from what just fits.
    const std::size_t room = std::min<std::size_t>(std::max<std::size_t>(done, 64 << 10), limit + 1 - done);
    out.resize(done + room);
    state->next_out = reinterpret_cast<std::uint8_t*>(out.data() + done);
    state->avail_out = static_cast<std::uint32_t>(room);
    const int result = isal_inflate(state.get());
    out.resize(out.size() - state->avail_out);
    if (out.size() > limit) throw AwsError("RequestEntityTooLarge", "The request's body is too large.", 413);
    const bool stuck = state->block_state != ISAL_BLOCK_FINISH && state->avail_in == 0 && out.size() == done;
    if (result != ISAL_DECOMP_OK || stuck) {
      throw AwsError("SerializationException", "The request's body is not well-formed gzip.");
    }
  }
  return out;
}

}  // namespace engine
