// Routes, parameters and the two error shapes of the Punk API.
#include "beer/brewery/punkapi.h"

#include "beer/json_text.h"
#include "lib/base/encoding.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

namespace beer {
namespace {

constexpr std::uint64_t kDefaultPerPage = 25;
constexpr std::uint64_t kMostPerPage = 80;

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

PunkAnswer error_answer(int status, std::string_view error, std::string_view message,
                        std::string_view data = {}) {
  std::string body = fmt::format(R"({{"statusCode":{},"error":{},"message":{})", status,
                                 json_string(error), json_string(message));
  if (!data.empty()) body += fmt::format(R"(,"data":{})", data);
  body += '}';
  return {status, "application/json; charset=utf-8", std::move(body)};
}

// One parameter that is wrong, as v2 lists it.
std::string fault(std::string_view name, std::string_view message, std::string_view value) {
  return fmt::format(R"({{"param":{},"msg":{},"value":{}}})", json_string(name),
                     json_string(message), json_string(value));
}

struct Paging {
  std::uint64_t page = 1;
  std::uint64_t per_page = kDefaultPerPage;
  std::vector<std::string> faults;
};

Paging read_paging(std::string_view query) {
  Paging paging;
  while (!query.empty()) {
    std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    auto equals = std::min(pair.find('='), pair.size());
    std::string name = base::form_decode(pair.substr(0, equals));
    std::string value = base::form_decode(pair.substr(std::min(equals + 1, pair.size())));
    auto number = whole_number(value);
    if (name == "page") {
      paging.page = number.value_or(0);
      if (paging.page < 1) {
        paging.faults.push_back(fault(name, "Must be a number greater than 0", value));
      }
    } else if (name == "per_page") {
      paging.per_page = number.value_or(0);
      if (paging.per_page < 1 || paging.per_page > kMostPerPage) {
        paging.faults.push_back(
            fault(name, "Must be a number greater than 0 and less than or equal to 80", value));
      }
    }
  }
  return paging;
}

PunkAnswer answer_page(const Brewery& brewery, std::string_view query, Shape shape) {
  Paging paging = read_paging(query);
  if (!paging.faults.empty()) {
    return error_answer(400, "Bad Request", "Invalid query params",
                        fmt::format("[{}]", fmt::join(paging.faults, ",")));
  }
  return {.body = brewery.page(paging.page, paging.per_page, shape)};
}

// v2 answers with an array of one, v3 with the beer itself.
PunkAnswer answer_one(std::string beer, Shape shape) {
  if (shape == Shape::kV2) beer = '[' + beer + ']';
  return {.body = std::move(beer)};
}

PunkAnswer answer_id(const Brewery& brewery, std::string_view text, Shape shape) {
  auto id = whole_number(text);
  if (!id || *id == 0) {
    return error_answer(400, "Bad Request", "Invalid query params",
                        fmt::format("[{}]", fault("beerId",
                                                  "beerId must be a number and "
                                                  "greater than 0",
                                                  text)));
  }
  if (*id > brewery.catalogue()) {
    return error_answer(404, "Not Found", fmt::format("No beer found that matches the ID {}", *id));
  }
  return answer_one(brewery.beer(*id, shape), shape);
}

PunkAnswer not_found(std::string_view path) {
  return error_answer(404, "Not Found", fmt::format("No endpoint found that matches '{}'", path));
}

}  // namespace

PunkAnswer answer_punkapi(Brewery& brewery, std::string_view method, std::string_view path,
                          std::string_view query) {
  if (method != "GET" && method != "HEAD") {
    return error_answer(405, "Method Not Allowed", "The catalogue can only be read");
  }
  std::string decoded = base::percent_decode(path);
  std::string_view rest = decoded;
  if (rest.size() > 1 && rest.ends_with('/')) rest.remove_suffix(1);
  Shape shape = rest.starts_with("/v3/") ? Shape::kV3 : Shape::kV2;
  if (!rest.starts_with("/v2/beers") && !rest.starts_with("/v3/beers")) return not_found(decoded);
  rest.remove_prefix(std::string_view("/v2/beers").size());
  if (rest.empty()) return answer_page(brewery, query, shape);
  if (rest == "/random") return answer_one(brewery.random(shape), shape);
  if (rest.front() != '/' || rest.find('/', 1) != std::string_view::npos) {
    return not_found(decoded);
  }
  return answer_id(brewery, rest.substr(1), shape);
}

}  // namespace beer
