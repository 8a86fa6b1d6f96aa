// Standard base64 with padding (RFC 4648 section 4), as in the data of secrets.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace quartermaster {

std::string encode_base64(std::string_view bytes);
/// Strict but for line breaks, as Go's decoder is: CR and LF are skipped; padding must be right, nothing may follow it,
/// unused bits may be anything. Nothing on bad text.
std::optional<std::string> decode_base64(std::string_view text);
/// The number of bytes that valid base64 text stands for, without decoding it.
std::size_t decoded_size(std::string_view text);

}  // namespace quartermaster
