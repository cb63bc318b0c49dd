// The function: draws beers from the source and puts them on the stream.
#pragma once

#include "lambda/fn_extraction/beers.h"
#include "lambda/fn_extraction/source.h"
#include "lib/aws/client.h"
#include "lib/aws/lambda_runtime.h"

#include <span>
#include <string>

namespace fn_extraction {

struct Settings {
  std::string source_url;
  std::string stream;
  SourceOptions source;

  /// SOURCE_URL, STREAM_NAME, and if given SOURCE_TIMEOUT_MS and SOURCE_ATTEMPTS. Throws
  /// std::runtime_error that names the variable.
  static Settings from_environment();
};

/// Used by one thread at a time, as a Lambda is.
class Extraction {
 public:
  Extraction(Settings settings, aws::Config config, const base::Clock& clock);

  /// One draw, or as many as the event's "count" says. Answers {"records": n, "stream": name}.
  /// Throws aws::FunctionError; beers drawn before the failure may be on the stream already.
  std::string handle(const aws::Invocation& invocation);

 private:
  void put(std::span<const Record> records);
  /// Those that the stream refused this time, by their own error codes.
  std::vector<Record> put_once(std::span<const Record> records, std::string& why);

  Settings settings_;
  const base::Clock& clock_;
  Source source_;
  aws::Client aws_;
};

}  // namespace fn_extraction
