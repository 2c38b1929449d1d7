// Names that nobody else makes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace baton::platform {

/// Lower-case letters and digits from the kernel's random source.
std::string random_word(std::size_t length);

std::uint32_t random_number();

}  // namespace baton::platform
