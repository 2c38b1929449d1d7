// A Files for tests that counts the primitives done through it and, at the one of your choice, fails, tears an append, or
// calls back before or after it (a crash is a callback that throws). Numbers count from 1.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/files.h"

namespace baton::test {

enum class Primitive {
  stat,
  read,
  list,
  write,
  rename,
  exchange,
  remove,
  make_folder,
  symlink,
  append,
  read_at,
  set_owner,
  sync
};

inline bool changes_something(Primitive primitive) {
  switch (primitive) {
    case Primitive::stat:
    case Primitive::read:
    case Primitive::list:
    case Primitive::read_at: return false;
    default: return true;
  }
}

class FaultFiles final : public platform::Files {
 public:
  using Filter = std::function<bool(Primitive, const std::string& path)>;
  struct Step {
    Primitive primitive;
    std::string path;   // of two paths the first
    std::string other;  // the second path, or the target of a symlink
  };

  explicit FaultFiles(platform::Files& real) : real_(real) {}

  /// Only what the filter lets through is counted and recorded, and can fail. Default: everything.
  void count_only(Filter filter) { filter_ = std::move(filter); }
  void count_only_changes() {
    filter_ = [](Primitive primitive, const std::string&) { return changes_something(primitive); };
  }

  void fail(std::uint64_t nth, Error error) { faults_[nth].error = std::move(error); }
  void before(std::uint64_t nth, std::function<void()> call) { faults_[nth].before = std::move(call); }
  void after(std::uint64_t nth, std::function<void()> call) { faults_[nth].after = std::move(call); }
  /// An append only writes its first `keep` bytes and says so, as on a disk that is nearly full.
  void tear(std::uint64_t nth, std::size_t keep) { faults_[nth].keep = keep; }
  /// Every counted primitive fails from now on, until clear().
  void fail_all(Error error) { always_ = {true, std::move(error)}; }
  void clear() {
    faults_.clear();
    always_.first = false;
  }

  std::uint64_t count() const { return steps_.size(); }
  const std::vector<Step>& steps() const { return steps_; }
  void restart_count() { steps_.clear(); }

  Result<platform::Stat> stat(const std::string& path) override {
    return pass<platform::Stat>({Primitive::stat, path, ""}, [&] { return real_.stat(path); });
  }
  Result<platform::Content> read(const std::string& path, std::size_t limit) override {
    return pass<platform::Content>({Primitive::read, path, ""}, [&] { return real_.read(path, limit); });
  }
  Result<std::vector<platform::Entry>> list(const std::string& path) override {
    return pass<std::vector<platform::Entry>>({Primitive::list, path, ""}, [&] { return real_.list(path); });
  }
  Result<platform::Stat> scan(const std::string& path, const std::function<void(std::string_view)>& take) override {
    return pass<platform::Stat>({Primitive::read, path, ""}, [&] { return real_.scan(path, take); });
  }
  Result<platform::Stat> write_pieces(const std::string& path, std::span<const std::string_view> pieces) override {
    return pass<platform::Stat>({Primitive::write, path, ""}, [&] { return real_.write_pieces(path, pieces); });
  }
  Result<> rename(const std::string& from, const std::string& to, platform::Replace replace) override {
    return pass<void>({Primitive::rename, from, to}, [&] { return real_.rename(from, to, replace); });
  }
  Result<> exchange(const std::string& a, const std::string& b) override {
    return pass<void>({Primitive::exchange, a, b}, [&] { return real_.exchange(a, b); });
  }
  Result<> remove(const std::string& path) override {
    return pass<void>({Primitive::remove, path, ""}, [&] { return real_.remove(path); });
  }
  Result<> make_folder_within(const std::string& within, const std::string& path) override {
    return pass<void>({Primitive::make_folder, path, ""}, [&] { return real_.make_folder_within(within, path); });
  }
  Result<> symlink(const std::string& target, const std::string& path) override {
    return pass<void>({Primitive::symlink, path, target}, [&] { return real_.symlink(target, path); });
  }
  Result<Appended> append(const std::string& path, std::string_view bytes) override {
    const auto fault = faults_.find(next({Primitive::append, path, ""}));
    const std::size_t keep = fault == faults_.end() ? std::string_view::npos : fault->second.keep;
    return pass<Appended>({Primitive::append, path, ""}, [&] { return real_.append(path, bytes.substr(0, keep)); });
  }
  Result<std::string> read_at(const std::string& path, std::int64_t offset, std::size_t length) override {
    return pass<std::string>({Primitive::read_at, path, ""}, [&] { return real_.read_at(path, offset, length); });
  }
  Result<> set_owner(const std::string& path, const platform::Stat& like) override {
    return pass<void>({Primitive::set_owner, path, ""}, [&] { return real_.set_owner(path, like); });
  }
  Result<> sync(const std::string& path) override {
    return pass<void>({Primitive::sync, path, ""}, [&] { return real_.sync(path); });
  }

 private:
  struct Fault {
    std::function<void()> before, after;
    std::optional<Error> error;
    std::size_t keep = std::string_view::npos;
  };

  bool counted(const Step& step) const { return !filter_ || filter_(step.primitive, step.path); }
  std::uint64_t next(const Step& step) const { return counted(step) ? steps_.size() + 1 : 0; }

  template <class T, class Call>
  Result<T> pass(const Step& step, Call call) {
    if (!counted(step)) return call();
    steps_.push_back(step);
    const auto found = faults_.find(steps_.size());
    const Fault fault = found == faults_.end() ? Fault{} : found->second;
    if (fault.before) fault.before();
    if (fault.error) return tl::make_unexpected(*fault.error);
    if (always_.first) return tl::make_unexpected(always_.second);
    Result<T> result = call();
    if (fault.after) fault.after();
    return result;
  }

  platform::Files& real_;
  Filter filter_;
  std::map<std::uint64_t, Fault> faults_;
  std::pair<bool, Error> always_;
  std::vector<Step> steps_;
};

}  // namespace baton::test
