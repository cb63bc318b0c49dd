// shapegen MODEL.json OUT.h OUT.cc: turns a trimmed API model into C++ structs and the tables that codecs walk.
//
// For every structure of the model: a struct whose members bear AWS's names (required ones plain, others
// std::optional) and a constant engine::Shape. For every operation: a tag in namespace op with its Input
// and Output types and its OperationModel. See src/engine/protocol/shape.h for what these mean.
#include <boost/json.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace json = boost::json;
using std::string;

const std::set<string, std::less<>> kKeywords = {
    "default", "delete", "export", "namespace", "operator", "private", "public", "register",
    "template", "union", "new", "this", "class", "enum", "bool", "int", "float", "double", "long"};

string text(const json::value& object, std::string_view key, string fallback = {}) {
  const auto* found = object.as_object().if_contains(key);
  return found && found->is_string() ? string(found->as_string()) : fallback;
}
bool flag(const json::value& object, std::string_view key) {
  const auto* found = object.as_object().if_contains(key);
  return found && found->is_bool() && found->as_bool();
}
/// A C++ string literal. Raw, with a delimiter that no pattern holds.
string literal(std::string_view value) { return fmt::format("R\"~({})~\"", value); }

class Generator {
 public:
  Generator(const json::value& model, string service)
      : model_(model), shapes_(model.at("shapes").as_object()), service_(std::move(service)) {}

  string header();
  string source();

 private:
  const json::value& shape(std::string_view name) const { return shapes_.at(name); }
  string type(std::string_view name) const { return text(shape(name), "type"); }
  string cpp(std::string_view name, bool streaming = false) const;
  bool is_stream(const json::value& owner, std::string_view member, const json::value& ref) const;
  std::vector<string> structures() const;
  void visit(const string& name, std::set<string>& seen, std::vector<string>& order) const;
  std::vector<string> required(const json::value& shape) const;
  string structure(const string& name) const;
  string shape_constant(const string& name) const;
  string member_table(const string& name) const;
  string operation_constant(std::string_view name, const json::value& operation) const;
  string routes() const;
  string side(std::string_view operation, std::string_view which) const;

  const json::value& model_;
  const json::object& shapes_;
  string service_;
};

string Generator::cpp(std::string_view name, bool streaming) const {
  const string kind = type(name);
  if (kind == "blob") return streaming ? "http::Body" : "engine::Blob";
  if (kind == "boolean") return "bool";
  if (kind == "integer" || kind == "long") return "std::int64_t";
  if (kind == "float" || kind == "double") return "double";
  if (kind == "timestamp") return "engine::Timestamp";
  if (kind == "list") return fmt::format("std::vector<{}>", cpp(text(shape(name).at("member"), "shape")));
  if (kind == "map") return fmt::format("std::map<std::string, {}>", cpp(text(shape(name).at("value"), "shape")));
  if (kind == "structure") return fmt::format("api::{}", name);
  return "std::string";
}

/// A blob that is a whole body of unbounded size: an http::Body instead of a string.
bool Generator::is_stream(const json::value& owner, std::string_view member,
                          const json::value& ref) const {
  return text(owner, "payload") == member &&
         (flag(ref, "streaming") || flag(shape(text(ref, "shape")), "streaming"));
}

std::vector<string> Generator::required(const json::value& shape) const {
  std::vector<string> names;
  if (const auto* list = shape.as_object().if_contains("required")) {
    for (const auto& name : list->as_array()) names.emplace_back(name.as_string());
  }
  return names;
}

/// Structures so that each comes after those it holds by value.
void Generator::visit(const string& name, std::set<string>& seen, std::vector<string>& order) const {
  if (!seen.insert(name).second) return;
  const json::value& here = shape(name);
  const string kind = text(here, "type");
  if (kind == "list") return visit(text(here.at("member"), "shape"), seen, order);
  if (kind == "map") return visit(text(here.at("value"), "shape"), seen, order);
  if (kind != "structure") return;
  for (const auto& [member, ref] : here.at("members").as_object()) {
    visit(text(ref, "shape"), seen, order);
  }
  order.push_back(name);
}

