// The Lambda function that turns beers into rows of the table `cleaned`.
#include "lambda/fn_transformation/transformation.h"
#include "lib/aws/lambda_runtime.h"

int main() {
  return aws::run_lambda([] {
    return [](const aws::Invocation& invocation) {
      return fn_transformation::transform(invocation.payload);
    };
  });
}
