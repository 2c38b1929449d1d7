// baton validate: any protocol document, as the daemon would read it.
#include "base/text.h"
#include "front/document_check.h"
#include "front/locate.h"
#include "front/read_input.h"
#include "front/verbs.h"

namespace baton::front {
namespace {

/// not_found and the like: a file that cannot be read is not one that is wrong.
Result<Checked> check_file(const std::string& file) {
  TRY_VALUE(const std::string bytes, read_input(file));
  return check_document(file == "-" ? "standard input" : absolute_path(file), bytes);
}

Data data_of(const std::string& file, const Checked& checked) {
  Data problems = Data::array();
  for (const Finding& finding : checked.findings) {
    Data problem;
    problem.set("line", finding.place.line).set("pointer", finding.place.pointer).set("message", finding.message);
    problems.push(std::move(problem));
  }
  Data data;
  data.set("file", file).set("kind", checked.kind).set("valid", checked.findings.empty()).set("problems", std::move(problems));
  return data;
}

Result<int> run(Context& context) {
  Data files = Data::array();
  bool valid = true;
  for (const std::string& file : context.arguments.values("FILE")) {
    TRY_VALUE(const Checked checked, check_file(file));
    valid = valid && checked.findings.empty();
    files.push(data_of(file, checked));
    for (const Finding& finding : checked.findings) context.out.line(text::printable(finding_text(file, finding)));
    if (checked.findings.empty() && context.globals.verbose) context.out.note(file + ": valid " + checked.kind);
  }
  Data data;
  context.out.data(data.set("valid", valid).set("files", std::move(files)));
  return valid ? exit_code::k_ok : exit_code::k_invalid;
}

constexpr Operand k_operands[] = {
    {"FILE", "documents; the path tells their kind where it can; - reads standard input", true, true}};
constexpr Example k_examples[] = {
    {"baton validate task.json", "prints file:line: pointer: message, exit 8 when something is wrong"},
    {"baton validate coordination/orchestrator/playbooks/*.json"},
};

}  // namespace

constinit const Verb verbs::k_validate{.name = "validate",
                                       .summary = "Check protocol documents",
                                       .group = Group::inspect,
                                       .operands = k_operands,
                                       .examples = k_examples,
                                       .run = run};

}  // namespace baton::front