std::vector<string> Generator::structures() const {
  std::set<string> seen;
  std::vector<string> order;
  for (const auto& [name, value] : shapes_) visit(string(name), seen, order);
  return order;
}

string cpp_name(std::string_view member) {
  return kKeywords.contains(member) ? fmt::format("{}_", member) : string(member);
}

string Generator::structure(const string& name) const {
  const json::value& here = shape(name);
  const auto needed = required(here);
  string out = fmt::format("struct {} {{\n", name);
  for (const auto& [member, ref] : here.at("members").as_object()) {
    const string target = text(ref, "shape");
    const bool must = std::find(needed.begin(), needed.end(), member) != needed.end();
    const string plain = cpp(target, is_stream(here, member, ref));
    out += must ? fmt::format("  {} {}{{}};\n", plain, cpp_name(member))
                : fmt::format("  std::optional<{}> {};\n", plain, cpp_name(member));
  }
  return out + "};\n";
}

/// The type of an operation's input or output: its shape's, or an empty struct of its own.
string Generator::side(std::string_view operation, std::string_view which) const {
  const auto& op = model_.at("operations").at(operation).as_object();
  const auto* found = op.if_contains(which);
  return found ? text(*found, "shape")
               : fmt::format("{}{}", operation, which == "input" ? "Input" : "Output");
}

string Generator::header() {
  string out = fmt::format(
      "// Generated from src/engine/models/{0}.json by tools/shapegen. Do not edit.\n#pragma once\n\n"
      "#include \"engine/protocol/operation.h\"\n\nnamespace engine::{0}::api {{\n\n",
      service_);
  const auto order = structures();
  for (const string& name : order) out += fmt::format("struct {};\n", name);
  out += "\n";
  for (const string& name : order) out += structure(name) + "\n";

  std::set<string> named(order.begin(), order.end());
  string tags;
  for (const auto& [name, operation] : model_.at("operations").as_object()) {
    for (const auto& [which, suffix] : {std::pair{"input", "Input"}, std::pair{"output", "Output"}}) {
      const string actual = side(name, which);
      const string wished = fmt::format("{}{}", std::string_view(name), suffix);
      if (!shapes_.contains(actual)) out += fmt::format("struct {} {{}};\n", actual);
      else if (actual != wished && !shapes_.contains(wished)) out += fmt::format("using {} = {};\n", wished, actual);
    }
    tags += fmt::format(
        "struct {0} {{\n  using Input = api::{1};\n  using Output = api::{2};\n"
        "  static const OperationModel& model();\n}};\n",
        std::string_view(name), side(name, "input"), side(name, "output"));
  }
  out += "\nnamespace op {\n" + tags + "}  // namespace op\n";
  if (model_.as_object().contains("routes")) {
    out += "\n/// Every operation of the service, ours or not.\nstd::span<const RouteModel> routes();\n";
  }
  out += fmt::format("\n}}  // namespace engine::{}::api\n\nnamespace engine {{\n", service_);
  for (const string& name : order) {
    out += fmt::format("template <>\nconst Shape& shape_of<{}::api::{}>();\n", service_, name);
  }
  return out + "}  // namespace engine\n";
}

string location(const json::value& owner, std::string_view member, const json::value& ref) {
  if (text(owner, "payload") == member) return "Location::kPayload";
  const string where = text(ref, "location");
  if (where == "header") return "Location::kHeader";
  if (where == "headers") return "Location::kHeaderPrefix";
  if (where == "uri") return "Location::kUri";
  if (where == "querystring") return "Location::kQuery";
  if (where == "statusCode") return "Location::kStatus";
  return "Location::kBody";
}

string time_format(const json::value& holder) {
  const string format = text(holder, "timestampFormat");
  if (format == "iso8601") return "TimeFormat::kIso8601";
  if (format == "unixTimestamp") return "TimeFormat::kEpochSeconds";
  if (format == "rfc822") return "TimeFormat::kHttpDate";
  return "TimeFormat::kDefault";
}

