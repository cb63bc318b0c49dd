// Each hyperparameter of SageMaker's XGBoost image, and what may stand there.
#include "pipelines/xgboost/hyperparameters.h"

#include "pipelines/xgboost/error.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

namespace pipelines::xgboost {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string with(const std::string& name, const std::string& value, const std::string& more = "") {
  return fmt::format(R"({{"num_round":"10",{}"{}":"{}"}})", more, name, value);
}

std::string refusal(const std::string& json) {
  try {
    parse_hyperparameters(json);
  } catch (const UserError& error) {
    return error.what();
  }
  return "accepted";
}

std::map<std::string, std::string> passed(const std::string& json) {
  const auto parameters = parse_hyperparameters(json).booster;
  return {parameters.begin(), parameters.end()};
}

TEST(XgboostHyperparameters, OfVersion3AreWhatItsXgboostMakesOfThem) {
  const auto given = [](const char* json) { return parse_hyperparameters(json, Version::k3_0); };
  const auto in = [](const Hyperparameters& all, const char* name) -> std::string {
    for (const auto& [key, value] : all.booster) {
      if (key == name) return value;
    }
    return "none";
  };
  EXPECT_EQ(in(given(R"({"num_round":"1"})"), "tree_method"), "hist");
  EXPECT_EQ(in(given(R"({"num_round":"1","tree_method":"auto"})"), "tree_method"), "hist");
  EXPECT_EQ(in(given(R"({"num_round":"1","tree_method":"exact"})"), "tree_method"), "exact");
  EXPECT_EQ(in(given(R"({"num_round":"1","booster":"gblinear"})"), "tree_method"), "none");
  const auto old = given(R"({"num_round":"1","predictor":"auto","sketch_eps":"0.1"})");
  EXPECT_THAT(old.unused, ElementsAre("predictor", "sketch_eps"));
  EXPECT_EQ(in(old, "predictor"), "none");
  EXPECT_TRUE(given(R"({"num_round":"1","objective":"reg:squarederror"})").estimate_base_score);
  EXPECT_FALSE(given(R"({"num_round":"1","objective":"reg:gamma"})").estimate_base_score);
  EXPECT_FALSE(given(R"({"num_round":"1","base_score":"0.5"})").estimate_base_score);
  EXPECT_FALSE(parse_hyperparameters(R"({"num_round":"1"})").estimate_base_score);
  EXPECT_THROW(given(R"({"num_round":"1","updater":"distcol"})"), UserError);
  EXPECT_EQ(refusal(R"({"num_round":"1","updater":"distcol"})"), "accepted");
}

TEST(XgboostHyperparameters, AreTakenWholeAsTheDocumentationOfAwsGivesThem) {
  const auto given = parse_hyperparameters(R"({"max_depth":"5","eta":"0.2","gamma":"4",
      "min_child_weight":"6","subsample":"0.7","verbosity":"0","objective":"reg:squarederror",
      "num_round":"50","eval_metric":"mae,rmse","early_stopping_rounds":"5","csv_weights":"1",
      "_tuning_objective_metric":"validation:r2","save_model_on_termination":"true"})");
  EXPECT_EQ(given.num_round, 50);
  EXPECT_EQ(given.early_stopping_rounds, 5);
  EXPECT_TRUE(given.csv_weights);
  EXPECT_TRUE(given.save_model_on_termination);
  EXPECT_THAT(given.eval_metrics, ElementsAre("mae", "rmse"));
  EXPECT_EQ(given.watched_metric(), "r2");
  EXPECT_THAT(
      given.booster,
      ElementsAre(::testing::Pair("eta", "0.2"), ::testing::Pair("gamma", "4"),
                  ::testing::Pair("max_depth", "5"), ::testing::Pair("min_child_weight", "6"),
                  ::testing::Pair("objective", "reg:squarederror"),
                  ::testing::Pair("subsample", "0.7"), ::testing::Pair("verbosity", "0")));
}

TEST(XgboostHyperparameters, OfEveryNameThatTheImageKnowsAreAccepted) {
  for (const auto& [name, value] :
       std::map<std::string, std::string>{{"booster", "dart"},
                                          {"nthread", "4"},
                                          {"max_delta_step", "0.5"},
                                          {"colsample_bytree", "0.5"},
                                          {"colsample_bylevel", "1"},
                                          {"colsample_bynode", "1e-3"},
                                          {"lambda", "1000"},
                                          {"alpha", "0"},
                                          {"tree_method", "approx"},
                                          {"sketch_eps", "0.03"},
                                          {"scale_pos_weight", "2"},
                                          {"updater", "grow_histmaker,prune"},
                                          {"dsplit", "row"},
                                          {"refresh_leaf", "1"},
                                          {"process_type", "update"},
                                          {"grow_policy", "lossguide"},
                                          {"max_leaves", "0"},
                                          {"max_bin", "256"},
                                          {"predictor", "cpu_predictor"},
                                          {"sample_type", "weighted"},
                                          {"normalize_type", "forest"},
                                          {"rate_drop", "0.1"},
                                          {"one_drop", "1"},
                                          {"skip_drop", "1"},
                                          {"lambda_bias", "0"},
                                          {"tweedie_variance_power", "1.5"},
                                          {"objective", "reg:pseudohubererror"},
                                          {"base_score", "0.5"},
                                          {"seed", "-7"},
                                          {"num_parallel_tree", "2"},
                                          {"aft_loss_distribution", "extreme"},
                                          {"aft_loss_distribution_scale", "1"},
                                          {"deterministic_histogram", "true"},
                                          {"sampling_method", "gradient_based"},
                                          {"prob_buffer_row", "2"},
                                          {"_num_cv_round", "1"},
                                          {"use_dask_gpu_training", "false"},
                                          {"sagemaker_program", "anything"}}) {
    EXPECT_EQ(refusal(with(name, value)), "accepted") << name;
  }
}

