// Reads files that grow, sealed or not.
#include "apps/cli/sealed-text.h"

#include <cstdio>
#include <filesystem>
#include <utility>

namespace weir::cli {
namespace {

constexpr std::size_t kPiece = std::size_t{256} << 10;

std::unexpected<Error> trouble(std::string_view what, const std::string& path) {
  return fail("files.io", "cannot " + std::string(what) + " '" + path + "'");
}

/// Empty: the file is no sealed log.
Result<std::string> chainOf(std::ifstream& file) {
  std::string head(native::kLogHeaderBytes, '\0');
  file.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(file.gcount()));
  file.clear();
  file.seekg(0);
  if (!native::isSealedLog(head)) return std::string();
  return native::chainOfLog(head);
}

}  // namespace

Result<SealedText> SealedText::open(const std::string& path, const ChainKeys& keys) {
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) return trouble("open", path);
  std::error_code error;
  const bool empty = std::filesystem::file_size(path, error) == 0;
  WEIR_ASSIGN(const auto chain, chainOf(file));
  SealedText text(path, std::move(file));
  if (chain.empty()) {
    if (!keys || empty) return text;
    return fail("seal.key", "'" + path + "' is not sealed, though all that is kept here is: somebody put it there");
  }
  if (!keys) return fail("seal.key", "'" + path + "' is sealed; its server can read it");
  WEIR_ASSIGN(auto found, keys(chain));
  text.opener_.emplace(std::move(found));
  return text;
}

Result<bool> SealedText::next(std::string& into) {
  std::string bytes(kPiece, '\0');
  file_.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file_.gcount()));
  if (file_.bad()) return trouble("read", path_);
  if (bytes.empty()) return false;
  if (!opener_) {
    into += bytes;
  } else if (const auto fed = opener_->feed(bytes, into); !fed) {
    return fail(fed.error().code, "'" + path_ + "': " + fed.error().message);
  }
  return true;
}

Result<bool> resealText(const std::string& path, const ChainKeys& keys, const native::FileKeys& otherwise) {
  std::string chain;
  {
    std::ifstream file(path, std::ios::binary);
    if (!file.is_open()) return trouble("open", path);
    WEIR_ASSIGN(chain, chainOf(file));
  }
  if (chain.empty() && otherwise.empty()) return false;
  native::FileKeys as = otherwise;
  if (!chain.empty()) {
    if (!keys) return false;
    WEIR_ASSIGN(as, keys(chain));
  }
  WEIR_ASSIGN(auto text, SealedText::open(path, chain.empty() ? ChainKeys() : keys));
  const auto half = path + ".weir-edit";
  std::ofstream out(half, std::ios::binary | std::ios::trunc);
  native::LogSealer sealer(as);
  for (;;) {
    std::string piece, sealed;
    WEIR_ASSIGN(const auto more, text.next(piece));
    if (!more) break;
    if (piece.empty()) continue;
    sealer.add(piece, sealed);
    out.write(sealed.data(), static_cast<std::streamsize>(sealed.size()));
  }
  out.close();
  std::error_code error;
  const auto at = std::filesystem::last_write_time(path, error);
  if (!out.good()) return trouble("write", half);
  // It is as old as what it holds.
  if (!error) std::filesystem::last_write_time(half, at, error);
  std::filesystem::rename(half, path, error);
  if (error) return trouble("replace", path);
  return true;
}

}  // namespace weir::cli
