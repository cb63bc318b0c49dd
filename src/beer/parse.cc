// Reads the Punk API's JSON strictly: a field is what its type says, or missing with a finding.
#include "beer/beer.h"
#include "beer/lexicon.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <limits>

namespace beer {
namespace {

namespace json = boost::json;

std::string_view kind_name(json::kind kind) {
  switch (kind) {
    case json::kind::null:
      return "null";
    case json::kind::bool_:
      return "a boolean";
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_:
      return "a number";
    case json::kind::string:
      return "text";
    case json::kind::array:
      return "an array";
    case json::kind::object:
      return "an object";
  }
  return "unknown";
}

// What a mass unit is worth in grams; 0 when it is no mass.
double grams_in(std::string_view unit) {
  if (unit == "grams" || unit == "gram" || unit == "g") return 1.0;
  if (unit == "kilograms" || unit == "kilogram" || unit == "kg") return 1000.0;
  return 0.0;
}

// The members that v2 and v3 give each object of a beer. Others are no fault of the beer, but
// whoever reads findings learns that the source has changed.
constexpr auto kBeerMembers = std::to_array<std::string_view>(
    {"id",           "name",          "tagline", "first_brewed", "description",
     "image_url",    "image",         "abv",     "ibu",          "target_fg",
     "target_og",    "ebc",           "srm",     "ph",           "attenuation_level",
     "volume",       "boil_volume",   "method",  "ingredients",  "food_pairing",
     "brewers_tips", "contributed_by"});
constexpr auto kMethodMembers =
    std::to_array<std::string_view>({"mash_temp", "fermentation", "twist"});
constexpr auto kStepMembers = std::to_array<std::string_view>({"temp", "duration"});
constexpr auto kIngredientMembers = std::to_array<std::string_view>({"malt", "hops", "yeast"});
constexpr auto kLineMembers =
    std::to_array<std::string_view>({"name", "amount", "add", "attribute"});
constexpr auto kMeasureMembers = std::to_array<std::string_view>({"value", "unit"});

template <const auto& members>
bool is_member(std::string_view name) {
  static const Lexicon<bool> kKnown(members, [](std::string_view) { return true; });
  return kKnown.find(name) != nullptr;
}

// Walks one beer. `field` in every method is the name that findings carry. Absent and null are the
// same: missing, and no fault.
class Reader {
 public:
  explicit Reader(std::vector<Finding>& findings) : findings_(findings) {}

  Beer read(const json::object& root, std::int64_t id) {
    Beer beer;
    beer.id = id;
    note_unknown<kBeerMembers>(root, "beer");
    beer.name = text(root, "name", "name");
    beer.tagline = text(root, "tagline", "tagline");
    beer.first_brewed = text(root, "first_brewed", "first_brewed");
    beer.abv = number(root, "abv", "abv");
    beer.ibu = number(root, "ibu", "ibu");
    beer.target_fg = number(root, "target_fg", "target_fg");
    beer.target_og = number(root, "target_og", "target_og");
    beer.ebc = number(root, "ebc", "ebc");
    beer.srm = number(root, "srm", "srm");
    beer.ph = number(root, "ph", "ph");
    beer.attenuation_level = number(root, "attenuation_level", "attenuation_level");
    beer.volume = measure(root, "volume", "volume", "litres");
    beer.boil_volume = measure(root, "boil_volume", "boil_volume", "litres");
    if (const auto* method = object(root, "method", "method")) read_method(*method, beer);
    if (const auto* parts = object(root, "ingredients", "ingredients")) {
      read_ingredients(*parts, beer);
    }
    return beer;
  }

 private:
  void read_method(const json::object& method, Beer& beer) {
    note_unknown<kMethodMembers>(method, "method");
    for_each_object(method, "mash_temp", "mash_temp", [&](const json::object& step) {
      note_unknown<kStepMembers>(step, "mash_temp");
      beer.mash.push_back({measure(step, "temp", "mash_temp", "celsius"),
                           number(step, "duration", "mash_duration")});
    });
    if (const auto* fermentation = object(method, "fermentation", "fermentation")) {
      note_unknown<kStepMembers>(*fermentation, "fermentation");
      beer.fermentation_celsius = measure(*fermentation, "temp", "fermentation", "celsius");
    }
    beer.twist = text(method, "twist", "twist");
  }

  void read_ingredients(const json::object& parts, Beer& beer) {
    note_unknown<kIngredientMembers>(parts, "ingredients");
    for_each_object(parts, "malt", "malt", [&](const json::object& line) {
      note_unknown<kLineMembers>(line, "malt");
      std::optional<double> grams = mass(line, "malt");
      if (grams) *grams /= 1000.0;
      beer.malts.push_back({text(line, "name", "malt"), grams});
    });
    for_each_object(parts, "hops", "hops", [&](const json::object& line) {
      note_unknown<kLineMembers>(line, "hops");
      beer.hops.push_back({text(line, "name", "hops"), mass(line, "hops"),
                           text(line, "add", "hops_add"),
                           text(line, "attribute", "hops_attribute")});
    });
    beer.yeast = text(parts, "yeast", "yeast");
  }

