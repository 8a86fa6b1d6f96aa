// The lines of a log with timestamps: the size of the pieces that it comes in makes no difference.
#include "kubeapi/log_lines.hpp"

#include <algorithm>
#include <string>

#include "test/fuzz/fuzz.hpp"

using quartermaster::fuzz::check;
namespace kubeapi = quartermaster::kubeapi;

namespace {

/// All of it in one text, in which nothing of the input can be taken for something else.
std::string read(std::string_view bytes, std::size_t piece) {
  kubeapi::LogLines lines;
  std::string all, line;
  const auto take = [&](const kubeapi::LogFragment& fragment) {
    if (fragment.begins) line = quartermaster::format_timestamp(fragment.time) + "|";
    line += fragment.text;
    check(fragment.text.find('\n') == std::string_view::npos, "a line has no line feed");
    if (fragment.ends) all.append(line).append("\n");
  };
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    auto part = bytes.substr(0, piece);
    while (const auto fragment = lines.next(part)) take(*fragment);
    check(part.empty(), "all is taken");
  }
  if (const auto fragment = lines.rest()) take(*fragment);
  if (lines.inside()) all += line;
  return all;
}

}  // namespace

FUZZ_TARGET(log_lines) {
  const auto whole = read(input, input.size() + 1);
  for (const std::size_t piece : {1U, 13U, 4096U}) check(read(input, piece) == whole, "pieces make no difference");
}
