// Every document under examples/<kind>/valid is accepted; every one under invalid is refused with the message beside it (.txt).
// BATON_UPDATE_EXAMPLES=1 rewrites the messages; the difference is then reviewed like code.
#include <doctest/doctest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>

#include "protocol/config.h"
#include "protocol/door.h"
#include "protocol/example_files.h"
#include "protocol/readers.h"
#include "protocol/validate.h"

using namespace baton;
using namespace baton::protocol;

namespace {

template <class T>
std::optional<Error> error_of(Result<T> result) {
  return result ? std::nullopt : std::optional(result.error());
}

/// As its reader judges it; kinds that nobody reads are judged by their schema.
std::optional<Error> judge(Kind kind, const std::string& bytes) {
  switch (kind) {
    case Kind::task: return error_of(read_dropped_json(bytes));
    case Kind::result: return error_of(read_result(bytes));
    case Kind::handoff: return error_of(read_handoff(bytes));
    case Kind::worker_spec: return error_of(read_worker_spec(bytes));
    case Kind::command: return error_of(read_command(bytes));
    case Kind::config: return error_of(read_config(bytes));
    case Kind::master: return error_of(read_master("example", bytes));
    case Kind::playbook: return error_of(read_playbook("example", bytes));
    case Kind::planner_answer: return error_of(read_planner_answer(bytes));
    default: break;
  }
  if (auto error = error_of(check_json(bytes))) return error;
  return error_of(validate(kind, nlohmann::json::parse(bytes), bytes));
}

/// "line:column pointer: message" and, if there is one, the hint on the next line.
std::string shown(const Error& error) {
  return std::to_string(error.place.line) + ":" + std::to_string(error.place.column) + " " + error.place.pointer + ": " +
         error.message + "\n" + (error.hint.empty() ? "" : "hint: " + error.hint + "\n");
}

std::string folder_of(Kind kind) { return (test::examples_folder() / name(kind)).string(); }

}  // namespace

TEST_CASE("valid examples of every kind are accepted") {
  for (const Kind kind : all_kinds()) {
    const auto files = test::files_in(folder_of(kind) + "/valid", ".json");
    CHECK_MESSAGE(files.size() >= 2, name(kind), " has too few valid examples");
    for (const auto& file : files) {
      const auto error = judge(kind, test::file_text(file));
      CHECK_MESSAGE(!error, file.string(), ": ", error ? shown(*error) : "");
    }
  }
}

TEST_CASE("invalid examples of every kind are refused with the message beside them") {
  const bool update = std::getenv("BATON_UPDATE_EXAMPLES") != nullptr;
  for (const Kind kind : all_kinds()) {
    const auto files = test::files_in(folder_of(kind) + "/invalid", ".json");
    CHECK_MESSAGE(files.size() >= 2, name(kind), " has too few invalid examples");
    for (const auto& file : files) {
      const auto error = judge(kind, test::file_text(file));
      REQUIRE_MESSAGE(error, file.string(), " was accepted");
      CHECK(error->code == ErrorCode::invalid);
      CHECK_MESSAGE(!error->hint.empty(), file.string(), " is refused without a word of what to do");
      auto beside = file;
      beside.replace_extension(".txt");
      if (update) std::ofstream(beside, std::ios::binary) << shown(*error);
      CHECK_MESSAGE(test::file_text(beside) == shown(*error), file.string(), " says: ", shown(*error));
    }
  }
}
