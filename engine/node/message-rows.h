// MessageRows: messages as rows, read as text, JSON or bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/data/batch-builder.h"
#include "engine/node/node-context.h"
#include "engine/node/step-io.h"

namespace weir::streams {

enum class MessageForm : std::uint8_t { automatic, text, json, bytes };

/// Which messages have become rows already, for sources that get the same ones again after a restart.
struct MessagePlace {
  Partition partition = 0;
  std::uint64_t sequence = 0;  // of the last row
};

/// Rows {message, and the text columns given}; their sequence counts up by one from 1, in a partition of this start.
class MessageRows {
 public:
  MessageRows(MessageForm form, std::vector<std::string> textColumns, NodeContext& context);

  /// A message that is not of its form goes to `error`. `text`: said to be text by the protocol.
  void add(std::string_view message, bool text, std::span<const std::string_view> texts, StepIo& io);
  /// A message that cannot be a row.
  void fail(std::string_view message, std::string why, StepIo& io) const;
  [[nodiscard]] bool full() const { return builder_.rows() >= kMaxBatchRows; }
  [[nodiscard]] bool empty() const { return builder_.rows() == 0; }
  /// Emits what there is.
  [[nodiscard]] Result<Unit> emit(Port out, StepIo& io);
  [[nodiscard]] const MessagePlace& place() const { return place_; }
  void setPlace(const MessagePlace& place) { place_ = place; }

 private:
  MessageForm form_;
  NodeContext& context_;
  SchemaRef schema_;
  BatchBuilder builder_;
  std::vector<Value> values_;
  MessagePlace place_;
};

/// A message to send: a text or bytes as they are, anything else as JSON. `text`: it is no bytes.
[[nodiscard]] std::string messageOf(const Value& value, bool& text);

}  // namespace weir::streams
