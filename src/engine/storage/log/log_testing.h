// What the tests of logs have in common.
#pragma once

#include "engine/storage/error.h"
#include "engine/storage/log/format.h"
#include "engine/storage/log/log.h"
#include "lib/io/faults.h"
#include "lib/io/temporary_folder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace engine::storage {

using io::TemporaryFolder;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::size_t kAll = 1 << 30;

inline base::Timestamp at(int ms) { return base::Timestamp{milliseconds{1'000'000 + ms}}; }

inline Offset append(Log& log, std::vector<std::string> data, int ms = 0) {
  std::vector<NewRecord> records;
  for (const auto& one : data) records.push_back({"key", one});
  return log.append(records, at(ms));
}

inline std::vector<std::string> data(const Log& log, Offset from = 0, std::size_t records = kAll,
                                     std::size_t bytes = kAll) {
  std::vector<std::string> out;
  for (auto& record : log.read(from, records, bytes)) out.push_back(std::move(record.data));
  return out;
}

inline std::vector<std::string> segments(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".log") names.push_back(entry.path().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

inline std::string index_of(std::string segment) {
  return segment.replace(segment.size() - 4, 4, ".index");
}

inline void flip_byte(const std::string& path, std::uint64_t position) {
  const io::File file = io::open_file(path, O_RDWR);
  char byte;
  ASSERT_EQ(io::read_at(file, &byte, 1, position), 1u);
  byte = static_cast<char>(byte ^ 0x40);
  io::write_at(file, {&byte, 1}, position);
}

/// Where in the file the frame of a record starts that has "key" and the data given, all of one
/// size.
inline std::uint64_t frame_position(std::size_t index, std::size_t data_bytes) {
  return format::kHeaderBytes + index * (format::kFrameHeaderBytes + 3 + data_bytes);
}

}  // namespace engine::storage
