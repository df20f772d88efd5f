// What a case says of its servers.
#include "tests/contract/simulated-servers.h"

#include "engine/data/value-json.h"

namespace weir::contract {
namespace {

std::vector<Value> rowsOf(const json::Value* list) {
  std::vector<Value> rows;
  if (list == nullptr || !list->isArray()) return rows;
  for (const auto& row : *list->asArray()) rows.push_back(fromJson(row));
  return rows;
}

std::string textAt(const json::Value& value, std::string_view key) {
  const auto* found = value.find(key);
  return found == nullptr || found->asString() == nullptr ? std::string() : *found->asString();
}

BrokerMessage messageOf(const json::Value& from) {
  BrokerMessage message;
  message.topic = textAt(from, "topic");
  message.id = textAt(from, "id");
  message.payload = textAt(from, "payload");
  if (const auto* payload = from.find("payload")) message.empty = payload->isNull();
  if (const auto* offset = from.find("offset")) message.offset = fromJson(*offset).int64();
  if (const auto* micros = from.find("timestampMicros")) message.timestampMicros = fromJson(*micros).int64();
  if (from.find("key") != nullptr) message.key = textAt(from, "key");
  if (const auto* fields = from.find("fields"); fields != nullptr && fields->isObject()) {
    for (const auto& field : *fields->asObject()) message.fields.emplace_back(field.key, *field.value.asString());
  }
  return message;
}

Value rowOf(const BrokerMessage& message) {
  MapBuilder row;
  if (message.key) row.set(Value::string("key"), Value::string(*message.key));
  row.set(Value::string("payload"), message.empty ? Value() : Value::string(message.payload));
  if (message.toPartition) row.set(Value::string("partition"), Value::int64(*message.toPartition));
  if (message.timestampMicros > 0) {
    row.set(Value::string("timestampMicros"), Value::int64(message.timestampMicros));
  }
  for (const auto& [name, value] : message.fields) row.set(Value::string(name), Value::string(value));
  if (message.retained) row.set(Value::string("retained"), Value::boolean(true));
  return std::move(row).build();
}

Value rowOf(const MailMessage& mail) {
  MapBuilder row;
  row.set(Value::string("from"), Value::string(mail.from));
  row.set(Value::string("subject"), Value::string(mail.subject));
  row.set(Value::string("text"), Value::string(mail.text));
  if (!mail.html.empty()) row.set(Value::string("html"), Value::string(mail.html));
  return std::move(row).build();
}

}  // namespace

void SimulatedServers::prepare(const json::Value& one) {
  if (const auto* tables = one.find("tables"); tables != nullptr && tables->isObject()) {
    for (const auto& table : *tables->asObject()) {
      std::vector<std::string> key;
      for (const auto& column : rowsOf(&table.value)) key.emplace_back(column.text());
      sql_.makeTable(table.key, std::move(key));
    }
  }
  if (const auto* answers = one.find("answers"); answers != nullptr && answers->isArray()) {
    for (const auto& answer : *answers->asArray()) {
      const auto* statement = answer.find("statement");
      const auto* parameters = answer.find("parameters");
      if (statement == nullptr || statement->asString() == nullptr || parameters == nullptr) continue;
      sql_.answer(*statement->asString(), fromJson(*parameters), rowsOf(answer.find("rows")));
    }
  }
  if (const auto* messages = one.find("messages"); messages != nullptr && messages->isArray()) {
    for (const auto& message : *messages->asArray()) broker_.put(messageOf(message));
  }
  for (const auto& topic : rowsOf(one.find("refuses"))) {
    broker_.refuse(std::string(topic.text()));
    mail_.refuse(std::string(topic.text()));
  }
}

std::map<std::string, std::vector<Value>> SimulatedServers::written() {
  std::map<std::string, std::vector<Value>> all;
  for (const auto& name : sql_.tables()) all[name] = sql_.rowsOf(name);
  for (const auto& message : broker_.published()) all[message.topic].push_back(rowOf(message));
  for (const auto& mail : mail_.sent()) {
    for (const auto& to : mail.to) all[to].push_back(rowOf(mail));
  }
  return all;
}

}  // namespace weir::contract
