#include "test/bench/table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <iostream>

namespace quartermaster::bench {

namespace {

using Cells = std::array<std::string, 6>;

Cells cells_of(const Row& row) {
  return {row.what, row.ours, row.beside, row.ratio, row.goal, row.met ? (*row.met ? "met" : "MISSED") : ""};
}

double at(const std::vector<double>& sorted, double quantile) {
  const auto index = static_cast<std::size_t>(std::ceil(quantile * static_cast<double>(sorted.size())));
  return sorted[std::clamp<std::size_t>(index, 1, sorted.size()) - 1];
}

/// In characters, not bytes: for µ.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

Figure figure_of(std::vector<double> runs) {
  std::sort(runs.begin(), runs.end());
  return {at(runs, 0.5), runs.front(), runs.back()};
}

std::string text_of(double value) {
  char buffer[32];
  const int digits = value == 0 ? 0 : std::clamp(2 - static_cast<int>(std::floor(std::log10(std::abs(value)))), 0, 3);
  std::snprintf(buffer, sizeof buffer, "%.*f", digits, value);
  return buffer;
}

std::string text_of(const Figure& figure) {
  return text_of(figure.median) + " (" + text_of(figure.least) + " to " + text_of(figure.most) + ")";
}

Distribution distribution_of(std::vector<double> samples) {
  if (samples.empty()) return {};
  std::sort(samples.begin(), samples.end());
  return {at(samples, 0.5), at(samples, 0.99), at(samples, 0.999), samples.back()};
}

void Table::add(Row row) {
  std::cout << "  " << row.what << ": " << row.ours;
  if (!row.beside.empty()) std::cout << " beside " << row.beside;
  if (!row.ratio.empty()) std::cout << ", ratio " << row.ratio;
  if (!row.goal.empty()) std::cout << ", goal " << row.goal;
  if (row.met) std::cout << (*row.met ? ": met" : ": MISSED");
  std::cout << std::endl;
  rows_.push_back(std::move(row));
}

std::string Table::text() const {
  std::vector<Cells> lines = {{"what", "ours", "beside", "ratio", "goal", ""}};
  for (const Row& row : rows_) lines.push_back(cells_of(row));
  std::array<std::size_t, 6> widths{};
  for (const Cells& cells : lines) {
    for (std::size_t i = 0; i < cells.size(); ++i) widths[i] = std::max({widths[i], width(cells[i]), std::size_t{3}});
  }
  std::string text;
  for (std::size_t line = 0; line < lines.size(); ++line) {
    for (std::size_t i = 0; i < widths.size(); ++i) {
      text += "| " + lines[line][i] + std::string(widths[i] - width(lines[line][i]) + 1, ' ');
    }
    text += "|\n";
    if (line > 0) continue;
    for (const std::size_t w : widths) text += "| " + std::string(w, '-') + " ";
    text += "|\n";
  }
  return text;
}

}  // namespace quartermaster::bench
