#include "build_job.h"

#include "addon.h"
#include "errors.h"
#include "info.h"
#include "program.h"

namespace bnnw {
namespace {

class BuildJob : public Job {
 public:
  BuildJob(Napi::Env env, BuildRequest request) : Job(env), request_(std::move(request)) {}

  void execute() override {
    auto program = request_.isBinary ? createFromBinary() : createFromSource();
    const cl_int code = openCl().clBuildProgram(program->raw(), 1, &request_.device, request_.options.c_str(),
                                                nullptr, nullptr);
    std::string log = buildLog(program->raw());
    if (code != CL_SUCCESS) throw Failure::ofBuild("clBuildProgram", code, std::move(log));
    const std::string names = queryText("clGetProgramInfo", [&](size_t size, void* value, size_t* needed) {
      return openCl().clGetProgramInfo(program->raw(), CL_PROGRAM_KERNEL_NAMES, size, value, needed);
    });
    built_ = {std::move(program), request_.device, std::move(log), split(names, ';')};
  }

  Napi::Value result(Napi::Env env) override { return Program::make(env, built_); }

 private:
  std::shared_ptr<ProgramHandle> createFromSource() const {
    const char* source = request_.code.data();
    const size_t length = request_.code.size();
    cl_int code = CL_SUCCESS;
    const cl_program raw =
        openCl().clCreateProgramWithSource(request_.context->raw(), 1, &source, &length, &code);
    check(code, "clCreateProgramWithSource");
    return std::make_shared<ProgramHandle>(raw);
  }

  std::shared_ptr<ProgramHandle> createFromBinary() const {
    const auto* binary = reinterpret_cast<const unsigned char*>(request_.code.data());
    const size_t length = request_.code.size();
    cl_int status = CL_SUCCESS;
    cl_int code = CL_SUCCESS;
    const cl_program raw = openCl().clCreateProgramWithBinary(request_.context->raw(), 1, &request_.device,
                                                              &length, &binary, &status, &code);
    check(code, "clCreateProgramWithBinary");
    auto program = std::make_shared<ProgramHandle>(raw);
    check(status, "clCreateProgramWithBinary");  // the device's own verdict on the binary
    return program;
  }

  /// Empty where the driver keeps none, which must not hide the outcome of the build.
  std::string buildLog(cl_program program) const {
    try {
      return queryText("clGetProgramBuildInfo", [&](size_t size, void* value, size_t* needed) {
        return openCl().clGetProgramBuildInfo(program, request_.device, CL_PROGRAM_BUILD_LOG, size, value,
                                              needed);
      });
    } catch (const Failure&) {
      return "";
    }
  }

  BuildRequest request_;
  BuiltProgram built_;
};

}  // namespace

Napi::Promise startBuild(Napi::Env env, BuildRequest request) {
  return Addon::of(env).jobs.start(env, std::make_unique<BuildJob>(env, std::move(request)));
}

}  // namespace bnnw
