// Who is signed in at the page: keys that live for a while, and links that let one in once.
#pragma once

#include "engine/gateway/keys.h"
#include "lib/base/clock.h"
#include "lib/base/guarded.h"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace engine::console {

/// How long one stays signed in, and how long a link waits to be followed.
inline constexpr std::chrono::hours kSessionLifetime{12};
inline constexpr std::chrono::minutes kLinkLifetime{10};
/// More are not open at once: the oldest goes.
inline constexpr std::size_t kMostSessions = 64;

/// The keys of a session. The gateway takes them as it takes any, until `until`.
struct Session {
  aws::Credentials credentials;
  base::Timestamp until;
};

/// Sessions in memory alone: they end with the engine. Thread-safe. `clock` is the wall clock, whatever
/// speed the engine's own runs at.
class Sessions {
 public:
  Sessions(KeyStore& keys, const base::Clock& clock) : keys_(keys), clock_(clock) {}

  Session open();
  /// False when no session has that key.
  bool close(const std::string& access_key_id);
  bool is_session(const std::string& access_key_id) const;

  /// A word that opens one session within kLinkLifetime.
  std::string make_link();
  /// The session it opens; nothing when it was used before, is too old or never was.
  std::optional<Session> redeem(std::string_view word);

 private:
  struct Open {
    std::map<std::string, base::Timestamp> sessions;  // access key id → its end
    std::map<std::string, base::Timestamp> links;     // SHA-256 of the word → its end
  };
  KeyStore& keys_;
  const base::Clock& clock_;
  base::Guarded<Open> open_;
};

}  // namespace engine::console
