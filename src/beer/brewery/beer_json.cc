// Writes the members in the catalogue's order.
#include "beer/brewery/beer_json.h"

#include "beer/json_text.h"

#include <limits>
#include <optional>

namespace beer {
namespace {

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  Writer& raw(std::string_view text) {
    out_ += text;
    return *this;
  }
  Writer& text(std::string_view value) {
    append_json_string(out_, value);
    return *this;
  }
  // Text that the catalogue leaves null when there is none.
  Writer& text_or_null(std::string_view value) { return value.empty() ? raw("null") : text(value); }
  Writer& number(const std::optional<double>& value) {
    append_json_number(out_, value.value_or(std::numeric_limits<double>::quiet_NaN()));
    return *this;
  }
  Writer& measure(const std::optional<double>& value, std::string_view unit) {
    return raw(R"({"value":)").number(value).raw(R"(,"unit":")").raw(unit).raw(R"("})");
  }
  template <class Items, class F>
  Writer& list(const Items& items, F&& write) {
    raw("[");
    bool first = true;
    for (const auto& item : items) {
      if (!first) raw(",");
      first = false;
      write(item);
    }
    return raw("]");
  }

 private:
  std::string& out_;
};

void write_values(Writer& json, const Beer& beer) {
  json.raw(R"(,"abv":)").number(beer.abv);
  json.raw(R"(,"ibu":)").number(beer.ibu);
  json.raw(R"(,"target_fg":)").number(beer.target_fg);
  json.raw(R"(,"target_og":)").number(beer.target_og);
  json.raw(R"(,"ebc":)").number(beer.ebc);
  json.raw(R"(,"srm":)").number(beer.srm);
  json.raw(R"(,"ph":)").number(beer.ph);
  json.raw(R"(,"attenuation_level":)").number(beer.attenuation_level);
  json.raw(R"(,"volume":)").measure(beer.volume, "litres");
  json.raw(R"(,"boil_volume":)").measure(beer.boil_volume, "litres");
}

void write_method(Writer& json, const Beer& beer) {
  json.raw(R"(,"method":{"mash_temp":)");
  json.list(beer.mash, [&](const MashStep& step) {
    json.raw(R"({"temp":)").measure(step.celsius, "celsius");
    json.raw(R"(,"duration":)").number(step.minutes).raw("}");
  });
  json.raw(R"(,"fermentation":{"temp":)").measure(beer.fermentation_celsius, "celsius");
  json.raw(R"(},"twist":)").text_or_null(beer.twist).raw("}");
}

void write_ingredients(Writer& json, const Beer& beer) {
  json.raw(R"(,"ingredients":{"malt":)");
  json.list(beer.malts, [&](const Malt& malt) {
    json.raw(R"({"name":)").text(malt.name);
    json.raw(R"(,"amount":)").measure(malt.kilograms, "kilograms").raw("}");
  });
  json.raw(R"(,"hops":)");
  json.list(beer.hops, [&](const Hop& hop) {
    json.raw(R"({"name":)").text(hop.name);
    json.raw(R"(,"amount":)").measure(hop.grams, "grams");
    json.raw(R"(,"add":)").text(hop.add);
    json.raw(R"(,"attribute":)").text(hop.attribute).raw("}");
  });
  json.raw(R"(,"yeast":)").text_or_null(beer.yeast).raw("}");
}

}  // namespace

void append_beer_json(std::string& out, const Beer& beer, Shape shape) {
  Writer json(out);
  json.raw(R"({"id":)").raw(std::to_string(beer.id));
  json.raw(R"(,"name":)").text(beer.name);
  json.raw(R"(,"tagline":)").text(beer.tagline);
  json.raw(R"(,"first_brewed":)").text(beer.first_brewed);
  json.raw(R"(,"description":"A simulated beer: nobody ever brewed it.")");
  json.raw(shape == Shape::kV2 ? R"(,"image_url":null)" : R"(,"image":null)");
  write_values(json, beer);
  write_method(json, beer);
  write_ingredients(json, beer);
  json.raw(R"(,"food_pairing":["Strong cheese","Fresh bread","Good company"])");
  json.raw(R"(,"brewers_tips":"Simulated: taste the numbers, not the beer.")");
  json.raw(R"(,"contributed_by":"Simulated brewery"})");
}

}  // namespace beer
