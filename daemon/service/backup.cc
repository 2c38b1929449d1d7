#include "service/backup.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <utility>

#include "platform/fd.h"
#include "platform/random.h"
#include "service/filing.h"

namespace baton::service {

namespace {

constexpr std::string_view k_prefix = "backup:";  // in the journal's meta table, followed by a mark; the value is the file
constexpr std::size_t k_mark_length = 16;

std::string row_name(const std::string& mark) { return std::string(k_prefix) + mark; }

/// Nobody else makes this name.
std::string partial_name(const std::string& file, const std::string& mark) { return folder_of(file) + "/.baton-backup-" + mark; }

tl::unexpected<Error> exists(const std::string& file) {
  return fail(ErrorCode::refused, "cannot copy the journal: " + file + " exists", "choose another name");
}

Result<> sync_folder_of(const std::string& file) {
  const platform::Fd folder(::open((folder_of(file) + "/").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || ::fsync(folder.get()) != 0) return fail_errno("cannot sync the folder of " + file, errno);
  return {};
}

Result<> give_name(const std::string& partial, const std::string& file) {
  if (::renameat2(AT_FDCWD, partial.c_str(), AT_FDCWD, file.c_str(), RENAME_NOREPLACE) == 0) return {};
  const int error = errno;
  // Some filesystems only know the plain rename; that nothing stood there was looked at.
  if (error == EINVAL && ::rename(partial.c_str(), file.c_str()) == 0) return {};
  ::unlink(partial.c_str());
  return error == EEXIST ? exists(file) : fail_errno("cannot name the copy " + file, error);
}

}  // namespace

void Backups::restore(const std::map<std::string, std::string>& meta) {
  for (auto at = meta.lower_bound(std::string(k_prefix)); at != meta.end() && at->first.starts_with(k_prefix); ++at) {
    const std::string mark = at->first.substr(k_prefix.size());
    ::unlink(partial_name(at->second, mark).c_str());
    begun_[at->second] = mark;
  }
}

void Backups::start(const core::InputRef& input, const std::string& file, Turn& turn) {
  auto begun = begun_.extract(file);
  const bool again = !begun.empty();
  std::string mark = again ? std::move(begun.mapped()) : platform::random_word(k_mark_length);
  turn.commit.meta[row_name(mark)] = file;
  due_.push_back({input, file, std::move(mark), again});
}

void Backups::work(Turn& turn) {
  for (const Job& job : std::exchange(due_, {})) {
    const auto made = make(job);
    turn.commit.meta_gone.push_back(row_name(job.mark));
    turn.changes.effects.emplace_back(
        core::AnswerCommand{job.input, made.has_value(), made ? "the journal was copied to " + job.file : made.error().message});
  }
}

Result<> Backups::make(const Job& job) {
  struct ::stat stands {};
  if (::lstat(job.file.c_str(), &stands) == 0) {
    const bool ours = job.again && S_ISREG(stands.st_mode) && store::says(job.file, row_name(job.mark), job.file);
    return ours ? sync_folder_of(job.file) : exists(job.file);
  }
  const std::string partial = partial_name(job.file, job.mark);
  TRY(world_.store.copy_to(partial));
  TRY(give_name(partial, job.file));
  return sync_folder_of(job.file);
}

}  // namespace baton::service
