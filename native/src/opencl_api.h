// The part of the OpenCL host interface that this addon uses: types, constants and one table of function
// pointers, with names and values as in the OpenCL 3.0 specification and its extensions. Having them here
// means that neither headers nor a library of OpenCL are needed to build. Every function is in OpenCL 1.0.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(_WIN32)
#define BNNW_CL_CALL __stdcall
#else
#define BNNW_CL_CALL
#endif

using cl_int = int32_t;
using cl_uint = uint32_t;
using cl_ulong = uint64_t;
using cl_bool = cl_uint;
using cl_bitfield = cl_ulong;

using cl_platform_id = struct _cl_platform_id*;
using cl_device_id = struct _cl_device_id*;
using cl_context = struct _cl_context*;
using cl_command_queue = struct _cl_command_queue*;
using cl_mem = struct _cl_mem*;
using cl_program = struct _cl_program*;
using cl_kernel = struct _cl_kernel*;
using cl_event = struct _cl_event*;

constexpr cl_bool CL_FALSE = 0;
constexpr cl_bool CL_TRUE = 1;

constexpr cl_int CL_SUCCESS = 0;
constexpr cl_int CL_INVALID_VALUE = -30;
constexpr cl_int CL_DEVICE_NOT_FOUND = -1;
constexpr cl_int CL_PLATFORM_NOT_FOUND_KHR = -1001;

constexpr cl_uint CL_PLATFORM_PROFILE = 0x0900;
constexpr cl_uint CL_PLATFORM_VERSION = 0x0901;
constexpr cl_uint CL_PLATFORM_NAME = 0x0902;
constexpr cl_uint CL_PLATFORM_VENDOR = 0x0903;
constexpr cl_uint CL_PLATFORM_EXTENSIONS = 0x0904;

constexpr cl_bitfield CL_DEVICE_TYPE_CPU = 1 << 1;
constexpr cl_bitfield CL_DEVICE_TYPE_GPU = 1 << 2;
constexpr cl_bitfield CL_DEVICE_TYPE_ACCELERATOR = 1 << 3;
constexpr cl_bitfield CL_DEVICE_TYPE_ALL = 0xFFFFFFFF;

