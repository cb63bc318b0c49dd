// Model cards: Create, Describe, List, Update, Delete; every change is a version.
#include "engine/services/sagemaker/errors.h"
#include "engine/services/sagemaker/listing.h"
#include "engine/services/sagemaker/operations.h"
#include "engine/services/sagemaker/state.h"

#include <boost/json.hpp>

namespace engine::sagemaker {
namespace {

constexpr const char* kKind = "model-card";
using Card = api::DescribeModelCardResponse;

AwsError no_such_card(const SageMaker::Impl& state, std::string_view name) {
  return {"ResourceNotFound",
          fmt::format("ModelCard {} does not exist.", state.arn(kKind, key_of(name, kKind)))};
}

std::string row_key(std::string_view card, std::int64_t version) {
  return fmt::format("{}/{:010}", key_of(card, kKind), version);
}

/// Deviation: the content must be a JSON object; AWS holds it against its model card schema.
void check_content(const std::string& content) {
  boost::system::error_code error;
  const auto value = boost::json::parse(content, error);
  if (error || !value.is_object()) {
    throw validation("The Content of a model card must be a JSON object.");
  }
}

/// The versions of a card, oldest first.
std::vector<Card> versions_of(const SageMaker::Impl& state, std::string_view name) {
  auto versions = state.model_cards.all(key_of(name, kKind) + "/");
  if (versions.empty()) throw no_such_card(state, name);
  return versions;
}

/// The page of those that have the wanted status.
template <class Summary, class Input>
Page<Summary> cards_page(const Input& input, const std::vector<Card>& cards) {
  std::vector<Listed<Summary>> all;
  for (const Card& card : cards) {
    if (input.ModelCardStatus && card.ModelCardStatus != *input.ModelCardStatus) continue;
    all.push_back({converted<Summary>(card),
                   fmt::format("{}/{:010}", card.ModelCardName, card.ModelCardVersion),
                   card.CreationTime, card.LastModifiedTime.value_or(card.CreationTime),
                   card.ModelCardStatus});
  }
  return list_page(input, std::move(all));
}

}  // namespace

api::op::CreateModelCard::Output create_model_card(SageMaker& sagemaker, Call&,
                                                   const api::op::CreateModelCard::Input& input) {
  auto& state = sagemaker.impl();
  check_content(input.Content);
  auto card = converted<Card>(input);
  card.ModelCardArn = state.arn(kKind, input.ModelCardName);
  card.ModelCardVersion = 1;
  card.CreationTime = state.now();
  card.LastModifiedTime = card.CreationTime;
  if (!state.model_cards.insert(row_key(input.ModelCardName, 1), card)) {
    throw conflict(fmt::format("ModelCard {} already exists.", card.ModelCardArn));
  }
  state.put_tags(card.ModelCardArn, input.Tags);
  return {.ModelCardArn = card.ModelCardArn};
}

api::op::DescribeModelCard::Output describe_model_card(
    SageMaker& sagemaker, Call&, const api::op::DescribeModelCard::Input& input) {
  const auto& state = sagemaker.impl();
  if (!input.ModelCardVersion) return versions_of(state, input.ModelCardName).back();
  auto card = state.model_cards.find(row_key(input.ModelCardName, *input.ModelCardVersion));
  if (!card) throw no_such_card(state, input.ModelCardName);
  return *card;
}

api::op::ListModelCards::Output list_model_cards(SageMaker& sagemaker, Call&,
                                                 const api::op::ListModelCards::Input& input) {
  std::map<std::string, Card> last;
  for (const Card& card : sagemaker.impl().model_cards.all()) {
    last.insert_or_assign(card.ModelCardArn, card);  // versions come in order
  }
  std::vector<Card> cards;
  cards.reserve(last.size());
  for (auto& [arn, card] : last) cards.push_back(std::move(card));
  auto page = cards_page<api::ModelCardSummary>(input, cards);
  return {.ModelCardSummaries = std::move(page.items), .NextToken = page.next};
}

api::op::ListModelCardVersions::Output list_model_card_versions(
    SageMaker& sagemaker, Call&, const api::op::ListModelCardVersions::Input& input) {
  auto asked = input;
  if (asked.SortBy) asked.SortBy = "Name";  // which ends with the version
  if (!asked.SortOrder) asked.SortOrder = "Descending";
  auto page = cards_page<api::ModelCardVersionSummary>(
      asked, versions_of(sagemaker.impl(), input.ModelCardName));
  return {.ModelCardVersionSummaryList = std::move(page.items), .NextToken = page.next};
}

api::op::UpdateModelCard::Output update_model_card(SageMaker& sagemaker, Call&,
                                                   const api::op::UpdateModelCard::Input& input) {
  auto& state = sagemaker.impl();
  if (input.Content) check_content(*input.Content);
  for (;;) {
    Card card = versions_of(state, input.ModelCardName).back();
    if (card.ModelCardStatus == "Archived") {
      throw conflict(
          fmt::format("ModelCard {} is archived and can't be changed.", card.ModelCardArn));
    }
    ++card.ModelCardVersion;
    if (input.Content) card.Content = *input.Content;
    if (input.ModelCardStatus) card.ModelCardStatus = *input.ModelCardStatus;
    card.LastModifiedTime = state.now();
    // Another update may take the same number first; then the next one is tried.
    if (state.model_cards.insert(row_key(card.ModelCardName, card.ModelCardVersion), card)) {
      return {.ModelCardArn = card.ModelCardArn};
    }
  }
}

api::op::DeleteModelCard::Output delete_model_card(SageMaker& sagemaker, Call&,
                                                   const api::op::DeleteModelCard::Input& input) {
  auto& state = sagemaker.impl();
  for (const Card& card : versions_of(state, input.ModelCardName)) {
    state.model_cards.remove(row_key(card.ModelCardName, card.ModelCardVersion));
  }
  return {};
}

}  // namespace engine::sagemaker
