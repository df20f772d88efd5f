// Writes seals, and reads them with nothing taken on trust.
#include "apps/cli/seal/seal.h"

#include <algorithm>

#include "adapters/openssl/sha256.h"
#include "engine/json/document.h"
#include "engine/json/writer.h"

namespace weir::cli {
namespace {

using json::Value;

constexpr std::size_t kShortDigits = 12;

Value toJson(const SealedFile& file, bool withText) {
  auto out = Value::object();
  out.set("name", file.name);
  out.set("bytes", file.bytes);
  if (file.rows) out.set("rows", *file.rows);
  out.set("sha256", file.sha256);
  if (file.csv) {
    auto csv = Value::object();
    csv.set("delimiter", file.csv->delimiter);
    csv.set("header", file.csv->header);
    out.set("csv", std::move(csv));
  }
  if (withText && file.text) out.set("text", *file.text);
  return out;
}

Value toJson(const std::vector<SealedFile>& files, bool withText) {
  auto list = Value::array();
  for (const auto& file : files) list.push(toJson(file, withText));
  return list;
}

/// What the digest is of.
Value bodyOf(const Seal& seal, bool withText) {
  auto flow = Value::object();
  flow.set("id", seal.flow);
  flow.set("meaning", seal.meaning);
  if (!seal.uses.empty()) {
    auto uses = Value::object();
    for (const auto& [id, meaning] : seal.uses) uses.set(id, meaning);
    flow.set("uses", std::move(uses));
  }
  auto setAside = Value::object();
  setAside.set("rows", seal.setAside);
  auto codes = Value::object();
  for (const auto& [code, rows] : seal.byCode) codes.set(code, rows);
  setAside.set("byCode", std::move(codes));
  auto body = Value::object();
  body.set("flow", std::move(flow));
  body.set("parameters", seal.parameters);
  body.set("inputs", toJson(seal.inputs, withText));
  body.set("outputs", toJson(seal.outputs, withText));
  body.set("setAside", std::move(setAside));
  return body;
}

std::unexpected<Error> unfit(std::string_view what) {
  return fail("seal.invalid", "this is no seal, or a damaged one: " + std::string(what));
}

Result<std::string> textOf(const Value& value, std::string_view key) {
  const auto* found = value.find(key);
  const auto* text = found == nullptr ? nullptr : found->asString();
  if (text == nullptr) return unfit("'" + std::string(key) + "' is to be a text");
  return *text;
}

Result<std::string> digestIn(const Value& value, std::string_view key) {
  WEIR_ASSIGN(auto text, textOf(value, key));
  const auto isDigit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (text.size() != 64 || !std::ranges::all_of(text, isDigit))
    return unfit("'" + std::string(key) + "' is to be 64 hexadecimal digits");
  return text;
}

Result<std::int64_t> countIn(const Value& value, std::string_view key) {
  const auto* found = value.find(key);
  const auto* count = found == nullptr ? nullptr : found->asInt64();
  if (count == nullptr || *count < 0) return unfit("'" + std::string(key) + "' is to be a number of at least 0");
  return *count;
}

Result<SealedFile> fileFrom(const Value& value) {
  SealedFile file;
  WEIR_ASSIGN(file.name, textOf(value, "name"));
  WEIR_ASSIGN(file.bytes, countIn(value, "bytes"));
  WEIR_ASSIGN(file.sha256, digestIn(value, "sha256"));
  if (value.find("rows") != nullptr) {
    WEIR_ASSIGN(file.rows, countIn(value, "rows"));
  }
  if (const auto* csv = value.find("csv")) {
    file.csv.emplace();
    WEIR_ASSIGN(file.csv->delimiter, textOf(*csv, "delimiter"));
    const auto* header = csv->find("header");
    if (file.csv->delimiter.size() != 1 || header == nullptr || header->asBool() == nullptr)
      return unfit("'csv' is to have a delimiter of one character, and a header");
    file.csv->header = *header->asBool();
  }
  if (value.find("text") != nullptr) {
    WEIR_ASSIGN(file.text, textOf(value, "text"));
    if (openssl::Sha256::of(*file.text) != file.sha256)
      return unfit("the text of '" + file.name + "' is not what its digest was made of");
  }
  return file;
}

Result<std::vector<SealedFile>> filesIn(const Value& root, std::string_view key) {
  const auto* list = root.find(key);
  if (list == nullptr || list->asArray() == nullptr) return unfit("'" + std::string(key) + "' is to be a list");
  std::vector<SealedFile> files;
  for (const auto& value : *list->asArray()) {
    WEIR_ASSIGN(auto file, fileFrom(value));
    files.push_back(std::move(file));
  }
  return files;
}

Result<void> readFlowOf(const Value& root, Seal& seal) {
  const auto* flow = root.find("flow");
  if (flow == nullptr) return unfit("it names no flow");
  WEIR_ASSIGN(seal.flow, textOf(*flow, "id"));
  WEIR_ASSIGN(seal.meaning, digestIn(*flow, "meaning"));
  const auto* uses = flow->find("uses");
  if (uses == nullptr) return {};
  if (uses->asObject() == nullptr) return unfit("'uses' is to be an object");
  for (const auto& member : *uses->asObject()) {
    WEIR_ASSIGN(auto meaning, digestIn(*uses, member.key));
    seal.uses.emplace_back(member.key, std::move(meaning));
  }
  return {};
}

Result<void> readSetAside(const Value& root, Seal& seal) {
  const auto* aside = root.find("setAside");
  const auto* codes = aside == nullptr ? nullptr : aside->find("byCode");
  if (codes == nullptr || codes->asObject() == nullptr) return unfit("it does not say which rows were set aside");
  WEIR_ASSIGN(seal.setAside, countIn(*aside, "rows"));
  for (const auto& member : *codes->asObject()) {
    WEIR_ASSIGN(const auto rows, countIn(*codes, member.key));
    seal.byCode.emplace_back(member.key, rows);
  }
  return {};
}

}  // namespace

std::string digestOf(const Seal& seal) { return openssl::Sha256::of(json::write(bodyOf(seal, false))); }

std::string shortDigest(std::string_view digest) { return std::string(digest.substr(0, kShortDigits)); }

std::string sealText(const Seal& seal) {
  auto root = Value::object();
  root.set("weirSeal", kSealVersion);
  root.set("digest", digestOf(seal));
  root.set("engine", seal.engine);
  auto body = bodyOf(seal, true);
  for (auto& member : *body.asObject()) root.set(member.key, std::move(member.value));
  return json::write(root, json::Layout::pretty) + "\n";
}

Result<Seal> parseSeal(std::string_view text) {
  const auto document = json::parse(text);
  if (!document) return unfit("it is no JSON (" + document.error().message + ")");
  const auto& root = document->root();
  const auto* version = root.find("weirSeal");
  if (version == nullptr || version->asInt64() == nullptr)
    return unfit("'weirSeal', which says its version, is missing");
  if (*version->asInt64() < 1) return unfit("there is no version " + std::to_string(*version->asInt64()));
  if (*version->asInt64() > kSealVersion) {
    return fail("seal.newer_version", "this seal is of version " + std::to_string(*version->asInt64()) +
                                          ", and this program reads version " + std::to_string(kSealVersion) +
                                          "; check it with the program that made it, or a newer one");
  }
  Seal seal;
  WEIR_ASSIGN(const auto digest, digestIn(root, "digest"));
  WEIR_ASSIGN(seal.engine, textOf(root, "engine"));
  WEIR_TRY(readFlowOf(root, seal));
  const auto* parameters = root.find("parameters");
  if (parameters == nullptr || !parameters->isObject()) return unfit("'parameters' is to be an object");
  seal.parameters = *parameters;
  WEIR_ASSIGN(seal.inputs, filesIn(root, "inputs"));
  WEIR_ASSIGN(seal.outputs, filesIn(root, "outputs"));
  WEIR_TRY(readSetAside(root, seal));
  if (digestOf(seal) != digest)
    return unfit("its digest is not that of what it says; it was changed after it was made");
  return seal;
}

}  // namespace weir::cli
