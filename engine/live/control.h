// Control frames: JSON messages beside the rows, `{v, type, id, subscription?, data}`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/data/error.h"
#include "engine/json/value.h"

namespace weir::live {

/// What one who watches may send in one control frame.
inline constexpr std::int64_t kMaxControlBytes = 64 << 10;
/// The same of deploy-graph, which has a whole flow in it.
inline constexpr std::int64_t kMaxDeployBytes = 10 << 20;

struct Control {
  std::string type;
  std::string id;  // chosen by who asks; a reply repeats it; empty: nobody waits for an answer
  std::optional<std::uint32_t> subscription{};
  json::Value data{};  // absent if null
};

[[nodiscard]] std::string writeControl(const Control& control);
/// Unknown members are passed over. Errors `live.control`: no JSON, another version, a member of the wrong kind.
[[nodiscard]] Result<Control> readControl(std::string_view text, std::int64_t mostBytes = kMaxControlBytes);

/// The reply to a request that could not be met: type "error", data {code, message}.
[[nodiscard]] Control errorReply(const std::string& id, const Error& error);
/// The error of such a reply's data; `live.control` for a code that no request is answered with.
[[nodiscard]] Error errorOf(const json::Value& data);

// Members of `data` with a default where they are absent; `live.control` where they are of another kind.
[[nodiscard]] Result<std::string> textOf(const json::Value& data, std::string_view key, std::string_view otherwise);
[[nodiscard]] Result<std::int64_t> intOf(const json::Value& data, std::string_view key, std::int64_t otherwise);
[[nodiscard]] Result<double> numberOf(const json::Value& data, std::string_view key, double otherwise);
[[nodiscard]] Result<bool> boolOf(const json::Value& data, std::string_view key, bool otherwise);

}  // namespace weir::live
