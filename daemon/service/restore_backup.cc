#include "service/restore_backup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>
#include <system_error>

#include "base/time.h"
#include "platform/fd.h"
#include "platform/files_at.h"
#include "platform/loop.h"
#include "protocol/paths.h"
#include "service/tenancy.h"
#include "store/store.h"

namespace baton::service {
namespace {

namespace fs = std::filesystem;
namespace paths = protocol::paths;

constexpr std::string_view k_copy = "/.baton-restore";
constexpr ::mode_t k_private = 0600;
constexpr std::streamoff k_feed_end = 64 << 10;               // bytes that are looked through
constexpr std::string_view k_line_begin = "{\"timestamp\":";  // of our own lines
constexpr std::string_view k_seq_member = "\"seq\":";
constexpr std::int64_t k_largest_seq = std::int64_t{1} << 53;  // that every reader of JSON understands

Result<> sync(const std::string& path) {
  const platform::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) return fail_errno("cannot sync " + path, errno);
  return {};
}

Result<> copy(const std::string& from, const std::string& to) {
  std::error_code error;
  if (!fs::is_regular_file(from, error)) return fail(ErrorCode::not_found, "there is no file " + from);
  fs::copy_file(from, to, fs::copy_options::overwrite_existing, error);
  if (error) return fail_errno("cannot copy " + from + " to " + to, error.value());
  if (::chmod(to.c_str(), k_private) != 0) return fail_errno("cannot set the mode of " + to, errno);
  return sync(to);
}

/// The last number that the journal gave to a line of the feed; nothing when it cannot be read.
std::optional<std::int64_t> last_seq_in(const std::string& journal) {
  std::error_code error;
  if (!fs::exists(journal, error)) return std::nullopt;
  auto store = store::Store::open(journal);
  if (!store) return std::nullopt;
  const auto loaded = store->load();
  static_cast<void>(store->close());
  return loaded ? std::optional(loaded->last_seq) : std::nullopt;
}

/// The last number near the end of a file of the feed; 0: none is there.
std::int64_t last_seq_at_end(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  file.seekg(-std::min<std::streamoff>(file.tellg(), k_feed_end), std::ios::end);
  std::int64_t last = 0;
  for (std::string line; std::getline(file, line);) {
    const std::size_t at = line.find(k_seq_member);
    if (!line.starts_with(k_line_begin) || at == std::string::npos) continue;
    std::int64_t seq = 0;
    std::from_chars(line.data() + at + k_seq_member.size(), line.data() + line.size(), seq);
    if (seq <= k_largest_seq) last = std::max(last, seq);
  }
  return last;
}

/// Only where no journal can say it: a line of the feed may be anybody's. Just rotated, the feed has no line yet.
std::int64_t last_seq_in_feed(const std::string& coordination) {
  return std::max(last_seq_at_end(coordination + "/" + paths::feed(0)), last_seq_at_end(coordination + "/" + paths::feed(1)));
}

Result<Restored> prepare(const std::string& copy, std::int64_t last_seq) {
  TRY_VALUE(store::Store store, store::Store::open(copy));
  TRY_VALUE(const store::Loaded loaded, store.load());
  Restored restored{"", loaded.live.size(), std::max(last_seq, loaded.last_seq)};
  store::Commit commit;
  commit.feed_synced = restored.last_seq;
  commit.meta["boot_id"] = "restored";  // no machine's: whatever was under way then is not any more
  TRY(store.commit(commit));
  TRY(store.close());
  TRY(sync(copy));
  return restored;
}

/// The journal stays in its place under a second name. A log beside it would be taken for the new one's, so it goes.
Result<std::string> keep(const std::string& state_dir, const std::string& journal) {
  std::error_code error;
  if (!fs::exists(journal, error)) return std::string();
  std::string folder = state_dir + "/before-restore-" + format_utc(platform::now().wall_ms);
  std::erase(folder, ':');
  if (::mkdir(folder.c_str(), 0700) != 0) return fail_errno("cannot make " + folder, errno);
  const std::string name = "/" + std::string(paths::k_journal_name);
  if (::link(journal.c_str(), (folder + name).c_str()) != 0) return fail_errno("cannot keep " + journal, errno);
  for (const char* ending : {"-wal", "-shm"})
    if (::rename((journal + ending).c_str(), (folder + name + ending).c_str()) != 0 && errno != ENOENT)
      return fail_errno("cannot keep " + journal + ending, errno);
  TRY(sync(folder));
  return folder;
}

}  // namespace

Result<Restored> restore_backup(const RestoreOrder& order) {
  TRY_VALUE(const auto files, platform::open_files(order.coordination, k_private, 0700));
  TRY_VALUE(Tenancy tenancy, Tenancy::take(*files, order.coordination, order.state_dir, k_private));
  const std::string made = order.state_dir + std::string(k_copy);
  TRY(copy(order.file, made));
  const auto known = last_seq_in(tenancy.journal());
  auto restored = prepare(made, known ? *known : last_seq_in_feed(order.coordination));
  if (!restored) {
    ::unlink(made.c_str());
    restored.error().message = order.file + " cannot be restored: " + restored.error().message;
    return restored;
  }
  TRY_VALUE(restored->kept, keep(order.state_dir, tenancy.journal()));
  if (::rename(made.c_str(), tenancy.journal().c_str()) != 0) return fail_errno("cannot replace " + tenancy.journal(), errno);
  TRY(sync(order.state_dir));
  tenancy.remember_place();
  return restored;
}

}  // namespace baton::service
