// The catalogue: which beer is where, and which comes next.
#include "beer/brewery/brewery.h"

#include "beer/brewery/beer_json.h"
#include "beer/brewery/invent.h"
#include "beer/brewery/random.h"

#include <algorithm>

namespace beer {
namespace {

constexpr std::uint64_t kDrawStream = 0x6472'6177;

}  // namespace

Brewery::Brewery(std::uint64_t seed, std::uint64_t catalogue, double drift, double shift)
    : seed_(seed),
      catalogue_(std::max<std::uint64_t>(catalogue, 1)),
      drift_(drift),
      shift_(shift) {}

void Brewery::append_beer(std::string& out, std::uint64_t id, Shape shape) const {
  append_beer_json(out, invent(seed_, id, drift_, id > catalogue_ ? shift_ : 0), shape);
}

std::string Brewery::beer(std::uint64_t id, Shape shape) const {
  std::string out;
  out.reserve(2048);
  append_beer(out, id, shape);
  return out;
}

std::string Brewery::random(Shape shape) {
  std::uint64_t draw = draws_.fetch_add(1, std::memory_order_relaxed);
  const std::uint64_t oldest = turned() ? 1 + catalogue_ : drift_ > 0 ? 1 + draw : 1;
  return beer(oldest + Random(seed_ + kDrawStream, draw).below(catalogue_), shape);
}

std::string Brewery::page(std::uint64_t page, std::uint64_t per_page, Shape shape) const {
  std::string out = "[";
  const std::uint64_t last = catalogue();
  if (page >= 1 && per_page >= 1 && page - 1 <= last / per_page) {
    std::uint64_t first = (page - 1) * per_page + 1;
    for (std::uint64_t id = first; id < first + per_page && id <= last; ++id) {
      if (id > first) out += ',';
      append_beer(out, id, shape);
    }
  }
  out += ']';
  return out;
}

}  // namespace beer
