#include "program.h"

#include "errors.h"
#include "info.h"
#include "kernel.h"
#include "values.h"

namespace bnnw {

void Program::define(Napi::Env env, Napi::Object exports) {
  defineClass(env, exports,
              {
                  InstanceMethod<&Program::binary>("binary"),
                  InstanceMethod<&Program::createKernel>("createKernel"),
                  InstanceMethod<&Program::release>("release"),
              });
}

Program::Program(const Napi::CallbackInfo& info) : Wrapped(info) {
  const auto& built = takeParts<BuiltProgram>(info);
  handle_ = built.handle;
  device_ = built.device;
  setReadOnly(info, "buildLog", Napi::String::New(info.Env(), built.buildLog));
  setReadOnly(info, "kernelNames", toArray(info.Env(), built.kernelNames));
}

Napi::Value Program::binary(const Napi::CallbackInfo& info) {
  return translated(info.Env(), [&] {
    const cl_program program = unreleased(info.Env(), handle_)->raw();
    // Lists with one entry for each device of the program, here one.
    const auto bytes = queryValue<size_t>("clGetProgramInfo", [&](size_t size, void* value, size_t* needed) {
      return openCl().clGetProgramInfo(program, CL_PROGRAM_BINARY_SIZES, size, value, needed);
    });
    // A driver that lies must not make V8 end the process for want of memory.
    constexpr size_t mostBytes = size_t{1} << 30;
    if (bytes > mostBytes) {
      throw Failure("clGetProgramInfo", CL_INVALID_VALUE, "a binary of " + std::to_string(bytes) + " bytes");
    }
    if (bytes == 0) throw Napi::Error::New(info.Env(), "the driver gives no binary of this program");
    Napi::Uint8Array binary = Napi::Uint8Array::New(info.Env(), bytes);
    unsigned char* target = binary.Data();
    check(openCl().clGetProgramInfo(program, CL_PROGRAM_BINARIES, sizeof target, &target, nullptr),
          "clGetProgramInfo");
    return binary;
  });
}

Napi::Value Program::createKernel(const Napi::CallbackInfo& info) {
  return translated(info.Env(), [&] {
    const cl_program program = unreleased(info.Env(), handle_)->raw();
    return Kernel::make(info.Env(), program, device_, readString(info[0], "name"));
  });
}

void Program::release(const Napi::CallbackInfo&) { handle_.reset(); }

}  // namespace bnnw
