#include "front/analysis/imports.h"

#include <algorithm>
#include <set>
#include <span>

#include "base/text.h"
#include "front/analysis/source_tokens.h"

namespace baton::front {
namespace {

constexpr std::size_t k_max_go_modules = 64;
constexpr std::size_t k_max_name = 512;  // bytes of what an import names; a longer name leads nowhere

using Kind = SourceToken::Kind;

/// Collects what the imports of one file lead to.
struct Search {
  const RepositoryIndex& files;
  const std::map<std::string, std::string, std::less<>>& go_modules;
  std::string_view path;
  std::span<const SourceToken> tokens;
  std::set<std::string> found;

  std::string_view text(std::size_t at) const { return at < tokens.size() ? tokens[at].text : std::string_view(); }
  bool word(std::size_t at, std::string_view what) const {
    return at < tokens.size() && tokens[at].kind == Kind::word && tokens[at].text == what;
  }
  bool mark(std::size_t at, char what) const {
    return at < tokens.size() && tokens[at].kind == Kind::mark && tokens[at].text.front() == what;
  }
  bool is(std::size_t at, Kind kind) const { return at < tokens.size() && tokens[at].kind == kind; }
  std::string_view folder() const { return folder_of(path); }

  bool take(const std::string& file) {
    if (!files.has_file(file)) return false;
    found.insert(file);
    return true;
  }
  /// `name` with one of these behind it, beneath `folder`.
  bool take_with(std::string_view folder, std::string_view name, std::span<const std::string_view> endings) {
    if (name.size() > k_max_name) return false;
    const auto file = normal_path(joined(folder, name));
    return file && std::ranges::any_of(endings, [&](std::string_view ending) { return take(*file + std::string(ending)); });
  }
  /// Beneath the top, "src", and every folder above the file, whichever has it first.
  bool take_from_roots(std::string_view name, std::span<const std::string_view> endings) {
    if (take_with("", name, endings) || take_with("src", name, endings)) return true;
    for (std::string_view root = folder(); !root.empty(); root = folder_of(root))
      if (take_with(root, name, endings)) return true;
    return false;
  }
  /// The only file whose path ends so.
  bool take_ending(std::string_view ending) {
    const auto one = files.ending_with(ending);
    return one.path != nullptr && one.only && take(*one.path);
  }
  void take_folder(std::string_view name) {
    if (files.has_folder(name)) found.insert(std::string(name) + '/');
  }
};

/// a.b.c or a::b::c from `at` on, as "a/b/c"; `at` stands behind its last word then.
std::string dotted(const Search& search, std::size_t& at, char dot) {
  std::string name;
  for (std::size_t next = at; search.is(next, Kind::word);) {
    if (!name.empty()) name += '/';
    name += search.text(next++);
    at = next;
    while (search.mark(next, dot)) ++next;
    if (next == at) break;
  }
  return name;
}

constexpr std::string_view k_python[] = {".py", "/__init__.py", ".pyi"};

/// from a.b import c, d: a/b/c.py when that is a module, else a/b.
std::size_t python_from(Search& search, std::size_t at) {
  std::size_t level = 0;
  while (search.mark(at, '.')) ++at, ++level;
  std::string name = search.word(at, "import") ? std::string() : dotted(search, at, '.');
  if (!search.word(at, "import")) return at;
  std::string_view base = search.folder();
  for (std::size_t up = 1; up < level; ++up) base = folder_of(base);
  const auto take = [&](const std::string& module) {
    return level > 0 ? search.take_with(base, module, k_python) : search.take_from_roots(module, k_python);
  };
  bool whole = false;
  const bool brackets = search.mark(++at, '(');
  if (brackets) ++at;
  for (; at < search.tokens.size() && !search.mark(at, ')') && (brackets || !search.tokens[at].begins_line); ++at) {
    if (search.word(at, "as")) {
      ++at;  // what it is called here
    } else if (search.is(at, Kind::word) || search.mark(at, '*')) {
      whole |=
          search.mark(at, '*') || !take(name.empty() ? std::string(search.text(at)) : name + '/' + std::string(search.text(at)));
    }
  }
  if (whole) take(name.empty() ? "__init__" : name);
  return at;
}

std::size_t python(Search& search, std::size_t at) {
  if (!search.tokens[at].begins_line && !search.mark(at - 1, ';')) return at + 1;
  if (search.word(at, "from")) return python_from(search, at + 1);
  if (!search.word(at, "import")) return at + 1;
  do {
    ++at;
    std::string name = dotted(search, at, '.');
    search.take_from_roots(name, k_python);
    if (search.word(at, "as")) at += 2;
  } while (search.mark(at, ','));
  return at;
}

constexpr std::string_view k_script[] = {"",          ".ts",        ".tsx",      ".js",        ".jsx",       ".mjs",
                                         ".cjs",      ".mts",       ".vue",      ".svelte",    ".json",      ".d.ts",
                                         "/index.ts", "/index.tsx", "/index.js", "/index.jsx", "/index.mjs", "/index.vue"};

void script_module(Search& search, std::string_view name) {
  name = name.substr(0, name.find('?'));
  std::string_view root = search.folder();
  if (name.starts_with("@/") || name.starts_with("~/")) {
    name.remove_prefix(2);
    if (search.take_from_roots(name, k_script)) return;
  } else if (name.starts_with("./") || name.starts_with("../") || name == "." || name == "..") {
    if (search.take_with(root, name, k_script)) return;
  } else {
    root = "";  // "src/auth" by a baseUrl, or a package
    if (name.find('/') == std::string_view::npos || search.take_with(root, name, k_script)) return;
  }
  // "./a.js" is written for what is "./a.ts" here.
  if (const std::string_view extension = extension_of(name); extension.ends_with("js") || extension == "jsx")
    search.take_with(root, name.substr(0, name.size() - extension.size() - 1), k_script);
}

/// import ... from 'x', import 'x', import('x'), export ... from 'x', require('x')
std::size_t script(Search& search, std::size_t at) {
  const bool called = search.mark(at + 1, '(') && search.is(at + 2, Kind::string);
  if (search.word(at, "from") && search.is(at + 1, Kind::string)) {
    script_module(search, search.text(at + 1));
  } else if (search.word(at, "import") && search.is(at + 1, Kind::string)) {
    script_module(search, search.text(at + 1));
  } else if (called && (search.word(at, "import") || search.word(at, "require"))) {
    script_module(search, search.text(at + 2));
  }
  return at + 1;
}

void c_header(Search& search, std::string_view name) {
  constexpr std::string_view k_as_written[] = {""};
  if (search.take_with(search.folder(), name, k_as_written)) return;
  for (std::string_view root = folder_of(search.folder()); !root.empty(); root = folder_of(root))
    if (search.take_with(root, name, k_as_written)) return;
  for (const std::string_view root : {"", "include", "src"})
    if (search.take_with(root, name, k_as_written)) return;
  search.take_ending(name);
}

std::size_t c_family(Search& search, std::size_t at) {
  const bool included = search.mark(at, '#') && (search.word(at + 1, "include") || search.word(at + 1, "import"));
  if (included && search.is(at + 2, Kind::string)) c_header(search, search.text(at + 2));
  return at + 1;
}

void go_package(Search& search, std::string_view name) {
  if (name.size() > k_max_name) return;
  for (std::string_view module = name; !module.empty(); module = folder_of(module)) {
    const auto at = search.go_modules.find(module);
    if (at == search.go_modules.end()) continue;
    const std::string_view rest = name.substr(std::min(module.size() + 1, name.size()));
    return search.take_folder(rest.empty() ? at->second : joined(at->second, rest));
  }
}

std::size_t go(Search& search, std::size_t at) {
  if (!search.word(at, "import") || !search.tokens[at].begins_line) return at + 1;
  const bool block = search.mark(at + 1, '(');
  for (++at; at < search.tokens.size() && !search.mark(at, ')'); ++at) {
    if (!search.is(at, Kind::string)) continue;
    go_package(search, search.text(at));
    if (!block) break;
  }
  return at + 1;
}

/// The folder that holds the modules of a file's own: src/a.rs has them in src/a/, src/main.rs in src/.
std::string rust_children(std::string_view path) {
  const std::string_view name = base_name(path);
  if (name == "mod.rs" || name == "lib.rs" || name == "main.rs") return std::string(folder_of(path));
  return std::string(path.substr(0, path.size() - std::min(path.size(), std::string_view(".rs").size())));
}

std::string rust_crate(const Search& search) {
  for (std::string_view folder = search.folder(); !folder.empty(); folder = folder_of(folder))
    if (search.files.has_file(joined(folder, "lib.rs")) || search.files.has_file(joined(folder, "main.rs")))
      return std::string(folder);
  return "src";
}

/// The longest part of `name` that is a module; the rest names something in it.
void rust_module(Search& search, const std::string& root, std::string_view name) {
  constexpr std::string_view k_endings[] = {".rs", "/mod.rs"};
  if (name.size() > k_max_name) return;
  for (; !name.empty(); name = folder_of(name))
    if (search.take_with(root, name, k_endings)) return;
}

/// Where the path behind "use" begins: the crate, this module or those above it. Nothing: in another crate.
std::optional<std::string> rust_root(const Search& search, std::size_t& at) {
  const std::string own = rust_children(search.path);
  std::string root;
  if (search.word(at, "crate")) {
    root = rust_crate(search);
  } else if (search.word(at, "self")) {
    root = own;
  } else if (search.word(at, "super")) {
    root = folder_of(own);
  } else {
    return std::nullopt;
  }
  const auto skip = [&] {
    for (++at; search.mark(at, ':');) ++at;
  };
  for (skip(); search.word(at, "super"); skip()) root = std::string(folder_of(root));
  return root;
}

/// use crate::a::{b, c::d};
std::size_t rust_use(Search& search, std::size_t at) {
  const auto root = rust_root(search, at);
  if (!root) return at;
  const std::string name = dotted(search, at, ':');
  while (search.mark(at, ':')) ++at;
  if (!search.mark(at, '{')) {
    rust_module(search, *root, name);
    return at;
  }
  for (++at; at < search.tokens.size() && !search.mark(at, '}') && !search.mark(at, ';'); ++at) {
    if (!search.is(at, Kind::word) || search.mark(at - 1, ':')) continue;
    std::size_t end = at;
    const std::string inner = dotted(search, end, ':');
    rust_module(search, *root, inner == "self" ? name : joined(name, inner));
  }
  return at;
}

std::size_t rust(Search& search, std::size_t at) {
  if (search.word(at, "use")) return rust_use(search, at + 1);
  if (search.word(at, "mod") && search.is(at + 1, Kind::word) && search.mark(at + 2, ';'))
    rust_module(search, rust_children(search.path), search.text(at + 1));
  return at + 1;
}

/// import a.b.C; import static a.b.C.m; import a.b.*;
std::size_t java(Search& search, std::size_t at) {
  if (!search.word(at, "import") || !search.tokens[at].begins_line) return at + 1;
  if (search.word(++at, "static")) ++at;
  const std::string name = dotted(search, at, '.');
  if (name.size() > k_max_name) return at;
  if (search.mark(at + 1, '*')) {
    for (std::string_view root = search.folder(); !root.empty(); root = folder_of(root)) search.take_folder(joined(root, name));
    return at;
  }
  for (const std::string_view part : {std::string_view(name), folder_of(name)})
    for (const std::string_view extension : {".java", ".kt"})
      if (!part.empty() && search.take_ending(std::string(part) + std::string(extension))) return at;
  return at;
}

struct Language {
  std::vector<std::string_view> names;  // extensions, and what fences say
  SourceStyle style;
  std::size_t (*look)(Search&, std::size_t at);  // takes the import that begins at this token, if one does; where to go on
};

const std::vector<Language>& languages() {
  static const std::vector<Language> all = {
      {{"py", "pyi", "python", "python3"}, {"#", "", "", "\"'", "", true}, python},
      {{"js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "vue", "svelte", "javascript", "typescript"},
       {"//", "/*", "*/", "\"'", "`", false},
       script},
      {{"c", "h", "cc", "cpp", "cxx", "hh", "hpp", "hxx", "m", "mm", "c++"}, {"//", "/*", "*/", "\"", "", false}, c_family},
      {{"go", "golang"}, {"//", "/*", "*/", "\"", "`", false}, go},
      {{"rs", "rust"}, {"//", "/*", "*/", "", "\"", false}, rust},
      {{"java", "kt", "kotlin"}, {"//", "/*", "*/", "\"", "", true}, java},
  };
  return all;
}

const Language* language_of(std::string_view name) {
  const auto found = std::ranges::find_if(
      languages(), [&](const Language& one) { return std::ranges::find(one.names, name) != one.names.end(); });
  return found == languages().end() ? nullptr : &*found;
}

/// The name behind "module" in a go.mod.
std::string go_module(std::string_view source) {
  for (const std::string& line : text::split(source, '\n')) {
    const std::string_view body = text::trim(line);
    if (text::starts_with_word(body, "module")) return std::string(text::trim(body.substr(6, body.find("//", 6) - 6)));
  }
  return {};
}

}  // namespace

Imports::Imports(const RepositoryIndex& files, const Read& read) : files_(files) {
  for (const std::string& path : files.inside("")) {
    if (base_name(path) != "go.mod" || go_modules_.size() == k_max_go_modules) continue;
    const auto source = read(path);
    if (source && source->size() <= k_max_source) go_modules_.emplace(go_module(*source), folder_of(path));
  }
  go_modules_.erase("");
}

std::vector<std::string> Imports::of(std::string_view path, std::string_view source, std::string_view language) const {
  const Language* const one = language_of(language.empty() ? text::lower(extension_of(path)) : std::string(language));
  if (one == nullptr || source.size() > k_max_source) return {};
  const std::vector<SourceToken> tokens = source_tokens(source, one->style);
  Search search{files_, go_modules_, path, tokens, {}};
  for (std::size_t at = 0; at < tokens.size();) at = one->look(search, at);
  search.found.erase(std::string(path));
  return {search.found.begin(), search.found.end()};
}

bool Imports::knows(std::string_view path) { return language_of(text::lower(extension_of(path))) != nullptr; }

}  // namespace baton::front
