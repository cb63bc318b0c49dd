// Identifiers: random by default, repeatable when a test gives a seed.
#pragma once

#include <cstdint>
#include <mutex>
#include <random>
#include <string>

namespace base {

/// Makes identifiers of the shapes AWS uses. Thread-safe.
class Ids {
 public:
  Ids();                              ///< seeded by the operating system
  explicit Ids(std::uint64_t seed);   ///< repeatable, for tests

  std::string uuid();                     ///< "8d9c…-…" version 4, lower case
  std::string hex(std::size_t digits);    ///< lower-case hexadecimal digits
  std::string alnum(std::size_t length);  ///< [a-z0-9]
  std::uint64_t number();

 private:
  std::mutex mutex_;
  std::mt19937_64 random_;
};

}  // namespace base
