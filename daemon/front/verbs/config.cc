// baton config: every setting that is in force, and where it came from.
#include "protocol/config.h"
#include "front/folder.h"
#include "front/render.h"
#include "front/verbs.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace paths = protocol::paths;

constexpr std::int64_t k_kib = 1024;

/// Sizes as one would write them: "64MiB".
std::string size_text(std::int64_t bytes) {
  const char* unit = "";
  for (const char* next : {"KiB", "MiB", "GiB"}) {
    if (bytes == 0 || bytes % k_kib != 0) break;
    bytes /= k_kib;
    unit = next;
  }
  return std::to_string(bytes) + unit;
}

/// What is in force: an unset folder is the one that is meant then.
std::string value_text(const Folder& folder, const protocol::ConfigRow& row) {
  if (row.key == "workspace" || row.key == "state_dir") {
    const std::string set = row.value == "null" || row.value.size() < 2 ? "" : row.value.substr(1, row.value.size() - 2);
    const std::string meant = row.key == "workspace" ? ".." : std::string(paths::k_state_folder);
    const std::string& relative = set.empty() ? meant : set;
    return absolute_path(relative.front() == '/' ? relative : folder.root() + "/" + relative);
  }
  const bool is_number = row.value.find_first_not_of("0123456789") == std::string::npos;
  const bool is_size = row.key.find("_bytes") != std::string::npos || row.key == "min_free_disk";
  return is_size && is_number ? size_text(std::stoll(row.value)) : row.value;
}

std::string source_of(const protocol::ConfigRow& row) { return row.is_default ? "default" : std::string(paths::k_config); }

Result<Data> data_of(const std::vector<protocol::ConfigRow>& rows) {
  Data settings;
  for (const protocol::ConfigRow& row : rows) {
    TRY_VALUE(Data value, Data::parse(row.value));
    Data setting;
    setting.set("value", std::move(value)).set("source", source_of(row));
    settings.set(row.key, std::move(setting));
  }
  Data data;
  data.set("settings", std::move(settings));
  return data;
}

Result<int> run(Context& context) {
  TRY_VALUE(const Folder folder, Folder::find(context.globals));
  auto bytes = folder.read(std::string(paths::k_config));
  if (!bytes && bytes.error().code != ErrorCode::not_found) return tl::make_unexpected(std::move(bytes).error());
  auto config = protocol::read_config(bytes ? *bytes : "{}");
  if (!config) {
    Error error = std::move(config).error();
    error.message = folder.root() + "/" + std::string(paths::k_config) + ": " + error.message;
    return tl::make_unexpected(std::move(error));
  }
  const auto rows = protocol::config_rows(*config);
  TRY_VALUE(const Data data, data_of(rows));
  context.out.data(data);
  Table table({"SETTING", "VALUE", "FROM"});
  for (const protocol::ConfigRow& row : rows)
    table.row({row.key, value_text(folder, row), source_of(row)}, row.is_default ? Colour::none : Colour::bold);
  if (!context.out.json()) table.print(context.out);
  return exit_code::k_ok;
}

constexpr Example k_examples[] = {
    {"baton config"},
    {"$EDITOR coordination/orchestrator/config.json", "a change is taken up at once; an invalid file changes nothing"},
};

}  // namespace

constinit const Verb verbs::k_config{.name = "config",
                                     .summary = "Print every setting and where it came from",
                                     .group = Group::inspect,
                                     .examples = k_examples,
                                     .run = run};

}  // namespace baton::front
