#include "kernel.h"

#include "info.h"
#include "values.h"

namespace bnnw {

struct Kernel::Parts {
  std::shared_ptr<KernelState> state;
  cl_device_id device;
};

namespace {

Napi::Object workGroup(Napi::Env env, cl_kernel kernel, cl_device_id device) {
  const auto get = [&](cl_uint what) {
    return [=](size_t size, void* value, size_t* needed) {
      return openCl().clGetKernelWorkGroupInfo(kernel, device, what, size, value, needed);
    };
  };
  const auto size = [&](cl_uint what) {
    return static_cast<double>(queryValue<size_t>("clGetKernelWorkGroupInfo", get(what)));
  };
  const auto size64 = [&](cl_uint what) {
    return static_cast<double>(queryValue<cl_ulong>("clGetKernelWorkGroupInfo", get(what)));
  };
  Napi::Object info = Napi::Object::New(env);
  info.Set("maxSize", size(CL_KERNEL_WORK_GROUP_SIZE));
  info.Set("preferredMultiple", size(CL_KERNEL_PREFERRED_WORK_GROUP_SIZE_MULTIPLE));
  info.Set("localMemoryBytes", size64(CL_KERNEL_LOCAL_MEM_SIZE));
  info.Set("privateMemoryBytes", size64(CL_KERNEL_PRIVATE_MEM_SIZE));
  info.Freeze();
  return info;
}

}  // namespace

void checkIdle(Napi::Env env, const KernelState& kernel) {
  if (kernel.inRun) throw Napi::Error::New(env, "the kernel " + kernel.name + " is in a run");
}

cl_uint readArgumentIndex(const Napi::Value& value, const std::string& what, const KernelState& kernel) {
  const int64_t count = static_cast<int64_t>(kernel.arguments.size());
  if (count == 0) throw Napi::RangeError::New(value.Env(), "the kernel " + kernel.name + " has no arguments");
  return static_cast<cl_uint>(readInteger(value, what, 0, count - 1));
}

void Kernel::define(Napi::Env env, Napi::Object exports) {
  defineClass(env, exports,
              {
                  InstanceMethod<&Kernel::setArguments>("setArguments"),
                  InstanceMethod<&Kernel::setArgument>("setArgument"),
                  InstanceMethod<&Kernel::release>("release"),
              });
}

Napi::Object Kernel::make(Napi::Env env, cl_program program, cl_device_id device, const std::string& name) {
  cl_int code = CL_SUCCESS;
  const cl_kernel raw = openCl().clCreateKernel(program, name.c_str(), &code);
  if (code != CL_SUCCESS) throw Failure("clCreateKernel", code, name);
  auto state = std::make_shared<KernelState>(raw, name);
  const auto count = queryValue<cl_uint>("clGetKernelInfo", [&](size_t size, void* value, size_t* needed) {
    return openCl().clGetKernelInfo(raw, CL_KERNEL_NUM_ARGS, size, value, needed);
  });
  constexpr cl_uint mostArguments = 4096;  // a driver that lies must not cost memory
  if (count > mostArguments) {
    throw Failure("clGetKernelInfo", CL_INVALID_VALUE, std::to_string(count) + " arguments");
  }
  state->arguments.resize(count);
  return construct(env, Parts{std::move(state), device});
}

Kernel::Kernel(const Napi::CallbackInfo& info) : Wrapped(info) {
  const auto& parts = takeParts<Parts>(info);
  state_ = parts.state;
  setReadOnly(info, "name", Napi::String::New(info.Env(), state_->name));
  setReadOnly(info, "argumentCount",
              Napi::Number::New(info.Env(), static_cast<double>(state_->arguments.size())));
  translated(info.Env(), [&] {
    setReadOnly(info, "workGroup", workGroup(info.Env(), state_->handle.raw(), parts.device));
  });
}

void Kernel::setArguments(const Napi::CallbackInfo& info) {
  translated(info.Env(), [&] {
    // A share, because a getter in the arguments could release this object.
    const std::shared_ptr<KernelState> kernel = state();
    const Napi::Array values = readArray(info[0], "arguments");
    // All are read before the first is set, so that a wrong value leaves the kernel as it was.
    std::vector<KernelArgument> arguments;
    for (uint32_t i = 0; i < values.Length(); ++i) {
      arguments.push_back(KernelArgument::read(values.Get(i), "arguments[" + std::to_string(i) + "]"));
    }
    if (arguments.size() != kernel->arguments.size()) {
      throw Napi::RangeError::New(info.Env(), "the kernel " + kernel->name + " has " +
                                                  std::to_string(kernel->arguments.size()) +
                                                  " arguments, not " + std::to_string(arguments.size()));
    }
    checkIdle(info.Env(), *kernel);
    for (cl_uint i = 0; i < arguments.size(); ++i) kernel->setArgument(i, arguments[i]);
  });
}

void Kernel::setArgument(const Napi::CallbackInfo& info) {
  translated(info.Env(), [&] {
    const std::shared_ptr<KernelState> kernel = state();
    const cl_uint index = readArgumentIndex(info[0], "index", *kernel);
    const KernelArgument argument = KernelArgument::read(info[1], "argument");
    checkIdle(info.Env(), *kernel);
    kernel->setArgument(index, argument);
  });
}

void Kernel::release(const Napi::CallbackInfo&) { state_.reset(); }

}  // namespace bnnw
