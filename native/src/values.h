// Reads and checks values that come from JavaScript. `what` names the value in the error's message.
#pragma once

#include <napi.h>

#include <cstdint>
#include <string>

namespace bnnw {

/// A whole number from `least` to `most`. Throws TypeError for another type, RangeError for another number.
int64_t readInteger(const Napi::Value& value, const std::string& what, int64_t least, int64_t most);

/// A count or a number of bytes, at least `least`.
size_t readSize(const Napi::Value& value, const std::string& what, size_t least = 0);

/// As readSize, with a default where the value is undefined.
size_t readSizeOr(const Napi::Value& value, const std::string& what, size_t otherwise);

std::string readString(const Napi::Value& value, const std::string& what);

bool readBooleanOr(const Napi::Value& value, const std::string& what, bool otherwise);

Napi::Object readObject(const Napi::Value& value, const std::string& what);

Napi::Array readArray(const Napi::Value& value, const std::string& what);

/// The array itself, not a copy. It remembers its address and length from now on, so it is only good until
/// JavaScript runs again, which might transfer the memory.
Napi::Uint8Array readBytes(const Napi::Value& value, const std::string& what);

/// Throws RangeError unless [offset, offset + bytes) lies in [0, length).
void checkRange(Napi::Env env, const std::string& what, size_t offset, size_t bytes, size_t length);

}  // namespace bnnw
