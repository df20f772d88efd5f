// INSERT, UPDATE and DELETE from names.
#include "engine/host/sql-text.h"

#include <algorithm>

namespace weir {
namespace {

constexpr std::size_t kMostNameBytes = 255;

std::string place(std::int64_t index) { return "$" + std::to_string(index + 1); }

Result<std::string> insertText(const Schema& columns, const std::string& table) {
  std::string names, places;
  for (std::int64_t i = 0; i < columns.size(); ++i) {
    WEIR_ASSIGN(const auto name, sqlName(columns.field(i).name));
    names += (i > 0 ? ", " : "") + name;
    places += (i > 0 ? ", " : "") + place(i);
  }
  return "INSERT INTO " + table + " (" + names + ") VALUES (" + places + ")";
}

Result<std::string> onConflict(const SqlWrite& write, const Schema& columns) {
  std::string keys, sets;
  for (const auto& key : write.keys) {
    WEIR_ASSIGN(const auto name, sqlName(key));
    keys += (keys.empty() ? "" : ", ") + name;
  }
  for (const auto& column : columns.fields()) {
    if (std::ranges::find(write.keys, column.name) != write.keys.end()) continue;
    WEIR_ASSIGN(const auto name, sqlName(column.name));
    sets += (sets.empty() ? "" : ", ") + name + " = excluded." + name;
  }
  return " ON CONFLICT (" + keys + (sets.empty() ? ") DO NOTHING" : ") DO UPDATE SET " + sets);
}

Result<std::string> whereKeys(const SqlWrite& write, const Schema& columns) {
  std::string text;
  for (std::int64_t i = 0; i < columns.size(); ++i) {
    if (std::ranges::find(write.keys, columns.field(i).name) == write.keys.end()) continue;
    WEIR_ASSIGN(const auto name, sqlName(columns.field(i).name));
    text += (text.empty() ? " WHERE " : " AND ") + name + " = " + place(i);
  }
  return text;
}

Result<std::string> updateText(const SqlWrite& write, const Schema& columns, const std::string& table) {
  std::string sets;
  for (std::int64_t i = 0; i < columns.size(); ++i) {
    if (std::ranges::find(write.keys, columns.field(i).name) != write.keys.end()) continue;
    WEIR_ASSIGN(const auto name, sqlName(columns.field(i).name));
    sets += (sets.empty() ? "" : ", ") + name + " = " + place(i);
  }
  if (sets.empty()) return fail("settings.invalid", "an update needs columns besides its keys");
  WEIR_ASSIGN(const auto where, whereKeys(write, columns));
  return "UPDATE " + table + " SET " + sets + where;
}

}  // namespace

Result<std::string> sqlName(std::string_view name) {
  if (name.empty()) return fail("sql.name", "a name of a table or column is empty");
  if (name.contains('\0')) return fail("sql.name", "a name of a table or column holds a NUL byte");
  if (name.size() > kMostNameBytes) {
    return fail("sql.name", "the name '" + std::string(name.substr(0, 40)) + "…' is longer than 255 bytes");
  }
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

Result<std::string> sqlTableName(std::string_view name) {
  const auto dot = name.find('.');
  if (dot == std::string_view::npos) return sqlName(name);
  WEIR_ASSIGN(const auto schema, sqlName(name.substr(0, dot)));
  WEIR_ASSIGN(const auto table, sqlName(name.substr(dot + 1)));
  return schema + "." + table;
}

Result<std::string> sqlWriteText(const SqlWrite& write, const Schema& columns) {
  WEIR_ASSIGN(const auto table, sqlTableName(write.table));
  if (columns.size() == 0) return fail("settings.invalid", "there are no columns to write");
  for (const auto& key : write.keys) {
    if (columns.indexOf(key) >= 0) continue;
    return fail("settings.invalid", "the key '" + key + "' is not one of the columns that are written");
  }
  if (write.mode != SqlWriteMode::insert && write.keys.empty()) {
    return fail("settings.invalid", "upsert, update and delete need key columns");
  }
  switch (write.mode) {
    case SqlWriteMode::insert:
      return insertText(columns, table);
    case SqlWriteMode::upsert: {
      WEIR_ASSIGN(const auto insert, insertText(columns, table));
      WEIR_ASSIGN(const auto conflict, onConflict(write, columns));
      return insert + conflict;
    }
    case SqlWriteMode::update:
      return updateText(write, columns, table);
    case SqlWriteMode::remove: {
      WEIR_ASSIGN(const auto where, whereKeys(write, columns));
      return "DELETE FROM " + table + where;
    }
  }
  return fail("settings.invalid", "unknown mode");
}

}  // namespace weir
