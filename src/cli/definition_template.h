// The pipeline's definition for whoever doesn't know the account yet: Terraform.
#pragma once

#include "cli/spec.h"

#include <string>

namespace cli {

/// The text for Terraform's templatefile() with the variables account_id, region and, where
/// SageMaker's own XGBoost image trains, xgboost_image; rendered, it is byte for byte the
/// definition that deploy() sends for the same spec. What looks like a template's sequence in the
/// spec's own texts is escaped.
std::string definition_template(const Spec& spec);
/// The same of the pipeline that watches the approved model.
std::string watching_template(const Spec& spec);

}  // namespace cli
