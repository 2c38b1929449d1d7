#include "front/intake.h"

#include "front/await.h"
#include "front/lookup.h"
#include "front/settle.h"
#include "platform/loop.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

constexpr std::int64_t k_daemon_look_ms = 250;

}  // namespace

Result<Intake> wait_for_intake(const Folder& folder, const std::string& name) {
  const std::string accepted = paths::join(paths::k_accepted, name);
  const std::string reason = paths::join(paths::k_rejected, paths::error_name(name));
  Intake answer = Intake::unanswered;
  const auto look = [&] {
    if (folder.exists(accepted))
      answer = Intake::accepted;
    else if (folder.exists(reason))
      answer = Intake::rejected;
    return answer != Intake::unanswered;
  };
  const std::int64_t end = platform::now().mono_ms + k_intake_ms;
  while (answer == Intake::unanswered && platform::now().mono_ms < end) {
    TRY_VALUE(const Woke woke,
              await(folder, {std::string(paths::k_accepted), std::string(paths::k_rejected)}, k_daemon_look_ms, look));
    if (woke == Woke::interrupted) return answer;
    if (answer == Intake::unanswered && !folder.daemon()) return Intake::deserted;
  }
  return answer;
}

Result<Intake> hand_in_task(const Folder& folder, const Data& task, const std::string& id) {
  const std::string name = id + ".json";
  TRY(folder.put(std::string(paths::k_drop), name, task.document(), platform::Replace::no));
  const Intake intake = wait_for_intake(folder, name).value_or(Intake::unanswered);  // it lies there, whatever hides the answer
  if (intake == Intake::rejected) return tl::make_unexpected(refusal(folder, name));
  if (intake == Intake::accepted) await_plan(folder, id, [](const PlanView&) { return true; });
  return intake;
}

}  // namespace baton::front
