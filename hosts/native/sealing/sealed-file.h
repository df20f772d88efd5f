// The format of files that are written in pieces of 64 KiB, each compressed and sealed by itself.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sodium/sodium.h"
#include "engine/data/error.h"

/// A file is a header of 256 bytes, then chunks, each of 64 KiB of the text but for the last, which says that it is.
/// docs/reference/sealed-files.md has every byte.
namespace weir::native {

inline constexpr std::int64_t kSealedHeaderBytes = 256, kSealedChunkBytes = 64 << 10, kSealedChunkHeadBytes = 8;

struct SealedHeader {
  std::string keyId{};      // empty: the chunks are not sealed, only summed
  std::string run{};        // whose it is; longer than 128 bytes: cut
  std::uint64_t epoch = 0;  // of the owner that wrote it
  std::string id{};         // 16 random bytes; given when it is encoded
};

/// Whether the bytes begin such a file.
[[nodiscard]] bool isSealedFile(std::string_view bytes);
/// `seal.newer_version`, `seal.corrupt`.
[[nodiscard]] Result<SealedHeader> decodeSealedHeader(std::string_view bytes);

/// From a text, given in any pieces, to the bytes of a file.
class SealedWriter {
 public:
  /// Without a key the chunks are only summed. `header.keyId` is set from the key.
  SealedWriter(SealedHeader header, const sodium::Key* key);
  /// Appends to `out` what can be written by now; the first time the header too.
  Result<void> add(std::string_view text, std::string& out);
  /// The last chunk. Nothing may be added afterwards.
  Result<void> end(std::string& out);

 private:
  Result<void> chunk(std::string_view text, bool last, std::string& out);
  std::string head_, headSum_;
  std::optional<sodium::Key> key_;
  std::string waiting_;
  std::uint64_t index_ = 0;
  bool begun_ = false;
};

/// Finds a key by its id; null: it is not here.
using KeyFinder = std::function<const sodium::Key*(std::string_view id)>;
/// Fills `into` from `offset` on; gives the number read, less only at the end.
using ReadAt = std::function<Result<std::int64_t>(std::int64_t offset, std::span<char> into)>;

struct SealedReading {
  KeyFinder keys{};
  /// A file without a key is refused (`seal.key`): somebody may have put it in the place of a sealed one.
  bool mustBeSealed = false;
  /// A file without its last chunk, as a crash leaves it, is read as far as its chunks are whole.
  bool mayBeCut = false;
};

/// The text of a file, whole or in ranges. Nothing is given that was not written there by who had the key:
/// `seal.corrupt` for a chunk that was changed, moved, comes from another file, or is missing at the end.
class SealedReader {
 public:
  /// Looks at the header and the heads of the chunks. `seal.key`, `seal.newer_version`, `seal.corrupt`.
  [[nodiscard]] static Result<SealedReader> open(ReadAt read, std::int64_t fileBytes, const SealedReading& how);
  [[nodiscard]] const SealedHeader& header() const { return header_; }
  /// Bytes of the text.
  [[nodiscard]] std::int64_t size() const { return size_; }
  /// The last chunk was there.
  [[nodiscard]] bool whole() const { return whole_; }
  /// Appends the bytes from `offset` on, up to `bytes` of them; fewer only at the end.
  Result<void> read(std::int64_t offset, std::int64_t bytes, std::string& out);

 private:
  struct Place {
    std::int64_t offset = 0, bytes = 0;  // of what is stored
    std::uint8_t flags = 0;
  };
  Result<void> findChunks(bool mayBeCut);
  Result<void> openChunk(std::uint64_t index, std::string& out);

  ReadAt read_;
  std::int64_t fileBytes_ = 0, size_ = 0;
  SealedHeader header_;
  std::string headSum_;
  std::optional<sodium::Key> key_;
  std::vector<Place> chunks_;
  bool whole_ = false;
  std::optional<std::uint64_t> heldIndex_;
  std::string held_;  // the chunk that was read last
};

}  // namespace weir::native
