// `checkpoint` as documents spell it. Private to the readers.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/result.h"
#include "protocol/checkpoint.h"
#include "protocol/tolerance.h"

namespace baton::protocol {

/// Whether a document of this kind may bring commands at all.
enum class Commands { taken, refused };

/// `checkpoint` as text (a criterion in words, or a name of config.json) or as an object with `commands`.
Result<> normalise_checkpoint(Fields& fields, Commands commands = Commands::taken);
/// The same after the schema, as JSON text; empty when there is none. `pointer`: of the object that holds it.
Result<std::string> checkpoint_of(const Document& document, const nlohmann::json& object, const std::string& pointer);

/// `checkpoints` of config.json: a list of commands, or an object.
Result<> normalise_checks(Fields& fields);
Result<Checks> checks_of(const Document& document, const nlohmann::json& object);
/// As config.json would say it.
nlohmann::json checks_value(const Checks& checks);

}  // namespace baton::protocol
