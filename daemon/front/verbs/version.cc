// baton version
#include "front/verbs.h"

namespace baton::front {
namespace {

constexpr int k_protocol = 1;  // docs/protocol.md

Result<int> run(Context& context) {
  Data data;
  data.set("version", BATON_VERSION).set("protocol", k_protocol);
  context.out.data(data);
  context.out.line("baton " BATON_VERSION ", filesystem protocol " + std::to_string(k_protocol));
  return exit_code::k_ok;
}

}  // namespace

constinit const Verb verbs::k_version{.name = "version", .summary = "Print the version", .group = Group::inspect, .run = run};

}  // namespace baton::front
