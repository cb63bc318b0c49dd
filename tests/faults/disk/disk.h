// A disk between a process and its folder: what the process asks of it, and what the test asks of
// it. Spoken by disk.cc (in the process) and power.py (in the test); numbers are little-endian.
#pragma once

#include <atomic>
#include <cstdint>

namespace disk {

/// A line of the journal: this head, `path_size` bytes of path (below the folder), `more_size`
/// bytes of what is told with the kind. Lines are numbered 0, 1, 2, …
struct Line {
  char kind = 0;
  char reserved[7] = {};
  std::uint64_t inode = 0;
  std::uint64_t number = 0;
  std::uint32_t path_size = 0;
  std::uint32_t more_size = 0;
};
static_assert(sizeof(Line) == 32);

enum Kind : char {
  kCreate = 'C',        ///< inode, path: an empty file
  kMakeFolder = 'M',    ///< inode, path
  kWrite = 'W',         ///< inode, number: position, more: bytes
  kTruncate = 'T',      ///< inode, number: size
  kRename = 'R',        ///< path, more: the new path
  kLink = 'L',          ///< path, more: the second path
  kUnlink = 'U',        ///< path
  kRemoveFolder = 'D',  ///< path
  kSync = 'S',  ///< inode of a file or folder (0: all files), number: all lines before that one are
                ///< on the disk
  kSyncFailed = 'E',  ///< the same, but nobody can say whether they are, and no later sync can
};

/// The page a test and the disk share.
struct Control {
  std::atomic<std::uint32_t> cut = 0;  ///< 1: the power goes now
  std::atomic<std::uint32_t> left =
      0;  ///< counts down; the call that makes it 0 meets `code`. 0: none does
  std::atomic<std::uint32_t> code = 0;  ///< an errno; 0: the power goes at that call
  std::atomic<std::uint32_t> stays =
      0;  ///< 1: every call after it fails too, until `left` is set anew
  std::atomic<std::uint32_t> which = 0;   ///< the kinds that count, as bits of kind - 'A'; 0: all
  std::atomic<std::uint32_t> failed = 0;  ///< calls that were failed
  std::atomic<std::uint32_t> calls = 0;   ///< calls that counted
  std::atomic<std::uint32_t> sync_microseconds = 0;  ///< what a sync takes, up to
};

}  // namespace disk
