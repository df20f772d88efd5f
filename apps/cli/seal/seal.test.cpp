// Seals: what they say, what they refuse, and where two files of rows differ.
#include "apps/cli/seal/seal.h"

#include <doctest/doctest.h>

#include <sstream>

#include "adapters/openssl/sha256.h"
#include "apps/cli/seal/file-witness.h"
#include "apps/cli/seal/first-difference.h"
#include "apps/cli/seal/seal-run.h"
#include "engine/flow/document.h"
#include "engine/flow/meaning.h"

namespace weir::cli {
namespace {

Seal sample() {
  Seal seal;
  seal.engine = "1.0.0";
  seal.flow = "orders";
  seal.meaning = openssl::Sha256::of("flow");
  seal.parameters.set("rows", 5);
  SealedFile input;
  input.name = "orders:a.csv";
  input.bytes = 4;
  input.sha256 = openssl::Sha256::of("a\n1\n");
  seal.inputs.push_back(input);
  SealedFile output;
  output.name = "out.csv";
  output.bytes = 4;
  output.text = "b\n2\n";
  output.sha256 = openssl::Sha256::of(*output.text);
  output.rows = 1;
  output.csv.emplace();
  seal.outputs.push_back(output);
  seal.setAside = 1;
  seal.byCode.emplace_back("csv.type", 1);
  return seal;
}

std::string withReplaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

std::string codeOf(const std::string& text) {
  const auto seal = parseSeal(text);
  return seal ? "" : std::string(seal.error().code);
}

std::string differs(const SealedFile& file, const std::string& before, const std::string& after) {
  std::istringstream was(before), is(after);
  const auto found = firstDifference(file, was, is);
  return found ? textOf(*found) : "same rows";
}

SealedFile csvFile(std::string delimiter = ",", bool header = true) {
  SealedFile file;
  file.name = "a.csv";
  file.csv = SealedCsv{std::move(delimiter), header};
  return file;
}

SealedFile named(const char* name) {
  SealedFile file;
  file.name = name;
  return file;
}

std::string meaning(const char* text) {
  const auto document = flow::parseFlow(text);
  REQUIRE(document.has_value());
  return flow::meaningOf(*document);
}

}  // namespace

TEST_CASE("SHA-256 is that of the standard, in one piece and in several") {
  CHECK(openssl::Sha256::of("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(openssl::Sha256::of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  openssl::Sha256 sum;
  sum.add("a");
  sum.add("");
  sum.add("bc");
  CHECK(sum.finish() == openssl::Sha256::of("abc"));
}

TEST_CASE("a seal reads as it was written") {
  const auto seal = sample();
  const auto text = sealText(seal);
  const auto again = parseSeal(text);
  REQUIRE(again.has_value());
  CHECK(sealText(*again) == text);
  CHECK(shortDigest(digestOf(seal)).size() == 12);
  CHECK(text.find(digestOf(seal)) != std::string::npos);
}

TEST_CASE("the digest is that of flow, parameters, inputs, outputs and what was set aside, not of who ran it") {
  const auto seal = sample();
  auto other = seal;
  other.engine = "2.0.0";
  other.outputs[0].text.reset();
  CHECK(digestOf(other) == digestOf(seal));
  const auto changed = [&](auto change) {
    auto copy = seal;
    change(copy);
    return digestOf(copy) != digestOf(seal);
  };
  CHECK(changed([](Seal& one) { one.meaning = openssl::Sha256::of("other"); }));
  CHECK(changed([](Seal& one) { one.parameters.set("rows", 6); }));
  CHECK(changed([](Seal& one) { one.inputs[0].sha256 = openssl::Sha256::of("x"); }));
  CHECK(changed([](Seal& one) { one.outputs[0].name = "x.csv"; }));
  CHECK(changed([](Seal& one) { one.setAside = 2; }));
}

TEST_CASE("what is no seal, or does not fit itself, is refused") {
  const auto text = sealText(sample());
  CHECK(codeOf("") == "seal.invalid");
  CHECK(codeOf("no JSON") == "seal.invalid");
  CHECK(codeOf("[]") == "seal.invalid");
  CHECK(codeOf("{}") == "seal.invalid");
  CHECK(codeOf(R"({"weirSeal": 1})") == "seal.invalid");
  CHECK(codeOf(withReplaced(text, "\"weirSeal\": 1", "\"weirSeal\": 2")) == "seal.newer_version");
  CHECK(codeOf(withReplaced(text, "\"weirSeal\": 1", "\"weirSeal\": 0")) == "seal.invalid");
  CHECK(codeOf(withReplaced(text, "\"rows\": 5", "\"rows\": 6")) == "seal.invalid");
  CHECK(codeOf(withReplaced(text, "b\\n2\\n", "b\\n3\\n")) == "seal.invalid");
  CHECK(codeOf(withReplaced(text, "\"bytes\": 4", "\"bytes\": -4")) == "seal.invalid");
  CHECK(codeOf(withReplaced(text, "\"delimiter\": \",\"", "\"delimiter\": \"\"")) == "seal.invalid");
  CHECK(codeOf(text).empty());
}

TEST_CASE("a file has one name, however its path is written") {
  CHECK(sealedName("out/a.csv") == "out/a.csv");
  CHECK(sealedName("./out//a.csv") == "out/a.csv");
  CHECK(sealedName("project:out/x/../a.csv") == "out/a.csv");
  CHECK(sealedName("orders:2024.csv") == "orders:2024.csv");
  CHECK(sealedName("orders:a/./b.csv") == "orders:a/b.csv");
  CHECK_FALSE(sealedName("/srv/a.csv").has_value());
  CHECK_FALSE(sealedName("../a.csv").has_value());
  CHECK_FALSE(sealedName("orders:../a.csv").has_value());
  CHECK_FALSE(sealedName("").has_value());
  CHECK(sealedName("./ab:c.csv") == "project:ab:c.csv");
}

TEST_CASE("the first cell that differs has row, column and both values") {
  CHECK(differs(csvFile(), "a,b\n1,2\n3,4\n", "a,b\n1,2\n3,5\n") == "row 2, column 'b': 4 in the seal, 5 here");
  CHECK(differs(csvFile(), "a,b\n1,2\n", "a,c\n1,2\n") == "the header, column '2': b in the seal, c here");
  CHECK(differs(csvFile(), "a\n1\n", "a\n1\n2\n") == "row 2: nothing in the seal, 2 here");
  CHECK(differs(csvFile(), "a\n1\n2\n", "a\n1\n") == "row 2: 2 in the seal, nothing here");
  CHECK(differs(csvFile(";", false), "1;\"x\ny\"\n", "1;\"x\nz\"\n").starts_with("row 1, column '2': "));
  CHECK(differs(csvFile(), "a\n\"1\"\n", "a\r\n1\r\n") == "same rows");
  CHECK(differs(csvFile(), "a,b\n1,\n", "a,b\n1\n") == "row 1, column 'b': empty in the seal, nothing here");
  CHECK(differs(named("a.ndjson"), "{\"a\":1,\"b\":2}\n", "{\"b\":3,\"a\":1}\n") ==
        "row 1, column 'b': 2 in the seal, 3 here");
  CHECK(differs(named("a.ndjson"), "{\"a\":1}\n", "{\"a\":1.0}\n") == "same rows");
  CHECK(differs(named("a.ndjson"), "{\"a\":1}\n", "{\"a\":1,\"c\":2}\n") ==
        "row 1, column 'c': nothing in the seal, 2 here");
  CHECK(differs(named("a.jsonl"), "{\"a\":1}\n", "broken\n").starts_with("row 1: "));
  CHECK(differs(named("a.arrow"), "x", "y") == "same rows");
}

TEST_CASE("rows are counted across pieces, without the header") {
  const auto count = [](const SealedFile& file, std::initializer_list<const char*> pieces) {
    RowCount rows(file);
    for (const auto* piece : pieces) rows.add(piece);
    return rows.rows();
  };
  CHECK(count(csvFile(), {"a,b\n1,", "\"x\n", "y\"\n3,4"}) == 2);
  CHECK(count(csvFile(",", false), {"1\n2\n"}) == 2);
  CHECK(count(csvFile(), {""}) == 0);
  CHECK(count(named("a.ndjson"), {"{}\n{", "}\n"}) == 2);
  CHECK_FALSE(count(named("a.arrow"), {"x"}).has_value());
}

TEST_CASE("names, places and notes are no part of what a flow means, settings are") {
  const auto* plain = R"({"id":"f","version":"1.0.0","nodes":[
    {"id":"b","typeId":"files/csv-read","version":"1.0.0","settings":{"path":"a.csv"}},
    {"id":"a","typeId":"data/limit","version":"1.0.0","settings":{"count":1}}],"edges":[]})";
  const auto* dressed = R"({"id":"g","version":"1.0.0","metadata":{"description":"x"},"nodes":[
    {"id":"a","typeId":"data/limit","version":"1.0.0","name":"First","position":{"x":1,"y":2},"settings":{"count":1},"x-own":1},
    {"id":"b","typeId":"files/csv-read","version":"1.0.0","note":"n","settings":{"path":"a.csv"}}],"edges":[],
    "notes":[{"id":"n","text":"hello"}]})";
  CHECK(meaning(plain) == meaning(dressed));
  CHECK(meaning(plain) == R"({"nodes":[{"id":"a","typeId":"data/limit","version":"1.0.0","settings":{"count":1}},)"
                          R"({"id":"b","typeId":"files/csv-read","version":"1.0.0","settings":{"path":"a.csv"}}]})");
  auto other = std::string(plain);
  other.replace(other.find("\"count\":1"), 9, "\"count\":2");
  CHECK(meaning(other.c_str()) != meaning(plain));
}

}  // namespace weir::cli
