// A database in PostgreSQL as texts, and back: what a backup holds of it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "service/store/sql/database.h"
#include "service/store/sql/postgres-link.h"

namespace weir::store::sql {

/// What is written in front of a dump.
struct DumpHead {
  struct Table {
    std::string name;
    std::vector<std::string> columns{};
  };
  std::map<std::string, std::int64_t> steps{};      // of each kind, as in kinds.h
  std::vector<Table> tables{};                      // in the order in which they can be filled
  std::map<std::string, std::int64_t> sequences{};  // the last number that each has given

  [[nodiscard]] std::string text() const;
  /// `backup.damaged`, or `storage.newer` for kinds or steps that this program does not know.
  [[nodiscard]] static Result<DumpHead> read(std::string_view text, std::span<const Kind* const> kinds);
};

/// One moment of a database, while others go on to change it.
class PostgresDump {
 public:
  static constexpr std::string_view kHead = "head.json";

  /// The moment is now. `storage.unavailable`; `backup.no_data`: no server's tables are there.
  [[nodiscard]] static Result<std::unique_ptr<PostgresDump>> begin(const PostgresOptions& options);
  [[nodiscard]] const DumpHead& head() const { return head_; }
  /// Gives the head, and each table in parts of whole rows (`TABLE/000001`), a few MiB each.
  using Take = std::function<Result<void>(const std::string& name, std::string_view bytes)>;
  Result<void> write(const Take& take);

  struct Private {};
  PostgresDump(Private, PostgresLink link) : link_(std::move(link)) {}

 private:
  [[nodiscard]] static Result<std::unique_ptr<PostgresDump>> begun(const PostgresOptions& options);

  PostgresLink link_;
  PostgresSession* session_ = nullptr;
  DumpHead head_;
};

/// Fills an empty database, in one transaction: nothing of it is there before commit().
class PostgresFill {
 public:
  /// `backup.not_empty` names what is there.
  [[nodiscard]] static Result<std::unique_ptr<PostgresFill>> begin(const PostgresOptions& options);
  /// What PostgresDump::write has given, in that order.
  Result<void> take(const std::string& name, std::string_view bytes);
  /// Inside the transaction, for what else has to be changed once all is there.
  [[nodiscard]] Session& session() { return *session_; }
  /// `backup.damaged`: there was no head.
  Result<void> commit();

  struct Private {};
  PostgresFill(Private, PostgresLink link, std::span<const Kind* const> kinds)
      : link_(std::move(link)), kinds_(kinds) {}

 private:
  [[nodiscard]] static Result<std::unique_ptr<PostgresFill>> begun(const PostgresOptions& options);
  Result<void> make(std::string_view head);

  PostgresLink link_;
  std::span<const Kind* const> kinds_;
  PostgresSession* session_ = nullptr;
  std::map<std::string, std::string, std::less<>> copies_;  // the statement that fills a table
};

}  // namespace weir::store::sql