TEST(XgboostHyperparameters, OutOfTheirRangeAreRefusedWithIt) {
  EXPECT_EQ(refusal(with("eta", "1.5")), "Hyperparameter eta: 1.5 is not in [0, 1]");
  EXPECT_EQ(refusal(with("subsample", "0")), "Hyperparameter subsample: 0 is not in (0, 1]");
  EXPECT_EQ(refusal(with("num_class", "1")), "Hyperparameter num_class: 1 is not in [2, +inf)");
  EXPECT_EQ(refusal(with("tweedie_variance_power", "2")),
            "Hyperparameter tweedie_variance_power: 2 is not in (1, 2)");
  EXPECT_THAT(refusal(with("objective", "reg:quantile")), HasSubstr("reg:squarederror"));
  EXPECT_THAT(refusal(with("max_depth", "5.0")), HasSubstr("could not parse value '5.0'"));
  EXPECT_THAT(refusal(with("eta", "fast")), HasSubstr("could not parse value 'fast'"));
  EXPECT_THAT(refusal(with("eta", "nan")), HasSubstr("is not in [0, 1]"));
  EXPECT_THAT(refusal(with("max_depth", "99999999999999")), HasSubstr("max_depth"));
}

TEST(XgboostHyperparameters, ThatAreUnknownOrMissingAreNamed) {
  EXPECT_EQ(refusal(with("feature_set", "recipe")), "Extraneous hyperparameter found: feature_set");
  EXPECT_EQ(refusal(R"({"eta":"0.1"})"), "Missing required hyperparameter: num_round");
  EXPECT_THAT(refusal("[]"), HasSubstr("one JSON object"));
}

TEST(XgboostHyperparameters, HaveTheirOtherNames) {
  const auto given = passed(R"({"num_round":"1","learning_rate":"0.3","reg_lambda":"2",
      "reg_alpha":"1","min_split_loss":"0","objective":"reg:linear"})");
  EXPECT_EQ(given.at("eta"), "0.3");
  EXPECT_EQ(given.at("lambda"), "2");
  EXPECT_EQ(given.at("alpha"), "1");
  EXPECT_EQ(given.at("gamma"), "0");
  EXPECT_EQ(given.at("objective"), "reg:squarederror");
}

TEST(XgboostHyperparameters, ThatDependOnOthersAreCheckedTogether) {
  EXPECT_THAT(refusal(with("objective", "multi:softmax")), HasSubstr("num_class"));
  EXPECT_EQ(refusal(with("objective", "multi:softmax", R"("num_class":"3",)")), "accepted");
  EXPECT_THAT(refusal(with("monotone_constraints", "(1,0)")), HasSubstr("tree_method"));
  EXPECT_EQ(refusal(with("monotone_constraints", "(1, 0,-1)", R"("tree_method":"hist",)")),
            "accepted");
  EXPECT_THAT(refusal(with("monotone_constraints", "(2,0)", R"("tree_method":"hist",)")),
              HasSubstr("monotone_constraints"));
  EXPECT_EQ(refusal(with("interaction_constraints", "[[0,1],[2]]", R"("tree_method":"hist",)")),
            "accepted");
  EXPECT_THAT(refusal(with("interaction_constraints", "[0,1]", R"("tree_method":"hist",)")),
              HasSubstr("interaction_constraints"));
  EXPECT_THAT(refusal(with("updater", "grow_colmaker,grow_histmaker")), HasSubstr("Only one"));
  EXPECT_THAT(refusal(with("updater", "prune", R"("booster":"gblinear",)")),
              HasSubstr("coord_descent"));
  EXPECT_THAT(refusal(with("updater", "grow_colmaker", R"("process_type":"update",)")),
              HasSubstr("refresh"));
  EXPECT_THAT(refusal(with("eval_metric", "auc")), HasSubstr("classification"));
  EXPECT_THAT(refusal(with("eval_metric", "aft-nloglik")), HasSubstr("survival:aft"));
}

TEST(XgboostHyperparameters, KnowTheMetricsWithAndWithoutAThreshold) {
  EXPECT_EQ(refusal(with("eval_metric", "rmse,mape,mse,error@0.7")), "accepted");
  EXPECT_THAT(refusal(with("eval_metric", "rmse@1")), HasSubstr("threshold"));
  EXPECT_THAT(refusal(with("eval_metric", "loss")), HasSubstr("loss not in range"));
  EXPECT_EQ(parse_hyperparameters(with("eval_metric", "mae,rmse")).watched_metric(), "rmse");
  EXPECT_EQ(parse_hyperparameters(R"({"num_round":"1"})").watched_metric(), "");
}

TEST(XgboostHyperparameters, ForGraphicsCardsOrCrossValidationAreRefusedClearly) {
  EXPECT_THAT(refusal(with("tree_method", "gpu_hist")), HasSubstr("graphics card"));
  EXPECT_THAT(refusal(with("_kfold", "5")), HasSubstr("_kfold"));
}

}  // namespace
}  // namespace pipelines::xgboost
