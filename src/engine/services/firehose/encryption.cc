// StartDeliveryStreamEncryption, StopDeliveryStreamEncryption.
#include "engine/services/firehose/operations.h"
#include "engine/services/firehose/state.h"

namespace engine::firehose {
namespace {

void set_encryption(Firehose& firehose, const std::string& name,
                    const api::DeliveryStreamEncryptionConfiguration& encryption) {
  firehose.impl().alter(name, [&](api::DeliveryStreamDescription& stream) {
    if (stream.DeliveryStreamType != kDirectPut) throw not_direct_put(name);
    stream.DeliveryStreamEncryptionConfiguration = encryption;
  });
}

}  // namespace

// Deviation: encryption at rest is a flag that is told back; the log is not encrypted.
api::StartDeliveryStreamEncryptionOutput start_encryption(
    Firehose& firehose, Call&, const api::StartDeliveryStreamEncryptionInput& input) {
  api::DeliveryStreamEncryptionConfiguration encryption;
  encryption.Status = "ENABLED";
  encryption.KeyType = "AWS_OWNED_CMK";
  if (const auto& from = input.DeliveryStreamEncryptionConfigurationInput) {
    encryption.KeyType = from->KeyType;
    encryption.KeyARN = from->KeyARN;
  }
  set_encryption(firehose, input.DeliveryStreamName, encryption);
  return {};
}

api::StopDeliveryStreamEncryptionOutput stop_encryption(
    Firehose& firehose, Call&, const api::StopDeliveryStreamEncryptionInput& input) {
  api::DeliveryStreamEncryptionConfiguration encryption;
  encryption.Status = "DISABLED";
  set_encryption(firehose, input.DeliveryStreamName, encryption);
  return {};
}

}  // namespace engine::firehose
