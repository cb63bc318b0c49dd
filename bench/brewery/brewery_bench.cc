// Is the simulated brewery like the real one? The errors of the same models on both.
//
//   brewery_bench [catalogue.json]     a JSON array of real beers is judged beside the simulated
//   ones
#include "beer/json_pieces.h"
#include "judge.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>

namespace {

constexpr int kRepeats = 2;

bench::Rows real(const char* path) {
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto beers = beer::array_pieces(text);
  if (!beers) throw std::runtime_error(fmt::format("{}: no JSON array", path));
  bench::Rows rows;
  for (std::string_view one : *beers) rows.push_back(beer::clean(one, {}));
  return bench::teachable(std::move(rows));
}

void print(std::string_view source, const bench::Rows& rows) {
  const bench::Errors errors = bench::judge(rows, kRepeats);
  fmt::print("{:<20} {:>6} {:>8.2f} {:>8.2f} {:>8.2f}\n", source, rows.size(), errors.mean,
             errors.six, errors.recipe);
}

}  // namespace

int main(int argc, char** argv) {
  fmt::print("{:<20} {:>6} {:>8} {:>8} {:>8}   (MAE in IBU, families held out)\n", "source",
             "beers", "mean", "six", "recipe");
  if (argc > 1) print("real", real(argv[1]));
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    print(fmt::format("simulated, seed {}", seed), bench::simulated(seed));
  }
}
