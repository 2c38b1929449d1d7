// What readers accept and how it becomes the one form that the schemas describe: older names, numbers as texts, one value where a
// list is expected, words in any case. What cannot be understood is left as it is; the schema then says what is wrong with it.
#pragma once

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/result.h"
#include "protocol/document.h"

namespace baton::protocol {

/// One object of a document while it is normalised.
class Fields {
 public:
  /// Members without a value (null, "", "null", white space) are removed at once: they mean the same as absent.
  Fields(Document& document, nlohmann::json& object, std::string pointer);

  bool has(const char* key) const { return object_.contains(key); }
  /// nullptr: absent.
  nlohmann::json* find(const char* key);
  nlohmann::json& object() { return object_; }
  Document& document() { return document_; }
  std::string pointer(std::string_view key) const;

  /// `key` takes the value of the first of these that has one, unless it has one itself.
  void alias(const char* key, std::initializer_list<const char*> older);
  /// The same for a member of an inner object: heartbeat{last_heartbeat}.
  void alias_inside(const char* key, const char* inner, const char* inner_key);
  void integer(const char* key);      // "12", 12.0, "N/A"
  void number(const char* key);       // "12.5"
  void boolean(const char* key);      // "true"
  void word(const char* key);         // " In-Progress " → in_progress
  void master(const char* key);       // trimmed, lower case; a warning when white space was around it
  void worker_type(const char* key);  // scan-worker → scan
  void list(const char* key);         // one value → a list of it
  void items(const char* key);        // the same, and items without a value go
  void joined(const char* key);       // a list of texts → one text
  void text(const char* key);         // a number → its digits

  using Grammar = bool (*)(std::string_view);
  /// A text (or number) that fits, trimmed; anything else is an error that says what is allowed.
  Result<> id(const char* key, Grammar grammar);
  /// A list of them, or one of them.
  Result<> ids(const char* key, Grammar grammar);

 private:
  Result<> fit_id(nlohmann::json& value, const std::string& pointer, std::string_view key, Grammar grammar);

  Document& document_;
  nlohmann::json& object_;
  std::string pointer_;
};

/// null, "", "null" and nothing but white space.
bool has_no_value(const nlohmann::json& value);
/// Trimmed, lower case, with '_' for '-' and ' '.
std::string normal_word(std::string_view text);

// Members of a document that fits its schema; the neutral value when absent.
std::string text_of(const nlohmann::json& object, const char* key);
std::int64_t integer_of(const nlohmann::json& object, const char* key);
bool boolean_of(const nlohmann::json& object, const char* key);
std::vector<std::string> texts_of(const nlohmann::json& object, const char* key);
/// As JSON text; empty when absent.
std::string json_of(const nlohmann::json& object, const char* key);
/// What is only carried along: the author's own digits and order, without white space. `pointer`: of the object.
std::string carried_of(const Document& document, const nlohmann::json& object, const std::string& pointer,
                       const std::string& key);

/// Members that both tasks and subtasks have, after the schema: paths that stay in the workspace, a duration.
Result<std::vector<std::string>> files_of(const Document& document, const nlohmann::json& object, const std::string& pointer);
Result<std::int64_t> time_limit_of(const Document& document, const nlohmann::json& object, const std::string& pointer);

}  // namespace baton::protocol
