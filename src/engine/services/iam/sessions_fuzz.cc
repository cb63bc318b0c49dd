// Session tokens: one that was made is opened, and no other.
#include "engine/services/iam/iam.h"
#include "engine/services/iam/sessions.h"
#include "lib/base/fuzz.h"
#include "lib/io/temporary_folder.h"

FUZZ(bytes) {
  using namespace engine;
  static const io::TemporaryFolder folder;
  static base::ManualClock clock;
  static base::Ids ids{3};
  static storage::Catalog catalog{folder.path()};
  static Context context{catalog, clock, ids};
  static iam::Iam iam{context, "the engine's secret"};
  static const iam::Session session =
      iam::make_session(iam, {.arn = "arn:x", .policy = "{}"}, clock.now());
  // The token with some of its bytes taken for others.
  std::string token = session.token;
  while (bytes.size() >= 2) {
    const std::size_t at = base::fuzz::take_byte(bytes) % (token.size() + 1);
    const char byte = static_cast<char>(base::fuzz::take_byte(bytes));
    if (byte == 0)
      token.erase(at, 1);
    else if (at < token.size() && (byte & 0x80) == 0)
      token[at] = byte;
    else
      token.insert(at, 1, static_cast<char>(byte & 0x7f));
  }
  const auto opened = iam::open_session(iam, session.access_key_id, token, clock.now());
  base::fuzz::hold(opened.has_value() == (token == session.token),
                   "the token that was made is opened and no other");
}
