// One request for each row; what comes back is a row.
#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "engine/cel/column/expression.h"
#include "engine/data/batch-builder.h"
#include "engine/data/packet.h"
#include "engine/data/trace-context.h"
#include "engine/data/value-json.h"
#include "engine/host/http.h"
#include "engine/node/row-expression.h"
#include "engine/node/setting-values.h"
#include "engine/text/url.h"
#include "nodes/http/request/request.gen.h"
#include "nodes/http/response-body.h"
#include "nodes/http/retry-after.h"

namespace weir::nodes::request {
namespace {

constexpr std::size_t kShownBytes = 200;

struct Asking {
  Settings settings;
  Url url;
  std::optional<RowExpression> urlFrom, bodyFrom;
  std::vector<std::pair<std::string, RowExpression>> query;
  std::vector<HttpHeader> headers, openHeaders;  // with and without secrets
  bool sendsBody = false;
  SchemaRef schema;
  Http* http = nullptr;
  NodeContext* context = nullptr;
};

/// The expression's value for a batch of one row.
Result<Value> valueOf(const RowExpression& expression, const Batch& row) {
  std::vector<cel::RowError> errors;
  WEIR_ASSIGN(const auto column, expression.evaluate(row, errors));
  if (!errors.empty()) return std::unexpected(std::move(errors.front().error));
  return column.value(0).owned();
}

std::string textOf(const Value& value) {
  if (value.kind() == ValueKind::string || value.kind() == ValueKind::bytes) return std::string(value.text());
  return toJson(value);
}

Result<std::string> formOf(const Value& value) {
  if (value.kind() != ValueKind::map)
    return fail("http.body", "a form is made of a map of names and values, found " + std::string(value.typeText()));
  std::string out;
  for (const auto& entry : value.entries()) {
    if (entry.value.isNull()) continue;
    if (!out.empty()) out += '&';
    out += percentEncoded(textOf(entry.key)) + "=" + percentEncoded(textOf(entry.value));
  }
  return out;
}

bool mayHelpToRepeat(int status) {
  return status == 408 || status == 425 || status == 429 || status == 500 || (status >= 502 && status <= 504);
}

class Request final : public Call {
 public:
  Request(const Asking& asking, Batch row, HttpRequest request)
      : asking_(asking), row_(std::move(row)), request_(std::move(request)) {}

  void start(const Waker& waker) {
    if (started_) return;
    started_ = true;
    shown_ = request_.method + " " + request_.url.substr(0, request_.url.find('?'));
    operation_ = asking_.http->send(std::move(request_), waker);
  }

  [[nodiscard]] std::optional<Timestamp> notBefore() const override { return notBefore_; }

  Result<Flow> poll(StepIo& io) override {
    start(io.waker());
    if (!operation_.ready()) return Flow::pending;
    WEIR_ASSIGN(auto response, operation_.take());
    if (asking_.settings.failOnStatus && response.status >= 400) {
      noteRetryAfter(response);
      auto text = shown_ + " was answered with status " + std::to_string(response.status);
      const auto begin = std::string_view(response.body).substr(0, kShownBytes);
      if (!begin.empty() && utf8::isValid(begin)) text += ": " + std::string(begin);
      return fail("http.status", std::move(text), mayHelpToRepeat(response.status));
    }
    WEIR_ASSIGN(auto batch, rowOf(response));
    io.emit(out::response, std::move(batch));
    return Flow::done;
  }

 private:
  void noteRetryAfter(const HttpResponse& response) {
    const auto now = asking_.context->nowMicros();
    const auto wait = http::retryAfterMs(response.header("retry-after"), now, asking_.settings.retryAfterMost);
    if (wait) notBefore_ = now + *wait * 1000;
  }

  Result<Batch> rowOf(HttpResponse& response) const {
    auto body = http::bodyOf(response, static_cast<http::BodyKind>(asking_.settings.response));
    if (!body) {
      body.error().message = shown_ + ": " + body.error().message;
      return std::unexpected(std::move(body.error()));
    }
    std::vector<Value> values{Value::int64(response.status), http::headersOf(response), std::move(*body),
                              Value::string(response.url)};
    if (asking_.settings.includeRow) values.push_back(row_.row(0));
    BatchBuilder builder(asking_.schema, asking_.context->account());
    WEIR_TRY(builder.append(values));
    return builder.finish(row_.envelope());
  }

