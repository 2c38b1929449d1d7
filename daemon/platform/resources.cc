#include "platform/resources.h"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <iterator>

#include "base/text.h"

namespace baton::platform {
namespace {

struct DescriptorLimits {
  rlimit before{};
  rlimit raised{};
};
std::optional<DescriptorLimits> g_raised;  // the limit is the process's, so is the knowledge of what it was

constexpr std::size_t k_growth_pages = 256;  // 1 MiB

/// Of memory that is this process's own, not a file's.
std::size_t resident_pages() {
  std::ifstream statm("/proc/self/statm");
  std::size_t all = 0, resident = 0, of_files = 0;
  statm >> all >> resident >> of_files;
  return resident - std::min(of_files, resident);
}

// Text is never written, so the page cache has all of it. What is not ELF's (the vdso) is left alone.
int let_text_go(dl_phdr_info* object, std::size_t, void*) {
  if (std::string_view(object->dlpi_name).starts_with("linux-vdso")) return 0;
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_X) == 0 || (segment.p_flags & PF_W) != 0) continue;
    const std::uintptr_t begin = (object->dlpi_addr + segment.p_vaddr) / page * page;
    const std::uintptr_t end = object->dlpi_addr + segment.p_vaddr + segment.p_memsz;
    (void)::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);  // NOLINT(performance-no-int-to-ptr)
  }
  return 0;
}

}  // namespace

void give_back_memory() {
  static std::size_t rested = 0;
  if (resident_pages() <= rested + std::max(k_growth_pages, rested / 8)) return;
  ::dl_iterate_phdr(let_text_go, nullptr);
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
