// Objects of 100 MiB in and out, each way a client may send them, beside a bare copy of a file.
#pragma once

#include "lib/aws/client.h"

namespace bench {

/// Prints the rows. The bucket "bench" is there.
void measure_large(const aws::Config& config);

}  // namespace bench
