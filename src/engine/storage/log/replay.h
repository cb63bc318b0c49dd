// What a start does with journals: the segments get what a power cut may have taken from them.
#pragma once

#include "engine/storage/log/log.h"

#include <string>
#include <vector>

namespace engine::storage {

/// Writes what the folder's journals hold to the segments below `root`, syncs those, and removes
/// the journals. Before any log below `root` is opened. Gives what is unreadable in the journals,
/// which is logged, too. Interrupted, it may be done again. Throws std::system_error, and
/// StorageError when a journal is of a version that this program doesn't know.
std::vector<Damage> replay_journals(io::FileSystem& files, const std::string& folder,
                                    const std::string& root);

}  // namespace engine::storage
