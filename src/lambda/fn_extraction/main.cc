// The Lambda function that takes beers from the source and puts them on the stream.
#include "lambda/fn_extraction/extraction.h"
#include "lib/aws/lambda_runtime.h"

int main() {
  return aws::run_lambda([] {
    auto extraction = std::make_shared<fn_extraction::Extraction>(
        fn_extraction::Settings::from_environment(), aws::Config::from_environment(),
        base::system_clock());
    return
        [extraction](const aws::Invocation& invocation) { return extraction->handle(invocation); };
  });
}
