// Where control groups may be made.
//
//   /proc/self/cgroup   <number>:<controllers>:<path>      0::<path> is v2
#include "engine/jobs/control_groups.h"

#include "lib/base/encoding.h"
#include "lib/io/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <set>
#include <sstream>
#include <string_view>

namespace engine::jobs {
namespace {

namespace fs = std::filesystem;
using Words = std::set<std::string, std::less<>>;

std::string text_of(const fs::path& file) {
  try {
    return io::read_file(file.string());
  } catch (const std::exception&) {
    return {};
  }
}

Words words_of(std::string_view text, char separator = ' ') {
  Words words;
  std::istringstream stream{std::string(base::trim(text))};
  for (std::string word; std::getline(stream, word, separator);) words.insert(word);
  return words;
}

/// Files of control groups are there or not; they are never made.
bool write_text(const fs::path& file, const std::string& text) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool done = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(fd);
  return done;
}

/// True when groups can be made here; one is, and is removed again.
bool takes_groups(const fs::path& folder) {
  std::error_code error;
  const fs::path probe = folder / fmt::format("beer-probe-{}", ::getpid());
  if (!fs::create_directory(probe, error)) return false;
  fs::remove(probe, error);
  return true;
}

/// The process's place in a tree; its root where a namespace shows another path than there is.
fs::path place_in(const fs::path& tree, const std::string& path) {
  const fs::path place = tree / fs::path(path).relative_path();
  return fs::is_directory(place) ? place : tree;
}

bool offers_both(const fs::path& group) {
  const Words passed_on = words_of(text_of(group / "cgroup.subtree_control"));
  return passed_on.contains("memory") && passed_on.contains("pids");
}

/// v2: a group's controllers are passed on to those below it.
bool pass_on(const fs::path& group) {
  if (offers_both(group)) return true;
  const Words here = words_of(text_of(group / "cgroup.controllers"));
  if (!here.contains("memory") || !here.contains("pids")) return false;
  constexpr const char* kBoth = "+memory +pids";
  if (write_text(group / "cgroup.subtree_control", kBoth)) return offers_both(group);
  // Refused while a process is in the group: that may be nobody but us.
  const std::string self = std::to_string(::getpid());
  if (words_of(text_of(group / "cgroup.procs"), '\n') != Words{self}) return false;
  std::error_code error;
  fs::create_directory(group / "beer-engine", error);
  return write_text(group / "beer-engine" / "cgroup.procs", self) &&
         write_text(group / "cgroup.subtree_control", kBoth) && offers_both(group);
}

void add(ControlGroups& groups, const fs::path& folder, bool memory, bool processes) {
  if (!takes_groups(folder)) return;
  groups.folders.push_back(folder.string());
  groups.memory |= memory;
  groups.processes |= processes;
}

/// The process's own group, else the nearest above it that takes others: root may use any.
void add_v2(ControlGroups& groups, fs::path group, const fs::path& mount) {
  if (!fs::exists(group / "cgroup.controllers")) return;
  if (pass_on(group)) add(groups, group, true, true);
  while (groups.folders.empty() && group != mount && group.has_relative_path()) {
    group = group.parent_path();
    if (offers_both(group)) add(groups, group, true, true);
  }
}

}  // namespace

ControlGroups find_control_groups(const std::string& membership, const std::string& mount) {
  ControlGroups groups;
  std::istringstream lines(text_of(membership));
  for (std::string line; std::getline(lines, line);) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == line.npos || second == line.npos) continue;
    const Words controllers = words_of(line.substr(first + 1, second - first - 1), ',');
    const std::string path = line.substr(second + 1);
    if (line.starts_with("0::")) {
      add_v2(groups, place_in(mount, path), mount);
      continue;
    }
    for (const char* name : {"memory", "pids"}) {
      if (!controllers.contains(name)) continue;
      const bool memory = std::string_view(name) == "memory";
      add(groups, place_in(fs::path(mount) / name, path), memory, !memory);
    }
  }
  return groups;
}

const ControlGroups& control_groups() {
  static const ControlGroups found = find_control_groups();
  return found;
}

std::string ControlGroups::text() const {
  const auto held = [&](bool by_group, const char* what, const char* otherwise) {
    return fmt::format("{} {}", what, by_group ? "by a control group" : otherwise);
  };
  std::string all =
      held(memory, "memory", "by RLIMIT_DATA, each process for itself") + ", " +
      held(processes, "processes", "by RLIMIT_NPROC, which counts the user's and doesn't hold root");
  if (!folders.empty()) all += fmt::format(" ({})", fmt::join(folders, ", "));
  return all;
}

}  // namespace engine::jobs
