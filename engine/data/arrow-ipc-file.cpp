// FileReader: the footer says where the batches are.
#include <cstring>

#include "engine/data/arrow-ipc.h"
#include "engine/data/arrow-read.h"

namespace weir::ipc {
namespace {

constexpr std::string_view kMagic = "ARROW1";
constexpr std::int64_t kTailBytes = 10;  // footer length and magic
constexpr std::int64_t kBlockBytes = 24;

struct Place {
  std::int64_t offset = 0;
  std::int64_t metadataBytes = 0;
  std::int64_t bodyBytes = 0;
};

std::unexpected<Error> cutInFooter() {
  return fail(
      "arrow.truncated",
      "The Arrow file ends in the middle of its footer; its last bytes are missing. Copy or download it again.");
}

std::unexpected<Error> notAFile(std::string_view why) {
  return fail("arrow.invalid", "This is no whole Arrow file: " + std::string(why) +
                                   ". If it is an Arrow stream, read it as one; else copy or write it again.");
}

}  // namespace

struct FileReader::Impl {
  Impl(ReadAt read, std::int64_t bytes, MemoryAccount& charged, ReadOptions chosen)
      : readAt(std::move(read)), fileBytes(bytes), account(&charged), options(chosen), intake(charged) {}

  ReadAt readAt;
  std::int64_t fileBytes;
  MemoryAccount* account;
  ReadOptions options;
  arrow::Intake intake;
  std::vector<Place> batches{};
  std::vector<Place> dictionaries{};

  /// Only for ranges that lie within the file.
  Result<std::string> text(std::int64_t offset, std::int64_t bytes) {
    std::string to(static_cast<std::size_t>(bytes), '\0');
    WEIR_TRY(readAt(offset, std::as_writable_bytes(std::span(to))));
    return to;
  }

  [[nodiscard]] bool inside(const Place& place) const {
    return place.offset >= 0 && place.metadataBytes >= 8 && place.bodyBytes >= 0 && place.offset <= fileBytes &&
           place.metadataBytes <= fileBytes - place.offset &&
           place.bodyBytes <= fileBytes - place.offset - place.metadataBytes &&
           place.metadataBytes <= options.maxMetadataBytes && place.bodyBytes <= options.maxBodyBytes;
  }

  Result<void> readPlaces(flat::Vector blocks, std::vector<Place>& to) const {
    for (std::int64_t i = 0; i < blocks.count(); ++i) {
      const Place place{.offset = blocks.int64(i, 0),
                        .metadataBytes = static_cast<std::int32_t>(blocks.int64(i, 1) & 0xffffffff),
                        .bodyBytes = blocks.int64(i, 2)};
      if (!inside(place)) return notAFile("its footer points beyond the file");
      to.push_back(place);
    }
    return {};
  }

  Result<void> readFooter() {
    if (fileBytes < kTailBytes + 8) return notAFile("it has only " + std::to_string(fileBytes) + " bytes");
    WEIR_ASSIGN(const auto tail, text(fileBytes - kTailBytes, kTailBytes));
    if (std::string_view(tail).substr(4) != kMagic) return notAFile("it does not end with ARROW1");
    std::int32_t footerBytes = 0;
    std::memcpy(&footerBytes, tail.data(), 4);
    if (footerBytes <= 0 || footerBytes > fileBytes - kTailBytes - 8 || footerBytes > options.maxMetadataBytes)
      return notAFile("its footer has an impossible size");
    WEIR_ASSIGN(const auto bytes, text(fileBytes - kTailBytes - footerBytes, footerBytes));
    flat::Source source{.bytes = bytes};
    const auto footer = flat::Table::root(source);
    WEIR_TRY(intake.takeSchema(footer.table(1), source));
    WEIR_TRY(readPlaces(footer.vector(2, kBlockBytes), dictionaries));
    WEIR_TRY(readPlaces(footer.vector(3, kBlockBytes), batches));
    if (source.bad) return notAFile("its footer cannot be read");
    return {};
  }

  /// Metadata without its prefix, and the body.
  Result<std::pair<std::string, Buffer>> message(const Place& place, arrow::MessageKind expected) {
    WEIR_ASSIGN(auto framed, text(place.offset, place.metadataBytes));
    std::uint32_t first = 0;
    std::memcpy(&first, framed.data(), 4);
    framed.erase(0, first == 0xffffffffu ? 8 : 4);
    WEIR_ASSIGN(const auto head, intake.head(framed));
    if (head.kind != expected || head.bodyBytes > place.bodyBytes)
      return notAFile("a block of its footer is not what stands there");
    WEIR_ASSIGN(auto body, Buffer::allocate(place.bodyBytes, *account));
    if (place.bodyBytes > 0)
      WEIR_TRY(readAt(place.offset + place.metadataBytes,
                      std::span(body.mutableData(), static_cast<std::size_t>(place.bodyBytes))));
    return std::pair(std::move(framed), std::move(body));
  }
};

Result<void> checkFileTail(std::string_view tail, std::int64_t batches) {
  const auto bytes = static_cast<std::int64_t>(tail.size());
  if (bytes < kTailBytes || !tail.ends_with(kMagic)) return cutInFooter();
  std::int32_t footerBytes = 0;
  std::memcpy(&footerBytes, tail.data() + (bytes - kTailBytes), 4);
  if (footerBytes <= 0 || footerBytes > bytes - kTailBytes) return cutInFooter();
  flat::Source source{.bytes = tail.substr(static_cast<std::size_t>(bytes - kTailBytes - footerBytes),
                                           static_cast<std::size_t>(footerBytes))};
  const auto listed = flat::Table::root(source).vector(3, kBlockBytes).count();
  if (source.bad) return notAFile("its footer cannot be read");
  if (listed == batches) return {};
  return notAFile("its footer lists " + std::to_string(listed) + " batches, and " + std::to_string(batches) +
                  " were read");
}

FileReader::FileReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
FileReader::~FileReader() = default;
FileReader::FileReader(FileReader&&) noexcept = default;
FileReader& FileReader::operator=(FileReader&&) noexcept = default;

Result<FileReader> FileReader::open(ReadAt readAt, std::int64_t fileBytes, MemoryAccount& account,
                                    ReadOptions options) {
  FileReader reader(std::make_unique<Impl>(std::move(readAt), fileBytes, account, options));
  WEIR_TRY(reader.impl_->readFooter());
  for (const auto& place : reader.impl_->dictionaries) {
    WEIR_ASSIGN(const auto message, reader.impl_->message(place, arrow::MessageKind::dictionary));
    WEIR_TRY(reader.impl_->intake.takeDictionary(message.first, message.second));
  }
  return reader;
}

const SchemaRef& FileReader::schema() const noexcept { return impl_->intake.schema(); }
std::int64_t FileReader::batches() const noexcept { return static_cast<std::int64_t>(impl_->batches.size()); }

Result<Batch> FileReader::batch(std::int64_t index) {
  WEIR_ASSIGN(const auto message,
              impl_->message(impl_->batches[static_cast<std::size_t>(index)], arrow::MessageKind::batch));
  return impl_->intake.batch(message.first, message.second);
}

}  // namespace weir::ipc
