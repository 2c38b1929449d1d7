#include "platform/process_table.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <memory>
#include <set>

#include "base/text.h"
#include "platform/fd.h"

namespace baton::platform {
namespace {

// Fields of /proc/PID/stat after the name, counted from the state (proc(5) counts it as the third).
enum : std::size_t {
  k_state,
  k_parent,
  k_group,
  k_session,
  k_utime = 11,
  k_stime,
  k_cutime,
  k_cstime,
  k_start = 19,
  k_rss = 21,
  k_needed
};

template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::int64_t ms_of_ticks(std::int64_t ticks) {
  static const std::int64_t k_per_second = ::sysconf(_SC_CLK_TCK);
  return ticks * 1000 / k_per_second;
}

std::int64_t bytes_of_pages(std::int64_t pages) {
  static const std::int64_t k_page = ::sysconf(_SC_PAGESIZE);
  return pages * k_page;
}

using Fields = std::array<std::string_view, k_needed>;

/// Nothing: there are fewer. Read for every process there is, so nothing is copied.
std::optional<Fields> fields_of(std::string_view text) {
  Fields fields;
  for (std::string_view& field : fields) {
    if (text.empty()) return std::nullopt;
    field = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), field.size() + 1));
  }
  return fields;
}

/// Sum of the four times, or nothing.
std::optional<std::int64_t> cpu_ticks(const Fields& fields) {
  std::int64_t sum = 0;
  for (const std::size_t at : {k_utime, k_stime, k_cutime, k_cstime}) {
    const auto ticks = number_of<std::int64_t>(fields[at]);
    if (!ticks) return std::nullopt;
    sum += *ticks;
  }
  return sum;
}

bool fill_numbers(const Fields& fields, ProcessRow& row) {
  const auto parent = number_of<pid_t>(fields[k_parent]);
  const auto group = number_of<pid_t>(fields[k_group]);
  const auto session = number_of<pid_t>(fields[k_session]);
  const auto start = number_of<std::uint64_t>(fields[k_start]);
  const auto cpu = cpu_ticks(fields);
  const auto pages = number_of<std::int64_t>(fields[k_rss]);
  if (!parent || !group || !session || !start || !cpu || !pages) return false;
  row.parent = *parent;
  row.group = *group;
  row.session = *session;
  row.start_ticks = *start;
  row.cpu_ms = ms_of_ticks(*cpu);
  row.rss_bytes = bytes_of_pages(*pages);
  return true;
}

/// The file's beginning; an empty string and errno when it cannot be read.
std::string read_small(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 4096> bytes;
  const ssize_t got = fd ? ::read(fd.get(), bytes.data(), bytes.size()) : -1;
  return got > 0 ? std::string(bytes.data(), static_cast<std::size_t>(got)) : std::string();
}

std::string place_of(pid_t pid, const char* file) { return "/proc/" + std::to_string(pid) + "/" + file; }

/// A process that /proc does not show may still be there: /proc can be mounted so that strangers' processes are hidden.
tl::unexpected<Error> unseen(pid_t pid) {
  const std::string who = "the process " + std::to_string(pid);
  const bool hidden = pid > 0 && (::kill(pid, 0) == 0 || errno == EPERM);
  if (hidden) return fail(ErrorCode::refused, who + " is hidden from this user", "/proc is mounted with hidepid");
  return fail(ErrorCode::not_found, "there is no process " + std::to_string(pid));
}

/// The first number after `label`, which begins a line.
std::optional<std::vector<std::string>> words_of_line(std::string_view text, std::string_view label) {
  for (const std::string& line : text::split(text, '\n'))
    if (line.starts_with(label)) return text::split(std::string_view(line).substr(label.size()), '\t');
  return std::nullopt;
}

}  // namespace

std::optional<ProcessRow> parse_process_stat(std::string_view line) {
  const std::size_t open = line.find(" (");
  const std::size_t close = line.rfind(") ");  // the last one: the name may hold any number of them
  if (open == std::string_view::npos || close == std::string_view::npos || close < open + 2) return std::nullopt;
  const auto pid = number_of<pid_t>(line.substr(0, open));
  const auto fields = fields_of(text::trim(line.substr(close + 2)));
  if (!pid || !fields || (*fields)[k_state].size() != 1) return std::nullopt;
  ProcessRow row;
  row.pid = *pid;
  row.name = text::printable(line.substr(open + 2, close - open - 2));
  row.state = (*fields)[k_state].front();
  if (!fill_numbers(*fields, row)) return std::nullopt;
  return row;
}

std::string_view state_word(char state) {
  switch (state) {
    case 'R': return "running";
    case 'D': return "waiting";
    case 'T':
    case 't': return "stopped";
    case 'Z':
    case 'X':
    case 'x': return "ended";
    default: return "sleeping";  // S, I, and what older kernels called sleeping
  }
}

Result<ProcessRow> read_process(pid_t pid) {
  auto row = parse_process_stat(read_small(place_of(pid, "stat")));
  if (!row) return unseen(pid);
  return *std::move(row);
}

