#include "front/output.h"

#include <unistd.h>
#include <cstdlib>

namespace baton::front {
namespace {

std::string_view code_of(Colour colour) {
  switch (colour) {
    case Colour::none: return "";
    case Colour::bold: return "\x1b[1m";
    case Colour::dim: return "\x1b[2m";
    case Colour::red: return "\x1b[31m";
    case Colour::green: return "\x1b[32m";
    case Colour::yellow: return "\x1b[33m";
    case Colour::blue: return "\x1b[34m";
  }
  return "";
}

void write_all(std::FILE* stream, std::string_view bytes) { std::fwrite(bytes.data(), 1, bytes.size(), stream); }

std::string where(const Place& place) {
  if (place.line == 0) return place.pointer.empty() ? "" : " (at " + place.pointer + ")";
  std::string text = " (line " + std::to_string(place.line);
  if (place.column > 0) text += ", column " + std::to_string(place.column);
  if (!place.pointer.empty()) text += ", " + place.pointer;
  return text + ")";
}

std::string_view trimmed(std::string_view bytes) {
  const auto last = bytes.find_last_not_of(" \t\r\n");
  return last == std::string_view::npos ? std::string_view("null") : bytes.substr(0, last + 1);
}

}  // namespace

Streams process_streams() {
  Streams streams;
  streams.terminal = isatty(STDOUT_FILENO) == 1;
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  const bool dumb = term != nullptr && std::string_view(term) == "dumb";
  streams.colour = streams.terminal && !dumb && (no_color == nullptr || *no_color == '\0');
  return streams;
}

int Output::descriptor() const { return fileno(streams_.out); }

void Output::line(std::string_view text) {
  if (json_) return;
  write_all(streams_.out, text);
  write_all(streams_.out, "\n");
}

void Output::raw(std::string_view bytes) { write_all(streams_.out, bytes); }

void Output::note(std::string_view text) {
  std::fflush(streams_.out);  // so that both keep their order on a terminal
  write_all(streams_.err, text);
  write_all(streams_.err, "\n");
}

void Output::data(const Data& data) {
  if (json_) document(data.text());
}

void Output::document(std::string_view bytes) {
  if (!json_) return;
  write_all(streams_.out, "{\"schema_version\":" + std::to_string(k_json_version) + ",\"data\":");
  write_all(streams_.out, trimmed(bytes));
  write_all(streams_.out, "}\n");
}

void Output::failure(const Error& error) {
  if (!json_) {
    note("baton: " + error.message + where(error.place));
    if (!error.hint.empty()) note("  hint: " + error.hint);
    return;
  }
  Data inner;
  inner.set("code", word_of(error.code)).set("message", error.message).set("hint", error.hint);
  inner.set_if("pointer", error.place.pointer);
  if (error.place.line > 0) inner.set("line", error.place.line).set("column", error.place.column);
  Data envelope;
  envelope.set("schema_version", k_json_version).set("error", std::move(inner));
  write_all(streams_.out, envelope.text() + "\n");
}

std::string Output::paint(Colour colour, std::string_view text) const {
  if (!streams_.colour || json_ || colour == Colour::none) return std::string(text);
  return std::string(code_of(colour)).append(text).append("\x1b[0m");
}

bool Output::flush() { return std::fflush(streams_.out) == 0 && std::ferror(streams_.out) == 0; }

}  // namespace baton::front
