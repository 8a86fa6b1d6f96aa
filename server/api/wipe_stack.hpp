// What requests about secrets have left on the stack: Asio, for one, gathers what it gives to OpenSSL there.
#pragma once

namespace quartermaster::api {

/// Wipes the stack below its caller. Post it to the loop: all else that ran there lay deeper.
void wipe_stack();

}  // namespace quartermaster::api
