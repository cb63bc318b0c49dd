// ARNs and keys.
#include "engine/services/sagemaker/names.h"

#include "lib/base/encoding.h"

namespace engine::sagemaker {

std::string arn_of(const Context& context, std::string_view kind, std::string_view name) {
  return context.arn("sagemaker", fmt::format("{}/{}", kind, base::to_lower(name)));
}

std::string key_of(std::string_view name_or_arn, std::string_view kind) {
  std::string key = base::to_lower(name_or_arn);
  if (!key.starts_with("arn:")) return key;
  const auto mark = fmt::format(":{}/", kind);
  const auto at = key.find(mark);
  return at == key.npos ? key : key.substr(at + mark.size());
}

std::string name_for_step(base::Ids& ids, std::string_view execution_id, std::string_view step) {
  constexpr std::size_t kStepPart = 20;
  std::string part(step.substr(0, kStepPart));
  for (char& c : part) {
    if (c == '_') c = '-';  // allowed in a step's name, not in a job's
  }
  return fmt::format("pipelines-{}-{}-{}", execution_id, part, ids.alnum(10));
}

std::string shortened(std::string text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  text.resize(bytes);
  return text;
}

}  // namespace engine::sagemaker
