#include "core/judgement.h"

#include <algorithm>

namespace baton::core {
namespace {

const NounPhrase* first_with_topic(const std::vector<NounPhrase>& phrases, int strength, std::string_view preposition = {}) {
  for (const NounPhrase& phrase : phrases)
    if (phrase.topic != Topic::none && phrase.topic != Topic::development && phrase.strength >= strength &&
        (preposition.empty() || phrase.preposition == preposition))
      return &phrase;
  return nullptr;
}

Judgement of(const NounPhrase& phrase) { return {phrase.topic, std::max(3, phrase.strength), {}}; }

bool speaks_of(const std::vector<NounPhrase>& phrases, Topic topic, int strength) {
  return std::any_of(phrases.begin(), phrases.end(),
                     [&](const NounPhrase& phrase) { return phrase.topic == topic && phrase.strength >= strength; });
}

bool speaks_of_secret(const std::vector<NounPhrase>& phrases) {
  return std::any_of(phrases.begin(), phrases.end(), [](const NounPhrase& phrase) { return phrase.is_secret; });
}

/// One releases a version, but also a lock.
bool is_program_resource(std::string_view head) {
  for (std::string_view word :
       {"lock", "locks", "memory", "connection", "connections", "resource", "resources", "mutex", "handle", "handles", "event",
        "events", "message", "messages", "article", "post", "posts", "buffer"})
    if (head == word) return true;
  return false;
}

Judgement judge_deploy(std::string_view verb, const NounPhrase& object) {
  if (is_program_resource(object.head)) return {Topic::development, 3, {}};
  if (verb == "tag" && object.topic == Topic::inventory) return {Topic::inventory, 4, {}};  // repositories, not a commit
  return {Topic::cicd, 4, {}};
}

Judgement judge_audit(std::string_view verb, const std::vector<NounPhrase>& phrases) {
  if (speaks_of(phrases, Topic::security, 3) || speaks_of_secret(phrases)) return {Topic::security, 4, {}};
  if (speaks_of(phrases, Topic::inventory, 3)) return {Topic::inventory, 4, {}};
  for (const NounPhrase& phrase : phrases)
    if (phrase.preposition == "for" && verb == "scan" && phrase.strength == 0 && !find_noun(phrase.head))
      return {Topic::development, 3, {}};  // "for dead links"
  for (const NounPhrase& phrase : phrases)
    if (phrase.head == "accessibility" || phrase.head == "performance") return {Topic::development, 3, {}};
  return {Topic::security, 4, {}};
}

Judgement judge_test(const std::vector<NounPhrase>& phrases) {
  if (phrases.front().topic == Topic::cicd && phrases.front().strength == 4) return {Topic::cicd, 4, {}};
  if (phrases.front().topic == Topic::security && phrases.front().strength == 4) return {Topic::security, 4, {}};
  if (const NounPhrase* aim = first_with_topic(phrases, 3, "for"); aim != nullptr && aim->topic == Topic::security)
    return {Topic::security, 4, {}};
  return {Topic::testing, 4, {}};
}

Judgement judge_catalog(std::string_view verb, const std::vector<NounPhrase>& phrases) {
  const NounPhrase& object = phrases.front();
  if (verb == "list" && object.strength >= 3 && object.topic != Topic::none && !object.is_code) return of(object);
  return {Topic::inventory, 4, {}};
}

Judgement judge_look(const std::vector<NounPhrase>& phrases) {
  if (const NounPhrase* strong = first_with_topic(phrases, 3)) return of(*strong);
  if (speaks_of_secret(phrases)) return {Topic::security, 3, {}};
  if (!phrases.front().is_code && speaks_of(phrases, Topic::inventory, 1)) return {Topic::inventory, 3, {}};
  return {Topic::development, 2, {}};
}

Judgement judge_check(const std::vector<NounPhrase>& phrases) {
  if (const NounPhrase* aim = first_with_topic(phrases, 3, "for")) return of(*aim);
  if (speaks_of_secret(phrases)) return {Topic::security, 3, {}};
  if (const NounPhrase* any = first_with_topic(phrases, 3)) return of(*any);
  return {Topic::development, 2, {}};
}

Judgement judge_design(const NounPhrase& object) {
  if (object.strength >= 3 && object.topic != Topic::none && object.topic != Topic::testing) return of(object);
  return {Topic::development, 3, {}};
}

bool lies_in_code(const std::vector<NounPhrase>& phrases) {
  return std::any_of(phrases.begin() + 1, phrases.end(), [](const NounPhrase& phrase) {
    return (phrase.preposition == "in" || phrase.preposition == "of" || phrase.preposition == "inside") &&
           (phrase.is_source || phrase.is_code);
  });
}

/// build, change, fix, none: the head decides, then what describes it, then what it belongs to.
Judgement judge_making(Act act, const std::vector<NounPhrase>& phrases) {
  const NounPhrase& object = phrases.front();
  if (object.is_code || (act == Act::build && is_whole(object.head))) return {Topic::development, 3, {}};  // "build a wiki"
  if (object.is_described && lies_in_code(phrases)) return {Topic::development, 3, {}};  // "the release date in invoice.ts"
  if (object.strength >= 3) return of(object);
  const bool lists =
      object.head == "list" || object.head == "overview" || object.head == "spreadsheet" || object.head == "matrix";
  if (lists && phrases.size() > 1 && phrases[1].preposition == "of" && phrases[1].topic == Topic::inventory)
    return {Topic::inventory, 3, {}};
  for (const NounPhrase& phrase : phrases) {
    if (phrase.preposition.empty() || phrase.preposition == "with" || phrase.preposition == "by") continue;
    if (phrase.is_code) break;
    // "the color of the release banner", "a dashboard for the security team" say little; "a report of all licenses" does.
    const bool belongs = phrase.preposition == "of" || (phrase.preposition == "for" && act != Act::fix);
    if (phrase.strength >= 3 && phrase.topic != Topic::none && !(belongs && !find_noun(object.head))) return of(phrase);
  }
  return {Topic::development, act == Act::change || act == Act::none ? 1 : 3, {}};
}

Judgement decide(Act act, std::string_view verb, const std::vector<NounPhrase>& phrases) {
  const NounPhrase& object = phrases.front();
  switch (act) {
    case Act::document: return {Topic::documentation, 4, {}};
    case Act::deploy: return judge_deploy(verb, object);
    case Act::audit: return judge_audit(verb, phrases);
    case Act::secure:
      return verb == "rotate" && !speaks_of_secret(phrases) ? Judgement{Topic::development, 2, {}}
                                                            : Judgement{Topic::security, 4, {}};
    case Act::test: return judge_test(phrases);
    case Act::catalog: return judge_catalog(verb, phrases);
    case Act::look: return judge_look(phrases);
    case Act::check: return judge_check(phrases);
    case Act::operate:
      if (const NounPhrase* any = first_with_topic(phrases, 3)) return of(*any);
      return {verb == "restart" || verb == "stop" ? Topic::cicd : Topic::development, 2, {}};
    case Act::design: return judge_design(object);
    case Act::need:
    case Act::none:
    case Act::build:
    case Act::change:
    case Act::fix: return judge_making(act, phrases);
  }
  return {};
}

/// The field that a verb stands for by itself.
Topic field_of(Act act) {
  switch (act) {
    case Act::test: return Topic::testing;
    case Act::audit:
    case Act::secure: return Topic::security;
    case Act::document: return Topic::documentation;
    case Act::deploy: return Topic::cicd;
    case Act::catalog: return Topic::inventory;
    default: return Topic::none;
  }
}

/// The noun that the field is known by, else the verb.
std::string cue_of(Topic topic, Act act, std::string_view verb, const std::vector<NounPhrase>& phrases) {
  if (topic == Topic::none) return {};
  for (const NounPhrase& phrase : phrases)
    if (phrase.topic == topic && !phrase.cue.empty() && field_of(act) != topic) return phrase.cue;
  if (field_of(act) == topic) return std::string(verb);
  for (const NounPhrase& phrase : phrases)
    if (topic == Topic::security && phrase.is_secret) return std::string(phrase.head);
  return topic == Topic::development ? std::string() : std::string(verb);
}

}  // namespace

Judgement judge(Act act, std::string_view verb, const std::vector<NounPhrase>& phrases) {
  Judgement judgement = decide(act, verb, phrases);
  judgement.cue = cue_of(judgement.topic, act, verb, phrases);
  return judgement;
}

Work work_of(Act act, Topic topic, const NounPhrase& object) {
  if (act == Act::design) return Work::design;
  switch (topic) {
    case Topic::testing: return Work::test;
    case Topic::documentation: return Work::document;
    case Topic::inventory: return Work::catalog;
    case Topic::security:
      return act == Act::build || act == Act::change || act == Act::fix || act == Act::secure
                 ? (object.is_work ? Work::audit : Work::implement)
                 : Work::audit;
    case Topic::cicd: {
      const bool brings_out = object.head == "deployment" || object.head == "rollout" || object.head == "release";
      const bool makes = act == Act::build || act == Act::change || act == Act::fix;
      return makes && !brings_out ? Work::implement : Work::deploy;
    }
    case Topic::none:
    case Topic::development: break;
  }
  return Work::implement;
}

std::string_view worker_type(Work work) {
  switch (work) {
    case Work::design: return "planner";
    case Work::catalog: return "catalog";
    case Work::implement: return "implementation";
    case Work::test: return "test";
    case Work::audit: return "audit";
    case Work::document: return "documentation";
    case Work::deploy: return "deployment";
  }
  return "implementation";
}

}  // namespace baton::core
