#include "front/run/order.h"

#include <unistd.h>

#include "base/text.h"
#include "front/read_input.h"

namespace baton::front {
namespace {

/// As a shell reads it.
std::string quoted(const std::string& word) {
  constexpr std::string_view k_plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=,@%+-";
  if (!word.empty() && word.find_first_not_of(k_plain) == std::string::npos) return word;
  std::string whole = "'";
  for (const char c : word) whole += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return whole + "'";
}

}  // namespace

Result<RunOrder> order_of(const Context& context) {
  const Arguments& arguments = context.arguments;
  RunOrder wish;
  wish.resume = arguments.has("resume");
  wish.fresh = arguments.has("fresh");
  wish.check_only = arguments.has("conflict-check");
  if (!arguments.has("PROMPT") && !wish.resume && ::isatty(STDIN_FILENO) == 0) {
    TRY_VALUE(const std::string text, read_input("-"));
    TRY_VALUE(wish.run, read_wish(text));
  }
  for (const std::string& name : arguments.values("PROMPT")) wish.run.prompts.push_back(name);
  TRY_VALUE(const auto parallel, arguments.number("max-parallel", 1, k_most_parallel));
  if (parallel) wish.run.max_parallel = parallel;
  TRY_VALUE(const auto limit, arguments.duration_ms("timeout"));
  if (limit) wish.run.timeout_ms = limit;
  if (arguments.has("base")) wish.run.base = arguments.value("base");
  wish.run.sequential = wish.run.sequential || arguments.has("sequential");
  wish.agent = arguments.values("AGENT");
  if (const std::string word = arguments.value("integrate"); !word.empty()) {
    wish.integrate = protocol::integrate_of(word);
    if (!wish.integrate)
      return fail(ErrorCode::usage,
                  "--integrate " + text::printable(word) + text::did_you_mean(word, protocol::integrate_words()),
                  "one of: " + text::join(protocol::integrate_words(), ", "));
  }
  if (wish.resume && (wish.check_only || wish.fresh))
    return fail(ErrorCode::usage, "--resume goes on as it was begun", "leave out --conflict-check and --fresh");
  if (wish.resume && !wish.run.prompts.empty())
    return fail(ErrorCode::usage, "--resume goes on with the prompts of the last run; it takes no others");
  if (!wish.resume && wish.run.prompts.empty())
    return fail(ErrorCode::usage, "no prompt files are named", "baton run fix-login.md add-search.md -- claude -p");
  return wish;
}

std::string resume_command(const Context& context, const RunOrder& wish, std::size_t jobs) {
  std::string words = "baton";
  if (!context.globals.coordination.empty()) words += " --coordination " + quoted(context.globals.coordination);
  words += " run --resume --max-parallel " + std::to_string(jobs);
  if (const std::string how = context.arguments.value("integrate"); !how.empty()) words += " --integrate " + quoted(how);
  if (!wish.agent.empty()) words += " --";
  for (const std::string& word : wish.agent) words += " " + quoted(word);
  return text::printable(words);
}

}  // namespace baton::front
