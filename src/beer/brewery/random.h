// Random numbers by a seed, whatever the standard library: its distributions are not specified.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <span>
#include <utility>

namespace beer {

/// Weights that are chosen among again and again, summed up once.
template <std::size_t N>
class Weights {
 public:
  template <class Items, class Weight>
  constexpr Weights(const Items& items, Weight weight) {
    double sum = 0;
    for (std::size_t i = 0; i < N; ++i) ends_[i] = sum += weight(items[i]);
  }
  /// The place that `uniform` (0 <= uniform < 1) falls upon, each as often as it weighs.
  constexpr std::size_t at(double uniform) const {
    const double place = uniform * ends_[N - 1];
    std::size_t passed = 0;
    for (std::size_t i = 0; i + 1 < N; ++i) passed += ends_[i] <= place ? 1 : 0;
    return passed;
  }

 private:
  std::array<double, N> ends_{};
};

/// Mixes the bits of a number so that neighbours have nothing in common (splitmix64's finaliser).
constexpr std::uint64_t mix(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

/// A stream of random numbers that starts anywhere at no cost: one stream for one beer.
class Random {
 public:
  explicit constexpr Random(std::uint64_t seed) : state_(mix(seed)) {}
  /// A stream of its own for each pair.
  constexpr Random(std::uint64_t seed, std::uint64_t stream) : state_(mix(mix(seed) ^ stream)) {}

  constexpr std::uint64_t bits() { return mix(state_ += 0xD1342543DE82EF95ULL); }

  /// 0 <= x < 1
  constexpr double uniform() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }
  constexpr double between(double low, double high) { return low + (high - low) * uniform(); }
  constexpr bool chance(double rate) { return uniform() < rate; }
  /// 0 <= x < n
  constexpr std::size_t below(std::size_t n) { return static_cast<std::size_t>(bits() % n); }

  /// Mean 0, deviation 1 (Box and Muller).
  double normal() {
    double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return radius * std::cos(2.0 * std::numbers::pi * uniform());
  }

  template <class T>
  const T& pick(std::span<const T> items) {
    return items[below(items.size())];
  }

  /// The place of one of the weights, each as often as it weighs.
  template <class Items, class Weight>
  std::size_t weighted(const Items& items, Weight weight) {
    double total = 0;
    for (const auto& item : items) total += weight(item);
    double left = uniform() * total;
    std::size_t last = 0;
    for (std::size_t i = 0; i < std::size(items); ++i) {
      last = i;
      left -= weight(items[i]);
      if (left < 0) break;
    }
    return last;
  }

 private:
  std::uint64_t state_;
};

}  // namespace beer
