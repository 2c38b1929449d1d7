// What a worker was found dead for, as it goes with the worker's own spec. Nothing that the worker wrote is changed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/health.h"

namespace baton::protocol {

/// A document of its own, for a worker whose spec cannot carry it: {"worker_id", "verdict": {state, reason, evidence[], at}}. It
/// is itself a worker spec, of which nothing follows.
std::string write_verdict(std::string_view worker_id, const core::WorkerVerdict& verdict, std::int64_t wall_ms);

/// `spec` with the verdict of such a document as one member more, every other byte as it was. Nothing: it is no JSON object, or
/// its worker has a member of that name.
std::optional<std::string> with_verdict(std::string_view spec, std::string_view verdict_document);
/// It was made by with_verdict, or is the document itself.
bool carries_verdict(std::string_view bytes, std::string_view verdict_document);

}  // namespace baton::protocol
