// Grammar: or := and { OR and }; and := not { AND not }; not := [NOT] ( '(' or ')' | test );
//          test := key (op literal | [NOT] IN (literal, …) | [NOT] BETWEEN literal AND literal
//                  | [NOT] LIKE literal | IS [NOT] NULL)
#include "engine/services/glue/partition_filter.h"

#include "engine/services/glue/errors.h"
#include "lib/base/encoding.h"

#include <functional>
#include <optional>

namespace engine::glue {

struct PartitionFilter::Node {
  std::function<bool(const std::vector<std::string>&)> test;
};

namespace {

using Test = std::function<bool(const std::vector<std::string>&)>;

struct Token {
  enum class Kind { kWord, kText, kSymbol, kEnd } kind = Kind::kEnd;
  std::string text;
};

AwsError unreadable(std::string_view expression) {
  return invalid_input(fmt::format("Unsupported expression '{}'", expression));
}

std::vector<Token> tokens_of(std::string_view text) {
  std::vector<Token> tokens;
  const auto word_end = [&](std::size_t at) {
    while (at < text.size() &&
           std::string_view(" \t\r\n()<>=!,'\"").find(text[at]) == std::string_view::npos)
      ++at;
    return at;
  };
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (std::string_view(" \t\r\n").find(c) != std::string_view::npos) {
      ++at;
    } else if (c == '\'' || c == '"') {
      Token token{Token::Kind::kText, ""};
      for (++at;; ++at) {
        if (at >= text.size()) throw unreadable(text);
        if (text[at] == c && (at + 1 >= text.size() || text[at + 1] != c)) break;
        if (text[at] == c) ++at;
        token.text += text[at];
      }
      ++at;
      tokens.push_back(token);
    } else if (std::string_view("()<>=!,").find(c) != std::string_view::npos) {
      const std::string_view pair = text.substr(at, 2);
      const bool two = pair == "<=" || pair == ">=" || pair == "<>" || pair == "!=";
      tokens.push_back({Token::Kind::kSymbol, std::string(pair.substr(0, two ? 2 : 1))});
      at += two ? 2 : 1;
    } else {
      const std::size_t end = word_end(at);
      tokens.push_back({Token::Kind::kWord, std::string(text.substr(at, end - at))});
      at = end;
    }
  }
  tokens.push_back({});
  return tokens;
}

bool is_number_type(std::string_view type) {
  for (const std::string_view name :
       {"tinyint", "smallint", "int", "integer", "bigint", "float", "double"}) {
    if (base::iequals(type, name)) return true;
  }
  return type.substr(0, 7) == "decimal";
}

// Below, at or above zero, as strcmp.
int compare(const std::string& a, const std::string& b, bool as_numbers) {
  if (as_numbers) {
    char *end_a = nullptr, *end_b = nullptr;
    const double x = std::strtod(a.c_str(), &end_a), y = std::strtod(b.c_str(), &end_b);
    if (!a.empty() && !b.empty() && !*end_a && !*end_b) return x < y ? -1 : x > y ? 1 : 0;
  }
  return a.compare(b);
}

/// Goes back to the last '%' only: an earlier one need never take more than it did.
bool like(std::string_view text, std::string_view pattern) {
  std::size_t p = 0, t = 0, any = std::string_view::npos, taken = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '%') {
      any = p++;
      taken = t;
    } else if (p < pattern.size() && (pattern[p] == '_' || pattern[p] == text[t])) {
      ++p, ++t;
    } else if (any != std::string_view::npos) {
      p = any + 1;
      t = ++taken;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('%', p) == std::string_view::npos;
}

class Parser {
 public:
  Parser(std::string_view expression, const std::vector<api::Column>& keys)
      : expression_(expression), tokens_(tokens_of(expression)), keys_(keys) {}

  Test whole() {
    Test test = any();
    if (peek().kind != Token::Kind::kEnd) throw unreadable(expression_);
    return test;
  }

 private:
  struct Key {
    std::size_t index;
    bool number;
  };

  Test any() {
    Test left = every();
    while (take_word("or")) {
      left = [left, right = every()](const auto& values) { return left(values) || right(values); };
    }
    return left;
  }

