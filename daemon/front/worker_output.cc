#include "front/worker_output.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "base/ids.h"
#include "front/catalogue.h"
#include "platform/files_at.h"
#include "protocol/paths.h"

namespace baton::front {
namespace {

namespace fs = std::filesystem;
namespace paths = protocol::paths;

constexpr std::size_t k_tail = 64 << 10;

std::optional<WorkerView> worker_of(const Folder& folder, const SubtaskView& subtask) {
  if (!is_record_id(subtask.worker_id)) return std::nullopt;
  for (const std::string_view place : {paths::k_workers_active, paths::k_workers_completed, paths::k_workers_failed,
                                       paths::k_workers_zombie, paths::k_workers_stale}) {
    const auto bytes = folder.read(paths::worker_spec(place, subtask.worker_id));
    if (!bytes) continue;
    if (auto worker = read_worker(*bytes); worker && worker->subtask_id == subtask.id) return std::move(*worker);
  }
  return std::nullopt;
}

fs::path workspace_of(const Folder& folder) {
  const fs::path root = folder.root();
  const std::string& wished = load_catalogue(folder).config.workspace;
  return (wished.empty() ? root.parent_path() : root / wished).lexically_normal();
}

Result<WorkerOutput> read_end(const fs::path& beneath, const std::string& file) {
  const fs::path seen = (beneath / file).lexically_normal().lexically_relative(beneath);
  if (seen.empty() || *seen.begin() == "..") return fail(ErrorCode::refused, file + " leads out of " + beneath.string());
  TRY_VALUE(const auto files, platform::open_files(beneath.string(), 0600, 0700));
  TRY_VALUE(const platform::Stat stat, files->stat(seen.string()));
  if (stat.type != platform::FileType::regular) return fail(ErrorCode::invalid, file + " is no regular file");
  const std::int64_t from = std::max<std::int64_t>(0, stat.identity.size - static_cast<std::int64_t>(k_tail));
  WorkerOutput output;
  output.file = file;
  TRY_VALUE(output.tail, files->read_at(seen.string(), from, k_tail));
  output.cut = from > 0;
  if (output.cut) output.tail.erase(0, output.tail.find('\n') + 1);  // half a line; npos + 1 is 0
  return output;
}

}  // namespace

WorkerOutput output_of(const Folder& folder, const SubtaskView& subtask) {
  const auto worker = worker_of(folder, subtask);
  if (!worker || worker->output_file.empty()) return {};
  const fs::path workspace = workspace_of(folder);
  auto output = worker->worktree.empty() ? Result<WorkerOutput>(fail(ErrorCode::not_found, ""))
                                         : read_end((workspace / worker->worktree).lexically_normal(), worker->output_file);
  if (!output) output = read_end(workspace, worker->output_file);
  return output ? std::move(*output) : WorkerOutput{worker->output_file, "", false, output.error().message};
}

}  // namespace baton::front
