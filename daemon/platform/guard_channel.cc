#include "platform/guard_channel.h"

#include <sys/socket.h>
#include <cerrno>
#include <cstring>

namespace baton::platform {
namespace {

constexpr std::size_t k_ancillary = CMSG_SPACE(sizeof(int) * k_order_descriptors);

struct Message {
  Message(void* bytes, std::size_t size) : piece{bytes, size} {
    header.msg_iov = &piece;
    header.msg_iovlen = 1;
  }
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;
  iovec piece;
  msghdr header{};
  alignas(cmsghdr) std::array<char, k_ancillary> ancillary{};
};

}  // namespace

bool send_order(int socket, const GuardOrder& order, const std::array<int, k_order_descriptors>* descriptors) {
  GuardOrder copy = order;
  Message message(&copy, sizeof copy);
  if (descriptors != nullptr) {
    message.header.msg_control = message.ancillary.data();
    message.header.msg_controllen = message.ancillary.size();
    cmsghdr* rights = CMSG_FIRSTHDR(&message.header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof *descriptors);
    std::memcpy(CMSG_DATA(rights), descriptors->data(), sizeof *descriptors);
  }
  ssize_t sent = 0;
  while ((sent = ::sendmsg(socket, &message.header, MSG_NOSIGNAL)) < 0 && errno == EINTR) continue;
  return sent == static_cast<ssize_t>(sizeof copy);
}

std::optional<GuardOrder> receive_order(int socket, OrderDescriptors& descriptors) {
  GuardOrder order;
  Message message(&order, sizeof order);
  message.header.msg_control = message.ancillary.data();
  message.header.msg_controllen = message.ancillary.size();
  ssize_t got = 0;
  while ((got = ::recvmsg(socket, &message.header, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) continue;
  if (got != static_cast<ssize_t>(sizeof order)) return std::nullopt;
  const cmsghdr* rights = CMSG_FIRSTHDR(&message.header);
  if (rights == nullptr) return order.kind == GuardOrder::Kind::signal ? std::optional(order) : std::nullopt;
  std::array<int, k_order_descriptors> received;
  if (rights->cmsg_type != SCM_RIGHTS || rights->cmsg_len != CMSG_LEN(sizeof received)) return std::nullopt;
  std::memcpy(received.data(), CMSG_DATA(rights), sizeof received);
  for (std::size_t i = 0; i < received.size(); ++i) descriptors[i] = Fd(received[i]);
  return order;
}

}  // namespace baton::platform
