// What the benchmarks found: one row for each budget, printed and kept.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quartermaster::bench {

/// Of several runs.
struct Figure {
  double median = 0, least = 0, most = 0;
};
Figure figure_of(std::vector<double> runs);
/// "12.3 (11.9 to 12.8)"
std::string text_of(const Figure& figure);
std::string text_of(double value);  // three digits

/// Of very many: what is passed by one in a hundred, and so on.
struct Distribution {
  double p50 = 0, p99 = 0, p999 = 0, most = 0;
};
Distribution distribution_of(std::vector<double> samples);

struct Row {
  std::string what;
  std::string ours;
  std::string beside = {};  // nginx's, the API server's
  std::string ratio = {};
  std::string goal = {};
  std::optional<bool> met = {};  // no goal: for information
};

class Table {
 public:
  /// Prints the row, too, as the work takes minutes.
  void add(Row row);
  /// Markdown.
  std::string text() const;

 private:
  std::vector<Row> rows_;
};

}  // namespace quartermaster::bench
