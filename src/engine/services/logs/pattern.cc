// Filter patterns of CloudWatch Logs.
#include "engine/services/logs/pattern.h"

#include "engine/services/logs/errors.h"
#include "lib/base/encoding.h"

#include <algorithm>

namespace engine::logs {

Pattern::Pattern(std::string_view text) {
  text = base::trim(text);
  if (!text.empty() && (text[0] == '{' || text[0] == '[' || text[0] == '%')) {
    throw invalid("Invalid filter pattern: this engine matches terms and phrases, not JSON, space-delimited or "
                  "regular expression patterns.");
  }
  while (!text.empty()) {
    std::vector<std::string>* list = &all_;
    if (text[0] == '-' || text[0] == '?') {
      list = text[0] == '-' ? &none_ : &any_;
      text.remove_prefix(1);
    }
    std::size_t end;
    if (!text.empty() && text[0] == '"') {
      end = text.find('"', 1);
      if (end == std::string_view::npos) throw invalid("Invalid filter pattern: a quotation mark is not closed.");
      list->emplace_back(text.substr(1, end - 1));
      ++end;
    } else {
      end = std::min(text.size(), text.find_first_of(" \t"));
      list->emplace_back(text.substr(0, end));
    }
    text = base::trim(text.substr(end));
  }
}

bool Pattern::matches(std::string_view message) const {
  const auto in = [&](const std::string& term) { return message.find(term) != std::string_view::npos; };
  return std::all_of(all_.begin(), all_.end(), in) && std::none_of(none_.begin(), none_.end(), in) &&
         (any_.empty() || std::any_of(any_.begin(), any_.end(), in));
}

}  // namespace engine::logs
