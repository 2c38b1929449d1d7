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
  RunOrder order;
  order.resume = arguments.has("resume");
  order.fresh = arguments.has("fresh");
  order.check_only = arguments.has("conflict-check");
  if (!arguments.has("PROMPT") && !order.resume && ::isatty(STDIN_FILENO) == 0) {
    TRY_VALUE(const std::string text, read_input("-"));
    TRY_VALUE(order.wish, read_wish(text));
  }
  for (const std::string& name : arguments.values("PROMPT")) order.wish.prompts.push_back(name);
  TRY_VALUE(const auto parallel, arguments.number("max-parallel", 1, k_most_parallel));
  if (parallel) order.wish.max_parallel = parallel;
  TRY_VALUE(const auto limit, arguments.duration_ms("timeout"));
  if (limit) order.wish.timeout_ms = limit;
  if (arguments.has("base")) order.wish.base = arguments.value("base");
  order.wish.sequential = order.wish.sequential || arguments.has("sequential");
  order.agent = arguments.values("AGENT");
  if (const std::string word = arguments.value("integrate"); !word.empty()) {
    order.integrate = protocol::integrate_of(word);
    if (!order.integrate)
      return fail(ErrorCode::usage,
                  "--integrate " + text::printable(word) + text::did_you_mean(word, protocol::integrate_words()),
                  "one of: " + text::join(protocol::integrate_words(), ", "));
  }
  if (order.resume && (order.check_only || order.fresh))
    return fail(ErrorCode::usage, "--resume goes on as it was begun", "leave out --conflict-check and --fresh");
  if (order.resume && order.wish.prompts.size() > 1)
    return fail(ErrorCode::usage, "--resume goes on with the prompts of one run; it takes no others",
                "baton run --resume, or with the id of a run: baton run --resume ID");
  if (order.resume && !order.wish.prompts.empty()) {
    order.resumed = order.wish.prompts.front();
    order.wish.prompts.clear();
  }
  if (!order.resume && order.wish.prompts.empty())
    return fail(ErrorCode::usage, "no prompt files are named", "baton run fix-login.md add-search.md -- claude -p");
  return order;
}

std::string resume_command(const Context& context, const RunOrder& order, std::size_t jobs) {
  std::string words = "baton";
  if (!context.globals.coordination.empty()) words += " --coordination " + quoted(context.globals.coordination);
  words += " run --resume --max-parallel " + std::to_string(jobs);
  if (const std::string how = context.arguments.value("integrate"); !how.empty()) words += " --integrate " + quoted(how);
  if (!order.agent.empty()) words += " --";
  for (const std::string& word : order.agent) words += " " + quoted(word);
  return text::printable(words);
}

}  // namespace baton::front
