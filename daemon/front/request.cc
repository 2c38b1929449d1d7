#include "front/request.h"

#include <unistd.h>

#include "front/await.h"
#include "front/views.h"
#include "platform/random.h"
#include "protocol/paths.h"

namespace baton::front {

namespace paths = protocol::paths;

tl::unexpected<Error> fail_no_daemon(const Folder& folder) {
  return fail(ErrorCode::no_daemon, "no daemon is running for " + folder.root(), "start it with: baton daemon");
}

Result<Answer> request(const Folder& folder, std::string_view verb, Data document, std::int64_t limit_ms) {
  if (!folder.daemon()) return fail_no_daemon(folder);
  const std::string name = std::string(verb) + "-" + std::to_string(getpid()) + "-" + platform::random_word(8) + ".json";
  const std::string commands(paths::k_commands);
  const std::string done_folder(paths::k_commands_done);
  const std::string answer_path = paths::join(done_folder, name);
  if (auto written = folder.put(commands, name, document.document(), platform::Replace::no); !written)
    return tl::make_unexpected(std::move(written).error());

  TRY_VALUE(const Woke woke, await(folder, {done_folder, commands}, limit_ms, [&] { return folder.exists(answer_path); }));
  if (woke == Woke::interrupted) return fail(ErrorCode::timed_out, "interrupted; the request " + name + " stands");
  if (woke == Woke::timed_out)
    return fail(ErrorCode::timed_out,
                "the daemon did not answer within " + std::to_string(limit_ms / 1000) + " s; the request " +
                    paths::join(commands, name) + " stands",
                "see: baton doctor");
  TRY_VALUE(std::string bytes, folder.read(answer_path));
  TRY_VALUE(auto reply, read_answer(bytes));
  return Answer{reply.ok, std::move(reply.message), std::move(bytes)};
}

}  // namespace baton::front
