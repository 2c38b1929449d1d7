#include "base/text.h"
#include "protocol/write_parts.h"
#include "protocol/writers.h"

namespace baton::protocol {
namespace {

constexpr std::size_t k_max_description = 4096;  // bytes; its plan has all of it

}  // namespace

std::string write_child_context(const core::Task& parent, const core::Subtask& subtask) {
  JsonWriter out(JsonWriter::compact());
  out.begin_object();
  out.begin_object("parent");
  out.member("task_id", parent.spec.id);
  out.member("subtask_id", subtask.spec.id);
  out.member("title", title_of(parent.spec));
  out.member("description", text::ellipsis(parent.spec.description, k_max_description));
  out.member_if("success_criteria", text::ellipsis(parent.spec.success_criteria, k_max_description));
  out.end_object();
  upstream_results(out, parent, subtask);
  out.carried_if("context", parent.spec.context);
  out.end_object();
  return out.take();
}

}  // namespace baton::protocol
