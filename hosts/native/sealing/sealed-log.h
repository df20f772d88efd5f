// A file that grows by records, each sealed as it is written, so that what was synced can be read whatever comes next.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "engine/data/error.h"
#include "hosts/native/sealing/file-keys.h"

/// `weirlog1`, the 16 digits of the chain, 16 random bytes; then records: 4 bytes with the length of what follows, the
/// name of the key (8 bytes), and what is sealed: a byte that says whether it is compressed, and the text. A record is
/// tied to its file and to its number in it. docs/reference/sealed-files.md has every byte.
namespace weir::native {

inline constexpr std::size_t kLogHeaderBytes = 40;

[[nodiscard]] bool isSealedLog(std::string_view bytes);
/// The name of the class of files it belongs to. `seal.corrupt`: these are not the first bytes of one.
[[nodiscard]] Result<std::string> chainOfLog(std::string_view bytes);

/// One file, from its first byte.
class LogSealer {
 public:
  explicit LogSealer(const FileKeys& keys);
  /// Appends to `out` what stands for `text`; in front of the first the header.
  void add(std::string_view text, std::string& out);

 private:
  sodium::Key key_;
  std::string name_, header_, id_;
  std::uint64_t index_ = 0;
};

/// The texts of one file, given from its first byte in any pieces.
class LogOpener {
 public:
  explicit LogOpener(FileKeys keys) : keys_(std::move(keys)) {}
  /// Appends to `plain` what is whole by now. `seal.corrupt` for records that were changed, moved, left out, or come
  /// from another file; `seal.key` for one whose key is gone.
  Result<void> feed(std::string_view bytes, std::string& plain);
  /// Nothing of a record that is not whole has come.
  [[nodiscard]] bool atEnd() const { return waiting_.empty(); }

 private:
  FileKeys keys_;
  std::string waiting_, id_;
  std::uint64_t index_ = 0;
};

}  // namespace weir::native
