#include "front/front.h"

#include <algorithm>

#include "front/help.h"
#include "front/parse.h"
#include "front/verbs.h"

namespace baton::front {
namespace {

/// Also right when the words could not be understood: the failure has to come in the form that was asked for.
bool asks_for_json(const std::vector<std::string>& words) {
  const auto end = std::find(words.begin(), words.end(), "--");
  return std::find(words.begin(), end, "--json") != end;
}

int report(Output& out, Error error) {
  out.failure(error);
  return exit_code_of(error.code);
}

Globals globals_of(const Arguments& before, const Arguments& after) {
  Globals globals;
  globals.coordination = after.value("coordination", before.value("coordination"));
  globals.json = before.has("json") || after.has("json");
  globals.verbose = before.has("verbose") || after.has("verbose");
  return globals;
}

Result<int> run_verb(const Beginning& beginning, Output& out) {
  TRY_VALUE(const Verb* const verb, find_verb(beginning.rest.front()));
  auto arguments = parse(*verb, {beginning.rest.begin() + 1, beginning.rest.end()});
  if (!arguments) {
    Error error = std::move(arguments).error();
    if (error.hint.empty()) error.hint = usage_of(*verb) + "; more: baton " + std::string(verb->name) + " --help";
    return tl::make_unexpected(std::move(error));
  }
  if (arguments->has("help") || beginning.arguments.has("help")) {
    say_help(out, *verb);
    return exit_code::k_ok;
  }
  const Globals globals = globals_of(beginning.arguments, *arguments);
  Context context{*arguments, globals, out};
  return verb->run(context);
}

Result<int> run_words(const std::vector<std::string>& words, Output& out) {
  TRY_VALUE(const Beginning beginning, parse_beginning(words));
  if (!beginning.rest.empty()) return run_verb(beginning, out);
  if (beginning.arguments.has("version")) {
    const Arguments none;
    const Globals globals = globals_of(beginning.arguments, none);
    Context context{none, globals, out};
    return verbs::k_version.run(context);
  }
  if (beginning.arguments.has("help")) {
    say_full_help(out);
    return exit_code::k_ok;
  }
  if (!words.empty()) return fail(ErrorCode::usage, "a verb is missing", "all verbs: baton help");
  out.raw(short_help());
  return exit_code::k_ok;
}

}  // namespace

int run(const std::vector<std::string>& words, const Streams& streams) {
  Output out(streams, asks_for_json(words));
  auto code = run_words(words, out);
  const int exit = code ? *code : report(out, std::move(code).error());
  // Data that could not be written (a full disk behind a redirection) is no success.
  return out.flush() || exit != exit_code::k_ok ? exit : exit_code::k_no;
}

}  // namespace baton::front
