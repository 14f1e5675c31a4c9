// One argument of a kernel: a scalar, a buffer or an amount of local memory.
#pragma once

#include <napi.h>

#include <cstdint>
#include <memory>
#include <string>

#include "errors.h"
#include "handle.h"

namespace bnnw {

class KernelArgument {
 public:
  /// From a KernelArgument of index.d.ts. Throws TypeError and RangeError.
  static KernelArgument read(const Napi::Value& value, const std::string& what);

  /// clSetKernelArg, which copies the value.
  cl_int set(cl_kernel kernel, cl_uint index) const {
    if (buffer_ != nullptr) {
      const cl_mem raw = buffer_->raw();
      return openCl().clSetKernelArg(kernel, index, sizeof raw, &raw);
    }
    return openCl().clSetKernelArg(kernel, index, bytes_, isLocal_ ? nullptr : scalar_);
  }

 private:
  template <typename Scalar>
  static KernelArgument ofScalar(Scalar value);

  std::shared_ptr<BufferHandle> buffer_;
  bool isLocal_ = false;
  size_t bytes_ = 0;
  alignas(8) unsigned char scalar_[8] = {};
};

}  // namespace bnnw
