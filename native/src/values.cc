#include "values.h"

#include <cmath>
#include <limits>

namespace bnnw {
namespace {

constexpr int64_t maxSafeInteger = (int64_t{1} << 53) - 1;

}  // namespace

int64_t readInteger(const Napi::Value& value, const std::string& what, int64_t least, int64_t most) {
  if (!value.IsNumber()) throw Napi::TypeError::New(value.Env(), what + " must be a number");
  const double number = value.As<Napi::Number>().DoubleValue();
  // Both bounds are at most 2^53 and thus exact as doubles; a NaN fails the comparison with itself.
  if (std::trunc(number) != number || number < static_cast<double>(least) ||
      number > static_cast<double>(most)) {
    throw Napi::RangeError::New(value.Env(), what + " must be a whole number from " + std::to_string(least) +
                                                 " to " + std::to_string(most));
  }
  return static_cast<int64_t>(number);
}

size_t readSize(const Napi::Value& value, const std::string& what, size_t least) {
  constexpr uint64_t sizeMax = std::numeric_limits<size_t>::max();
  constexpr int64_t most =
      sizeMax < static_cast<uint64_t>(maxSafeInteger) ? static_cast<int64_t>(sizeMax) : maxSafeInteger;
  return static_cast<size_t>(readInteger(value, what, static_cast<int64_t>(least), most));
}

size_t readSizeOr(const Napi::Value& value, const std::string& what, size_t otherwise) {
  return value.IsUndefined() ? otherwise : readSize(value, what);
}

std::string readString(const Napi::Value& value, const std::string& what) {
  if (!value.IsString()) throw Napi::TypeError::New(value.Env(), what + " must be a string");
  return value.As<Napi::String>().Utf8Value();
}

bool readBooleanOr(const Napi::Value& value, const std::string& what, bool otherwise) {
  if (value.IsUndefined()) return otherwise;
  if (!value.IsBoolean()) throw Napi::TypeError::New(value.Env(), what + " must be a boolean");
  return value.As<Napi::Boolean>().Value();
}

Napi::Object readObject(const Napi::Value& value, const std::string& what) {
  if (!value.IsObject()) throw Napi::TypeError::New(value.Env(), what + " must be an object");
  return value.As<Napi::Object>();
}

Napi::Array readArray(const Napi::Value& value, const std::string& what) {
  if (!value.IsArray()) throw Napi::TypeError::New(value.Env(), what + " must be an array");
  return value.As<Napi::Array>();
}

Napi::Uint8Array readBytes(const Napi::Value& value, const std::string& what) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
    throw Napi::TypeError::New(value.Env(), what + " must be a Uint8Array");
  }
  return value.As<Napi::Uint8Array>();
}

void checkRange(Napi::Env env, const std::string& what, size_t offset, size_t bytes, size_t length) {
  if (bytes > length || offset > length - bytes) {
    throw Napi::RangeError::New(env, what + ": " + std::to_string(bytes) + " bytes at offset " +
                                         std::to_string(offset) + " do not fit into " +
                                         std::to_string(length));
  }
}

}  // namespace bnnw
