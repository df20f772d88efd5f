// Redis' protocol without a connection: commands as bytes, replies from bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/error.h"

namespace weir::redis {

struct Reply {
  enum class Kind : std::uint8_t { nothing, text, number, list, error } kind = Kind::nothing;
  std::string text;  // and the words of an error
  std::int64_t number = 0;
  std::vector<Reply> items;
};

/// Appends one command. Arguments are bytes.
void appendCommand(std::string& to, std::span<const std::string_view> arguments);

class Replies {
 public:
  Replies();
  ~Replies();
  Replies(const Replies&) = delete;
  Replies& operator=(const Replies&) = delete;
  void feed(std::string_view bytes);
  /// The next whole reply, if its bytes are there. `broker.protocol` for what is none; nothing comes after that.
  [[nodiscard]] Result<std::optional<Reply>> next();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::redis
