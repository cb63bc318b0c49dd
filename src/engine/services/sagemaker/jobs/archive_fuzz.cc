// model.tar.gz of strangers: nothing lands outside its folder.
#include "engine/services/sagemaker/jobs/archive.h"
#include "lib/base/fuzz.h"
#include "lib/io/file.h"
#include "lib/io/temporary_folder.h"

#include <filesystem>
#include <stdexcept>

FUZZ(bytes) {
  static const io::TemporaryFolder folder;
  const std::string home = folder.path() + "/home";
  std::filesystem::create_directories(home);
  io::write_file(home + "/archive", bytes);
  try {
    engine::sagemaker::unpack_into(home + "/archive", home + "/model");
  } catch (const std::runtime_error&) {
  }
  std::size_t outside = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
    outside += entry.path().filename() == "home" ? 0 : 1;
  for (const auto& entry : std::filesystem::directory_iterator(home)) {
    outside += entry.path().filename() == "model" || entry.path().filename() == "archive" ? 0 : 1;
  }
  base::fuzz::hold(outside == 0, "all of a model lies in its folder");
  std::filesystem::remove_all(home);
}
