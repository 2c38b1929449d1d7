#include "core/routing.h"

#include <algorithm>

#include "base/ids.h"
#include "base/text.h"
#include "core/planning.h"

namespace baton::core {
namespace {

struct Alias {
  std::string_view word;
  std::string_view domain;
};
// Names under which people keep a field: folders under masters/, worker types, task types.
constexpr Alias k_aliases[] = {
    {"docs", "documentation"},
    {"doc", "documentation"},
    {"technical-writing", "documentation"},
    {"document", "documentation"},
    {"ci", "cicd"},
    {"ci-cd", "cicd"},
    {"ci/cd", "cicd"},
    {"devops", "cicd"},
    {"deployment", "cicd"},
    {"deploy", "cicd"},
    {"release", "cicd"},
    {"pipeline", "cicd"},
    {"operations", "cicd"},
    {"ops", "cicd"},
    {"infrastructure", "cicd"},
    {"test", "testing"},
    {"tests", "testing"},
    {"qa", "testing"},
    {"audit", "security"},
    {"scan", "security"},
    {"vulnerability", "security"},
    {"compliance", "security"},
    {"sec", "security"},
    {"security-audit", "security"},
    {"security-scan", "security"},
    {"security-fix", "security"},
    {"scan-worker", "security"},
    {"catalog", "inventory"},
    {"catalogue", "inventory"},
    {"discovery", "inventory"},
    {"planner", "development"},
    {"implementation", "development"},
    {"feature", "development"},
    {"bug", "development"},
    {"bug-fix", "development"},
    {"bugfix", "development"},
    {"fix", "development"},
    {"fix-executor", "development"},
    {"refactor", "development"},
    {"refactoring", "development"},
    {"dev", "development"},
    {"enhancement", "development"},
    {"implementation-worker", "development"},
    {"design", "development"},
};

std::string_view canonical(std::string_view word) {
  for (const Alias& alias : k_aliases)
    if (alias.word == word) return alias.domain;
  return word;
}

bool does(const Master& master, std::string_view domain) {
  return std::any_of(master.domains.begin(), master.domains.end(),
                     [&](const std::string& own) { return own == domain || canonical(own) == domain; });
}

bool has_known_field(const Master& master) {
  return std::any_of(master.domains.begin(), master.domains.end(),
                     [](const std::string& domain) { return topic_of_type(domain) != Topic::none; });
}

std::vector<std::string> words_of(const Piece& piece) {
  std::vector<std::string> words;
  for (const std::string* part : {&piece.verb, &piece.object})
    for (const Token& token : tokenise(*part)) words.push_back(text::lower(token.word));
  return words;
}

int keyword_hits(const Master& master, const std::vector<std::string>& words) {
  return static_cast<int>(std::count_if(master.keywords.begin(), master.keywords.end(), [&](const std::string& keyword) {
    return contains_phrase(words, text::lower(keyword));
  }));
}

std::vector<std::string> names_of(const Catalogue& catalogue) {
  std::vector<std::string> names;
  for (const auto& [name, master] : catalogue.masters) names.push_back(name);
  return names;
}

std::string without_suffix(const std::string& name) {
  for (std::string_view suffix : {"-master", "-agent"})
    if (name.ends_with(suffix)) return name.substr(0, name.size() - suffix.size());
  return name;
}

/// "…, a domain of masters/development/master.json": how the field leads to the master.
std::string by_field(std::string_view domain, const std::string& master, const Catalogue& catalogue) {
  if (domain == master) return {};
  const auto found = catalogue.masters.find(master);
  if (found != catalogue.masters.end() && does(found->second, domain)) return ", a domain in masters/" + master + "/master.json";
  return specialist_for(domain, catalogue).empty() ? ", which no master has: this is the default" : "";
}

std::string why_field(const Piece& piece, std::string_view domain, const std::string& master, const Catalogue& catalogue) {
  const std::string field(domain);
  const std::string lead = !piece.cue.empty() ? "\"" + text::printable(piece.cue) + "\" says " + field
                           : piece.topic != Topic::none && piece.topic != Topic::development
                               ? "it follows what stands before it: " + field
                               : "no word of it says another field than " + field;
  return lead + by_field(domain, master, catalogue);
}

}  // namespace

Topic topic_of_type(std::string_view type) {
  const std::string lower = text::lower(text::trim(type));
  const std::string_view first = std::string_view(lower).substr(0, lower.find_first_of(":/ "));
  for (std::string_view word : {std::string_view(lower), first})
    for (Topic topic : {Topic::development, Topic::testing, Topic::documentation, Topic::security, Topic::inventory, Topic::cicd})
      if (canonical(word) == name(topic)) return topic;
  return Topic::none;
}

std::string specialist_for(std::string_view domain, const Catalogue& catalogue) {
  const std::string lower = text::lower(domain);
  for (std::string_view wish : {std::string_view(lower), canonical(lower)}) {
    if (const auto named = catalogue.masters.find(std::string(wish)); named != catalogue.masters.end()) return named->first;
    for (const auto& [name, master] : catalogue.masters)
      if (does(master, wish)) return name;
    for (const auto& [name, master] : catalogue.masters)
      if (canonical(without_suffix(name)) == wish) return name;
  }
  return {};
}

std::string master_for_domain(std::string_view domain, const Catalogue& catalogue) {
  if (std::string specialist = specialist_for(domain, catalogue); !specialist.empty()) return specialist;
  const std::string& wished = catalogue.settings.default_master;
  if (catalogue.masters.empty() || catalogue.masters.contains(wished)) return wished;
  return catalogue.masters.begin()->first;
}

Route route(const Piece& piece, const Catalogue& catalogue) {
  const std::string_view domain = name(piece.topic == Topic::none ? Topic::development : piece.topic);
  Route way{std::string(domain), master_for_domain(domain, catalogue), {}};
  way.why = why_field(piece, domain, way.master, catalogue);
  const bool sure = piece.topic != Topic::development && piece.topic != Topic::none && piece.strength >= 3;
  if (sure && !specialist_for(domain, catalogue).empty()) return way;
  const std::vector<std::string> words = words_of(piece);
  const auto own = catalogue.masters.find(way.master);
  int most = own == catalogue.masters.end() ? 0 : keyword_hits(own->second, words);
  for (const auto& [name, master] : catalogue.masters) {
    // What surely is development is taken only by a master whose field these tables do not know ("data", "mobile").
    if (piece.strength >= 3 && has_known_field(master)) continue;
    if (const int hits = keyword_hits(master, words); hits > most) {
      most = hits;
      way = {master.domains.empty() ? name : master.domains.front(), name,
             "its words are keywords in masters/" + name + "/master.json"};
    }
  }
  return way;
}

Route route_by_domain(std::string_view domain, std::string_view who, const Catalogue& catalogue) {
  Route way{std::string(domain), master_for_domain(domain, catalogue), std::string(who) + " says " + std::string(domain)};
  way.why += by_field(domain, way.master, catalogue);
  return way;
}

Result<std::string> resolve_master(std::string_view wish, const Catalogue& catalogue) {
  const std::string name = text::lower(text::trim(wish));
  if (catalogue.masters.contains(name)) return name;
  if (const std::string shorter = without_suffix(name); catalogue.masters.contains(shorter)) return shorter;
  const std::vector<std::string> names = names_of(catalogue);
  return fail(ErrorCode::invalid, "there is no master \"" + text::printable(name) + "\"" + text::did_you_mean(name, names),
              names.empty() ? "there is no folder under masters/ yet"
                            : "masters are the folders under masters/: " + text::join(names, ", "),
              {"/assigned_to", 0, 0});
}

}  // namespace baton::core
