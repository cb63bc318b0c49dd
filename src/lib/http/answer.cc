// The bytes of an answer's head.
#include "lib/http/answer.h"

#include "lib/base/encoding.h"
#include "lib/base/time_text.h"

#include <fmt/format.h>

namespace http {
namespace {

/// The Date field's value, formatted once a second on each thread.
const std::string& date_now() {
  thread_local base::Timestamp formatted{};
  thread_local std::string text;
  const base::Timestamp now = std::chrono::floor<std::chrono::seconds>(base::system_clock().now());
  if (now != formatted || text.empty()) {
    formatted = now;
    text = base::to_http_date(now);
  }
  return text;
}

/// A value can't end its field and begin another: line ends become spaces.
void append_value(std::string& out, std::string_view value) {
  for (const char c : value) out.push_back(c == '\r' || c == '\n' || c == '\0' ? ' ' : c);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  append_value(out, name);
  out += ": ";
  append_value(out, value);
  out += "\r\n";
}

/// Fields that speak of the connection, not of the answer: the server's alone.
bool is_servers_own(std::string_view name) {
  return base::iequals(name, "Content-Length") || base::iequals(name, "Connection") ||
         base::iequals(name, "Transfer-Encoding") || base::iequals(name, "Keep-Alive");
}

bool has_length(int status) { return status >= 200 && status != 204 && status != 304; }

}  // namespace

bool sends_body(int status, const AnswerForm& form) { return has_length(status) && !form.to_head; }

std::string answer_head(const Response& response, const AnswerForm& form) {
  std::string out;
  out.reserve(512);
  out += fmt::format("HTTP/1.1 {} {}\r\n", response.status, reason(response.status));
  for (const auto& [name, value] : response.headers) {
    if (!is_servers_own(name)) append_field(out, name, value);
  }
  if (response.live && sends_body(response.status, form)) {
    // Of HTTP/1.0 the connection's end is the body's.
    if (!form.http_1_0) out += "Transfer-Encoding: chunked\r\n";
  } else if (has_length(response.status)) {
    const auto given = response.headers.find("Content-Length");
    if (form.to_head && given) {
      append_field(out, "Content-Length", *given);
    } else {
      out += fmt::format("Content-Length: {}\r\n", response.body.size());
    }
  }
  if (!response.headers.has("Date")) append_field(out, "Date", date_now());
  if (!response.headers.has("Server")) out += "Server: mlops-beer\r\n";
  if (!form.keep_alive) {
    out += "Connection: close\r\n";
  } else if (form.http_1_0) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
  return out;
}

Response plain_answer(int status, std::string_view detail) {
  const std::string_view text = detail.empty() ? reason(status) : detail;
  return {status, {{"Content-Type", "text/plain"}}, Body(std::string(text) + "\n")};
}

}  // namespace http
