// One entry of the queue: its id, and some of its members set or removed.
#include <algorithm>

#include "protocol/json_tokens.h"
#include "protocol/json_write.h"
#include "protocol/queue_file.h"
#include "protocol/splice.h"

namespace baton::protocol {
namespace {

using Members = std::vector<JsonMember>;
using Wishes = std::vector<std::pair<std::string, std::string>>;

// How members of this object are set apart; an object without members is taken to stand on one line.
struct Style {
  std::string between = ", ";
  std::string colon = ": ";
};

Style style_of(std::string_view entry, const Members& members) {
  Style style;
  if (members.empty()) return style;
  const JsonMember& last = members.back();
  style.colon = entry.substr(last.key_end, last.value_begin - last.key_end);
  if (members.size() > 1) {
    const std::size_t from = members[members.size() - 2].value_end;
    style.between = entry.substr(from, last.key_begin - from);
  } else {
    const std::size_t from = entry.find('{') + 1;
    style.between = "," + std::string(entry.substr(from, last.key_begin - from));
  }
  return style;
}

const std::string* wish_for(const Wishes& wishes, std::string_view key) {
  const auto found = std::ranges::find(wishes, key, &Wishes::value_type::first);
  return found == wishes.end() ? nullptr : &found->second;
}

bool is_last_of_its_name(const Members& members, std::size_t index) {
  return std::none_of(members.begin() + static_cast<std::ptrdiff_t>(index) + 1, members.end(),
                      [&](const JsonMember& later) { return later.key == members[index].key; });
}

// A removed member goes with the comma behind it as long as nothing was kept before it, afterwards with the comma in front.
std::vector<Splice> splices_for(const Members& members, const Wishes& wishes, bool& any_kept) {
  std::vector<Splice> splices;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const JsonMember& member = members[i];
    const std::string* wish = wish_for(wishes, member.key);
    if (wish == nullptr || !wish->empty()) {
      any_kept = true;
      if (wish != nullptr && is_last_of_its_name(members, i)) splices.push_back({member.value_begin, member.value_end, *wish});
      continue;
    }
    if (any_kept)
      splices.push_back({members[i - 1].value_end, member.value_end, {}});
    else
      splices.push_back({member.key_begin, i + 1 < members.size() ? members[i + 1].key_begin : member.value_end, {}});
  }
  return splices;
}

std::string added(const Members& members, const Wishes& wishes, const Style& style, bool any_kept) {
  std::string text;
  for (const auto& [key, value] : wishes) {
    if (value.empty() || std::ranges::find(members, key, &JsonMember::key) != members.end()) continue;
    if (any_kept) text += style.between;
    text += json_string(key) + style.colon + value;
    any_kept = true;
  }
  return text;
}

}  // namespace

std::string entry_id(std::string_view entry) {
  std::string id, task_id;
  for (const JsonMember& member : object_members(entry)) {
    const bool is_id = member.key == "id";
    if (!is_id && member.key != "task_id") continue;
    const std::string_view value = entry.substr(member.value_begin, member.value_end - member.value_begin);
    (is_id ? id : task_id) = value.starts_with('"') ? unescape_string(value) : std::string();
  }
  return id.empty() ? task_id : id;
}

std::string patch_entry(std::string_view entry, const std::vector<std::pair<std::string, std::string>>& members) {
  if (!is_object_text(entry)) return std::string(entry);
  const Members present = object_members(entry);
  const Style style = style_of(entry, present);
  bool any_kept = false;
  std::vector<Splice> splices = splices_for(present, members, any_kept);
  const std::string tail = added(present, members, style, any_kept);
  const std::size_t end = present.empty() ? entry.find('{') + 1 : present.back().value_end;
  splices.push_back({end, end, tail});
  return splice(entry, splices);
}

}  // namespace baton::protocol
