// One POST for each row.
#include <optional>
#include <utility>

#include "engine/data/batch-builder.h"
#include "engine/data/value-json.h"
#include "engine/host/http.h"
#include "engine/json/writer.h"
#include "engine/text/url.h"
#include "engine/text/utf8.h"
#include "nodes/notify/row-value.h"
#include "nodes/notify/slack-text.h"
#include "nodes/notify/webhook/webhook.gen.h"

namespace weir::nodes::notify_webhook {
namespace {

struct Posting {
  Settings settings;
  std::optional<RowExpression> text, body;
  std::vector<HttpHeader> headers;
  SchemaRef schema;
  Http* http = nullptr;
  NodeContext* context = nullptr;
};

class Posted final : public Call {
 public:
  Posted(const Posting& posting, Batch row, std::string body)
      : posting_(posting), row_(std::move(row)), body_(std::move(body)) {}

  Result<Flow> poll(StepIo& io) override {
    if (!std::exchange(started_, true)) start(io.waker());
    if (!operation_.ready()) return Flow::pending;
    WEIR_ASSIGN(auto response, operation_.take());
    const auto status = response.status;
    if (status >= 400) {
      // Not the URL, of which a part is secret.
      auto text = "the webhook answered with status " + std::to_string(status);
      const auto begin = std::string_view(response.body).substr(0, 200);
      if (!begin.empty() && utf8::isValid(begin)) text += ": " + std::string(begin);
      return fail("http.status", std::move(text), status == 408 || status == 425 || status == 429 || status >= 500);
    }
    const std::vector<Value> values{Value::int64(status)};
    BatchBuilder builder(posting_.schema, posting_.context->account());
    WEIR_TRY(builder.append(values));
    WEIR_ASSIGN(auto batch, builder.finish(row_.envelope()));
    io.emit(out::sent, std::move(batch));
    return Flow::done;
  }

 private:
  void start(Waker waker) {
    HttpRequest request;
    request.method = "POST";
    request.url = posting_.settings.url;
    request.secretPath = posting_.settings.path.value_or("");
    request.headers = posting_.headers;
    request.headers.push_back({"Content-Type", "application/json"});
    request.body = std::move(body_);
    request.timeoutMs = posting_.settings.timeout;
    request.maxResponseBytes = 1 << 20;
    request.maxRedirects = 0;
    operation_ = posting_.http->send(std::move(request), std::move(waker));
  }

  const Posting& posting_;
  Batch row_;
  std::string body_;
  Operation<HttpResponse> operation_;
  bool started_ = false;
};

class Posts final : public Caller {
 public:
  explicit Posts(Posting posting) : posting_(std::move(posting)) {}

  Result<std::unique_ptr<Call>> begin(const RowView& view) override {
    WEIR_ASSIGN(auto row, view.batch->physical().slice(view.row, 1).dense());
    std::string body;
    if (posting_.settings.form == Settings::Form::slack) {
      std::string text;
      if (posting_.text) {
        WEIR_ASSIGN(text, notify::textOf(*posting_.text, row));
      } else {
        text = toJson(row.row(0));
      }
      json::Writer(body).beginObject().key("text").value(notify::slackText(text)).endObject();
    } else if (posting_.body) {
      WEIR_ASSIGN(const auto value, notify::valueOf(*posting_.body, row));
      appendJson(body, value);
    } else {
      appendJson(body, row.row(0));
    }
    return std::make_unique<Posted>(posting_, std::move(row), std::move(body));
  }

 private:
  Posting posting_;
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  Posting posting;
  posting.settings = settings;
  posting.context = &context;
  WEIR_ASSIGN(posting.http, context.host<Http>());
  auto url = parseUrl(settings.url);
  if (url && url->scheme != "http" && url->scheme != "https") {
    url = fail("url.invalid", "its scheme is not http or https");
  }
  if (!url) return fail("settings.type", "/settings/url: " + url.error().message);
  if (settings.text) {
    WEIR_ASSIGN(posting.text, RowExpression::compile(*settings.text, "/settings/text", context));
  }
  if (settings.body) {
    WEIR_ASSIGN(posting.body, RowExpression::compile(*settings.body, "/settings/body", context));
  }
  if (const auto* members = settings.headers.asObject()) {
    for (const auto& member : *members) {
      const auto* text = member.value.asString();
      if (text == nullptr) return fail("settings.type", "/settings/headers/" + member.key + ": expected a text");
      posting.headers.push_back({member.key, *text});
    }
  }
  posting.schema = Schema::of({{"status", Type::int64(), false, false}});
  auto node = std::make_unique<Node>();
  node->stages.resize(1);
  node->stages[0].caller = std::make_shared<Posts>(std::move(posting));
  return node;
}

}  // namespace weir::nodes::notify_webhook
