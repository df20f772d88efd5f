// files/csv-read: one stage finds files, learns their columns and cuts the large ones; the next reads and parses.
#include <memory>
#include <utility>

#include "nodes/files/csv-read/csv-read.gen.h"
#include "nodes/files/csv-read/file-planner.h"
#include "nodes/files/csv-read/file-work.h"

namespace weir::nodes::csv_read {
namespace {

Result<void> setDialect(const Settings& settings, ReadOptions& options) {
  auto& dialect = options.dialect;
  options.wish.delimiter = settings.delimiter == "auto";
  if (!options.wish.delimiter) {
    WEIR_ASSIGN(dialect.delimiter, oneSign(settings.delimiter, "delimiter"));
    if (dialect.delimiter == 0) return fail("settings.invalid", "delimiter: give one character, or tab, or auto");
  }
  WEIR_ASSIGN(dialect.quote, oneSign(settings.quote, "quote"));
  WEIR_ASSIGN(dialect.comment, oneSign(settings.comment, "comment"));
  WEIR_ASSIGN(options.format.decimal, oneSign(settings.decimal, "decimal"));
  WEIR_ASSIGN(options.format.thousands, oneSign(settings.thousands, "thousands"));
  if (options.format.decimal == 0) options.format.decimal = '.';
  switch (settings.header) {
    case Settings::Header::auto_:
      break;
    case Settings::Header::yes:
      dialect.header = csv::Header::present;
      break;
    case Settings::Header::no:
      dialect.header = csv::Header::none;
      break;
  }
  options.wish.header = dialect.header == csv::Header::automatic;
  dialect.escape = settings.escape == Settings::Escape::backslash ? csv::Escape::backslash : csv::Escape::doubled;
  dialect.ragged = settings.ragged == Settings::Ragged::fill ? csv::Ragged::fill : csv::Ragged::error;
  dialect.trim = settings.trim;
  return {};
}

Result<ReadOptions> optionsOf(const Settings& settings) {
  ReadOptions options;
  options.paths.push_back(settings.path);
  options.paths.insert(options.paths.end(), settings.morePaths.begin(), settings.morePaths.end());
  options.ifNoFiles = settings.ifNoFiles == Settings::IfNoFiles::warn ? IfNoFiles::warn : IfNoFiles::error;
  WEIR_TRY(setDialect(settings, options));
  options.format.nullValues = settings.nullValues;
  options.format.dateFormats = settings.dateFormats;
  static constexpr TextEncoding kEncodings[] = {TextEncoding::automatic, TextEncoding::utf8, TextEncoding::utf16,
                                                TextEncoding::windows1252, TextEncoding::latin1};
  options.encoding = kEncodings[static_cast<std::size_t>(settings.encoding)];
  WEIR_ASSIGN(options.schema, schemaOf(settings.schema));
  static constexpr csv::Drift kDrifts[] = {csv::Drift::error, csv::Drift::widen, csv::Drift::string};
  options.onDrift = kDrifts[static_cast<std::size_t>(settings.onDrift)];
  options.strict = settings.strict;
  options.maxRecordBytes = settings.maxRecordBytes;
  // Signs that collide and patterns that are none are found now, not at the first file.
  WEIR_TRY(csv::FieldReader::make(options.dialect, options.format));
  return options;
}

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  WEIR_ASSIGN(auto options, optionsOf(settings));
  WEIR_ASSIGN(auto* files, context.host<Files>());
  const auto codecs = context.host<Codecs>();
  auto shared = std::make_shared<Shared>(std::move(options), context, *files, codecs ? *codecs : nullptr);
  auto node = std::make_unique<Node>();
  Stage find;
  find.makeTask = [shared]() -> Result<std::unique_ptr<Task>> { return std::make_unique<FilePlanner>(shared); };
  Stage parse;
  parse.parallelism = Stage::Parallelism::parallel;
  parse.work = std::make_shared<FileParse>(shared);
  node->stages.push_back(std::move(find));
  node->stages.push_back(std::move(parse));
  return node;
}

}  // namespace weir::nodes::csv_read
