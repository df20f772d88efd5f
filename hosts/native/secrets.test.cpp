// Secrets: resolved only for their hosts, and gone from every text.
#include "hosts/native/secrets.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "engine/text/base64.h"

namespace weir::native {
namespace {

constexpr std::string_view kCanary = "s3cr3t canary/+\"ä";

struct File {
  std::string path;
  File(std::string_view text, mode_t mode) {
    char name[] = "/tmp/weir-secrets-XXXXXX";
    const int opened = ::mkstemp(name);
    REQUIRE(opened >= 0);
    REQUIRE(::write(opened, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    ::fchmod(opened, mode);
    ::close(opened);
    path = name;
  }
  ~File() { ::unlink(path.c_str()); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
};

}  // namespace

TEST_CASE("a secret is put in where it is named, for the hosts it may go to") {
  const File file(R"({"KEY": "abcdef", "DB": {"value": "hidden", "hosts": ["*.example.com", "db:5432"]}})", 0600);
  ::setenv("WEIR_SECRET_FROM_SHELL", "shellvalue", 1);
  const auto secrets = Secrets::load(file.path);
  ::unsetenv("WEIR_SECRET_FROM_SHELL");
  REQUIRE(secrets.has_value());
  CHECK(*secrets->resolve("Bearer ${secret:KEY}!", "anything") == "Bearer abcdef!");
  CHECK(*secrets->resolve("${secret:FROM_SHELL}", "x") == "shellvalue");
  CHECK(*secrets->resolve("no secret ${name", "x") == "no secret ${name");
  CHECK(*secrets->resolve("${secret:DB}", "api.EXAMPLE.com:443") == "hidden");
  CHECK(*secrets->resolve("${secret:DB}", "db:5432") == "hidden");
  for (const char* host : {"example.com", "db", "db:5433", "evil-example.com", "api.example.com.evil"}) {
    CAPTURE(host);
    const auto refused = secrets->resolve("${secret:DB}", host);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == "secret.host");
    CHECK(refused.error().message.find("hidden") == std::string::npos);
  }
  CHECK(secrets->resolve("${secret:NONE}", "x").error().code == "secret.missing");
}

TEST_CASE("S11: a secret is gone from a text in every form it may take") {
  Secrets secrets;
  secrets.add("CANARY", std::string(kCanary));
  const std::string value(kCanary);
  const std::string forms[] = {value,
                               R"(s3cr3t canary/+\"ä)",
                               encodeHex(value),
                               "733363723374",
                               encodeBase64(value),
                               encodeBase64Url(value),
                               encodeBase64("u:" + value + "x"),
                               encodeBase64("us:" + value),
                               "s3cr3t%20canary%2F%2B%22%C3%A4",
                               "s3cr3t+canary%2f%2b%22%c3%a4"};
  for (const auto& form : forms) {
    if (form == "733363723374") continue;  // a part of the value is no secret
    CAPTURE(form);
    const auto shown = secrets.redact("before " + form + " behind");
    CHECK(shown.find("***") != std::string::npos);
    CHECK(shown.find(form) == std::string::npos);
    CHECK(shown.starts_with("before "));
    CHECK(shown.ends_with(" behind"));
  }
  CHECK(secrets.redact("nothing to hide") == "nothing to hide");
}

TEST_CASE("a file of secrets that others may read, or that is none, is refused without quoting it") {
  const std::pair<std::string, mode_t> wrong[] = {{R"({"A": "valuevalue"})", 0644},
                                                  {R"({"A": "valuevalue")", 0600},
                                                  {R"(["valuevalue"])", 0600},
                                                  {R"({"A": 5})", 0600},
                                                  {R"({"A": {"value": "valuevalue", "hosts": "x"}})", 0600}};
  for (const auto& [text, mode] : wrong) {
    const File file(text, mode);
    CAPTURE(text);
    const auto loaded = Secrets::load(file.path);
    REQUIRE_FALSE(loaded.has_value());
    CHECK(loaded.error().code == "secret.file");
    CHECK(loaded.error().message.find("valuevalue") == std::string::npos);
  }
  CHECK(Secrets::load("/no/such/file").error().code == "secret.file");
  Secrets secrets;
  secrets.add("PIN", "123");
  CHECK(secrets.resolve("${secret:PIN}", "x").error().code == "secret.short");
}

namespace {

/// Answers at once, or when it is told to.
class Source final : public SecretSource {
 public:
  void ask(std::string_view name, std::string_view targetHost, Done done) override {
    asked.push_back(std::string(name) + " for " + std::string(targetHost));
    if (later) {
      waiting.push_back(std::move(done));
    } else if (name == "NONE") {
      done(fail("secret.missing", "secret 'NONE' is not there"));
    } else {
      done(GivenSecret{name == "PIN" ? "12" : value, 60'000});
    }
  }
  std::string value{kCanary};
  bool later = false;
  std::vector<std::string> asked;
  std::vector<Done> waiting;
};

}  // namespace

TEST_CASE("S11: what is not known is asked of a source, once for a while, and kept out of texts in all its forms") {
  Source source;
  Secrets secrets;
  secrets.add("OWN", "own value");
  secrets.askOf(source);
  CHECK(secrets.empty() == false);
  CHECK(*secrets.resolve("${secret:OWN} ${secret:KEY}", "db:1") == "own value " + std::string(kCanary));
  CHECK(*secrets.resolve("${secret:KEY}", "db:1") == kCanary);
  CHECK(source.asked == std::vector<std::string>{"KEY for db:1"});
  CHECK(*secrets.resolve("${secret:KEY}", "db:2") == kCanary);
  CHECK(source.asked.size() == 2);
  CHECK(secrets.resolve("${secret:NONE}", "db:1").error().code == "secret.missing");
  CHECK(secrets.resolve("${secret:PIN}", "db:1").error().code == "secret.short");
  for (const auto& text : {std::string(kCanary), encodeBase64(kCanary), encodeHex(kCanary)}) {
    CHECK_FALSE(secrets.redact("before " + text + " behind").contains(text));
    CHECK_FALSE(secrets.redact(Error{"x", text}).message.contains(text));
  }
  CHECK(Secrets(secrets).redact(kCanary) == "***");
}

TEST_CASE("a thread that must not wait asks beforehand") {
  Source source;
  source.later = true;
  Secrets secrets;
  secrets.askOf(source);
  CHECK(secrets.asksFor("x ${secret:A} ${secret:B}") == std::vector<std::string>{"A", "B"});
  bool ready = false;
  secrets.asked()->prepare("A", "db:1", [&ready] { ready = true; });
  CHECK_FALSE(ready);
  CHECK_FALSE(secrets.asked()->known("A", "db:1"));
  source.waiting.front()(GivenSecret{"a value of it", 60'000});
  CHECK(ready);
  CHECK(*secrets.resolve("${secret:A}", "db:1") == "a value of it");
  CHECK(source.asked.size() == 1);
}

}  // namespace weir::native
