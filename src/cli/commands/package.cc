// `beer package`: what Terraform needs beside its own files, into one folder.
#include "beer/cleaned.h"
#include "cli/commands/commands.h"
#include "cli/definition_template.h"
#include "cli/errors.h"
#include "cli/programs.h"
#include "lib/base/digest.h"
#include "lib/base/encoding.h"
#include "lib/io/file.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <filesystem>

namespace cli {
namespace {

namespace fs = std::filesystem;

/// A file that is already so keeps its time: the default folder holds the built packages
/// themselves.
void put(const fs::path& path, const std::string& bytes) {
  if (!fs::exists(path) || io::read_file(path) != bytes) io::write_file(path, bytes);
  fmt::print("{}  {:>9}  {}\n", base::to_hex(base::sha256(bytes)), bytes.size(), path.string());
}

/// The table's columns, one a line.
std::string columns() {
  std::string text;
  for (const beer::Column& column : beer::cleaned_columns()) {
    const boost::json::object one{
        {"name", column.name}, {"type", column.glue_type}, {"comment", column.comment}};
    text += fmt::format("{}\n{}", text.empty() ? "[" : ",", boost::json::serialize(one));
  }
  return text + "\n]\n";
}

}  // namespace

int package(const PackageOptions& options) {
  const Spec spec = read_spec(options.spec);
  fs::create_directories(options.output);
  for (const char* name : {"fn_extraction", "fn_transformation"}) {
    put(fs::path(options.output) / fmt::format("{}.zip", name), io::read_file(package(name)));
  }
  put(fs::path(options.output) / "pipeline.json.tftpl", definition_template(spec));
  put(fs::path(options.output) / "watching.json.tftpl", watching_template(spec));
  put(fs::path(options.output) / "columns.json", columns());
  return kOk;
}

}  // namespace cli
