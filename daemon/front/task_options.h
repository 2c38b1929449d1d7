// A task in words and options, as `submit` hands it in and `plan` tries it out.
#pragma once

#include <algorithm>
#include <array>
#include <iterator>
#include <string>

#include "front/data.h"
#include "front/verb.h"

namespace baton::front {

/// The options that say something about the task; --id among them.
inline constexpr std::array<Option, 11> k_task_options{{
    {.name = "description", .letter = 'd', .value = "TEXT", .help = "the details"},
    {.name = "id", .value = "ID", .help = "its name for ever (default: made from the time)"},
    {.name = "file", .value = "PATH", .help = "a file that the task will change", .many = true},
    {.name = "priority", .value = "WORD", .help = "critical, high, medium (default) or low"},
    {.name = "to", .value = "MASTER", .help = "the master for it, when the task is a simple one"},
    {.name = "mode", .value = "WORD", .help = "staged (default), sequential or eager"},
    {.name = "after", .value = "ID", .help = "a task that must complete first", .many = true},
    {.name = "approval", .help = "the plan waits for: baton approve ID"},
    {.name = "playbook", .value = "NAME", .help = "the playbook to decompose it by"},
    {.name = "decompose", .help = "decompose it, however small it looks"},
    {.name = "simple", .help = "one master does it, however large it looks"},
}};

/// A verb's options after these.
template <std::size_t Own>
constexpr auto with_task_options(const Option (&own)[Own]) {
  std::array<Option, k_task_options.size() + Own> all{};
  std::copy(k_task_options.begin(), k_task_options.end(), all.begin());
  std::copy(std::begin(own), std::end(own), all.begin() + k_task_options.size());
  return all;
}

/// The document of the drop folder. usage: a blank title, an unknown word, --decompose and --simple at once.
Result<Data> task_from(const Arguments& arguments, const std::string& title, const std::string& id);

/// usage: one of them was given beside a document, which says everything itself.
Result<> no_task_options(const Arguments& arguments, std::string_view document);

}  // namespace baton::front
