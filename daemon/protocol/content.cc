#include "protocol/content.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "protocol/json_tokens.h"
#include "protocol/json_write.h"

namespace baton::protocol {
namespace {

constexpr std::array<std::string_view, 6> k_ours = {"status",     "assigned_to",  "orchestration_id",
                                                    "updated_at", "completed_at", "report"};
constexpr double k_exact = 9e15;  // whole numbers below this are the same as a double and as digits

bool is_ours(std::string_view key) { return std::ranges::find(k_ours, key) != k_ours.end(); }

bool is_integer(std::string_view digits) { return digits.find_first_of(".eE") == std::string_view::npos; }

// A number as a program would write it that reads and writes it as a double; whole numbers keep their digits.
std::string number_as_double(std::string_view digits) {
  if (is_integer(digits)) return std::string(digits);
  const auto number = nlohmann::json::parse(digits.begin(), digits.end(), nullptr, /*allow_exceptions=*/false);
  return number.is_number() ? number.dump() : std::string(digits);
}

// Some programs write a whole double without its ".0".
std::string canonical_number(std::string_view digits) {
  std::string number = number_as_double(digits);
  if (is_integer(digits) || !number.ends_with(".0")) return number;
  if (number.size() < 18 && std::abs(std::stod(number)) < k_exact) number.resize(number.size() - 2);
  return number;
}

// Most strings are written in the one way already: nothing escaped, nothing that json_string would escape.
std::string canonical_string(std::string_view token) {
  const bool plain = token.find('\\') == std::string_view::npos && token.find('\x7f') == std::string_view::npos;
  return plain ? std::string(token) : json_string(unescape_string(token));
}

// A member as it stands in the text that is being made.
struct Written {
  std::string key;
  std::size_t begin = 0, end = 0;
};

class Canonical {
 public:
  explicit Canonical(std::string_view json) : json_(json), tokens_(json) { out_.reserve(json.size()); }

  std::string take() {
    value(tokens_.next(), true);
    return std::move(out_);
  }

 private:
  std::string_view bytes(const Token& token) const { return json_.substr(token.offset, token.length); }

  void value(const Token& token, bool is_entry) {
    switch (token.kind) {
      case TokenKind::open: return json_[token.offset] == '{' ? object(is_entry) : array();
      case TokenKind::string: out_ += canonical_string(bytes(token)); return;
      case TokenKind::scalar: out_ += canonical_number(bytes(token)); return;
      default: return;
    }
  }

  void array() {
    out_ += '[';
    bool first = true;
    for (Token token = tokens_.next(); !ends(token); token = tokens_.next()) {
      if (token.kind == TokenKind::comma) continue;
      if (!std::exchange(first, false)) out_ += ',';
      value(token, false);
    }
    out_ += ']';
  }

  void object(bool is_entry) {
    const std::size_t begin = out_.size();
    std::vector<Written> members;
    for (Token token = tokens_.next(); !ends(token); token = tokens_.next()) {
      if (token.kind == TokenKind::comma) continue;
      std::string key = canonical_string(bytes(token));
      tokens_.next();  // the colon
      const std::size_t from = out_.size();
      value(tokens_.next(), false);
      if (is_entry && is_ours(unescape_string(key)))
        out_.resize(from);
      else
        members.push_back({std::move(key), from, out_.size()});
    }
    put_together(std::move(members), begin);
  }

  // The values stand behind each other from `begin` on.
  void put_together(std::vector<Written> members, std::size_t begin) {
    std::ranges::stable_sort(members, {}, &Written::key);
    std::string sorted = "{";
    sorted.reserve(out_.size() - begin + 2);
    for (std::size_t i = 0; i < members.size(); ++i) {
      const Written& member = members[i];
      if (i + 1 < members.size() && members[i + 1].key == member.key) continue;
      if (sorted.size() > 1) sorted += ',';
      sorted += member.key;
      sorted += ':';
      sorted.append(out_, member.begin, member.end - member.begin);
    }
    out_.resize(begin);
    out_ += sorted;
    out_ += '}';
  }

  static bool ends(const Token& token) { return token.kind == TokenKind::close || token.kind == TokenKind::end; }

  std::string_view json_;
  JsonTokens tokens_;
  std::string out_;
};

void append_in_order(std::string& out, std::string_view json) {
  JsonTokens tokens(json);
  for (Token token = tokens.next(); token.kind != TokenKind::end; token = tokens.next()) {
    const std::string_view bytes = json.substr(token.offset, token.length);
    if (token.kind == TokenKind::string)
      out += canonical_string(bytes);
    else if (token.kind == TokenKind::scalar)
      out += number_as_double(bytes);
    else
      out += bytes;
  }
}

}  // namespace

std::string canonical_content(std::string_view entry) { return Canonical(entry).take(); }

std::string content_in_order(std::string_view entry) {
  std::string out;
  out.reserve(entry.size());
  if (!is_object_text(entry)) {
    append_in_order(out, entry);
    return out;
  }
  out += '{';
  for (const JsonMember& member : object_members(entry)) {
    if (is_ours(member.key)) continue;
    if (out.size() > 1) out += ',';
    out += json_string(member.key) + ":";
    append_in_order(out, entry.substr(member.value_begin, member.value_end - member.value_begin));
  }
  return out + "}";
}

}  // namespace baton::protocol
