// How words become arguments, and what is said when they do not.
#include "front/parse.h"
#include "front/verbs.h"
#include "front_fixture.h"

using namespace baton;
using namespace baton::front;

namespace {

constexpr Operand k_operands[] = {{"ID", "an id"}, {"MORE", "more", false, true}};
constexpr Option k_options[] = {{.name = "priority", .letter = 'p', .value = "WORD"},
                                {.name = "file", .value = "PATH", .many = true},
                                {.name = "wait"},
                                {.name = "count", .value = "N"},
                                {.name = "timeout", .value = "DURATION"},
                                {.name = "note", .value = "TEXT"}};
constexpr Verb k_verb{.name = "try", .summary = "Try", .operands = k_operands, .options = k_options};

Arguments good(const std::vector<std::string>& words) {
  auto arguments = parse(k_verb, words);
  REQUIRE_MESSAGE(arguments.has_value(), (arguments ? "" : arguments.error().message));
  return *arguments;
}

Error bad(const std::vector<std::string>& words) {
  auto arguments = parse(k_verb, words);
  REQUIRE(!arguments.has_value());
  CHECK(arguments.error().code == ErrorCode::usage);
  return arguments.error();
}

}  // namespace

TEST_CASE("options and operands in any order") {
  const Arguments arguments = good({"--file", "a.js", "auth", "-p", "high", "--file=b.js", "--wait", "x", "y"});
  CHECK(arguments.value("ID") == "auth");
  CHECK(arguments.values("MORE") == std::vector<std::string>{"x", "y"});
  CHECK(arguments.value("priority") == "high");
  CHECK(arguments.values("file") == std::vector<std::string>{"a.js", "b.js"});
  CHECK(arguments.has("wait"));
  CHECK(!arguments.has("count"));
  CHECK(arguments.value("count", "7") == "7");
}

TEST_CASE("global options may follow the verb") {
  const Arguments arguments = good({"auth", "--json", "--coordination", "/srv/c", "-v"});
  CHECK(arguments.has("json"));
  CHECK(arguments.has("verbose"));
  CHECK(arguments.value("coordination") == "/srv/c");
}

TEST_CASE("a dash alone is a value, and -- ends the options") {
  CHECK(good({"-"}).value("ID") == "-");
  CHECK(good({"--", "--wait"}).value("ID") == "--wait");
  CHECK(!good({"--", "--wait"}).has("wait"));
}

TEST_CASE("what is wrong is named, with the nearest known word") {
  CHECK(bad({"auth", "--prioritty", "high"}).message == "unknown option --prioritty (did you mean \"--priority\"?)");
  CHECK(bad({"auth", "--zebra=1"}).message == "unknown option --zebra");
  CHECK(bad({}).message == "baton try: ID is missing");
  CHECK(bad({"auth", "-p", "low", "-p", "high"}).message == "--priority may be given only once");
  CHECK(contains(bad({"auth", "--priority"}).message, "--priority"));
  CHECK(bad({"auth", "--wait=maybe"}).code == ErrorCode::usage);
}

TEST_CASE("an empty value is refused, but for a text") {
  for (const char* option : {"--priority", "--file", "--count", "--timeout", "--coordination"}) {
    const Error error = bad({"auth", option, ""});
    CHECK(error.message == std::string(option) + " is given an empty value");
    CHECK(contains(error.hint, "or leave it out"));
  }
  CHECK(contains(bad({"auth", "--file", "a.js", "--file", ""}).message, "--file is given an empty value"));
  CHECK(good({"auth", "--note", ""}).has("note"));
  CHECK(run_words({"--coordination", "", "list"}).code == 2);
  CHECK(run_words({"submit", "Fix it", "--after", ""}).code == 2);
}

TEST_CASE("superfluous operands") {
  auto arguments = parse(verbs::k_show, {"auth", "two words"});
  REQUIRE(!arguments);
  CHECK(arguments.error().message == "baton show: unexpected argument \"two words\"");
}

TEST_CASE("help excuses a missing operand") { CHECK(good({"--help"}).has("help")); }

TEST_CASE("numbers keep their bounds") {
  CHECK(*good({"a", "--count", "100"}).number("count", 0, 100) == 100);
  CHECK(*good({"a", "--count", "0"}).number("count", 0, 100) == 0);
  CHECK(!good({"a"}).number("count", 0, 100)->has_value());
  CHECK(contains(bad({"a", "--count="}).message, "a value is missing: --count"));
  for (const char* wrong : {"101", "-1", "1x", "99999999999999999999"}) {
    const auto number = good({"a", std::string("--count=") + wrong}).number("count", 0, 100);
    INFO(wrong);
    REQUIRE(!number);
    CHECK(number.error().message == "--count takes a whole number from 0 to 100, not \"" + std::string(wrong) + "\"");
  }
}

