#include "front/analysis/shape.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "front/analysis/words.h"

#include "base/text.h"

namespace baton::front {
namespace {

constexpr std::string_view k_extensions[] = {
    "adoc", "astro", "bash",   "bat",    "bats",  "bzl",   "c",     "cc",     "cfg",    "cjs",     "clj",    "cmake",
    "conf", "cpp",   "cs",     "csproj", "css",   "csv",   "cts",   "cu",     "cue",    "cxx",     "dart",   "elm",
    "erl",  "ex",    "exs",    "fish",   "fs",    "gd",    "go",    "gql",    "gradle", "graphql", "groovy", "h",
    "hbs",  "hcl",   "hh",     "hpp",    "hrl",   "hs",    "htm",   "html",   "hxx",    "ini",     "ipynb",  "j2",
    "java", "jinja", "jl",     "js",     "json",  "json5", "jsonc", "jsonl",  "jsx",    "kt",      "kts",    "less",
    "lua",  "m",     "md",     "mdc",    "mdx",   "mjs",   "mk",    "ml",     "mli",    "mm",      "mod",    "mts",
    "nim",  "nix",   "php",    "pl",     "plist", "pm",    "png",   "prisma", "proto",  "ps1",     "pug",    "py",
    "pyi",  "pyx",   "r",      "rb",     "rs",    "rst",   "sass",  "scala",  "scss",   "sh",      "sol",    "sql",
    "styl", "sum",   "svelte", "svg",    "swift", "tcl",   "tex",   "tf",     "tfvars", "tmpl",    "toml",   "tpl",
    "ts",   "tsv",   "tsx",    "txt",    "vim",   "vue",   "xml",   "xsd",    "yaml",   "yml",     "zig",    "zsh"};
// Of these only with a folder before them: "process.env", "console.log", "mutex.lock" are no files.
constexpr std::string_view k_weak_extensions[] = {"config", "data",    "env",  "example", "in",   "lock", "log",
                                                  "sample", "service", "snap", "socket",  "test", "timer"};
constexpr std::string_view k_data_extensions[] = {"csv", "tsv", "json", "jsonl", "txt", "xml", "png", "svg", "sum", "plist"};
constexpr std::string_view k_plain_names[] = {"Dockerfile",  "Makefile", "Jenkinsfile",   "Gemfile", "Rakefile",  "Procfile",
                                              "Vagrantfile", "Justfile", "Containerfile", "Pipfile", "CODEOWNERS"};
constexpr std::string_view k_products[] = {
    "node.js",  "next.js",   "vue.js",     "react.js",  "express.js",  "nest.js",    "d3.js",  "three.js", "nuxt.js",  "chart.js",
    "ember.js", "moment.js", "angular.js", "alpine.js", "backbone.js", "discord.js", "day.js", "docs.rs",  "crates.rs"};
constexpr std::string_view k_domains[] = {"com", "org", "net", "io", "dev", "ai", "co", "app", "edu", "gov"};
constexpr std::string_view k_system_folders[] = {"bin", "boot", "dev",     "etc",  "home",  "lib",    "lib64", "media",
                                                 "mnt", "opt",  "private", "proc", "root",  "run",    "sbin",  "srv",
                                                 "sys", "tmp",  "usr",     "var",  "Users", "Library"};

bool is_letter(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || (static_cast<unsigned char>(c) & 0x80U) != 0;
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_path_character(char c) {
  return is_letter(c) || is_digit(c) || std::string_view("_-./+@~*?[]{}(),!$#&% ").find(c) != std::string_view::npos;
}

bool is_known(std::string_view path) {
  return is_one_of(text::lower(extension_of(path)), k_extensions) || is_one_of(base_name(path), k_plain_names);
}

/// The name has a letter before its extension: "3.h" is a section.
bool has_stem(std::string_view path) {
  const std::string_view name = base_name(path);
  return std::ranges::any_of(name.substr(0, name.rfind('.')), is_letter);
}

/// "Node.js", and with a folder "github.com/owner/name.git".
bool is_product_or_domain(std::string_view path, bool marked) {
  const std::string_view first = path.substr(0, path.find('/'));
  if (first.size() != path.size()) return !first.starts_with('.') && is_one_of(extension_of(first), k_domains);
  if (is_one_of(text::lower(path), k_products)) return true;
  return !marked && path.ends_with(".js") && std::isupper(static_cast<unsigned char>(path.front())) != 0;
}

bool is_placeholder(std::string_view path) {
  return path.find("...") != std::string_view::npos || path.find('$') == 0 || path.find("${") != std::string_view::npos ||
         (path.find_first_of("{}") != std::string_view::npos && !is_glob(path));
}

Shape shape_of_absolute(std::string_view path, const RepositoryIndex& repository) {
  const auto beneath = normal_path(path.substr(1));
  if (beneath && (repository.has_file(*beneath) || repository.has_folder(*beneath))) return Shape::path;
  const std::string_view rest = path.substr(1);
  const bool system = is_one_of(rest.substr(0, rest.find('/')), k_system_folders) && rest.find('/') != std::string_view::npos;
  return system || is_known(path) ? Shape::outside : Shape::none;  // else a route, or the command of an agent
}

bool is_meant_glob(std::string_view path, bool marked) {
  if (std::ranges::none_of(path, is_letter)) return false;
  return is_known(path) || (marked && path.find('/') != std::string_view::npos) || path.ends_with("/**") || path.ends_with("/*");
}

bool is_meant_folder(std::string_view path, bool marked, const RepositoryIndex& repository) {
  if (!std::ranges::any_of(path, is_letter)) return false;
  const std::size_t slash = path.find('/');
  return repository.has_folder(path.substr(0, slash)) || (path.size() > 2 && (marked || slash + 1 < path.size()));
}

/// ".dockerignore", but not ".tsx" and ".map".
bool is_hidden_file(std::string_view name) {
  constexpr std::size_t k_shortest = 5;
  return name.size() >= k_shortest && name.front() == '.' && name.find('.', 1) == std::string_view::npos && is_letter(name[1]) &&
         !is_one_of(name.substr(1), k_extensions) && text::lower(name) == name;
}

bool is_meant_file(std::string_view path, bool marked, const RepositoryIndex& repository) {
  const std::size_t slash = path.find('/');
  const bool known = is_known(path);
  if (slash == std::string_view::npos) return known ? has_stem(path) : marked && is_hidden_file(path);
  if (known || is_one_of(extension_of(path), k_weak_extensions)) return true;
  return marked && repository.has_folder(path.substr(0, slash));  // "bin/deploy", but not "feature/login" and "and/or"
}

std::string_view without_marks(std::string_view word) {
  const auto strip = [&](std::string_view mark) {
    if (!word.starts_with(mark) || word.size() <= 2 * mark.size()) return;
    const std::string_view inner = word.substr(mark.size());
    if (inner.starts_with('/')) return;  // "**/x"
    const std::size_t end = inner.find_last_not_of(":.,;!?");
    if (end != std::string_view::npos && inner.substr(0, end + 1).ends_with(mark)) word = inner.substr(0, end + 1 - mark.size());
  };
  for (const std::string_view mark : {"***", "**", "*", "__", "_"}) strip(mark);
  if (word.starts_with("**") && !word.starts_with("**/")) word.remove_prefix(2);
  const std::size_t stars = word.find_last_not_of('*');
  if (word.ends_with("**") && stars != std::string_view::npos && word[stars] != '/') word = word.substr(0, stars + 1);
  return word;
}

/// "a.py:12", "a.py:12-20", "a.py#L3", "a.py::test_x", "page.html?x=1"
std::string_view without_place(std::string_view word) {
  if (const std::size_t colon = word.find(':'); colon != std::string_view::npos && word.substr(colon, 3) != "://")
    if (colon + 1 == word.size() || word[colon + 1] == ':' || is_digit(word[colon + 1])) word = word.substr(0, colon);
  if (const std::size_t hash = word.rfind('#'); hash != std::string_view::npos && hash > 0) word = word.substr(0, hash);
  if (const std::size_t query = word.rfind('?');
      query != std::string_view::npos && word.find('=', query) != std::string_view::npos)
    word = word.substr(0, query);
  return word;
}

}  // namespace

std::string path_in(std::string_view word) {
  if (word.size() > k_max_path_word) return {};
  constexpr std::string_view k_around = "\"':;,!.";
  while (!word.empty() && (word.front() == '"' || word.front() == '\'')) word.remove_prefix(1);
  word = without_marks(word);
  const bool dots = word.ends_with("..");
  while (!word.empty() && k_around.find(word.back()) != std::string_view::npos && !(dots && word.ends_with("/..")))
    word.remove_suffix(1);
  if (word.ends_with("?") && word.find('.') != std::string_view::npos) word.remove_suffix(1);
  if (word.ends_with("'s")) word.remove_suffix(2);
  word = without_place(word);
  if (word.starts_with('@') && is_known(word)) word.remove_prefix(1);
  std::string path;
  for (std::size_t i = 0; i < word.size(); ++i)
    if (word[i] != '\\' || i + 1 == word.size() || std::string_view("_*[]()#-.").find(word[i + 1]) == std::string_view::npos)
      path += word[i];
  return path;
}

bool is_data(std::string_view path) { return is_one_of(text::lower(extension_of(path)), k_data_extensions); }

Shape shape_of(std::string_view path, bool marked, const RepositoryIndex& repository) {
  if (path.empty() || path.size() > k_max_path_word || !std::ranges::all_of(path, is_path_character)) return Shape::none;
  if (path.find("//") == 0 || path.find('@') == 0 ||
      (path.find('(') != std::string_view::npos && path.find('/') == std::string_view::npos))
    return Shape::none;
  if (path.front() == '~') return path.starts_with("~/") && path.size() > 2 ? Shape::outside : Shape::none;
  if (path.front() == '/') return shape_of_absolute(path, repository);
  const auto normal = normal_path(path);
  if (!normal)
    return path.find("../") != std::string_view::npos && std::ranges::any_of(path, is_letter) ? Shape::outside : Shape::none;
  const bool sliced = normal->find('/') != std::string::npos;
  const bool exists =
      repository.has_file(*normal) || ((sliced || path.find('/') != std::string_view::npos) && repository.has_folder(*normal));
  if (exists && (marked || sliced || is_known(*normal) || normal->find('.') != std::string::npos)) return Shape::path;
  if (is_placeholder(path)) return Shape::none;
  if (is_glob(path)) return is_meant_glob(path, marked) ? Shape::glob : Shape::none;
  if (is_product_or_domain(path, marked) || path.find(' ') != std::string_view::npos) return Shape::none;
  const bool meant =
      normal->ends_with('/') ? is_meant_folder(*normal, marked, repository) : is_meant_file(*normal, marked, repository);
  return meant ? Shape::path : Shape::none;
}

}  // namespace baton::front
