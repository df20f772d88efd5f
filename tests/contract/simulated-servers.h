// SimulatedServers: databases and brokers of a case, from what its JSON says, and what was written to them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/data/value.h"
#include "engine/host/hosts.h"
#include "engine/json/value.h"
#include "hosts/simulation/simulated-broker.h"
#include "hosts/simulation/simulated-mail.h"
#include "hosts/simulation/simulated-sql.h"

namespace weir::contract {

class SimulatedServers {
 public:
  /// `tables`: {NAME: [key columns]}; `answers`: [{statement, parameters, rows}];
  /// `messages`: [{topic, id, key, payload, fields}], all texts; `refuses`: [topics, mail addresses].
  void prepare(const json::Value& one);
  void offer(Hosts& hosts) {
    hosts.add<Sql>(sql_);
    hosts.add<Broker>(broker_);
    hosts.add<Mail>(mail_);
  }
  [[nodiscard]] std::map<std::string, std::vector<Value>> written();

 private:
  simulation::SimulatedSql sql_;
  simulation::SimulatedBroker broker_;
  simulation::SimulatedMail mail_;
};

}  // namespace weir::contract
