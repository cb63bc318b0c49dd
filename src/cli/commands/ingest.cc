// `beer ingest`: beers straight onto the stream, as a backfill.
#include "cli/calls/feed.h"
#include "cli/commands/commands.h"
#include "cli/errors.h"
#include "cli/local_engine.h"
#include "cli/output/progress.h"

#include <fmt/format.h>

namespace cli {
namespace {

/// The catalogue's first beers, each once.
std::vector<std::string> brew(int seed, std::optional<std::uint64_t> wanted) {
  const beer::Brewery brewery(static_cast<std::uint64_t>(seed));
  std::vector<std::string> records;
  const std::uint64_t most = wanted.value_or(brewery.catalogue());
  for (std::uint64_t id = 1; id <= most; ++id) records.push_back(brewery.beer(id) + "\n");
  return records;
}

}  // namespace

int ingest(const IngestOptions& options) {
  Session session(options.common);
  const Spec& spec = session.spec();
  const std::string source = options.source.empty() ? spec.source.url : options.source;
  check_source(source);
  Progress progress;
  progress.begin("read", "beers");
  std::vector<std::string> records;
  switch (source_kind(source)) {
    case SourceKind::kSimulated:
      records = brew(spec.source.seed, options.beers);
      break;
    case SourceKind::kUrl:
      records = read_pages(source, options.beers.value_or(0));
      break;
    case SourceKind::kFile:
      records = read_records(source);
      break;
  }
  if (options.beers && *options.beers < records.size()) records.resize(*options.beers);
  progress.done(fmt::format("{} from {}", records.size(), source));
  progress.begin("put", "onto stream " + spec.stream.name);
  const std::uint64_t put =
      feed_records(session, records,
                   [&](std::uint64_t done, std::uint64_t total) { progress.update(done, total); });
  progress.done(fmt::format("{} records", put));
  fmt::print(
      "{} beers from {} are on the stream {}; the deliveries write them after at most {} s "
      "of the endpoint's clock\n",
      put, source, spec.stream.name,
      std::max(spec.raw.buffer_seconds, spec.cleaned.buffer_seconds));
  return kOk;
}

}  // namespace cli
