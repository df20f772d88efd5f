// Messages to rows.
#include "engine/node/message-rows.h"

#include "engine/data/value-json.h"
#include "engine/node/start-partition.h"
#include "engine/text/utf8.h"

namespace weir::streams {
namespace {

constexpr std::size_t kShownBytes = 1000;

SchemaRef schemaOf(MessageForm form, const std::vector<std::string>& textColumns) {
  TypeRef type = Type::any();
  if (form == MessageForm::text) type = Type::string();
  if (form == MessageForm::bytes) type = Type::bytes();
  std::vector<Field> fields{{"message", type, true, false}};
  for (const auto& name : textColumns) fields.push_back({name, Type::string(), true, false});
  return Schema::of(std::move(fields));
}

}  // namespace

MessageRows::MessageRows(MessageForm form, std::vector<std::string> textColumns, NodeContext& context)
    : form_(form), context_(context), schema_(schemaOf(form, textColumns)), builder_(schema_, context.account()) {}

void MessageRows::fail(std::string_view message, std::string why, StepIo& io) const {
  MapBuilder row;
  const auto shown = message.substr(0, kShownBytes);
  row.set(Value::string("message"), utf8::isValid(shown) ? Value::string(shown) : Value::bytes(shown));
  io.failValue(std::move(row).build(), Error{"stream.message", std::move(why), false});
}

void MessageRows::add(std::string_view message, bool text, std::span<const std::string_view> texts, StepIo& io) {
  Value value;
  const bool valid = text || form_ == MessageForm::bytes || utf8::isValid(message);
  switch (form_) {
    case MessageForm::bytes:
      value = Value::bytes(message);
      break;
    case MessageForm::text:
      if (!valid) return fail(message, "the message is no UTF-8 text; read it as bytes", io);
      value = Value::string(message);
      break;
    case MessageForm::json: {
      auto parsed = parseJsonValue(message);
      if (!parsed) return fail(message, "the message is no JSON: " + parsed.error().message, io);
      value = std::move(*parsed);
      break;
    }
    case MessageForm::automatic: {
      const bool likely = !message.empty() && (message.front() == '{' || message.front() == '[');
      auto parsed = likely ? parseJsonValue(message) : Result<Value>(Value::null());
      if (likely && parsed) {
        value = std::move(*parsed);
      } else {
        value = valid ? Value::string(message) : Value::bytes(message);
      }
      break;
    }
  }
  values_.clear();
  values_.push_back(std::move(value));
  for (const auto& one : texts) values_.push_back(Value::string(one));
  if (auto appended = builder_.append(values_); !appended) fail(message, appended.error().message, io);
}

Result<Unit> MessageRows::emit(Port out, StepIo& io) {
  if (empty()) return Unit{};
  Envelope envelope;
  if (place_.sequence == 0) place_.partition = startPartition(context_);
  envelope.partition = place_.partition;
  envelope.firstSequence = place_.sequence + 1;
  envelope.timestampMicros = context_.nowMicros();
  place_.sequence += static_cast<std::uint64_t>(builder_.rows());
  WEIR_ASSIGN(auto batch, builder_.finish(std::move(envelope)));
  io.emit(out, std::move(batch));
  return Unit{};
}

std::string messageOf(const Value& value, bool& text) {
  text = value.kind() != ValueKind::bytes;
  if (value.kind() == ValueKind::string || value.kind() == ValueKind::bytes) return std::string(value.text());
  return toJson(value);
}

}  // namespace weir::streams
