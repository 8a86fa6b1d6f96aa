# Writes a text file as the array behind server/api/openapi.hpp.
file(READ ${IN} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
file(WRITE ${OUT} "#include \"server/api/openapi.hpp\"
namespace quartermaster::api {
namespace {
constexpr unsigned char kBytes[] = {${bytes}};
}
std::string_view openapi_document() { return {reinterpret_cast<const char*>(kBytes), sizeof kBytes}; }
}  // namespace quartermaster::api
")
