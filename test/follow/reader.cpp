#include "test/follow/reader.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

namespace quartermaster::follow {
namespace {

/// The text of a field that holds no escapes.
std::string_view field(std::string_view json, std::string_view name) {
  const auto key = "\"" + std::string(name) + "\":\"";
  const auto found = json.find(key);
  if (found == std::string_view::npos) return {};
  json.remove_prefix(found + key.size());
  return json.substr(0, json.find('"'));
}

}  // namespace

Reader::Reader(const test::Endpoint& service, std::string target)
    : service_(service), target_(std::move(target)), thread_([this] { run(); }) {}

Reader::~Reader() {
  stop_ = true;
  thread_.join();
}

void Reader::run() {
  try {
    while (!done_ && !stop_) read_once();
  } catch (const std::exception& problem) {
    complaint_ = problem.what();
    complaint_ += ", after line " + std::to_string(lines_) + " and " + std::to_string(restarts_) + " restarts";
  }
  done_ = true;
}

/// One answer, to its end or until it is to come back.
void Reader::read_once() {
  test::HttpRequest request{.target = target_ + "?follow=true", .headers = {{"Accept", "application/x-ndjson"}}};
  if (!cursor_.empty()) request.headers.emplace_back("Last-Event-ID", cursor_);
  auto answer = test::open_exchange(service_, request);
  const auto status = answer.head().status;
  if (status == 502 || status == 503) return;  // comes back to an API server that is cut off at this moment
  if (status != 200) throw std::runtime_error("status " + std::to_string(status));
  std::string text;
  for (auto piece = answer.more(); !piece.empty(); piece = answer.more()) {
    if (stop_) return;
    bytes_ += piece.size();
    text += piece;
    std::size_t begin = 0;
    for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
      if (!take(std::string_view(text).substr(begin, end - begin))) return;
      begin = end + 1;
    }
    text.erase(0, begin);
    if (come_back_.exchange(false)) {
      ++returns_;
      return;
    }
  }
  if (!answer.complete()) throw std::runtime_error("the answer was cut");
  done_ = true;
}

bool Reader::take(std::string_view json) {
  cursor_ = field(json, "cursor");
  if (const auto marker = field(json, "marker"); !marker.empty()) {
    if (marker != "restart") throw std::runtime_error(std::string(json));
    ++restarts_;
    return true;
  }
  auto line = field(json, "line");
  std::uint64_t number = 0;
  if (!line.starts_with("line ")) throw std::runtime_error("no numbered line: " + std::string(json));
  line.remove_prefix(5);
  std::from_chars(line.data(), line.data() + line.size(), number);
  if (number != lines_) {
    throw std::runtime_error("line " + std::to_string(number) + " comes where " + std::to_string(lines_) + " should");
  }
  ++lines_;
  return true;
}

}  // namespace quartermaster::follow
