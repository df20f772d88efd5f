// Streams of C arrays, both ways.
#include "engine/data/arrow-c-stream.h"

#include <cerrno>
#include <string>
#include <utility>

#include "engine/data/arrow-c-schema.h"

namespace weir::arrow {
namespace {

/// What an exported stream owns.
struct StreamHold {
  SchemaRef schema;
  NextBatch next;
  std::string error{};  // the last one; kept, as it is given again
};

StreamHold& holdOf(ArrowArrayStream* stream) { return *static_cast<StreamHold*>(stream->private_data); }

int giveSchema(ArrowArrayStream* stream, ArrowSchema* out) {
  exportSchema(*holdOf(stream).schema, out);
  return 0;
}

Result<void> giveNext(StreamHold& hold, ArrowArray* out) {
  *out = ArrowArray{};  // released: the end
  WEIR_ASSIGN(auto batch, hold.next());
  if (!batch) return {};
  WEIR_ASSIGN(const auto plain, withoutDictionaries(*batch, MemoryAccount::unlimited()));
  ArrowSchema schema{};
  WEIR_TRY(exportBatch(plain, out, &schema));
  schema.release(&schema);
  return {};
}

int giveArray(ArrowArrayStream* stream, ArrowArray* out) {
  auto& hold = holdOf(stream);
  if (!hold.error.empty()) return EIO;
  auto given = giveNext(hold, out);
  if (given) return 0;
  hold.error = std::string(given.error().code) + ": " + given.error().message;
  return given.error().code == "memory.limit" ? ENOMEM : EIO;
}

const char* giveError(ArrowArrayStream* stream) {
  const auto& error = holdOf(stream).error;
  return error.empty() ? nullptr : error.c_str();
}

void releaseStream(ArrowArrayStream* stream) {
  const std::unique_ptr<StreamHold> hold(static_cast<StreamHold*>(stream->private_data));
  stream->release = nullptr;
}

}  // namespace

void exportStream(SchemaRef schema, NextBatch next, ArrowArrayStream* to) {
  auto hold = std::make_unique<StreamHold>(std::move(schema), std::move(next));
  to->get_schema = giveSchema;
  to->get_next = giveArray;
  to->get_last_error = giveError;
  to->release = releaseStream;
  to->private_data = hold.release();
}

struct StreamImport::Impl {
  Impl(ArrowArrayStream* taken, MemoryAccount& charged) : stream(*taken), account(&charged) {
    taken->release = nullptr;
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    if (stream.release != nullptr) stream.release(&stream);
  }

  std::unexpected<Error> failed(int code) {
    const char* said = stream.get_last_error(&stream);
    return fail("arrow.stream", "The library that gives the Arrow stream failed: " +
                                    (said != nullptr ? std::string(said) : "error " + std::to_string(code)) + ".");
  }

  ArrowArrayStream stream;
  MemoryAccount* account;
  ForeignSchema schema{};
  std::optional<Error> trouble{};
  bool ended = false;
};

StreamImport::StreamImport(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
StreamImport::~StreamImport() = default;
StreamImport::StreamImport(StreamImport&&) noexcept = default;
StreamImport& StreamImport::operator=(StreamImport&&) noexcept = default;

Result<StreamImport> StreamImport::open(ArrowArrayStream* stream, MemoryAccount& account) {
  auto impl = std::make_unique<Impl>(stream, account);
  ArrowSchema schema{};
  if (const int code = impl->stream.get_schema(&impl->stream, &schema); code != 0) return impl->failed(code);
  auto read = readForeignSchema(schema);
  if (schema.release != nullptr) schema.release(&schema);
  if (!read) return std::unexpected(std::move(read.error()));
  impl->schema = std::move(*read);
  return StreamImport(std::move(impl));
}

const SchemaRef& StreamImport::schema() const noexcept { return impl_->schema.schema; }

Result<std::optional<Batch>> StreamImport::next() {
  if (impl_->trouble) return std::unexpected(*impl_->trouble);
  if (impl_->ended) return std::nullopt;
  ArrowArray array{};
  Result<Batch> batch = [&]() -> Result<Batch> {
    if (const int code = impl_->stream.get_next(&impl_->stream, &array); code != 0) return impl_->failed(code);
    impl_->ended = array.release == nullptr;
    if (impl_->ended) return Batch{};
    return importArray(&array, impl_->schema, *impl_->account);
  }();
  if (!batch) {
    impl_->trouble = batch.error();
    return std::unexpected(std::move(batch.error()));
  }
  if (impl_->ended) return std::nullopt;
  return std::move(*batch);
}

}  // namespace weir::arrow
