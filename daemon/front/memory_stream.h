// A stream into memory: what a verb would print, as text.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/result.h"

namespace baton::front {

class MemoryStream {
 public:
  MemoryStream() : stream_(open_memstream(&bytes_, &size_)) { BATON_ASSERT(stream_ != nullptr); }
  ~MemoryStream() {
    std::fclose(stream_);
    std::free(bytes_);
  }
  MemoryStream(const MemoryStream&) = delete;
  MemoryStream& operator=(const MemoryStream&) = delete;

  std::FILE* file() const { return stream_; }
  std::string text() const {
    std::fflush(stream_);
    return {bytes_, size_};
  }

 private:
  char* bytes_ = nullptr;
  std::size_t size_ = 0;
  std::FILE* stream_;
};

}  // namespace baton::front
