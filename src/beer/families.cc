// Union-find over shared recipe parts, and splits that keep what it found together.
#include "beer/families.h"

#include "beer/brewery/random.h"
#include "beer/hops.h"
#include "lib/base/digest.h"
#include "lib/base/encoding.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <random>
#include <stdexcept>
#include <unordered_map>
#include <utility>

namespace beer {
namespace {

constexpr std::size_t kDigestCharacters =
    12;  // 48 bits: no clash among a million beers worth a fear

std::string short_digest(std::vector<std::string> parts) {
  if (parts.empty()) return {};
  std::sort(parts.begin(), parts.end());
  std::string text;
  for (const std::string& part : parts) text += part + '\n';
  return base::to_hex(base::sha256(text)).substr(0, kDigestCharacters);
}

std::string text_of(const std::optional<double>& value) {
  return value ? fmt::format("{:.6g}", *value) : std::string("-");
}

std::string six_values_key(const Beer& beer) {
  const std::array six{beer.abv, beer.target_fg, beer.target_og, beer.ebc, beer.srm, beer.ph};
  auto known = std::count_if(six.begin(), six.end(), [](auto& value) { return value.has_value(); });
  // With half of the values missing, equality says little.
  if (known < 4) return {};
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < six.size(); ++i) {
    parts.push_back(fmt::format("{}:{}", i, text_of(six[i])));
  }
  return short_digest(std::move(parts));
}

std::string hop_bill_key(const Beer& beer) {
  std::vector<std::string> parts;
  for (const Hop& hop : beer.hops) {
    Addition addition = read_addition(hop.add);
    parts.push_back(fmt::format("{}:{}:{}:{:g}", normalise_name(hop.name), text_of(hop.grams),
                                static_cast<int>(addition.phase), addition.minutes));
  }
  return short_digest(std::move(parts));
}

std::string malt_bill_key(const Beer& beer) {
  std::vector<std::string> parts;
  for (const Malt& malt : beer.malts) {
    parts.push_back(fmt::format("{}:{}", normalise_name(malt.name), text_of(malt.kilograms)));
  }
  return short_digest(std::move(parts));
}

class UnionFind {
 public:
  explicit UnionFind(std::size_t size) : parent_(size) {
    std::iota(parent_.begin(), parent_.end(), 0U);
  }
  std::uint32_t find(std::uint32_t row) {
    while (parent_[row] != row) row = parent_[row] = parent_[parent_[row]];
    return row;
  }
  // The smaller root wins, so the result does not depend on the order of keys.
  void join(std::uint32_t a, std::uint32_t b) {
    a = find(a);
    b = find(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<std::uint32_t> parent_;
};

void join_equal(std::span<const FamilyKeys> rows, std::string FamilyKeys::*key, UnionFind& sets) {
  std::unordered_map<std::string_view, std::uint32_t> first;
  first.reserve(rows.size());
  for (std::uint32_t row = 0; row < rows.size(); ++row) {
    std::string_view value = rows[row].*key;
    if (value.empty()) continue;
    auto [it, fresh] = first.try_emplace(value, row);
    if (!fresh) sets.join(it->second, row);
  }
}

std::vector<std::vector<std::uint32_t>> rows_of(std::span<const std::uint32_t> families) {
  std::uint32_t count =
      families.empty() ? 0 : *std::max_element(families.begin(), families.end()) + 1;
  std::vector<std::vector<std::uint32_t>> rows(count);
  for (std::uint32_t row = 0; row < families.size(); ++row) rows[families[row]].push_back(row);
  return rows;
}

// Families in a random order that every standard library agrees on: std::shuffle's is not
// specified.
std::vector<std::vector<std::uint32_t>> shuffled(std::span<const std::uint32_t> families,
                                                 std::uint64_t seed) {
  auto rows = rows_of(families);
  std::mt19937_64 random(seed);
  for (std::size_t i = rows.size(); i > 1; --i) std::swap(rows[i - 1], rows[random() % i]);
  return rows;
}

// The numbers of the families, each at the place that its least id and the seed give it.
std::vector<std::uint32_t> in_hash_order(const std::vector<std::vector<std::uint32_t>>& rows,
                                         std::span<const std::int64_t> ids, std::uint64_t seed) {
  const std::uint64_t start = mix(seed);
  std::vector<std::pair<std::uint64_t, std::uint32_t>> places;
  places.reserve(rows.size());
  for (std::uint32_t family = 0; family < rows.size(); ++family) {
    if (rows[family].empty()) continue;
    std::int64_t least = ids[rows[family].front()];
    for (std::uint32_t row : rows[family]) least = std::min(least, ids[row]);
    places.emplace_back(mix(start ^ static_cast<std::uint64_t>(least)), family);
  }
  std::sort(places.begin(), places.end());
  std::vector<std::uint32_t> order;
  order.reserve(places.size());
  for (const auto& [place, family] : places) order.push_back(family);
  return order;
}

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

// "v2", "v2.0", "2.0", "2016": a version or a year, told from numbers that are the name itself ("77
// lager", "moshi moshi 15") by its point, its v, or its four digits.
bool is_version(std::string_view word) {
  bool has_v = word.starts_with('v') && word.size() > 1;
  if (has_v) word.remove_prefix(1);
  bool point = false;
  for (char letter : word) {
    if (letter == '.') {
      point = true;
    } else if (!is_digit(letter)) {
      return false;
    }
  }
  return has_v || (point && word.size() > 1) ||
         (word.size() == 4 && (word.starts_with("19") || word.starts_with("20")));
}

void cut_from(std::string& text, std::string_view mark) {
  if (auto at = text.find(mark); at != std::string::npos && at > 0) text.erase(at);
}

}  // namespace

std::string name_stem(std::string_view name) {
  std::string text = normalise_name(name);
  if (text.starts_with('#')) text.erase(0, 1);
  cut_from(text, " (");
  // A series after a dash says where the beer was shown, not which beer it is.
  for (std::string_view series : {" - prototype challenge", " - b-sides", " - ipa is dead"}) {
    cut_from(text, series);
  }
  for (;;) {
    auto blank = text.rfind(' ');
    if (blank == std::string::npos || !is_version(std::string_view(text).substr(blank + 1))) break;
    text.erase(blank);
  }
  return text;
}

FamilyKeys family_keys(const Beer& repaired) {
  return {name_stem(repaired.name), hop_bill_key(repaired), malt_bill_key(repaired),
          six_values_key(repaired)};
}

std::vector<std::uint32_t> families(std::span<const FamilyKeys> rows) {
  UnionFind sets(rows.size());
  join_equal(rows, &FamilyKeys::name_stem, sets);
  join_equal(rows, &FamilyKeys::hop_bill, sets);
  join_equal(rows, &FamilyKeys::malt_bill, sets);
  join_equal(rows, &FamilyKeys::six_values, sets);
  std::vector<std::uint32_t> result(rows.size());
  std::unordered_map<std::uint32_t, std::uint32_t> number;
  for (std::uint32_t row = 0; row < rows.size(); ++row) {
    auto next = static_cast<std::uint32_t>(number.size());
    result[row] = number.try_emplace(sets.find(row), next).first->second;
  }
  return result;
}

std::size_t count_families(std::span<const std::uint32_t> families) {
  std::vector<std::uint32_t> sorted(families.begin(), families.end());
  std::sort(sorted.begin(), sorted.end());
  return static_cast<std::size_t>(std::unique(sorted.begin(), sorted.end()) - sorted.begin());
}

Split grouped_split(std::span<const std::uint32_t> families, std::span<const std::int64_t> ids,
                    double test_fraction, std::uint64_t seed) {
  auto wanted =
      static_cast<std::size_t>(std::llround(test_fraction * static_cast<double>(families.size())));
  Split split;
  const auto all = rows_of(families);
  for (const std::uint32_t family : in_hash_order(all, ids, seed)) {
    const auto& rows = all[family];
    // A family goes to the test side when it fits: the side never grows past what was asked.
    bool test = split.test.size() + rows.size() <= wanted;
    auto& side = test ? split.test : split.train;
    side.insert(side.end(), rows.begin(), rows.end());
  }
  std::sort(split.train.begin(), split.train.end());
  std::sort(split.test.begin(), split.test.end());
  return split;
}

std::vector<std::uint32_t> grouped_folds(std::span<const std::uint32_t> families, std::uint32_t k,
                                         std::uint64_t seed) {
  if (k < 2) throw std::invalid_argument("grouped_folds needs at least two folds");
  auto groups = shuffled(families, seed);
  // Large families first, each into the emptiest fold; the shuffle decides among equals.
  std::stable_sort(groups.begin(), groups.end(),
                   [](const auto& a, const auto& b) { return a.size() > b.size(); });
  std::vector<std::size_t> sizes(k, 0);
  std::vector<std::uint32_t> folds(families.size());
  for (const auto& rows : groups) {
    auto fold =
        static_cast<std::uint32_t>(std::min_element(sizes.begin(), sizes.end()) - sizes.begin());
    sizes[fold] += rows.size();
    for (std::uint32_t row : rows) folds[row] = fold;
  }
  return folds;
}

}  // namespace beer
