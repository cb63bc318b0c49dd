// aws-chunked bodies: no more comes out than went in, and a stated length is kept.
#include "engine/gateway/chunked.h"
#include "engine/protocol/error.h"
#include "lib/base/fuzz.h"
#include "lib/io/temporary_folder.h"

FUZZ(bytes) {
  static const io::TemporaryFolder folder;
  const unsigned char how = base::fuzz::take_byte(bytes);
  std::optional<engine::ChunkKey> key;
  if ((how & 1) != 0) key.emplace().claim.signature = "seed";
  std::optional<std::uint64_t> length;
  if ((how & 2) != 0) length = how >> 2;
  try {
    const auto decoded = engine::decode_chunked(std::string(bytes), key, length, folder.path());
    base::fuzz::hold(decoded.body.size() <= bytes.size(), "no more comes out than went in");
    base::fuzz::hold(!length || decoded.body.size() == *length, "the stated length is kept");
    base::fuzz::hold(!key, "nobody signed the chunks");
  } catch (const engine::AwsError&) {
  }
}
