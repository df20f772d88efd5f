// Serves the application's files with the headers that browsers heed.
#include "apps/cli/serve/web-pages.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "apps/cli/serve/account-pages.h"
#include "apps/cli/serve/start-page.h"
#include "engine/node/version.h"

namespace weir::cli {
namespace {

// Only files of our own, no inline script, no frame around it, nothing sent elsewhere.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; font-src "
    "'self'; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'";

/// FNV-1a, 64 bits: tells contents apart, against no enemy.
std::string fingerprint(std::string_view content) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : content) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  std::array<char, 16> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), hash, 16).ptr;
  return {text.data(), end};
}

WebFile fileOf(std::string path, std::string_view type, std::string content) {
  auto etag = "\"" + fingerprint(content) + "\"";
  return {std::move(path), type, std::move(content), std::move(etag), false, false};
}

WebFile keptFile(const std::string& name, const std::string& suffix, std::string_view type, std::string_view content) {
  auto file = fileOf("/assets/" + name + "." + fingerprint(content) + suffix, type, std::string(content));
  file.kept = true;
  return file;
}

void put(std::string& text, std::string_view mark, std::string_view value) {
  for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + value.size()))
    text.replace(at, mark.size(), value);
}

const std::string* headerOf(const native::HttpRequest& request, std::string_view name) {
  const auto found = std::ranges::find(request.headers, name, &std::pair<std::string, std::string>::first);
  return found == request.headers.end() ? nullptr : &found->second;
}

native::HttpAnswer answerFor(const WebFile& file, const native::HttpRequest& request) {
  native::HttpAnswer answer;
  answer.headers = {
      {"cache-control", file.kept ? "public, max-age=31536000, immutable" : "no-cache"},
      {"etag", file.etag},
      {"content-security-policy", std::string(kPolicy)},
      {"cross-origin-opener-policy", "same-origin"},
      {"cross-origin-embedder-policy", "require-corp"},
      {"cross-origin-resource-policy", "same-origin"},
      {"referrer-policy", "same-origin"},
  };
  if (request.method != "GET" && request.method != "HEAD") {
    answer.status = 405;
    answer.headers = {{"allow", "GET, HEAD"}};
    return answer;
  }
  const auto* known = headerOf(request, "if-none-match");
  if (known != nullptr && (*known == "*" || known->find(file.etag) != std::string::npos)) {
    answer.status = 304;
    return answer;
  }
  answer.headers.emplace_back("content-type", file.type);
  if (file.gzip) answer.headers.emplace_back("content-encoding", "gzip");
  answer.headers.emplace_back("content-length", std::to_string(file.content.size()));
  answer.body = file.content;
  return answer;
}

/// An answer that is there from the start.
class ReadyTurn final : public native::HttpTurn {
 public:
  explicit ReadyTurn(native::HttpAnswer answer) : answer_(std::move(answer)) {}
  bool takesBody() const override { return false; }
  void body(std::string_view /*piece*/) override {}
  void endBody() override {}
  void step() override {}
  native::HttpAnswer* answer() override { return &answer_; }
  Next next(std::string& /*into*/) override { return Next::end; }

 private:
  native::HttpAnswer answer_;
};

}  // namespace

WebPages::WebPages(native::HttpHandler& next) : next_(next) {
  files_.push_back(
      keptFile("start", ".css", "text/css; charset=utf-8", std::string(kStartStyle).append(kAccountStyle)));
  files_.push_back(keptFile("start", ".js", "text/javascript; charset=utf-8", kStartScript));
  // Relative, so that it also works behind a proxy that puts all of us below a path.
  std::string page(kStartPage);
  put(page, "@style@", std::string_view(files_[0].path).substr(1));
  put(page, "@script@", std::string_view(files_[1].path).substr(1));
  put(page, "@version@", kEngineVersion);
  // Where the studio is inside the program it stands at the root.
  const auto studio = studioFiles();
  files_.push_back(fileOf(studio.empty() ? "/" : "/start", "text/html; charset=utf-8", std::move(page)));
  addAccountPages(std::string(std::string_view(files_[0].path).substr(1)));
  files_.push_back(fileOf("/robots.txt", "text/plain; charset=utf-8", "User-agent: *\nDisallow: /\n"));
  addStudio(studio);
  std::ranges::sort(files_, {}, &WebFile::path);
}

void WebPages::addStudio(const std::vector<StudioFile>& studio) {
  for (const auto& [path, type, content, kept] : studio) {
    auto file = fileOf(std::string(path), type, std::string(content));
    file.kept = kept;
    file.gzip = true;
    files_.push_back(std::move(file));
  }
}

void WebPages::addAccountPages(const std::string& style) {
  constexpr std::string_view kScript = "text/javascript; charset=utf-8";
  files_.push_back(keptFile("elements", ".js", kScript, kAccountCommon));
  const auto common = "./" + files_.back().path.substr(std::string_view("/assets/").size());
  for (const auto& page : kAccountPages) {
    std::string script(page.script);
    put(script, "@common@", common);
    files_.push_back(keptFile(std::string(page.name), ".js", kScript, script));
    const auto address = files_.back().path.substr(1);
    std::string text(kAccountShell);
    put(text, "@title@", page.title);
    put(text, "@style@", style);
    put(text, "@script@", address);
    files_.push_back(fileOf(std::string(page.path), "text/html; charset=utf-8", std::move(text)));
  }
}

std::unique_ptr<native::HttpTurn> WebPages::begin(native::HttpRequest request, Waker waker) {
  const auto found = std::ranges::lower_bound(files_, request.path, {}, &WebFile::path);
  if (found == files_.end() || found->path != request.path) return next_.begin(std::move(request), std::move(waker));
  return std::make_unique<ReadyTurn>(answerFor(*found, request));
}

}  // namespace weir::cli
