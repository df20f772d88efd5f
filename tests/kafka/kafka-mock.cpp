// kafka-mock [BROKERS]: librdkafka's mock cluster as a program, for tests of the whole; ends with its input. Prints the
// servers, then one line for each line that it is given:
//   topic NAME PARTITIONS | fill NAME PARTITION FIRST COUNT | send NAME PARTITION TEXT | reject REQUEST CODE COUNT |
//   accept REQUEST down | up | committed GROUP TOPIC PARTITION | count TOPIC PARTITION | read TOPIC PARTITION (lines
//   OFFSET KEY TEXT, then .)
#include <sys/prctl.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "adapters/kafka/mock-cluster.test.h"

namespace {

using weir::kafka::testing::MockCluster;

std::string fill(MockCluster& cluster, std::istringstream& words) {
  std::string topic;
  int partition = 0, first = 0, count = 0;
  words >> topic >> partition >> first >> count;
  std::vector<std::string> payloads;
  for (int i = first; i < first + count; ++i) payloads.push_back("{\"n\": " + std::to_string(i) + "}");
  return cluster.send(topic, partition, payloads) ? "ok" : "failed";
}

std::string read(MockCluster& cluster, std::istringstream& words) {
  std::string topic, text;
  int partition = 0;
  words >> topic >> partition;
  for (const auto& message : cluster.messages(topic, partition)) {
    text +=
        std::to_string(message.offset) + " " + message.key.value_or("-") + " " + message.payload.value_or("-") + "\n";
  }
  return text + ".";
}

std::string answer(MockCluster& cluster, const std::string& line) {
  std::istringstream words(line);
  std::string what, topic, text;
  int first = 0, second = 0, third = 0;
  words >> what;
  if (what == "fill") return fill(cluster, words);
  if (what == "read") return read(cluster, words);
  if (what == "down") return cluster.down(), "ok";
  if (what == "up") return cluster.up(), "ok";
  if (what == "topic") {
    words >> topic >> first;
    return cluster.makeTopic(topic, first), "ok";
  }
  if (what == "send") {
    words >> topic >> first >> std::ws;
    std::getline(words, text);
    return cluster.send(topic, first, {text}) ? "ok" : "failed";
  }
  if (what == "reject") {
    words >> first >> second >> third;
    return cluster.reject(static_cast<std::int16_t>(first), second, static_cast<std::size_t>(third)), "ok";
  }
  if (what == "accept") {
    words >> first;
    return cluster.accept(static_cast<std::int16_t>(first)), "ok";
  }
  if (what == "committed") {
    words >> text >> topic >> first;
    return std::to_string(cluster.committed(text, topic, first));
  }
  if (what == "count") {
    words >> topic >> first;
    return std::to_string(cluster.messages(topic, first).size());
  }
  return "unknown";
}

}  // namespace

int main(int count, char** arguments) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  MockCluster cluster(count > 1 ? std::atoi(arguments[1]) : 1);
  std::cout << cluster.servers() << std::endl;
  for (std::string line; std::getline(std::cin, line);) std::cout << answer(cluster, line) << std::endl;
}
