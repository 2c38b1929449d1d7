#include "platform/resources.h"

#include <malloc.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <iterator>
#include <limits>

#include "base/text.h"

namespace baton::platform {
namespace {

struct DescriptorLimits {
  rlimit before{};
  rlimit raised{};
};
std::optional<DescriptorLimits> g_raised;  // the limit is the process's, so is the knowledge of what it was

constexpr std::size_t k_growth_pages = 64;        // 256 KiB
constexpr std::size_t k_large_pages = 8 * 1'024;  // 32 MiB: whoever is as large handles large files
constexpr int k_largest_in_heap = 32 << 20;       // bytes; the C library takes no more

/// Of memory that is this process's own, not a file's.
std::size_t resident_pages() {
  std::ifstream statm("/proc/self/statm");
  std::size_t all = 0, resident = 0, of_files = 0;
  statm >> all >> resident >> of_files;
  return resident - std::min(of_files, resident);
}

}  // namespace

void keep_freed_memory() {
  ::mallopt(M_MMAP_THRESHOLD, k_largest_in_heap);
  ::mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
}

void give_back_memory() {
  static std::size_t rested = 0;
  const std::size_t spare = rested < k_large_pages ? rested / 8 : rested / 2;
  if (resident_pages() <= rested + std::max(k_growth_pages, spare)) return;
  ::malloc_trim(0);
  rested = resident_pages();
}

// "some avg10=0.12 avg60=0.00 avg300=0.00 total=1234"
std::optional<double> parse_pressure(std::string_view text) {
  constexpr std::string_view k_label = "some avg10=";
  for (const std::string& line : text::split(text, '\n')) {
    if (!line.starts_with(k_label)) continue;
    const std::string_view rest = std::string_view(line).substr(k_label.size());
    const std::string_view digits = rest.substr(0, rest.find(' '));
    double percent = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), percent);
    if (error == std::errc() && end == digits.data() + digits.size()) return percent;
  }
  return std::nullopt;
}

std::optional<double> memory_pressure() {
  std::ifstream in("/proc/pressure/memory", std::ios::binary);
  return parse_pressure(std::string(std::istreambuf_iterator<char>(in), {}));
}

Result<std::int64_t> free_bytes(const std::string& folder) {
  struct ::statvfs raw {};
  if (::statvfs(folder.c_str(), &raw) != 0) return fail_errno("cannot ask for the space left in " + folder, errno);
  return static_cast<std::int64_t>(raw.f_bavail) * static_cast<std::int64_t>(raw.f_frsize);
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string();
}

bool is_this_host(const std::string& host) {
  if (host.empty() || host == "localhost") return true;
  const std::string here = host_name();
  return host == here || host == here.substr(0, here.find('.')) || host.substr(0, host.find('.')) == here;
}

Result<rlim_t> raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return fail_errno("cannot read the limit of descriptors", errno);
  const rlimit before = limit;
  limit.rlim_cur = std::max(limit.rlim_cur, std::min(limit.rlim_max, k_wanted_descriptors));
  if (limit.rlim_cur == before.rlim_cur) return limit.rlim_cur;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return fail_errno("cannot raise the limit of descriptors", errno);
  g_raised = DescriptorLimits{g_raised ? g_raised->before : before, limit};
  return limit.rlim_cur;
}

// The soft limit may always be lowered and raised again; what is open above it stays open.
InheritedDescriptorLimit::InheritedDescriptorLimit() {
  if (g_raised) ::setrlimit(RLIMIT_NOFILE, &g_raised->before);
}

InheritedDescriptorLimit::~InheritedDescriptorLimit() {
  if (g_raised) ::setrlimit(RLIMIT_NOFILE, &g_raised->raised);
}

}  // namespace baton::platform
