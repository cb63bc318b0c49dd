// Where in an input a value stands: put into words only when something is wrong with it.
#pragma once

#include "engine/protocol/validate.h"

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace engine {

/// A step from the path of what holds the value. A path lives in its caller's frame, and points to
/// those of the callers above.
class Path {
 public:
  /// Of the whole, or of a part that has its words already.
  explicit Path(std::string_view text = {}) : text_(text) {}

  Path member(std::string_view name) const { return {this, Step::kMember, name, 0}; }
  Path element(std::size_t number) const { return {this, Step::kElement, {}, number}; }  ///< from 1
  Path entry(std::string_view key) const { return {this, Step::kEntry, key, 0}; }

  /// "records.1.member.data"
  std::string text() const {
    switch (step_) {
      case Step::kNone: break;
      case Step::kMember: return join_path(parent_->text(), text_);
      case Step::kElement: return fmt::format("{}.{}.member", parent_->text(), number_);
      case Step::kEntry: return fmt::format("{}.{}.member", parent_->text(), text_);
    }
    return std::string(text_);
  }

 private:
  enum class Step { kNone, kMember, kElement, kEntry };
  Path(const Path* parent, Step step, std::string_view text, std::size_t number)
      : parent_(parent), step_(step), text_(text), number_(number) {}

  const Path* parent_ = nullptr;
  Step step_ = Step::kNone;
  std::string_view text_;
  std::size_t number_ = 0;
};

}  // namespace engine
