#include "front/task_options.h"

#include <array>

#include "base/ids.h"
#include "base/text.h"
#include "core/model.h"

namespace baton::front {
namespace {

template <class Enum>
Result<> one_of(const Arguments& arguments, std::string_view option, std::span<const Enum> all) {
  if (!arguments.has(option)) return {};
  const std::string word = arguments.value(option);
  std::vector<std::string> names;
  for (const Enum value : all) names.emplace_back(core::name(value));
  for (const std::string& name : names)
    if (name == word) return {};
  return fail(ErrorCode::usage,
              "unknown " + std::string(option) + " \"" + text::printable(word) + "\"" + text::did_you_mean(word, names),
              "one of " + text::join(names, ", "));
}

Result<> check(const Arguments& arguments) {
  constexpr std::array priorities{core::Priority::critical, core::Priority::high, core::Priority::medium, core::Priority::low};
  constexpr std::array modes{core::ExecutionMode::staged, core::ExecutionMode::sequential, core::ExecutionMode::eager};
  if (arguments.has("decompose") && arguments.has("simple"))
    return fail(ErrorCode::usage, "--decompose and --simple contradict each other", "give one of them, or let the daemon judge");
  if (arguments.has("simple") && arguments.has("playbook"))
    return fail(ErrorCode::usage, "--playbook decomposes, and --simple says not to", "give one of them");
  if (arguments.has("id") && !is_task_id(arguments.value("id")))
    return fail(ErrorCode::usage, "\"" + text::printable(arguments.value("id")) + "\" cannot be the id of a task",
                "letters, digits, dots, dashes and underscores, at most 96, not beginning with orch-");
  TRY(one_of<core::Priority>(arguments, "priority", priorities));
  return one_of<core::ExecutionMode>(arguments, "mode", modes);
}

}  // namespace

Result<Data> task_from(const Arguments& arguments, const std::string& title, const std::string& id) {
  if (text::trim(title).empty())
    return fail(ErrorCode::usage, "the TITLE is blank", "say in a few words what is to be done, or hand in a document");
  TRY(check(arguments));
  Data task;
  task.set("id", id).set("title", text::trim(title)).set_if("description", arguments.value("description"));
  if (arguments.has("file")) task.set("files_affected", arguments.values("file"));
  task.set_if("priority", arguments.value("priority")).set_if("assigned_to", arguments.value("to"));
  task.set_if("execution_mode", arguments.value("mode")).set_if("playbook", arguments.value("playbook"));
  if (arguments.has("after")) task.set("depends_on", arguments.values("after"));
  if (arguments.has("approval")) task.set("approval", "required");
  if (arguments.has("decompose")) task.set("orchestration_required", true);
  if (arguments.has("simple")) task.set("orchestration_required", false);
  return task;
}

Result<> no_task_options(const Arguments& arguments, std::string_view document) {
  for (const Option& option : k_task_options)
    if (arguments.has(option.name))
      return fail(
          ErrorCode::usage,
          "--" + std::string(option.name) + " goes with a TITLE; " + text::printable(document) + " says everything itself",
          "write it into the document instead");
  return {};
}

}  // namespace baton::front
