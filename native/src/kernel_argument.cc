#include "kernel_argument.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "buffer.h"
#include "values.h"

namespace bnnw {

template <typename Scalar>
KernelArgument KernelArgument::ofScalar(Scalar value) {
  static_assert(sizeof value <= sizeof scalar_, "room for the scalar");
  KernelArgument argument;
  argument.bytes_ = sizeof value;
  std::memcpy(argument.scalar_, &value, sizeof value);
  return argument;
}

KernelArgument KernelArgument::read(const Napi::Value& value, const std::string& what) {
  if (Buffer::is(value)) {
    KernelArgument argument;
    argument.buffer_ = Buffer::from(value, what).handle();
    return argument;
  }
  const Napi::Object object = readObject(value, what);
  const auto integer = [&](const char* key, int64_t least, int64_t most) {
    return readInteger(object.Get(key), what + "." + key, least, most);
  };
  if (object.Has("int")) {
    using Limits = std::numeric_limits<int32_t>;
    return ofScalar(static_cast<int32_t>(integer("int", Limits::min(), Limits::max())));
  }
  if (object.Has("uint")) {
    return ofScalar(static_cast<uint32_t>(integer("uint", 0, std::numeric_limits<uint32_t>::max())));
  }
  if (object.Has("float")) {
    const Napi::Value number = object.Get("float");
    if (!number.IsNumber()) throw Napi::TypeError::New(value.Env(), what + ".float must be a number");
    const double wide = number.As<Napi::Number>().DoubleValue();
    if (std::isfinite(wide) && std::abs(wide) > std::numeric_limits<float>::max()) {
      throw Napi::RangeError::New(value.Env(), what + ".float is beyond the largest float");
    }
    return ofScalar(static_cast<float>(wide));
  }
  if (object.Has("ulong")) {
    const Napi::Value number = object.Get("ulong");
    if (!number.IsBigInt()) throw Napi::TypeError::New(value.Env(), what + ".ulong must be a bigint");
    bool lossless = false;
    const uint64_t bits = number.As<Napi::BigInt>().Uint64Value(&lossless);
    if (!lossless) throw Napi::RangeError::New(value.Env(), what + ".ulong must be from 0 to 2^64 - 1");
    return ofScalar(bits);
  }
  if (object.Has("localBytes")) {
    KernelArgument argument;
    argument.isLocal_ = true;
    argument.bytes_ = readSize(object.Get("localBytes"), what + ".localBytes", 1);
    return argument;
  }
  throw Napi::TypeError::New(value.Env(),
                             what + " must be a Buffer or have int, uint, float, ulong or localBytes");
}

}  // namespace bnnw