constexpr cl_uint CL_DEVICE_TYPE = 0x1000;
constexpr cl_uint CL_DEVICE_VENDOR_ID = 0x1001;
constexpr cl_uint CL_DEVICE_MAX_COMPUTE_UNITS = 0x1002;
constexpr cl_uint CL_DEVICE_MAX_WORK_GROUP_SIZE = 0x1004;
constexpr cl_uint CL_DEVICE_MAX_WORK_ITEM_SIZES = 0x1005;
constexpr cl_uint CL_DEVICE_PREFERRED_VECTOR_WIDTH_CHAR = 0x1006;
constexpr cl_uint CL_DEVICE_PREFERRED_VECTOR_WIDTH_SHORT = 0x1007;
constexpr cl_uint CL_DEVICE_PREFERRED_VECTOR_WIDTH_INT = 0x1008;
constexpr cl_uint CL_DEVICE_PREFERRED_VECTOR_WIDTH_LONG = 0x1009;
constexpr cl_uint CL_DEVICE_PREFERRED_VECTOR_WIDTH_FLOAT = 0x100A;
constexpr cl_uint CL_DEVICE_PREFERRED_VECTOR_WIDTH_DOUBLE = 0x100B;
constexpr cl_uint CL_DEVICE_MAX_CLOCK_FREQUENCY = 0x100C;
constexpr cl_uint CL_DEVICE_ADDRESS_BITS = 0x100D;
constexpr cl_uint CL_DEVICE_MAX_MEM_ALLOC_SIZE = 0x1010;
constexpr cl_uint CL_DEVICE_IMAGE_SUPPORT = 0x1016;
constexpr cl_uint CL_DEVICE_MAX_PARAMETER_SIZE = 0x1017;
constexpr cl_uint CL_DEVICE_GLOBAL_MEM_CACHELINE_SIZE = 0x101D;
constexpr cl_uint CL_DEVICE_GLOBAL_MEM_CACHE_SIZE = 0x101E;
constexpr cl_uint CL_DEVICE_GLOBAL_MEM_SIZE = 0x101F;
constexpr cl_uint CL_DEVICE_MAX_CONSTANT_BUFFER_SIZE = 0x1020;
constexpr cl_uint CL_DEVICE_LOCAL_MEM_TYPE = 0x1022;
constexpr cl_uint CL_DEVICE_LOCAL_MEM_SIZE = 0x1023;
constexpr cl_uint CL_DEVICE_ERROR_CORRECTION_SUPPORT = 0x1024;
constexpr cl_uint CL_DEVICE_PROFILING_TIMER_RESOLUTION = 0x1025;
constexpr cl_uint CL_DEVICE_ENDIAN_LITTLE = 0x1026;
constexpr cl_uint CL_DEVICE_AVAILABLE = 0x1027;
constexpr cl_uint CL_DEVICE_COMPILER_AVAILABLE = 0x1028;
constexpr cl_uint CL_DEVICE_NAME = 0x102B;
constexpr cl_uint CL_DEVICE_VENDOR = 0x102C;
constexpr cl_uint CL_DRIVER_VERSION = 0x102D;
constexpr cl_uint CL_DEVICE_VERSION = 0x102F;
constexpr cl_uint CL_DEVICE_EXTENSIONS = 0x1030;
constexpr cl_uint CL_DEVICE_PREFERRED_VECTOR_WIDTH_HALF = 0x1034;
constexpr cl_uint CL_DEVICE_HOST_UNIFIED_MEMORY = 0x1035;
constexpr cl_uint CL_DEVICE_OPENCL_C_VERSION = 0x103D;
constexpr cl_uint CL_DEVICE_BUILT_IN_KERNELS = 0x103F;
constexpr cl_uint CL_DEVICE_PARTITION_MAX_SUB_DEVICES = 0x1043;
constexpr cl_uint CL_DEVICE_MAX_NUM_SUB_GROUPS = 0x105C;
constexpr cl_uint CL_DEVICE_UUID_KHR = 0x106A;
constexpr cl_uint CL_DEVICE_INTEGER_DOT_PRODUCT_ACCELERATION_PROPERTIES_4x8BIT_PACKED_KHR = 0x1075;
constexpr cl_uint CL_DEVICE_PCI_BUS_ID_NV = 0x4008;
constexpr cl_uint CL_DEVICE_PCI_SLOT_ID_NV = 0x4009;
constexpr cl_uint CL_DEVICE_PCI_DOMAIN_ID_NV = 0x400A;
constexpr cl_uint CL_DEVICE_TOPOLOGY_AMD = 0x4037;
constexpr cl_uint CL_DEVICE_PCI_BUS_INFO_KHR = 0x410F;

constexpr cl_uint CL_LOCAL = 0x1;

constexpr cl_bitfield CL_QUEUE_PROFILING_ENABLE = 1 << 1;

constexpr cl_bitfield CL_MAP_READ = 1 << 0;
constexpr cl_bitfield CL_MAP_WRITE = 1 << 1;
constexpr cl_bitfield CL_MEM_READ_WRITE = 1 << 0;
constexpr cl_bitfield CL_MEM_WRITE_ONLY = 1 << 1;
constexpr cl_bitfield CL_MEM_READ_ONLY = 1 << 2;
constexpr cl_bitfield CL_MEM_ALLOC_HOST_PTR = 1 << 4;

constexpr cl_uint CL_PROGRAM_BINARY_SIZES = 0x1165;
constexpr cl_uint CL_PROGRAM_BINARIES = 0x1166;
constexpr cl_uint CL_PROGRAM_KERNEL_NAMES = 0x1168;
constexpr cl_uint CL_PROGRAM_BUILD_LOG = 0x1183;

constexpr cl_uint CL_KERNEL_NUM_ARGS = 0x1191;
constexpr cl_uint CL_KERNEL_WORK_GROUP_SIZE = 0x11B0;
constexpr cl_uint CL_KERNEL_LOCAL_MEM_SIZE = 0x11B2;
constexpr cl_uint CL_KERNEL_PREFERRED_WORK_GROUP_SIZE_MULTIPLE = 0x11B3;
constexpr cl_uint CL_KERNEL_PRIVATE_MEM_SIZE = 0x11B4;

constexpr cl_uint CL_EVENT_COMMAND_EXECUTION_STATUS = 0x11D3;
constexpr cl_uint CL_PROFILING_COMMAND_START = 0x1282;
constexpr cl_uint CL_PROFILING_COMMAND_END = 0x1283;

