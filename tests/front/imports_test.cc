// From what source files say to the files of the repository that they need.
#include "front/analysis/imports.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "rounds.h"

using namespace baton;
using namespace baton::front;

namespace {

struct Case {
  std::string path;
  std::string source;
  std::string imports;
};

void check(const std::vector<std::string>& files, std::initializer_list<Case> cases) {
  const RepositoryIndex index(files);
  const Imports::Read read = [](const std::string& path) {
    return std::optional<std::string>(path == "go.mod" ? "// a module\nmodule example.com/shop // here\n\ngo 1.21\n"
                                                       : "module example.com/tool\n");
  };
  const Imports imports(index, read);
  for (const Case& one : cases) {
    CAPTURE(one.path);
    CAPTURE(one.source);
    CHECK(text::join(imports.of(one.path, one.source), " ") == one.imports);
  }
}

}  // namespace

TEST_CASE("imports of Python") {
  check({"app/__init__.py", "app/auth/__init__.py", "app/auth/login.py", "app/auth/tokens.py", "app/db.py", "app/main.py",
         "src/lib/io.py"},
        {
            {"x.py", "import app.db\nimport os, app.auth.login as login", "app/auth/login.py app/db.py"},
            {"x.py", "from app.auth import login, tokens", "app/auth/login.py app/auth/tokens.py"},
            {"x.py", "from app.auth import (\n    login,  # the one\n    Session as S,\n)\n",
             "app/auth/__init__.py app/auth/login.py"},
            {"x.py", "from app.auth import *", "app/auth/__init__.py"},
            {"x.py", "from lib.io import read", "src/lib/io.py"},
            {"app/main.py", "from . import db\nfrom .auth.login import x", "app/auth/login.py app/db.py"},
            {"app/auth/login.py", "from .tokens import x\nfrom ..db import y\nfrom .. import main",
             "app/auth/tokens.py app/db.py app/main.py"},
            {"app/main.py", "import db", "app/db.py"},
            {"x.py", "# import app.db\n'import app.db'\n'''\nimport app.db\n'''\nx = 1 # from app import db", ""},
            {"x.py", "if x:\n    import app.db; import app.main", "app/db.py app/main.py"},
            {"app/db.py", "import app.db", ""},
            {"x.py", "from", ""},
            {"x.py", "import", ""},
            {"x.py", "from ..... import x", ""},
        });
}

TEST_CASE("imports of JavaScript and TypeScript") {
  check({"src/a.ts", "src/b.tsx", "src/lib/index.js", "src/data.json", "src/c.mjs", "top.js"},
        {
            {"src/x.ts", "import { a } from './a';\nimport type B from \"./b\"", "src/a.ts src/b.tsx"},
            {"src/x.ts", "import './lib'\nexport * from './c.mjs'", "src/c.mjs src/lib/index.js"},
            {"src/x.ts", "import a from './a.js'", "src/a.ts"},
            {"src/x.js", "const d = require('./data.json'), t = require(\"../top\")", "src/data.json top.js"},
            {"src/x.ts", "const a = await import('./a')", "src/a.ts"},
            {"web/x.ts", "import a from '@/a'; import b from 'src/b'", "src/a.ts src/b.tsx"},
            {"src/x.ts", "import {\n  a,\n  b\n} from './a'", "src/a.ts"},
            {"src/x.ts", "// import './a'\n/* require('./a') */ const s = \"require('./a')\", t = `import './a'`", ""},
            {"src/x.ts", "import react from 'react'; import x from '../../../etc/a'", ""},
        });
}

TEST_CASE("includes of C and C++") {
  check({"src/util/text.h", "src/main.h", "include/shop/api.hpp", "lib/deep/only.h"},
        {
            {"src/main.cc", "#include \"main.h\"\n#include <vector>\n# include \"util/text.h\"", "src/main.h src/util/text.h"},
            {"src/util/text.cc", "#include \"main.h\"\n#include \"text.h\"", "src/main.h src/util/text.h"},
            {"tests/x.c", "#include \"shop/api.hpp\"\n#include \"deep/only.h\"", "include/shop/api.hpp lib/deep/only.h"},
            {"src/main.cc", "// #include \"main.h\"\nconst char q = '\"'; int n = 1'000;\n/*\n#include \"main.h\"\n*/", ""},
        });
}

