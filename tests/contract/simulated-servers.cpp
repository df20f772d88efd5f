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
}

std::map<std::string, std::vector<Value>> SimulatedServers::written() {
  std::map<std::string, std::vector<Value>> all;
  for (const auto& name : sql_.tables()) all[name] = sql_.rowsOf(name);
  return all;
}

}  // namespace weir::contract
