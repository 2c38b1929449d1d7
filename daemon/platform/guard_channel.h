// What goes between a process and its guard: one datagram each, over a pair of sockets. Both ends are of the same build.
#pragma once

#include <sys/types.h>
#include <array>
#include <cstdint>
#include <optional>

#include "platform/fd.h"

namespace baton::platform {

/// To the guard. `start` comes with four descriptors: a file with the working folder, the arguments and the environment, each
/// ended by a zero byte, and the program's standard streams.
struct GuardOrder {
  enum class Kind : std::uint8_t { start, signal };
  Kind kind = Kind::start;
  bool starts_services = false;
  std::uint32_t arguments = 0;  // how many
  std::uint32_t variables = 0;  // of the environment, likewise
  int signal = 0;
};
inline constexpr std::size_t k_order_descriptors = 4;
using OrderDescriptors = std::array<Fd, k_order_descriptors>;

/// From it: of each order to start one of the first two, and after `started` once `ended`.
struct GuardReply {
  enum class Kind : std::uint8_t { started, refused, ended };
  Kind kind = Kind::started;
  bool signalled = false;  // ended
  int number = 0;          // the pid, errno, the exit code or signal
};

/// False: nobody is there any more.
bool send_order(int socket, const GuardOrder& order, const std::array<int, k_order_descriptors>* descriptors);
/// Waits for it. Nothing: nobody is there any more, or it is no order. `descriptors` are those of `start`.
std::optional<GuardOrder> receive_order(int socket, OrderDescriptors& descriptors);

}  // namespace baton::platform
