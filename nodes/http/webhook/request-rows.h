// RequestRows: whole requests as rows; only the columns that somebody reads.
#pragma once

#include <span>
#include <vector>

#include "engine/data/batch-builder.h"
#include "engine/data/field-set.h"
#include "engine/host/ingress.h"
#include "nodes/http/webhook/body-columns.h"
#include "nodes/http/webhook/body-value.h"

namespace weir::nodes::http_webhook {

class RequestRows {
 public:
  RequestRows(const FieldSet& needed, BodyForm form, MemoryAccount& account);
  /// As BodyColumns::read: requests with a body that cannot be read are told in `wrong`.
  [[nodiscard]] Result<Batch> read(const IngressBatch& requests, std::vector<BodyColumns::Wrong>& wrong);
  /// Whether more than the body is read.
  [[nodiscard]] bool readsHead() const;

 private:
  [[nodiscard]] Result<Value> cell(std::size_t column, const IngressBatch& requests,
                                   const IngressRequest& request) const;

  BodyForm form_;
  MemoryAccount& account_;
  std::vector<std::size_t> columns_;  // of all that a request has, those that are read
  SchemaRef schema_;
};

}  // namespace weir::nodes::http_webhook
