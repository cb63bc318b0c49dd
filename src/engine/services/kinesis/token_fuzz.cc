// Sealed tokens: none is opened but those that were sealed.
#include "engine/services/kinesis/token.h"
#include "lib/base/fuzz.h"

FUZZ(bytes) {
  const engine::kinesis::TokenSeal seal("the engine's secret");
  base::fuzz::hold(!seal.open("page", bytes), "a token nobody sealed is none");
  std::vector<std::string> fields;
  while (!bytes.empty()) fields.emplace_back(base::fuzz::take_line(bytes));
  for (std::string& field : fields) std::erase(field, '\0');
  const std::string token = seal.seal("page", fields);
  base::fuzz::hold(seal.open("page", token) == fields, "a sealed token opens");
  base::fuzz::hold(!seal.open("iterator", token), "and only for its purpose");
}
