// Which master takes a piece of work: by its field, else by the keywords of master.json.
#pragma once

#include <string>

#include "core/request.h"
#include "core/settings.h"

namespace baton::core {

struct Route {
  std::string domain;
  std::string master;
  std::string why;  // in words, for the person who asked
};
Route route(const Piece& piece, const Catalogue& catalogue);

/// The master, when one says it does `domain` or is named so; empty otherwise.
std::string specialist_for(std::string_view domain, const Catalogue& catalogue);

/// The master for a domain that somebody else has named ("its playbook says").
Route route_by_domain(std::string_view domain, std::string_view who, const Catalogue& catalogue);

/// The field that a task's `type` names ("bug-fix", "catalog", "development:feature"); none for other words.
Topic topic_of_type(std::string_view type);

}  // namespace baton::core
