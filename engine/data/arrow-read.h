// Reading messages: their metadata, and batches out of their bodies.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "engine/data/arrow-decode.h"
#include "engine/data/batch.h"

namespace weir::arrow {

enum class MessageKind : std::uint8_t { schema, dictionary, batch };

struct MessageHead {
  MessageKind kind = MessageKind::schema;
  std::int64_t bodyBytes = 0;
};

/// What a reader knows: the fields, and the dictionaries so far.
class Intake {
 public:
  explicit Intake(MemoryAccount& account) : account_(&account) {}

  /// Kind and body size of a message's metadata. Errors `arrow.invalid`, `arrow.unsupported`.
  [[nodiscard]] Result<MessageHead> head(std::string_view metadata) const;
  Result<void> takeSchema(std::string_view metadata);
  /// From a file's footer.
  Result<void> takeSchema(flat::Table schema, flat::Source& source);
  /// Replaces a dictionary, or adds to it.
  Result<void> takeDictionary(std::string_view metadata, const Buffer& body);
  [[nodiscard]] Result<Batch> batch(std::string_view metadata, const Buffer& body) const;
  [[nodiscard]] const SchemaRef& schema() const noexcept { return schema_; }

 private:
  [[nodiscard]] Result<std::vector<ArrayView>> views(flat::Table recordBatch, flat::Source& source,
                                                     std::span<const ArrowField> fields, const Buffer& body,
                                                     std::int64_t& rows) const;
  MemoryAccount* account_;
  std::vector<ArrowField> fields_;
  SchemaRef schema_;  // without the envelope
  bool envelope_ = false;
  Dictionaries dictionaries_;
};

}  // namespace weir::arrow