  const Asking& asking_;
  Batch row_;
  HttpRequest request_;
  Operation<HttpResponse> operation_;
  std::string shown_;
  std::optional<Timestamp> notBefore_;
  bool started_ = false;
};

class Requests final : public Caller {
 public:
  explicit Requests(Asking asking) : asking_(std::move(asking)) {}

  Result<std::unique_ptr<Call>> begin(const RowView& view) override {
    WEIR_ASSIGN(auto row, view.batch->physical().slice(view.row, 1).dense());
    HttpRequest request;
    const auto& settings = asking_.settings;
    static constexpr const char* kMethods[] = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"};
    request.method = kMethods[static_cast<std::size_t>(settings.method)];
    request.timeoutMs = settings.timeout;
    request.maxResponseBytes = settings.maxResponseBytes;
    request.maxRedirects = static_cast<int>(settings.maxRedirects);
    request.caFile = settings.caFile.value_or("");
    request.headers = asking_.headers;
    if (settings.auth == Settings::Auth::basic) {
      request.user = settings.user.value_or("");
      request.password = settings.secret.value_or("");
    }
    WEIR_TRY(addUrl(row, request));
    WEIR_TRY(addBody(row, request));
    addTrace(row, request);
    auto call = std::make_unique<CallOf>(*this, std::move(row), std::move(request));
    // All calls of the node wake one task: once its waker is known, a call is under way before it is first asked.
    if (waker_) call->start(*waker_);
    return call;
  }

 private:
  class CallOf final : public Call {
   public:
    CallOf(Requests& requests, Batch row, HttpRequest request)
        : requests_(requests), request_(requests.asking_, std::move(row), std::move(request)) {}
    void start(const Waker& waker) { request_.start(waker); }
    Result<Flow> poll(StepIo& io) override {
      if (!requests_.waker_) requests_.waker_ = io.waker();
      return request_.poll(io);
    }
    [[nodiscard]] std::optional<Timestamp> notBefore() const override { return request_.notBefore(); }

   private:
    Requests& requests_;
    Request request_;
  };

  /// A row may name another host than the flow does, but not send it what is the flow's.
  void dropSecrets(HttpRequest& request) const {
    request.headers = asking_.openHeaders;
    request.user.clear();
    request.password.clear();
  }

  Result<Unit> addUrl(const Batch& row, HttpRequest& request) const {
    request.url = asking_.settings.url;
    if (asking_.urlFrom) {
      WEIR_ASSIGN(const auto url, valueOf(*asking_.urlFrom, row));
      if (url.kind() != ValueKind::string)
        return fail("url.invalid", "urlFrom gives " + std::string(url.typeText()) + ", expected a text");
      WEIR_ASSIGN(const auto target, resolveUrl(asking_.url, url.text()));
      if (target.origin() != asking_.url.origin()) dropSecrets(request);
      request.url = target.origin() + target.target;
    }
    for (const auto& [name, expression] : asking_.query) {
      WEIR_ASSIGN(const auto value, valueOf(expression, row));
      if (value.isNull()) continue;
      request.url = request.url.substr(0, request.url.find('#'));
      request.url += request.url.find('?') == std::string::npos ? '?' : '&';
      request.url += percentEncoded(name) + "=" + percentEncoded(textOf(value));
    }
    WEIR_TRY(parseUrl(request.url));
    return Unit{};
  }

  Result<Unit> addBody(const Batch& row, HttpRequest& request) const {
    if (!asking_.sendsBody) return Unit{};
    Value value;
    if (asking_.bodyFrom) {
      WEIR_ASSIGN(value, valueOf(*asking_.bodyFrom, row));
    } else {
      value = row.row(0);
    }
    std::string type;
    switch (asking_.settings.bodyType) {
      case Settings::BodyType::json:
        type = "application/json";
        appendJson(request.body, value);
        break;
      case Settings::BodyType::form: {
        type = "application/x-www-form-urlencoded";
        WEIR_ASSIGN(request.body, formOf(value));
        break;
      }
      case Settings::BodyType::text:
        type = value.kind() == ValueKind::bytes ? "application/octet-stream" : "text/plain; charset=utf-8";
        request.body = textOf(value);
        break;
    }
    for (const auto& header : request.headers) {
      if (utf8::equalsIgnoringAsciiCase(header.name, "content-type")) return Unit{};
    }
    request.headers.push_back({"Content-Type", std::move(type)});
    return Unit{};
  }

