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

  /// With a `drift` tastes move (tastes.h), by so many years while a thousand beers come out. Beer
  /// N is then brewed to the tastes of its time, and with each draw a new beer comes out while the
  /// oldest is drawn no more. Without, the catalogue stays what it is.
  /// With a `shift` they change at once: beers beyond the catalogue are brewed to the tastes of so
  /// many years later, and come out when the brewery turns. Not both.
  explicit Brewery(std::uint64_t seed, std::uint64_t catalogue = kDefaultCatalogue,
                   double drift = 0, double shift = 0);

  /// From now on draws are of new beers alone, as many as the catalogue had, brewed to the shifted
  /// tastes. The second time does nothing.
  void turn() { turned_.store(true, std::memory_order_relaxed); }

  /// How many beers have come out: ids 1 to this number are known.
  std::uint64_t catalogue() const { return catalogue_ + retired() + (turned() ? catalogue_ : 0); }

  /// The beer of that id (1 and up, beyond the catalogue too) as one line of JSON.
  std::string beer(std::uint64_t id, Shape shape = Shape::kV2) const;
  void append_beer(std::string& out, std::uint64_t id, Shape shape = Shape::kV2) const;

  /// The next draw with replacement from the catalogue, or from its newest beers when tastes
  /// drift. The sequence of draws follows the seed.
  std::string random(Shape shape = Shape::kV2);

  /// Beers of a page as a JSON array; pages count from 1; a page past the end is empty.
  std::string page(std::uint64_t page, std::uint64_t per_page, Shape shape = Shape::kV2) const;

 private:
  std::uint64_t retired() const { return drift_ > 0 ? draws_.load(std::memory_order_relaxed) : 0; }

  bool turned() const { return turned_.load(std::memory_order_relaxed); }

  std::uint64_t seed_;
  std::uint64_t catalogue_;
  double drift_;
  double shift_;
  std::atomic<bool> turned_{false};
  std::atomic<std::uint64_t> draws_{0};
};

}  // namespace beer
