// Which routes the audit log tells of, and as what: a table beside that of the routes.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace weir::api {

struct Audited {
  enum class How : std::uint8_t {
    change,    // when it was done
    inStore,   // when it was done, by the store, in the transaction of the change
    read,      // when somebody was shown data, or begins to be shown it
    byItself,  // its handler writes the entry, in the transaction of the change
    never      // it changes nothing that is kept, and shows nothing that was in a flow
  };
  std::string_view operation;
  How how = How::change;
  std::string_view action{};           // `flow.changed`
  std::string_view object{};           // `flow`: with the first parameter of the path behind it
  bool body = false;                   // what was asked is told too: it holds nothing secret
  std::string_view flag{}, flagged{};  // with this flag in its query it is another action
};

[[nodiscard]] std::span<const Audited> auditedRoutes();
/// Null: the table does not have it, which is a mistake if it changes anything.
[[nodiscard]] const Audited* auditedOf(std::string_view operation);

}  // namespace weir::api
