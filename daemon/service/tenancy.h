// The right to work on a coordination folder: one daemon at a time, whatever its settings say, and always with the journal that
// was used last.
#pragma once

#include <optional>
#include <string>

#include "platform/files.h"
#include "platform/lock.h"

namespace baton::service {

class Tenancy {
 public:
  /// `state_dir`: absolute, where the journal is wanted. refused: another daemon holds the folder, or that journal. invalid: the
  /// journal that was used last lies elsewhere.
  static Result<Tenancy> take(platform::Files& files, const std::string& root, const std::string& state_dir, unsigned file_mode);

  const std::string& state_dir() const { return state_dir_; }
  std::string journal() const;
  /// Once the journal is open: a start with another one is refused from now on.
  void remember_place();
  /// What was deleted while it is ours is put back: the folders, the lock (it still holds, but nobody finds it), and what
  /// remember_place() wrote. refused: another daemon has taken its place.
  Result<> keep();
  /// Nobody else can work on the folder: of our locks one is still where others look for it.
  bool is_ours() const;

 private:
  Tenancy(platform::Files& files, std::string root, std::string state_dir, unsigned file_mode);
  Result<> lock();
  Result<> hold(const std::string& path, std::optional<platform::Lock>& lock) const;
  Result<> make_state_dir() const;
  Result<> check_place() const;
  std::string state_folder() const;

  platform::Files* files_;
  std::string root_;
  std::string state_dir_;
  unsigned file_mode_;
  std::optional<platform::Lock> folder_lock_;   // always in orchestrator/state: settings may change, this place does not
  std::optional<platform::Lock> journal_lock_;  // where the journal lies elsewhere: two folders may name one state_dir
};

}  // namespace baton::service
