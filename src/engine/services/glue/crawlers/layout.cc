// Which folders are tables, and which are partitions of them.
#include "engine/services/glue/crawlers/layout.h"

#include "lib/base/encoding.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

namespace engine::glue {
namespace {

constexpr double kSimilar = 0.7;

struct Folder {
  std::map<std::string, Folder> folders;
  std::vector<const CrawledFile*> files;
};

// The names at the head of delimited text, be it known for a header or not.
std::vector<std::string> head_of(const FileSchema& schema) {
  if (!schema.has_header) return schema.first_row;
  std::vector<std::string> names;
  for (const Field& field : schema.fields) names.push_back(field.name);
  return names;
}

// Delimited text is read by the columns' places: names must stand in the same order. A file of
// strings only shows its header to those that know the names from another file.
bool is_compatible(const FileSchema& a, const FileSchema& b) {
  if (a.format != b.format) return false;
  if (a.format != "csv") return true;
  if (a.delimiter != b.delimiter) return false;
  if (!a.has_header && !b.has_header) return true;
  const auto one = head_of(a), other = head_of(b);
  const std::size_t both = std::min(one.size(), other.size());
  return (a.has_header == b.has_header || one.size() == other.size()) &&
         std::equal(one.begin(), one.begin() + static_cast<std::ptrdiff_t>(both), other.begin());
}

bool is_by_place(const FileSchema& schema) { return schema.format == "csv"; }

bool is_similar(const FileSchema& a, const FileSchema& b) {
  std::size_t same = 0;
  if (is_by_place(a)) {
    for (std::size_t i = 0; i < std::min(a.fields.size(), b.fields.size()); ++i) {
      same += is_alike(a.fields[i].type, b.fields[i].type);
    }
  } else {
    std::map<std::string_view, const FieldType*> names;
    for (const Field& field : a.fields) names.emplace(field.name, &field.type);
    for (const Field& field : b.fields) {
      const auto found = names.find(field.name);
      same += found != names.end() && is_alike(*found->second, field.type);
    }
  }
  const std::size_t most = std::max(a.fields.size(), b.fields.size());
  return static_cast<double>(same) >= kSimilar * static_cast<double>(most);
}

// "day=1" → "day"; "" for another name.
std::string key_of(std::string_view folder) {
  const std::size_t equals = folder.find('=');
  if (equals == std::string_view::npos || equals == 0) return "";
  return base::to_lower(folder.substr(0, equals));
}

// The common key of all these folders, "" when there is none.
template <class Names>
std::string common_key(const Names& names) {
  std::string key;
  bool first = true;
  for (const auto& name : names) {
    const std::string own = key_of(name);
    if (!first && own != key) return "";
    key = own;
    first = false;
  }
  return key;
}

std::string value_of(const std::string& folder, bool has_key) {
  return has_key ? base::percent_decode(folder.substr(folder.find('=') + 1)) : folder;
}

// What is uniform below a folder: one schema, all files at the same depth.
struct Uniform {
  FileSchema schema;
  int depth = 0;  // folders between here and the files
};

class Layout {
 public:
  explicit Layout(const LayoutOptions& options) : options_(options) {}

  void add(const std::string& path, const Folder& folder) {
    if (auto uniform = look(path, folder)) emit(path, folder, std::move(*uniform));
  }
  void force(const std::string& path, const Folder& folder) {
    std::map<std::pair<std::string, int>, std::size_t> counts;
    each_file(folder, 0, [&](const CrawledFile& file, int depth) {
      ++counts[{file.schema->format, depth}];
    });
    if (counts.empty()) return;
    const auto most = std::max_element(counts.begin(), counts.end(), [](auto& a, auto& b) {
                        return a.second < b.second;
                      })->first;
    std::optional<Uniform> uniform;
    each_file(folder, 0, [&](const CrawledFile& file, int depth) {
      if (std::pair(file.schema->format, depth) != most) return;
      uniform = Uniform{uniform ? merged(uniform->schema, *file.schema) : *file.schema, depth};
    });
    emit(path, folder, std::move(*uniform));
  }
  std::vector<FoundTable> take() { return std::move(tables_); }

 private:
  template <class F>
  static void each_file(const Folder& folder, int depth, F&& use) {
    for (const CrawledFile* file : folder.files) use(*file, depth);
    for (const auto& [name, child] : folder.folders) each_file(child, depth + 1, use);
  }

  bool fits(const FileSchema& a, const FileSchema& b, bool partitions) const {
    return is_compatible(a, b) && (options_.combine || partitions || is_similar(a, b));
  }

  // What a folder holds, when it is uniform. When it isn't, its tables are emitted; when it holds
  // nothing, neither.
  std::optional<Uniform> look(const std::string& path, const Folder& folder) {
    const bool has_files = !folder.files.empty();
    auto own = has_files ? look_at_files(folder) : std::nullopt;
    std::vector<std::pair<const std::string*, Uniform>> children;
    std::vector<std::string> names;
    bool torn = has_files && !own;
    for (const auto& [name, child] : folder.folders) {
      const std::size_t before = tables_.size();
      auto uniform = look(path + name + "/", child);
      torn = torn || (!uniform && tables_.size() > before);
      if (!uniform) continue;
      names.push_back(name);
      children.emplace_back(&name, std::move(*uniform));
    }
    if (!torn && children.empty()) return own;
    if (!torn && !has_files) {
      if (auto whole = join(children, !common_key(names).empty())) return whole;
    }
    if (own) emit(path, {{}, folder.files}, std::move(*own));
    if (has_files && !own) emit_each_file(folder);
    for (auto& [name, uniform] : children) {
      emit(path + *name + "/", folder.folders.at(*name), std::move(uniform));
    }
    return std::nullopt;
  }

