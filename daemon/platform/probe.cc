#include "platform/probe.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/text.h"
#include "platform/fd.h"
#include "platform/random.h"

namespace baton::platform {
namespace {

constexpr int k_connect_ms = 2'000;
constexpr std::size_t k_first_bytes = 256;

/// Why a try failed; empty: it did not.
using Why = std::string;

Why because(int error) { return std::strerror(error); }

sockaddr_in address_of(const char* host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  ::inet_pton(AF_INET, host, &address.sin_addr);
  return address;
}

/// Sends nothing: the kernel only looks for a way to an address that nobody has (RFC 5737).
Why try_network() {
  const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return because(errno);
  const sockaddr_in far = address_of("192.0.2.1", 9);
  return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&far), sizeof far) == 0 ? Why() : because(errno);
}

/// To this very process: a packet filter that lets nothing pass shows here.
Why try_connections() {
  const Fd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const Fd talker(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!listener || !talker) return because(errno);
  sockaddr_in near = address_of("127.0.0.1", 0);
  socklen_t size = sizeof near;
  auto* const address = reinterpret_cast<sockaddr*>(&near);
  if (::bind(listener.get(), address, size) != 0 || ::listen(listener.get(), 1) != 0 ||
      ::getsockname(listener.get(), address, &size) != 0)
    return because(errno);
  if (::connect(talker.get(), address, size) != 0 && errno != EINPROGRESS) return because(errno);
  pollfd writable{.fd = talker.get(), .events = POLLOUT, .revents = 0};
  if (::poll(&writable, 1, k_connect_ms) != 1) return "no packet passes";
  int error = 0;
  socklen_t length = sizeof error;
  ::getsockopt(talker.get(), SOL_SOCKET, SO_ERROR, &error, &length);
  return error == 0 ? Why() : because(error);
}

/// Memory that is written and then run, as just-in-time compilers need it.
Why try_code() {
  const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  void* const page = ::mmap(nullptr, size, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return because(errno);
  ::munmap(page, size);
  return {};
}

/// Sets what is set already: only the call itself is tried.
Why try_priorities() {
  errno = 0;
  const int now = ::getpriority(PRIO_PROCESS, 0);
  if (errno != 0) return because(errno);
  return ::setpriority(PRIO_PROCESS, 0, now) == 0 ? Why() : because(errno);
}

Why try_writing(const std::string& folder) {
  const std::string path = folder + "/.baton-probe-" + random_word(8);
  const Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return because(errno);
  ::unlink(path.c_str());
  return {};
}

std::string variable(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? otherwise : value;
}

/// The program that a script names in its first line; empty: it is none.
std::string interpreter_of(const std::string& path) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  std::array<char, k_first_bytes> bytes{};
  const ssize_t count = file ? ::read(file.get(), bytes.data(), bytes.size()) : 0;
  const std::string_view begin(bytes.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
  if (!begin.starts_with("#!")) return {};
  const std::string_view line = text::trim(begin.substr(2, begin.find('\n') - 2));
  return std::string(line.substr(0, line.find_first_of(" \t")));
}

/// Why this file cannot be started. The kernel says so without starting it.
Why why_not_started(const std::string& path) {
  struct ::stat status {};
  if (::stat(path.c_str(), &status) != 0) return because(errno);
  if (!S_ISREG(status.st_mode)) return "it is no file";
  struct ::statvfs mount {};
  if (::statvfs(path.c_str(), &mount) == 0 && (mount.f_flag & ST_NOEXEC) != 0) return "no programs may be started there (noexec)";
  return ::faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0 ? Why() : because(errno);
}

ProgramLook look_at(const std::string& path) {
  ProgramLook look{path, why_not_started(path)};
  const std::string interpreter = look.problem.empty() ? interpreter_of(path) : std::string();
  if (interpreter.empty()) return look;
  if (const Why why = why_not_started(interpreter); !why.empty()) look.problem = "its interpreter " + interpreter + ": " + why;
  return look;
}

/// The first of PATH that can be started; if none can, the first that is there.
ProgramLook find(const std::string& program) {
  if (program.find('/') != std::string::npos) return look_at(program);
  ProgramLook first{"", "not found in PATH"};
  for (const std::string& folder : text::split(variable("PATH", "/usr/bin:/bin"), ':')) {
    const std::string path = (folder.empty() ? "." : folder) + "/" + program;
    if (::access(path.c_str(), F_OK) != 0) continue;
    ProgramLook look = look_at(path);
    if (look.problem.empty()) return look;
    if (first.path.empty()) first = look;
  }
  return first;
}

}  // namespace

ProbeResult probe(const std::vector<std::string>& programs) {
  ProbeResult result;
  for (const std::string& program : programs) result.programs.push_back(find(program));
  const auto tried = [&result](const char* what, const Why& why) {
    if (!why.empty()) result.denied.push_back({what, why});
  };
  tried("network", try_network());
  tried("connections", try_connections());
  tried("code", try_code());
  tried("priorities", try_priorities());
  tried("folder", try_writing("."));
  tried("tmp", try_writing(variable("TMPDIR", "/tmp")));
  tried("home", try_writing(variable("HOME", "/")));
  result.no_new_privileges = ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
  return result;
}

std::string to_lines(const ProbeResult& result) {
  std::string lines;
  const auto line = [&lines](std::string_view kind, const std::string& one, const std::string& other) {
    lines += std::string(kind) + "\t" + text::printable(one) + "\t" + text::printable(other) + "\n";
  };
  for (const ProgramLook& look : result.programs) line("program", look.path, look.problem);
  for (const Denial& denial : result.denied) line("denied", denial.what, denial.why);
  if (result.no_new_privileges) line("denied_always", "privileges", "");
  return lines;
}

ProbeResult from_lines(std::string_view lines) {
  ProbeResult result;
  for (const std::string& line : text::split(std::string(lines), '\n')) {
    const std::vector<std::string> parts = text::split(line, '\t');
    if (parts.size() != 3) continue;
    if (parts[0] == "program") result.programs.push_back({parts[1], parts[2]});
    if (parts[0] == "denied") result.denied.push_back({parts[1], parts[2]});
    if (parts[0] == "denied_always") result.no_new_privileges = true;
  }
  return result;
}

void probe_job(int count, char** words) {
  const std::string lines = to_lines(probe({words, words + count}));
  const bool written = std::fputs(lines.c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
  std::_Exit(written ? 0 : 1);
}

}  // namespace baton::platform
