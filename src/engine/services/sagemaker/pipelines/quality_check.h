// QualityCheck steps: a processing job of Model Monitor's, held against an earlier baseline.
#pragma once

#include "engine/services/sagemaker/pipelines/members.h"
#include "engine/services/sagemaker/pipelines/steps.h"

namespace engine::sagemaker::pipelines {

/// Takes what such a step has beside its arguments, and says what is wrong with it: CheckType
/// (DATA_QUALITY or MODEL_QUALITY), SkipCheck, RegisterNewBaseline, FailOnViolation,
/// ModelPackageGroupName, SuppliedBaselineStatistics and …Constraints. Values may be references.
json::object read_quality_check(const Members& members);

/// Runs the job with the earlier baseline among its inputs, and fails the step when the job reports
/// violations, unless FailOnViolation is false. The earlier baseline is what is supplied, else that
/// among the DriftCheckBaselines of the group's newest approved package. `arguments` are resolved.
/// Verified: names and defaults: QualityCheckStep of SageMaker's Python SDK; which baseline a later
/// step sees: "Baseline calculation, drift detection and lifecycle" of the developer guide.
StepResult run_quality_check(const StepRun& run, json::object arguments);

/// The step's properties, as references see them.
json::value described_check(const api::QualityCheckStepMetadata& made);
bool is_property_of_check(std::string_view name);

}  // namespace engine::sagemaker::pipelines
