#include "test/apisim/faults.hpp"

#include <algorithm>

#include "test/apisim/rest.hpp"

namespace quartermaster::apisim {
namespace {

/// The first bytes of a body, then an error: the connection breaks there.
class CutStream : public ByteStream {
 public:
  CutStream(std::string body, std::unique_ptr<ByteStream> rest, std::size_t left)
      : body_(std::move(body)), rest_(std::move(rest)), left_(left) {}

  Task<Result<std::string_view>> read() override {
    std::string_view piece;
    if (left_ == 0) co_return Error{ErrorCode::internal, "cut"};
    if (rest_) {
      const auto next = co_await rest_->read();
      if (!next || next->empty()) co_return Error{ErrorCode::internal, "cut"};
      piece = *next;
    } else if (!sent_) {
      piece = body_;
      sent_ = true;
    }
    piece = piece.substr(0, left_);
    left_ -= piece.size();
    if (piece.empty()) co_return Error{ErrorCode::internal, "cut"};
    co_return piece;
  }

 private:
  std::string body_;
  std::unique_ptr<ByteStream> rest_;
  std::size_t left_;
  bool sent_ = false;
};

}  // namespace

void Faults::add(Fault fault) {
  std::regex target(fault.target, std::regex::ECMAScript);
  entries_.push_back({std::move(fault), std::move(target)});
}

std::optional<Fault> Faults::take(const std::string& method, const std::string& target) {
  for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
    auto& fault = entry->fault;
    if (!fault.method.empty() && fault.method != method) continue;
    if (!std::regex_search(target, entry->target)) continue;
    if (fault.skip > 0) {
      --fault.skip;
      continue;
    }
    auto hit = fault;
    if (fault.count != Fault::kAlways && --fault.count == 0) entries_.erase(entry);
    return hit;
  }
  return std::nullopt;
}

http::Reply fault_reply(const Fault& fault) {
  Status status{fault.status, fault.reason, fault.message};
  if (fault.retry_after) {
    status.details = json::object();
    (*status.details)["retryAfterSeconds"] = *fault.retry_after;
  }
  return status_reply(status);
}

void spoil(http::Reply& reply, const Fault& fault) {
  if (fault.body) {
    reply.body = *fault.body;
    reply.stream.reset();
  }
  if (fault.content_type) {
    std::erase_if(reply.headers, [](const http::Header& h) { return h.name == "Content-Type"; });
    if (!fault.content_type->empty()) reply.header("Content-Type", *fault.content_type);
  }
  if (fault.cut_after) {
    reply.stream = std::make_unique<CutStream>(std::move(reply.body), std::move(reply.stream), *fault.cut_after);
    reply.body.clear();
  }
}

}  // namespace quartermaster::apisim
