#include "protocol/queue_file.h"

#define XXH_INLINE_ALL
#include <simdjson.h>
#include <xxhash.h>

#include "protocol/door.h"
#include "protocol/json_fault.h"
#include "protocol/json_tokens.h"

namespace baton::protocol {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::string_view k_shape = R"(a queue is {"tasks": [ ... ]} or an array of tasks)";

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

std::string_view trim_end(std::string_view text) {
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view trim_front(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  return text;
}

// By grammar, not by range: 1e400 or an id of 30 digits is nothing that a queue has to be refused for.
bool is_number(std::string_view text) {
  std::size_t at = 0;
  const auto take = [&](std::string_view any) {
    if (at == text.size() || any.find(text[at]) == std::string_view::npos) return false;
    ++at;
    return true;
  };
  const auto digits = [&] {
    const std::size_t from = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at > from;
  };
  take("-");
  if (!take("0") && !digits()) return false;
  if (take(".") && !digits()) return false;
  if (take("eE")) {
    take("+-");
    if (!digits()) return false;
  }
  return at == text.size();
}

bool walk(ondemand::value value, std::size_t depth);

bool walk(ondemand::object object, std::size_t depth) {
  if (depth > k_max_depth) return false;
  for (auto item : object) {
    ondemand::field field;
    if (std::move(item).get(field) != simdjson::SUCCESS || field.unescaped_key().error() != simdjson::SUCCESS) return false;
    if (!walk(field.value(), depth)) return false;
  }
  return true;
}

bool walk(ondemand::array array, std::size_t depth) {
  if (depth > k_max_depth) return false;
  for (auto item : array) {
    ondemand::value value;
    if (item.get(value) != simdjson::SUCCESS || !walk(value, depth)) return false;
  }
  return true;
}

// Looks at every value within, since On-Demand checks only what is looked at. `depth`: of what encloses the value.
bool walk(ondemand::value value, std::size_t depth) {
  ondemand::json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS) return false;
  switch (type) {
    case ondemand::json_type::object: {
      ondemand::object object;
      return value.get_object().get(object) == simdjson::SUCCESS && walk(object, depth + 1);
    }
    case ondemand::json_type::array: {
      ondemand::array array;
      return value.get_array().get(array) == simdjson::SUCCESS && walk(array, depth + 1);
    }
    case ondemand::json_type::string: return value.get_string().error() == simdjson::SUCCESS;
    case ondemand::json_type::number: return is_number(trim_end(value.raw_json_token()));
    case ondemand::json_type::boolean: return value.get_bool().error() == simdjson::SUCCESS;
    case ondemand::json_type::null: {
      bool null = false;
      return value.is_null().get(null) == simdjson::SUCCESS && null;
    }
  }
  return false;
}

enum class Shape { queue, not_json, no_tasks, single_task, tasks_twice, tasks_no_array };

// One pass over the text: validates all of it and notes where the entries begin.
class Reader {
 public:
  explicit Reader(QueueFile& file) : file_(file) {}
  Shape read();
  std::size_t at_fault() const { return at_fault_; }  // offset, for tasks_twice and tasks_no_array

 private:
  Shape read_top(ondemand::document& document);
  Shape read_members(ondemand::object object);
  Shape read_member(std::string_view key, ondemand::value value);
  bool read_entries(ondemand::array array, std::size_t depth);
  std::size_t offset(std::string_view token) const { return static_cast<std::size_t>(token.data() - file_.bytes.data()); }
  void find_ends();

