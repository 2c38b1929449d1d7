// What this machine has left, and its name.
#pragma once

#include <sys/resource.h>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace baton::platform {

/// Of the last 10 seconds, the per cent in which somebody waited for memory, by the text of /proc/pressure/memory; nothing when
/// it says nothing.
std::optional<double> parse_pressure(std::string_view text);
/// The same, now; nothing where the kernel does not measure it.
std::optional<double> memory_pressure();

/// Bytes that this user may still write to the filesystem of `folder` (absolute).
Result<std::int64_t> free_bytes(const std::string& folder);

/// As other hosts' workers write it into their specs; empty when it is not known.
std::string host_name();
/// A worker that names this host is on this machine; one that names none, too.
bool is_this_host(const std::string& host);

/// From now on freed heap stays with this process until give_back_memory(): what one look at a large file took serves the next.
/// Each page that the kernel gives anew costs up to 10 microseconds on a virtual machine.
void keep_freed_memory();
/// When nothing is to do: freed heap goes back to the system if this process has grown since it gave back last, by an eighth (by
/// half, from 32 MiB on) and a quarter of a megabyte at least. The look costs microseconds, the giving back some milliseconds per
/// 50 MB.
void give_back_memory();

/// Raises the soft limit of open descriptors to the hard one, at most k_wanted_descriptors: a pidfd for each worker. What is
/// started from here gets the limit that was there before. Returns the limit that holds now.
inline constexpr rlim_t k_wanted_descriptors = 65'536;
Result<rlim_t> raise_descriptor_limit();

/// While it lives the limit of descriptors is what it was before it was raised; for posix_spawn, whose children inherit it.
class InheritedDescriptorLimit {
 public:
  InheritedDescriptorLimit();
  ~InheritedDescriptorLimit();
  InheritedDescriptorLimit(const InheritedDescriptorLimit&) = delete;
  InheritedDescriptorLimit& operator=(const InheritedDescriptorLimit&) = delete;
};

}  // namespace baton::platform
