// The simulated brewery: an endless, seeded catalogue calibrated on the real one's aggregate facts.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

namespace beer {

/// The two shapes the catalogue was ever served in. v3 has `image` where v2 has `image_url`.
enum class Shape { kV2, kV3 };

/// Makes beers from a seed: beer N of a seed is always the same, whatever was asked before. Beers
/// come in families of siblings that share a recipe, and carry the real catalogue's nulls, swapped
/// columns and absurd values at the real rates. They are simulated: say so wherever a number from
/// them is shown. Every method may be called from any thread.
class Brewery {
 public:
  /// How many beers random() and page() know: enough that 500 draws show over 400 different ones,
  /// and still repeat themselves as the real catalogue does.
  static constexpr std::uint64_t kDefaultCatalogue = 3 * 415;

  explicit Brewery(std::uint64_t seed, std::uint64_t catalogue = kDefaultCatalogue);

  std::uint64_t catalogue() const { return catalogue_; }

  /// The beer of that id (1 and up, beyond the catalogue too) as one line of JSON.
  std::string beer(std::uint64_t id, Shape shape = Shape::kV2) const;
  void append_beer(std::string& out, std::uint64_t id, Shape shape = Shape::kV2) const;

  /// The next draw with replacement from the catalogue. The sequence of draws follows the seed.
  std::string random(Shape shape = Shape::kV2);

  /// Beers of a page as a JSON array; pages count from 1; a page past the end is empty.
  std::string page(std::uint64_t page, std::uint64_t per_page, Shape shape = Shape::kV2) const;

 private:
  std::uint64_t seed_;
  std::uint64_t catalogue_;
  std::atomic<std::uint64_t> draws_{0};
};

}  // namespace beer
