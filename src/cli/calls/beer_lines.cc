// Tells the two forms apart and counts line ends.
#include "cli/calls/beer_lines.h"

#include "beer/json_pieces.h"
#include "lib/base/encoding.h"

#include <algorithm>
#include <iterator>
#include <stdexcept>

namespace cli {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// The first character that is no blank, left where it is.
int first_letter(std::istream& stream, std::size_t& lines) {
  int letter = stream.peek();
  while (letter == ' ' || letter == '\t' || letter == '\r' || letter == '\n') {
    if (letter == '\n') ++lines;
    stream.get();
    letter = stream.peek();
  }
  return letter;
}

}  // namespace

BeerLines::BeerLines(std::istream& stream) : stream_(stream) {
  if (stream_.peek() == static_cast<unsigned char>(kByteOrderMark.front())) {
    stream_.ignore(static_cast<std::streamsize>(kByteOrderMark.size()));
  }
  if (first_letter(stream_, line_) == '[') read_array();
}

void BeerLines::read_array() {
  array_.assign(std::istreambuf_iterator<char>(stream_), std::istreambuf_iterator<char>());
  auto elements = beer::array_pieces(array_);
  if (!elements)
    throw std::runtime_error("the input begins as a JSON array and doesn't end as one");
  elements_ = std::move(*elements);
  counted_ = array_.data();
  ++line_;
}

std::optional<BeerLine> BeerLines::next() {
  if (element_ < elements_.size()) {
    const std::string_view text = elements_[element_++];
    const char* const begin = text.empty() ? counted_ : text.data();
    line_ += static_cast<std::size_t>(std::count(counted_, begin, '\n'));
    counted_ = begin;
    return BeerLine{line_, std::string(text)};
  }
  for (std::string line; std::getline(stream_, line);) {
    ++line_;
    const std::string_view text = base::trim(line);
    if (!text.empty()) return BeerLine{line_, std::string(text)};
  }
  return std::nullopt;
}

}  // namespace cli
