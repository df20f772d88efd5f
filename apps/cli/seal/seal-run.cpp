// Holds a plan against what a seal needs, and reads the run's files once more when it is over.
#include "apps/cli/seal/seal-run.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <set>
#include <utility>

#include "adapters/openssl/sha256.h"
#include "apps/cli/seal/first-difference.h"
#include "engine/data/value-json.h"
#include "engine/flow/meaning.h"
#include "engine/json/document.h"
#include "engine/node/version.h"
#include "engine/text/utf8.h"

namespace weir::cli {
namespace {

constexpr std::size_t kPieceBytes = 1 << 20;

std::unexpected<Error> impossible(const std::string& why) {
  return fail("seal.impossible", "the run cannot be sealed: " + why);
}

/// Empty if it can be.
std::string whyNot(const Plan& plan, bool oneAtATime) {
  for (const auto& node : plan.nodes) {
    if (node.type == nullptr) continue;
    const auto name = "'" + node.id + "' (" + node.type->id + ")";
    if (node.type->unbounded) return "the source " + name + " is live";
    for (const auto& need : node.type->needs) {
      if (need != "files") return name + " reaches outside of the files that can be compared (" + need + ")";
    }
    if (!node.type->deterministic) return name + " is not deterministic";
  }
  for (const auto& edge : plan.edges) {
    if (edge.durable) return "the edge '" + edge.id + "' may hand on rows of an earlier run";
  }
  for (const auto& why : plan.whyNotDeterministic) {
    if (!oneAtATime || why.find("--mode sync") == std::string::npos) return why;
  }
  return {};
}

/// Numbers without a fraction are written as integers, wherever they come from.
void plainNumbers(json::Value& value) {
  if (auto* members = value.asObject()) {
    for (auto& member : *members) plainNumbers(member.value);
  } else if (auto* elements = value.asArray()) {
    for (auto& element : *elements) plainNumbers(element);
  } else if (double number = 0; value.kind() == json::ValueKind::float64 && value.toDouble(number)) {
    constexpr double kExact = 9'007'199'254'740'992.0;
    if (std::abs(number) < kExact && number == std::floor(number)) value = static_cast<std::int64_t>(number);
  }
}

json::Value parametersOf(const Plan& plan) {
  auto document = json::parse(toJson(plan.params));
  if (!document || !document->root().isObject()) return json::Value::object();
  auto sorted = std::move(*document->root().asObject());
  std::ranges::sort(sorted, {}, &json::Member::key);
  auto parameters = json::Value::object(std::move(sorted));
  plainNumbers(parameters);
  return parameters;
}

Result<void> addUses(const flow::FlowDocument& document, const flow::SubflowLoader& loadFlow,
                     std::set<std::string>& seen, Seal& seal) {
  for (const auto& id : flow::usedFlows(document)) {
    if (!seen.insert(id).second || !loadFlow) continue;
    WEIR_ASSIGN(const auto text, loadFlow(id));
    const auto used = flow::parseFlow(text);
    if (!used) return impossible("the flow '" + id + "', which it uses as a node, cannot be read");
    seal.uses.emplace_back(id, meaningDigest(*used));
    WEIR_TRY(addUses(*used, loadFlow, seen, seal));
  }
  return {};
}

/// How a node of the plan writes this file as CSV; by its ending if none of them names it.
std::optional<SealedCsv> csvOf(const Plan& plan, const std::string& name) {
  for (const auto& node : plan.nodes) {
    if (node.type == nullptr || node.type->id != "files/csv-write") continue;
    const auto* path = node.settings.find("path");
    if (path == nullptr || path->asString() == nullptr || sealedName(*path->asString()) != name) continue;
    SealedCsv csv;
    if (const auto* header = node.settings.find("header"); header != nullptr && header->asBool() != nullptr)
      csv.header = *header->asBool();
    if (const auto* delimiter = node.settings.find("delimiter");
        delimiter != nullptr && delimiter->asString() != nullptr)
      csv.delimiter = *delimiter->asString() == "tab" ? "\t" : *delimiter->asString();
    if (csv.delimiter.size() != 1) return std::nullopt;
    return csv;
  }
  if (name.ends_with(".csv")) return SealedCsv{};
  if (name.ends_with(".tsv")) return SealedCsv{"\t", true};
  return std::nullopt;
}

Result<void> addInputs(Seal& seal, const FileWitness& witness, native::NativeFiles& files) {
  const auto written = witness.filesWritten();
  for (const auto& [name, read] : witness.filesRead()) {
    if (written.contains(name)) return impossible("'" + name + "' is read, and then written by the same run");
    WEIR_ASSIGN(const auto at, files.systemPath(read.path, false));
    SealedFile file;
    file.name = name;
    WEIR_ASSIGN(file, measure(file, at, false));
    auto asked = files.statPath(read.path, {});
    WEIR_ASSIGN(const auto now, asked.take());
    if (now.sizeBytes != read.bytes || now.modifiedMicros != read.modifiedMicros || file.bytes != read.bytes)
      return impossible("'" + name + "' was changed after the run had opened it; run it again");
    seal.inputs.push_back(std::move(file));
  }
  return {};
}

Result<void> addOutputs(Seal& seal, const Plan& plan, const FileWitness& witness, native::NativeFiles& files) {
  std::int64_t kept = 0;
  for (const auto& [name, path] : witness.filesWritten()) {
    WEIR_ASSIGN(const auto at, files.systemPath(path, false));
    SealedFile file;
    file.name = name;
    file.csv = csvOf(plan, name);
    WEIR_ASSIGN(file, measure(file, at, true));
    if (file.text && (kept += file.bytes) > kKeptBytes) file.text.reset();
    seal.outputs.push_back(std::move(file));
  }
  return {};
}

}  // namespace

std::string meaningDigest(const flow::FlowDocument& document) { return openssl::Sha256::of(flow::meaningOf(document)); }

Result<Seal> beginSeal(const flow::FlowDocument& document, const Plan& plan, const flow::SubflowLoader& loadFlow,
                       bool oneAtATime) {
  if (const auto why = whyNot(plan, oneAtATime); !why.empty()) return impossible(why);
  Seal seal;
  seal.engine = kEngineVersion;
  seal.flow = document.id;
  seal.meaning = meaningDigest(document);
  std::set<std::string> seen;
  WEIR_TRY(addUses(document, loadFlow, seen, seal));
  std::ranges::sort(seal.uses);
  seal.parameters = parametersOf(plan);
  return seal;
}

Result<Seal> endSeal(Seal seal, const Plan& plan, const RunResult& result, const FileWitness& witness,
                     native::NativeFiles& files) {
  if (result.outcome != Outcome::done) return impossible("it did not end as it should");
  if (const auto path = witness.nameless(); !path.empty()) {
    return impossible("'" + path +
                      "' means another file on another machine; name it within the flow's folder, or give the "
                      "folder with --mount");
  }
  seal.setAside = result.deadLetters;
  seal.byCode = result.errorsByCode;
  WEIR_TRY(addInputs(seal, witness, files));
  WEIR_TRY(addOutputs(seal, plan, witness, files));
  return seal;
}

Result<SealedFile> measure(const SealedFile& file, const std::string& systemPath, bool keep) {
  std::ifstream from(systemPath, std::ios::binary);
  if (!from.good()) return fail("files.not_found", "cannot open '" + systemPath + "'; check the right to read it");
  SealedFile measured = file;
  measured.bytes = 0;
  measured.text.reset();
  openssl::Sha256 sum;
  RowCount rows(file);
  std::string piece(kPieceBytes, '\0'), text;
  for (;;) {
    from.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    const auto length = static_cast<std::size_t>(from.gcount());
    if (length == 0) break;
    const auto bytes = std::string_view(piece).substr(0, length);
    sum.add(bytes);
    rows.add(bytes);
    measured.bytes += static_cast<std::int64_t>(length);
    if (keep && measured.bytes <= kKeptTextBytes) text.append(bytes);
  }
  if (from.bad()) return fail("files.io", "cannot read '" + systemPath + "' to its end");
  measured.sha256 = sum.finish();
  measured.rows = rows.rows();
  if (keep && measured.bytes <= kKeptTextBytes && utf8::isValid(text)) measured.text = std::move(text);
  return measured;
}

}  // namespace weir::cli
