// How a command ends otherwise than well: the exit codes, and the errors that stand for them.
#pragma once

#include <stdexcept>

namespace cli {

enum ExitCode { kOk = 0, kFailed = 1, kUsage = 2, kGateRefused = 3 };

/// What was asked can't be understood: an argument, or beer.yaml. Exit code 2; any other exception
/// is 1.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace cli
