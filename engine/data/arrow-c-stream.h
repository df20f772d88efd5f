// Arrow's C stream interface: batches one after another across a library boundary, without a copy.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "engine/data/arrow-c.h"

#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE

extern "C" {

struct ArrowArrayStream {
  int (*get_schema)(struct ArrowArrayStream*, struct ArrowSchema* out);
  int (*get_next)(struct ArrowArrayStream*, struct ArrowArray* out);
  const char* (*get_last_error)(struct ArrowArrayStream*);
  void (*release)(struct ArrowArrayStream*);
  void* private_data;
};

}  // extern "C"

#endif

namespace weir::arrow {

/// Gives the next batch, or nothing at the end.
using NextBatch = std::function<Result<std::optional<Batch>>()>;

/// Fills in `to`, which owns `next` until its `release` is called. All batches must have `schema`. The stream's schema
/// is fixed before its first batch, so texts of dictionaries are written out. After an error the stream gives that
/// error again.
void exportStream(SchemaRef schema, NextBatch next, ArrowArrayStream* to);

/// Batches of a foreign stream, which it takes over and releases at its own end.
class StreamImport {
 public:
  /// Takes the stream over, also on error. Errors as for importBatch, and `arrow.stream` with what the other library
  /// says.
  [[nodiscard]] static Result<StreamImport> open(ArrowArrayStream* stream, MemoryAccount& account);
  ~StreamImport();
  StreamImport(StreamImport&&) noexcept;
  StreamImport& operator=(StreamImport&&) noexcept;
  [[nodiscard]] const SchemaRef& schema() const noexcept;
  /// The next batch, or nothing at the end. Batches may outlive the stream.
  [[nodiscard]] Result<std::optional<Batch>> next();

 private:
  struct Impl;
  explicit StreamImport(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::arrow
