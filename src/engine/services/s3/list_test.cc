// Listings: prefixes, delimiters, pages and encodings.
#include "engine/services/s3/test_engine.h"

#include <algorithm>

namespace engine::s3 {
namespace {

using Keys = std::vector<std::string>;

class Listings : public S3Test {
 protected:
  Listings() { make_bucket(); }

  void fill(const Keys& keys) {
    for (const auto& key : keys) s3_->put_object("lake", key, http::Body("x"));
  }
  static api::ListObjectsV2Input query(const std::string& prefix = "",
                                       const std::string& delimiter = "") {
    api::ListObjectsV2Input input;
    input.Bucket = "lake";
    if (!prefix.empty()) input.Prefix = prefix;
    if (!delimiter.empty()) input.Delimiter = delimiter;
    return input;
  }
  static Keys keys(const auto& output) {
    Keys keys;
    for (const auto& object : *output.Contents) keys.push_back(*object.Key);
    return keys;
  }
  static Keys prefixes(const auto& output) {
    Keys prefixes;
    for (const auto& one : *output.CommonPrefixes) prefixes.push_back(*one.Prefix);
    return prefixes;
  }
};

TEST_F(Listings, AreInTheOrderOfBytes) {
  fill({"b", "a", "B", "ç", "a/b", "a.b"});
  const auto output = run(list_objects_v2, query());
  EXPECT_EQ(keys(output), (Keys{"B", "a", "a.b", "a/b", "b", "ç"}));
  EXPECT_EQ(output.KeyCount, 6);
  EXPECT_EQ(output.MaxKeys, 1000);
  EXPECT_EQ(output.IsTruncated, false);
  EXPECT_FALSE(output.Contents->at(0).Owner);
  EXPECT_EQ(output.Contents->at(0).StorageClass, "STANDARD");
}

TEST_F(Listings, StayInTheirBucket) {
  make_bucket("lake-two");
  fill({"a"});
  s3_->put_object("lake-two", "b", http::Body("x"));
  EXPECT_EQ(keys(run(list_objects_v2, query())), Keys{"a"});
  auto missing = query();
  missing.Bucket = "none";
  EXPECT_EQ(error(list_objects_v2, missing), "NoSuchBucket");
}

TEST_F(Listings, RollUpFoldersUnderAPrefix) {
  fill({"raw/2026/01/a", "raw/2026/01/b", "raw/2026/02/c", "raw/readme", "raw/z", "other"});
  const auto output = run(list_objects_v2, query("raw/", "/"));
  EXPECT_EQ(prefixes(output), Keys{"raw/2026/"});
  EXPECT_EQ(keys(output), (Keys{"raw/readme", "raw/z"}));
  EXPECT_EQ(output.KeyCount, 3);
  EXPECT_EQ(prefixes(run(list_objects_v2, query("raw/2026/", "/"))),
            (Keys{"raw/2026/01/", "raw/2026/02/"}));
  EXPECT_EQ(prefixes(run(list_objects_v2, query("", "/"))), Keys{"raw/"});
  EXPECT_EQ(prefixes(run(list_objects_v2, query("raw", "/"))), Keys{"raw/"});
  EXPECT_EQ(prefixes(run(list_objects_v2, query("", "2026"))), Keys{"raw/2026"});
}

TEST_F(Listings, ContinueBehindACommonPrefix) {
  Keys all;
  for (int folder = 0; folder < 4; ++folder) {
    for (int i = 0; i < 12; ++i) all.push_back(fmt::format("f{}/{:02}", folder, i));
  }
  fill(all);
  fill({"e", "g"});
  auto input = query("", "/");
  input.MaxKeys = 2;
  Keys seen;
  for (bool more = true; more;) {
    const auto output = run(list_objects_v2, input);
    EXPECT_LE(*output.KeyCount, 2);
    Keys on_page = keys(output);
    for (const auto& prefix : prefixes(output)) on_page.push_back(prefix);
    std::sort(on_page.begin(), on_page.end());
    seen.insert(seen.end(), on_page.begin(), on_page.end());
    more = *output.IsTruncated;
    input.ContinuationToken = output.NextContinuationToken;
  }
  EXPECT_EQ(seen, (Keys{"e", "f0/", "f1/", "f2/", "f3/", "g"}));
}

TEST_F(Listings, ComeInPagesWithoutLossOrDouble) {
  Keys all;
  for (int i = 0; i < 25; ++i) all.push_back(fmt::format("key-{:02}", i));
  fill(all);
  auto input = query("key-");
  input.MaxKeys = 7;
  Keys seen;
  int pages = 0;
  for (bool more = true; more; ++pages) {
    const auto output = run(list_objects_v2, input);
    for (const auto& key : keys(output)) seen.push_back(key);
    more = *output.IsTruncated;
    EXPECT_EQ(output.NextContinuationToken.has_value(), more);
    input.ContinuationToken = output.NextContinuationToken;
  }
  EXPECT_EQ(seen, all);
  EXPECT_EQ(pages, 4);
}

TEST_F(Listings, StartAfterAKey) {
  fill({"a", "b", "c"});
  auto input = query();
  input.StartAfter = "a";
  EXPECT_EQ(keys(run(list_objects_v2, input)), (Keys{"b", "c"}));
  input.StartAfter = "bb";
  EXPECT_EQ(keys(run(list_objects_v2, input)), Keys{"c"});
  input.ContinuationToken = "no token";
  EXPECT_EQ(error(list_objects_v2, input), "InvalidArgument");
}

TEST_F(Listings, MayBeEmptyOrOfSizeZero) {
  EXPECT_EQ(run(list_objects_v2, query()).KeyCount, 0);
  fill({"a"});
  auto input = query();
  input.MaxKeys = 0;
  const auto output = run(list_objects_v2, input);
  EXPECT_EQ(output.KeyCount, 0);
  EXPECT_EQ(output.IsTruncated, false);
  input.MaxKeys = 5000;
  EXPECT_EQ(run(list_objects_v2, input).MaxKeys, 1000);
  input.MaxKeys = -1;
  EXPECT_EQ(error(list_objects_v2, input), "InvalidArgument");
}

TEST_F(Listings, EncodeKeysForUrlsWhenAsked) {
  fill({"a b+c/ü&*~"});
  auto input = query("a b", "/");
  input.EncodingType = "url";
  auto output = run(list_objects_v2, input);
  EXPECT_EQ(output.Prefix, "a+b");
  EXPECT_EQ(prefixes(output), Keys{"a+b%2Bc/"});
  input.Delimiter.reset();
  input.FetchOwner = true;
  output = run(list_objects_v2, input);
  EXPECT_EQ(keys(output), Keys{"a+b%2Bc/%C3%BC%26*%7E"});
  EXPECT_TRUE(output.Contents->at(0).Owner);
  input.EncodingType = "xml";
  EXPECT_EQ(error(list_objects_v2, input), "InvalidArgument");
}

TEST_F(Listings, OfTheFirstVersionContinueByMarker) {
  fill({"a/1", "a/2", "b", "c/1", "d"});
  api::ListObjectsInput input;
  input.Bucket = "lake";
  input.Delimiter = "/";
  input.MaxKeys = 1;
  auto output = run(list_objects, input);
  EXPECT_EQ(output.NextMarker, "a/");
  input.Marker = output.NextMarker;
  output = run(list_objects, input);
  EXPECT_EQ(keys(output), Keys{"b"});
  input.Marker = output.NextMarker;
  input.MaxKeys = 10;
  output = run(list_objects, input);
  EXPECT_EQ(prefixes(output), Keys{"c/"});
  EXPECT_EQ(keys(output), Keys{"d"});
  EXPECT_EQ(output.Marker, "b");
  EXPECT_FALSE(output.NextMarker);
  EXPECT_TRUE(output.Contents->at(0).Owner);

  input.Delimiter.reset();
  input.Marker.reset();
  input.MaxKeys = 2;
  output = run(list_objects, input);
  EXPECT_EQ(output.IsTruncated, true);
  EXPECT_FALSE(output.NextMarker);
}

TEST_F(Listings, OfVersionsHaveOneNullVersionEach) {
  fill({"a", "b"});
  api::ListObjectVersionsInput input;
  input.Bucket = "lake";
  input.MaxKeys = 1;
  auto output = run(list_object_versions, input);
  ASSERT_EQ(output.Versions->size(), 1u);
  EXPECT_EQ(output.Versions->at(0).VersionId, "null");
  EXPECT_EQ(output.Versions->at(0).IsLatest, true);
  EXPECT_EQ(output.NextKeyMarker, "a");
  EXPECT_EQ(output.NextVersionIdMarker, "null");
  input.KeyMarker = output.NextKeyMarker;
  input.VersionIdMarker = output.NextVersionIdMarker;
  output = run(list_object_versions, input);
  EXPECT_EQ(output.Versions->at(0).Key, "b");
  EXPECT_EQ(output.IsTruncated, false);
}

TEST_F(Listings, OfTheClassHaveNoPageLimit) {
  Keys all;
  for (int i = 0; i < 1100; ++i) all.push_back(fmt::format("k{:04}", i));
  storage::Batch batch;  // rows are enough for a listing
  ObjectInfo object = s3_->put_object("lake", "z", http::Body("x"));
  const auto row = catalog_->get("s3/objects", std::string("lake\0z", 6)).value();
  for (const auto& key : all) batch.put("s3/objects", std::string("lake\0", 5) + key, row);
  catalog_->commit(std::move(batch));
  EXPECT_EQ(s3_->all_objects("lake", "k").size(), 1100u);
  const auto page = s3_->list_objects("lake", {});
  EXPECT_EQ(page.objects.size(), 1000u);
  EXPECT_TRUE(page.truncated);
  ListQuery next;
  next.after = page.next;
  EXPECT_EQ(s3_->list_objects("lake", next).objects.size(), 101u);
}

}  // namespace
}  // namespace engine::s3
