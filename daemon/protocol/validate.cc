// The only place that knows valijson.
#include "protocol/validate.h"

#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "protocol/door.h"
#include "protocol/explain.h"

namespace baton::protocol {
namespace {

using nlohmann::json;
using Adapter = valijson::adapters::NlohmannJsonAdapter;

constexpr std::size_t k_max_problems = 20;

json schema_of(Kind kind) { return json::parse(schema_text(kind)); }

/// One schema, ready for use. The validator keeps its compiled patterns.
struct Compiled {
  explicit Compiled(Kind kind) {
    valijson::SchemaParser(valijson::SchemaParser::kDraft7).populateSchema(Adapter(schema_of(kind)), schema);
  }
  valijson::Schema schema;
  valijson::Validator validator;
};

/// Compiled at the first use; one set per thread, because a validator is changed by its use.
Compiled& compiled(Kind kind) {
  thread_local std::array<std::unique_ptr<Compiled>, static_cast<std::size_t>(Kind::event) + 1> all;
  auto& slot = all.at(static_cast<std::size_t>(kind));
  if (!slot) slot = std::make_unique<Compiled>(kind);
  return *slot;
}

/// The validator writes a step as "[name]", below "<root>".
Complaint complaint_of(const valijson::ValidationResults::Error& error) {
  Complaint complaint{{}, error.description};
  for (std::size_t i = 1; i < error.context.size(); ++i)
    complaint.path.push_back(error.context[i].substr(1, error.context[i].size() - 2));
  return complaint;
}

}  // namespace

std::vector<Problem> problems(Kind kind, const json& document) {
  Compiled& rules = compiled(kind);
  // Without results the validator stops at the first problem and builds no texts; nearly all documents are valid.
  if (rules.validator.validate(rules.schema, Adapter(document), nullptr)) return {};
  valijson::ValidationResults results;
  rules.validator.validate(rules.schema, Adapter(document), &results);
  std::vector<Complaint> complaints;
  for (const auto& error : results) complaints.push_back(complaint_of(error));
  auto explained = explain(schema_of(kind), document, complaints, k_max_problems);
  if (explained.empty()) explained.push_back({"", "the document does not fit its schema", ""});
  return explained;
}

Result<> validate(Kind kind, const json& document, std::string_view bytes) {
  auto found = problems(kind, document);
  if (found.empty()) return {};
  Problem& first = found.front();
  Place place{first.pointer, 0, 0};
  if (!bytes.empty()) place = place_of_pointer(bytes, first.pointer);
  return fail(ErrorCode::invalid, std::move(first.message), std::move(first.suggestion), std::move(place));
}

}  // namespace baton::protocol
