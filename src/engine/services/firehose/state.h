// What the files of this folder share: the delivery streams and how they change.
#pragma once

#include "engine/models/firehose.h"
#include "engine/services/firehose/delivery.h"
#include "engine/services/firehose/errors.h"
#include "engine/services/firehose/firehose.h"
#include "lib/base/guarded.h"
#include "lib/base/loop.h"

#include <map>
#include <mutex>

namespace engine::firehose {

inline constexpr std::string_view kStreamTable = "firehose/streams";  // DeliveryStreamDescription
inline constexpr std::string_view kTagTable = "firehose/tags";  // stream, zero byte, tag → value
inline constexpr std::string_view kDirectPut = "DirectPut";
inline constexpr std::string_view kKinesisSource = "KinesisStreamAsSource";
inline constexpr std::size_t kTagLimit = 50;

/// A delivery stream that is there: its description and its work. Replaced as a whole by a change.
class Stream {
 public:
  Stream(api::DeliveryStreamDescription description, std::shared_ptr<storage::Log> direct,
         kinesis::Kinesis& kinesis, const Tools& tools, bool background);

  const api::DeliveryStreamDescription description;
  const std::shared_ptr<storage::Log> direct;  ///< of DirectPut: what was put
  Delivery delivery;

  void wake() {
    if (loop_) loop_->wake();
  }
  void request_stop() {
    if (loop_) loop_->request_stop();
  }
  void stop() {
    subscription_.reset();
    if (loop_) loop_->stop();
  }

 private:
  std::optional<base::Loop> loop_;
  std::shared_ptr<void> subscription_;  // last: it wakes the loop
};
using StreamPtr = std::shared_ptr<Stream>;

struct Firehose::Impl {
  Impl(Context& context, kinesis::Kinesis& kinesis, s3::S3& s3, logs::Logs& logs, Invoke invoke,
       SchemaSource schemas, FirehoseOptions options);

  StreamPtr find(std::string_view name) const;
  StreamPtr stream(std::string_view name) const;  ///< or ResourceNotFoundException
  std::vector<StreamPtr> all() const;             ///< in the order of their names

  /// Makes the stream durable with `with`, and begins its work.
  void create(api::DeliveryStreamDescription description, storage::Batch with);
  void remove(const std::string& name);
  /// Lets `change(description)` alter a copy, makes it durable, and goes on by it. What is buffered
  /// is read again.
  template <class Change>
  void alter(const std::string& name, Change&& change) {
    const std::lock_guard lock(changing);
    const StreamPtr present = stream(name);
    api::DeliveryStreamDescription description = present->description;
    change(description);
    replace(*present, std::move(description));
  }

  std::string folder(std::string_view name) const;
  StreamPtr start(api::DeliveryStreamDescription description, std::shared_ptr<storage::Log> direct);

  Tools tools;
  kinesis::Kinesis& kinesis;
  const FirehoseOptions options;
  std::mutex changing;  ///< held over read, alter, commit and publish
  base::Guarded<std::map<std::string, StreamPtr, std::less<>>> streams;

 private:
  void replace(Stream& present, api::DeliveryStreamDescription description);
};

}  // namespace engine::firehose
