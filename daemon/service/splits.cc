#include "service/splits.h"

#include <utility>

#include "core/recovery.h"
#include "core/splits.h"
#include "service/arriving.h"

namespace baton::service {

void Splits::take(Turn& turn) {
  for (const core::ProposeSplit& split : std::exchange(asked_, {})) {
    const core::Subtask* whole = world_.core.subtask(split.subtask_id);
    if (whole == nullptr || whole->spec.files_affected.size() < 2) continue;
    turn.tell(core::SplitProposed{split.subtask_id, split.epoch, core::halves_of(whole->spec),
                                  taken_ids(world_, core::split_ids(split.subtask_id))});
  }
}

}  // namespace baton::service
