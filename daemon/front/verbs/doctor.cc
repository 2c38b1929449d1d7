// baton doctor: what is wrong here, and what to do about it.
#include <algorithm>

#include "base/text.h"
#include "front/doctor.h"
#include "front/render.h"
#include "front/verbs.h"

namespace baton::front {
namespace {

std::string_view word_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::ok: return "ok";
    case Verdict::warn: return "warn";
    case Verdict::fail: return "fail";
  }
  return "fail";
}

void print(Output& out, const Check& check) {
  const std::string_view word = word_of(check.verdict);
  out.line(out.paint(colour_of(word), pad_to(std::string(word), 4)) + "  " + pad_to(check.subject, 12) + "  " +
           text::printable(check.finding));
  if (!check.advice.empty()) out.line("                    → " + text::printable(check.advice));
}

Data data_of(const Checks& checks) {
  Data list = Data::array();
  for (const Check& check : checks) {
    Data item;
    item.set("verdict", word_of(check.verdict)).set("subject", check.subject).set("finding", check.finding);
    list.push(std::move(item.set_if("advice", check.advice)));
  }
  Data data;
  data.set("checks", std::move(list));
  return data;
}

Result<int> run(Context& context) {
  TRY_VALUE(const Folder folder, Folder::find(context.globals, Folder::Need::any));
  Checks checks;
  for (const auto look : {check_layout, check_modes, check_filesystem, check_disk, check_daemon, check_documents, check_refused,
                          check_orphans, check_jobs})
    look(folder, checks);
  context.out.data(data_of(checks));
  context.out.line(folder.root());
  for (const Check& check : checks) print(context.out, check);
  const bool failed =
      std::any_of(checks.begin(), checks.end(), [](const Check& check) { return check.verdict == Verdict::fail; });
  return failed ? exit_code::k_no : exit_code::k_ok;
}

constexpr Example k_examples[] = {
    {"baton doctor", "exit 1 when something has failed"},
    {"sudo -u baton baton --coordination /srv/project/coordination doctor", "as the daemon's user"},
};

}  // namespace

constinit const Verb verbs::k_doctor{.name = "doctor",
                                     .summary = "Check the folder, its filesystem, the daemon and its jobs",
                                     .group = Group::inspect,
                                     .examples = k_examples,
                                     .run = run};

}  // namespace baton::front