TEST_CASE("imports of Go, Rust and Java") {
  check({"go.mod", "pkg/cart/cart.go", "main.go", "tool/go.mod", "tool/cmd/x.go"},
        {
            {"main.go", "package main\nimport \"example.com/shop/pkg/cart\"", "pkg/cart/"},
            {"main.go", "import (\n\t\"fmt\"\n\tc \"example.com/shop/pkg/cart\" // cart\n\t\"example.com/tool/cmd\"\n)",
             "pkg/cart/ tool/cmd/"},
            {"main.go", "// import \"example.com/shop/pkg/cart\"\nvar s = `\nimport \"example.com/shop/pkg/cart\"`", ""},
        });
  check({"src/main.rs", "src/auth.rs", "src/auth/token.rs", "src/db/mod.rs", "src/db/pool.rs"},
        {
            {"src/main.rs", "mod auth;\nmod db;\nmod inline { }", "src/auth.rs src/db/mod.rs"},
            {"src/auth.rs", "pub mod token;\nuse crate::db::pool::Pool;", "src/auth/token.rs src/db/pool.rs"},
            {"src/auth.rs", "use crate::{db, auth::token::Token};\nuse std::io;", "src/auth/token.rs src/db/mod.rs"},
            {"src/auth/token.rs", "use super::super::db::Pool;\nfn f<'a>(x: &'a str) {}", "src/db/mod.rs"},
            {"src/db/pool.rs", "use super::Row; use self::x; // use crate::auth\nlet s = \"\nuse crate::auth;\";", ""},
        });
  check({"app/src/main/java/com/shop/Cart.java", "app/src/main/java/com/shop/db/Pool.java"},
        {
            {"app/src/main/java/com/shop/Main.java",
             "package com.shop;\nimport com.shop.Cart;\nimport static com.shop.db.Pool.open;",
             "app/src/main/java/com/shop/Cart.java app/src/main/java/com/shop/db/Pool.java"},
            {"app/src/main/java/com/shop/Main.java", "import com.shop.db.*;\nimport java.util.List;",
             "app/src/main/java/com/shop/db/"},
            {"X.java", "/* import com.shop.Cart; */ // import com.shop.Cart;\nString s = \"import com.shop.Cart;\";", ""},
        });
}

TEST_CASE("what is no source, or too large, imports nothing") {
  const RepositoryIndex index({"a.py"});
  const Imports imports(index, [](const std::string&) { return std::optional<std::string>(); });
  CHECK(imports.of("x.txt", "import a").empty());
  std::string source = "import a\n";
  source.resize(k_max_source, '#');
  CHECK(imports.of("x.py", source).size() == 1);
  CHECK(imports.of("x.py", source + '#').empty());
  CHECK(imports.of("", "import a", "python").size() == 1);
}

TEST_CASE("sources without sense are read in one go") {
  const std::size_t size = k_max_source / static_cast<std::size_t>(baton::test::rounds(64, 4));
  const RepositoryIndex index({"a.py", "src/lib.rs"});
  const Imports imports(index, [](const std::string&) { return std::optional<std::string>(); });
  for (const char* language : {"py", "js", "c", "go", "rs", "java"})
    for (const std::string piece : {"import ", "import (", "from . ", "import a, ", "use crate::{", "use super::", "'", "\"",
                                    "/*", "\"\"\"", "\\", "import\na.", "#include \"", "`", "::", "a."}) {
      CAPTURE(language);
      CAPTURE(piece);
      std::string source;
      while (source.size() < size) source += piece;
      CHECK(imports.of("x", source, language).size() <= 1);
    }
}
