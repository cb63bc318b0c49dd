// The delivery streams: begun, replaced, ended.
#include "engine/services/firehose/firehose.h"

#include "engine/protocol/json.h"
#include "engine/services/firehose/state.h"
#include "engine/services/folder_name.h"

#include <filesystem>

namespace engine::firehose {
namespace {

std::unique_ptr<Source> make_source(const Settings& settings,
                                    const std::shared_ptr<storage::Log>& direct,
                                    const kinesis::Kinesis& kinesis) {
  if (direct) return std::make_unique<DirectSource>(direct);
  return std::make_unique<KinesisSource>(kinesis, settings.source_arn);
}

Delivery make_delivery(const api::DeliveryStreamDescription& description,
                       const std::shared_ptr<storage::Log>& direct, const kinesis::Kinesis& kinesis,
                       const Tools& tools) {
  Settings settings = read_settings(description);
  auto source = make_source(settings, direct, kinesis);
  return Delivery(std::move(settings), std::move(source), tools);
}

}  // namespace

Stream::Stream(api::DeliveryStreamDescription described, std::shared_ptr<storage::Log> log,
               kinesis::Kinesis& kinesis, const Tools& tools, bool background)
    : description(std::move(described)),
      direct(std::move(log)),
      delivery(make_delivery(description, direct, kinesis, tools)) {
  if (!background) return;
  loop_.emplace("firehose " + description.DeliveryStreamName, tools.context.clock,
                [this](std::stop_token stop) { return delivery.round(std::move(stop)); });
  if (!direct) subscription_ = kinesis.on_put([this] { wake(); });
}

Firehose::Impl::Impl(Context& context, kinesis::Kinesis& source, s3::S3& s3, logs::Logs& logs,
                     Invoke invoke, SchemaSource schemas, FirehoseOptions chosen)
    : tools{context, s3, logs, std::move(invoke), std::move(schemas), chosen.scratch},
      kinesis(source),
      options(std::move(chosen)) {
  if (tools.scratch.empty()) tools.scratch = context.data + "/scratch/firehose";
  for (const auto& row : context.catalog.scan(kStreamTable)) {
    auto description = from_json<api::DeliveryStreamDescription>(row.value);
    std::shared_ptr<storage::Log> direct;
    if (description.DeliveryStreamType == kDirectPut) {
      direct = std::make_shared<storage::Log>(folder(row.key));
    }
    const StreamPtr stream = start(std::move(description), std::move(direct));
    streams.with([&](auto& all) { all[row.key] = stream; });
  }
}

std::string Firehose::Impl::folder(std::string_view name) const {
  return tools.context.data + "/delivery/" + folder_name(name);
}

StreamPtr Firehose::Impl::start(api::DeliveryStreamDescription description,
                                std::shared_ptr<storage::Log> direct) {
  return std::make_shared<Stream>(std::move(description), std::move(direct), kinesis, tools,
                                  options.background);
}

StreamPtr Firehose::Impl::find(std::string_view name) const {
  return streams.read([&](const auto& all) {
    const auto at = all.find(name);
    return at == all.end() ? nullptr : at->second;
  });
}

StreamPtr Firehose::Impl::stream(std::string_view name) const {
  if (StreamPtr found = find(name)) return found;
  throw no_such_delivery(name, tools.context.account);
}

std::vector<StreamPtr> Firehose::Impl::all() const {
  return streams.read([](const auto& all) {
    std::vector<StreamPtr> list;
    for (const auto& [name, stream] : all) list.push_back(stream);
    return list;
  });
}

void Firehose::Impl::create(api::DeliveryStreamDescription description, storage::Batch with) {
  constexpr std::size_t kStreamLimit = 5000;
  const Settings settings = read_settings(description);
  const std::lock_guard lock(changing);
  const std::string name = description.DeliveryStreamName;
  if (find(name)) throw delivery_exists(name, tools.context.account);
  if (all().size() >= kStreamLimit) throw too_many_deliveries(kStreamLimit, tools.context.account);

  std::shared_ptr<storage::Log> direct;
  if (description.DeliveryStreamType == kDirectPut) {
    std::filesystem::remove_all(folder(name));  // of an attempt that was not committed
    direct = std::make_shared<storage::Log>(folder(name));
  } else {
    // Verified: a Kinesis source is read from LATEST.
    save_positions(name, latest(KinesisSource(kinesis, settings.source_arn)), with);
  }
  with.put(kStreamTable, name, to_json(description));
  tools.context.catalog.commit(std::move(with));
  const StreamPtr stream = start(std::move(description), std::move(direct));
  streams.with([&](auto& all) { all[name] = stream; });
}

void Firehose::Impl::replace(Stream& present, api::DeliveryStreamDescription description) {
  const std::string name = description.DeliveryStreamName;
  read_settings(description);  // refuses before anything has changed
  storage::Batch batch;
  batch.put(kStreamTable, name, to_json(description));
  tools.context.catalog.commit(std::move(batch));
  present.stop();
  const StreamPtr stream = start(std::move(description), present.direct);
  streams.with([&](auto& all) { all[name] = stream; });
}

void Firehose::Impl::remove(const std::string& name) {
  const std::lock_guard lock(changing);
  const StreamPtr present = stream(name);
  present->stop();
  storage::Batch batch;
  batch.remove(kStreamTable, name);
  remove_positions(tools.context.catalog, name, batch);
  for (const auto& row : tools.context.catalog.scan(kTagTable, name + '\0')) {
    batch.remove(kTagTable, row.key);
  }
  tools.context.catalog.commit(std::move(batch));
  streams.with([&](auto& all) { all.erase(name); });
  std::error_code ignored;  // what stays is removed when the name is used again
  std::filesystem::remove_all(folder(name), ignored);
}

Firehose::Firehose(Context& context, kinesis::Kinesis& kinesis, s3::S3& s3, logs::Logs& logs,
                   Invoke invoke, SchemaSource schemas, FirehoseOptions options)
    : impl_(std::make_unique<Impl>(context, kinesis, s3, logs, std::move(invoke),
                                   std::move(schemas), std::move(options))) {}

Firehose::~Firehose() { stop(); }

bool Firehose::has_stream(std::string_view name) const { return impl_->find(name) != nullptr; }

std::vector<std::string> Firehose::streams() const {
  std::vector<std::string> names;
  for (const StreamPtr& stream : impl_->all()) {
    names.push_back(stream->description.DeliveryStreamName);
  }
  return names;
}

Metrics Firehose::metrics(std::string_view name) const {
  return impl_->stream(name)->delivery.metrics();
}

std::uint64_t Firehose::pending(std::string_view name) const {
  return impl_->stream(name)->delivery.pending();
}

void Firehose::deliver_now(std::string_view name) { impl_->stream(name)->delivery.round({}); }

void Firehose::request_stop() {
  for (const StreamPtr& stream : impl_->all()) stream->request_stop();
}

void Firehose::stop() {
  request_stop();
  for (const StreamPtr& stream : impl_->all()) stream->stop();
}

}  // namespace engine::firehose
