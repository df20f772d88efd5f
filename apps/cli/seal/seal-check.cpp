// File by file: first whether it is the same, then where it is not.
#include "apps/cli/seal/seal-check.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>
#include <utility>

#include "apps/cli/progress.h"
#include "apps/cli/seal/first-difference.h"
#include "apps/cli/seal/seal-run.h"
#include "engine/text/printable.h"
#include "hosts/native/native-files.h"

namespace weir::cli {
namespace {

std::string mountOf(const std::string& name) {
  const auto colon = name.find(':');
  const bool named = colon != std::string::npos && colon > 1 && name.find('/') > colon;
  return named ? name.substr(0, colon) : "project";
}

/// All names are read before any file: what a seal names lies in the folders that were given, and nowhere else.
Result<native::Mounts> mountsOf(const Seal& seal, const SealCheck& check) {
  native::Mounts mounts;
  std::set<std::string> given{"project"};
  mounts.add("project", check.folder);
  for (const auto& [name, folder] : check.mounts) {
    mounts.add(name, folder);
    given.insert(name);
  }
  for (const auto* files : {&seal.inputs, &seal.outputs}) {
    for (const auto& file : *files) {
      if (!sealedName(file.name))
        return fail("seal.invalid", "the seal names '" + file.name + "', which lies in no folder of a run");
      const auto mount = mountOf(file.name);
      if (!given.contains(mount)) {
        return fail("seal.mount",
                    "the seal names files of the mount '" + mount + "'; say where they are: --mount " + mount + "=DIR");
      }
    }
  }
  return mounts;
}

std::string sizesText(const SealedFile& was, const SealedFile& is) {
  if (was.bytes == is.bytes) return "other bytes, " + grouped(was.bytes) + " of them as in the seal";
  return grouped(was.bytes) + " bytes in the seal, " + grouped(is.bytes) + " here";
}

/// Of the first byte that is another, from 0.
std::int64_t firstByte(std::istream& before, std::istream& after) {
  for (std::int64_t at = 0;; ++at) {
    const int was = before.get(), is = after.get();
    if (was != is || was == std::istream::traits_type::eof()) return at;
  }
}

/// The output as it was sealed, if it is still to be had: from the seal, or from beside it.
class SealedOutput {
 public:
  SealedOutput(const SealedFile& file, const SealCheck& check) : file_(file) {
    if (file.text || check.sealedFolder.empty() || mountOf(file.name) != "project") return;
    native::Mounts mounts;
    mounts.add("project", check.sealedFolder);
    native::NativeFiles files(std::move(mounts), {});
    auto path = files.systemPath(file.name, false);
    const auto found = path ? measure(file, *path, false) : std::unexpected(path.error());
    if (found && found->sha256 == file.sha256) path_ = std::move(*path);
  }
  [[nodiscard]] std::unique_ptr<std::istream> open() const {
    if (file_.text) return std::make_unique<std::istringstream>(*file_.text);
    if (path_.empty()) return nullptr;
    return std::make_unique<std::ifstream>(path_, std::ios::binary);
  }

 private:
  const SealedFile& file_;
  std::string path_;
};

std::string whereItDiffers(const SealedFile& was, const std::string& path, const SealCheck& check) {
  const SealedOutput sealed(was, check);
  const auto before = sealed.open();
  if (before == nullptr) {
    return "; the seal does not hold this output itself, so the first cell that differs is shown where the sealed one "
           "still "
           "lies beside the seal";
  }
  std::ifstream after(path, std::ios::binary);
  if (const auto cell = firstDifference(was, *before, after)) return "; first in " + textOf(*cell);
  const auto again = sealed.open();
  std::ifstream here(path, std::ios::binary);
  const auto at = firstByte(*again, here);
  const auto* same = rowFormOf(was) ? "; the same rows, written otherwise" : "";
  return std::string(same) + "; first at byte " + grouped(at + 1);
}

/// Empty if it is the same.
Result<std::string> compare(const SealedFile& was, std::string_view kind, native::NativeFiles& files,
                            const SealCheck& check) {
  const auto name = std::string(kind) + " " + printable(was.name);
  const auto path = files.systemPath(was.name, false);
  if (!path && path.error().code == "files.not_found") return name + " is not there";
  if (!path) return std::unexpected(path.error());
  const auto is = measure(was, *path, false);
  if (!is && is.error().code == "files.not_found") return name + " is not there, or may not be read";
  if (!is) return std::unexpected(is.error());
  if (is->sha256 == was.sha256) return std::string();
  auto text = name + " differs: " + sizesText(was, *is);
  if (kind == "output") text += whereItDiffers(was, *path, check);
  return text;
}

}  // namespace

Result<std::vector<std::string>> differencesFrom(const Seal& seal, const SealCheck& check) {
  WEIR_ASSIGN(auto mounts, mountsOf(seal, check));
  native::NativeFiles files(std::move(mounts), {});
  std::vector<std::string> differences;
  for (const auto& [kind, list] : {std::pair("input", &seal.inputs), std::pair("output", &seal.outputs)}) {
    for (const auto& file : *list) {
      WEIR_ASSIGN(auto text, compare(file, kind, files, check));
      if (!text.empty()) differences.push_back(std::move(text));
    }
  }
  return differences;
}

std::string flowDifference(const Seal& seal, const flow::FlowDocument& document) {
  if (meaningDigest(document) == seal.meaning) return {};
  return "the flow " + printable(document.id) + " does something else than the one that was sealed";
}

}  // namespace weir::cli
