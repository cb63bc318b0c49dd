// Packages of strangers: nothing lands outside their folder, and no error is the disk's.
#include "engine/protocol/error.h"
#include "engine/services/lambda/package.h"
#include "lib/base/fuzz.h"
#include "lib/io/temporary_folder.h"

#include <filesystem>

FUZZ(bytes) {
  static const io::TemporaryFolder folder;
  const std::string home = folder.path() + "/home";
  std::filesystem::create_directories(home);
  // Synced, it would be the disk that is tried.
  class Unsynced final : public io::FileSystem {
    void sync(const io::File&) override {}
    void sync_folder(const std::string&) override {}
  };
  static Unsynced files;
  try {
    engine::lambda::unpack(bytes, home + "/code", files);
  } catch (const engine::AwsError&) {
  }
  std::size_t outside = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
    outside += entry.path().filename() == "home" ? 0 : 1;
  for (const auto& entry : std::filesystem::directory_iterator(home))
    outside += entry.path().filename() == "code" ? 0 : 1;
  base::fuzz::hold(outside == 0, "all of a package lies in its folder");
  std::filesystem::remove_all(home);
}
