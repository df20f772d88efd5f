// ValueReader: a file that is one JSON value: the elements of a list as they come, or the one value.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/node/file-stream.h"
#include "engine/node/memory-charge.h"
#include "nodes/files/json-read/file-planner.h"
#include "nodes/files/json-read/mistake.h"

namespace weir::nodes::json_read {

/// Holds a window of the file and the index of a part of it; never more than maxRecordBytes and a read of the file.
class ValueReader {
 public:
  enum class Step : std::uint8_t {
    pending,
    batch,  // the desk's decoder has enough rows for a batch, or there are many mistakes to tell
    done    // so is the file; the decoder may have rows
  };
  /// `stream` has something in its window, or is at its end.
  ValueReader(Shared& shared, Desk& desk, FileStream& stream, std::vector<Mistake>& mistakes);
  ~ValueReader();
  ValueReader(const ValueReader&) = delete;
  ValueReader& operator=(const ValueReader&) = delete;

  [[nodiscard]] Result<Step> run(const Waker& waker);

 private:
  enum class Kind : std::uint8_t { unknown, list, single };
  [[nodiscard]] Result<Step> readList();
  [[nodiscard]] Result<Step> readSingle();
  [[nodiscard]] bool settleKind();
  [[nodiscard]] bool takeElement();
  [[nodiscard]] bool noteWrong();
  void note(json::Problem problem, std::size_t from);
  void noteTooLong(std::size_t from, std::string_view what);
  void drop(std::int64_t bytes);
  [[nodiscard]] Result<void> charge();

  Shared& shared_;
  Desk& desk_;
  FileStream& stream_;
  std::vector<Mistake>& mistakes_;
  MemoryCharge charge_;
  Kind kind_ = Kind::unknown;
  json::Place origin_;  // of the window's first byte
  std::string_view window_;
  std::int64_t heldBytes_ = 0;  // text of the rows in the decoder
  bool wantsMore_ = true, opened_ = false;
};

}  // namespace weir::nodes::json_read
