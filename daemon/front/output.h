// Where a verb's words go: data to standard output, messages to standard error, and under --json exactly one envelope. Text that
// comes from documents has to pass text::printable before it comes here.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "base/result.h"
#include "front/data.h"

namespace baton::front {

inline constexpr int k_json_version = 1;  // "schema_version" of the envelope

enum class Colour { none, bold, dim, red, green, yellow, blue };

struct Streams {
  std::FILE* out = stdout;
  std::FILE* err = stderr;
  bool terminal = false;  // standard output is one
  bool colour = false;    // a terminal, and NO_COLOR is unset
};

/// The real ones of this process.
Streams process_streams();

class Output {
 public:
  Output(Streams streams, bool json) : streams_(streams), json_(json) {}

  bool json() const { return json_; }
  bool terminal() const { return streams_.terminal && !json_; }
  bool colour() const { return streams_.colour && !json_; }
  /// Of standard output; -1 = it has none.
  int descriptor() const;
  /// A line for people on standard output; nothing under --json.
  void line(std::string_view text = {});
  /// Bytes on standard output as they are, also under --json (raw feed lines, completion scripts).
  void raw(std::string_view bytes);
  /// A message on standard error: "baton: ..." is left to the caller.
  void note(std::string_view text);
  /// The envelope around `data`; nothing without --json.
  void data(const Data& data);
  /// The same around a document as it stands on disk. Its bytes must be one JSON value.
  void document(std::string_view bytes);
  /// The failure in words, or its envelope.
  void failure(const Error& error);
  /// `text` in a colour where colours are wanted.
  std::string paint(Colour colour, std::string_view text) const;
  /// False once somebody closed the other end of standard output.
  bool flush();

 private:
  Streams streams_;
  bool json_;
};

}  // namespace baton::front
