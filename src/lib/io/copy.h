// Copies of files and folders that are on the disk when they are said to be.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace io {

/// Copies the bytes a file has now (one that grows meanwhile is cut there) to a new one of the same mode,
/// and syncs it; the name is for the caller to sync. `see` gets all bytes, in order. Gives how many there were.
/// Shares the disk's blocks where the file system can. Throws std::system_error; the new file may be there then.
std::uint64_t copy_file(const std::string& from, const std::string& to,
                        const std::function<void(std::string_view)>& see = {});

/// Copies a file, or a folder and all in it; links are copied as links. Everything below `to` is synced,
/// its own name is not. Throws std::system_error.
void copy_tree(const std::string& from, const std::string& to);

/// Syncs a folder and those in it.
void sync_tree(const std::string& folder);

}  // namespace io
