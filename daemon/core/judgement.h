// What field a piece of work belongs to, by its verb and its noun phrases, and what kind of work it is.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/phrase.h"

namespace baton::core {

struct Judgement {
  Topic topic = Topic::none;
  int strength = 0;
  std::string cue;  // the word that decided; empty = none did
};
Judgement judge(Act act, std::string_view verb, const std::vector<NounPhrase>& phrases);
Work work_of(Act act, Topic topic, const NounPhrase& object);

}  // namespace baton::core
