#include "service/backup.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>

#include "platform/fd.h"
#include "service/filing.h"

namespace baton::service {

namespace {

tl::unexpected<Error> exists(const std::string& file) {
  return fail(ErrorCode::refused, "cannot copy the journal: " + file + " exists", "choose another name");
}

Result<> sync_folder_of(const std::string& file) {
  const platform::Fd folder(::open((folder_of(file) + "/").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || ::fsync(folder.get()) != 0) return fail_errno("cannot sync the folder of " + file, errno);
  return {};
}

}  // namespace

Result<> backup(store::Store& store, const std::string& file) {
  struct ::stat stands {};
  if (::lstat(file.c_str(), &stands) == 0) return exists(file);
  const std::string partial = file + ".partial";
  ::unlink(partial.c_str());  // of a daemon that was killed while it copied
  TRY(store.copy_to(partial));
  if (::renameat2(AT_FDCWD, partial.c_str(), AT_FDCWD, file.c_str(), RENAME_NOREPLACE) != 0) {
    const int error = errno;
    // Some filesystems only know the plain rename; that nothing stood there was looked at.
    if (error != EINVAL || ::rename(partial.c_str(), file.c_str()) != 0) {
      ::unlink(partial.c_str());
      return error == EEXIST ? exists(file) : fail_errno("cannot name the copy " + file, error);
    }
  }
  return sync_folder_of(file);
}

}  // namespace baton::service
