#include "base/ids.h"

#include <doctest/doctest.h>

#include <set>

using namespace baton;

TEST_CASE("record ids") {
  for (const std::string_view good : {"a", "7", "auth-001-design", "task-1762342920", "A.b_c-d", "t1.auth-001", "orch-t1"}) {
    CAPTURE(good);
    CHECK(is_record_id(good));
  }
  for (const std::string_view bad : {"", ".", "..", "-a", "_a", ".a", "a..b", "a/b", "../../etc/x", "a b", "a\n", "é", "a\\b"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_record_id(bad));
  }
  CHECK_FALSE(is_record_id(std::string_view("a\0b", 3)));
  CHECK(is_record_id(std::string(96, 'x')));
  CHECK_FALSE(is_record_id(std::string(97, 'x')));
}

TEST_CASE("a task id is a record id that could not be taken for a plan's") {
  CHECK(is_task_id("task-1"));
  CHECK(is_task_id("orchestra"));
  CHECK(is_task_id("orch"));
  CHECK_FALSE(is_task_id("orch-"));
  CHECK_FALSE(is_task_id("orch-task-1"));
  CHECK_FALSE(is_task_id("a/b"));
}

TEST_CASE("master names") {
  for (const std::string_view good : {"development", "ci_cd", "a-b", "7", "0-x"}) CHECK(is_master_name(good));
  for (const std::string_view bad : {"", "Development", "a.b", "-a", "_a", "\"\ndevelopment\"", "a b", "ä", "a/b", ".."}) {
    CAPTURE(bad);
    CHECK_FALSE(is_master_name(bad));
  }
  CHECK(is_master_name(std::string(32, 'm')));
  CHECK_FALSE(is_master_name(std::string(33, 'm')));
}

TEST_CASE("a long id is cut and stays unique by its hash") {
  const std::string at_bound(96, 'x');
  CHECK(shorten_id(at_bound) == at_bound);
  const std::string shortened = shorten_id(at_bound + "y");
  CHECK(shortened.size() == 96);
  CHECK(shortened == std::string(87, 'x') + "-" + content_hash(at_bound + "y").substr(0, 8));
  CHECK(shortened != shorten_id(at_bound + "z"));
  CHECK(is_task_id(shortened));
}

TEST_CASE("any text is made to fit a task id") {
  CHECK(fit_task_id("scan") == "scan");
  CHECK(fit_task_id("a--b-") == "a--b-");
  CHECK(fit_task_id("Fix the login bug!") == "Fix-the-login-bug");
  CHECK(fit_task_id("a / b") == "a-b");
  CHECK(fit_task_id("../../etc/passwd") == "etc-passwd");
  CHECK(fit_task_id("v1..2") == "v1.2");
  CHECK(fit_task_id("orch-t1") == "t1");
  CHECK(fit_task_id("orch-orch-t1") == "t1");
  CHECK(fit_task_id("-orch-.orch--t1") == "t1");
  CHECK(fit_task_id("orch-") == "task");
  CHECK(fit_task_id("") == "task");
  CHECK(fit_task_id("задача") == "task");
  CHECK(fit_task_id("été 7") == "t-7");
  CHECK(fit_task_id(std::string(200, 'x') + "!").size() == 96);
}

TEST_CASE("every byte and pair of bytes gives a task id") {
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      const std::string text{static_cast<char>(a), static_cast<char>(b)};
      REQUIRE(is_task_id(fit_task_id(text)));
      REQUIRE(is_task_id(fit_task_id("x" + text + text + "y")));
    }
  }
}

TEST_CASE("the hash of content is the published XXH3-128, big end first") {
  CHECK(content_hash("") == "99aa06d3014798d86001c324468d497f");
  CHECK(content_hash("a").size() == 32);
  CHECK(content_hash("a") != content_hash("b"));
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(content_hash(std::string(static_cast<std::size_t>(i), 'a')));
  CHECK(seen.size() == 1000);
}
