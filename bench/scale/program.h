// One run of a program: how long it took and the most memory it had.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace bench {

struct Run {
  double seconds = 0;    ///< from its start to its end, as whoever started it sees it
  double mebibytes = 0;  ///< the most memory it had in use at once
};

/// Runs `program` with `arguments`, without its output, in SageMaker's folders below `root`. Throws
/// std::runtime_error when it doesn't end with 0. The memory is only true as long as this process
/// itself has had less: what a child inherits counts as its own.
Run run_program(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                const std::filesystem::path& root);

/// Calls `work` in a process of its own, so that its memory stays apart. Throws std::runtime_error
/// when it fails.
void in_child(const std::function<void()>& work);

}  // namespace bench