  QueueFile& file_;
  std::size_t array_begin_ = 0;
  std::size_t at_fault_ = 0;
  bool has_tasks_ = false;
  bool looks_like_task_ = false;
};

Shape Reader::read() {
  file_.bytes.reserve(file_.bytes.size() + simdjson::SIMDJSON_PADDING);
  ondemand::parser parser;
  ondemand::document document;
  const std::string_view body = without_bom(file_.bytes);
  const std::size_t bom = file_.bytes.size() - body.size();
  const simdjson::padded_string_view view(body.data(), body.size(), file_.bytes.capacity() - bom);
  if (parser.iterate(view).get(document) != simdjson::SUCCESS) return Shape::not_json;
  const Shape shape = read_top(document);
  if (shape == Shape::queue) find_ends();
  return shape;
}

Shape Reader::read_top(ondemand::document& document) {
  ondemand::json_type type{};
  if (document.type().get(type) != simdjson::SUCCESS) return Shape::not_json;
  Shape shape = Shape::no_tasks;
  if (type == ondemand::json_type::object) {
    ondemand::object object;
    if (document.get_object().get(object) != simdjson::SUCCESS) return Shape::not_json;
    shape = read_members(object);
  } else if (type == ondemand::json_type::array) {
    array_begin_ = offset(document.raw_json_token());
    ondemand::array array;
    if (document.get_array().get(array) != simdjson::SUCCESS || !read_entries(array, 1)) return Shape::not_json;
    shape = Shape::queue;
  }
  if (shape == Shape::queue && document.current_location().error() != simdjson::OUT_OF_BOUNDS) return Shape::not_json;
  return shape;
}

Shape Reader::read_members(ondemand::object object) {
  for (auto item : object) {
    ondemand::field field;
    std::string_view key;
    if (std::move(item).get(field) != simdjson::SUCCESS || field.unescaped_key().get(key) != simdjson::SUCCESS)
      return Shape::not_json;
    if (const Shape shape = read_member(key, field.value()); shape != Shape::queue) return shape;
  }
  if (has_tasks_) return Shape::queue;
  return looks_like_task_ ? Shape::single_task : Shape::no_tasks;
}

Shape Reader::read_member(std::string_view key, ondemand::value value) {
  const std::string_view token = trim_end(value.raw_json_token());
  if (key == "tasks") {
    at_fault_ = offset(token);
    if (has_tasks_) return Shape::tasks_twice;
    if (token.front() != '[') return Shape::tasks_no_array;
    has_tasks_ = true;
    array_begin_ = at_fault_;
    ondemand::array array;
    return value.get_array().get(array) == simdjson::SUCCESS && read_entries(array, 2) ? Shape::queue : Shape::not_json;
  }
  if (key == "id" || key == "task_id" || key == "title" || key == "description") looks_like_task_ = true;
  if (key == "updated_at" && token.front() == '"') {
    file_.updated_at = offset(token);
    file_.updated_at_length = token.size();
  }
  return walk(value, 1) ? Shape::queue : Shape::not_json;
}

bool Reader::read_entries(ondemand::array array, std::size_t depth) {
  for (auto item : array) {
    ondemand::value value;
    if (item.get(value) != simdjson::SUCCESS) return false;
    file_.entries.push_back({offset(value.raw_json_token()), 0, 0});
    if (!walk(value, depth)) return false;
  }
  return true;
}

// Between two entries stand white space and one comma only, so each end follows from the next beginning.
void Reader::find_ends() {
  const std::string_view bytes = file_.bytes;
  std::size_t end = array_begin_ + 1;
  for (std::size_t i = 0; i < file_.entries.size(); ++i) {
    QueueEntry& entry = file_.entries[i];
    if (i + 1 < file_.entries.size()) {
      const std::string_view before = trim_end(bytes.substr(0, file_.entries[i + 1].offset));
      end = trim_end(before.substr(0, before.size() - 1)).size();
    } else {
      end = JsonTokens(bytes, entry.offset).skip_value();
    }
    entry.length = end - entry.offset;
    entry.hash = entry_hash(std::string_view(bytes).substr(entry.offset, entry.length));
  }
  while (is_space(bytes[end])) ++end;
  file_.array_end = end;
  BATON_ASSERT(bytes[end] == ']');
}

tl::unexpected<Error> explain(const QueueFile& file, Shape shape, std::size_t at_fault) {
  TRY(check_json(file.bytes));
  Place place = place_of_offset(file.bytes, at_fault);
  const std::string hint(k_shape);
  switch (shape) {
    case Shape::single_task:
      return fail(ErrorCode::invalid, "a single task stands where the queue should be",
                  R"(put it into {"tasks": [ ... ]}, or drop it as a file of its own into task-queue.d/)", place);
    case Shape::tasks_twice:
      place.pointer = "/tasks";
      return fail(ErrorCode::invalid, R"("tasks" stands twice at the top level)", "put all tasks into one array", place);
    case Shape::tasks_no_array:
      place.pointer = "/tasks";
      return fail(ErrorCode::invalid, R"("tasks" is not an array)", hint, place);
    case Shape::no_tasks: return fail(ErrorCode::invalid, "this is not a queue", hint, place);
    case Shape::queue:
    case Shape::not_json: break;
  }
  return fail(ErrorCode::invalid, "not valid JSON", hint, place);
}

}  // namespace

std::uint64_t entry_hash(std::string_view bytes, std::uint64_t seed) {
  return seed == 0 ? XXH3_64bits(bytes.data(), bytes.size()) : XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

Result<QueueFile> parse_queue(std::string bytes) {
  QueueFile file;
  file.bytes = std::move(bytes);
  Reader reader(file);
  const Shape shape = reader.read();
  if (shape != Shape::queue) return explain(file, shape, reader.at_fault());
  return file;
}

Place place_in_queue(const QueueFile& file, std::size_t index, const Place& inner) {
  const std::string_view body = without_bom(file.bytes);
  const bool bare = trim_front(body).starts_with('[');
  Place place = place_of_offset(file.bytes, file.entries.at(index).offset);
  if (inner.line > 1)
    place.column = inner.column;
  else if (inner.column > 1)
    place.column += inner.column - 1;
  if (inner.line > 1) place.line += inner.line - 1;
  place.pointer = (bare ? "/" : "/tasks/") + std::to_string(index) + inner.pointer;
  return place;
}

QueueFile empty_queue() {
  Result<QueueFile> file = parse_queue("{\n  \"tasks\": []\n}\n");
  BATON_ASSERT(file.has_value());
  return *std::move(file);
}

}  // namespace baton::protocol
