// files/blob-write: each row's blob into a file of its own.
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "engine/node/row-expression.h"
#include "nodes/files/blob-write/blob-copy.h"
#include "nodes/files/blob-write/blob-write.gen.h"

namespace weir::nodes::blob_write {
namespace {

/// A name may go into folders below, never out of them.
bool staysInside(std::string_view name) {
  if (name.empty() || name.front() == '/' || name.back() == '/' || name.find('\0') != std::string_view::npos)
    return false;
  for (std::size_t begin = 0; begin <= name.size();) {
    const auto end = std::min(name.find('/', begin), name.size());
    if (name.substr(begin, end - begin) == "..") return false;
    begin = end + 1;
  }
  return true;
}

class BlobWriter final : public Transform {
 public:
  BlobWriter(const Settings& settings, RowExpression name, Files& files, MemoryAccount& account)
      : settings_(settings), name_(std::move(name)), files_(files), account_(account) {}

  Result<Flow> process(const Batch& batch, StepIo& io) override {
    if (!names_) {
      std::vector<cel::RowError> errors;
      WEIR_ASSIGN(names_, name_.evaluate(batch, errors));
      bad_.assign(static_cast<std::size_t>(batch.rows()), std::nullopt);
      for (auto& error : errors) {
        if (!bad_[error.row]) bad_[error.row] = std::move(error.error);
      }
    }
    while (row_ < batch.rows()) {
      if (!copy_) {
        auto begun = begin(batch);
        if (!begun) {
          failRow(std::move(begun.error()), io);
          continue;
        }
      }
      auto flow = copy_->step(io.waker());
      if (!flow) {
        // What concerns all rows ends the run; what concerns one blob is its row's.
        const auto& code = flow.error().code;
        if (flow.error().recoverable || code == "memory.limit" || code == "files.disk_full") return flow;
        failRow(std::move(flow.error()), io);
        continue;
      }
      if (*flow == Flow::pending) return Flow::pending;
      if (*flow == Flow::done) {
        copy_.reset();
        ++row_;
      }
      if (io.budgetSpent()) return Flow::again;
    }
    row_ = 0;
    names_.reset();
    return Flow::more;
  }

 private:
  void failRow(Error error, StepIo& io) {
    copy_.reset();
    const auto row = static_cast<std::uint32_t>(row_++);
    io.fail({&row, 1}, std::move(error));
  }

  Result<void> begin(const Batch& batch) {
    if (auto& bad = bad_[static_cast<std::size_t>(row_)]) return std::unexpected(std::move(*bad));
    const auto* blobs = batch.column(settings_.field);
    const auto value = blobs == nullptr ? Value() : blobs->value(row_);
    if (value.kind() != ValueKind::blob) {
      return fail("blob.not_a_blob",
                  "the field '" + settings_.field + "' holds no blob; the rows have " + batch.schema()->describe());
    }
    WEIR_ASSIGN(auto blob, decodeBlob(value.text()));
    const auto name = names_->value(row_);
    if (name.kind() != ValueKind::string || !staysInside(name.text())) {
      return fail("blob.name",
                  std::string("the file name ") +
                      (name.kind() == ValueKind::string ? "'" + std::string(name.text()) + "'" : "that is no text") +
                      " cannot be used; give a relative path without '..'");
    }
    auto path = settings_.folder;
    if (!path.empty() && path.back() != '/' && path.back() != ':') path += '/';
    path += name.text();
    const auto ifExists = settings_.ifExists == Settings::IfExists::error ? IfExists::error : IfExists::overwrite;
    copy_ =
        std::make_unique<BlobCopy>(files_, account_, std::move(blob), FileSinkOptions{std::move(path), ifExists, true});
    return {};
  }

  Settings settings_;
  RowExpression name_;
  Files& files_;
  MemoryAccount& account_;
  std::optional<Column> names_;  // of the batch under way
  std::vector<std::optional<Error>> bad_;
  std::unique_ptr<BlobCopy> copy_;
  std::int64_t row_ = 0;
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  WEIR_ASSIGN(auto* files, context.host<Files>());
  WEIR_ASSIGN(auto name, RowExpression::compile(settings.name, "/settings/name", context));
  auto node = std::make_unique<Node>();
  Stage stage;
  stage.makeTask = [settings, name, files, &context]() -> Result<std::unique_ptr<Task>> {
    return std::make_unique<BlobWriter>(settings, name, *files, context.account());
  };
  node->stages.push_back(std::move(stage));
  return node;
}

}  // namespace weir::nodes::blob_write
