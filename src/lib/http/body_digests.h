// The digests of a body, taken beside the thread that brings its bytes in.
#pragma once

#include "lib/http/message.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace http {

/// A ring of pieces. One thread, the owner's, fills a piece after the other; each algorithm reads them
/// in order on a thread of its own, of which there are as many as processors for all bodies of the
/// process together. When one is a whole ring behind, the owner lends a hand, so it is never waited for
/// what nobody works on.
class BodyDigests {
 public:
  static constexpr std::size_t kPieceBytes = 256 << 10;

  /// The names of base::make_checksum(); unknown ones are left out.
  explicit BodyDigests(const std::vector<std::string>& algorithms);
  /// Doesn't wait: what is under way is given up.
  ~BodyDigests();
  BodyDigests(const BodyDigests&) = delete;
  BodyDigests& operator=(const BodyDigests&) = delete;

  /// The room of the present piece.
  std::span<char> piece();
  /// The first `size` bytes of the present piece are the body's next ones. The view lives until
  /// piece() is asked for again.
  std::string_view put(std::size_t size);
  /// Waits for the digests of everything put.
  Body::Digests finish();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace http
