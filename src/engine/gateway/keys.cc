// Access keys: known ones in memory, the root's in a file only its owner can read.
#include "engine/gateway/keys.h"

#include "lib/base/encoding.h"
#include "lib/io/file.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace engine {
namespace {

std::string path_of(const std::string& data) { return data + "/credentials"; }

/// A secret of AWS's length, 40 characters of base64's alphabet.
std::string new_secret(base::Ids& ids) { return base::to_base64(*base::from_hex(ids.hex(60))); }

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  return text;
}

}  // namespace

void KeyStore::add(const aws::Credentials& credentials, base::Timestamp until) {
  keys_.with([&](auto& keys) { keys[credentials.access_key_id] = {credentials.secret_access_key, until}; });
}

void KeyStore::remove(const std::string& access_key_id) {
  keys_.with([&](auto& keys) { keys.erase(access_key_id); });
}

void KeyStore::set_source(IdentitySource source) {
  source_.with([&](auto& mine) { mine = std::move(source); });
}

std::optional<Identity> KeyStore::find(const std::string& access_key_id, const std::string& token,
                                       base::Timestamp now) const {
  bool known = false;
  auto root = keys_.read([&](const auto& keys) -> std::optional<Identity> {
    const auto at = keys.find(access_key_id);
    known = at != keys.end();
    if (!known || at->second.until <= now) return std::nullopt;
    Identity identity;
    identity.secret = at->second.secret;
    return identity;
  });
  if (known) return root;
  const IdentitySource source = source_.read([](const auto& mine) { return mine; });
  return source ? source(access_key_id, token) : std::nullopt;
}

std::optional<aws::Credentials> stored_credentials(const std::string& data) {
  std::ifstream file(path_of(data));
  if (!file) return std::nullopt;
  aws::Credentials credentials;
  for (std::string line; std::getline(file, line);) {
    const auto equals = line.find('=');
    if (equals == std::string::npos) continue;
    const std::string_view key = base::trim(std::string_view(line).substr(0, equals));
    const std::string_view value = base::trim(std::string_view(line).substr(equals + 1));
    if (key == "aws_access_key_id") credentials.access_key_id = value;
    if (key == "aws_secret_access_key") credentials.secret_access_key = value;
  }
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty()) {
    throw std::runtime_error(fmt::format("{} holds no keys: remove it, and new ones are made", path_of(data)));
  }
  return credentials;
}

aws::Credentials root_credentials(const std::string& data, base::Ids& ids) {
  const char* id = std::getenv("AWS_ACCESS_KEY_ID");
  const char* secret = std::getenv("AWS_SECRET_ACCESS_KEY");
  if (id && secret && *id && *secret) return {id, secret, {}};
  if (auto stored = stored_credentials(data)) return *stored;
  aws::Credentials made{"AKIA" + upper(ids.alnum(16)), new_secret(ids), {}};
  // Whole or not at all: half of it would keep every later start from ending.
  io::write_file_atomically(path_of(data),
                            fmt::format("[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
                                        made.access_key_id, made.secret_access_key),
                            0600);
  return made;
}

}  // namespace engine
