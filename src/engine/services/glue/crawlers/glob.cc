// Exclusions of a crawler's target.
#include "engine/services/glue/crawlers/glob.h"

#include <re2/re2.h>

#include <stdexcept>

namespace engine::glue {
namespace {

// The part of a bracket expression up to its end; `at` is behind the opening bracket.
std::string bracket(std::string_view glob, std::size_t& at) {
  std::string text = "[";
  if (at < glob.size() && (glob[at] == '!' || glob[at] == '^')) {
    text += "^/";
    ++at;
  }
  for (; at < glob.size() && glob[at] != ']'; ++at) {
    if (glob[at] == '[' || glob[at] == '\\' || glob[at] == '^') text += '\\';
    text += glob[at];
  }
  if (at == glob.size()) return "[";  // which is no expression
  ++at;
  return text + "]";
}

std::string expression_of(std::string_view glob) {
  std::string text;
  int open = 0;
  for (std::size_t at = 0; at < glob.size();) {
    const char c = glob[at++];
    if (c == '*') {
      const bool deep = at < glob.size() && glob[at] == '*';
      if (deep) ++at;
      text += deep ? ".*" : "[^/]*";
    } else if (c == '?') {
      text += "[^/]";
    } else if (c == '[') {
      text += bracket(glob, at);
    } else if (c == '{') {
      text += "(?:";
      ++open;
    } else if (c == '}' && open > 0) {
      text += ")";
      --open;
    } else if (c == ',' && open > 0) {
      text += "|";
    } else {
      const char plain = c == '\\' && at < glob.size() ? glob[at++] : c;
      text += re2::RE2::QuoteMeta(std::string_view(&plain, 1));
    }
  }
  return text;  // a brace left open is no expression
}

}  // namespace

Globs::Globs(const std::vector<std::string>& globs) {
  re2::RE2::Options options(re2::RE2::Quiet);
  options.set_encoding(re2::RE2::Options::EncodingLatin1);  // keys are bytes
  options.set_dot_nl(true);
  for (const std::string& glob : globs) {
    auto expression = std::make_unique<re2::RE2>(expression_of(glob), options);
    if (!expression->ok()) throw std::invalid_argument("'" + glob + "' is not a glob");
    expressions_.push_back(std::move(expression));
  }
}

Globs::~Globs() = default;
Globs::Globs(Globs&&) noexcept = default;

bool Globs::match(std::string_view path) const {
  for (const auto& expression : expressions_) {
    if (re2::RE2::FullMatch(path, *expression)) return true;
  }
  return false;
}

}  // namespace engine::glue
