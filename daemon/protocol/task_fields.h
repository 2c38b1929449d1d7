// One task as an object of a document: from whatever its author called things to the record. Private to the readers of tasks.
#pragma once

#include <string_view>

#include "base/result.h"
#include "core/model.h"
#include "protocol/document.h"
#include "protocol/readers.h"

namespace baton::protocol {

/// Older names and spellings become those of the schema; what that cannot say is checked here.
Result<> normalise_task(Document& document, core::Source source);

/// `own`: the bytes of this task alone.
Result<TaskIn> read_task(Document document, std::string_view own, core::Source source);

}  // namespace baton::protocol
