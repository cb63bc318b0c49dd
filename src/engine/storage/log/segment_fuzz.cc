// The bytes of a log's segment and of its index: frames are whole, in order and within the file.
#include "engine/storage/log/format.h"
#include "engine/storage/log/frame_reader.h"
#include "lib/base/fuzz.h"
#include "lib/io/file.h"
#include "lib/io/temporary_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <limits>

namespace {

using namespace engine::storage;

void read_index(std::string_view bytes) {
  const auto index = format::decode_segment_index(bytes);
  if (index)
    base::fuzz::hold(format::encode(*index) == bytes, "an index that is read is written the same");
}

}  // namespace

FUZZ(bytes) {
  static const io::TemporaryFolder folder;
  static const io::File file = io::open_file(folder.path() + "/segment", O_RDWR | O_CREAT);
  const unsigned char how = base::fuzz::take_byte(bytes);
  if ((how & 1) != 0) return read_index(bytes);
  std::string content(bytes);
  std::uint32_t mark = how;
  if ((how & 2) != 0) {
    // A whole frame behind what was made up: it must be found.
    const std::vector<NewRecord> records{{"key", "data"}};
    format::EncodedBatch batch(records);
    content += batch.place(mark, std::numeric_limits<std::int32_t>::max(), 7);
  }
  io::write_at(file, content, 0);
  if (::ftruncate(file.fd.get(), static_cast<off_t>(content.size())) != 0) std::abort();
  if (const auto header = format::decode_segment_header(content)) {
    base::fuzz::hold(format::encode(*header) == content.substr(0, format::kHeaderBytes),
                     "a header that is read is written the same");
  }
  FrameReader reader(file, mark, 0, content.size());
  std::uint64_t end = 0, frames = 0;
  do {
    while (const auto frame = reader.next()) {
      base::fuzz::hold(
          frame->position >= end && frame->position + frame->header.frame_bytes() <= content.size(),
          "a frame lies behind the one before");
      end = frame->position + frame->header.frame_bytes();
      ++frames;
    }
  } while (!reader.at_end() && reader.find_next(0));
  base::fuzz::hold((how & 2) == 0 || frames > 0, "a frame behind damage is found");
}
