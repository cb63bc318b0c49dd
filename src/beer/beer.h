// The Punk API's beer as a typed record, and the strict reading of its JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace beer {

/// Something noticed about a beer: a short stable name, and what was seen.
struct Finding {
  std::string name;
  std::string detail;
};

struct MashStep {
  std::optional<double> celsius;
  std::optional<double> minutes;
};

struct Malt {
  std::string name;
  std::optional<double> kilograms;  ///< whatever mass unit the recipe used
};

struct Hop {
  std::string name;
  std::optional<double> grams;  ///< whatever mass unit the recipe used
  std::string add;              ///< as written: "start", "Dry Hop", "70", …
  std::string attribute;        ///< as written: "bitter", "Aroma", "14% Alpha", …
};

/// One beer as the catalogue gives it: nothing repaired. A number that is null, absent or of a
/// wrong type is missing. Gravities are in the catalogue's thousandths (1044 is 1.044); abv and
/// attenuation in percent; volumes in litres; temperatures in degrees Celsius.
struct Beer {
  std::int64_t id = 0;
  std::string name;
  std::string tagline;
  std::string first_brewed;  ///< "MM/YYYY" or "YYYY"
  std::optional<double> abv;
  std::optional<double> ibu;
  std::optional<double> target_fg;
  std::optional<double> target_og;
  std::optional<double> ebc;
  std::optional<double> srm;
  std::optional<double> ph;
  std::optional<double> attenuation_level;
  std::optional<double> volume;
  std::optional<double> boil_volume;
  std::vector<MashStep> mash;
  std::optional<double> fermentation_celsius;
  std::string twist;
  std::vector<Malt> malts;
  std::vector<Hop> hops;
  std::string yeast;
};

/// A beer with what was found while reading it, or the reason why there is none.
struct ParseResult {
  std::optional<Beer> beer;
  std::vector<Finding> findings;  ///< "wrong_type.abv", "unknown_unit.hops", "unknown_member.beer"
  std::string reason;             ///< one sentence when there is no beer, else empty

  explicit operator bool() const { return beer.has_value(); }
};

/// Reads one beer in the v2 or the v3 shape. There is no beer only when the text isn't one JSON
/// object or its `id` isn't a positive whole number; any other fault of a field makes that field
/// missing and is kept as a finding. Members that neither shape has are findings too, and nothing
/// else. Any thread.
ParseResult parse_beer(std::string_view json);

/// Thrown where a beer is needed and there is none; what() is the reason.
class InvalidBeer : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace beer
