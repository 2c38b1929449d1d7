#include "front/read_input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>

#include "base/text.h"
#include "platform/fd.h"

namespace baton::front {
namespace {

constexpr std::size_t k_step = 64 << 10;

Result<std::string> read_all(int fd, const std::string& what) {
  std::string bytes;
  for (;;) {
    const std::size_t before = bytes.size();
    bytes.resize(before + k_step);
    const ssize_t got = read(fd, bytes.data() + before, k_step);
    if (got < 0 && errno != EINTR) return fail_errno("cannot read " + what, errno);
    bytes.resize(before + static_cast<std::size_t>(got < 0 ? 0 : got));
    if (got == 0) return bytes;
    if (bytes.size() > k_max_input) return fail(ErrorCode::invalid, what + " is larger than 64 MiB");
  }
}

}  // namespace

Result<std::string> read_input(const std::string& path) {
  if (path == "-") return read_all(STDIN_FILENO, "standard input");
  const platform::Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd) return fail_errno("cannot read " + path, errno);
  struct stat status {};
  if (fstat(fd.get(), &status) != 0) return fail_errno("cannot read " + path, errno);
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::invalid, path + " is no regular file");
  return read_all(fd.get(), path);
}

Result<> write_output(const std::string& path, std::string_view bytes) {
  const platform::Fd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0600));
  if (!fd) return fail_errno("cannot write " + path, errno);
  while (!bytes.empty()) {
    const ssize_t written = write(fd.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail_errno("cannot write " + path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

bool is_markdown(std::string_view path, std::string_view bytes) {
  if (path != "-") return path.ends_with(".md") || path.ends_with(".markdown");
  const std::string_view begin = text::trim(bytes.substr(0, 64));
  return !begin.starts_with('{') && !begin.starts_with('[');
}

}  // namespace baton::front
