// The bearer token, and the file that it comes from.
#include <algorithm>

#include "kubeapi/credentials.hpp"
#include "kubeapi/read_file.hpp"

namespace quartermaster::kubeapi {
namespace {

/// What is wrong with the token, or "". It goes into a header field as it is.
std::string check(std::string_view token) {
  if (token.empty()) return "it is empty";
  const bool visible = std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 0x7f; });
  return visible ? "" : "it holds something else than one token";
}

}  // namespace

bool Reread::refused(Clock::time_point now) {
  if (now < next_refusal_) return false;
  next_refusal_ = now + kRefusedReread;
  next_ = now;
  return true;
}

TokenSource::TokenSource(const std::string& token, std::string path, Clock::duration every, CredentialsEvents events)
    : token_(trim(token)), path_(std::move(path)), reread_(every), events_(std::move(events)) {
  if (!token_.empty() && !check(token_).empty()) throw ConfigError("the token holds something else than one token");
}

const std::string& TokenSource::get(Clock::time_point now) {
  if (!path_.empty() && reread_.due(now)) read(now);
  return token_;
}

bool TokenSource::refused(std::string_view token, Clock::time_point now) {
  return token != token_ || (!path_.empty() && (reread_.refused(now) || reread_.due(now)));
}

void TokenSource::read(Clock::time_point now) {
  reread_.done(now);
  const auto text = read_file(path_, 64U << 10);
  const std::string_view token = text ? trim(*text) : std::string_view();
  const std::string wrong = text ? check(token) : text.error().message;
  if (!wrong.empty()) {
    if (!std::exchange(problem_, true)) {
      events_(true, "token file " + path_ + ": " + wrong + (token_.empty() ? "" : ": keeping the old token"));
    }
    return;
  }
  const bool changed = token != token_;
  token_ = token;
  if (std::exchange(problem_, false)) {
    events_(false, "token file " + path_ + " can be read again");
  } else if (changed) {
    events_(false, "token read from " + path_);
  }
}

}  // namespace quartermaster::kubeapi
