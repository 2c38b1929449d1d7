#include "core/lexicon.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace baton::core {
namespace {

/// Every word of a request is looked up a dozen times, and the library's hash costs more than all that is done with the answer.
/// Words are short: both ends and the length tell them apart. Lets a table of strings be asked with a view, too.
struct Hash {
  using is_transparent = void;  // NOLINT(readability-identifier-naming): the library's word
  std::size_t operator()(std::string_view word) const {
    if (word.empty()) return 0;
    std::uint64_t head = 0, tail = 0;
    const std::size_t length = std::min<std::size_t>(word.size(), sizeof head);
    std::memcpy(&head, word.data(), length);
    std::memcpy(&tail, word.data() + (word.size() - length), length);
    const std::uint64_t mixed = (head * 0x9E3779B97F4A7C15U) ^ ((tail + word.size()) * 0xC2B2AE3D27D4EB4FU);
    return static_cast<std::size_t>(mixed ^ (mixed >> 29U));
  }
};

using Words = std::unordered_set<std::string_view, Hash>;

/// Splits a literal at its spaces; the pieces point into it. A '+' inside a word stands for a space ("set+up").
template <class Use>
void for_each_word(std::string_view words, Use use) {
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    if (end > 0) use(words.substr(0, end));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
}

Words words_of(std::string_view list) {
  Words words;
  for_each_word(list, [&](std::string_view word) { words.insert(word); });
  return words;
}

struct VerbRow {
  Act act;
  bool also_noun;
  std::string_view words;
};
constexpr std::array<VerbRow, 26> k_verbs = {{
    {Act::need, false, "have get needs require requires include includes"},
    {Act::design, false, "architect propose evaluate investigate explore brainstorm analyze analyse compare decide"},
    {Act::design, true, "design plan research spec sketch spike outline draft prototype"},
    {Act::build, false,
     "add create implement develop introduce integrate write make generate provide enable extend convert migrate upgrade "
     "rewrite refactor rework redesign restructure modernize modernise extract configure install expose scaffold bootstrap "
     "rebuild replatform decompose re-implement reimplement construct finish complete produce adapt set+up hook+up wire+up move+to "
     "automate instrument parallelize vectorize rearchitect re-architect adopt onboard consolidate unify deliver reorganize reorganise modularize modularise backport"},
    {Act::build, true, "build port split support wire break carve overhaul"},
    {Act::change, false,
     "rename remove delete replace edit adjust increase decrease reduce improve optimize optimise simplify revert disable "
     "inline reorder apply translate validate parse deduplicate hide render localize paginate throttle debounce annotate "
     "bind allow prevent ensure convert clean+up speed+up turn+on turn+off get+rid tidy+up bring+up escape decouple lower raise "
     "enforce align standardize standardise normalize normalise refine memoize let keep deprecate swap cherry-pick rebase"},
    {Act::change, true,
     "update change move set bump push cut format sort merge drop tweak switch use handle cache log limit reset copy import export "
     "load show display pin comment store sync stream clean style return lock wrap propagate persist serialize deserialize attach "
     "embed highlight emit fetch"},
    {Act::fix, false, "repair debug resolve correct solve troubleshoot diagnose unblock remedy remediate mitigate"},
    {Act::fix, true, "reproduce fix patch address hotfix"},
    {Act::test, false, "verify retest re-test smoke-test unit-test load-test"},
    {Act::test, true, "test cover benchmark profile measure smoke+test load+test unit+test"},
    {Act::audit, false, "pentest pen-test threat-model rescan"},
    {Act::audit, true, "audit scan"},
    {Act::secure, false, "harden revoke encrypt sanitize sanitise"},
    {Act::secure, true, "rotate"},
    {Act::document, false, "describe explain summarize summarise proofread write+up"},
    {Act::document, true, "document"},
    {Act::deploy, false, "deploy publish provision roll+out roll+back promote redeploy re-deploy go+live dockerize containerize"},
    {Act::deploy, true, "release ship rollout rollback roll launch tag"},
    {Act::catalog, false, "catalogue enumerate tabulate"},
    {Act::catalog, true, "list catalog inventory"},
    {Act::look, false, "discover find identify locate collect classify determine look+for hunt+for search+for find+out"},
    {Act::look, true, "track search count map index"},
    {Act::check, true, "check review inspect assess look+at look+into sign+off monitor"},
    {Act::operate, false, "rerun re-run execute rerun re-trigger retrigger kick+off"},
    {Act::operate, true, "run restart retry trigger start stop schedule cancel pause resume"},
}};

struct NounRow {
  NounKind kind;
  Topic topic;
  std::string_view words;
};
constexpr std::array<NounRow, 15> k_nouns = {{
    {NounKind::work, Topic::testing,
     "test test+suite test+coverage coverage unittest e2e test+case test+plan smoke+test load+test benchmark test+matrix"},
    {NounKind::topic, Topic::testing, "fixture mock stub flake"},
    {NounKind::work, Topic::documentation,
     "doc docs documentation readme changelog guide tutorial runbook faq handbook manual release+note api+doc user+guide "
     "migration+guide adr write-up docstring howto how-to onboarding+guide upgrade+guide documents postmortem post-mortem whitepaper blog+post"},
    {NounKind::topic, Topic::documentation, "wiki glossary mkdocs docusaurus"},
    {NounKind::work, Topic::security,
     "audit pentest penetration+test security+review security+audit security+scan threat+model hardening security+check "
     "vulnerability+scan security+assessment security+testing security+signoff"},
    {NounKind::topic, Topic::security,
     "security vulnerability vuln cve injection xss csrf ssrf rce idor exploit secret credential leak+scan sast dast owasp malware "
     "compliance firewall tls ssl mtls cipher npm+audit pip-audit yarn+audit pnpm+audit cargo+audit cargo-audit govulncheck snyk trivy bandit semgrep gitleaks "
     "trufflehog codeql zap path+traversal attack attack+surface timing+attack brute+force private+key api+key access+key certificate tls+certificate ssl+certificate "
     "threat attacker encryption phishing intrusion backdoor security+header cors+policy csp privilege+escalation pen+test hsts waf dependency+scan "
     "scanning gdpr soc2 hipaa pci open+redirect deserialization aws+key signing+key ssh+key deploy+key access+token personal+access "
     "security+policy exposure vulnerable insecure leaked access+permission access+right access+review iam+policy iam+role"},
    {NounKind::work, Topic::cicd,
     "deployment rollout pipeline ci ci/cd cicd cd release+pipeline deployment+pipeline ci+pipeline build+pipeline rollback canary "
     "continuous+integration continuous+deployment continuous+delivery release staging+deploy"},
    {NounKind::topic, Topic::cicd,
     "github+action github+actions actions+workflow gitlab+ci jenkins jenkinsfile circleci circle+ci travis buildkite argocd argo+cd "
     "nightly+build ci+build nightly+pipeline nightly+job build+job workflow dockerfile docker+image docker+build container+image base+image helm helm+chart "
     "kubernetes k8s k8s+manifest production+environment runner self-hosted+runner dependabot renovate artifact build+artifact build+agent "
     "build+cache pre-commit blue-green feature+environment preview+environment registry+image nightly release+branch release+train "
     "staging+environment cronjob tekton spinnaker fluxcd github+runner deploy deploy+script deploy+job azure+pipeline cloudbuild "
     "release+candidate merge+queue required+check status+check"},
    {NounKind::topic, Topic::inventory,
     "inventory catalog catalogue materials portfolio license licence ownership codeowner sbom bill+of dependency+tree dependency+list "
     "asset license+report dependency+report service+catalog license+audit repository+metadata"},
    // Inventory only when somebody lists or looks for them: see request.cc.
    {NounKind::light, Topic::inventory,
     "repository repo services packages projects owner owns team maintainer metadata dependency terraform+module microservice"},
    {NounKind::code, Topic::development,
     "button section paragraph chapter page component form endpoint class function method field column table hook model controller view modal panel screen "
     "dialog query parser widget chart menu tooltip route handler middleware banner header footer navbar sidebar dashboard viewer "
     "feature ui css layout interface variable constant module library service scanner generator client sdk cli command flag "
     "import formatter loop struct enum utility util helper exporter importer editor app tab toggle dropdown icon link image "
     "typo log trail logger serializer validator validation decorator schema api websocket queue cursor plugin adapter wrapper toast "
     "tracker timeline calculator sorter selector filter crud pagination search mode theme engine platform system application "
     "framework website webhook notification portal integration algorithm limiter limiting"},
    {NounKind::light, Topic::none,
     "bug error issue problem failure crash regression warning exception job step stage task script config configuration "
     "setting file check report policy rule alert gate badge template setup result finding flaw hole risk state status version "
     "number set overview summary list process strategy plan change environment package code detail entry line bill"},
    {NounKind::topic, Topic::development,
     "frontend backend refactoring implementation codebase accessibility+audit performance+audit code+review design+review "
     "performance+review accessibility+review dependency+update audit+log audit+trail audit+logging audit+event audit+record audit+entry audit+history"},
    {NounKind::light, Topic::none, "scan assessment review analysis"},
    {NounKind::light, Topic::none, "spreadsheet matrix diagram"},
}};

template <class Value>
struct Table {
  std::unordered_map<std::string, Value, Hash, std::equal_to<>> words;
  std::unordered_set<std::string, Hash, std::equal_to<>> openers;  // first words of two: most words are none
};

template <class Value, class Rows>
Table<Value> table_of(const Rows& rows, Value (*value)(const typename Rows::value_type&)) {
  Table<Value> table;
  for (const auto& row : rows)
    for_each_word(row.words, [&](std::string_view word) {
      std::string key(word);
      std::replace(key.begin(), key.end(), '+', ' ');
      if (const std::size_t space = key.find(' '); space != std::string::npos) table.openers.insert(key.substr(0, space));
      table.words.emplace(std::move(key), value(row));
    });
  return table;
}

const Table<WorkVerb>& verbs() {
  static const auto table = table_of<WorkVerb>(
      k_verbs, +[](const VerbRow& row) {
        return WorkVerb{row.act, row.also_noun};
      });
  return table;
}

const Table<Noun>& nouns() {
  static const auto table = table_of<Noun>(
      k_nouns, +[](const NounRow& row) {
        return Noun{row.kind, row.topic};
      });
  return table;
}

template <class Value>
std::optional<Value> find_in(const Table<Value>& table, std::string_view key) {
  const auto found = table.words.find(key);
  return found == table.words.end() ? std::nullopt : std::optional<Value>(found->second);
}

/// The word, then what it may be the plural of.
std::optional<Noun> find_singular(std::string_view word) {
  if (auto noun = find_in(nouns(), word)) return noun;
  if (word.size() < 4 || word.back() != 's' || word.ends_with("ss")) return std::nullopt;
  if (word.ends_with("ies")) return find_in(nouns(), std::string(word.substr(0, word.size() - 3)) + "y");
  word.remove_suffix(1);
  if (auto noun = find_in(nouns(), word)) return noun;
  if (word.back() != 'e') return std::nullopt;
  word.remove_suffix(1);  // patches, but not "policyes"
  return std::string_view("shxz").find(word.back()) == std::string_view::npos ? std::nullopt : find_in(nouns(), word);
}

std::optional<Inflected> inflected(std::string base) {
  const auto verb = find_in(verbs(), base);
  return verb ? std::optional(Inflected{*verb, std::move(base)}) : std::nullopt;
}

std::optional<Inflected> find_without_ending(std::string_view word, std::string_view ending) {
  if (word.size() < ending.size() + 3 || !word.ends_with(ending)) return std::nullopt;
  std::string stem(word.substr(0, word.size() - ending.size()));
  if (auto verb = inflected(stem)) return verb;        // deploying
  if (auto verb = inflected(stem + "e")) return verb;  // releasing
  if (stem.ends_with("i"))                             // verified
    if (auto verb = inflected(stem.substr(0, stem.size() - 1) + "y")) return verb;
  if (stem[stem.size() - 1] != stem[stem.size() - 2]) return std::nullopt;
  stem.pop_back();  // shipping
  return inflected(std::move(stem));
}

/// Which words come from one of the tables' by leaving out a letter: a set that may say yes of others, too, in 32 KiB.
class Shortened {
 public:
  Shortened() {
    for (const auto& [word, verb] : verbs().words) add_each(word);
    for (const auto& [word, noun] : nouns().words) {  // as find_singular() reads plurals
      add_each(word);
      add_each(word + "s");
      add_each(word + "es");
      if (word.ends_with('y')) add_each(word.substr(0, word.size() - 1) + "ies");
    }
  }
  bool may_contain(std::string_view word) const { return bits_[at(word)]; }

