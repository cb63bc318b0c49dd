// URLs of http and https.
#include "lib/base/encoding.h"
#include "lib/http/client.h"

#include <fmt/format.h>

#include <charconv>

namespace http {
namespace {

std::invalid_argument bad_url(std::string_view url, std::string_view why) {
  return std::invalid_argument(fmt::format("\"{}\" is not a URL we can call: {}", url, why));
}

std::uint16_t default_port(std::string_view scheme) { return scheme == "https" ? 443 : 80; }

std::uint16_t parse_port(std::string_view url, std::string_view text) {
  unsigned port = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (failed != std::errc() || end != text.data() + text.size() || port == 0 || port > 65535) {
    throw bad_url(url, "its port is not a number from 1 to 65535");
  }
  return static_cast<std::uint16_t>(port);
}

bool has_space_or_control(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f) return true;
  }
  return false;
}

}  // namespace

std::string Url::authority() const {
  std::string text = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != default_port(scheme)) text += ":" + std::to_string(port);
  return text;
}

Url parse_url(std::string_view text) {
  if (has_space_or_control(text)) throw bad_url(text, "it holds a space or a control character");
  const auto colon = text.find("://");
  if (colon == std::string_view::npos)
    throw bad_url(text, "it doesn't begin with http:// or https://");
  Url url;
  url.scheme = base::to_lower(text.substr(0, colon));
  if (url.scheme != "http" && url.scheme != "https") {
    throw bad_url(text, "its scheme is neither http nor https");
  }
  std::string_view rest = text.substr(colon + 3);
  rest = rest.substr(0, rest.find('#'));
  const auto slash = rest.find_first_of("/?");
  std::string_view authority = rest.substr(0, slash);
  if (slash != std::string_view::npos) {
    url.target = (rest[slash] == '?' ? "/" : "") + std::string(rest.substr(slash));
  }
  if (authority.find('@') != std::string_view::npos) {
    throw bad_url(text, "it holds a user name or a password");
  }
  url.port = default_port(url.scheme);
  const auto bracket = authority.starts_with('[') ? authority.find(']') : std::string_view::npos;
  const auto port_at = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (port_at != std::string_view::npos) {
    url.port = parse_port(text, authority.substr(port_at + 1));
    authority = authority.substr(0, port_at);
  }
  url.host = bracket == std::string_view::npos ? authority : authority.substr(1, bracket - 1);
  if (url.host.empty()) throw bad_url(text, "it names no host");
  return url;
}

}  // namespace http
