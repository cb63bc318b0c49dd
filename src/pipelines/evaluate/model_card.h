// What a model is, what it is for, how well it does it and where it fails: for the registry and for
// people.
#pragma once

#include <string>
#include <string_view>

namespace pipelines {

/// The card by SageMaker's model card JSON schema: what CreateModelCard takes as Content and
/// CreateModelPackage as ModelCardContent. `evaluation` is evaluation.json, `training` what stands
/// in the artifact's training.json. No time and no ARN, so the same evaluation gives the same card.
std::string model_card_json(std::string_view evaluation, std::string_view training);

/// The same as Markdown.
std::string model_card_text(std::string_view evaluation, std::string_view training);

}  // namespace pipelines