TEST_CASE("durations") {
  CHECK(*good({"a", "--timeout", "1h30m"}).duration_ms("timeout") == 5'400'000);
  const auto wrong = good({"a", "--timeout", "soon"}).duration_ms("timeout");
  REQUIRE(!wrong);
  CHECK(wrong.error().message == "--timeout takes a duration, not \"soon\"");
  CHECK(wrong.error().hint == "for example 30s, 5m or 1h30m");
}

TEST_CASE("the first words") {
  CHECK(run_words({}).code == 0);
  CHECK(contains(run_words({}).out, "baton init"));
  const Ran wrong = run_words({"statsu"});
  CHECK(wrong.code == 2);
  CHECK(wrong.out.empty());
  CHECK(contains(wrong.err, "baton: there is no verb \"statsu\" (did you mean \"status\"?)"));
  CHECK(run_words({"--jsn", "status"}).code == 2);
  CHECK(contains(run_words({"--jsn", "status"}).err, "did you mean \"--json\"?"));
  const Ran missing = run_words({"-v"});
  CHECK(missing.code == 2);
  CHECK(contains(missing.err, "a verb is missing"));
  const Ran usage = run_words({"show"});
  CHECK(usage.code == 2);
  CHECK(contains(usage.err, "baton show ID; more: baton show --help"));
}

TEST_CASE("failures under --json are an envelope on standard output") {
  const Ran ran = run_words({"statsu", "--json"});
  CHECK(ran.code == 2);
  CHECK(ran.err.empty());
  CHECK(ran.out ==
        "{\"schema_version\":1,\"error\":{\"code\":\"usage\",\"message\":\"there is no verb \\\"statsu\\\" (did you mean "
        "\\\"status\\\"?)\",\"hint\":\"all verbs: baton help\"}}\n");
}

TEST_CASE("no folder: exit 3 and what to do") {
  const TemporaryFolder empty;
  const Ran ran = run_words({"--coordination", empty.path() + "/none", "status"});
  CHECK(ran.code == 3);
  CHECK(contains(ran.err, "there is no coordination folder " + empty.path() + "/none"));
  CHECK(contains(ran.err, "baton init"));
}

TEST_CASE("every verb explains itself") {
  for (const Verb* verb : all_verbs()) {
    INFO(verb->name);
    const Ran help = run_words({std::string(verb->name), "--help"});
    CHECK(help.code == 0);
    CHECK(contains(help.out, "Usage: baton " + std::string(verb->name)));
    CHECK(contains(help.out, verb->summary.data()));
    for (const Option& option : verb->options) CHECK(contains(help.out, "--" + std::string(option.name)));
    CHECK(run_words({"help", std::string(verb->name)}).out == help.out);
    CHECK(contains(run_words({"help"}).out, std::string(verb->summary)));
    const bool needs_no_example = verb == &verbs::k_help || verb == &verbs::k_version;
    CHECK((needs_no_example || !verb->examples.empty()));
  }
}

TEST_CASE("help under --json is one envelope, whichever way it is asked for") {
  for (const Verb* verb : all_verbs()) {
    INFO(verb->name);
    const Ran help = run_words({std::string(verb->name), "--help", "--json"});
    CHECK(help.code == 0);
    CHECK(help.out.starts_with("{\"schema_version\":1,\"data\":{\"verb\":\"" + std::string(verb->name) + "\",\"summary\":"));
    CHECK(help.out.find('\n') == help.out.size() - 1);
    CHECK(run_words({"--json", "help", std::string(verb->name)}).out == help.out);
    CHECK(contains(run_words({"help", "--json"}).out, "{\"verb\":\"" + std::string(verb->name) + "\""));
  }
  CHECK(contains(run_words({"--help", "--json"}).out, "\"global_options\":[{\"name\":\"--coordination\",\"value\":\"DIR\""));
  const std::string submit = run_words({"help", "submit", "--json"}).out;
  CHECK(contains(submit, R"({"name":"TITLE","help":)"));
  CHECK(contains(submit, R"({"name":"--wait","help":)"));
  CHECK(contains(submit, R"("examples":[{"line":"baton submit )"));
  CHECK(contains(run_words({"completion", "bash", "--json"}).out, R"({"shell":"bash","script":"# bash completion)"));
}

TEST_CASE("completion knows every verb and option") {
  const Ran ran = run_words({"completion", "bash"});
  CHECK(ran.code == 0);
  for (const Verb* verb : all_verbs()) CHECK(contains(ran.out, std::string(verb->name)));
  CHECK(contains(ran.out, "--approval"));
  CHECK(run_words({"completion", "tcsh"}).code == 2);
}

TEST_CASE("version") {
  CHECK(contains(run_words({"version"}).out, "filesystem protocol 1"));
  CHECK(run_words({"--version"}).out == run_words({"version"}).out);
  CHECK(contains(run_words({"version", "--json"}).out, "{\"schema_version\":1,\"data\":{\"version\":"));
}
