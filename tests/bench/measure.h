// What every figure needs: a clock, percentiles, /proc of another process, plain file writing and inotify. No retries, no
// logic: what fails throws, and the suite ends with the message.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace baton::bench {

struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// Throws a Failure with the text of errno.
[[noreturn]] void fail(const std::string& what);
inline void check(bool done, const std::string& what) {
  if (!done) fail(what);
}

double now_ms();                                             // monotonic
double percentile(std::vector<double> samples, double per);  // per: 0 to 100

/// CPU time of all threads of a process since its start, ns precision. 0 when it is gone.
double cpu_ms(pid_t pid);
/// How often its threads were switched to.
std::int64_t switches(pid_t pid);
/// The number behind `key` in /proc/PID/status.
std::int64_t status_number(pid_t pid, const std::string& key);

std::string read_file(const std::string& path);  // "" when missing
void write_file(const std::string& path, const std::string& bytes);
/// Under a hidden name, then renamed, as docs/protocol.md asks of writers.
void put_file(const std::string& folder, const std::string& name, const std::string& bytes);
void move_file(const std::string& from, const std::string& to);
void remove_file(const std::string& path);

/// Nothing but time goes by. For pauses that are a part of a measurement, never to wait for something.
void let_pass(double ms);

/// Names that appear in a folder by rename, hidden ones left out.
class Arrivals {
 public:
  explicit Arrivals(const std::string& folder);
  ~Arrivals();
  Arrivals(const Arrivals&) = delete;
  Arrivals& operator=(const Arrivals&) = delete;

  int fd() const { return fd_; }
  /// What has arrived; waits at most `timeout_ms` for the first.
  std::vector<std::string> take(int timeout_ms);
  /// Until `name` has arrived; the moment it was seen.
  double await(const std::string& name);

 private:
  int fd_;
};

}  // namespace baton::bench
