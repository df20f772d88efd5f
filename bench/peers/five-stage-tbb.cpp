// Five stages as a oneTBB flow graph, a message a row.
#include <tbb/flow_graph.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

struct Row {
  long id, ts;
  double value;
};

int main(int argc, char** argv) {
  const long rows = argc > 1 ? std::atol(argv[1]) : 1'000'000;
  tbb::flow::graph graph;
  long next = 0, count = 0;
  tbb::flow::input_node<Row> source(graph, [&](tbb::flow_control& control) -> Row {
    if (next >= rows) {
      control.stop();
      return {};
    }
    const long id = next++;
    return Row{id, id * 1000, static_cast<double>(id % 1000)};
  });
  tbb::flow::function_node<Row, Row, tbb::flow::lightweight> scale(graph, 1, [](Row row) {
    row.value = row.value * 2 + 1;
    return row;
  });
  tbb::flow::multifunction_node<Row, std::tuple<Row>, tbb::flow::lightweight> drop(graph, 1,
                                                                                   [](const Row& row, auto& ports) {
                                                                                     if (row.id % 10 != 0)
                                                                                       std::get<0>(ports).try_put(row);
                                                                                   });
  tbb::flow::function_node<Row, Row, tbb::flow::lightweight> map(graph, 1, [](Row row) {
    row.value = row.value - 1;
    return row;
  });
  tbb::flow::function_node<Row, tbb::flow::continue_msg, tbb::flow::lightweight> sink(graph, 1, [&](const Row&) {
    ++count;
    return tbb::flow::continue_msg();
  });
  tbb::flow::make_edge(source, scale);
  tbb::flow::make_edge(scale, drop);
  tbb::flow::make_edge(tbb::flow::output_port<0>(drop), map);
  tbb::flow::make_edge(map, sink);
  const auto start = std::chrono::steady_clock::now();
  source.activate();
  graph.wait_for_all();
  std::printf("seconds %f\ncount %ld\n",
              std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), count);
}