  static const json::value* member(const json::object& from, std::string_view key) {
    const json::value* value = from.if_contains(key);
    return value && !value->is_null() ? value : nullptr;
  }

  std::string text(const json::object& from, std::string_view key, std::string_view field) {
    const json::value* value = member(from, key);
    if (!value) return {};
    if (const json::string* text = value->if_string()) return {text->data(), text->size()};
    wrong_type(field, *value, "text");
    return {};
  }

  std::optional<double> number(const json::object& from, std::string_view key,
                               std::string_view field) {
    const json::value* value = member(from, key);
    if (!value) return {};
    if (value->is_number()) {
      double number = value->to_number<double>();
      if (std::isfinite(number)) return number;
    }
    wrong_type(field, *value, "a number");
    return {};
  }

  const json::object* object(const json::object& from, std::string_view key,
                             std::string_view field) {
    const json::value* value = member(from, key);
    if (!value) return nullptr;
    if (!value->is_object()) wrong_type(field, *value, "an object");
    return value->if_object();
  }

  // {"value": 20, "unit": "litres"} where only that unit makes sense.
  std::optional<double> measure(const json::object& from, std::string_view key,
                                std::string_view field, std::string_view unit) {
    const json::object* amount = object(from, key, field);
    if (!amount) return {};
    note_unknown<kMeasureMembers>(*amount, field);
    std::optional<double> value = number(*amount, "value", field);
    if (!value) return {};
    std::string given = text(*amount, "unit", field);
    if (given == unit) return value;
    unknown_unit(field, given);
    return {};
  }

  // Grams of a line's amount.
  std::optional<double> mass(const json::object& line, std::string_view field) {
    const json::object* amount = object(line, "amount", field);
    if (!amount) return {};
    note_unknown<kMeasureMembers>(*amount, field);
    std::optional<double> value = number(*amount, "value", field);
    if (!value) return {};
    std::string unit = text(*amount, "unit", field);
    double factor = grams_in(unit);
    if (factor > 0) return *value * factor;
    unknown_unit(field, unit);
    return {};
  }

  template <class F>
  void for_each_object(const json::object& from, std::string_view key, std::string_view field,
                       F&& use) {
    const json::value* value = member(from, key);
    if (!value) return;
    const json::array* items = value->if_array();
    if (!items) return wrong_type(field, *value, "an array");
    for (const json::value& item : *items) {
      if (const json::object* line = item.if_object()) {
        use(*line);
      } else {
        wrong_type(field, item, "an object");
      }
    }
  }

  template <const auto& members>
  void note_unknown(const json::object& object, std::string_view field) {
    for (const auto& member : object) {
      if (is_member<members>({member.key().data(), member.key().size()})) continue;
      findings_.push_back(
          {fmt::format("unknown_member.{}", field),
           fmt::format("{} has a member '{:.60}'", field,
                       std::string_view(member.key().data(), member.key().size()))});
    }
  }

  void wrong_type(std::string_view field, const json::value& value, std::string_view wanted) {
    findings_.push_back({fmt::format("wrong_type.{}", field),
                         fmt::format("{} is {}, not {}", field, kind_name(value.kind()), wanted)});
  }

  void unknown_unit(std::string_view field, std::string_view unit) {
    findings_.push_back(
        {fmt::format("unknown_unit.{}", field), fmt::format("{} has the unit '{}'", field, unit)});
  }

  std::vector<Finding>& findings_;
};

// A positive whole number; 7.0 is one too, since some writers have no integers.
std::optional<std::int64_t> read_id(const json::value& value) {
  if (const std::int64_t* number = value.if_int64(); number && *number > 0) return *number;
  if (const double* number = value.if_double()) {
    constexpr double kExact = 9007199254740992.0;  // 2^53: beyond it doubles skip whole numbers
    if (*number >= 1 && *number <= kExact && std::trunc(*number) == *number) {
      return static_cast<std::int64_t>(*number);
    }
  }
  return {};
}

ParseResult no_beer(std::string reason) {
  ParseResult result;
  result.reason = std::move(reason);
  return result;
}

}  // namespace

ParseResult parse_beer(std::string_view text) {
  // A beer is about 2 KB of text; its tree fits in this block and costs no allocation.
  alignas(16) std::array<unsigned char, 16 * 1024> block;
  json::monotonic_resource memory(block.data(), block.size());
  json::error_code error;
  json::value root = json::parse(text, error, &memory);
  if (error) return no_beer(fmt::format("The beer is not valid JSON: {}.", error.message()));
  const json::object* object = root.if_object();
  if (!object) {
    return no_beer(fmt::format("The beer is {}, not a JSON object.", kind_name(root.kind())));
  }
  const json::value* id_value = object->if_contains("id");
  if (!id_value || id_value->is_null()) return no_beer("The beer has no id.");
  std::optional<std::int64_t> id = read_id(*id_value);
  if (!id) {
    return no_beer(fmt::format("The beer's id is not a positive whole number: {}.",
                               json::serialize(*id_value).substr(0, 60)));
  }
  ParseResult result;
  result.beer = Reader(result.findings).read(*object, *id);
  return result;
}

}  // namespace beer