string Generator::member_table(const string& name) const {
  const json::value& here = shape(name);
  const auto& members = here.at("members").as_object();
  if (members.empty()) return {};
  const auto needed = required(here);
  string out = fmt::format("constexpr Member kMembersOf{}[] = {{\n", name);
  for (const auto& [member, ref] : members) {
    const string target = text(ref, "shape");
    const json::value& other = shape(target);
    const bool must = std::find(needed.begin(), needed.end(), member) != needed.end();
    const string constant = is_stream(here, member, ref) ? "kStreamShape" : "shapes::" + target;
    string time = time_format(ref);
    if (time == "TimeFormat::kDefault") time = time_format(other);
    out += fmt::format(
        "    {{\"{0}\", \"{1}\", &{2}, offsetof({3}, {4}), {5}, {6}, {7}, {8}, {9}, {10}}},\n",
        std::string_view(member), text(ref, "locationName", string(member)), constant, name,
        cpp_name(member), must, location(here, member, ref), time, flag(ref, "xmlAttribute"),
        flag(ref, "flattened") || flag(other, "flattened"), flag(ref, "idempotencyToken"));
  }
  return out + "};\n";
}

string kind_of(const string& type) {
  if (type == "blob") return "Kind::kBlob";
  if (type == "boolean") return "Kind::kBoolean";
  if (type == "integer") return "Kind::kInteger";
  if (type == "long") return "Kind::kLong";
  if (type == "float") return "Kind::kFloat";
  if (type == "double") return "Kind::kDouble";
  if (type == "timestamp") return "Kind::kTimestamp";
  if (type == "list") return "Kind::kList";
  if (type == "map") return "Kind::kMap";
  if (type == "structure") return "Kind::kStructure";
  return "Kind::kString";
}

string number(const json::value& here, std::string_view key) {
  const auto* found = here.as_object().if_contains(key);
  if (!found) return {};
  const double value = found->is_double() ? found->as_double() : static_cast<double>(found->to_number<std::int64_t>());
  return fmt::format(", .{} = {}", key, static_cast<std::int64_t>(value));
}

string Generator::shape_constant(const string& name) const {
  const json::value& here = shape(name);
  const string kind = text(here, "type");
  string out, fields;
  string access = fmt::format("access_of<{}>()", cpp(name));
  if (kind == "structure") {
    out += member_table(name);
    if (!here.at("members").as_object().empty()) fields += fmt::format(", .members = kMembersOf{}", name);
  }
  if (const auto* values = here.as_object().if_contains("enum")) {
    out += fmt::format("constexpr std::string_view kValuesOf{}[] = {{", name);
    for (const auto& value : values->as_array()) out += literal(value.as_string()) + ", ";
    out += "};\n";
  }
  fields = number(here, "min") + number(here, "max") +
           (here.as_object().contains("pattern") ? ", .pattern = " + literal(text(here, "pattern")) : "") +
           (here.as_object().contains("enum") ? ", .values = kValuesOf" + name : "") + fields;
  if (kind == "list") {
    const json::value& member = here.at("member");
    access = fmt::format("list_access_of<{}>()", cpp(text(member, "shape")));
    fields += fmt::format(", .element = &shapes::{}, .element_name = \"{}\"", text(member, "shape"),
                          text(member, "locationName", "member"));
  } else if (kind == "map") {
    const json::value& value = here.at("value");
    access = fmt::format("map_access_of<{}>()", cpp(text(value, "shape")));
    fields += fmt::format(", .element = &shapes::{}, .key = &shapes::{}, .element_name = \"{}\", .key_name = \"{}\"",
                          text(value, "shape"), text(here.at("key"), "shape"),
                          text(value, "locationName", "value"), text(here.at("key"), "locationName", "key"));
  }
  if (flag(here, "flattened")) fields += ", .flattened = true";
  if (time_format(here) != "TimeFormat::kDefault") fields += ", .time = " + time_format(here);
  if (flag(here, "sensitive")) fields += ", .sensitive = true";
  return out + fmt::format("const Shape shapes::{} = {{.kind = {}, .name = \"{}\", .access = {}{}}};\n", name,
                           kind_of(kind), name, access, fields);
}

