// Where programs can be held together to a limit: the kernel's control groups.
#pragma once

#include <string>
#include <vector>

namespace engine::jobs {

/// The folders below which this process may make groups. With cgroup v2 one folder serves for all,
/// with v1 each controller has a tree of its own.
struct ControlGroups {
  std::vector<std::string> folders;
  bool memory = false;     ///< groups there hold memory
  bool processes = false;  ///< groups there hold processes, threads among them

  /// For the log: "memory and processes by control groups in /sys/fs/cgroup/…", or what stands in
  /// their place.
  std::string text() const;
};

/// Looks where this process is (`membership` is /proc/self/cgroup) in the trees below `mount`, and
/// makes v2's controllers available to groups below its own where that takes it: a process that
/// is alone in its group moves into one below, since v2 has no processes beside groups. A tree that
/// can't be written, as in most containers, is none.
ControlGroups find_control_groups(const std::string& membership = "/proc/self/cgroup",
                                  const std::string& mount = "/sys/fs/cgroup");

/// What find_control_groups() found at its first call, which happens once.
const ControlGroups& control_groups();

}  // namespace engine::jobs
