#include "front/help.h"

#include <algorithm>

#include "front/parse.h"
#include "front/render.h"
#include "front/verbs.h"

namespace baton::front {
namespace {

struct Titled {
  Group group;
  std::string_view title;
};
constexpr Titled k_groups[] = {
    {Group::begin, "Begin"},           {Group::tasks, "Tasks and their progress"},
    {Group::control, "Decide"},        {Group::workers, "For masters and workers"},
    {Group::inspect, "Look after it"},
};

struct Line {
  std::string left;
  std::string right;
};

std::string two_columns(const std::vector<Line>& lines) {
  std::size_t width = 0;
  for (const Line& line : lines) width = std::max(width, display_width(line.left));
  std::string text;
  for (const Line& line : lines)
    text += line.right.empty() ? "  " + line.left + "\n" : "  " + pad_to(line.left, width + 2) + line.right + "\n";
  return text;
}

std::string spelled(const Option& option) {
  std::string text = option.letter == 0 ? "    " : "-" + std::string(1, option.letter) + ", ";
  text += "--" + std::string(option.name);
  if (!option.value.empty()) text += " " + std::string(option.value);
  return text;
}

std::vector<Line> option_lines(std::span<const Option> options) {
  std::vector<Line> lines;
  for (const Option& option : options)
    lines.push_back({spelled(option), std::string(option.help) + (option.many ? " (may be repeated)" : "")});
  return lines;
}

std::string operand_text(const Operand& operand) {
  const std::string text = std::string(operand.name) + (operand.many ? "..." : "");
  return operand.required ? text : "[" + text + "]";
}

Data data_of(const Option& option) {
  Data data;
  data.set("name", "--" + std::string(option.name));
  if (option.letter != 0) data.set("letter", "-" + std::string(1, option.letter));
  data.set_if("value", option.value).set("help", option.help).set("many", option.many);
  return data;
}

Data data_of(const Operand& operand) {
  Data data;
  data.set("name", operand.name).set("help", operand.help).set("required", operand.required).set("many", operand.many);
  return data;
}

Data data_of(const Example& example) {
  Data data;
  data.set("line", example.line).set_if("meaning", example.meaning);
  return data;
}

template <class Item>
Data list_of(std::span<const Item> items) {
  Data list = Data::array();
  for (const Item& item : items) list.push(data_of(item));
  return list;
}

Data data_of(const Verb& verb) {
  Data data;
  data.set("verb", verb.name).set("summary", verb.summary).set("usage", usage_of(verb));
  data.set("operands", list_of(verb.operands)).set("options", list_of(verb.options));
  return std::move(data.set("global_options", list_of(global_options())).set("examples", list_of(verb.examples)));
}

Data data_of_all() {
  Data verbs = Data::array();
  for (const Titled& titled : k_groups)
    for (const Verb* verb : all_verbs())
      if (verb->group == titled.group) {
        Data each;
        verbs.push(std::move(each.set("verb", verb->name).set("summary", verb->summary).set("group", titled.title)));
      }
  Data data;
  return std::move(data.set("verbs", std::move(verbs)).set("global_options", list_of(global_options())));
}

}  // namespace

void say_full_help(Output& out) {
  if (out.json()) return out.data(data_of_all());
  out.raw(full_help());
}

void say_help(Output& out, const Verb& verb) {
  if (out.json()) return out.data(data_of(verb));
  out.raw(help_of(verb));
}

std::string usage_of(const Verb& verb) {
  std::string text = "baton " + std::string(verb.name);
  for (const Operand& operand : verb.operands) text += " " + operand_text(operand);
  return verb.options.empty() ? text : text + " [options]";
}

std::string short_help() {
  return "baton coordinates AI agents through files: hand in a task, it becomes a plan,\n"
         "handoffs for your masters, and a report.\n\n"
         "Five commands to begin with:\n" +
         two_columns({{"baton init", "make a coordination folder here"},
                      {"baton daemon", "start the coordinator"},
                      {"baton submit \"Add a login page\"", "hand in a task"},
                      {"baton watch", "see it move"},
                      {"baton claim --master development", "take the next piece of work"}}) +
         "\nAll commands: baton help. One of them with examples: baton VERB --help.\n";
}

std::string full_help() {
  std::string text = "Usage: baton [--coordination DIR] [--json] [-v] VERB ...\n";
  for (const Titled& titled : k_groups) {
    std::vector<Line> lines;
    for (const Verb* verb : all_verbs())
      if (verb->group == titled.group) lines.push_back({std::string(verb->name), std::string(verb->summary)});
    text += "\n" + std::string(titled.title) + ":\n" + two_columns(lines);
  }
  text += "\nOptions of every verb:\n" + two_columns(option_lines(global_options()));
  return text +
         "\nExit codes: 0 ok, 1 a task failed or the answer is no, 2 usage, 3 not found, 4 no daemon running, 5 refused,\n"
         "6 waiting for a human, 8 invalid document, 124 timed out.\n";
}

std::string help_of(const Verb& verb) {
  std::string text = "Usage: " + usage_of(verb) + "\n\n" + std::string(verb.summary) + ".\n";
  std::vector<Line> operands;
  for (const Operand& operand : verb.operands) operands.push_back({std::string(operand.name), std::string(operand.help)});
  if (!operands.empty()) text += "\n" + two_columns(operands);
  if (!verb.options.empty()) text += "\nOptions:\n" + two_columns(option_lines(verb.options));
  text += "\nOptions of every verb:\n" + two_columns(option_lines(global_options()));
  std::vector<Line> examples;
  for (const Example& example : verb.examples)
    examples.push_back({std::string(example.line), example.meaning.empty() ? "" : "# " + std::string(example.meaning)});
  return examples.empty() ? text : text + "\nExamples:\n" + two_columns(examples);
}

}  // namespace baton::front
