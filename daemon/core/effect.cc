#include "core/effect.h"

#include <iterator>

namespace baton::core {

void Changes::add(Changes&& more) {
  effects.insert(effects.end(), std::make_move_iterator(more.effects.begin()), std::make_move_iterator(more.effects.end()));
  created.merge(more.created);
  tasks.merge(more.tasks);
  subtasks.merge(more.subtasks);
  rewired.merge(more.rewired);
  workers.merge(more.workers);
  masters.merge(more.masters);
  durations.merge(more.durations);
  attention.insert(attention.end(), std::make_move_iterator(more.attention.begin()),
                   std::make_move_iterator(more.attention.end()));
  waiting.merge(more.waiting);
  standing.merge(more.standing);
  ended.insert(ended.end(), std::make_move_iterator(more.ended.begin()), std::make_move_iterator(more.ended.end()));
}

}  // namespace baton::core
