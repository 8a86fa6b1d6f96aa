// "1.<claims>.<facts>.<request>", each part the hash of its own and of the part before: so that none can be guessed by
// who does not know the claims' uids, not even the caller's name in the last one.
#include "server/api/plan_token.hpp"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace quartermaster::api {
namespace {

constexpr std::string_view kVersion = "1";
constexpr std::size_t kPartBytes = 16;  // of a SHA-256; nobody finds another text for it

/// Fields one after the other, so that no two lists of fields have the same text.
class Fields {
 public:
  Fields& add(std::string_view field) {
    text_.append(std::to_string(field.size())).append(":").append(field);
    return *this;
  }
  Fields& add(std::size_t number) { return add(std::to_string(number)); }

  std::string hash() const {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    if (EVP_Digest(text_.data(), text_.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
      throw std::runtime_error("SHA-256 failed");
    std::string hex;
    for (std::size_t i = 0; i < kPartBytes; ++i) {
      constexpr std::string_view kDigits = "0123456789abcdef";
      hex += kDigits[digest[i] >> 4U];
      hex += kDigits[digest[i] & 15U];
    }
    return hex;
  }

 private:
  std::string text_;
};

/// Their finalizers, and all else that is in the objects, go with the versions.
std::string hash_of_claims(const std::vector<model::PlannedDelete>& plan) {
  Fields fields;
  for (const auto& planned : plan) {
    const auto& meta = planned.claim.meta;
    fields.add(meta.name).add(meta.uid).add(meta.resource_version);
  }
  return fields.hash();
}

std::string hash_of_facts(const std::vector<model::PlannedDelete>& plan, std::string_view claims) {
  Fields fields;
  fields.add(claims);
  for (const auto& planned : plan) {
    fields.add(planned.users.size());
    for (const auto& user : planned.users)
      fields.add(user.kind).add(user.name).add(to_string(user.how)).add(user.through);
    fields.add(planned.loss.volume_uid).add(planned.loss.reclaim_policy).add(to_string(planned.loss.answer));
  }
  return fields.hash();
}

std::string hash_of_request(const PlanRequest& request, std::string_view facts) {
  Fields fields;
  fields.add(facts).add(request.route).add(request.ns).add(request.selection);
  fields.add(request.force ? "force" : "").add(request.ignore_not_found ? "ignore" : "");
  fields.add(request.user).add(request.uid);
  return fields.hash();
}

std::array<std::string_view, 4> parts_of(std::string_view token) {
  std::array<std::string_view, 4> parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto end = i + 1 < parts.size() ? token.find('.') : std::string_view::npos;
    parts.at(i) = token.substr(0, end);
    token = end == std::string_view::npos ? std::string_view() : token.substr(end + 1);
  }
  return parts;
}

}  // namespace

std::string plan_token(const PlanRequest& request, const std::vector<model::PlannedDelete>& plan) {
  const auto claims = hash_of_claims(plan);
  const auto facts = hash_of_facts(plan, claims);
  std::string token(kVersion);
  return token.append(".").append(claims).append(".").append(facts).append(".").append(hash_of_request(request, facts));
}

std::optional<std::string> difference(std::string_view given, std::string_view now) {
  if (given == now) return std::nullopt;
  const auto then = parts_of(given), is = parts_of(now);
  if (then[0] != is[0]) return "the token is not one of this version of the service";
  if (then[1] != is[1]) return "the claims that are selected, or one of them, are not as they were";
  if (then[2] != is[2]) return "who uses the claims, or what becomes of their volumes, is not as it was";
  return "the route, the parameters and the caller must be those of the plan";
}

}  // namespace quartermaster::api
