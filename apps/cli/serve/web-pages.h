// WebPages: the application that browsers get from a server, inside the program; all else goes on to the next handler.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "apps/cli/serve/studio-pack.h"
#include "hosts/native/server/http-turn.h"

namespace weir::cli {

/// A file of the application. What is `kept` has a name that is made of its content: browsers never ask for it again.
struct WebFile {
  std::string path;  // /assets/start.1234567890abcdef.css
  std::string_view type;
  std::string content;
  std::string etag;
  bool kept = false;
  bool gzip = false;  // the content is compressed
};

class WebPages final : public native::HttpHandler {
 public:
  /// `next` outlives it.
  explicit WebPages(native::HttpHandler& next);
  std::unique_ptr<native::HttpTurn> begin(native::HttpRequest request, Waker waker) override;
  int work() override { return next_.work(); }

 private:
  void addAccountPages(const std::string& style);
  void addStudio(const std::vector<StudioFile>& studio);
  native::HttpHandler& next_;
  std::vector<WebFile> files_;  // by path
};

}  // namespace weir::cli
