// baton help: all verbs, or one of them.
#include "front/help.h"
#include "front/verbs.h"

namespace baton::front {
namespace {

Result<int> run(Context& context) {
  const std::string name = context.arguments.value("VERB");
  if (name.empty()) {
    say_full_help(context.out);
    return exit_code::k_ok;
  }
  TRY_VALUE(const Verb* const verb, find_verb(name));
  say_help(context.out, *verb);
  return exit_code::k_ok;
}

constexpr Operand k_operands[] = {{"VERB", "one of them, with its options and examples", false}};

}  // namespace

constinit const Verb verbs::k_help{
    .name = "help", .summary = "List all commands, or explain one", .group = Group::inspect, .operands = k_operands, .run = run};

}  // namespace baton::front
