// A worker's spec that is filed because its worker was found dead carries the verdict from then on. It is written anew for that,
// and what its worker wrote is kept under a hidden name until the new one is safe on the disk. Every step can be repeated.
#include "protocol/paths.h"
#include "protocol/verdict.h"
#include "service/filing.h"
#include "service/inputs.h"
#include "service/log.h"

namespace baton::service {

namespace paths = protocol::paths;

namespace {
constexpr std::size_t k_max_spec_bytes = 1 << 20;
constexpr std::size_t k_max_verdict_bytes = 1 << 16;
constexpr std::int64_t k_sync_first_ms = 1'000;  // back-off while a copy cannot be synced
constexpr std::int64_t k_sync_last_ms = 60'000;
}  // namespace

Result<std::string> Inputs::file_with_verdict(const store::InputRow& row) {
  const std::string aside = paths::join(row.folder, ".baton-taken-" + std::to_string(row.id));
  TRY_VALUE(const bool taken, take_aside(row, aside));
  if (!taken) {
    know_again(row);
    return std::string();
  }
  TRY_VALUE(const platform::Stat lies, world_.files.stat(aside));
  if (!(lies.identity == row.identity)) return return_to_worker(row, aside);
  const auto spec = world_.files.read(aside, k_max_spec_bytes);
  const auto with = spec ? protocol::with_verdict(spec->bytes, row.sidecar) : std::nullopt;
  if (!with) return put_beside(row, aside);
  for (int n = 0; n <= k_max_names; ++n) {
    const std::string copy = paths::join(row.folder, numbered(name_of(row.path), n));
    TRY_VALUE(const bool put, put_new(row, copy, *with, &spec->stat));
    if (!put) continue;
    TRY_VALUE(const platform::Stat now, world_.files.stat(copy));
    leave_lazily(copy, now.identity);  // written by us: nobody's answer
    originals_.insert_or_assign(row.id, Original{aside, copy, {}});
    return std::string();
  }
  return fail(ErrorCode::refused, "every name for " + row.path + " in " + row.folder + " is taken");
}

/// False: nothing of this row is left to be filed.
Result<bool> Inputs::take_aside(const store::InputRow& row, const std::string& aside) {
  const auto earlier = world_.files.stat(aside);
  if (earlier) return true;
  if (earlier.error().code != ErrorCode::not_found) return tl::make_unexpected(earlier.error());
  const auto now = world_.files.stat(row.path);
  if (!now && now.error().code != ErrorCode::not_found) return tl::make_unexpected(now.error());
  if (!now || !(now->identity == row.identity)) return false;
  const auto moved = move_to(world_.files, row.path, aside);
  if (moved) return true;
  if (moved.error().code != ErrorCode::not_found || presence(world_.files, row.path) != Presence::gone)
    return tl::make_unexpected(moved.error());
  return false;
}

// Filed before a crash, but the journal does not know yet what the new spec looks like from outside.
void Inputs::know_again(const store::InputRow& row) {
  const std::string copy = paths::join(row.folder, name_of(row.path));
  const auto stands = world_.files.read(copy, k_max_spec_bytes + k_max_verdict_bytes);
  if (stands && protocol::carries_verdict(stands->bytes, row.sidecar)) leave_lazily(copy, stands->stat.identity);
}

// What is no JSON object, and a .pid or .heartbeat without a spec, stays as it is.
Result<std::string> Inputs::put_beside(const store::InputRow& row, const std::string& aside) {
  bool put = false;
  for (int n = 0; n <= k_max_names && !put; ++n) {
    const std::string name = numbered(name_of(row.sidecar_path), n);
    TRY_VALUE(put, put_sidecar(row, paths::join(row.folder, name)));
  }
  TRY(move_to_free_name(world_.files, aside, row.folder, name_of(row.path)));
  return std::string();
}

// It was written to after it was read: what is in it is not known.
Result<std::string> Inputs::return_to_worker(const store::InputRow& row, const std::string& aside) {
  TRY_VALUE(std::string path, give_back(row, aside));
  if (path.empty()) TRY(move_to_free_name(world_.files, aside, row.folder, name_of(row.path)));
  return path;
}

/// Those whose copies are safe. One that was written to meanwhile is not ours to remove.
Result<> Inputs::drop_originals() {
  Result<> done;
  for (auto at = originals_.begin(); at != originals_.end();) {
    Original& original = at->second;
    if (!original.pause.due(world_.now.boot_ms)) {
      ++at;
      continue;
    }
    const auto dropped = drop(rows_.at(at->first), original);
    if (dropped) {
      at = originals_.erase(at);
      continue;
    }
    original.pause.failed(world_.now.boot_ms, k_sync_first_ms, k_sync_last_ms);
    if (done || dropped.error().code == ErrorCode::no_space) done = dropped;
    ++at;
  }
  return done;
}

Result<> Inputs::drop(const store::InputRow& row, const Original& original) {
  const auto synced = world_.files.sync(original.copy);
  if (!synced && synced.error().code != ErrorCode::not_found) return synced;
  const auto lies = world_.files.stat(original.aside);
  if (!lies) return lies.error().code == ErrorCode::not_found ? Result<>() : tl::make_unexpected(lies.error());
  if (lies->identity == row.identity) return world_.files.remove(original.aside);
  TRY(return_to_worker(row, original.aside));
  return {};
}

}  // namespace baton::service
