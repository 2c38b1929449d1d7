#include "service/children.h"

#include <utility>

#include "core/child_task.h"
#include "protocol/writers.h"
#include "service/arriving.h"

namespace baton::service {
namespace {

constexpr int k_per_turn = 8;  // a plan is made for each, and others wait meanwhile

}  // namespace

/// A journal that cannot be read ends the program at the commit.
std::string Children::free_id(const std::string& subtask_id) {
  for (int number = 1;; ++number) {
    std::string id = core::child_id(subtask_id, number);
    if (world_.core.task(id) != nullptr || world_.core.subtask(id) != nullptr) continue;
    const auto taken = world_.history.taken({id});
    if (!taken || taken->empty()) return id;
  }
}

void Children::take(Turn& turn) {
  for (int made = 0; made < k_per_turn && !asked_.empty(); ++made) {
    const core::ProposeChild asked = std::move(asked_.front());
    asked_.pop_front();
    const core::Subtask* subtask = world_.core.subtask(asked.subtask_id);
    if (subtask == nullptr || subtask->epoch != asked.epoch) continue;
    const core::Task& parent = *world_.core.task(subtask->task_id);
    core::TaskSpec spec = core::child_spec(parent, *subtask);
    spec.id = free_id(asked.subtask_id);
    spec.context = protocol::write_child_context(parent, *subtask);
    turn.tell(core::ChildProposed{asked.subtask_id, asked.epoch, arriving_task(world_, std::move(spec))});
  }
}

}  // namespace baton::service
