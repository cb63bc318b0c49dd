// Lineage: which data, programs and jobs a model comes from, and where it went.
#pragma once

#include "engine/services/sagemaker/state.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace engine::sagemaker {

/// Anything that stands in the lineage, whatever it is of.
struct LineageEntity {
  std::string arn;
  std::string kind;  ///< Artifact, Action, Context, TrialComponent
  std::string type;  ///< DataSet, Image, Model, Endpoint, SageMakerTrainingJob, …
  std::string name, source_uri;
  Timestamp created;
  std::string digest;  ///< of an artifact's bytes; empty: not known
  std::map<std::string, std::string> properties;
};

/// Everything that is known, built from the tables: what clients have made, and what follows from
/// jobs, packages and endpoints. The latter has ARNs that depend on what it is made from alone.
class LineageGraph {
 public:
  using Edge = api::AssociationSummary;

  explicit LineageGraph(const SageMaker::Impl& state);

  const std::map<std::string, LineageEntity>& entities() const { return entities_; }
  const std::vector<Edge>& edges() const { return edges_; }
  /// By its ARN, or by the ARN of the job, package or endpoint it stands for.
  const LineageEntity* find(const std::string& arn) const;

 private:
  std::string add(LineageEntity entity);
  std::string artifact(const std::string& type, const std::string& uri, const std::string& digest,
                       Timestamp created, std::map<std::string, std::string> properties = {});
  std::string trial_component(const std::string& job, const std::string& kind,
                              const std::string& type, const std::string& arn, Timestamp created);
  void link(const std::string& from, const std::string& to, const std::string& type,
            Timestamp created);
  void add_inputs(const std::string& job_arn, const std::string& component, Timestamp created);
  std::string model_data(const std::string& uri, Timestamp created);
  void add_made_by_clients();
  void add_training_jobs();
  void add_processing_jobs();
  void add_transform_jobs();
  void add_packages();
  void add_endpoints();

  const SageMaker::Impl& state_;
  std::map<std::string, LineageEntity> entities_;
  std::map<std::string, std::string> by_source_;  ///< ARN of a job, package, endpoint → entity
  std::vector<Edge> edges_;
};

}  // namespace engine::sagemaker