  Test every() {
    Test left = negation();
    while (take_word("and")) {
      left = [left, right = negation()](const auto& values) {
        return left(values) && right(values);
      };
    }
    return left;
  }

  Test negation() {
    if (take_word("not")) return inverted(negation());
    if (++depth_ > 100) throw unreadable(expression_);
    if (!take_symbol("(")) return test();
    Test inner = any();
    if (!take_symbol(")")) throw unreadable(expression_);
    return inner;
  }

  static Test inverted(Test test) {
    return [test = std::move(test)](const auto& values) { return !test(values); };
  }

  Test test() {
    const Key key = this->key();
    if (take_word("is")) {
      const bool negated = take_word("not");
      if (!take_word("null")) throw unreadable(expression_);
      return [key, negated](const auto& values) {
        return (values.at(key.index) == "__HIVE_DEFAULT_PARTITION__") != negated;
      };
    }
    const bool negated = take_word("not");
    Test positive = positive_test(key, negated);
    return negated ? inverted(std::move(positive)) : positive;
  }

  Test positive_test(Key key, bool word_needed) {
    if (take_word("in")) return in(key);
    if (take_word("like")) {
      return [key, pattern = literal()](const auto& values) {
        return like(values.at(key.index), pattern);
      };
    }
    if (take_word("between")) {
      const std::string low = literal();
      if (!take_word("and")) throw unreadable(expression_);
      return [key, low, high = literal()](const auto& values) {
        return compare(values.at(key.index), low, key.number) >= 0 &&
               compare(values.at(key.index), high, key.number) <= 0;
      };
    }
    if (word_needed || peek().kind != Token::Kind::kSymbol) throw unreadable(expression_);
    const std::string op = next().text;
    return [key, op = comparison(op), right = literal()](const auto& values) {
      return op(compare(values.at(key.index), right, key.number));
    };
  }

  std::function<bool(int)> comparison(const std::string& op) {
    if (op == "=") return [](int order) { return order == 0; };
    if (op == "!=" || op == "<>") return [](int order) { return order != 0; };
    if (op == "<") return [](int order) { return order < 0; };
    if (op == "<=") return [](int order) { return order <= 0; };
    if (op == ">") return [](int order) { return order > 0; };
    if (op == ">=") return [](int order) { return order >= 0; };
    throw unreadable(expression_);
  }

  Test in(Key key) {
    if (!take_symbol("(")) throw unreadable(expression_);
    std::vector<std::string> choices;
    do choices.push_back(literal());
    while (take_symbol(","));
    if (!take_symbol(")")) throw unreadable(expression_);
    return [key, choices](const auto& values) {
      for (const std::string& choice : choices) {
        if (compare(values.at(key.index), choice, key.number) == 0) return true;
      }
      return false;
    };
  }

  Key key() {
    const Token token = next();
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      if (token.kind != Token::Kind::kSymbol && base::iequals(keys_[i].Name, token.text)) {
        return {i, is_number_type(keys_[i].Type.value_or("string"))};
      }
    }
    throw unreadable(expression_);
  }

  std::string literal() {
    const Token token = next();
    if (token.kind != Token::Kind::kWord && token.kind != Token::Kind::kText) {
      throw unreadable(expression_);
    }
    // A typed literal: date '2026-01-02'.
    if (token.kind == Token::Kind::kWord && peek().kind == Token::Kind::kText) return next().text;
    return token.text;
  }

  const Token& peek() const { return tokens_[at_]; }
  Token next() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }
  bool take_word(std::string_view word) {
    if (peek().kind != Token::Kind::kWord || !base::iequals(peek().text, word)) return false;
    ++at_;
    return true;
  }
  bool take_symbol(std::string_view symbol) {
    if (peek().kind != Token::Kind::kSymbol || peek().text != symbol) return false;
    ++at_;
    return true;
  }

  std::string expression_;
  std::vector<Token> tokens_;
  const std::vector<api::Column>& keys_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

PartitionFilter::PartitionFilter(std::string_view expression, const std::vector<api::Column>& keys)
    : root_(new Node{Parser(expression, keys).whole()}) {}

PartitionFilter::~PartitionFilter() = default;

bool PartitionFilter::matches(const std::vector<std::string>& values) const {
  return root_->test(values);
}

}  // namespace engine::glue
