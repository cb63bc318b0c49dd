// Every format read back by a reader that is not ours, or by the format's own words.
#include "engine/services/firehose/compress.h"

#include "lib/base/digest.h"

#include <gtest/gtest.h>
#include <snappy.h>
#include <zip.h>

namespace engine::firehose {
namespace {

std::string text_of(std::size_t size) {
  std::string text;
  while (text.size() < size) text += "{\"id\":" + std::to_string(text.size()) + "}\n";
  text.resize(size);
  return text;
}

/// Bytes nothing can make smaller.
std::string noise_of(std::size_t size) {
  std::string noise;
  for (std::uint32_t i = 0; noise.size() < size; ++i) noise += base::sha256(std::to_string(i));
  noise.resize(size);
  return noise;
}

std::uint32_t number(std::string_view bytes, bool big) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(big ? bytes[i] : bytes[bytes.size() - 1 - i]);
    value = value << 8 | byte;
  }
  return value;
}

std::string inflate(std::string_view packed) {
  std::string plain;
  EXPECT_TRUE(snappy::Uncompress(packed.data(), packed.size(), &plain));
  return plain;
}

std::string read_frames(std::string_view bytes) {
  EXPECT_EQ(bytes.substr(0, 10), std::string_view("\xff\x06\x00\x00sNaPpY", 10));
  std::string out;
  for (bytes.remove_prefix(10); !bytes.empty();) {
    const std::uint32_t length = number(bytes.substr(1, 3), false);
    const std::string_view data = bytes.substr(8, length - 4);
    const std::string chunk = bytes[0] == 0 ? inflate(data) : std::string(data);
    EXPECT_LE(chunk.size(), 65'536u);
    const std::uint32_t crc = number(bytes.substr(4, 4), false) - 0xa282ead8;
    EXPECT_EQ((crc >> 17) | (crc << 15), base::crc32c(chunk));
    out += chunk;
    bytes.remove_prefix(4 + length);
  }
  return out;
}

std::string read_blocks(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    const std::uint32_t plain = number(bytes.substr(0, 4), true);
    const std::uint32_t packed = number(bytes.substr(4, 4), true);
    const std::string block = inflate(bytes.substr(8, packed));
    EXPECT_EQ(block.size(), plain);
    out += block;
    bytes.remove_prefix(8 + packed);
  }
  return out;
}

TEST(Snappy, IsTheFramingFormat) {
  for (const std::size_t size : {0u, 1u, 65'536u, 65'537u, 300'000u}) {
    const std::string text = text_of(size);
    const std::string packed = compress(Compression::kSnappy, text, "");
    EXPECT_EQ(read_frames(packed), text);
    EXPECT_LT(packed.size(), size / 2 + 32);
  }
}

TEST(Snappy, KeepsWhatCannotBeMadeSmallerAsItIs) {
  const std::string noise = noise_of(100'000);
  const std::string packed = compress(Compression::kSnappy, noise, "");
  EXPECT_EQ(read_frames(packed), noise);
  EXPECT_EQ(packed.size(), 10 + 2 * 8 + noise.size());
}

TEST(HadoopSnappy, IsBlocksWithBothLengths) {
  for (const std::size_t size : {0u, 1u, 65'537u, 300'000u}) {
    EXPECT_EQ(read_blocks(compress(Compression::kHadoopSnappy, text_of(size), "")), text_of(size));
  }
}

TEST(Zip, HoldsOneFileOfTheNameGiven) {
  const std::string text = text_of(100'000);
  const std::string packed = compress(Compression::kZip, text, "beers-1");
  EXPECT_LT(packed.size(), text.size() / 2);
  EXPECT_EQ(packed, compress(Compression::kZip, text, "beers-1"));
  zip_error_t error;
  zip_error_init(&error);
  zip_t* const archive = zip_open_from_source(
      zip_source_buffer_create(packed.data(), packed.size(), 0, &error), ZIP_RDONLY, &error);
  ASSERT_NE(archive, nullptr);
  EXPECT_EQ(zip_get_num_entries(archive, 0), 1);
  EXPECT_STREQ(zip_get_name(archive, 0, 0), "beers-1");
  zip_file_t* const file = zip_fopen_index(archive, 0, 0);
  std::string plain(text.size() + 1, '\0');
  EXPECT_EQ(zip_fread(file, plain.data(), plain.size()), static_cast<zip_int64_t>(text.size()));
  plain.resize(text.size());
  EXPECT_EQ(plain, text);
  zip_fclose(file);
  zip_discard(archive);
}

TEST(Compression, IsNamedAndExtendedAsAwsDoes) {
  EXPECT_EQ(default_extension(compression_named("UNCOMPRESSED").value()), "");
  EXPECT_EQ(default_extension(compression_named("GZIP").value()), ".gz");
  EXPECT_EQ(default_extension(compression_named("ZIP").value()), ".zip");
  EXPECT_EQ(default_extension(compression_named("Snappy").value()), ".snappy");
  EXPECT_EQ(default_extension(compression_named("HADOOP_SNAPPY").value()), ".hsnappy");
  EXPECT_FALSE(compression_named("BZIP2"));
}

}  // namespace
}  // namespace engine::firehose
