#include "protocol/config.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <variant>

#include "base/time.h"
#include "protocol/comments.h"
#include "protocol/read_checkpoint.h"
#include "protocol/tolerance.h"

namespace baton::protocol {
namespace {

using core::FileConflicts;
using nlohmann::json;

enum class Form { number, duration, size, text };

using Slot = std::variant<int*, std::int64_t*, std::string*>;

/// One setting that is a single value. Bounds of numbers and texts are in the schema, where users read them.
struct Row {
  const char* key;
  Form form;
  std::int64_t least;  // ms or bytes
  std::int64_t most;
  Slot (*slot)(Config&);
};

constexpr std::int64_t k_second = 1'000;
constexpr std::int64_t k_hour = 3'600 * k_second;
constexpr std::int64_t k_day = 24 * k_hour;
constexpr std::int64_t k_kib = 1'024;
constexpr std::int64_t k_gib = k_kib * k_kib * k_kib;

const std::array k_rows{
    Row{"complexity_threshold", Form::number, 0, 0, [](Config& c) -> Slot { return &c.core.complexity_threshold; }},
    Row{"max_subtasks", Form::number, 0, 0, [](Config& c) -> Slot { return &c.core.max_subtasks; }},
    Row{"default_master", Form::text, 0, 0, [](Config& c) -> Slot { return &c.core.default_master; }},
    Row{"max_active_orchestrations", Form::number, 0, 0, [](Config& c) -> Slot { return &c.core.max_active_orchestrations; }},
    Row{"max_active_subtasks", Form::number, 0, 0, [](Config& c) -> Slot { return &c.core.max_active_subtasks; }},
    Row{"heartbeat_timeout", Form::duration, k_second, k_day,
        [](Config& c) -> Slot { return &c.core.recovery.heartbeat_timeout_ms; }},
    Row{"zombie_after", Form::duration, k_second, 30 * k_day, [](Config& c) -> Slot { return &c.core.recovery.zombie_after_ms; }},
    Row{"exit_grace", Form::duration, 0, k_hour, [](Config& c) -> Slot { return &c.core.recovery.exit_grace_ms; }},
    Row{"claim_timeout", Form::duration, k_second, 30 * k_day,
        [](Config& c) -> Slot { return &c.core.recovery.claim_timeout_ms; }},
    Row{"kill_grace", Form::duration, 0, k_hour, [](Config& c) -> Slot { return &c.core.recovery.kill_grace_ms; }},
    Row{"max_attempts", Form::number, 0, 0, [](Config& c) -> Slot { return &c.core.recovery.max_attempts; }},
    Row{"retry_backoff", Form::duration, 0, k_day, [](Config& c) -> Slot { return &c.core.recovery.retry_backoff_ms; }},
    Row{"retry_backoff_max", Form::duration, 0, k_day, [](Config& c) -> Slot { return &c.core.recovery.retry_backoff_max_ms; }},
    Row{"breaker_failures", Form::number, 0, 0, [](Config& c) -> Slot { return &c.core.recovery.breaker_failures; }},
    Row{"breaker_window", Form::duration, k_second, k_day, [](Config& c) -> Slot { return &c.core.recovery.breaker_window_ms; }},
    Row{"breaker_reset", Form::duration, k_second, k_day, [](Config& c) -> Slot { return &c.core.recovery.breaker_reset_ms; }},
    Row{"min_free_disk", Form::size, 0, 1'024 * k_gib, [](Config& c) -> Slot { return &c.min_free_disk; }},
    Row{"max_memory_pressure", Form::number, 0, 0, [](Config& c) -> Slot { return &c.max_memory_pressure; }},
    Row{"settle", Form::duration, 0, k_hour, [](Config& c) -> Slot { return &c.settle_ms; }},
    Row{"max_open", Form::duration, k_second, 24 * k_hour, [](Config& c) -> Slot { return &c.max_open_ms; }},
    Row{"view_interval", Form::duration, 0, k_hour, [](Config& c) -> Slot { return &c.view_interval_ms; }},
    Row{"rescan", Form::duration, 100, 24 * k_hour, [](Config& c) -> Slot { return &c.rescan_ms; }},
    Row{"events_max_bytes", Form::size, 64 * k_kib, 1'024 * k_gib, [](Config& c) -> Slot { return &c.events_max_bytes; }},
    Row{"events_keep", Form::number, 0, 0, [](Config& c) -> Slot { return &c.events_keep; }},
    Row{"max_document_bytes", Form::size, k_kib, k_gib, [](Config& c) -> Slot { return &c.max_document_bytes; }},
    Row{"max_queue_bytes", Form::size, k_kib, 4 * k_gib - 1, [](Config& c) -> Slot { return &c.max_queue_bytes; }},
    Row{"workspace", Form::text, 0, 0, [](Config& c) -> Slot { return &c.workspace; }},
    Row{"state_dir", Form::text, 0, 0, [](Config& c) -> Slot { return &c.state_dir; }},
};

constexpr std::pair<const char*, FileConflicts> k_file_conflicts[] = {
    {"all", FileConflicts::all}, {"plan", FileConflicts::plan}, {"off", FileConflicts::off}};

constexpr std::pair<const char*, Integrate> k_integrate[] = {{"leave", Integrate::leave},
                                                             {"fast_forward", Integrate::fast_forward},
                                                             {"merge", Integrate::merge},
                                                             {"pull_request", Integrate::pull_request}};

constexpr std::int64_t k_least_command_timeout = k_second;
constexpr std::int64_t k_most_command_timeout = k_day;

std::string in_words(Form form, std::int64_t value) {
  return form == Form::duration ? format_duration(value) : std::to_string(value) + " bytes";
}

Result<std::int64_t> measure(const Document& document, const std::string& pointer, const json& value, Form form,
                             std::int64_t least, std::int64_t most) {
  auto read = value.is_number()        ? Result<std::int64_t>(value.get<std::int64_t>())
              : form == Form::duration ? parse_duration(value.get_ref<const std::string&>())
                                       : parse_size(value.get_ref<const std::string&>());
  if (!read) return document.error(pointer, read.error());
  if (*read >= least && *read <= most) return read;
  return document.error(
      pointer,
      pointer.substr(1) + " must be between " + in_words(form, least) + " and " + in_words(form, most) + ", found " +
          in_words(form, *read),
      "the nearest that is allowed is " + in_words(form, *read < least ? least : most) + "; leave it out for the default");
}

Result<> read_row(const Document& document, const Row& row, Config& config) {
  const auto found = document.root().find(row.key);
  if (found == document.root().end()) return {};
  const Slot slot = row.slot(config);
  if (const auto number = std::get_if<int*>(&slot)) **number = found->get<int>();
  if (const auto text = std::get_if<std::string*>(&slot)) **text = found->get<std::string>();
  const auto amount = std::get_if<std::int64_t*>(&slot);
  if (amount != nullptr && row.form == Form::number) {
    **amount = found->get<std::int64_t>();
  } else if (amount != nullptr) {
    TRY_VALUE(**amount, measure(document, std::string("/") + row.key, *found, row.form, row.least, row.most));
  }
  return {};
}

Result<> read_planner(const Document& document, Config& config) {
  const auto planner = document.root().find("planner");
  if (planner == document.root().end()) return {};
  config.planner_command = planner->at("command").get<std::vector<std::string>>();
  config.core.has_planner_command = true;
  if (const auto timeout = planner->find("timeout"); timeout != planner->end()) {
    TRY_VALUE(config.planner_timeout_ms,
              measure(document, "/planner/timeout", *timeout, Form::duration, k_least_command_timeout, k_most_command_timeout));
  }
  return {};
}

/// [argv...], or an object with `command` as the planner has it.
void normalise_notify(Fields& fields) {
  json* notify = fields.find("notify");
  if (notify == nullptr || !notify->is_array()) return;
  json command = std::move(*notify);
  *notify = json{{"command", std::move(command)}};
  fields.document().moved("/notify/command", "/notify");
}

Result<> read_notify(const Document& document, Config& config) {
  const auto notify = document.root().find("notify");
  if (notify == document.root().end()) return {};
  config.notify_command = notify->at("command").get<std::vector<std::string>>();
  if (const auto timeout = notify->find("timeout"); timeout != notify->end()) {
    TRY_VALUE(config.notify_timeout_ms,
              measure(document, "/notify/timeout", *timeout, Form::duration, k_least_command_timeout, k_most_command_timeout));
  }
  return {};
}

Result<> check_backoff(const Document& document, const core::RecoverySettings& recovery) {
  if (recovery.retry_backoff_ms <= recovery.retry_backoff_max_ms) return {};
  return document.error(document.root().contains("retry_backoff_max") ? "/retry_backoff_max" : "/retry_backoff",
                        "retry_backoff (" + format_duration(recovery.retry_backoff_ms) + ") is more than retry_backoff_max (" +
                            format_duration(recovery.retry_backoff_max_ms) + ")",
                        "lower the one or raise the other");
}

json value_of(const Row& row, Config& config) {
  const Slot slot = row.slot(config);
  if (const auto number = std::get_if<int*>(&slot)) return **number;
  if (const auto text = std::get_if<std::string*>(&slot)) return **text;
  const std::int64_t amount = *std::get<std::int64_t*>(slot);
  return row.form == Form::duration ? json(format_duration(amount)) : json(amount);
}

json command_value(const std::vector<std::string>& command, std::int64_t timeout_ms) {
  if (command.empty()) return nullptr;
  return json{{"command", command}, {"timeout", format_duration(timeout_ms)}};
}

json planner_value(const Config& config) { return command_value(config.planner_command, config.planner_timeout_ms); }
json notify_value(const Config& config) { return command_value(config.notify_command, config.notify_timeout_ms); }

template <class Value, std::size_t size>
json word_of(const std::pair<const char*, Value> (&words)[size], Value wanted) {
  for (const auto& [word, value] : words)
    if (value == wanted) return word;
  return nullptr;
}

}  // namespace

Result<Config> read_config(std::string_view bytes) {
  const std::string text = blank_comments(bytes);
  TRY_VALUE(Document document, Document::parse(text));
  if (document.root().is_object()) {
    Fields fields(document, document.root(), "");
    normalise_notify(fields);
    TRY(normalise_checks(fields));
  }
  TRY(document.validate(Kind::config));
  Config config;
  for (const Row& row : k_rows) TRY(read_row(document, row, config));
  TRY(read_planner(document, config));
  TRY(read_notify(document, config));
  TRY_VALUE(config.checkpoints, checks_of(document, document.root()));
  for (const auto& [name, check] : config.checkpoints) config.core.checkpoints.insert(checkpoint_text(name));
  TRY(check_backoff(document, config.core.recovery));
  const std::string conflicts = text_of(document.root(), "file_conflicts");
  for (const auto& [word, value] : k_file_conflicts)
    if (conflicts == word) config.core.file_conflicts = value;
  config.integrate = integrate_of(text_of(document.root(), "integrate")).value_or(config.integrate);
  return config;
}

std::optional<Integrate> integrate_of(std::string_view wanted) {
  for (const auto& [word, value] : k_integrate)
    if (wanted == word) return value;
  return std::nullopt;
}

std::vector<std::string> integrate_words() {
  std::vector<std::string> words;
  for (const auto& [word, value] : k_integrate) words.emplace_back(word);
  return words;
}

std::vector<ConfigRow> config_rows(const Config& config) {
  Config given = config;
  Config defaults;
  std::vector<ConfigRow> rows;
  const auto add = [&](const char* key, const json& value, const json& standard) {
    rows.push_back({key, value.dump(), value == standard});
  };
  for (const Row& row : k_rows) add(row.key, value_of(row, given), value_of(row, defaults));
  add("file_conflicts", word_of(k_file_conflicts, given.core.file_conflicts),
      word_of(k_file_conflicts, defaults.core.file_conflicts));
  add("integrate", word_of(k_integrate, given.integrate), word_of(k_integrate, defaults.integrate));
  add("planner", planner_value(given), planner_value(defaults));
  add("notify", notify_value(given), notify_value(defaults));
  add("checkpoints", checks_value(given.checkpoints), checks_value(defaults.checkpoints));
  return rows;
}

bool Config::operator==(const Config& other) const {
  const auto same = [](const ConfigRow& a, const ConfigRow& b) { return a.value == b.value; };
  const auto mine = config_rows(*this);
  const auto theirs = config_rows(other);
  return std::equal(mine.begin(), mine.end(), theirs.begin(), theirs.end(), same);
}

}  // namespace baton::protocol
