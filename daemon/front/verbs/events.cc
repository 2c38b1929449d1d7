// baton events: the feed, for people or as it stands.
#include <unistd.h>

#include "front/await.h"
#include "front/caller.h"
#include "front/feed_reader.h"
#include "front/verbs.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

constexpr std::size_t k_before_following = 10;  // lines

Result<bool> print_next(Context& context, FeedReader& feed) {
  TRY_VALUE(const auto lines, feed.next());
  for (const std::string& line : lines) {
    if (context.out.json())
      context.out.raw(line + "\n");
    else
      context.out.line(event_text(context.out, line));
  }
  return !lines.empty();
}

Result<> print_all(Context& context, FeedReader& feed) {
  for (bool more = true; more;) {
    TRY_VALUE(more, print_next(context, feed));
  }
  context.out.flush();
  return {};
}

Result<int> run(Context& context) {
  TRY_VALUE(const auto since, context.arguments.number("since", 0, INT64_MAX));
  TRY_VALUE(const Folder folder, Folder::find(context.globals));
  const bool follow = context.arguments.has("follow");
  FeedReader feed(folder);
  // The watch stands before the first look: what is appended between the two wakes it.
  TRY_VALUE(Waiter waiter, Waiter::open(folder, {""}));
  if (since) TRY(feed.start_after(*since));
  if (!since && follow) TRY(feed.start_at_end(k_before_following));
  TRY(print_all(context, feed));
  if (!follow) return exit_code::k_ok;
  const CatchInterrupt catching;
  const Caller reader = Caller::reader_of(context.out.terminal() ? -1 : STDOUT_FILENO);
  while (waiter.sleep(std::nullopt, &reader) != Woke::interrupted && !reader.gone()) TRY(print_all(context, feed));
  return interrupted() ? exit_code_of_interrupt() : exit_code::k_ok;
}

constexpr Option k_options[] = {
    {.name = "follow", .letter = 'f', .help = "go on with what is appended, until Ctrl-C"},
    {.name = "since", .value = "SEQ", .help = "only events after this number, also from rotated files"},
};
constexpr Example k_examples[] = {
    {"baton events -f"},
    {"baton events --since 0", "everything that is kept"},
    {"baton events --json | jq -r .type | sort | uniq -c", "the lines of the feed as they stand"},
};

}  // namespace

constinit const Verb verbs::k_events{.name = "events",
                                     .summary = "Print the event feed",
                                     .group = Group::tasks,
                                     .options = k_options,
                                     .examples = k_examples,
                                     .run = run};

}  // namespace baton::front