 private:
  static constexpr std::size_t k_bits = 1 << 18;
  static std::size_t at(std::string_view word) {
    const std::size_t hash = Hash()(word);
    return (hash ^ (hash >> 18U) ^ (hash >> 36U)) % k_bits;
  }
  void add_each(const std::string& word) {
    if (word.find(' ') != std::string::npos) return;
    for (std::size_t left_out = 1; left_out < word.size(); ++left_out) {
      std::string shorter = word;
      bits_.set(at(shorter.erase(left_out, 1)));
    }
  }
  std::bitset<k_bits> bits_;
};

struct Irregular {
  std::string_view participle, base;
};
constexpr Irregular k_irregular[] = {{"written", "write"}, {"built", "build"}, {"rebuilt", "rebuild"}, {"rewritten", "rewrite"},
                                     {"made", "make"},     {"found", "find"},  {"run", "run"},         {"rerun", "rerun"}};

}  // namespace

std::string_view name(Topic topic) {
  switch (topic) {
    case Topic::none: return "";
    case Topic::development: return "development";
    case Topic::testing: return "testing";
    case Topic::documentation: return "documentation";
    case Topic::security: return "security";
    case Topic::inventory: return "inventory";
    case Topic::cicd: return "cicd";
  }
  return "";
}

std::optional<WorkVerb> find_verb(std::string_view word) { return find_in(verbs(), word); }

