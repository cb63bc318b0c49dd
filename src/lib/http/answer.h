// The bytes of an answer's head: status line and fields, with those the server owes.
#pragma once

#include "lib/http/message.h"

namespace http {

/// What the request decides about its answer's form.
struct AnswerForm {
  bool to_head = false;  ///< the request was a HEAD: no body follows
  bool keep_alive = true;
  bool http_1_0 = false;
};

/// True when the answer's body is sent at all.
bool sends_body(int status, const AnswerForm& form);

/// Status line and fields up to the empty line. Content-Length, Connection, Date and Server are the
/// server's; a Date, a Server, or the Content-Length of an answer to HEAD that is set already
/// stays.
std::string answer_head(const Response& response, const AnswerForm& form);

/// A short text answer of the server's own.
Response plain_answer(int status, std::string_view detail = {});

}  // namespace http