std::optional<ProcessOwner> parse_process_status(std::string_view text) {
  const auto leader = words_of_line(text, "Tgid:\t");
  const auto pid = words_of_line(text, "Pid:\t");
  const auto uids = words_of_line(text, "Uid:\t");
  if (!leader || !pid || !uids || leader->size() != 1 || pid->size() != 1 || uids->size() < 2) return std::nullopt;
  const auto real = number_of<uid_t>(uids->at(0));
  const auto effective = number_of<uid_t>(uids->at(1));
  if (!real || !effective) return std::nullopt;
  return ProcessOwner{*real, *effective, leader->front() != pid->front()};
}

Result<ProcessOwner> read_process_owner(pid_t pid) {
  const auto owner = parse_process_status(read_small(place_of(pid, "status")));
  if (!owner) return unseen(pid);
  return *owner;
}

std::optional<std::int64_t> read_proportional_bytes(pid_t pid) {
  constexpr std::string_view k_key = "\nPss:";
  const std::string text = read_small(place_of(pid, "smaps_rollup"));
  const std::size_t at = text.find(k_key);
  if (at == std::string::npos) return std::nullopt;
  const std::string_view rest = text::trim(std::string_view(text).substr(at + k_key.size()));
  const auto kib = number_of<std::int64_t>(rest.substr(0, rest.find(' ')));
  return kib ? std::optional(*kib * 1'024) : std::nullopt;
}

std::int64_t start_boot_ms(std::uint64_t start_ticks) { return ms_of_ticks(static_cast<std::int64_t>(start_ticks)); }

std::int64_t start_wall_ms(std::uint64_t start_ticks, const Moment& now) {
  return now.wall_ms - now.boot_ms + start_boot_ms(start_ticks);
}

bool had_begun_by(std::uint64_t start_ticks, std::int64_t wall_ms, const Moment& now) {
  constexpr std::int64_t k_slack_ms = 2'000;
  return start_wall_ms(start_ticks, now) <= wall_ms + k_slack_ms;
}

ProcessTable ProcessTable::read() {
  std::vector<ProcessRow> rows;
  const std::unique_ptr<DIR, int (*)(DIR*)> proc(::opendir("/proc"), ::closedir);
  while (const dirent* each = proc && rows.size() < k_max_processes ? ::readdir(proc.get()) : nullptr) {
    const auto pid = number_of<pid_t>(each->d_name);
    if (!pid) continue;
    if (auto row = parse_process_stat(read_small(place_of(*pid, "stat")))) rows.push_back(*std::move(row));
  }
  return ProcessTable(std::move(rows));
}

ProcessTable::ProcessTable(std::vector<ProcessRow> rows) {
  for (ProcessRow& row : rows) {
    children_.emplace(row.parent, row.pid);
    groups_.emplace(row.group, row.pid);
    rows_.insert_or_assign(row.pid, std::move(row));
  }
}

const ProcessRow* ProcessTable::find(pid_t pid) const {
  const auto found = rows_.find(pid);
  return found == rows_.end() ? nullptr : &found->second;
}

ProcessTable::Family ProcessTable::descendants_of(pid_t pid, std::size_t limit) const { return gather({pid}, limit); }

ProcessTable::Family ProcessTable::family_of(pid_t pid, std::size_t limit) const {
  if (find(pid) == nullptr) return {};
  std::vector<pid_t> first = {pid};
  for (const ProcessRow* member : group(pid)) first.push_back(member->pid);
  return gather(first, limit);
}

// Children are looked at in the order their parents were found, so what is cut off is what is farthest away.
ProcessTable::Family ProcessTable::gather(const std::vector<pid_t>& first, std::size_t limit) const {
  Family family;
  std::set<pid_t> seen;
  const auto add = [&](pid_t pid) {
    const ProcessRow* row = find(pid);
    if (row == nullptr || seen.contains(pid)) return;
    if (family.members.size() == limit) {
      family.whole = false;
      return;
    }
    seen.insert(pid);
    family.members.push_back(row);
    family.cpu_ms += row->cpu_ms;
    family.rss_bytes += row->rss_bytes;
  };
  for (const pid_t pid : first) add(pid);
  for (std::size_t i = 0; i < family.members.size(); ++i) {
    const auto [from, to] = children_.equal_range(family.members[i]->pid);
    for (auto child = from; child != to; ++child) add(child->second);
  }
  return family;
}

std::vector<const ProcessRow*> ProcessTable::group(pid_t group) const {
  std::vector<const ProcessRow*> members;
  const auto [first, last] = groups_.equal_range(group);
  for (auto member = first; member != last; ++member) members.push_back(find(member->second));
  return members;
}

std::vector<pid_t> ProcessTable::line_of(pid_t pid) const {
  std::vector<pid_t> line;
  std::set<pid_t> seen;  // rows are read one after the other, so a line may bite its own tail
  for (const ProcessRow* row = find(pid); row != nullptr && seen.insert(row->pid).second; row = find(row->parent))
    line.push_back(row->pid);
  return line;
}

}  // namespace baton::platform
