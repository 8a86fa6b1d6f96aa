# Writes a file as the bytes behind FUNCTION, which HEADER (its path in the tree) declares. JSON goes without its layout:
# a line break is never part of a string there.
file(READ ${IN} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
if(IN MATCHES "[.]json$")
  string(REGEX REPLACE "0x0a,(0x20,)*" "" bytes "${bytes}")
endif()
file(WRITE ${OUT} "#include \"${HEADER}\"
namespace quartermaster::api {
namespace {
constexpr unsigned char kBytes[] = {${bytes}};
}
std::string_view ${FUNCTION}() { return {reinterpret_cast<const char*>(kBytes), sizeof kBytes}; }
}  // namespace quartermaster::api
")
