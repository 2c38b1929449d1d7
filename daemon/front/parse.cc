#include "front/parse.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <map>

#include "base/text.h"

namespace baton::front {
namespace {

constexpr Option k_globals[] = {
    {.name = "coordination",
     .value = "DIR",
     .help = "the coordination folder (else $BATON_COORDINATION, else the nearest one upwards)"},
    {.name = "json", .help = "one JSON envelope on standard output"},
    {.name = "verbose", .letter = 'v', .help = "say more"},
    {.name = "help", .letter = 'h', .help = "this help"},
};

constexpr Option k_version[] = {{.name = "version", .help = "print the version"}};

using Values = std::map<std::string, std::vector<std::string>, std::less<>>;

std::string spelled(const Option& option) {
  std::string names = "--" + std::string(option.name);
  return option.letter == 0 ? names : "-" + std::string(1, option.letter) + "," + names;
}

void describe(CLI::App& app, std::span<const Option> options, Values& values) {
  for (const Option& option : options) {
    auto& target = values[std::string(option.name)];
    if (option.value.empty()) {
      app.add_flag_callback(spelled(option), [&target] { target.assign(1, "true"); });
      continue;
    }
    app.add_option(spelled(option), target)
        ->expected(1)
        ->allow_extra_args(false)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->type_name(std::string(option.value));
  }
}

tl::unexpected<Error> unknown_option(const std::string& word, std::span<const std::span<const Option>> tables) {
  const std::string name = word.substr(0, word.find('='));
  std::vector<std::string> known;
  for (const auto table : tables)
    for (const Option& option : table) known.push_back("--" + std::string(option.name));
  return fail(ErrorCode::usage, "unknown option " + text::printable(name) + text::did_you_mean(name, known));
}

/// An empty value is, as a rule, a variable of a script that is not set: taken for "not given", it would do something else than
/// was asked for.
Result<> check_values(const Option& option, const std::vector<std::string>& values) {
  const std::string name = "--" + std::string(option.name);
  if (!option.many && values.size() > 1) return fail(ErrorCode::usage, name + " may be given only once");
  if (option.value != k_text && std::find(values.begin(), values.end(), "") != values.end())
    return fail(ErrorCode::usage, name + " is given an empty value",
                "write " + name + " " + std::string(option.value) + ", or leave it out");
  return {};
}

Result<> check_all_values(std::span<const std::span<const Option>> tables, const Values& values) {
  for (const auto table : tables)
    for (const Option& option : table)
      if (!option.value.empty()) TRY(check_values(option, values.at(std::string(option.name))));
  return {};
}

Arguments given(Values values) {
  Arguments arguments;
  for (auto& [name, list] : values)
    if (!list.empty()) arguments.add(name, std::move(list));
  return arguments;
}

Result<> run(CLI::App& app, const std::vector<std::string>& words) {
  std::vector<std::string> reversed(words.rbegin(), words.rend());  // the library pops from the back
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::ArgumentMismatch& error) {
    return fail(ErrorCode::usage, "a value is missing: " + std::string(error.what()));
  } catch (const CLI::Error& error) {
    return fail(ErrorCode::usage, error.what());
  }
  return {};
}

/// Deals the words without a dash out to the operands in their order.
Result<> deal(const Verb& verb, std::vector<std::string> words, bool help, Arguments& arguments) {
  std::size_t next = 0;
  for (const Operand& operand : verb.operands) {
    if (operand.after_dashes) continue;
    const std::size_t count = std::min(operand.many ? words.size() - next : 1, words.size() - next);
    if (count == 0 && operand.required && !help)
      return fail(ErrorCode::usage, "baton " + std::string(verb.name) + ": " + std::string(operand.name) + " is missing");
    if (count == 0) continue;
    const auto first = words.begin() + static_cast<std::ptrdiff_t>(next);
    arguments.add(operand.name, std::vector<std::string>(first, first + static_cast<std::ptrdiff_t>(count)));
    next += count;
  }
  if (next < words.size())
    return fail(ErrorCode::usage,
                "baton " + std::string(verb.name) + ": unexpected argument \"" + text::printable(words[next]) + "\"",
                "quote texts of several words");
  return {};
}

/// Takes what follows "--" out of the words, for a verb that passes it on.
void take_rest(const Verb& verb, std::vector<std::string>& words, Arguments& arguments) {
  const auto operand = std::ranges::find_if(verb.operands, &Operand::after_dashes);
  const auto dashes = std::find(words.begin(), words.end(), "--");
  if (operand == verb.operands.end() || dashes == words.end()) return;
  if (dashes + 1 != words.end()) arguments.add(operand->name, std::vector<std::string>(dashes + 1, words.end()));
  words.erase(dashes, words.end());
}

bool looks_like_option(const std::string& word) { return word.size() > 1 && word.front() == '-'; }

}  // namespace

std::span<const Option> global_options() { return k_globals; }

Result<Arguments> parse(const Verb& verb, const std::vector<std::string>& all) {
  std::vector<std::string> words = all;
  Arguments rest;
  take_rest(verb, words, rest);
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  Values values;
  std::vector<std::string> operands;
  describe(app, k_globals, values);
  describe(app, verb.options, values);
  app.add_option("OPERANDS", operands)->expected(0, CLI::detail::expected_max_vector_size);
  TRY(run(app, words));

  const std::span<const Option> tables[] = {k_globals, verb.options};
  for (const std::string& extra : app.remaining())
    if (looks_like_option(extra) && extra != "--") return unknown_option(extra, tables);
  TRY(check_all_values(tables, values));
  Arguments arguments = given(std::move(values));
  TRY(deal(verb, std::move(operands), arguments.has("help"), arguments));
  for (const Operand& operand : verb.operands)
    if (rest.has(operand.name)) arguments.add(operand.name, rest.values(operand.name));
  return arguments;
}

Result<Beginning> parse_beginning(const std::vector<std::string>& words) {
  CLI::App app;
  app.set_help_flag();
  app.prefix_command();
  Values values;
  describe(app, k_globals, values);
  describe(app, k_version, values);
  TRY(run(app, words));
  Beginning beginning;
  beginning.rest = app.remaining();
  const std::span<const Option> tables[] = {k_globals, k_version};
  if (!beginning.rest.empty() && looks_like_option(beginning.rest.front())) return unknown_option(beginning.rest.front(), tables);
  TRY(check_all_values(tables, values));
  beginning.arguments = given(std::move(values));
  return beginning;
}

}  // namespace baton::front
