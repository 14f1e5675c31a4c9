// Owned OpenCL handles. Each is held by a std::shared_ptr: the JavaScript object has one share, kernels have
// a share of the buffers set as their arguments (OpenCL itself does not retain those), and a job that runs on
// another thread has a share of all that it uses. The last share to go releases the handle.
#pragma once

#include <atomic>
#include <memory>

#include "loader.h"
#include "opencl_api.h"

namespace bnnw {

template <typename Raw, cl_int (BNNW_CL_CALL* OpenCl::*Release)(Raw)>
class Handle {
 public:
  /// Takes over one reference of the driver's.
  explicit Handle(Raw raw) : raw_(raw) { ++live; }
  ~Handle() {
    (openCl().*Release)(raw_);  // a failure here has nobody to be told to
    --live;
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  Raw raw() const { return raw_; }

  /// Handles of this kind that are not released yet, in the whole process.
  static inline std::atomic<int> live{0};

 private:
  const Raw raw_;
};

using ContextHandle = Handle<cl_context, &OpenCl::clReleaseContext>;
using QueueHandle = Handle<cl_command_queue, &OpenCl::clReleaseCommandQueue>;
using BufferHandle = Handle<cl_mem, &OpenCl::clReleaseMemObject>;
using ProgramHandle = Handle<cl_program, &OpenCl::clReleaseProgram>;
using KernelHandle = Handle<cl_kernel, &OpenCl::clReleaseKernel>;

}  // namespace bnnw