// The functions by name, return type and parameters. The table below and the loader are made from this list.
#define BNNW_CL_FUNCTIONS(F)                                                                                \
  F(clGetPlatformIDs, cl_int, (cl_uint, cl_platform_id*, cl_uint*))                                         \
  F(clGetPlatformInfo, cl_int, (cl_platform_id, cl_uint, size_t, void*, size_t*))                           \
  F(clGetDeviceIDs, cl_int, (cl_platform_id, cl_bitfield, cl_uint, cl_device_id*, cl_uint*))                \
  F(clGetDeviceInfo, cl_int, (cl_device_id, cl_uint, size_t, void*, size_t*))                               \
  F(clCreateContext, cl_context,                                                                            \
    (const intptr_t*, cl_uint, const cl_device_id*,                                                         \
     void(BNNW_CL_CALL*)(const char*, const void*, size_t, void*), void*, cl_int*))                         \
  F(clReleaseContext, cl_int, (cl_context))                                                                 \
  F(clCreateCommandQueue, cl_command_queue, (cl_context, cl_device_id, cl_bitfield, cl_int*))               \
  F(clReleaseCommandQueue, cl_int, (cl_command_queue))                                                      \
  F(clFlush, cl_int, (cl_command_queue))                                                                    \
  F(clFinish, cl_int, (cl_command_queue))                                                                   \
  F(clCreateBuffer, cl_mem, (cl_context, cl_bitfield, size_t, void*, cl_int*))                              \
  F(clReleaseMemObject, cl_int, (cl_mem))                                                                   \
  F(clCreateProgramWithSource, cl_program, (cl_context, cl_uint, const char**, const size_t*, cl_int*))     \
  F(clCreateProgramWithBinary, cl_program,                                                                  \
    (cl_context, cl_uint, const cl_device_id*, const size_t*, const unsigned char**, cl_int*, cl_int*))     \
  F(clBuildProgram, cl_int,                                                                                 \
    (cl_program, cl_uint, const cl_device_id*, const char*, void(BNNW_CL_CALL*)(cl_program, void*), void*)) \
  F(clReleaseProgram, cl_int, (cl_program))                                                                 \
  F(clGetProgramInfo, cl_int, (cl_program, cl_uint, size_t, void*, size_t*))                                \
  F(clGetProgramBuildInfo, cl_int, (cl_program, cl_device_id, cl_uint, size_t, void*, size_t*))             \
  F(clCreateKernel, cl_kernel, (cl_program, const char*, cl_int*))                                          \
  F(clReleaseKernel, cl_int, (cl_kernel))                                                                   \
  F(clGetKernelInfo, cl_int, (cl_kernel, cl_uint, size_t, void*, size_t*))                                  \
  F(clGetKernelWorkGroupInfo, cl_int, (cl_kernel, cl_device_id, cl_uint, size_t, void*, size_t*))           \
  F(clSetKernelArg, cl_int, (cl_kernel, cl_uint, size_t, const void*))                                      \
  F(clEnqueueNDRangeKernel, cl_int,                                                                         \
    (cl_command_queue, cl_kernel, cl_uint, const size_t*, const size_t*, const size_t*, cl_uint,            \
     const cl_event*, cl_event*))                                                                           \
  F(clEnqueueReadBuffer, cl_int,                                                                            \
    (cl_command_queue, cl_mem, cl_bool, size_t, size_t, void*, cl_uint, const cl_event*, cl_event*))        \
  F(clEnqueueWriteBuffer, cl_int,                                                                           \
    (cl_command_queue, cl_mem, cl_bool, size_t, size_t, const void*, cl_uint, const cl_event*, cl_event*))  \
  F(clEnqueueMapBuffer, void*,                                                                              \
    (cl_command_queue, cl_mem, cl_bool, cl_bitfield, size_t, size_t, cl_uint, const cl_event*, cl_event*,   \
     cl_int*))                                                                                              \
  F(clEnqueueUnmapMemObject, cl_int,                                                                        \
    (cl_command_queue, cl_mem, void*, cl_uint, const cl_event*, cl_event*))                                 \
  F(clWaitForEvents, cl_int, (cl_uint, const cl_event*))                                                    \
  F(clGetEventInfo, cl_int, (cl_event, cl_uint, size_t, void*, size_t*))                                    \
  F(clGetEventProfilingInfo, cl_int, (cl_event, cl_uint, size_t, void*, size_t*))                           \
  F(clRetainEvent, cl_int, (cl_event))                                                                      \
  F(clReleaseEvent, cl_int, (cl_event))

struct OpenCl {
#define BNNW_CL_MEMBER(name, result, parameters) result(BNNW_CL_CALL* name) parameters = nullptr;
  BNNW_CL_FUNCTIONS(BNNW_CL_MEMBER)
#undef BNNW_CL_MEMBER
};
