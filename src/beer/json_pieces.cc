// Brackets are counted and strings are skipped; that is all the grammar cutting needs.
#include "beer/json_pieces.h"

#include "lib/base/encoding.h"

namespace beer {
namespace {

/// The inside of brackets of one kind around a whole text, and what stands there between commas.
class Inside {
 public:
  Inside(std::string_view text, char open, char close) {
    text = base::trim(text);
    if (text.size() < 2 || text.front() != open || text.back() != close) return;
    rest_ = text.substr(1, text.size() - 2);
    whole_ = true;
    done_ = base::trim(rest_).empty();
  }
  bool whole() const { return whole_; }
  bool done() const { return done_; }

  /// Up to the next comma that stands in no string and no brackets. A bracket that closes nothing
  /// makes the text no whole one.
  std::string_view next() {
    int depth = 0;
    std::size_t at = 0;
    for (; at < rest_.size(); ++at) {
      const char letter = rest_[at];
      if (letter == '"') {
        at = end_of_string(at);
      } else if (letter == '[' || letter == '{') {
        ++depth;
      } else if (letter == ']' || letter == '}') {
        if (--depth < 0) whole_ = false;
      } else if (letter == ',' && depth == 0) {
        break;
      }
    }
    const std::string_view piece = rest_.substr(0, at);
    done_ = at >= rest_.size();
    rest_.remove_prefix(done_ ? rest_.size() : at + 1);
    return base::trim(piece);
  }

 private:
  /// Where the string that begins at `at` ends: its closing quote, or the text's last character.
  std::size_t end_of_string(std::size_t at) const {
    for (++at; at < rest_.size() && rest_[at] != '"'; ++at) {
      if (rest_[at] == '\\') ++at;
    }
    return at;
  }

  std::string_view rest_;
  bool whole_ = false;
  bool done_ = true;
};

}  // namespace

std::optional<std::vector<std::string_view>> array_pieces(std::string_view text) {
  Inside inside(text, '[', ']');
  std::vector<std::string_view> pieces;
  while (!inside.done()) pieces.push_back(inside.next());
  if (!inside.whole()) return {};
  return pieces;
}

std::optional<std::vector<Member>> object_pieces(std::string_view text) {
  Inside inside(text, '{', '}');
  std::vector<Member> members;
  while (!inside.done()) {
    const std::string_view member = inside.next();
    std::size_t end = 1;  // of the name: its closing quote
    while (end < member.size() && member[end] != '"') end += member[end] == '\\' ? 2 : 1;
    if (!member.starts_with('"') || end >= member.size()) return {};
    const std::string_view rest = base::trim(member.substr(end + 1));
    if (!rest.starts_with(':')) return {};
    members.emplace_back(member.substr(1, end - 1), base::trim(rest.substr(1)));
  }
  if (!inside.whole()) return {};
  return members;
}

std::optional<std::string_view> member_piece(std::string_view text, std::string_view name) {
  Inside inside(text, '{', '}');
  std::optional<std::string_view> found;
  while (!inside.done()) {
    std::string_view member = inside.next();
    if (member.size() < name.size() + 2 || member.front() != '"' ||
        member.substr(1, name.size()) != name || member[name.size() + 1] != '"') {
      continue;
    }
    member = base::trim(member.substr(name.size() + 2));
    if (member.starts_with(':')) found = base::trim(member.substr(1));
  }
  if (!inside.whole()) return {};
  return found;
}

}  // namespace beer