  std::optional<Uniform> look_at_files(const Folder& folder) const {
    Uniform uniform{*folder.files[0]->schema, 0};
    for (const CrawledFile* file : folder.files) {
      if (!fits(uniform.schema, *file->schema, false)) return std::nullopt;
      uniform.schema = merged(uniform.schema, *file->schema);
    }
    return uniform;
  }

  std::optional<Uniform> join(const std::vector<std::pair<const std::string*, Uniform>>& children,
                              bool partitions) const {
    Uniform whole = children[0].second;
    for (const auto& [name, child] : children) {
      if (child.depth != whole.depth || !fits(whole.schema, child.schema, partitions)) {
        return std::nullopt;
      }
      whole.schema = merged(whole.schema, child.schema);
    }
    ++whole.depth;
    return whole;
  }

  void emit_each_file(const Folder& folder) {
    for (const CrawledFile* file : folder.files) {
      FoundTable table{.path = file->path, .schema = *file->schema};
      table.totals.add(*file);
      tables_.push_back(std::move(table));
    }
  }

  void emit(const std::string& path, const Folder& folder, Uniform uniform) {
    FoundTable table{.path = path, .schema = std::move(uniform.schema)};
    std::vector<std::string> folders;
    collect(folder, path, folders, uniform.depth, table);
    name_keys(table, uniform.depth);
    tables_.push_back(std::move(table));
  }

  // The partitions, with their folders' names as values for now.
  static void collect(const Folder& folder, const std::string& path,
                      std::vector<std::string>& folders, int depth, FoundTable& table) {
    if (depth > 0) {
      for (const auto& [name, child] : folder.folders) {
        folders.push_back(name);
        collect(child, path + name + "/", folders, depth - 1, table);
        folders.pop_back();
      }
      return;
    }
    FoundPartition partition{.values = folders, .path = path};
    for (const CrawledFile* file : folder.files) {
      if (file->schema->format != table.schema.format) continue;
      partition.totals.add(*file);
      table.totals.add(*file);
    }
    if (!folders.empty() && partition.totals.objects > 0) {
      table.partitions.push_back(std::move(partition));
    }
  }

  // Where a key is also a column of the data, the folder's value is the one that is read.
  static void name_keys(FoundTable& table, int depth) {
    for (int level = 0; level < depth; ++level) {
      const auto at = static_cast<std::size_t>(level);
      std::vector<std::string> names;
      for (const auto& partition : table.partitions) names.push_back(partition.values[at]);
      std::string key = common_key(names);
      const bool has_key = !key.empty();
      for (auto& partition : table.partitions) {
        partition.values[at] = value_of(partition.values[at], has_key);
      }
      const bool taken = std::find(table.keys.begin(), table.keys.end(), key) != table.keys.end();
      const auto column = std::find_if(table.schema.fields.begin(), table.schema.fields.end(),
                                       [&](const Field& field) { return field.name == key; });
      const bool is_column = has_key && column != table.schema.fields.end();
      // Columns of delimited text are told by their place, so none can be left out.
      if (is_column && table.schema.format != "csv" && table.schema.fields.size() > 1) {
        table.schema.fields.erase(column);
      } else if (is_column) {
        key.clear();
      }
      table.keys.push_back(key.empty() || taken ? fmt::format("partition_{}", level) : key);
    }
  }

  LayoutOptions options_;
  std::vector<FoundTable> tables_;
};

// Folders at the level where tables begin; a folder above it that holds files is left alone.
void force_level(Layout& layout, const std::string& path, const Folder& folder, int level) {
  if (level <= 0) return layout.force(path, folder);
  for (const auto& [name, child] : folder.folders) {
    force_level(layout, path + name + "/", child, level - 1);
  }
}

}  // namespace

void FileTotals::add(const CrawledFile& file) {
  ++objects;
  bytes += file.size;
  records += file.schema->records;
}

FileSchema merged(const FileSchema& a, const FileSchema& b) {
  FileSchema both = b.has_header ? b : a;
  const FileSchema& other = b.has_header ? a : b;
  both.fields = is_by_place(a) ? merge_by_place(std::move(both.fields), other.fields)
                               : merge_by_name(std::move(both.fields), other.fields);
  if (a.compression != b.compression) both.compression = "none";
  both.is_quoted = a.is_quoted || b.is_quoted;
  both.escapes_quotes = a.escapes_quotes || b.escapes_quotes;
  return both;
}

std::vector<FoundTable> find_tables(const std::string& root, const std::vector<CrawledFile>& files,
                                    const LayoutOptions& options) {
  Folder tree;
  for (const CrawledFile& file : files) {
    Folder* folder = &tree;
    std::string_view below = std::string_view(file.path).substr(root.size());
    for (std::size_t slash; (slash = below.find('/')) != std::string_view::npos;) {
      folder = &folder->folders[std::string(below.substr(0, slash))];
      below.remove_prefix(slash + 1);
    }
    folder->files.push_back(&file);
  }
  Layout layout(options);
  if (options.table_level > 0) {
    const auto root_level = 1 + std::count(root.begin(), root.end(), '/');
    force_level(layout, root, tree, options.table_level - static_cast<int>(root_level));
  } else {
    layout.add(root, tree);
  }
  return layout.take();
}

}  // namespace engine::glue
