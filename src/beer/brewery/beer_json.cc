// Writes the members in the catalogue's order.
#include "beer/brewery/beer_json.h"

#include "beer/json_text.h"

#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>

namespace beer {
namespace {

/// Writes into memory that `most_text` has measured, so that nothing grows on the way.
class Writer {
 public:
  explicit Writer(char* at) : at_(at) {}

  /// The length of a literal is known when this is compiled, which makes copying it a few moves.
  template <std::size_t N>
  Writer& raw(const char (&text)[N]) {
    std::memcpy(at_, text, N - 1);
    at_ += N - 1;
    return *this;
  }
  Writer& text(std::string_view value) {
    at_ = write_json_string(at_, value);
    return *this;
  }
  // Text that the catalogue leaves null when there is none.
  Writer& text_or_null(std::string_view value) { return value.empty() ? raw("null") : text(value); }
  Writer& number(double value) {
    at_ = write_json_number(at_, value);
    return *this;
  }
  Writer& number(std::int64_t value) {
    at_ = std::to_chars(at_, at_ + kMostJsonNumber, value).ptr;
    return *this;
  }
  Writer& number(const std::optional<double>& value) {
    return value ? number(*value) : raw("null");
  }
  template <std::size_t N>
  Writer& measure(const std::optional<double>& value, const char (&unit)[N]) {
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
  char* end() const { return at_; }

 private:
  char* at_;
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

// No beer's text is longer: what is the same in all of them, and what each of its parts can take.
std::size_t most_text(const Beer& beer) {
  constexpr std::size_t kFrame = 1024, kNumbers = 11, kLine = 128;
  std::size_t most = kFrame + kNumbers * kMostJsonNumber;
  for (std::string_view text : {std::string_view(beer.name), std::string_view(beer.tagline),
                                std::string_view(beer.first_brewed), std::string_view(beer.twist),
                                std::string_view(beer.yeast)}) {
    most += most_json_string(text.size());
  }
  most += beer.mash.size() * (kLine + 2 * kMostJsonNumber);
  for (const Malt& malt : beer.malts) {
    most += kLine + kMostJsonNumber + most_json_string(malt.name.size());
  }
  for (const Hop& hop : beer.hops) {
    most += kLine + kMostJsonNumber + most_json_string(hop.name.size()) +
            most_json_string(hop.add.size()) + most_json_string(hop.attribute.size());
  }
  return most;
}

}  // namespace

void append_beer_json(std::string& out, const Beer& beer, Shape shape) {
  const std::size_t before = out.size();
  out.resize(before + most_text(beer));
  Writer json(out.data() + before);
  json.raw(R"({"id":)").number(beer.id);
  json.raw(R"(,"name":)").text(beer.name);
  json.raw(R"(,"tagline":)").text(beer.tagline);
  json.raw(R"(,"first_brewed":)").text(beer.first_brewed);
  json.raw(R"(,"description":"A simulated beer: nobody ever brewed it.")");
  if (shape == Shape::kV2) {
    json.raw(R"(,"image_url":null)");
  } else {
    json.raw(R"(,"image":null)");
  }
  write_values(json, beer);
  write_method(json, beer);
  write_ingredients(json, beer);
  json.raw(R"(,"food_pairing":["Strong cheese","Fresh bread","Good company"])");
  json.raw(R"(,"brewers_tips":"Simulated: taste the numbers, not the beer.")");
  json.raw(R"(,"contributed_by":"Simulated brewery"})");
  out.resize(static_cast<std::size_t>(json.end() - out.data()));
}

}  // namespace beer
