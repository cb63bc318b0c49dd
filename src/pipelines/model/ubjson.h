// Reads UBJSON, the binary form of JSON in which XGBoost keeps its models, from front to back.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace pipelines {

/// The bytes aren't UBJSON, end too early, or hold something else than was asked for.
class UbjsonError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A place in a document, which whoever reads moves on value by value: nothing is built that isn't
/// asked for. Takes what XGBoost writes: objects with names of any length, arrays with a count,
/// with or without one type for all elements, numbers big-endian. Throws UbjsonError.
class UbjsonReader {
 public:
  explicit UbjsonReader(std::string_view bytes) : rest_(bytes) {}

  /// Calls `member(name)` for each member of the object here; it must read or skip the value.
  template <class F>
  void object(F&& member) {
    take('{');
    while (!takes('}')) member(name());
  }
  /// Calls `element()` for each element of the array here; it must read or skip it.
  template <class F>
  void array(F&& element) {
    const Array shape = begin_array();
    if (shape.type != '\0') throw UbjsonError("an array of numbers stands where none should");
    for (std::uint64_t i = 0; i < shape.count; ++i) element();
  }
  /// The array of numbers (or of true and false) here.
  template <class T>
  std::vector<T> numbers() {
    const Array shape = begin_array();
    std::vector<T> all;
    all.reserve(shape.count);
    for (std::uint64_t i = 0; i < shape.count; ++i) {
      all.push_back(static_cast<T>(number(shape.type != '\0' ? shape.type : type())));
    }
    return all;
  }
  /// The string here; lives as long as the bytes.
  std::string_view text();
  void skip() { skip(type(), 0); }

 private:
  struct Array {
    char type;  ///< of all elements; none: each says its own
    std::uint64_t count;
  };

  char type();
  bool takes(char expected);
  void take(char expected);
  std::string_view bytes(std::uint64_t count);
  std::uint64_t length();
  std::string_view name();
  Array begin_array();
  double number(char type);
  void skip(char type, int depth);

  std::string_view rest_;
};

}  // namespace pipelines
