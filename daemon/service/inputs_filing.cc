// How a document that was taken leaves its place: filed with its reason, or removed when its answer stands. Every step can be
// repeated: after a crash the next start does all of it again.
#include <algorithm>

#include "protocol/paths.h"
#include "service/filing.h"
#include "service/inputs.h"
#include "service/log.h"

namespace baton::service {

namespace paths = protocol::paths;

namespace {

constexpr std::string_view k_kept_ending = ".request";  // of a command that nobody understood, beside its answer

bool is_command(const store::InputRow& row) { return folder_of(row.path) == paths::k_commands; }

bool has_verdict(const store::InputRow& row) {
  return folder_of(row.path) == paths::k_workers_active && row.sidecar_path.ends_with(paths::k_verdict_ending);
}

/// NAME.request, NAME cut where the whole would be too long for a name.
std::string kept_name(const std::string& name) {
  return name.substr(0, std::min(name.size(), std::size_t{200})) + std::string(k_kept_ending);
}

std::string hidden_name(const store::InputRow& row, std::string_view what) {
  return ".baton-" + std::string(what) + std::to_string(row.id);
}

}  // namespace

/// False: something else has this name. The very same bytes are those of an earlier attempt.
Result<bool> Inputs::put_new(const store::InputRow& row, const std::string& path, const std::string& bytes,
                             const platform::Stat* like) {
  const auto stands = world_.files.read(path, bytes.size());
  if (stands) return stands->bytes == bytes;
  if (stands.error().code == ErrorCode::invalid) return false;
  if (stands.error().code != ErrorCode::not_found) return tl::make_unexpected(stands.error());
  const std::string hidden = paths::join(folder_of(path), hidden_name(row, ""));
  TRY(write_to(world_.files, hidden, bytes));
  if (like != nullptr) static_cast<void>(world_.files.set_owner(hidden, *like));  // as far as it may
  const auto moved = world_.files.rename(hidden, path, platform::Replace::no);
  if (moved) return true;
  if (moved.error().code != ErrorCode::refused) return tl::make_unexpected(moved.error());
  TRY(world_.files.remove(hidden));
  return false;
}

// The document gets a free name in its folder, its reason the same name with .error.json. The reason comes first: a crash in
// between leaves the document where it is filed again, under the same name.
Result<std::string> Inputs::move_with_reason(const store::InputRow& row) {
  const std::string name = name_of(row.path);
  for (int n = 0; n <= k_max_names; ++n) {
    const std::string free = numbered(name, n);
    const std::string target = paths::join(row.folder, free);
    if (!row.sidecar_path.empty()) {  // its name goes with a free one
      if (presence(world_.files, target) == Presence::there) continue;
      TRY_VALUE(const bool put, put_sidecar(row, paths::join(row.folder, paths::error_name(free))));
      if (!put) continue;
    }
    const auto moved = move_to(world_.files, row.path, target);
    if (moved) return target;
    if (moved.error().code != ErrorCode::refused) return tl::make_unexpected(moved.error());
  }
  return fail(ErrorCode::refused, "every name for " + name + " in " + row.folder + " is taken");
}

// Between our look and the rename somebody put another document there: it is new input, so it goes back. When its name has been
// given away meanwhile, a task or a command gets another one; any other document was replaced by its own writer and stays filed.
Result<std::string> Inputs::give_back(const store::InputRow& row, const std::string& target) {
  auto back = world_.files.rename(target, row.path, platform::Replace::no);
  if (back) return row.path;
  const bool named_freely = folder_of(row.path) == paths::k_drop || is_command(row);
  const std::size_t dot = row.path.rfind('.');
  for (int n = 2; !back && named_freely && back.error().code == ErrorCode::refused && n <= k_max_names; ++n) {
    const std::string other = row.path.substr(0, dot) + "-" + std::to_string(n) + row.path.substr(dot);
    back = world_.files.rename(target, other, platform::Replace::no);
    if (back) return other;
  }
  log::warn({target, " is another document than the one that was taken, and cannot be put back: ", back.error().message});
  return std::string();
}

// The path that must be looked at again, or "".
Result<std::string> Inputs::file_one(const store::InputRow& row) {
  if (row.sidecar_path == row.path) {  // a queue entry: there is no file to move
    const std::string hidden = paths::join(folder_of(row.path), hidden_name(row, ""));
    TRY(write_to(world_.files, hidden, row.sidecar));
    TRY(world_.files.rename(hidden, row.path, platform::Replace::yes));
    return std::string();
  }
  if (is_command(row)) return file_command(row);
  if (has_verdict(row)) return file_with_verdict(row);
  const auto now = world_.files.stat(row.path);
  if (!now && now.error().code != ErrorCode::not_found) return tl::make_unexpected(now.error());
  if (!now || !(now->identity == row.identity)) return std::string();  // filed before, or somebody wrote a new one there
  const auto target = move_with_reason(row);
  if (!target)
    return target.error().code == ErrorCode::not_found && presence(world_.files, row.path) == Presence::gone
               ? Result<std::string>("")
               : target;
  const auto arrived = world_.files.stat(*target);
  if (!arrived || arrived->identity == row.identity) return std::string();
  return give_back(row, *target);
}

Result<> Inputs::write_answer(const store::InputRow& row) {
  for (int n = 0; n <= k_max_names; ++n) {
    TRY_VALUE(const bool put, put_sidecar(row, paths::join(paths::k_commands_done, numbered(name_of(row.sidecar_path), n))));
    if (put) return {};
  }
  return fail(ErrorCode::refused, "every name for the answer " + row.sidecar_path + " is taken");
}

// A request is taken away by a hidden name first: what was written under its own name since it was read is another request.
Result<std::string> Inputs::file_command(const store::InputRow& row) {
  TRY(write_answer(row));
  const std::string hidden = paths::join(paths::k_commands, hidden_name(row, "taken-"));
  if (presence(world_.files, hidden) != Presence::there) {
    const auto now = world_.files.stat(row.path);
    if (!now && now.error().code != ErrorCode::not_found) return tl::make_unexpected(now.error());
    if (!now || !(now->identity == row.identity)) return std::string();
    const auto moved = world_.files.rename(row.path, hidden, platform::Replace::no);
    if (!moved && moved.error().code == ErrorCode::not_found) return std::string();
    TRY(moved);
  }
  TRY_VALUE(const platform::Stat taken, world_.files.stat(hidden));
  if (!(taken.identity == row.identity)) return give_back(row, hidden);
  if (row.folder.empty())
    TRY(world_.files.remove(hidden));  // its answer holds all of it
  else
    TRY(move_to_free_name(world_.files, hidden, row.folder, kept_name(name_of(row.path))));
  return std::string();
}

}  // namespace baton::service
