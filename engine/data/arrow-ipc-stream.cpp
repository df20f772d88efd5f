// StreamReader: collects bytes until a message is whole, then reads it.
#include <cstring>

#include "engine/data/arrow-ipc.h"
#include "engine/data/arrow-read.h"

namespace weir::ipc {
namespace {

constexpr std::uint32_t kContinuation = 0xffffffffu;

std::uint32_t wordAt(std::string_view bytes, std::size_t at) {
  std::uint32_t word = 0;
  std::memcpy(&word, bytes.data() + at, 4);
  return word;
}

}  // namespace

struct StreamReader::Impl {
  Impl(MemoryAccount& charged, ReadOptions chosen) : account(&charged), options(chosen), intake(charged) {}

  MemoryAccount* account;
  ReadOptions options;
  arrow::Intake intake;
  std::string pending;
  std::size_t taken = 0;  // of pending
  std::int64_t position = 0;
  bool ended = false;
  std::optional<Error> failed{};

  [[nodiscard]] std::string_view rest() const { return std::string_view(pending).substr(taken); }
  void drop(std::size_t bytes) {
    taken += bytes;
    position += static_cast<std::int64_t>(bytes);
    // Moving what is left only now and then keeps feeding in small pieces linear.
    if (taken < pending.size() / 2) return;
    pending.erase(0, taken);
    taken = 0;
  }

  /// Nothing if the message is not whole yet; true if it was a batch.
  Result<std::optional<bool>> step(std::optional<Batch>& batch) {
    const auto bytes = rest();
    if (bytes.size() < 4) return std::nullopt;
    // Before version 0.15 there was no continuation mark.
    const std::size_t lead = wordAt(bytes, 0) == kContinuation ? 8 : 4;
    if (bytes.size() < lead) return std::nullopt;
    const auto metadataBytes = static_cast<std::int64_t>(wordAt(bytes, lead - 4));
    if (metadataBytes == 0) {
      ended = true;
      drop(lead);
      return std::nullopt;
    }
    if (metadataBytes > options.maxMetadataBytes)
      return fail("arrow.invalid", "At byte " + std::to_string(position) + " an Arrow message was expected; the size " +
                                       std::to_string(metadataBytes) +
                                       " of its metadata is impossible. Check that the data is an Arrow stream.");
    const auto bodyAt = lead + static_cast<std::size_t>(metadataBytes);
    if (bytes.size() < bodyAt) return std::nullopt;
    const auto metadata = bytes.substr(lead, static_cast<std::size_t>(metadataBytes));
    WEIR_ASSIGN(const auto head, intake.head(metadata));
    if (head.bodyBytes > options.maxBodyBytes)
      return fail("arrow.invalid", "An Arrow message claims a body of " + std::to_string(head.bodyBytes) + " bytes; " +
                                       std::to_string(options.maxBodyBytes) + " are the most. Write smaller batches.");
    const auto bodyBytes = static_cast<std::size_t>(head.bodyBytes);
    if (bytes.size() - bodyAt < bodyBytes) return std::nullopt;
    WEIR_ASSIGN(const auto isBatch, take(head, metadata, bytes.substr(bodyAt, bodyBytes), batch));
    drop(bodyAt + bodyBytes);
    return isBatch;
  }

  Result<bool> take(const arrow::MessageHead& head, std::string_view metadata, std::string_view bodyText,
                    std::optional<Batch>& batch) {
    if (head.kind == arrow::MessageKind::schema) {
      WEIR_TRY(intake.takeSchema(metadata));
      return false;
    }
    WEIR_ASSIGN(const auto body, Buffer::copyOf(bodyText, *account));
    if (head.kind == arrow::MessageKind::dictionary) {
      WEIR_TRY(intake.takeDictionary(metadata, body));
      return false;
    }
    WEIR_ASSIGN(batch, intake.batch(metadata, body));
    return true;
  }
};

StreamReader::StreamReader(MemoryAccount& account, ReadOptions options)
    : impl_(std::make_unique<Impl>(account, options)) {}
StreamReader::~StreamReader() = default;
StreamReader::StreamReader(StreamReader&&) noexcept = default;
StreamReader& StreamReader::operator=(StreamReader&&) noexcept = default;

void StreamReader::feed(std::string_view bytes) {
  if (!impl_->failed) impl_->pending += bytes;
}

Result<std::optional<Batch>> StreamReader::next() {
  if (impl_->failed) return std::unexpected(*impl_->failed);
  std::optional<Batch> batch;
  while (!impl_->ended && !batch) {
    auto stepped = impl_->step(batch);
    if (!stepped) {
      impl_->failed = stepped.error();
      return std::unexpected(std::move(stepped).error());
    }
    if (!*stepped) break;
  }
  return batch;
}

const SchemaRef& StreamReader::schema() const noexcept { return impl_->intake.schema(); }
bool StreamReader::ended() const noexcept { return impl_->ended; }

Result<void> StreamReader::finish() const {
  if (impl_->failed) return std::unexpected(*impl_->failed);
  if (impl_->ended && !impl_->rest().empty())
    return fail("arrow.invalid", "After the end mark of the Arrow stream, at byte " + std::to_string(impl_->position) +
                                     ", more data follows. If streams were joined, read them one by one.");
  if (impl_->ended || (impl_->rest().empty() && impl_->intake.schema() != nullptr)) return {};
  return fail("arrow.truncated", "The Arrow stream ends in the middle of a message, after " +
                                     std::to_string(impl_->position + static_cast<std::int64_t>(impl_->rest().size())) +
                                     " bytes. Copy or download it again.");
}

std::string_view StreamReader::behindEnd() const noexcept { return impl_->ended ? impl_->rest() : std::string_view(); }

Result<std::vector<Batch>> readStream(std::string_view bytes, MemoryAccount& account) {
  StreamReader reader(account);
  reader.feed(bytes);
  std::vector<Batch> batches;
  while (true) {
    WEIR_ASSIGN(auto batch, reader.next());
    if (!batch) break;
    batches.push_back(std::move(*batch));
  }
  WEIR_TRY(reader.finish());
  return batches;
}

}  // namespace weir::ipc