string Generator::operation_constant(std::string_view name, const json::value& operation) const {
  const auto& http = operation.at("http").as_object();
  const auto* status = http.if_contains("responseCode");
  const auto* output = operation.as_object().if_contains("output");
  const auto shape_expression = [&](std::string_view which) {
    const string actual = side(name, which);
    return shapes_.contains(actual) ? "shapes::" + actual : string("kEmptyShape");
  };
  string wrapper;
  if (output) wrapper = text(*output, "resultWrapper", text(*output, "root"));
  return fmt::format(
      "const OperationModel& op::{0}::model() {{\n  static constexpr OperationModel kModel{{\"{0}\", \"{1}\", \"{2}\", {3}, "
      "&{4}, &{5}, {6}, \"{7}\"}};\n  return kModel;\n}}\n",
      name, text(operation.at("http"), "method"), text(operation.at("http"), "requestUri"),
      status ? status->to_number<int>() : 200, shape_expression("input"), shape_expression("output"),
      output != nullptr, wrapper);
}

string names(const json::value& list) {
  string out;
  for (const auto& name : list.as_array()) out += fmt::format("\"{}\", ", std::string_view(name.as_string()));
  return out;
}

string Generator::routes() const {
  if (!model_.as_object().contains("routes")) return {};
  string tables, rows;
  for (const auto& [name, route] : model_.at("routes").as_object()) {
    for (const auto* which : {"query", "headers"}) {
      if (route.at(which).as_array().empty()) continue;
      tables += fmt::format("constexpr std::string_view k{}_{}[] = {{{}}};\n", std::string_view(name), which, names(route.at(which)));
    }
    const auto span = [&name = name, &route = route](std::string_view which) {
      return route.at(which).as_array().empty() ? string("{}") : fmt::format("k{}_{}", std::string_view(name), which);
    };
    rows += fmt::format("    {{\"{}\", \"{}\", \"{}\", {}, {}}},\n", std::string_view(name), text(route, "method"),
                        text(route, "requestUri"), span("query"), span("headers"));
  }
  return tables + "constexpr RouteModel kRoutes[] = {\n" + rows +
         "};\nstd::span<const RouteModel> routes() { return kRoutes; }\n";
}

string Generator::source() {
  string out = fmt::format(
      "// Generated from src/engine/models/{0}.json by tools/shapegen. Do not edit.\n"
      "#include \"engine/models/{0}.h\"\n\nnamespace engine::{0}::api {{\n\nnamespace shapes {{\n",
      service_);
  for (const auto& [name, value] : shapes_) out += fmt::format("extern const Shape {};\n", std::string_view(name));
  out += "}  // namespace shapes\n\n";
  for (const auto& [name, value] : shapes_) out += shape_constant(string(name));
  out += "\n";
  for (const auto& [name, operation] : model_.at("operations").as_object()) {
    out += operation_constant(name, operation);
  }
  out += routes();
  out += fmt::format("\n}}  // namespace engine::{}::api\n\nnamespace engine {{\n", service_);
  for (const string& name : structures()) {
    out += fmt::format("template <>\nconst Shape& shape_of<{0}::api::{1}>() {{ return {0}::api::shapes::{1}; }}\n", service_, name);
  }
  return out + "}  // namespace engine\n";
}

void write(const string& path, const string& content) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path) << content;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: shapegen MODEL.json OUT.h OUT.cc\n";
    return 2;
  }
  std::ifstream file(argv[1]);
  std::stringstream content;
  content << file.rdbuf();
  const json::value model = json::parse(content.str());
  Generator generator(model, std::filesystem::path(argv[1]).stem().string());
  write(argv[2], generator.header());
  write(argv[3], generator.source());
}
