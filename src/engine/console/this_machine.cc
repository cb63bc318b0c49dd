// Loopback at both ends.
#include "engine/console/this_machine.h"

#include "lib/base/encoding.h"

namespace engine::console {
namespace {

/// "localhost:4577" → "localhost", "[::1]:4577" → "::1"
std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(1, std::min(host.find(']'), host.size()) - 1);
  return host.substr(0, host.rfind(':'));
}

}  // namespace

bool is_this_machine(const http::Request& request) {
  const std::string_view peer = without_port(request.peer);
  const bool loopback = peer.starts_with("127.") || peer == "::1" || peer.starts_with("::ffff:127.");
  const std::string_view host = without_port(base::trim(request.headers.get("host")));
  return loopback && (base::iequals(host, "localhost") || host == "127.0.0.1" || host == "::1");
}

}  // namespace engine::console
