// Whether a request comes from a page or program on this machine that means us.
#pragma once

#include "lib/http/message.h"

namespace engine::console {

/// True when the peer is on loopback and Host names this machine: localhost, 127.0.0.1 or [::1], with any
/// port. A page of another site whose name was made to lead here (DNS rebinding) sends that site's name.
bool is_this_machine(const http::Request& request);

}  // namespace engine::console
