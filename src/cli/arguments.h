// The command line.
#pragma once

namespace cli {

/// Reads the arguments, runs the command they name, and gives main's exit code. What a command
/// throws becomes one sentence on standard error.
int run_command(int argc, char** argv);

}  // namespace cli
