// What has arrived in the lake, counted from the objects themselves.
#include "cli/calls/lake.h"

#include "lib/duckdb/database.h"

#include <fmt/format.h>
#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <stdexcept>

namespace cli {
namespace {

constexpr std::size_t kPiece = 256 << 10;

std::uint64_t count_lines(std::string_view text) {
  return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

/// Rows by the files' own footers: no column is read.
std::uint64_t parquet_rows(const std::string& folder, const std::set<std::string>& files) {
  duck::Database database({.allowed_directories = {folder}});
  duck::Connection connection(database);
  std::string names;
  for (const std::string& file : files) {
    names += (names.empty() ? "" : ", ") + duck::quote_text(file);
  }
  const auto rows =
      connection.value(fmt::format("SELECT sum(num_rows) FROM parquet_file_metadata([{}])", names));
  return rows ? std::stoull(*rows) : 0;
}

}  // namespace

std::string gunzip(std::string_view bytes) {
  std::string out;
  inflate_state state;
  isal_inflate_init(&state);
  state.crc_flag = ISAL_GZIP;
  state.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(bytes.data()));
  state.avail_in = static_cast<std::uint32_t>(bytes.size());
  std::string piece(kPiece, '\0');
  while (true) {
    state.next_out = reinterpret_cast<std::uint8_t*>(piece.data());
    state.avail_out = static_cast<std::uint32_t>(piece.size());
    if (isal_inflate(&state) != ISAL_DECOMP_OK) throw std::runtime_error("not a gzip file");
    out.append(piece, 0, piece.size() - state.avail_out);
    if (state.block_state == ISAL_BLOCK_FINISH) {
      if (state.avail_in == 0) return out;
      isal_inflate_reset(&state);  // another member
      state.crc_flag = ISAL_GZIP;
    } else if (state.avail_in == 0 && state.avail_out > 0) {
      throw std::runtime_error("a gzip file that ends early");
    }
  }
}

LakeCount::LakeCount(Session& session, std::string data)
    : session_(session), data_(std::move(data)) {}

void LakeCount::update() {
  aws::S3 s3 = session_.s3();
  const System& system = session_.system();
  const std::string raw_rows = fixed_prefix(system.spec.raw.prefix);
  for (const auto& object : s3.list_objects(system.raw_bucket(), raw_rows)) {
    if (seen_.insert("raw/" + object.key).second) count_raw(object.key);
  }
  const std::string rows = fixed_prefix(system.spec.cleaned.prefix);
  std::set<std::string> fresh;
  for (const auto& object : s3.list_objects(system.cleaned_bucket(), "")) {
    if (!seen_.insert("cleaned/" + object.key).second) continue;
    if (object.key.starts_with(rows)) {
      fresh.insert(object.key);
    } else {
      rejected_ += count_lines(s3.get_object(system.cleaned_bucket(), object.key).body.string());
    }
  }
  if (!fresh.empty()) count_cleaned(fresh);
}

void LakeCount::count_raw(const std::string& key) {
  const std::string& bucket = session_.system().raw_bucket();
  const std::string records = gunzip(session_.s3().get_object(bucket, key).body.string());
  if (first_record_.empty()) first_record_ = records.substr(0, records.find('\n'));
  raw_ += count_lines(records);
}

void LakeCount::count_cleaned(const std::set<std::string>& keys) {
  const std::string folder =
      fmt::format("{}/buckets/{}", data_, session_.system().cleaned_bucket());
  std::set<std::string> files;
  for (const std::string& key : keys) files.insert(fmt::format("{}/{}", folder, key));
  cleaned_ += parquet_rows(folder, files);
}

BucketSize size_of(Session& session, const std::string& bucket) {
  BucketSize size;
  for (const auto& object : session.s3().list_objects(bucket, "")) {
    ++size.objects;
    size.bytes += object.size;
  }
  return size;
}

}  // namespace cli
