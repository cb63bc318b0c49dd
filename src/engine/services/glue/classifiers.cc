// Custom classifiers: those for delimited text.
// Deviation: grok, XML and JSON classifiers are refused: Athena here reads none of what they find.
#include "engine/protocol/json.h"
#include "engine/services/glue/errors.h"
#include "engine/services/glue/operations.h"
#include "engine/services/paging.h"

namespace engine::glue {
namespace {

template <class Input>
const auto& csv_of(const Input& input) {
  if (input.GrokClassifier || input.XMLClassifier || input.JsonClassifier) {
    throw invalid_input("Only CsvClassifier is supported");
  }
  if (!input.CsvClassifier) throw invalid_input("A classifier must be given");
  return *input.CsvClassifier;
}

template <class Request>
void check(const Request& csv) {
  if (csv.Delimiter && csv.QuoteSymbol && *csv.Delimiter == *csv.QuoteSymbol) {
    throw invalid_input("Delimiter and QuoteSymbol must differ");
  }
  if (csv.CustomDatatypeConfigured.value_or(false) &&
      (!csv.CustomDatatypes || csv.CustomDatatypes->empty())) {
    throw invalid_input("CustomDatatypes must be given when CustomDatatypeConfigured is true");
  }
}

template <class T>
void take(std::optional<T>& target, const std::optional<T>& source) {
  if (source) target = source;
}

api::Classifier classifier(const Crawlers& crawlers, const std::string& name) {
  auto found = crawlers.find_classifier(name);
  if (!found) throw no_such_classifier(name);
  return *found;
}

}  // namespace

api::CreateClassifierOutput create_classifier(Crawlers& crawlers, Call& call,
                                              const api::CreateClassifierInput& input) {
  const auto& request = csv_of(input);
  check(request);
  if (crawlers.find_classifier(request.Name)) throw classifier_exists(request.Name);
  auto csv = from_json<api::CsvClassifier>(to_json(request));
  csv.CreationTime = csv.LastUpdated = call.now;
  csv.Version = 1;
  crawlers.put_classifier({.CsvClassifier = std::move(csv)});
  return {};
}

api::GetClassifierOutput get_classifier(Crawlers& crawlers, Call&,
                                        const api::GetClassifierInput& input) {
  return {.Classifier = classifier(crawlers, input.Name)};
}

api::GetClassifiersOutput get_classifiers(Crawlers& crawlers, Call&,
                                          const api::GetClassifiersInput& input) {
  auto page =
      page_of(crawlers.classifiers(), input.NextToken, input.MaxResults, 100, invalid_token());
  return {.Classifiers = std::move(page.items), .NextToken = page.next};
}

api::UpdateClassifierOutput update_classifier(Crawlers& crawlers, Call& call,
                                              const api::UpdateClassifierInput& input) {
  const auto& request = csv_of(input);
  api::Classifier known = classifier(crawlers, request.Name);
  api::CsvClassifier& csv = *known.CsvClassifier;
  take(csv.Delimiter, request.Delimiter);
  take(csv.QuoteSymbol, request.QuoteSymbol);
  take(csv.ContainsHeader, request.ContainsHeader);
  take(csv.Header, request.Header);
  take(csv.DisableValueTrimming, request.DisableValueTrimming);
  take(csv.AllowSingleColumn, request.AllowSingleColumn);
  take(csv.CustomDatatypeConfigured, request.CustomDatatypeConfigured);
  take(csv.CustomDatatypes, request.CustomDatatypes);
  take(csv.Serde, request.Serde);
  check(csv);
  csv.LastUpdated = call.now;
  csv.Version = csv.Version.value_or(1) + 1;
  crawlers.put_classifier(known);
  return {};
}

api::DeleteClassifierOutput delete_classifier(Crawlers& crawlers, Call&,
                                              const api::DeleteClassifierInput& input) {
  classifier(crawlers, input.Name);
  crawlers.delete_classifier(input.Name);
  return {};
}

}  // namespace engine::glue
