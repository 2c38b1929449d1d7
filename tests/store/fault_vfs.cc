#include "store/fault_vfs.h"

#include <cstring>
#include <new>

namespace baton::test {
namespace {

FaultVfs* current = nullptr;
sqlite3_vfs* real = nullptr;

struct File {
  sqlite3_file base;
  const char* path;
  sqlite3_file* inner() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

File* as_file(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
sqlite3_file* inner(sqlite3_file* file) { return as_file(file)->inner(); }

bool fails(bool is_sync) {
  if (current->only_syncs && !is_sync) return false;
  const int at = current->writes++;
  return current->fail_at >= 0 && (at == current->fail_at || (current->fail_after && at > current->fail_at));
}

void tell(sqlite3_file* file, std::string_view bytes, std::int64_t offset) {
  if (current->before_write && as_file(file)->path != nullptr) current->before_write(as_file(file)->path, bytes, offset);
}

int close(sqlite3_file* f) { return inner(f)->pMethods->xClose(inner(f)); }
int read(sqlite3_file* f, void* to, int size, sqlite3_int64 at) {
  ++current->reads;
  return inner(f)->pMethods->xRead(inner(f), to, size, at);
}
int write(sqlite3_file* f, const void* from, int size, sqlite3_int64 at) {
  tell(f, {static_cast<const char*>(from), static_cast<std::size_t>(size)}, at);
  return fails(false) ? current->fail_code : inner(f)->pMethods->xWrite(inner(f), from, size, at);
}
int truncate(sqlite3_file* f, sqlite3_int64 size) {
  tell(f, {}, size);
  return fails(false) ? current->fail_code : inner(f)->pMethods->xTruncate(inner(f), size);
}
int sync(sqlite3_file* f, int flags) {
  tell(f, {}, 0);
  return fails(true) ? current->fail_code : inner(f)->pMethods->xSync(inner(f), flags);
}
int file_size(sqlite3_file* f, sqlite3_int64* size) { return inner(f)->pMethods->xFileSize(inner(f), size); }
int lock(sqlite3_file* f, int level) { return inner(f)->pMethods->xLock(inner(f), level); }
int unlock(sqlite3_file* f, int level) { return inner(f)->pMethods->xUnlock(inner(f), level); }
int check_lock(sqlite3_file* f, int* out) { return inner(f)->pMethods->xCheckReservedLock(inner(f), out); }
int control(sqlite3_file* f, int op, void* arg) {
  if (op == SQLITE_FCNTL_LAST_ERRNO && current->fail_errno != 0) {
    *static_cast<int*>(arg) = current->fail_errno;
    return SQLITE_OK;
  }
  return inner(f)->pMethods->xFileControl(inner(f), op, arg);
}
int sector(sqlite3_file* f) { return inner(f)->pMethods->xSectorSize(inner(f)); }
int traits(sqlite3_file* f) { return inner(f)->pMethods->xDeviceCharacteristics(inner(f)); }

// Version 1: no shared memory and no mapping. A journal that needs the one or the other would not open in these tests.
const sqlite3_io_methods methods = {1,       close,  read,   write,   truncate, sync,    file_size, lock,    unlock, check_lock,
                                    control, sector, traits, nullptr, nullptr,  nullptr, nullptr,   nullptr, nullptr};

int open(sqlite3_vfs*, sqlite3_filename path, sqlite3_file* file, int flags, int* out_flags) {
  File* made = new (file) File{};
  made->path = path;
  const int code = real->xOpen(real, path, made->inner(), flags, out_flags);
  made->base.pMethods = made->inner()->pMethods == nullptr ? nullptr : &methods;
  return code;
}

int last_error(sqlite3_vfs*, int size, char* text) {
  return current->fail_errno != 0 ? current->fail_errno : real->xGetLastError(real, size, text);
}

sqlite3_vfs vfs;

}  // namespace

FaultVfs::FaultVfs() {
  real = sqlite3_vfs_find(nullptr);
  vfs = *real;
  vfs.pNext = nullptr;
  vfs.zName = "fault";
  vfs.szOsFile = static_cast<int>(sizeof(File)) + real->szOsFile;
  vfs.xOpen = open;
  vfs.xGetLastError = last_error;
  current = this;
  sqlite3_vfs_register(&vfs, 1);
}

FaultVfs::~FaultVfs() {
  sqlite3_vfs_unregister(&vfs);
  sqlite3_vfs_register(real, 1);
  current = nullptr;
}

}  // namespace baton::test
