// Sessions of the page: random keys among the gateway's, with an end.
#include "engine/console/sessions.h"

#include "lib/base/digest.h"
#include "lib/base/encoding.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/random.h>
#include <system_error>
#include <vector>

namespace engine::console {
namespace {

/// From the kernel: base::Ids can be foretold by who has seen enough of them.
template <std::size_t N>
std::string random_bytes() {
  std::array<char, N> bytes{};
  if (::getrandom(bytes.data(), N, 0) != static_cast<ssize_t>(N)) {
    throw std::system_error(errno, std::generic_category(), "getrandom");
  }
  return {bytes.data(), N};
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  return text;
}

template <class Map>
void drop_ended(Map& map, base::Timestamp now) {
  std::erase_if(map, [&](const auto& entry) { return entry.second <= now; });
}

}  // namespace

Session Sessions::open() {
  // "ASIA…", as temporary keys are named.
  Session session{{"ASIA" + upper(base::to_hex(random_bytes<8>())), base::to_base64(random_bytes<30>()), {}},
                  clock_.now() + kSessionLifetime};
  std::vector<std::string> gone;
  open_.with([&](Open& open) {
    drop_ended(open.sessions, clock_.now());
    if (open.sessions.size() >= kMostSessions) {
      const auto oldest = std::min_element(open.sessions.begin(), open.sessions.end(),
                                           [](const auto& a, const auto& b) { return a.second < b.second; });
      gone.push_back(oldest->first);
      open.sessions.erase(oldest);
    }
    open.sessions[session.credentials.access_key_id] = session.until;
  });
  for (const std::string& id : gone) keys_.remove(id);
  keys_.add(session.credentials, session.until);
  return session;
}

bool Sessions::close(const std::string& access_key_id) {
  const bool was_open = open_.with([&](Open& open) { return open.sessions.erase(access_key_id) > 0; });
  if (was_open) keys_.remove(access_key_id);
  return was_open;
}

bool Sessions::is_session(const std::string& access_key_id) const {
  return open_.read([&](const Open& open) { return open.sessions.contains(access_key_id); });
}

std::string Sessions::make_link() {
  std::string word = base::to_hex(random_bytes<16>());
  open_.with([&](Open& open) {
    drop_ended(open.links, clock_.now());
    open.links[base::sha256(word)] = clock_.now() + kLinkLifetime;
  });
  return word;
}

std::optional<Session> Sessions::redeem(std::string_view word) {
  const bool known = open_.with([&](Open& open) {
    drop_ended(open.links, clock_.now());
    return open.links.erase(base::sha256(word)) > 0;
  });
  if (!known) return std::nullopt;
  return open();
}

}  // namespace engine::console
