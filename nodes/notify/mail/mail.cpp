// One mail for each row.
#include "engine/host/mail.h"

#include <optional>
#include <utility>

#include "engine/data/batch-builder.h"
#include "engine/data/value-json.h"
#include "engine/node/row-expression.h"
#include "nodes/notify/mail/mail.gen.h"
#include "nodes/notify/row-value.h"

namespace weir::nodes::mail {
namespace {

struct Sending {
  Settings settings;
  MailServer server;
  std::vector<std::string> to;
  std::optional<RowExpression> toFrom, subject, text, html;
  SchemaRef schema;
  Mail* mail = nullptr;
  NodeContext* context = nullptr;
};

class Sent final : public Call {
 public:
  Sent(const Sending& sending, Batch row, MailMessage message)
      : sending_(sending), row_(std::move(row)), message_(std::move(message)) {}

  Result<Flow> poll(StepIo& io) override {
    if (!std::exchange(started_, true)) operation_ = sending_.mail->send(sending_.server, message_, io.waker());
    if (!operation_.ready()) return Flow::pending;
    WEIR_TRY(operation_.take());
    std::vector<Value> to;
    for (const auto& one : message_.to) to.push_back(Value::string(one));
    const std::vector<Value> values{Value::list(std::move(to)), Value::string(message_.subject)};
    BatchBuilder builder(sending_.schema, sending_.context->account());
    WEIR_TRY(builder.append(values));
    WEIR_ASSIGN(auto batch, builder.finish(row_.envelope()));
    io.emit(out::sent, std::move(batch));
    return Flow::done;
  }

 private:
  const Sending& sending_;
  Batch row_;
  MailMessage message_;
  Operation<Unit> operation_;
  bool started_ = false;
};

class Mails final : public Caller {
 public:
  explicit Mails(Sending sending) : sending_(std::move(sending)) {}

  Result<std::unique_ptr<Call>> begin(const RowView& view) override {
    WEIR_ASSIGN(auto row, view.batch->physical().slice(view.row, 1).dense());
    MailMessage message;
    message.from = sending_.settings.from;
    message.to = sending_.to;
    if (sending_.toFrom) WEIR_TRY(addReceivers(row, message.to));
    if (message.to.empty()) return fail("mail.address", "the mail is for nobody; say in to or toFrom to whom it goes");
    WEIR_ASSIGN(message.subject, notify::textOf(*sending_.subject, row));
    if (sending_.text) {
      WEIR_ASSIGN(message.text, notify::textOf(*sending_.text, row));
    } else {
      message.text = toJson(row.row(0));
    }
    if (sending_.html) {
      WEIR_ASSIGN(message.html, notify::textOf(*sending_.html, row));
    }
    return std::make_unique<Sent>(sending_, std::move(row), std::move(message));
  }

 private:
  Result<void> addReceivers(const Batch& row, std::vector<std::string>& to) const {
    WEIR_ASSIGN(const auto value, notify::valueOf(*sending_.toFrom, row));
    if (value.isNull()) return {};
    if (value.kind() == ValueKind::string) {
      to.emplace_back(value.text());
      return {};
    }
    if (value.kind() != ValueKind::list) {
      return fail("mail.address", "toFrom gives " + std::string(value.typeText()) + ", expected addresses");
    }
    for (const auto& one : value.items()) {
      if (one.kind() != ValueKind::string) {
        return fail("mail.address", "toFrom lists " + std::string(one.typeText()) + ", expected addresses");
      }
      to.emplace_back(one.text());
    }
    return {};
  }

  Sending sending_;
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  Sending sending;
  sending.settings = settings;
  sending.context = &context;
  WEIR_ASSIGN(sending.mail, context.host<Mail>());
  sending.server.server = settings.server;
  sending.server.security = static_cast<MailServer::Security>(settings.security);
  sending.server.user = settings.user.value_or("");
  sending.server.password = settings.password.value_or("");
  sending.server.timeoutMs = settings.timeout;
  sending.to = settings.to;
  if (sending.to.empty() && !settings.toFrom) {
    return fail("settings.missing", "/settings/to: say to whom the mails go, here or in toFrom");
  }
  const auto compile = [&context](std::optional<RowExpression>& into, const std::string& text,
                                  const char* pointer) -> Result<void> {
    WEIR_ASSIGN(into, RowExpression::compile(text, pointer, context));
    return {};
  };
  if (settings.toFrom) WEIR_TRY(compile(sending.toFrom, *settings.toFrom, "/settings/toFrom"));
  WEIR_TRY(compile(sending.subject, settings.subject, "/settings/subject"));
  if (settings.text) WEIR_TRY(compile(sending.text, *settings.text, "/settings/text"));
  if (settings.html) WEIR_TRY(compile(sending.html, *settings.html, "/settings/html"));
  sending.schema =
      Schema::of({{"to", Type::list(Type::string()), false, false}, {"subject", Type::string(), false, false}});
  auto node = std::make_unique<Node>();
  node->stages.resize(1);
  node->stages[0].caller = std::make_shared<Mails>(std::move(sending));
  return node;
}

}  // namespace weir::nodes::mail
