// The error envelope.
#include "engine/services/firehose/failure.h"

#include "engine/protocol/json.h"
#include "lib/base/encoding.h"

#include <fmt/format.h>

#include <iterator>

namespace engine::firehose {
namespace {

void write_text(std::string_view name, std::string_view value, std::string& out) {
  fmt::format_to(std::back_inserter(out), ",\"{}\":", name);
  if (value.empty()) {
    out += "null";
  } else {
    write_json_string(value, out);
  }
}

void write_table(const Failure& failure, const FailureContext& context, std::string& out) {
  write_text("sequenceNumber", failure.sequence_number, out);
  out += ",\"subSequenceNumber\":null,\"dataCatalogTable\":{\"catalogArn\":null";
  write_text("catalogId", context.catalog, out);
  write_text("databaseName", context.database, out);
  write_text("tableName", context.table, out);
  write_text("region", context.region, out);
  write_text("versionId", context.version, out);
  out += '}';
}

}  // namespace

void write_envelope(const Failure& failure, const FailureContext& context, std::string& out) {
  const bool conversion = failure.type == kConversionFailed;
  fmt::format_to(std::back_inserter(out), "{{\"attemptsMade\":{},\"arrivalTimestamp\":{}",
                 failure.attempts, failure.arrival.time_since_epoch().count());
  write_text(conversion ? "lastErrorCode" : "errorCode", failure.code, out);
  write_text(conversion ? "lastErrorMessage" : "errorMessage", failure.message, out);
  fmt::format_to(std::back_inserter(out), ",\"attemptEndingTimestamp\":{},\"rawData\":\"{}\"",
                 failure.ended.time_since_epoch().count(), base::to_base64(failure.raw));
  if (conversion) {
    write_table(failure, context, out);
  } else {
    write_text("lambdaArn", context.lambda_arn, out);
  }
  out += "}\n";
}

}  // namespace engine::firehose
