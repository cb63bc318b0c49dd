// Objects that come into being together.
#include "engine/services/s3/test_engine.h"

namespace engine::s3 {
namespace {

class Together : public S3Test {
 protected:
  Together() { make_bucket(); }

  storage::Batch with_row() {
    storage::Batch batch;
    batch.put("test/rows", "key", "value");
    return batch;
  }
};

TEST_F(Together, AreAllThereWithTheirRow) {
  s3_->put_object("lake", "a", http::Body("old"));
  std::vector<NewObject> objects;
  objects.push_back({"lake", "a", http::Body("new")});
  objects.push_back({"lake", "b", http::Body("b")});
  const auto stored = s3_->put_objects(std::move(objects), with_row());
  ASSERT_EQ(stored.size(), 2u);
  EXPECT_EQ(s3_->body(s3_->object("lake", "a")).string(), "new");
  EXPECT_EQ(s3_->body(stored[1]).string(), "b");
  EXPECT_EQ(context_->catalog.get("test/rows", "key"), "value");
}

TEST_F(Together, AreNoneOfThemWhenOneCantBe) {
  std::vector<NewObject> objects;
  objects.push_back({"lake", "a", http::Body("a")});
  objects.push_back({"nowhere", "b", http::Body("b")});
  EXPECT_THROW(s3_->put_objects(std::move(objects), with_row()), AwsError);
  EXPECT_FALSE(s3_->find_object("lake", "a"));
  EXPECT_FALSE(context_->catalog.get("test/rows", "key"));
}

TEST_F(Together, MayBeNoneBesideTheRow) {
  EXPECT_TRUE(s3_->put_objects({}, with_row()).empty());
  EXPECT_EQ(context_->catalog.get("test/rows", "key"), "value");
}

}  // namespace
}  // namespace engine::s3
