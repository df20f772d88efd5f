// StateBytes and SavedState: what tasks save at a checkpoint, as bytes and back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/node/state.h"

namespace weir::runtime {

/// Appends one value: its kind and its content. Texts and numbers keep every bit.
void appendStateValue(std::string& out, const Value& value);

/// Collects the values of one task, up to a bound: `state.too_large`.
class StateBytes final : public StateWriter {
 public:
  using StateWriter::write;
  StateBytes(std::string_view nodeId, std::int64_t mostBytes) : nodeId_(nodeId), mostBytes_(mostBytes) {}
  Result<Poll> write(const Value& value) override;
  [[nodiscard]] std::string take() { return std::move(bytes_); }
  void clear() { bytes_.clear(); }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }

 private:
  std::string_view nodeId_;
  std::int64_t mostBytes_;
  std::string bytes_;
};

/// Reads them back. Errors: `state.mismatch` at the end, `state.corrupt` for what is no value.
class SavedState final : public StateReader {
 public:
  SavedState(std::string_view nodeId, std::string_view bytes) : nodeId_(nodeId), bytes_(bytes) {}
  Result<Value> readValue() override;
  [[nodiscard]] bool atEnd() const { return at_ == bytes_.size(); }

 private:
  [[nodiscard]] Result<Value> next(int depth);
  [[nodiscard]] Result<Value> scalar(ValueKind kind);
  [[nodiscard]] Result<Value> textual(ValueKind kind);
  [[nodiscard]] Result<Value> nested(ValueKind kind, int depth);
  [[nodiscard]] Result<std::uint64_t> word(std::size_t bytes);
  [[nodiscard]] Result<std::string_view> text();
  [[nodiscard]] Result<std::size_t> count();
  [[nodiscard]] std::unexpected<Error> damaged() const;

  std::string_view nodeId_, bytes_;
  std::size_t at_ = 0;
};

}  // namespace weir::runtime
