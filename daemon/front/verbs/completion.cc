// baton completion bash: a completion script made from the table of verbs.
#include "base/text.h"
#include "front/parse.h"
#include "front/verbs.h"

namespace baton::front {
namespace {

std::string words_of(std::span<const Option> options) {
  std::string words;
  for (const Option& option : options) words += " --" + std::string(option.name);
  return words;
}

std::string script() {
  std::string names;
  std::string cases;
  for (const Verb* verb : all_verbs()) {
    names += (names.empty() ? "" : " ") + std::string(verb->name);
    cases += "    " + std::string(verb->name) + ") words=\"" + words_of(verb->options).erase(0, verb->options.empty() ? 0 : 1) +
             "\" ;;\n";
  }
  return "# bash completion for baton; load it with: source <(baton completion bash)\n"
         "_baton() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} verb= words= i\n"
         "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "    case ${COMP_WORDS[i]} in\n"
         "    --coordination) ((i++)) ;;\n"
         "    -*) ;;\n"
         "    *) verb=${COMP_WORDS[i]}; break ;;\n"
         "    esac\n"
         "  done\n"
         "  if [[ -z $verb ]]; then\n"
         "    COMPREPLY=($(compgen -W \"" +
         names + words_of(global_options()) +
         "\" -- \"$current\"))\n"
         "    return\n"
         "  fi\n"
         "  case $verb in\n" +
         cases +
         "  esac\n"
         "  if [[ $current == -* ]]; then\n"
         "    COMPREPLY=($(compgen -W \"$words" +
         words_of(global_options()) +
         "\" -- \"$current\"))\n"
         "  else\n"
         "    COMPREPLY=($(compgen -f -- \"$current\"))\n"
         "  fi\n"
         "}\n"
         "complete -o filenames -F _baton baton\n";
}

Result<int> run(Context& context) {
  const std::string shell = context.arguments.value("SHELL");
  if (shell != "bash") return fail(ErrorCode::usage, "no completion for \"" + text::printable(shell) + "\"", "bash is supported");
  if (!context.out.json()) context.out.raw(script());
  Data data;
  context.out.data(data.set("shell", shell).set("script", script()));
  return exit_code::k_ok;
}

constexpr Operand k_operands[] = {{"SHELL", "bash"}};
constexpr Example k_examples[] = {{"source <(baton completion bash)"}};

}  // namespace

constinit const Verb verbs::k_completion{.name = "completion",
                                         .summary = "Print a shell completion script",
                                         .group = Group::inspect,
                                         .operands = k_operands,
                                         .examples = k_examples,
                                         .run = run};

}  // namespace baton::front