  /// The row's trace, and a span made of it for this call.
  void addTrace(const Batch& row, HttpRequest& request) const {
    const auto* origins = asking_.context->origins();
    const auto run = row.envelope().at(0);
    const auto place = row.envelope().place(0);
    TraceId trace = run.trace;
    if (trace == TraceId{} && origins != nullptr && place.origin > 0) {
      trace = traceAt(origins->runHash, place);
    }
    if (trace == TraceId{}) return;
    // The span that the row has here in what the run exports.
    std::int32_t node = 0;
    if (origins != nullptr) {
      const auto known = std::ranges::find(origins->nodes, asking_.context->nodeId());
      node = static_cast<std::int32_t>(known - origins->nodes.begin());
    }
    const bool kept = asking_.context->traced(place, run.trace);
    request.headers.push_back({"traceparent", traceparentText({trace, spanIdOf(trace, node, 0), kept})});
  }

  Asking asking_;
  std::optional<Waker> waker_;
};

Result<std::vector<HttpHeader>> headersFrom(const Settings& settings) {
  std::vector<HttpHeader> headers;
  if (const auto* members = settings.headers.asObject()) {
    for (const auto& member : *members) {
      const auto* text = member.value.asString();
      if (text == nullptr) return fail("settings.type", "/settings/headers/" + member.key + ": expected a text");
      headers.push_back({member.key, *text});
    }
  }
  if (settings.auth == Settings::Auth::bearer)
    headers.push_back({"Authorization", "Bearer " + settings.secret.value_or("")});
  return headers;
}

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  Asking asking;
  asking.settings = settings;
  asking.context = &context;
  WEIR_ASSIGN(asking.http, context.host<Http>());
  if (settings.auth != Settings::Auth::none && settings.secret.value_or("").empty())
    return fail("settings.missing",
                "/settings/secret: this authentication needs a password or token, such as ${secret:NAME}");
  auto url = parseUrl(settings.url);
  if (url && url->scheme != "http" && url->scheme != "https")
    url = fail("url.invalid", "its scheme is not http or https");
  if (!url) return fail("settings.type", "/settings/url: " + url.error().message);
  asking.url = std::move(*url);
  if (settings.urlFrom) {
    WEIR_ASSIGN(asking.urlFrom, RowExpression::compile(*settings.urlFrom, "/settings/urlFrom", context));
  }
  if (settings.bodyFrom) {
    WEIR_ASSIGN(asking.bodyFrom, RowExpression::compile(*settings.bodyFrom, "/settings/bodyFrom", context));
  }
  if (const auto* members = settings.query.asObject()) {
    for (const auto& member : *members) {
      const auto* text = member.value.asString();
      if (text == nullptr) return fail("settings.type", "/settings/query/" + member.key + ": expected an expression");
      WEIR_ASSIGN(auto expression, RowExpression::compile(*text, "/settings/query/" + member.key, context));
      asking.query.emplace_back(member.key, std::move(expression));
    }
  }
  WEIR_ASSIGN(asking.headers, headersFrom(settings));
  std::ranges::copy_if(asking.headers, std::back_inserter(asking.openHeaders), [](const HttpHeader& header) {
    return !header.value.contains("${secret:") && !utf8::equalsIgnoringAsciiCase(header.name, "authorization") &&
           !utf8::equalsIgnoringAsciiCase(header.name, "cookie");
  });
  const auto method = settings.method;
  asking.sendsBody = asking.bodyFrom || method == Settings::Method::post || method == Settings::Method::put ||
                     method == Settings::Method::patch;
  std::vector<Field> fields{{"status", Type::int64(), false, false},
                            {"headers", Type::any(), false, false},
                            {"body", Type::any(), true, false},
                            {"url", Type::string(), false, false}};
  if (settings.includeRow) fields.push_back({"row", Type::any(), true, false});
  asking.schema = Schema::of(std::move(fields));
  auto node = std::make_unique<Node>();
  node->stages.resize(1);
  node->stages[0].caller = std::make_shared<Requests>(std::move(asking));
  return node;
}

}  // namespace weir::nodes::request
