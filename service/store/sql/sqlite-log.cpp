// Both formats are SQLite's own, and fixed: https://www.sqlite.org/walformat.html
#include "service/store/sql/sqlite-log.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace weir::store::sql {
namespace {

constexpr std::uintmax_t kHeaderBytes = 32, kFrameHeaderBytes = 24;
constexpr std::size_t kPageSizeAt = 8, kFramesAt = 16;  // in the log, most significant first; in the index, as the CPU

bool readHeader(const std::string& path, std::array<char, kHeaderBytes>& into) {
  std::ifstream file(path, std::ios::binary);
  return file.read(into.data(), into.size()).good();
}

std::uint32_t wordAt(const std::array<char, kHeaderBytes>& header, std::size_t at) {
  std::uint32_t word = 0;
  std::memcpy(&word, header.data() + at, sizeof word);
  return word;
}

}  // namespace

void cutSqliteLog(const std::string& path) {
  std::array<char, kHeaderBytes> log{}, index{};
  if (!readHeader(path + "-wal", log) || !readHeader(path + "-shm", index)) return;
  auto page = wordAt(log, kPageSizeAt);
  if constexpr (std::endian::native == std::endian::little) page = std::byteswap(page);
  const auto kept = kHeaderBytes + wordAt(index, kFramesAt) * (kFrameHeaderBytes + page);
  std::error_code error;
  const auto size = std::filesystem::file_size(path + "-wal", error);
  if (!error && kept < size) std::filesystem::resize_file(path + "-wal", kept, error);
}

}  // namespace weir::store::sql
