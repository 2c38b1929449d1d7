// Names that nobody else makes.
#pragma once

#include <cstddef>
#include <string>

namespace baton::platform {

/// Lower-case letters and digits from the kernel's random source.
std::string random_word(std::size_t length);

}  // namespace baton::platform