std::optional<WorkVerb> find_verb(std::string_view word, std::string_view next) {
  if (!verbs().openers.contains(word)) return std::nullopt;
  return find_in(verbs(), std::string(word).append(1, ' ').append(next));
}

std::optional<Inflected> find_gerund(std::string_view word) { return find_without_ending(word, "ing"); }
std::optional<Inflected> find_participle(std::string_view word) {
  for (const Irregular& row : k_irregular)
    if (row.participle == word) return inflected(std::string(row.base));
  return find_without_ending(word, "ed");
}

std::optional<Noun> find_noun(std::string_view word) {
  if (word.starts_with("cve-")) return Noun{NounKind::topic, Topic::security};
  return find_singular(word);
}

bool may_lack_letter(std::string_view word) {
  static const Shortened shortened;
  return shortened.may_contain(word);
}

std::optional<Noun> find_noun(std::string_view word, std::string_view next) {
  if (!nouns().openers.contains(word)) return std::nullopt;
  return find_singular(std::string(word).append(1, ' ').append(next));
}

bool is_determiner(std::string_view word) {
  static const Words words =
      words_of("the a an all any every each some its their our your my this that these those both another no several");
  return words.contains(word);
}
bool is_pronoun(std::string_view word) {
  static const Words words = words_of("it them this these those everything that all him");
  return words.contains(word);
}
bool is_preposition(std::string_view word) {
  static const Words words = words_of(
      "of in on for from to into onto at by with without within across over under through via against about as using "
      "between during per inside throughout before after until towards behind including");
  return words.contains(word);
}
bool opens_subclause(std::string_view word) {
  static const Words words =
      words_of("that which who whose where when whenever if because while how why whether what so since unless although though");
  return words.contains(word);
}
bool is_lead(std::string_view word) {
  static const Words words = words_of(
      "please can could would will shall we i you us let's lets need should must want like also just now finally lastly first "
      "firstly second secondly third thirdly next then and to quickly kindly todo task urgent wip ok hi hey hello it's time make "
      "sure be again afterwards subsequently eventually carefully properly automatically manually safely either");
  return words.contains(word);
}
bool is_negation(std::string_view word) {
  static const Words words =
      words_of("without no not don't dont never skip except excluding avoid cannot doesn't won't neither nor minus");
  return words.contains(word);
}
bool is_whole(std::string_view word) {
  static const Words words = words_of(
      "system systems platform platforms application applications app website site shop webapp marketplace product stack codebase monolith "
      "backend frontend microservices framework infrastructure layer architecture portal engine services monorepo saas game subsystem "
      "crm cms blog wiki forum store webshop storefront intranet helpdesk");
  return words.contains(word);
}
bool is_part(std::string_view word) {
  static const Words words = words_of(
      "api apis ui ux backend frontend database db schema endpoint endpoints component components service services client sdk cli "
      "server worker workers gateway middleware model models migration migrations screens pages views routes controllers handlers "
      "dashboard app portal queue consumer producer indexer scheduler storage cache broker loader importer exporter webhooks");
  return words.contains(word);
}
bool is_secret(std::string_view word) {
  static const Words words = words_of(
      "key keys token tokens password passwords secret secrets credential credentials certificate certificates cert certs passphrase "
      "permission permissions privilege privileges");
  return words.contains(word);
}

}  // namespace baton::core
